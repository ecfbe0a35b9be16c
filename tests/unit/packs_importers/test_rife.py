from __future__ import annotations

import os
import pickle
import random
from pathlib import Path
from typing import Any

import pytest
import torch

from firstframe.core.errors import DataCorrupted, InvalidInput
from firstframe.packs.importers.rife import MAX_STATE_BYTES, import_rife, read_state
from firstframe.packs.importers.rife_model import Rife, load_rife


@pytest.fixture(scope="module")
def state() -> dict[str, torch.Tensor]:
    """Random weights under the published names, the part for training included."""
    torch.manual_seed(0)
    return {**Rife().state_dict(), "block_tea.lastconv.bias": torch.zeros(5)}


def still(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Weights that find no motion, trust both frames alike and add no detail."""
    ends = [name for name in state if "lastconv" in name or name.startswith("unet.conv.")]
    return state | {name: torch.zeros_like(state[name]) for name in ends}


def stored(path: Path, content: Any) -> dict[str, Path]:
    torch.save(content, path)
    return {"flownet.pkl": path}


class Runs:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.mkdir, (str(self._folder),)


class TestState:
    def test_the_prefix_of_parallel_training_is_dropped(self, tmp_path: Path) -> None:
        files = stored(tmp_path / "state.pkl", {"module.a": torch.ones(2), "b": torch.zeros(1)})
        found = read_state(files["flownet.pkl"])
        assert sorted(found) == ["a", "b"]
        assert torch.equal(found["a"], torch.ones(2))

    @pytest.mark.parametrize("saved_by", ["torch", "pickle"])
    def test_nothing_in_it_is_run(self, tmp_path: Path, saved_by: str) -> None:
        path, victim = tmp_path / "state.pkl", tmp_path / "victim"
        content = {"module.a": torch.ones(2), "b": Runs(victim)}
        torch.save(content, path) if saved_by == "torch" else path.write_bytes(pickle.dumps(content, protocol=2))
        with pytest.raises(DataCorrupted, match=r"state\.pkl is not a state of torch") as caught:
            read_state(path)
        assert caught.value.reason == "WEIGHTS_CORRUPT"
        assert not victim.exists()
        torch.load(path, weights_only=False) if saved_by == "torch" else pickle.loads(path.read_bytes())
        assert victim.exists(), "the trap does not work, so the test above shows nothing"

    @pytest.mark.parametrize("content", [[torch.ones(1)], {"a": 1}, torch.ones(3)])
    def test_other_contents_are_refused(self, tmp_path: Path, content: Any) -> None:
        path = stored(tmp_path / "state.pkl", content)["flownet.pkl"]
        with pytest.raises(DataCorrupted, match="something else than tensors"):
            read_state(path)

    @pytest.mark.parametrize("keep", [0, 1, 100, -1, -200])
    def test_a_file_that_was_cut_off_is_refused(self, tmp_path: Path, keep: int) -> None:
        path = stored(tmp_path / "state.pkl", {"a": torch.ones(1000)})["flownet.pkl"]
        path.write_bytes(path.read_bytes()[:keep])
        with pytest.raises(DataCorrupted, match="is not a state of torch"):
            read_state(path)

    def test_bytes_of_no_kind_are_refused(self, tmp_path: Path) -> None:
        rng = random.Random(0)
        good = stored(tmp_path / "state.pkl", {"a": torch.ones(10)})["flownet.pkl"].read_bytes()
        for start in (b"", b"\x80\x02", b"\x80\x02}q\x00", good[:60], good[:200]):
            for _ in range(10):
                (tmp_path / "state.pkl").write_bytes(start + rng.randbytes(100))
                with pytest.raises(DataCorrupted):
                    read_state(tmp_path / "state.pkl")

    def test_a_huge_file_is_not_read(self, tmp_path: Path) -> None:
        path = tmp_path / "state.pkl"
        with path.open("wb") as file:
            file.truncate(MAX_STATE_BYTES + 1)
        with pytest.raises(InvalidInput, match="larger than"):
            read_state(path)


class TestImport:
    @pytest.mark.parametrize("change", ["missing", "unknown", "reshaped"])
    def test_another_network_is_refused(self, tmp_path: Path, state: dict[str, torch.Tensor], change: str) -> None:
        changed = dict(state)
        name = "unet.down2.conv1.0.bias"
        if change == "missing":
            del changed[name]
        elif change == "unknown":
            changed[name + ".more"] = torch.zeros(1)
        else:
            changed[name] = torch.zeros(7)
        (tmp_path / "out").mkdir()
        with pytest.raises(DataCorrupted, match=r"is not RIFE HDv3: .*unet\.down2\.conv1\.0\.bias") as caught:
            import_rife(stored(tmp_path / "state.pkl", changed), tmp_path / "out", {})
        assert caught.value.reason == "WEIGHTS_CORRUPT"
        assert not list((tmp_path / "out").iterdir())

    def test_other_downloads_and_options_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidInput, match=r"downloads: are weights\.pkl; name one, flownet\.pkl"):
            import_rife({"weights.pkl": tmp_path / "weights.pkl"}, tmp_path, {})
        with pytest.raises(InvalidInput, match="no option scale"):
            import_rife({}, tmp_path, {"scale": 2})


class TestModel:
    def test_without_motion_the_middle_is_the_blend(self, state: dict[str, torch.Tensor]) -> None:
        first, second = torch.rand(2, 2, 3, 64, 96)
        with torch.inference_mode():
            found = load_rife(still(state))(first, second, torch.tensor([0.2, 0.9]))
        torch.testing.assert_close(found, (first + second) / 2, atol=1e-5, rtol=0)

    def test_flows_say_where_pixels_come_from(self, state: dict[str, torch.Tensor]) -> None:
        changed = still(state)
        # Of the last block alone, in halves of pixels: 3 right and 2 up in the first frame, 1 left in the second.
        changed["block3.lastconv.bias"] = torch.tensor([3.0, -2.0, -1.0, 0.0, 40.0]) / torch.tensor([2, 2, 2, 2, 1])
        first, second = torch.rand(2, 1, 3, 64, 64)
        with torch.inference_mode():
            found = load_rife(changed)(first, second, torch.tensor([0.5]))
        torch.testing.assert_close(found[..., 4:-4, 4:-4], first[..., 2:-6, 7:-1], atol=1e-4, rtol=0)
        changed["block3.lastconv.bias"][4] = -40
        with torch.inference_mode():
            found = load_rife(changed)(first, second, torch.tensor([0.5]))
        torch.testing.assert_close(found[..., 4:-4, 4:-4], second[..., 4:-4, 3:-5], atol=1e-4, rtol=0)

    def test_detail_is_added_and_the_result_is_clipped(self, state: dict[str, torch.Tensor]) -> None:
        changed = still(state)
        changed["unet.conv.bias"] = torch.tensor([40.0, -40.0, 0.0])
        first, second = torch.rand(2, 1, 3, 32, 32)
        with torch.inference_mode():
            found = load_rife(changed)(first, second, torch.tensor([0.5]))
        assert torch.equal(found[:, 0], torch.ones(1, 32, 32))
        assert torch.equal(found[:, 1], torch.zeros(1, 32, 32))

    def test_samples_of_a_batch_do_not_see_each_other(self, state: dict[str, torch.Tensor]) -> None:
        model = load_rife(state)
        first, second, when = torch.rand(3, 3, 32, 64), torch.rand(3, 3, 32, 64), torch.tensor([0.1, 0.5, 0.9])
        with torch.inference_mode():
            together = model(first, second, when)
            alone = [model(first[k : k + 1], second[k : k + 1], when[k : k + 1]) for k in range(3)]
        torch.testing.assert_close(together, torch.cat(alone), atol=1e-4, rtol=0)
        assert not torch.allclose(together[0], together[1], atol=0.01)

    def test_it_does_not_learn(self, state: dict[str, torch.Tensor]) -> None:
        model = load_rife(state)
        assert not model.training
        assert not any(parameter.requires_grad for parameter in model.parameters())
