"""The atmospheres that a motion asks for, put into a hero."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from firstframe.animation.engines import ClipRequest
from firstframe.animation.envelope import Envelope
from firstframe.core.errors import InvalidInput
from firstframe.core.media import HeroPicture
from firstframe.core.motion import Air, Atmosphere, Motion, Repeat
from firstframe.imaging.air.base import Medium, Place
from firstframe.imaging.air.dust import Dust

_MEDIA: Mapping[Atmosphere, Callable[[Place], Medium]] = {
    Atmosphere.DUST: Dust,
}


def check_airs(motion: Motion) -> None:
    """Refuses an atmosphere that this engine does not have.

    Raises:
        InvalidInput: There is one.
    """
    for index, air in enumerate(motion.airs):
        if air.kind not in _MEDIA:
            known = ", ".join(kind.value for kind in _MEDIA)
            raise InvalidInput.at(f"motion.airs[{index}].kind", f"{air.kind.value} is not there", f"use {known}")


def media_of(request: ClipRequest, hero: HeroPicture, envelope: Envelope, duration_s: float) -> Sequence[Medium]:
    """What is in the air of a clip.

    Args:
        request: What is asked for.
        hero: The hero as it is animated.
        envelope: Of that hero.
        duration_s: Length of the whole motion.
    """
    return [_MEDIA[air.kind](_place(request, air, hero, envelope, duration_s)) for air in request.motion.airs]


def repeats(motion: Motion) -> bool:
    """Whether the last frame joins the first."""
    return motion.repeat is not Repeat.ONCE


def _place(request: ClipRequest, air: Air, hero: HeroPicture, envelope: Envelope, duration_s: float) -> Place:
    return Place(
        hero=hero.image,
        focal_px=envelope.stage.focal_px,
        subject_m=envelope.stage.subject_m,
        depths_m=tuple(extent.depth_m for extent in envelope.extents),
        surfaces=(),
        frame_rate=float(request.frame_rate),
        duration_s=duration_s,
        repeats=repeats(request.motion),
        seed=request.seed,
        amount=air.amount,
        direction_deg=air.direction_deg,
        regions=None,
    )
