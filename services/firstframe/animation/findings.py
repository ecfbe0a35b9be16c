"""What a person should know about a clip's motion."""

from __future__ import annotations

from firstframe.animation.engines import ClipRequest
from firstframe.animation.envelope import CameraPath, Obstacle
from firstframe.core.media import Finding, HeroPicture, Severity
from firstframe.core.motion import CameraMove

_ADVICE = {
    Obstacle.BLEED: "use a hero with more bleed, a push, or less strength",
    Obstacle.CONFIDENCE: "give a matte or a depth map, or accept the smaller move",
    Obstacle.SUBJECT: "frame the subject with more room, or use less strength",
    Obstacle.SCALE: "use less strength",
}
_NOTABLE = 0.7
"""Share of the asked strength below which a person should look."""


def of_take(request: ClipRequest, used: HeroPicture, path: CameraPath) -> tuple[Finding, ...]:
    """Findings about a solved move.

    Args:
        request: What was asked.
        used: The hero as it is animated.
        path: The solved move.
    """
    found = [_flattened(request.hero, used), _limited(request, path), _zoomed(path)]
    return tuple(finding for finding in found if finding is not None)


def _flattened(hero: HeroPicture, used: HeroPicture) -> Finding | None:
    if used is hero:
        return None
    text = f"the layers' confidence is {hero.layers.confidence:.2f}, so the picture moves as a whole; give a matte for depth"
    return Finding(Severity.INFO, "LAYERS_NOT_TRUSTED", text)


def _limited(request: ClipRequest, path: CameraPath) -> Finding | None:
    asked = request.motion.strength
    if path.obstacle is None or path.move is CameraMove.LOCKED or path.amount >= asked:
        return None
    severity = Severity.INFO if path.amount >= _NOTABLE * asked else Severity.WARNING
    name = path.move.value.replace("_", " ")
    text = f"{name}: strength {path.amount:.2f} of {asked:.2f} was applied, since {path.obstacle.value}"
    return Finding(severity, "MOTION_LIMITED", f"{text}; {_ADVICE[path.obstacle]}")


def _zoomed(path: CameraPath) -> Finding | None:
    if path.zoom <= 1.0005:
        return None
    share = 100 * (path.zoom - 1)
    text = f"the camera zooms in by {share:.1f} % over the clip to make room for the move; more bleed would avoid it"
    return Finding(Severity.INFO, "ZOOM_ADDED", text)
