"""Graphs of small networks, computed by ONNX Runtime and, layer by layer, by torch."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from torch.nn import functional

from firstframe.core.errors import DataCorrupted, InvalidInput
from firstframe.packs.importers.ncnn import WeightReader, parse_param
from firstframe.packs.importers.ncnn_graph import build_onnx

RNG = np.random.default_rng(3)
PICTURE = RNG.random((2, 3, 6, 8), dtype=np.float32)
IDENTITY = np.eye(3, dtype=np.float32).reshape(3, 3, 1, 1)


def stored(*values: NDArray[Any], tagged: int = 1) -> bytes:
    """Weights as a `.bin` has them: the first `tagged` arrays behind a tag."""
    parts = [np.ascontiguousarray(value, np.float32).tobytes() for value in values]
    return b"".join((bytes(4) if index < tagged else b"") + part for index, part in enumerate(parts))


def build(weights: bytes, *lines: str) -> bytes:
    lines = ("Input in 0 1 data", *lines)
    made = sum(int(line.split()[3]) for line in lines)
    text = "\n".join(["7767517", f"{len(lines)} {made}", *lines])
    return build_onnx(parse_param(text), WeightReader(weights))


def run(weights: bytes, *lines: str, picture: NDArray[np.float32] = PICTURE) -> NDArray[np.float32]:
    session = onnxruntime.InferenceSession(build(weights, *lines))
    return np.asarray(session.run(["upscaled"], {"image": picture})[0], np.float32)


def same(found: NDArray[np.float32], wanted: torch.Tensor) -> None:
    wanted = wanted.clamp(0, 1)
    # A comparison of pictures that are all black or all white would show nothing.
    assert 0.05 < float(wanted.mean()) < 0.95
    assert float(wanted.std()) > 0.02
    np.testing.assert_allclose(found, wanted.numpy(), atol=1e-5)


def conv(weight: NDArray[np.float32], rest: str, bias: int = 0, inputs: str = "data") -> str:
    made, channels, height, width = weight.shape
    size = f"0={made} 1={width} 11={height} 5={bias} 6={made * channels * height * width}"
    return f"Convolution conv 1 1 {inputs} conv {size} {rest}"


@pytest.mark.parametrize(
    ("rest", "arguments"),
    [
        ("", {}),
        ("4=1", {"padding": 1}),
        ("4=2 2=2", {"padding": 2, "dilation": 2}),
        ("4=1 3=2", {"padding": 1, "stride": 2}),
        ("4=1 14=2 3=1 13=2", {"padding": (2, 1), "stride": (2, 1)}),
    ],
)
def test_convolution(rest: str, arguments: dict[str, Any]) -> None:
    weight, bias = RNG.standard_normal((3, 3, 3, 3)).astype(np.float32) / 5, np.array([0.3, 0.5, 0.4], np.float32)
    wanted = functional.conv2d(*map(torch.from_numpy, (PICTURE, weight, bias)), **arguments)
    same(run(stored(weight, bias), conv(weight, rest, bias=1)), wanted)


def test_padding_may_differ_on_every_side() -> None:
    weight = RNG.standard_normal((3, 3, 2, 3)).astype(np.float32) / 3
    wanted = functional.conv2d(functional.pad(torch.from_numpy(PICTURE), (0, 2, 3, 1)), torch.from_numpy(weight))
    same(run(stored(weight), conv(weight, "4=0 15=2 14=3 16=1")), wanted)


@pytest.mark.parametrize(
    ("rest", "activation"),
    [
        ("9=0", lambda value: value),
        ("9=1", torch.relu),
        ("9=2 -23310=1,2.0e-01", lambda value: functional.leaky_relu(value, 0.2)),
    ],
)
def test_activation_of_a_convolution(rest: str, activation: Any) -> None:
    # The negative half would be clipped away: a second convolution shows it.
    negative = -2 * IDENTITY
    shift = (np.array([0.8, 1.0, 0.9], np.float32), np.array([0.5, 0.6, 0.5], np.float32))
    second = "Convolution last 1 1 conv out 0=3 1=1 5=1 6=9"
    found = run(stored(negative, shift[0]) + stored(IDENTITY, shift[1]), conv(negative, rest, bias=1), second)
    first = activation(torch.from_numpy(PICTURE) * -2 + torch.from_numpy(shift[0]).reshape(3, 1, 1))
    same(found, first + torch.from_numpy(shift[1]).reshape(3, 1, 1))


def test_weights_that_are_halves_are_exact() -> None:
    weight = (RNG.standard_normal((3, 3, 1, 1)) / 4).astype(np.float16)
    data = (0x01306B47).to_bytes(4, "little") + weight.tobytes() + bytes(2)
    model = onnx.load_model_from_string(build(data, conv(weight.astype(np.float32), "")))
    kernel = next(constant for constant in model.graph.initializer if constant.name == "conv.weight")
    assert kernel.data_type == onnx.TensorProto.FLOAT
    np.testing.assert_array_equal(onnx.numpy_helper.to_array(kernel), weight.astype(np.float32))


@pytest.mark.parametrize(
    ("line", "weights", "activation"),
    [
        ("PReLU act 1 1 a b 0=3", np.array([0.1, 0.5, -0.4]), functional.prelu),
        ("PReLU act 1 1 a b 0=1", np.array([0.3]), functional.prelu),
        ("ReLU act 1 1 a b", np.array([]), lambda v, s: torch.relu(v)),
        ("ReLU act 1 1 a b 0=2.5e-01", np.array([]), lambda v, s: functional.leaky_relu(v, 0.25)),
    ],
)
def test_activations(line: str, weights: NDArray[np.float64], activation: Any) -> None:
    lines = ("BinaryOp less 1 1 data a 0=1 1=1 2=5.0e-01", line, "BinaryOp more 1 1 b out 0=0 1=1 2=3.0e-01")
    slopes = torch.from_numpy(weights.astype(np.float32))
    wanted = activation(torch.from_numpy(PICTURE) - 0.5, slopes) + 0.3
    same(run(stored(weights, tagged=0), *lines), wanted)


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ("Interp up 1 1 data out 0=1 1=2.0e+00 2=2.0e+00", {"scale_factor": 2, "mode": "nearest"}),
        ("Interp up 1 1 data out 0=1 1=4.0 2=3.0", {"scale_factor": (4, 3), "mode": "nearest"}),
        ("Interp up 1 1 data out 0=2 1=2.0 2=2.0", {"scale_factor": 2, "mode": "bilinear"}),
        ("Interp up 1 1 data out 0=3 1=5.0e-01 2=5.0e-01", {"scale_factor": 0.5, "mode": "bicubic"}),
        ("Interp up 1 1 data out 0=3 1=2.0 2=1.5", {"scale_factor": (2, 1.5), "mode": "bicubic"}),
    ],
)
def test_interpolation(line: str, arguments: dict[str, Any]) -> None:
    same(run(b"", line), functional.interpolate(torch.from_numpy(PICTURE), **arguments))


def test_pixel_shuffle_spreads_channels_over_pixels() -> None:
    weight = (RNG.random((12, 3, 1, 1)) / 3).astype(np.float32)
    wanted = functional.pixel_shuffle(functional.conv2d(torch.from_numpy(PICTURE), torch.from_numpy(weight)), 2)
    same(run(stored(weight), conv(weight, ""), "PixelShuffle shuffle 1 1 conv out 0=2"), wanted)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("BinaryOp join 2 1 a b out 0=0", lambda x: x + 0.2 + x * 0.5),
        ("BinaryOp join 2 1 a b out 0=1", lambda x: x + 0.2 - x * 0.5),
        ("BinaryOp join 2 1 a b out 0=2", lambda x: (x + 0.2) * x * 0.5),
        ("Eltwise join 2 1 a b out 0=0", lambda x: (x + 0.2) * x * 0.5),
        ("Eltwise join 2 1 a b out 0=1", lambda x: x + 0.2 + x * 0.5),
        ("Eltwise join 2 1 a b out 0=1 -23301=2,2.0e-01,1.0", lambda x: 0.2 * (x + 0.2) + x * 0.5),
        ("Eltwise join 2 1 a b out 0=1 -23301=2,1.0,-3.0e-01", lambda x: (x + 0.2) - 0.3 * (x * 0.5)),
    ],
)
def test_two_blobs_are_joined(line: str, wanted: Any) -> None:
    lines = (
        "Split split 1 2 data data_0 data_1",
        "BinaryOp left 1 1 data_0 a 0=0 1=1 2=2.0e-01",
        "BinaryOp right 1 1 data_1 b 0=2 1=1 2=5.0e-01",
        line,
    )
    same(run(b"", *lines), wanted(torch.from_numpy(PICTURE)))


def test_concat_joins_channels_in_their_order() -> None:
    weight = (RNG.random((3, 6, 1, 1)) / 4).astype(np.float32)
    lines = (
        "Split split 1 2 data a b",
        "Interp same 1 1 b c 0=1",
        "Concat cat 2 1 c a d 0=0",
        conv(weight, "", inputs="d"),
    )
    picture = torch.from_numpy(PICTURE)
    wanted = functional.conv2d(torch.cat((picture, picture), 1), torch.from_numpy(weight))
    same(run(stored(weight), *lines), wanted)


def test_the_result_is_clipped() -> None:
    found = run(b"", "BinaryOp wide 1 1 data a 0=2 1=1 2=4.0", "BinaryOp low 1 1 a out 0=1 1=1 2=1.0")
    np.testing.assert_allclose(found, np.clip(PICTURE * 4 - 1, 0, 1), atol=1e-6)
    assert found.min() == 0
    assert found.max() == 1


def test_axes_have_names_and_lengths_are_free() -> None:
    model = onnx.load_model_from_string(build(b"", "Interp up 1 1 data out 0=1 1=3.0 2=3.0"))
    axes = {
        value.name: [axis.dim_param or axis.dim_value for axis in value.type.tensor_type.shape.dim]
        for value in (*model.graph.input, *model.graph.output)
    }
    assert axes == {
        "image": ["batch", 3, "height", "width"],
        "upscaled": ["batch", 3, "upscaled_height", "upscaled_width"],
    }
    for shape in ((1, 3, 1, 1), (3, 3, 5, 2)):
        found = run(b"", "Interp up 1 1 data out 0=1 1=3.0 2=3.0", picture=np.zeros(shape, np.float32))
        assert found.shape == (shape[0], 3, 3 * shape[2], 3 * shape[3])


@pytest.mark.parametrize(
    ("lines", "place", "problem"),
    [
        (["Softmax soft 1 1 data out"], "Softmax soft (line 4)", "known are BinaryOp, Concat"),
        (["ReLU act 1 1 data out 7=1"], "ReLU act (line 4)", "parameters that are not known here: 7"),
        (["ReLU act 1 1 other out"], "ReLU act (line 4)", "reads other, which no earlier layer makes"),
        (["ReLU act 2 1 data data out"], "ReLU act (line 4)", "has 2 inputs; expected 1"),
        (["ReLU act 0 1 out"], "ReLU act (line 4)", "has 0 inputs"),
        (["ReLU act 1 2 data a b"], "ReLU act (line 4)", "has 2 outputs"),
        (["ReLU act 1 1 data data"], "ReLU act (line 4)", "makes data, which an earlier layer made"),
        (["Input more 0 1 other"], "Input more (line 4)", "second input"),
        (["Split split 1 2 data a b"], "network", "has 2 blobs that no layer reads"),
        (["Split split 1 2 data a b", "Concat cat 2 1 a b out"], "network", "gives 6 channels"),
        (["Split split 1 2 data a b", "Concat cat 2 1 a b out 0=1"], "Concat cat (line 5)", "from 0 to 0"),
        (["PixelShuffle shuffle 1 1 data out 0=2"], "PixelShuffle shuffle (line 4)", "3 channels over 2 × 2"),
        (["PReLU act 1 1 data out 0=2"], "PReLU act (line 4)", "2 slopes for 3 channels"),
        (["Interp up 1 1 data out 0=1 1=99.0 2=2.0"], "Interp up (line 4)", "scales by 99.0 and 2.0"),
        (["Interp up 1 1 data out 0=4"], "Interp up (line 4)", "parameter 0 is 4"),
        (["BinaryOp op 1 1 data out 0=9 1=1"], "BinaryOp op (line 4)", "parameter 0 is 9"),
        (["BinaryOp op 1 1 data out 0=0"], "BinaryOp op (line 4)", "has 1 inputs; expected 2"),
        (["Eltwise op 2 1 data data out 0=0 -23301=2,1.0,2.0"], "Eltwise op (line 4)", "has 2 factors"),
        (["Eltwise op 2 1 data data out 0=1 -23301=1,1.0"], "Eltwise op (line 4)", "has 1 factors"),
        (
            ["Convolution conv 1 1 data out 0=3 1=1 6=8"],
            "Convolution conv (line 4)",
            "has 8 weights; 3 × 3 × 1 × 1 fit",
        ),
        (["Convolution conv 1 1 data out 0=0 1=1 6=0"], "Convolution conv (line 4)", "parameter 0 is 0"),
        (["Convolution conv 1 1 data out 0=3 1=99 6=9"], "Convolution conv (line 4)", "parameter 1 is 99"),
        (["Convolution conv 1 1 data out 0=3 1=1 4=-233 6=9"], "Convolution conv (line 4)", "parameter 4 is -233"),
        (["Convolution conv 1 1 data out 0=3 1=1 6=9 9=3"], "Convolution conv (line 4)", "parameter 9 is 3"),
        (["Convolution conv 1 1 data out 0=3 1=1 6=9 9=2"], "Convolution conv (line 4)", "0 activation parameters"),
        (
            [
                "Split split 1 2 data a b",
                "PixelShuffle s 1 1 a c 0=1",
                "Concat cat 2 1 b c d",
                "Eltwise op 2 1 d c out 0=1",
            ],
            "Eltwise op (line 7)",
            "joins 6 and 3 channels",
        ),
    ],
)
def test_what_cannot_be_translated_is_refused_with_its_place(lines: list[str], place: str, problem: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        build(stored(IDENTITY) if "Convolution" in lines[0] else b"", *lines)
    assert caught.value.metadata["field"] == place
    assert problem in caught.value.message


@pytest.mark.parametrize(("change", "problem"), [(-1, "11 are left"), (1, "1 bytes of weights are left")])
def test_every_byte_of_the_weights_has_to_be_read(change: int, problem: str) -> None:
    data = stored(IDENTITY, np.zeros(3))
    data = data[:change] if change < 0 else data + bytes(change)
    with pytest.raises(DataCorrupted, match=problem):
        build(data, conv(IDENTITY, "", bias=1))
