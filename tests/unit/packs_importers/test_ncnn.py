from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstframe.core.errors import DataCorrupted, InvalidInput
from firstframe.packs.importers.ncnn import Layer, WeightReader, import_ncnn, parse_param

HALF = (0x01306B47).to_bytes(4, "little")
SINGLE = bytes(4)
CONVOLUTION = "Convolution conv 1 1 data out 0=3 1=1 5=1 6=9"


def network(*lines: str, layers: int | None = None, blobs: int | None = None) -> str:
    """A `.param` file whose first layer gives the blob `data`."""
    lines = ("Input in 0 1 data", *lines)
    made = sum(int(line.split()[3]) for line in lines if len(line.split()) > 3)
    return "\n".join(["7767517", f"{layers or len(lines)} {blobs or made}", *lines, ""])


def any_layer() -> Layer:
    return Layer("Convolution", "conv", ("data",), ("out",), {}, 4)


def weights(seed: int = 0, tag: bytes = SINGLE) -> bytes:
    """Those of `CONVOLUTION`: nine weights and three biases."""
    values = np.random.default_rng(seed).standard_normal(12).astype(np.float32)
    stored = values[:9].astype(np.float16).tobytes() + bytes(2) if tag == HALF else values[:9].tobytes()
    return tag + stored + values[9:].tobytes()


