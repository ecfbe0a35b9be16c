"""Checks of framing: room for the move, and what the move shows."""

from __future__ import annotations

import numpy as np

from firstframe.core.media import PixelRect, Rgb8
from firstframe.imaging.path import Obstacle
from firstframe.imaging.preflight.outline import Mask
from firstframe.imaging.preflight.room import Rehearsal, Room
from firstframe.preflight.drawing import AMBER, COLOURS, WHITE, Canvas, Colour
from firstframe.preflight.plan import ShotPlan
from firstframe.preflight.still import Still
from firstframe.preflight.verdict import Check, Limits, Verdict, not_made

ROOM = Limits(good=2.0, bad=0.0, unit="%")
"""Of the frame's shorter side, between the subject and the nearest edge at the closest moment. Below 0 the subject is cut; 2 is
twice what the animation keeps free (`SUBJECT_MARGIN`), so that a hand's breadth of air is left on a phone."""
MOVE = Limits(good=95.0, bad=50.0, unit="%", digits=0)
"""Of the planned move. Five per cent less is not seen; less than half is another feel than the recipe's."""

NO_SUBJECT = "no subject could be told apart"
POINT_AT_IT = "point at the subject with --focus, or install a matting model: firstframe models pull isnet-matting"
_STALK = 0.15
"""What leaves the frame is a stalk up to that share of the subject's extent along the edge."""
_WHERE = {"left": "on the left", "top": "at the top", "right": "on the right", "bottom": "at the bottom"}


def rehearsed(still: Still, plan: ShotPlan) -> Rehearsal:
    """The plan's motion on the still."""
    return Rehearsal(still.hero, plan.moves, plan.seconds)


def cropped_sides(still: Still) -> frozenset[str]:
    """Sides on which the subject may leave the frame: with a stalk, a cord or an arm, and a person below the chin."""
    if still.matte is None:
        return frozenset()
    body = still.matte > 0.5
    edges = {"left": body[:, 0], "right": body[:, -1], "top": body[0], "bottom": body[-1]}
    across = {"left": body.any(axis=1), "right": body.any(axis=1), "top": body.any(axis=0), "bottom": body.any(axis=0)}
    thin = {side for side, edge in edges.items() if 0 < edge.sum() <= _STALK * across[side].sum()}
    return frozenset(thin | _below_the_chin(still, edges))


def _below_the_chin(still: Still, edges: dict[str, Mask]) -> set[str]:
    """Sides on which a person's body leaves the frame, and the head does not."""
    if not still.faces.found:
        return set()
    chin = round(max(face.bottom for face in still.faces.found))
    sides = {side for side in ("left", "right") if edges[side][chin:].any() and not edges[side][:chin].any()}
    return sides | ({"bottom"} if edges["bottom"].any() and chin < still.image.shape[0] else set())


def edge_room(still: Still, plan: ShotPlan, move: Rehearsal) -> Check:
    """Room between the subject and the frame at the closest moment of the move."""
    name, title = "edge-room", "Room at the edges"
    if still.subject is None:
        return not_made(name, title, f"{NO_SUBJECT.capitalize()}, so its room is not known", POINT_AT_IT)
    box = still.subject
    room = move.room(box, free=cropped_sides(still))
    verdict = ROOM.judge(100 * room.share)
    return Check(
        name=name,
        title=title,
        verdict=verdict,
        says=_room_words(room, plan),
        advice="" if verdict is Verdict.PASS else _room_advice(room),
        number=100 * room.share,
        limits=ROOM,
        details={"side": room.side, "at_rest_percent": round(100 * room.at_rest, 2)},
        overlay=lambda: _room_picture(still, move, box, room, COLOURS[verdict]),
    )


def _room_words(room: Room, plan: ShotPlan) -> str:
    where = _WHERE[room.side]
    if room.at_rest <= 0:
        return f"The subject is cut {where} already before the camera moves"
    if room.share < 0:
        cut = ROOM.shown(-100 * room.share)
        return f"The {plan.motion_name} cuts the subject {where} by {cut} of the frame's shorter side"
    return (
        f"At the closest moment of the {plan.motion_name} {ROOM.shown(100 * room.share)} of the frame is free {where}"
    )


def _room_advice(room: Room) -> str:
    if room.at_rest <= 0:
        return "use a picture with more around the subject, or another format"
    away = {"left": "further right", "right": "further left", "top": "lower", "bottom": "higher"}[room.side]
    return f"frame the subject smaller or {away}, or choose a move with less strength"


