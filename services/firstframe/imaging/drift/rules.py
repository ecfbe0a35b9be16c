"""The rules: of each measure when it is made, its limits, its words, and what to do about it."""

from __future__ import annotations

from firstframe.core.motion import Atmosphere, EffectKind
from firstframe.core.verdict import Limits
from firstframe.imaging.drift.moving import CROSSING, PARTICLES
from firstframe.imaging.drift.rule import (
    ANOTHER_SEED,
    CAMERA,
    OF_FRAME,
    PLACE,
    Case,
    Rule,
    changing_light,
)


def _always(_case: Case) -> str:
    return ""


def _when_moving(case: Case) -> str:
    """Measures of the asked way need one."""
    if not case.figures.judged_way:
        return "It is not known which way the camera was asked to go"
    return "The camera was asked to stand still" if case.rested else ""


def _when_rested(case: Case) -> str:
    if not case.figures.judged_way:
        return "It is not known which way the camera was asked to go"
    return "" if case.rested else "The camera was asked to move"


def _when_airs(case: Case) -> str:
    if not case.asked.airs or not case.rested:
        return "Only for a camera that stands still in moving air"
    return ""


def _when_exact(case: Case) -> str:
    return _when_moving(case) or ("" if case.asked.exact else "A learned model chooses its own speed along the way")


def _when_steady_subject(case: Case) -> str:
    if case.moving.subject:
        return "The subject was asked to move by itself"
    return _when_places_known(case)


def _when_places_known(case: Case) -> str:
    return "Something was asked to move of which is not known where it is" if case.moving.everywhere else ""


def _when_nobody_moves(case: Case) -> str:
    """Who moves looks like a shifted copy of the hero."""
    return "People were asked to move, which their effect scores by itself" if case.asked.effect else ""


def _when_nobody_crosses(case: Case) -> str:
    """Who crosses the picture is taken for the camera."""
    crossing = case.asked.effect in CROSSING
    return "People were asked to cross the picture, which their effect scores by itself" if crossing else ""


def _when_edges_rest(case: Case) -> str:
    return "The portrait was asked to breathe, down to its edge" if case.asked.effect is EffectKind.HERITAGE else ""


def _when_background(case: Case) -> str:
    return "The background was asked to move by itself" if case.moving.background else _when_places_known(case)


def _when_light_is_even(case: Case) -> str:
    return changing_light(case.asked.airs)


def _when_colour_holds(case: Case) -> str:
    if case.asked.effect is EffectKind.HERITAGE:
        return "An old photograph may be mended on the way, which changes its colours"
    if case.airs(PARTICLES - {Atmosphere.DUST}):
        return "Something was asked to fall that veils the picture"
    return _when_light_is_even(case)


def _limits(good: float, bad: float, unit: str, digits: int = 2, *, high: bool = False) -> Limits:
    return Limits(good, bad, unit, digits, higher_is_better=high)


