"""What a motion recipe does, in words and numbers; and what is different between two.

The numbers are those of a hero with room for everything: what happens to its subject is the same on every hero whose envelope
does not limit the move.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass

from firstframe.core.motion import Air, CameraPhase, Ease, Effect, FlickerLight, Motion, Repeat
from firstframe.core.recipe_trees import word
from firstframe.core.recipes import Recipe
from firstframe.imaging.camera import Pose, Similarity, focal_px, similarity
from firstframe.imaging.moves import Stage
from firstframe.imaging.path import CameraPath, Obstacle
from firstframe.imaging.solving import solved

SECONDS = 4.0
"""Length of the clip that the numbers are of."""
MOMENTS = (0.0, 0.25, 0.5, 0.75, 1.0)
_WIDTH, _HEIGHT, _FOV_DEG, _SUBJECT_M, _BACKGROUND_M = 1600, 900, 40.0, 2.0, 6.0
_STAGE = Stage(_WIDTH, _HEIGHT, focal_px(_WIDTH, _FOV_DEG), _SUBJECT_M, 0.0, 0.0, _BACKGROUND_M)
_REPEATS = {
    Repeat.ONCE: "once",
    Repeat.LOOP: "a loop without a seam",
    Repeat.PING_PONG: "there and back, the last frame joins the first",
}
_DOES = (("grows", "shrinks"), ("goes right", "goes left"), ("goes up", "goes down"))
_WORTH = 0.15
"""Per cent of the frame that are worth a word."""
_EASES = {Ease.SMOOTH: "", Ease.LINEAR: " at one speed", Ease.IN: " gathering speed", Ease.OUT: " coming to rest"}


@dataclass(frozen=True, slots=True)
class Moment:
    """What has happened at a moment."""

    at: float
    """Share of the clip's time."""
    larger: float
    """By which the subject has grown, per cent of its size."""
    right: float
    """How far the subject has moved, per cent of the frame's width."""
    up: float
    """The same, per cent of the height."""
    behind_larger: float
    behind_right: float
    behind_up: float
    """The same of a background three times as far away."""


class _Boundless:
    """Room for every move."""

    stage = _STAGE

    def zoom_for(self, at: Pose) -> float:  # noqa: ARG002
        return 1.0

    def most_zoom(self, move: object) -> float:  # noqa: ARG002
        return 1.0

    def obstacle(self, at: Pose) -> Obstacle | None:  # noqa: ARG002
        return None


def moments(recipe: Recipe) -> list[Moment]:
    """The path of a recipe's camera."""
    path = solved(_Boundless(), recipe.motion, SECONDS, recipe.seed or 0)
    return [_moment(path, at) for at in MOMENTS]


def described(recipe: Recipe) -> dict[str, str]:
    """What a recipe does, by aspect."""
    motion = recipe.motion
    told = {
        "camera": ", then ".join(_phases(motion)),
        "amount": _amount(motion),
        "path": _path_words(moments(recipe)),
        "airs": ", ".join(map(_air, motion.airs)) or "clear",
        "repeat": _REPEATS[motion.repeat],
        "effect": _effect(motion.effect) if motion.effect else "",
        "seed": "the brief's" if recipe.seed is None else f"{recipe.seed}, its own",
    }
    return {aspect: words for aspect, words in told.items() if words}


def differences(one: Recipe, other: Recipe) -> dict[str, tuple[str, str]]:
    """What both do where it is not the same, by aspect; empty for the same motion."""
    first, second = described(one), described(other)
    aspects = dict.fromkeys((*first, *second))
    pairs = {aspect: (first.get(aspect, "none"), second.get(aspect, "none")) for aspect in aspects}
    return {aspect: pair for aspect, pair in pairs.items() if pair[0] != pair[1]}


def farthest(one: list[Moment], other: list[Moment]) -> float:
    """How far two paths are apart at most, per cent of the frame."""
    apart: list[float] = []
    for before, after in zip(one, other, strict=True):
        apart += [abs(a - b) for a, b in zip(astuple(before), astuple(after), strict=True)]
    return max(apart)


def _moment(path: CameraPath, at: float) -> Moment:
    pose = path.pose_at(at)
    subject = similarity(pose, _SUBJECT_M, _STAGE.focal_px)
    behind = similarity(pose, _BACKGROUND_M, _STAGE.focal_px)
    return Moment(at, *_placed(subject), *_placed(behind))


def _placed(view: Similarity) -> tuple[float, float, float]:
    """By how much a layer has grown and moved to the right and up, per cent."""
    x, y = view.seen_at(0, 0)
    return _rounded(view.scale - 1), _rounded(x / _WIDTH), _rounded(-y / _HEIGHT)


def _rounded(share: float) -> float:
    """Per cent, without a minus before nothing."""
    return round(100 * share, 2) + 0.0


def _path_words(path: list[Moment]) -> str:
    subject = [(item.larger, item.right, item.up) for item in path]
    slip = [
        (item.behind_larger - item.larger, item.behind_right - item.right, item.behind_up - item.up) for item in path
    ]
    against = _most_words(slip)
    background = f"; the background {against} against it" if against else ""
    return f"the subject {_most_words(subject) or 'stays where it is'}{background}"


def _most_words(path: list[tuple[float, float, float]]) -> str:
    """The most of each direction that is worth a word."""
    most = [max((item[axis] for item in path), key=abs) for axis in range(3)]
    told = [f"{_DOES[axis][much < 0]} by {abs(much):.1f} %" for axis, much in enumerate(most) if abs(much) >= _WORTH]
    return " and ".join(told)


def _phases(motion: Motion) -> Iterator[str]:
    begin = 0.0
    for phase in motion.phases:
        end = begin + phase.share
        over = f" over {100 * begin:.0f}–{100 * end:.0f} %" if len(motion.phases) > 1 else ""
        yield f"{_phase(phase)}{over}"
        begin = end


def _phase(phase: CameraPhase) -> str:
    share = "" if phase.amount == 1 else f" {phase.amount:g}"
    how = f" through {len(phase.keys)} keys" if phase.keys else _EASES[phase.ease]
    return f"{word(phase.move)}{share}{how}"


def _amount(motion: Motion) -> str:
    return f"{motion.speed:g} % of the frame per second" if motion.speed else f"strength {motion.strength:g} of 1"


def _air(air: Air) -> str:
    towards = "" if air.direction_deg is None else f" towards {air.direction_deg:g}°"
    where = f" on {air.region}" if air.region else ""
    what = word(air.kind) if air.light is FlickerLight.FLAME else f"{word(air.light)} {word(air.kind)}"
    return f"{what} {air.amount:g}{towards}{where}"


def _effect(effect: Effect) -> str:
    if effect.heritage is None:
        return f"{word(effect.kind)}{f' along {effect.track}' if effect.track else ''}"
    own = effect.heritage
    restored = ", restored" if own.restore else ""
    return (
        f"{word(effect.kind)}: {own.blinks} blinks, head turned {own.turn_deg:g}° and tilted {own.tilt_deg:g}°,"
        f" breath {own.breath:g}{restored}"
    )
