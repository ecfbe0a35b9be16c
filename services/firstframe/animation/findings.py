"""What a person should know about a clip's motion."""

from __future__ import annotations

from firstframe.animation.engines import ClipRequest
from firstframe.animation.envelope import CameraPath, Envelope, Limit, Obstacle
from firstframe.core.media import Finding, HeroPicture, Severity

_ADVICE = {
    Obstacle.BLEED: "use a hero with more bleed, a push, or less strength",
    Obstacle.CONFIDENCE: "give a matte or a depth map, or accept the smaller move",
    Obstacle.SUBJECT: "frame the subject with more room, or use less strength",
    Obstacle.SCALE: "use less strength",
    Obstacle.PARTING: "use less strength, or the engine scene, which renders every frame",
    Obstacle.TASTE: "make the clip shorter, or ask for less speed",
}
_PARTED = 0.06
"""Share of the frame from which a shadow is clearly seen to part from what casts it, on the generated sets."""
_NOTABLE = 0.7
"""Share of the asked strength below which a person should look."""


def of_take(request: ClipRequest, used: HeroPicture, path: CameraPath, envelope: Envelope) -> tuple[Finding, ...]:
    """Findings about a solved move.

    Args:
        request: What was asked.
        used: The hero as it is animated.
        path: The solved move.
        envelope: In which it was solved.
    """
    limited = [_limited(limit, path) for limit in path.limits]
    found = [
        _flattened(request.hero, used),
        _slowed(path),
        *limited,
        _zoomed(path),
        _parted(envelope, path),
    ]
    return tuple(finding for finding in found if finding is not None)


def _flattened(hero: HeroPicture, used: HeroPicture) -> Finding | None:
    if used is hero:
        return None
    text = f"the layers' confidence is {hero.layers.confidence:.2f}, so the picture moves as a whole; give a matte for depth"
    return Finding(Severity.INFO, "LAYERS_NOT_TRUSTED", text)


def _limited(limit: Limit, path: CameraPath) -> Finding:
    severity = Severity.INFO if limit.applied >= _NOTABLE * limit.asked else Severity.WARNING
    place = f", move {limit.phase + 1} of {len(path.legs)}" if len(path.legs) > 1 else ""
    name = limit.move.value.replace("_", " ") + place
    text = f"{name}: strength {limit.applied:.2f} of {limit.asked:.2f} was applied, since {limit.obstacle.value}"
    return Finding(severity, "MOTION_LIMITED", f"{text}; {_ADVICE[limit.obstacle]}")


def _slowed(path: CameraPath) -> Finding | None:
    if path.slowed is None:
        return None
    asked, possible = path.slowed
    severity = Severity.INFO if possible >= _NOTABLE * asked else Severity.WARNING
    text = f"speed {possible:.1f} of {asked:.1f} % of the frame per second is reached, since {Obstacle.TASTE.value}"
    return Finding(severity, "MOTION_LIMITED", f"{text}; {_ADVICE[Obstacle.TASTE]}")


def _zoomed(path: CameraPath) -> Finding | None:
    if path.zoom <= 1.0005:
        return None
    share = 100 * (path.zoom - 1)
    text = f"the camera zooms in by {share:.1f} % over the clip to make room for the move; more bleed would avoid it"
    return Finding(Severity.INFO, "ZOOM_ADDED", text)


def _parted(envelope: Envelope, path: CameraPath) -> Finding | None:
    share = envelope.parting(path)
    if share < _PARTED or any(limit.obstacle is Obstacle.PARTING for limit in path.limits):
        return None
    text = (
        f"shadows on the ground part from the subject by up to {100 * share:.0f} % of the frame: the background is flat"
    )
    return Finding(
        Severity.INFO, "SHADOWS_PART", f"{text}; use less strength, or the engine scene, which renders every frame"
    )
