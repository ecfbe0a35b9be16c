"""The grain of cut-outs: measured, added where it lacks, smoothed where there is too much."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage import data

from firstframe.core.media import LayerRole
from firstframe.imagegen.engines.finish import _grain
from firstframe.imagegen.engines.matching import NOISY, matched, own_grain
from firstframe.imagegen.engines.plates import Plate
from firstframe.render import layers

COVER = np.ones((300, 180), np.float32)
PLAIN = np.s_[220:290, 10:170]
WORDS = np.s_[125:210, 5:175]
FACTORS = [(0.0, 1.02), (0.7, 1.1), (1.3, 1.2), (2.0, 1.1 * NOISY), (4.0, 1.25), (8.0, 1.5)]
"""Grain of a cut-out, and what it may end with as a multiple of the set's."""


def product() -> np.ndarray:
    """A carton with a gradient, large and small words, and room below them."""
    picture = np.full((300, 180, 3), 0.5, np.float32)
    picture += np.linspace(-0.12, 0.12, 180, dtype=np.float32)[None, :, None]
    picture[..., 2] -= 0.1
    levels = np.rint(picture * 255).astype(np.uint8)
    cv2.putText(levels, "AURORA", (14, 160), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (31, 31, 36), 3, cv2.LINE_AA)
    cv2.putText(levels, "250 ml e", (14, 200), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (31, 31, 36), 1, cv2.LINE_AA)
    return levels.astype(np.float32) / 255


def noisy(levels: float, *, soft: float = 0.0) -> np.ndarray:
    """The product with grey noise of a deviation in levels of 255, in 8 bits as it would come."""
    noise = np.random.default_rng(3).standard_normal(COVER.shape, np.float32)
    if soft:
        noise = cv2.GaussianBlur(noise, (0, 0), soft)
    noise *= levels / 255 / noise.std()
    return (np.rint(np.clip(product() + noise[..., None], 0, 1) * 255) / 255).astype(np.float32)


def deviation(picture: np.ndarray) -> float:
    """Of what the product does not have, where it is plain, in levels of 255."""
    return float(255 * ((picture - product()) @ layers.BT709)[PLAIN].std())


def finished(levels: float, *, soft: float = 0.0) -> np.ndarray:
    found = matched(noisy(levels, soft=soft), COVER)
    return layers.grained(found.coded, np.random.default_rng(9), found.lacking)


def set_grain() -> float:
    return deviation(layers.grained(product(), np.random.default_rng(9)))


@pytest.mark.parametrize("soft", [0.0, 0.55])
@pytest.mark.parametrize("levels", [0.7, 1.3, 3.0, 6.0])
def test_noise_is_measured_beside_words(levels: float, soft: float) -> None:
    own = own_grain(noisy(levels, soft=soft), COVER > 0) * layers.GRAIN_LEVELS
    assert own == pytest.approx(deviation(noisy(levels, soft=soft)), rel=0.12)


@pytest.mark.parametrize("soft", [0.0, 0.55])
@pytest.mark.parametrize(("levels", "factor"), FACTORS)
def test_every_cut_out_ends_with_about_the_grain_of_the_set(levels: float, factor: float, soft: float) -> None:
    """From below exactly, for it is added; from above within what is smoothed, or left because it is not seen."""
    share = deviation(finished(levels, soft=soft)) / set_grain()
    assert 0.95 < share < factor


def test_what_is_added_is_what_is_lacking_in_quadrature() -> None:
    found = matched(noisy(0.8), COVER)
    assert found.findings == ()
    own = own_grain(noisy(0.8), COVER > 0)
    assert 0.4 < own < 0.9
    assert found.lacking == pytest.approx((1 - own**2) ** 0.5)
    assert matched(product(), COVER).lacking == pytest.approx(1)


@pytest.mark.parametrize("levels", [4.0, 10.0])
def test_smoothing_leaves_words_and_edges(levels: float) -> None:
    found = matched(noisy(levels), COVER)
    assert [item.reason for item in found.findings] == ["CUTOUT_NOISY"]
    grey, ideal, came = (picture[WORDS] @ layers.BT709 for picture in (found.coded, product(), noisy(levels)))
    off = np.abs(grey - ideal)
    ink = ideal < 0.2
    assert off[ink].mean() < np.abs(came - ideal)[ink].mean()
    steep = np.abs(cv2.Sobel(ideal, cv2.CV_32F, 1, 0)) > 0.8
    kept = cv2.Sobel(grey, cv2.CV_32F, 1, 0)[steep] / cv2.Sobel(ideal, cv2.CV_32F, 1, 0)[steep]
    assert np.median(kept) == pytest.approx(1, abs=0.06)


def test_little_noise_is_left_alone_and_much_is_told_with_its_number() -> None:
    assert np.array_equal(matched(noisy(1.5), COVER).coded, noisy(1.5))
    (told,) = matched(noisy(5.2), COVER).findings
    assert f"{own_grain(noisy(5.2), COVER > 0):.1f} times as grainy" in told.message


def test_nothing_is_told_of_what_is_clipped_or_too_small() -> None:
    white = np.full((300, 180, 3), 0.99, np.float32) + np.random.default_rng(1).normal(0, 0.02, (300, 180, 1))
    assert own_grain(white.astype(np.float32), COVER > 0) == 0
    assert own_grain(noisy(6)[:12, :12], COVER[:12, :12] > 0) == 0
    assert own_grain(noisy(6)[:4, :4], COVER[:4, :4] > 0) == 0
    assert matched(noisy(6), 0 * COVER).findings == ()


@pytest.mark.parametrize("size", [1.0, 0.5])
@pytest.mark.parametrize("name", ["grass", "brick", "gravel", "coffee", "astronaut", "chelsea"])
def test_texture_is_no_noise(name: str, size: float) -> None:
    photo = cv2.resize(np.asarray(getattr(data, name)()), None, fx=size, fy=size, interpolation=cv2.INTER_AREA)
    coded = np.broadcast_to(photo.reshape(*photo.shape[:2], -1), (*photo.shape[:2], 3)).astype(np.float32) / 255
    found = matched(coded, np.ones(coded.shape[:2], np.float32))
    assert found.findings == ()
    assert np.array_equal(found.coded, coded)


def test_only_the_product_is_smoothed() -> None:
    cover = COVER.copy()
    cover[:, 120:] = 0
    made = matched(noisy(6), cover).coded
    assert np.array_equal(made[:, 120:], noisy(6)[:, 120:])
    assert not np.array_equal(made[:, :110], noisy(6)[:, :110])


def test_what_is_not_the_product_gets_all_of_the_sets_grain() -> None:
    zeros = np.zeros((4, 6), np.float32)
    product, alpha = zeros.copy(), zeros + 1
    product[:, :2], product[:, 2:4] = 1, 0.5
    plate = Plate(LayerRole.SUBJECT, np.zeros((4, 6, 3), np.float32), alpha, product, lacking=0.4)
    shares = _grain(plate)
    assert np.allclose(shares, [[0.4, 0.4, 0.7, 0.7, 1, 1]])
    assert _grain(Plate(LayerRole.SUBJECT, plate.colour, alpha, product)) == 1.0
    half = layers.grained(np.full((64, 64, 3), 0.5, np.float32), np.random.default_rng(2), 0.5)
    whole = layers.grained(np.full((64, 64, 3), 0.5, np.float32), np.random.default_rng(2))
    assert (half - 0.5).std() == pytest.approx(0.5 * (whole - 0.5).std(), rel=1e-4)
