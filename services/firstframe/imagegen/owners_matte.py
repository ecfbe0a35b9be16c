"""How far a mask that somebody painted can be trusted: a wrong one would tear its photograph."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firstframe.core.media import PixelSize, Rgb8
from firstframe.imaging.matte_fit import Fit, fit_of
from firstframe.imaging.saliency import Floats
from firstframe.imaging.subject import touching

OWNERS = 0.95
"""Confidence of a mask against which nothing speaks."""
_TOLD = 0.8
"""Confidence below which a person is told."""
_INVERTED = 0.6, 0.75
"""Share of the frame's edge that a mask touches: a close-up of a cat does by 0.58, an inverted bust by 0.76."""
_FULL = 0.85, 0.97
"""Share of the picture that a mask covers: beyond it there is too little left to fill the background from."""
_GREY = 0.55, 1.0
"""Pixels that are neither black nor white, as a share of the subject: a dandelion has 0.5."""
_SCORE = 0.5, 0.8
"""See `Fit.score`: right masks have 1, the same moved by 2 % of the longer side 0.16 to 0.36."""
_OVER_CHANCE = 1.25, 1.7
"""Agreement with edges over that beside them: right masks have 1.9 to 3.9, ellipses drawn anywhere up to 1.3."""
_PLACE = 0.3
"""What is left of the confidence of a mask that does not fit, but tells where the subject is."""
_CLEARLY_BETTER = 1.5
"""Agreement at a place beside the mask, over that where it is, from which the place is told."""


@dataclass(frozen=True, slots=True)
class Trust:
    """How far a mask can be trusted."""

    confidence: float
    """0 to `OWNERS`."""
    doubt: str
    """What speaks most against it, and what to do; empty when nothing does."""


def trust(photo: Rgb8, cover: Floats) -> Trust:
    """Holds a mask against its photograph.

    Args:
        photo: Shape (h, w, 3).
        cover: The mask over all of it, 0 to 1, of any size, with white and black in it.
    """
    fit = fit_of(photo, cover)
    size = PixelSize(photo.shape[1], photo.shape[0])
    signs = [_inverted(cover), _full(cover), _grey(cover), _off_edge(fit, size)]
    share, doubt = min(signs)
    return Trust(OWNERS * share, doubt if OWNERS * share < _TOLD else "")


def _inverted(cover: Floats) -> tuple[float, str]:
    edge = touching(cover > 0.5)
    doubt = (
        f"it touches {100 * edge:.0f} % of the photograph's edge, as if black and white were the wrong way round; "
        "paint the subject white, the rest black"
    )
    return 1 - _ramp(edge, *_INVERTED), doubt


def _full(cover: Floats) -> tuple[float, str]:
    area = float((cover > 0.5).mean())
    doubt = f"it covers {100 * area:.0f} % of the photograph, so that little is left to fill the background from"
    return _at_least_a_place(1 - _ramp(area, *_FULL)), f"{doubt}; paint the nearest thing alone, or leave it out"


def _grey(cover: Floats) -> tuple[float, str]:
    soft = float(((cover > 0.08) & (cover < 0.92)).mean()) / max(float((cover > 0.5).mean()), 1e-6)
    doubt = "most of it is grey, neither subject nor background; paint the subject white, the rest black"
    return _at_least_a_place(1 - _ramp(soft, *_GREY)), doubt


def _off_edge(fit: Fit | None, size: PixelSize) -> tuple[float, str]:
    """How far the outline lies on edges of the photograph; nothing is held against one that is at the frame alone."""
    if fit is None:
        return 1.0, ""
    held = min(_ramp(fit.score, *_SCORE), _ramp(fit.here / max(fit.beside, 1e-6), *_OVER_CHANCE))
    where = _beside(fit, size)
    doubt = f"its outline does not run along edges of the photograph{where}; paint along the subject's edge"
    return _at_least_a_place(held), doubt


def _at_least_a_place(share: float) -> float:
    return _PLACE + (1 - _PLACE) * share


def _beside(fit: Fit, size: PixelSize) -> str:
    """Where the mask would fit, in words."""
    if fit.best < _CLEARLY_BETTER * fit.here or fit.best < _OVER_CHANCE[1] * fit.beside:
        return ""
    right, down = round(fit.away[0] * size.width), round(fit.away[1] * size.height)
    ways = [(right, "right"), (-right, "left"), (down, "down"), (-down, "up")]
    told = [f"{px} px further {way}" for px, way in ways if px > 0]
    return f"; it fits better {' and '.join(told)}" if told else ""


def _ramp(value: float, low: float, high: float) -> float:
    return float(np.clip((value - low) / (high - low), 0, 1))
