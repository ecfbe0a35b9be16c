"""Real-ESRGAN from its published weights, judged on photographs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray
from skimage import data

from firstframe.packs.golden import compare, make_inputs
from firstframe.packs.spec import Pack

Picture = NDArray[np.float32]
Imported = Callable[[str], tuple[Pack, Path]]

GRAPHS = [
    ("realesrgan-x4plus", "main", 4),
    ("realesr-video", "x2", 2),
    ("realesr-video", "x3", 3),
    ("realesr-video", "x4", 4),
]


def run(imported: Imported, pack_name: str, graph_name: str, inputs: dict[str, Any]) -> NDArray[np.float32]:
    pack, folder = imported(pack_name)
    graph = next(graph for graph in pack.graphs if graph.name == graph_name)
    session = onnxruntime.InferenceSession(folder / graph.file)
    (output,) = session.run(["upscaled"], inputs)
    return np.asarray(output, np.float32)


def planes(*pictures: Picture) -> NDArray[np.float32]:
    return np.ascontiguousarray(np.stack(pictures).transpose(0, 3, 1, 2))


def enlarge(imported: Imported, pack: str, graph: str, picture: Picture) -> Picture:
    return run(imported, pack, graph, {"image": planes(picture)})[0].transpose(1, 2, 0)


def reduce(picture: Picture, factor: int) -> Picture:
    height, width = picture.shape[:2]
    return np.asarray(
        cv2.resize(picture, (width // factor, height // factor), interpolation=cv2.INTER_AREA), np.float32
    )


def psnr(one: Picture, other: Picture) -> float:
    return float(-10 * np.log10(np.mean((one.astype(np.float64) - other) ** 2)))


def sharpness(picture: Picture) -> float:
    return float(np.abs(cv2.Laplacian(picture.mean(2), cv2.CV_32F)).mean())


@pytest.fixture(scope="module")
def portrait() -> Picture:
    return data.astronaut()[0:240, 108:348].astype(np.float32) / 255


@pytest.mark.parametrize(("pack", "graph", "factor"), GRAPHS)
def test_goldens_are_met(imported: Imported, pack: str, graph: str, factor: int) -> None:
    spec = imported(pack)[0]
    golden = next(golden for golden in spec.goldens if golden.graph == graph)
    inputs = make_inputs(next(one for one in spec.graphs if one.name == graph), golden)
    output = run(imported, pack, graph, inputs)
    assert output.shape[2:] == tuple(factor * length for length in inputs["image"].shape[2:])
    (deviation,) = compare(golden, {"upscaled": output})
    assert deviation.passes, deviation
    (other,) = compare(golden, {"upscaled": np.clip(output * 1.02, 0, 1)})
    assert not other.passes


@pytest.mark.parametrize(("pack", "graph", "factor"), GRAPHS)
def test_a_photograph_comes_out_sharper_with_its_colours_in_its_place(
    imported: Imported, portrait: Picture, pack: str, graph: str, factor: int
) -> None:
    small = reduce(portrait, factor)
    bicubic = cv2.resize(small, portrait.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    found = enlarge(imported, pack, graph, small)
    assert found.min() >= 0
    assert found.max() <= 1
    assert sharpness(found) > 1.5 * sharpness(bicubic)
    np.testing.assert_allclose(found.mean((0, 1)), small.mean((0, 1)), atol=0.015)
    assert psnr(reduce(found, factor), small) > 27
    shift, _ = cv2.phaseCorrelate(found.mean(2), portrait.mean(2))
    assert np.hypot(*shift) < 0.15


@pytest.mark.parametrize(("graph", "factor"), [("x2", 2), ("x3", 3), ("x4", 4)])
def test_a_tile_with_a_margin_of_18_pixels_equals_the_whole_frame(
    imported: Imported, portrait: Picture, graph: str, factor: int
) -> None:
    frame = portrait[:64, 60:156]
    whole = enlarge(imported, "realesr-video", graph, frame)
    tile = enlarge(imported, "realesr-video", graph, frame[:, : 48 + 18])
    np.testing.assert_allclose(tile[:, : 48 * factor], whole[:, : 48 * factor], atol=1e-5)


@pytest.mark.parametrize(("pack", "graph", "factor"), GRAPHS)
def test_samples_of_a_batch_do_not_see_each_other(
    imported: Imported, portrait: Picture, pack: str, graph: str, factor: int
) -> None:
    one, other = portrait[:24, 100:140], portrait[100:124, 60:100]
    both = run(imported, pack, graph, {"image": planes(one, other)})
    for sample, picture in zip(both, (one, other), strict=True):
        alone = enlarge(imported, pack, graph, picture)
        np.testing.assert_allclose(sample.transpose(1, 2, 0), alone, atol=1e-5)
