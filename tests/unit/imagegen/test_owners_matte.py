"""Masks that somebody painted, right and wrong, on real photographs."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage import data

from firstframe.core.formats import FORMATS
from firstframe.core.media import HeroPicture, Rgb8, Severity
from firstframe.imagegen.owners_matte import OWNERS, trust
from firstframe.imagegen.photo_subject import Known, find
from firstframe.imagegen.photograph import LAYERED, hero_of
from firstframe.imagegen.reframe import Reframe
from firstframe.imaging.matte_fit import fit_of
from firstframe.imaging.saliency import Floats
from firstframe.imaging.subject import find_subject

INPUTS = Path(__file__).parents[3] / "examples" / "inputs"


def small(photo: Rgb8) -> Rgb8:
    scale = 640 / max(photo.shape[:2])
    return np.asarray(cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def inputs() -> dict[str, Rgb8]:
    """The photographs of the examples, as far as they were fetched, and one that comes with scikit-image."""
    found = {file.stem: small(cv2.imread(str(file))[..., ::-1]) for file in sorted(INPUTS.glob("*.jpg"))}
    return found | {"coffee": small(np.asarray(data.coffee()))}


PHOTOS = inputs()
MASKS: dict[str, Floats] = {}


def right(name: str) -> Floats:
    """The subject as it is found by colour and sharpness, which in these photographs is right."""
    if name not in MASKS:
        photo = PHOTOS[name]
        focus = (0.47, 0.5) if name == "coffee" else None
        mask = find_subject(photo, focus).mask.astype(np.float32)
        MASKS[name] = np.asarray(cv2.resize(mask, (photo.shape[1], photo.shape[0])), np.float32)
    return MASKS[name]


def moved(mask: Floats, right_px: int, down_px: int = 0) -> Floats:
    by = np.array([[1, 0, right_px], [0, 1, down_px]], np.float32)
    return np.asarray(cv2.warpAffine(mask, by, (mask.shape[1], mask.shape[0])), np.float32)


def wider(mask: Floats, px: int) -> Floats:
    return np.asarray(cv2.dilate(mask, np.ones((2 * px + 1, 2 * px + 1), np.uint8)), np.float32)


@pytest.mark.parametrize("name", PHOTOS)
def test_a_right_mask_is_trusted(name: str) -> None:
    held = trust(PHOTOS[name], right(name))
    assert held.confidence > 0.9 * OWNERS
    assert held.doubt == ""


@pytest.mark.parametrize("name", PHOTOS)
@pytest.mark.parametrize(("right_px", "down_px", "way"), [(26, 0, "left"), (-26, 0, "right"), (0, 20, "up")])
def test_a_mask_that_is_moved_is_not_and_it_is_told_where_to(name: str, right_px: int, down_px: int, way: str) -> None:
    held = trust(PHOTOS[name], moved(right(name), right_px, down_px))
    assert 0.15 < held.confidence < LAYERED
    assert "does not run along edges" in held.doubt
    assert f"px further {way}" in held.doubt


@pytest.mark.parametrize("name", PHOTOS)
def test_a_mask_that_is_too_wide_is_not_trusted(name: str) -> None:
    assert trust(PHOTOS[name], wider(right(name), 14)).confidence < LAYERED


@pytest.mark.parametrize("name", PHOTOS)
def test_an_inverted_mask_is_told(name: str) -> None:
    held = trust(PHOTOS[name], 1 - right(name))
    assert held.confidence < 0.1
    assert "wrong way round" in held.doubt


def test_a_mask_of_nearly_everything_leaves_nothing_behind() -> None:
    mask = np.ones(PHOTOS["coffee"].shape[:2], np.float32)
    mask[:18] = 0
    mask[:, :4] = mask[:, -4:] = 0
    mask[-4:] = 0
    held = trust(PHOTOS["coffee"], mask)
    assert held.confidence < LAYERED
    assert "covers 94 %" in held.doubt


def test_greys_are_undecided() -> None:
    mask = 0.5 + 0.3 * right("coffee")
    mask[right("coffee") < 0.5] = 0
    held = trust(PHOTOS["coffee"], mask)
    assert held.confidence == pytest.approx(0.3 * OWNERS, abs=0.02)
    assert "grey" in held.doubt


def test_an_outline_at_the_frame_alone_has_no_edge_to_be_held_against() -> None:
    mask = np.zeros(PHOTOS["coffee"].shape[:2], np.float32)
    mask[-12:] = 1
    assert fit_of(PHOTOS["coffee"], mask) is None
    assert trust(PHOTOS["coffee"], mask).confidence == pytest.approx(OWNERS)


def test_the_fit_tells_how_far_away_the_best_place_is() -> None:
    fit = fit_of(PHOTOS["coffee"], moved(right("coffee"), 32))
    assert fit is not None
    assert fit.away[0] == pytest.approx(-32 / 640, abs=0.004)
    assert abs(fit.away[1]) < 0.01
    assert fit.beside < fit.here < 0.5 * fit.best
    assert fit.score < 0.4


def hero(mask: Floats) -> HeroPicture:
    photo, known = PHOTOS["coffee"], Known(matte=mask)
    size = FORMATS["1:1"].draft_size
    return hero_of(photo, find(photo, known), size=size, reframe=Reframe.CROP, known=known)


def test_a_wrong_mask_leaves_the_picture_whole_and_says_why() -> None:
    torn = hero(moved(right("coffee"), 40))
    assert len(torn.layers.layers) == 1
    assert torn.subject is not None
    told = {finding.reason: finding for finding in torn.findings}
    assert told["MATTE_DOUBTED"].severity is Severity.WARNING
    assert "trusted by 0.2" in told["MATTE_DOUBTED"].message
    assert "a better mask" in told["SINGLE_LAYER"].message

    kept = hero(right("coffee"))
    assert len(kept.layers.layers) == 2
    assert "MATTE_DOUBTED" not in {finding.reason for finding in kept.findings}


def test_an_inverted_mask_is_not_framed_around() -> None:
    assert hero(1 - right("coffee")).subject is None
