"""Where pixels may move or change light because it was asked for."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from firstframe.core.media import HeroPicture, PixelSize
from firstframe.core.motion import Air, Atmosphere
from firstframe.imaging.drift.asked import Asked
from firstframe.imaging.drift.miniature import Floats, Seen

SWAYING = {
    Atmosphere.WATER: ("water", "sea", "pool"),
    Atmosphere.FOLIAGE: ("plant", "leaf", "leaves", "grass", "branch", "foliage", "twig"),
    Atmosphere.CLOTH: ("cloth", "curtain", "fabric", "drape"),
    Atmosphere.CLOUDS: ("sky", "cloud"),
}
"""Airs that move a part of the picture itself, and what that part is called."""
LIGHTS = frozenset({Atmosphere.LIGHT_SWEEP, Atmosphere.CAUSTICS, Atmosphere.FLICKER, Atmosphere.MIST})
"""Airs that change light."""
PARTICLES = frozenset({Atmosphere.DUST, Atmosphere.RAIN, Atmosphere.SNOW})
"""Airs that draw small things over the picture."""
_ROOM = 0.06
"""Share of the longer side by which a region is widened, since the camera moves too."""


@dataclass(frozen=True, slots=True, eq=False)
class Moving:
    """What may move."""

    region: Floats | None
    """Where, shape (h, w), 0 to 1, for airs that are bound to a place; None for nowhere."""
    everywhere: bool
    """Whether an air moves a part of the picture of which nothing is known."""
    subject: bool
    """Whether an effect or an air moves the subject."""
    background: bool
    """Whether an air moves the background."""

    def still(self, seen: Seen) -> Floats:
        """Where nothing but the camera ought to move, shape (h, w), 0 to 1."""
        rest = np.ones_like(seen.known)
        if self.region is not None:
            rest = rest * (1 - self.region)
        if self.subject:
            rest = rest * (1 - np.minimum(_wide(seen.subject), 1))
        if self.background:
            rest = rest * seen.subject
        return np.asarray(rest, np.float32)


def moving_of(hero: HeroPicture, asked: Asked, size: PixelSize) -> Moving:
    """What may move in a clip.

    Args:
        hero: The still, with its objects where they are known.
        asked: What was asked.
        size: Of small frames.
    """
    swaying = [air for air in asked.airs if air.kind in SWAYING]
    masks = [mask for air in swaying if (mask := _mask(hero, air, size)) is not None]
    lost = [air for air in swaying if air.region not in ("subject", "background") and _mask(hero, air, size) is None]
    return Moving(
        region=np.maximum.reduce(masks) if masks else None,
        everywhere=bool(lost),
        subject=asked.effect is not None or any(air.region == "subject" for air in swaying),
        background=any(air.region == "background" for air in swaying),
    )


def _mask(hero: HeroPicture, air: Air, size: PixelSize) -> Floats | None:
    """Where an object of the hero is that an air is bound to, with room around it."""
    if hero.objects is None:
        return None
    wanted = (air.region,) if air.region else SWAYING[air.kind]
    numbers = [
        index + 1 for index, name in enumerate(hero.object_names) if any(word in name.lower() for word in wanted)
    ]
    if air.region == "sky" or (not air.region and air.kind is Atmosphere.CLOUDS):
        numbers.append(0)
    inside = np.isin(hero.objects, numbers).astype(np.float32)
    if not inside.any():
        return None
    small = np.asarray(cv2.resize(inside, (size.width, size.height), interpolation=cv2.INTER_AREA), np.float32)
    return _wide(small)


def _wide(mask: Floats) -> Floats:
    reach = max(round(_ROOM * max(mask.shape)), 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return np.asarray(cv2.dilate(mask, kernel), np.float32)
