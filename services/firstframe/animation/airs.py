"""The atmospheres that a motion asks for, put into a hero."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from firstframe.animation.engines import ClipRequest
from firstframe.animation.envelope import Envelope
from firstframe.core.media import Finding, HeroPicture, Severity
from firstframe.core.motion import Air, Atmosphere, FlickerLight, Repeat
from firstframe.core.regions import own_region
from firstframe.imaging.air.base import Floats, Medium, Place
from firstframe.imaging.air.caustics import Caustics
from firstframe.imaging.air.clouds import Clouds
from firstframe.imaging.air.dust import Dust
from firstframe.imaging.air.flicker import Flicker
from firstframe.imaging.air.mist import Mist
from firstframe.imaging.air.neon import Neon
from firstframe.imaging.air.rain import Rain
from firstframe.imaging.air.regions import spread
from firstframe.imaging.air.snow import Snow
from firstframe.imaging.air.surfaces import surfaces
from firstframe.imaging.air.sway import Cloth, Foliage
from firstframe.imaging.air.sweep import LightSweep
from firstframe.imaging.air.water import Water
from firstframe.imaging.air.whereabouts import Whereabouts, drawn, known_regions, named, whereabouts

LIGHTS: Mapping[FlickerLight, Callable[[Place], Medium]] = {FlickerLight.FLAME: Flicker, FlickerLight.NEON: Neon}
"""What flickers."""
MEDIA: Mapping[Atmosphere, Callable[[Place], Medium]] = {
    Atmosphere.DUST: Dust,
    Atmosphere.MIST: Mist,
    Atmosphere.RAIN: Rain,
    Atmosphere.SNOW: Snow,
    Atmosphere.LIGHT_SWEEP: LightSweep,
    Atmosphere.CAUSTICS: Caustics,
    Atmosphere.WATER: Water,
    Atmosphere.FOLIAGE: Foliage,
    Atmosphere.CLOTH: Cloth,
    Atmosphere.FLICKER: lambda place: LIGHTS[place.light](place),
    Atmosphere.CLOUDS: Clouds,
}
"""All of them."""


class Airs:
    """What is in the air of a clip.

    Args:
        request: What is asked for.
        hero: The hero as it is animated.
    """

    def __init__(self, request: ClipRequest, hero: HeroPicture) -> None:
        self._request, self._hero = request, hero
        masks = (*request.masks, *[None] * len(request.motion.airs))
        self.masks = tuple(
            drawn(air.kind, air.region, request.hero) if mask is None else mask
            for air, mask in zip(request.motion.airs, masks, strict=False)
        )
        """What the owner has drawn for each; None where nothing is."""
        self._found = [
            (air, _where(air, whereabouts(air.kind, air.region, mask, request.hero), request.hero))
            for air, mask in zip(request.motion.airs, self.masks, strict=True)
        ]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Atmospheres that are left out, since their place was not found, and those whose place was found by looking."""
        told = [_told(own_region(air.kind), found) for air, found in self._found]
        return tuple(finding for finding in told if finding is not None)

    @property
    def repeats(self) -> bool:
        """Whether the last frame joins the first."""
        return self._request.motion.repeat is not Repeat.ONCE

    def media(self, envelope: Envelope, duration_s: float) -> Sequence[Medium]:
        """The atmospheres, ready for a clip.

        Args:
            envelope: Of the hero.
            duration_s: Length of the whole motion.
        """
        self._focal = envelope.stage.focal_px
        return [
            MEDIA[air.kind](self._place(index, air, found, envelope, duration_s))
            for index, (air, found) in enumerate(self._found)
            if not found.missing
        ]

    @cached_property
    def _surfaces(self) -> tuple[Floats, ...]:
        return surfaces(self._hero, self._focal)

    def _place(self, index: int, air: Air, found: Whereabouts, envelope: Envelope, duration_s: float) -> Place:
        regions = None
        if found.levels is not None:
            regions = spread(found.levels, self._hero, subject_too=found.subject_too)
        return Place(
            hero=self._hero.image,
            focal_px=self._focal,
            subject_m=envelope.stage.subject_m,
            depths_m=tuple(extent.depth_m for extent in envelope.extents),
            surfaces=self._surfaces,
            frame_rate=float(self._request.frame_rate),
            duration_s=duration_s,
            repeats=self.repeats,
            seed=self._seed(index, air.kind),
            amount=air.amount,
            direction_deg=air.direction_deg,
            regions=regions,
            within=found.levels,
            light=air.light,
        )

    def _seed(self, index: int, kind: Atmosphere) -> int:
        """The clip's; that of a second atmosphere of a kind is another one."""
        before = sum(air.kind is kind for air, _ in self._found[:index])
        return self._request.seed + (before << 32)


def _told(kind: str, found: Whereabouts) -> Finding | None:
    if found.missing:
        return Finding(Severity.WARNING, "AIR_NOT_PLACED", f"{kind.replace('-', ' ')} is left out: {found.missing}")
    if found.sure is None or found.levels is None:
        return None
    share = f"{100 * float(found.levels.mean()):.0f} % of the picture"
    text = (
        f"{kind}: found by looking, {share}, confidence {found.sure:.2f}; draw the region `{kind}` where that is wrong"
    )
    return Finding(Severity.INFO, "AIR_FOUND", text)


def _where(air: Air, found: Whereabouts, hero: HeroPicture) -> Whereabouts:
    """A region that a hero does not have, told with those that it has."""
    if not air.region or named(air.region, hero):
        return found
    return Whereabouts(None, missing=f"{air.region!r} is not in this hero, which has {', '.join(known_regions(hero))}")
