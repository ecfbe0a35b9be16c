"""RIFE from its published weights: the exported graph against torch, and its frames against frames that were held out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnxruntime.capi.onnxruntime_pybind11_state import Fail
from skimage import data

from firstframe.packs.golden import compare, make_inputs
from firstframe.packs.spec import Pack

# The export alone takes half a minute of a core.
pytestmark = pytest.mark.timeout(600)

Picture = NDArray[np.float32]
Imported = Callable[[str], tuple[Pack, Path]]
PACK = "rife-hdv3"


@pytest.fixture(scope="module")
def session(imported: Imported) -> onnxruntime.InferenceSession:
    pack, folder = imported(PACK)
    return onnxruntime.InferenceSession(folder / pack.graphs[0].file)


def planes(*pictures: Picture) -> NDArray[np.float32]:
    return np.ascontiguousarray(np.stack(pictures).transpose(0, 3, 1, 2))


def between(session: onnxruntime.InferenceSession, first: Picture, second: Picture, timestep: float = 0.5) -> Picture:
    inputs = {"first": planes(first), "second": planes(second), "timestep": np.array([timestep], np.float32)}
    return np.asarray(session.run(["middle"], inputs)[0][0].transpose(1, 2, 0), np.float32)


def psnr(one: Picture, other: Picture) -> float:
    return float(-10 * np.log10(np.mean((one.astype(np.float64) - other) ** 2)))


def texture(shift: tuple[int, int], frames: int = 3) -> list[Picture]:
    """Noise of three scales under a window that moves by `shift` pixels (x, y) a frame."""
    rng = np.random.default_rng(0)
    grains = [(4, 0.2), (8, 0.3), (32, 0.5)]
    sheets = [
        cv2.resize(rng.random((320 // n, 512 // n, 3)), (512, 320), interpolation=cv2.INTER_CUBIC) * w
        for n, w in grains
    ]
    sheet = np.clip(np.sum(sheets, 0), 0, 1).astype(np.float32)
    return [sheet[32 + k * shift[1] :, 32 + k * shift[0] :][:224, :320] for k in range(frames)]


def moved(picture: Picture, shift: tuple[float, float], zoom: float, turn: float) -> Picture:
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn, zoom)
    matrix[:, 2] += shift
    return np.asarray(
        cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    )


def parallax(step: float) -> list[Picture]:
    """A portrait cut out before a photograph; both shift, zoom and turn, the portrait by `step` pixels a frame."""
    back = cv2.resize(data.coffee().astype(np.float32) / 255, (512, 352), interpolation=cv2.INTER_AREA)
    front = cv2.resize(data.astronaut()[:352].astype(np.float32) / 255, (512, 352), interpolation=cv2.INTER_AREA)
    mask = cv2.ellipse(np.zeros((352, 512), np.float32), (224, 150), (100, 130), 0, 0, 360, 1, -1)
    frames = []
    for k in range(3):
        behind = moved(back, (-step * k / 2, 0.4 * k), 1 + 0.004 * k, 0.25 * k)
        before = moved(front, (step * k, -0.6 * k), 1 + 0.006 * k, -0.4 * k)
        cover = cv2.GaussianBlur(moved(mask, (step * k, -0.6 * k), 1 + 0.006 * k, -0.4 * k), (0, 0), 0.8)[
            ..., None
        ].clip(0, 1)
        frames.append((behind * (1 - cover) + before * cover).clip(0, 1).astype(np.float32))
    return frames


@pytest.mark.parametrize(
    ("frames", "gain_db", "least_db"),
    [
        pytest.param(texture((6, 3)), 15, 38, id="texture"),
        pytest.param(parallax(2), 8, 34, id="slow parallax"),
        pytest.param(parallax(5), 8, 31, id="parallax"),
    ],
)
def test_the_frame_between_two_is_nearer_to_the_truth_than_their_blend(
    session: onnxruntime.InferenceSession, frames: list[Picture], gain_db: float, least_db: float
) -> None:
    first, truth, second = frames
    blend = psnr((first + second) / 2, truth)
    found = psnr(between(session, first, second), truth)
    assert found > blend + gain_db
    assert found > least_db


def test_the_timestep_says_when(session: onnxruntime.InferenceSession) -> None:
    frames = texture((3, 2), frames=5)
    for index, timestep in ((1, 0.25), (2, 0.5), (3, 0.75)):
        found = between(session, frames[0], frames[4], timestep)
        nearest = max(range(5), key=lambda other: psnr(found, frames[other]))
        assert nearest == index
        assert psnr(found, frames[index]) > 35


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("size", [(64, 96), (224, 160)])
def test_the_graph_computes_what_the_module_does(
    session: onnxruntime.InferenceSession, imported: Imported, size: tuple[int, int], batch: int
) -> None:
    import torch
    from safetensors.torch import load_file

    from firstframe.packs.importers.rife_model import load_rife

    frames = parallax(4)
    cuts = [(slice(8 * k, 8 * k + size[0]), slice(40 * k, 40 * k + size[1])) for k in range(batch)]
    inputs = {
        "first": planes(*(frames[0][cut] for cut in cuts)),
        "second": planes(*(frames[2][cut] for cut in cuts)),
        "timestep": np.linspace(0.3, 0.8, batch, dtype=np.float32),
    }
    module = load_rife(load_file(imported(PACK)[1] / "rife.safetensors"))
    with torch.inference_mode():
        wanted = module(*map(torch.from_numpy, inputs.values())).numpy()
    found = session.run(["middle"], inputs)[0]
    assert found.shape == wanted.shape == (batch, 3, *size)
    assert np.abs(found - wanted).max() < 1e-3
    if batch > 1:
        inputs["timestep"] = inputs["timestep"][::-1].copy()
        assert np.abs(session.run(["middle"], inputs)[0] - wanted).max() > 0.02


def test_a_size_that_does_not_fit_fails(session: onnxruntime.InferenceSession) -> None:
    frame = np.zeros((72, 64, 3), np.float32)
    with pytest.raises(Fail, match="dimension"):
        between(session, frame, frame)


def test_goldens_are_met(session: onnxruntime.InferenceSession, imported: Imported) -> None:
    pack = imported(PACK)[0]
    assert len(pack.goldens) == 2
    for golden in pack.goldens:
        inputs = make_inputs(pack.graphs[0], golden)
        (deviation,) = compare(golden, {"middle": session.run(["middle"], inputs)[0]})
        assert deviation.passes, deviation
        inputs["timestep"] = 1 - inputs["timestep"]
        (other,) = compare(golden, {"middle": session.run(["middle"], inputs)[0]})
        assert not other.passes


def test_the_file_holds_no_trace_of_the_machine_that_made_it(imported: Imported) -> None:
    folder = imported(PACK)[1]
    assert sorted(path.name for path in folder.iterdir()) == ["rife.onnx", "rife.safetensors"]
    graph = (folder / "rife.onnx").read_bytes()
    for trace in (b"site-packages", b"rife_model.py", b"/home/", str(Path.cwd()).encode()):
        assert trace not in graph
