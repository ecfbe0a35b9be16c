"""Which planes of depth a still has: foreground, midground, background."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firstframe.core.media import LayerPictures, LayerRole, PixelSize
from firstframe.imaging.preflight.colour import Floats, delta_e
from firstframe.imaging.preflight.outline import Mask

_LEAST = {"foreground": 0.005, "midground": 0.005, "background": 0.1}
"""Share of the frame from which a plane is seen."""
_GROUND_ROWS = 0.05
"""Rows of ground in front of the subject, as a share of the height, that make a foreground."""
_CONTACT = 3.0
"""Steps of L* by which a subject darkens the ground that it stands on, at least."""
_HORIZON = 5.0
"""CIEDE2000 between the bottom and the top of a picture from which they are two surfaces, or one in falling light."""


@dataclass(frozen=True, slots=True, eq=False)
class Planes:
    """Where each plane is seen, 0 to 1, shape (h, w)."""

    foreground: Floats
    midground: Floats
    background: Floats

    @property
    def shares(self) -> dict[str, float]:
        """Share of the frame that each plane has."""
        return {name: float(getattr(self, name).mean()) for name in _LEAST}

    @property
    def present(self) -> tuple[str, ...]:
        """Planes that are seen, from near to far."""
        shares = self.shares
        return tuple(name for name, least in _LEAST.items() if shares[name] >= least)


def planes_of_layers(layers: LayerPictures, size: PixelSize) -> Planes:
    """What is seen of each layer; the subject belongs to the midground."""
    bleed = layers.bleed_px
    frame = np.s_[bleed : bleed + size.height, bleed : bleed + size.width, 3]
    open_: Floats = np.ones((size.height, size.width), np.float32)
    seen = {name: np.zeros_like(open_) for name in _LEAST}
    for layer in reversed(layers.layers):
        cover = layer.rgba[frame].astype(np.float32) / np.float32(255)
        seen[_plane(layer.role)] += open_ * cover
        open_ = open_ * (1 - cover)
    return Planes(seen["foreground"], seen["midground"], seen["background"])


def _plane(role: LayerRole) -> str:
    return "midground" if role is LayerRole.SUBJECT else role.value


def planes_of_picture(lab: Floats, matte: Floats | None) -> Planes:
    """An estimate from a picture alone: the subject, the ground in front of it, and everything else.

    There is ground in front where the picture goes on below the subject's foot and something tells that it is ground: it
    darkens where the subject stands on it, or the picture's bottom is another surface than its top.

    Args:
        lab: CIE Lab, shape (h, w, 3).
        matte: 0 to 1, shape (h, w); None when there is no subject.
    """
    nothing: Floats = np.zeros(lab.shape[:2], np.float32)
    if matte is None or not (matte > 0.5).any():
        return Planes(nothing, nothing, nothing + 1)
    foot = int(np.flatnonzero((matte > 0.5).any(axis=1))[-1]) + 1
    front: Floats = nothing.copy()
    if lab.shape[0] - foot >= _GROUND_ROWS * lab.shape[0] and _is_ground(lab, matte > 0.5, foot):
        front[foot:] = 1 - matte[foot:]
    return Planes(front, matte, np.asarray(1 - matte - front, np.float32))


def _is_ground(lab: Floats, mask: Mask, foot: int) -> bool:
    return _contact(lab[..., 0], mask, foot) >= _CONTACT or _horizon(lab, mask) >= _HORIZON


def _contact(lightness: Floats, mask: Mask, foot: int) -> float:
    """How much darker the ground is right below the subject than further down."""
    rows = max((lightness.shape[0] - foot) // 4, 1)
    columns = np.flatnonzero(mask[max(foot - rows, 0) : foot].any(axis=0))
    below = lightness[foot:, columns]
    return float(np.median(below[-rows:]) - np.median(below[:rows]))


def _horizon(lab: Floats, mask: Mask) -> float:
    rows = max(lab.shape[0] // 12, 1)
    parts = [lab[where][~mask[where]] for where in (np.s_[:rows], np.s_[-rows:])]
    if not all(len(part) for part in parts):
        return 0.0
    top, bottom = (np.median(part, axis=0).astype(np.float32) for part in parts)
    return float(delta_e(top, bottom))