RULES: tuple[Rule, ...] = (
    Rule(
        "first-frame",
        "First frame",
        _limits(1.0, 2.0, "ΔE00", 1),
        _limits(5.0, 9.0, "ΔE00", 1),
        lambda case: case.figures.first,
        "The first frame is {number} from the hero",
        "make the clip again from this hero; its colours were changed on the way",
        _always,
    ),
    Rule(
        "framing",
        "Framing",
        _limits(0.1, 0.2, OF_FRAME),
        _limits(0.6, 1.2, OF_FRAME),
        lambda case: case.figures.way.first_off,
        "In the first frame places are {number} away from where the hero has them",
        "make the clip at the hero's own size and ratio, without a crop",
        _always,
    ),
    Rule(
        "motion-amount",
        "Amount of motion",
        _limits(80.0, 60.0, "% of the asked", 0, high=True),
        _limits(40.0, 20.0, "% of the asked", 0, high=True),
        lambda case: case.figures.way.amount,
        "The camera went {number}",
        "ask for a stronger move or another seed; a clip that stands still is no clip",
        _when_moving,
    ),
    Rule(
        "motion-direction",
        "Direction of motion",
        _limits(20.0, 40.0, "°", 0),
        _limits(45.0, 70.0, "°", 0),
        lambda case: case.figures.way.angle_deg,
        "The camera's way is {number} off the asked one",
        "use another seed, or say the move in the prompt",
        _when_moving,
        filmed=_limits(40.0, 60.0, "°", 0),
    ),
    Rule(
        "motion-path",
        "Speed along the way",
        _limits(0.25, 0.5, OF_FRAME),
        _limits(1.0, 2.0, OF_FRAME),
        lambda case: case.figures.way.off.value,
        "The camera is at most {number} from where it was asked to be",
        "use less motion; the engine did not hold its speed",
        _when_exact,
        lambda case: case.figures.way.off.time_s,
        slackens=CAMERA,
        filmed=_limits(1.2, 2.0, OF_FRAME),
    ),
    Rule(
        "rest",
        "Camera at rest",
        _limits(0.1, 0.2, OF_FRAME),
        _limits(0.4, 0.8, OF_FRAME),
        lambda case: case.figures.way.reach,
        "A camera that was to stand still moved by {number}",
        "use another seed, or say in the prompt that the camera does not move",
        _when_rested,
        slackens=CAMERA,
    ),
    Rule(
        "air",
        "Air in motion",
        _limits(0.1, 0.05, "levels", 2, high=True),
        _limits(0.1, 0.05, "levels", 2, high=True),
        lambda case: case.figures.liveliness,
        "From frame to frame the liveliest places change by {number}",
        "ask for more air; nothing is seen to move",
        _when_airs,
    ),
    Rule(
        "freeze",
        "Standstill",
        _limits(0.25, 0.4, "s"),
        _limits(0.5, 1.0, "s"),
        lambda case: case.figures.way.frozen.seconds,
        "The picture stands still for {number} while it was asked to move",
        ANOTHER_SEED,
        _when_moving,
        lambda case: case.figures.way.frozen.ended_s,
    ),
    Rule(
        "jump",
        "Jumps",
        _limits(0.1, 0.18, OF_FRAME),
        _limits(0.4, 0.8, OF_FRAME),
        lambda case: case.figures.way.jump.value,
        "From one frame to the next the camera jumps by up to {number}",
        ANOTHER_SEED,
        _when_nobody_crosses,
        lambda case: case.figures.way.jump.time_s,
        slackens=CAMERA,
        filmed=_limits(0.15, 0.3, OF_FRAME),
    ),
    Rule(
        "cut",
        "Another picture",
        _limits(4.0, 10.0, "% of the picture", 0),
        _limits(12.0, 25.0, "% of the picture", 0),
        lambda case: case.figures.lost.value,
        "At most {number} is no longer what the hero shows",
        ANOTHER_SEED,
        _when_places_known,
        lambda case: case.figures.lost.time_s,
        slackens=PLACE,
        filmed=_limits(8.0, 16.0, "% of the picture", 0),
    ),
    Rule(
        "background-drift",
        "Background",
        _limits(0.08, 0.15, OF_FRAME),
        _limits(0.6, 1.2, OF_FRAME),
        lambda case: case.figures.background.value,
        "The background moves by up to {number} that no camera explains",
        ANOTHER_SEED,
        _when_background,
        lambda case: case.figures.background.time_s,
        slackens=PLACE,
        filmed=_limits(1.6, 2.5, OF_FRAME),
    ),
    Rule(
        "morph",
        "Shape of the subject",
        _limits(0.08, 0.15, OF_FRAME),
        _limits(0.6, 1.2, OF_FRAME),
        lambda case: case.figures.subject.value,
        "The subject bends by up to {number}",
        ANOTHER_SEED,
        _when_steady_subject,
        lambda case: case.figures.subject.time_s,
        slackens=PLACE,
        filmed=_limits(0.25, 0.4, OF_FRAME),
    ),
    Rule(
        "wobble",
        "Wobble",
        _limits(0.06, 0.09, OF_FRAME, 3),
        _limits(0.12, 0.2, OF_FRAME, 3),
        lambda case: case.figures.wobble,
        "Parts tremble against each other by {number}",
        ANOTHER_SEED,
        _when_places_known,
        slackens=PLACE,
        filmed=_limits(0.15, 0.25, OF_FRAME, 3),
    ),
    Rule(
        "subject-identity",
        "Likeness of the subject",
        _limits(95.0, 91.0, "%", 0, high=True),
        _limits(75.0, 60.0, "%", 0, high=True),
        lambda case: None if case.figures.unlike.value is None else 100 - case.figures.unlike.value,
        "The subject keeps at least {number} of its structure",
        ANOTHER_SEED,
        _when_steady_subject,
        lambda case: case.figures.unlike.time_s,
        slackens=PLACE,
        filmed=_limits(91.0, 87.0, "%", 0, high=True),
    ),
    Rule(
        "ghosting",
        "Double edges",
        _limits(13.0, 18.0, "%", 0),
        _limits(25.0, 40.0, "%", 0),
        lambda case: case.figures.echo.value,
        "A shifted copy of the picture shows with {number} of its strength",
        ANOTHER_SEED,
        _when_nobody_moves,
        lambda case: case.figures.echo.time_s,
        slackens=PLACE,
    ),
    Rule(
        "flicker",
        "Flicker",
        _limits(0.15, 0.3, "L*"),
        _limits(0.5, 1.0, "L*"),
        lambda case: case.figures.flicker,
        "Light flickers by {number}",
        "use another seed, or steady the clip afterwards",
        _when_light_is_even,
        slackens=PLACE,
    ),
    Rule(
        "colour-drift",
        "Colour",
        _limits(0.12, 0.25, "ΔE00 per second"),
        _limits(0.5, 1.0, "ΔE00 per second"),
        lambda case: case.figures.colour_slope,
        "Colours drift by {number}",
        "use less motion or a shorter clip, and match colours to the hero afterwards",
        _when_colour_holds,
    ),
    Rule(
        "edge-intrusion",
        "Edges",
        _limits(6.0, 12.0, "% of an edge", 0),
        _limits(15.0, 30.0, "% of an edge", 0),
        lambda case: case.figures.edge.value,
        "At most {number} is black, frozen or smeared, at the {side} edge",
        "use less motion, or a hero with more bleed",
        _when_edges_rest,
        lambda case: case.figures.edge.time_s,
        filmed=_limits(12.0, 24.0, "% of an edge", 0),
    ),
)
"""Every measure; docs/drift.md has the distributions that their limits come from."""