class TestParam:
    def test_a_network_is_read_layer_by_layer(self) -> None:
        text = network("Convolution  conv   1 1 data a  0=8 1=3 9=2 -23310=1,2.0e-01", "Concat both 2 1 a a out 0=0")
        _, convolution, concat = parse_param(text)
        assert convolution == Layer("Convolution", "conv", ("data",), ("a",), {0: 8, 1: 3, 9: 2, 10: (0.2,)}, 4)
        assert (concat.inputs, concat.outputs, concat.line) == (("a", "a"), ("out",), 5)
        assert convolution.integer(0, 0) == 8
        assert convolution.integer(7, 5) == 5
        assert convolution.numbers(10) == (0.2,)
        assert convolution.numbers(11) == ()

    @pytest.mark.parametrize(
        ("text", "place", "problem"),
        [
            ("", "line 1", "7767517"),
            ("7767518\n1 1\nInput in 0 1 data\n", "line 1", "7767517"),
            ("7767517\n", "line 2", "numbers of layers and blobs"),
            ("7767517\none 1\nInput in 0 1 data\n", "line 2", "numbers of layers and blobs"),
            ("7767517\n99999 1\nInput in 0 1 data\n", "line 2", "at most 10000"),
            (network(layers=2), "line 2", "states 2 layers and 1 blobs; the file has 1 and 1"),
            (network(blobs=7), "line 2", "states 1 layers and 7 blobs; the file has 1 and 1"),
            (network("ReLU"), "line 4", "does not start with kind, name"),
            (network("ReLU act one 1 data out"), "line 4", "does not start with kind, name"),
            (network("ReLU act 99999999 1 data out"), "line 4", "does not start with kind, name"),
            (network("ReLU act 1 1 data"), "ReLU act (line 4)", "lacks some of its 2 blobs"),
            (network("ReLU act 1 1 data 0=1"), "ReLU act (line 4)", "lacks some of its 2 blobs"),
            (network("ReLU act 1 1 data out 0"), "line 4", "'0' is not key=value"),
            (network("ReLU act 1 1 data out zero=1"), "line 4", "'zero=1' is not key=value"),
            (network("ReLU act 1 1 data out 0=nan"), "line 4", "not finite"),
            (network("ReLU act 1 1 data out 0=1e999"), "line 4", "not finite"),
            (network("ReLU act 1 1 data out 0=1,2"), "line 4", "'0=1,2' is not key=value"),
            (network("ReLU act 1 1 data out -23300=3,1,2"), "line 4", "an array of 3 has 2 values"),
            (network("ReLU act 1 1 data out 0=1 0=1"), "line 4", "parameter 0 stands twice"),
        ],
    )
    def test_what_is_no_network_is_refused_with_its_place(self, text: str, place: str, problem: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            parse_param(text)
        assert caught.value.metadata["field"] == place
        assert problem in caught.value.message

    @pytest.mark.parametrize(("key", "value"), [(0, 8.0), (0, -1), (0, 1 << 20), (0, (1, 2))])
    def test_a_whole_number_is_bounded(self, key: int, value: int | float | tuple[int, ...]) -> None:
        layer = Layer("Convolution", "conv", (), (), {key: value}, 7)
        with pytest.raises(
            InvalidInput, match=r"Convolution conv \(line 7\): parameter 0 is .* whole number from 0 to"
        ):
            layer.integer(key, 1)

    def test_arrays_and_numbers_are_not_mistaken_for_each_other(self) -> None:
        layer = Layer("Eltwise", "sum", (), (), {1: (0.2, 1), 2: 3}, 7)
        with pytest.raises(InvalidInput, match="parameter 1 is an array"):
            layer.number(1, 0)
        with pytest.raises(InvalidInput, match="parameter 2 is 3; expected an array"):
            layer.numbers(2)

    @settings(max_examples=200, deadline=None)
    @given(st.text(alphabet="Input in01 2345=,.-e\n", max_size=200))
    def test_no_text_does_anything_but_parse_or_be_refused(self, rest: str) -> None:
        try:
            parse_param("7767517\n" + rest)
        except InvalidInput as error:
            assert error.metadata["field"]


class TestWeights:
    def test_halves_are_padded_to_four_bytes_and_stay_exact(self) -> None:
        values = np.array([0.1, -2.5, 65504.0], np.float16)
        reader = WeightReader(HALF + values.tobytes() + b"\0\0" + np.float32(7.125).tobytes())
        np.testing.assert_array_equal(reader.tagged(any_layer(), 3), values.astype(np.float32))
        assert reader.plain(any_layer(), 1) == [7.125]
        reader.finish()

    def test_singles_follow_a_tag_of_zero(self) -> None:
        values = np.array([0.1, -2.5, 1e30], np.float32)
        reader = WeightReader(SINGLE + values.tobytes())
        np.testing.assert_array_equal(reader.tagged(any_layer(), 3), values)
        reader.finish()

    @pytest.mark.parametrize(
        ("data", "problem"),
        [
            (b"\1\2\3\4" + bytes(12), "type 0x04030201 at byte 0"),
            (HALF + bytes(7), "needs 8 bytes at byte 4; 7 are left"),
            (SINGLE + bytes(11), "needs 12 bytes at byte 4; 11 are left"),
            (b"\0", "needs 4 bytes at byte 0; 1 are left"),
            (HALF + np.array([0, np.inf, 0, 0], np.float16).tobytes(), "not finite"),
            (SINGLE + np.array([0, 0, np.nan], np.float32).tobytes(), "not finite"),
        ],
    )
    def test_what_does_not_fit_is_refused_with_its_layer(self, data: bytes, problem: str) -> None:
        with pytest.raises(DataCorrupted) as caught:
            WeightReader(data).tagged(any_layer(), 3)
        assert caught.value.reason == "WEIGHTS_CORRUPT"
        assert "Convolution conv (line 4)" in caught.value.message
        assert problem in caught.value.message

    def test_bytes_that_are_left_are_refused(self) -> None:
        reader = WeightReader(bytes(5))
        reader.plain(any_layer(), 1)
        with pytest.raises(DataCorrupted, match="1 bytes of weights are left"):
            reader.finish()


def place(folder: Path, files: dict[str, bytes]) -> dict[str, Path]:
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return {name: folder / name for name in files}


class TestImport:
    def test_every_network_becomes_a_graph(self, tmp_path: Path) -> None:
        text = network(CONVOLUTION).encode()
        files = {"a.param": text, "a.bin": weights(0, HALF), "b.param": text, "b.bin": weights(1)}
        (tmp_path / "out").mkdir()
        import_ncnn(place(tmp_path / "in", files), tmp_path / "out", {})
        made = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
        assert sorted(made) == ["a.onnx", "b.onnx"]
        assert made["a.onnx"] != made["b.onnx"]

    def test_one_file_of_weights_serves_all(self, tmp_path: Path) -> None:
        text = network(CONVOLUTION).encode()
        files = {"a.param": text, "b.param": text, "weights.bin": weights()}
        import_ncnn(place(tmp_path / "in", files), tmp_path, {})
        assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()

    def test_the_bytes_are_the_same_in_another_process(self, tmp_path: Path) -> None:
        downloads = place(tmp_path / "in", {"a.param": network(CONVOLUTION).encode(), "a.bin": weights()})
        import_ncnn(downloads, tmp_path, {})
        code = (
            "import hashlib, sys; from pathlib import Path\n"
            "from firstframe.packs.importers.ncnn import import_ncnn\n"
            "folder = Path(sys.argv[1]); out = folder / 'again'; out.mkdir()\n"
            "import_ncnn({name: folder / 'in' / name for name in ('a.bin', 'a.param')}, out, {})\n"
            "print(hashlib.sha256((out / 'a.onnx').read_bytes()).hexdigest())\n"
        )
        services = Path(__file__).parents[3] / "services"
        environment = {"PYTHONPATH": str(services), "PYTHONHASHSEED": "7", "PATH": "/usr/bin:/bin"}
        command = [sys.executable, "-c", code, str(tmp_path)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
        assert done.stdout.strip() == hashlib.sha256((tmp_path / "a.onnx").read_bytes()).hexdigest()

    @pytest.mark.parametrize(
        "names",
        [
            [],
            ["a.param"],
            ["a.bin"],
            ["a.param", "a.bin", "b.bin"],
            ["a.param", "a.bin", "a.txt"],
            ["a.param", "b.param"],
        ],
    )
    def test_files_without_their_other_half_are_refused(self, tmp_path: Path, names: list[str]) -> None:
        downloads = place(tmp_path / "in", dict.fromkeys(names, b""))
        with pytest.raises(InvalidInput) as caught:
            import_ncnn(downloads, tmp_path, {})
        assert caught.value.metadata["field"] == "downloads"

    def test_options_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidInput, match="no option scale"):
            import_ncnn({}, tmp_path, {"scale": 2})

    def test_errors_name_the_file(self, tmp_path: Path) -> None:
        files = {"a.param": network(CONVOLUTION).encode(), "a.bin": weights()[:-1]}
        with pytest.raises(
            DataCorrupted, match=r"^a\.param: weights: Convolution conv \(line 4\) needs 12 bytes"
        ) as short:
            import_ncnn(place(tmp_path / "in", files), tmp_path, {})
        assert short.value.reason == "WEIGHTS_CORRUPT"
        files["a.param"] = b"7767516"
        with pytest.raises(InvalidInput, match=r"^a\.param: line 1"):
            import_ncnn(place(tmp_path / "in", files), tmp_path, {})
        assert not list(tmp_path.glob("*.onnx"))


@pytest.mark.parametrize("module", ["ncnn", "rife"])
def test_importers_load_without_heavy_libraries(module: str) -> None:
    code = (
        f"import sys; import firstframe.packs.importers.{module}\n"
        "print(sorted({'torch', 'onnx', 'onnxruntime', 'safetensors'} & set(sys.modules)))\n"
    )
    environment = {"PYTHONPATH": str(Path(__file__).parents[3] / "services"), "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