def _room_picture(still: Still, move: Rehearsal, box: PixelRect, room: Room, colour: Colour) -> Rgb8:
    canvas = Canvas(still.image, 0.25)
    last = move.move.farthest
    if not _same(move):
        canvas.shade_outside(last, 0.6)
        canvas.frame(last, AMBER, 3)
        canvas.label("last frame", (last[0] + 14 / canvas.scale, last[3] - 30 / canvas.scale), AMBER, "lm")
    canvas.frame(box, colour, 4)
    start, end = _gap(box, last, room.side)
    canvas.line(start, end, colour, 5)
    middle = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    canvas.label(ROOM.shown(100 * room.share), middle, colour)
    return canvas.picture()


def _gap(box: PixelRect, window: tuple[float, float, float, float], side: str) -> tuple[tuple[float, float], ...]:
    """From the subject's edge to the frame's."""
    x, y = box.x + box.width / 2, box.y + box.height / 2
    left, top, right, bottom = window
    return {
        "left": ((box.x, y), (left, y)),
        "right": ((box.right, y), (right, y)),
        "top": ((x, box.y), (x, top)),
        "bottom": ((x, box.bottom), (x, bottom)),
    }[side]


_OBSTACLES = {
    Obstacle.BLEED: (
        "the picture ends",
        "use a push, a locked camera or less strength, or a picture with more around it",
    ),
    Obstacle.CONFIDENCE: ("its layers are only inferred", "give a matte or a depth map, or accept the smaller move"),
    Obstacle.SCALE: ("a layer would get soft", "use less strength"),
    Obstacle.SUBJECT: ("the subject would be cut", "frame the subject with more room"),
    Obstacle.PARTING: ("shadows part from what casts them", "use less strength, or the engine scene"),
    Obstacle.TASTE: ("it goes beyond good taste", "make the clip longer, or ask for less speed"),
}


def camera_move(still: Still, plan: ShotPlan, move: Rehearsal) -> Check:
    """How much of the planned move the picture can carry."""
    share = 100 * move.move.share
    verdict = MOVE.judge(share)
    why, advice = _OBSTACLES.get(move.move.obstacle or Obstacle.BLEED, ("", ""))
    limited = f"Only {MOVE.shown(share)} of the {plan.motion_name} can be made before {why}"
    zoom = f", with {100 * (move.move.zoom - 1):.1f} % of zoom to make room" if move.move.zoom > 1.0005 else ""
    return Check(
        name="camera-move",
        title="Picture for the move",
        verdict=verdict,
        says=f"The picture carries the whole {plan.motion_name}{zoom}" if share >= 99.5 else limited,
        advice="" if verdict is Verdict.PASS else advice,
        number=share,
        limits=MOVE,
        details={
            "zoom_percent": round(100 * (move.move.zoom - 1), 2),
            "pace_percent_per_s": round(100 * move.travel() / plan.seconds, 2),
        },
        overlay=lambda: _move_picture(still, move, COLOURS[verdict]),
    )


def _move_picture(still: Still, move: Rehearsal, colour: Colour) -> Rgb8:
    canvas = Canvas(still.image, 0.25)
    steps = np.linspace(0, 1, 5)[1:]
    if _same(move):
        canvas.label("the camera stays where it is", (still.image.shape[1] / 2, still.image.shape[0] * 0.93), WHITE)
        return canvas.picture()
    canvas.shade_outside(move.move.farthest, 0.5)
    for way in steps[:-1]:
        canvas.frame(move.window(float(way)), WHITE, 1)
    last = move.move.farthest
    canvas.frame(last, colour, 4)
    start = still.image.shape[1] / 2, still.image.shape[0] / 2
    end = (last[0] + last[2]) / 2, (last[1] + last[3]) / 2
    if float(np.hypot(end[0] - start[0], end[1] - start[1])) * canvas.scale > 30:
        canvas.arrow(start, end, colour)
    canvas.label(
        f"{MOVE.shown(100 * move.move.share)} of the move",
        ((last[0] + last[2]) / 2, last[3] - 40 / canvas.scale),
        colour,
    )
    return canvas.picture()


def _same(move: Rehearsal) -> bool:
    return max(abs(one - other) for one, other in zip(move.move.first, move.move.farthest, strict=True)) < 0.5
