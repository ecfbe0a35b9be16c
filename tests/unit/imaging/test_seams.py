"""The measure of a fill tells a good one from a patch, a smear and a step; plates of real photographs pass it."""

from __future__ import annotations

import functools
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage import data

from firstframe.imaging import fill
from firstframe.imaging.seams import fill_quality

INPUTS = Path(__file__).parents[3] / "examples" / "inputs"


def speckles() -> fill.Floats:
    noise = cv2.GaussianBlur(np.random.default_rng(1).random((160, 160), np.float32), (0, 0), 1.0)
    return np.repeat((0.5 + 1.5 * (noise - noise.mean()))[..., None], 3, 2).astype(np.float32)


def disc(height: int, width: int, x: float, y: float, radius: float) -> fill.Mask:
    rows, columns = np.mgrid[:height, :width]
    hole: fill.Mask = np.hypot(columns - x * width, rows - y * height) < radius * max(height, width)
    return hole


HOLE = disc(160, 160, 0.5, 0.5, 0.25)


def test_the_picture_itself_is_perfect() -> None:
    found = fill_quality(speckles(), HOLE)
    assert found.seam == pytest.approx(1, abs=0.1)
    assert found.texture == pytest.approx(1, abs=0.1)


def test_a_step_is_a_seam() -> None:
    lighter = speckles()
    lighter[HOLE] += 0.3
    assert fill_quality(lighter, HOLE).seam > 2.5


def test_a_smear_has_no_texture() -> None:
    assert fill_quality(fill.behind(speckles(), HOLE), HOLE).texture < 0.25


def test_without_a_hole_there_is_nothing_to_find() -> None:
    for hole in (np.zeros((160, 160), np.bool_), np.ones((160, 160), np.bool_)):
        assert (fill_quality(speckles(), hole).seam, fill_quality(speckles(), hole).texture) == (1, 1)


def shrunk(picture: np.ndarray, longest: int = 420) -> fill.Floats:
    scale = longest / max(picture.shape[:2])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32) / np.float32(255)


@functools.cache
def photograph(name: str) -> tuple[fill.Floats, fill.Mask]:
    """A photograph and a hole where its subject is."""
    places = {"coffee": (0.5, 0.5, 0.3), "astronaut": (0.43, 0.55, 0.3), "rocket": (0.5, 0.5, 0.16)}
    if name == "dandelion":
        path = INPUTS / "dandelion.jpg"
        if not path.exists():
            pytest.skip("examples/inputs/dandelion.jpg is missing; run `make inputs`")
        picture = shrunk(cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB))
        return picture, disc(*picture.shape[:2], 0.246, 0.31, 0.18)
    picture = shrunk(getattr(data, name)())
    return picture, disc(*picture.shape[:2], *places[name])


@pytest.mark.parametrize("name", ["coffee", "astronaut", "rocket", "dandelion"])
def test_plates_of_photographs_show_neither_seam_nor_smear(name: str) -> None:
    picture, hole = photograph(name)
    plate = fill.plate(picture, hole, np.random.default_rng(0))
    assert np.array_equal(plate[~hole], picture[~hole])
    found = fill_quality(plate, hole)
    assert found.seam < 1.4
    smear = fill_quality(fill.behind(picture, hole), hole)
    assert 0.2 < found.texture < 1.5
    assert smear.texture < 0.4 * found.texture
    patch = np.where(hole[..., None], picture[~hole].mean(axis=0), picture)
    assert fill_quality(np.asarray(patch, np.float32), hole).seam > 1.8 * found.seam
