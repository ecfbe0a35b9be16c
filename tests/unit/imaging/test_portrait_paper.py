"""What is taken for paper: grain, dust and scratches, and not what the photograph shows."""

from __future__ import annotations

import cv2
import numpy as np

from firstframe.core.media import Rgb8
from firstframe.imaging.portrait.paper import told_apart
from firstframe.imaging.portrait.restore import Restoration

HIGH, WIDE = 240, 320


def scene(grain: float = 2.0) -> Rgb8:
    """Two halves of different light, and noise."""
    picture = np.full((HIGH, WIDE, 3), 90, np.float32)
    picture[:, WIDE // 2 :] = 150
    noise = np.random.default_rng(4).standard_normal((HIGH, WIDE))[..., None] * grain
    return np.clip(np.rint(picture + noise), 0, 255).astype(np.uint8)


def nothing() -> np.ndarray:
    return np.zeros((HIGH, WIDE), bool)


def marks_of(picture: Rgb8, features: np.ndarray | None = None) -> np.ndarray:
    return told_apart(picture, nothing(), nothing() if features is None else features).marks


def test_a_plain_photograph_and_its_edges_have_no_marks() -> None:
    assert marks_of(scene()).mean() < 0.0005


def test_a_scratch_is_found_in_its_length_and_nothing_else_is() -> None:
    scratched = scene()
    cv2.line(scratched, (60, 40), (64, 180), (230, 230, 230), 1)
    found = marks_of(scratched)
    assert found[45:175, 58:67].any(axis=1).mean() > 0.75
    assert found.sum() < 900


def test_lines_of_one_colour_are_seen_not_scratched() -> None:
    corded = scene()
    cv2.line(corded, (60, 20), (60, 220), (200, 140, 40), 2)
    assert marks_of(corded)[:, 55:66].mean() < 0.01


def test_dust_is_found_and_letters_are_not() -> None:
    dusty = scene()
    cv2.circle(dusty, (80, 100), 2, (235, 235, 235), -1)
    assert marks_of(dusty)[100, 80]
    lettered = scene()
    cv2.putText(lettered, "HOPPER", (30, 120), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (230, 230, 230), 1, cv2.LINE_AA)
    assert marks_of(lettered)[100:126, 25:100].mean() < 0.02


def test_a_spot_among_features_is_no_speck() -> None:
    dusty, features = scene(), nothing()
    cv2.circle(dusty, (80, 100), 2, (235, 235, 235), -1)
    features[90:110, 70:90] = True
    assert not marks_of(dusty, features)[100, 80]


def test_grain_is_told_from_the_picture_and_edges_stay_in_it() -> None:
    grained = scene(5.0)
    paper = told_apart(grained, nothing(), nothing())
    assert 3 < paper.grain_levels < 7
    left = paper.picture[60:180, 30:120]
    assert left.std() < 0.5 * grained[60:180, 30:120].std()
    step = paper.picture[:, WIDE // 2 + 3].mean() - paper.picture[:, WIDE // 2 - 4].mean()
    assert step > 55


def test_what_is_kept_stays_as_it_is() -> None:
    grained, keep = scene(5.0), nothing()
    keep[100:140, 60:120] = True
    picture = told_apart(grained, keep, nothing()).picture
    assert np.abs(picture[110:130, 75:105] - grained[110:130, 75:105]).max() < 0.01


def test_restoring_mends_a_scratch_and_widens_faded_tones() -> None:
    scratched = (100 + scene() // 5).astype(np.uint8)
    cv2.line(scratched, (60, 40), (64, 180), (220, 220, 220), 1)
    paper = told_apart(scratched, nothing(), nothing())
    mending = Restoration(scratched, paper)
    assert np.array_equal(mending.applied(scratched.astype(np.float32), 0.0), scratched)
    after = mending.applied(scratched.astype(np.float32), 1.0)
    assert np.ptp(after[:, :, 0]) > 15
    column = after[60:160, 50:75, 0]
    assert np.abs(column.max(axis=1) - column.mean(axis=1)).mean() < 25
    assert after.min() >= 0
    assert after.max() <= 255
