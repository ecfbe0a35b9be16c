"""Where pixels may move or change light because it was asked for."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from firstframe.core.media import HeroPicture, LayerRole, PixelSize
from firstframe.core.motion import Atmosphere, EffectKind
from firstframe.imaging.air.whereabouts import whereabouts
from firstframe.imaging.drift.asked import Asked
from firstframe.imaging.drift.miniature import Floats, Seen

SWAYING = frozenset({Atmosphere.WATER, Atmosphere.FOLIAGE, Atmosphere.CLOTH, Atmosphere.CLOUDS})
"""Airs that move a part of the picture itself."""
LIGHTS = frozenset({Atmosphere.LIGHT_SWEEP, Atmosphere.CAUSTICS, Atmosphere.FLICKER, Atmosphere.MIST})
"""Airs that change light."""
PARTICLES = frozenset({Atmosphere.DUST, Atmosphere.RAIN, Atmosphere.SNOW})
"""Airs that draw small things over the picture."""
CROSSING = (EffectKind.KISS, EffectKind.HUG)
"""Effects in which people cross so much of the picture that what is left of it tells nothing; they score themselves."""
_REACH = 0.2
"""Share of the longer side that a dancer's arms and legs go beyond where they are in the hero."""
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
    reaching: bool = False
    """Whether the subject's arms and legs go far beyond where it stands in the hero."""
    aired: bool = False
    """Whether light or things in the air pass over the picture, or it moves in places that are not known."""

    def still(self, seen: Seen) -> Floats:
        """Where nothing but the camera ought to move, shape (h, w), 0 to 1."""
        rest = np.ones_like(seen.known)
        if self.region is not None:
            rest = rest * (1 - self.region)
        if self.subject:
            around = _far(seen.subject) if self.reaching else _wide(seen.subject)
            rest = rest * (1 - np.minimum(around, 1))
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
    owners = asked.masks or (None,) * len(asked.airs)
    swaying = [(air, mask) for air, mask in zip(asked.airs, owners, strict=True) if air.kind in SWAYING]
    layers = {air.region for air, mask in swaying if mask is None and air.region in ("subject", "background")}
    places = [
        whereabouts(air.kind, air.region, mask, hero).levels
        for air, mask in swaying
        if mask is not None or air.region not in layers
    ]
    known = [_small_mask(place, size) for place in places if place is not None]
    # An engine that draws airs itself moves nothing where it finds no place for them; a learned model may all the same.
    lost = len(known) < len(places) and not asked.exact
    everywhere = lost or asked.effect in CROSSING or (bool(asked.effect) and not _has_subject(hero))
    passing = any(air.kind in LIGHTS | PARTICLES - {Atmosphere.DUST} for air in asked.airs)
    return Moving(
        region=np.asarray(np.maximum.reduce(known), np.float32) if known else None,
        everywhere=everywhere,
        subject=asked.effect is not None or "subject" in layers,
        background="background" in layers,
        reaching=asked.effect is EffectKind.DANCE,
        aired=everywhere or passing,
    )


def _has_subject(hero: HeroPicture) -> bool:
    layers = any(layer.role is LayerRole.SUBJECT for layer in hero.layers.layers)
    return layers or hero.matte is not None or hero.subject is not None


def _small_mask(levels: Floats, size: PixelSize) -> Floats:
    small = cv2.resize(levels, (size.width, size.height), interpolation=cv2.INTER_AREA)
    return _wide(np.asarray(small, np.float32))


def _far(mask: Floats) -> Floats:
    """Widened by how far a dancer reaches; in a rectangle, which is fast at any size."""
    reach = 2 * round(_REACH * max(mask.shape)) + 1
    return np.asarray(cv2.dilate(mask, np.ones((reach, reach), np.uint8)), np.float32)


def _wide(mask: Floats) -> Floats:
    reach = max(round(_ROOM * max(mask.shape)), 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return np.asarray(cv2.dilate(mask, kernel), np.float32)
