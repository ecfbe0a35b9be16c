"""Whether words can be read: the contrast of ink and paper."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import Rgb8
from firstframe.imaging.preflight.colour import Floats, contrast_ratio, luminance
from firstframe.imaging.preflight.outline import Mask

_LEAST_LIFT = 4
"""Levels by which letters stand out from plain paper, at least."""
_LEFT = 0.55, 0.025
"""Share of the difference between ink and paper that is left in rendered letters: at no height, and more for each pixel."""
_LEAST_LETTER = 5.0
_MOST = 0.95
"""Black on white."""


@dataclass(frozen=True, slots=True, eq=False)
class Copy:
    """Words on their ground."""

    ratio: float
    """WCAG contrast of ink against paper, 1 to 21."""
    letter_px: float
    """Height of the larger letters, pixels; 0 when none can be told apart."""
    ink: Mask
    """Shape (h, w) of the part."""

    @property
    def resolved_ratio(self) -> float:
        """The contrast of ink that is rendered with letters which are too small to show it.

        Strokes narrower than a pixel are mixed with their ground; the same hero at the size of delivery shows them whole. WCAG
        leaves anti-aliasing out of the contrast for the same reason. How much of the difference is left was measured on labels
        that were rendered with 360 px and again with 1080: 67 to 78 % in letters of 6 to 9 px, 83 % at 11, all from 18 on.
        """
        left = min(_LEFT[0] + _LEFT[1] * max(self.letter_px, _LEAST_LETTER), 1.0)
        return 1 / (1 - min((1 - 1 / self.ratio) / left, _MOST))


def copy_contrast(part: Rgb8) -> Copy:
    """Contrast of the words in a part of a picture, each letter against the ground around it.

    The ground is the picture without what is narrower than half of its height (a morphological closing for dark letters, an
    opening for bright ones), so that light which falls off over a label is no ink. Otsu's threshold parts letters from the
    rest; of dark and bright letters those are taken that cover less. They are read in the half of their pixels that stands
    out most, since edges of letters are mixtures.

    Args:
        part: What is inside the copy's rectangle, shape (h, w, 3).
    """
    light = luminance(part)
    found = [_letters(light, way) for way in (cv2.MORPH_CLOSE, cv2.MORPH_OPEN)]
    seen = [letters for letters in found if letters.ink.any()]
    if not seen:
        return Copy(1.0, 0.0, np.zeros(light.shape, np.bool_))
    best = min(seen, key=lambda letters: float(letters.ink.mean()))
    core = best.ink & (best.lift >= np.median(best.lift[best.ink]))
    ratio = contrast_ratio(float(np.median(best.ground[core])), float(np.median(light[core])))
    return Copy(ratio, _letter_height(best.ink), best.ink)


@dataclass(frozen=True, slots=True, eq=False)
class _Letters:
    """Dark or bright letters: the ground without them, how far they stand out from it (levels), and where they are."""

    ground: Floats
    lift: NDArray[np.uint8]
    ink: Mask


def _letters(light: Floats, way: int) -> _Letters:
    side = max(light.shape[0] // 2, 3) | 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    # Beyond its border the part goes on as it ends there, so that a shade along an edge is ground and no ink.
    wide = cv2.copyMakeBorder(light, side, side, side, side, cv2.BORDER_REPLICATE)
    inner = np.s_[side : side + light.shape[0], side : side + light.shape[1]]
    ground = np.ascontiguousarray(cv2.morphologyEx(wide, way, disc)[inner], np.float32)
    # The cube root is about even to the eye, so that letters in shade count like those in light.
    lift = np.rint(255 * np.abs(np.cbrt(ground) - np.cbrt(light))).astype(np.uint8)
    level, _ = cv2.threshold(lift, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return _Letters(ground, lift, lift > max(level, _LEAST_LIFT))


def _letter_height(ink: Mask) -> float:
    """Height of the larger quarter of the parts that are shaped like letters."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    height, width = stats[1:, cv2.CC_STAT_HEIGHT], stats[1:, cv2.CC_STAT_WIDTH]
    letters = height[(height >= 3) & (width <= 3 * height) & (height <= 10 * width) & (height < ink.shape[0])]
    return float(np.percentile(letters, 75)) if letters.size else 0.0
