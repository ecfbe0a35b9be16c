"""Checks of words and faces: whether copy can be read, whether faces are whole."""

from __future__ import annotations

import numpy as np

from firstframe.core.media import PixelRect, Rgb8
from firstframe.imaging.preflight.faces import Face
from firstframe.imaging.preflight.legibility import Copy, copy_contrast
from firstframe.imaging.preflight.room import Rehearsal, Room
from firstframe.preflight.drawing import COLOURS, WHITE, Canvas, Colour
from firstframe.preflight.plan import ShotPlan
from firstframe.preflight.still import Still
from firstframe.preflight.verdict import Check, Limits, Verdict, not_made

TEXT = Limits(good=4.5, bad=3.0, unit=": 1")
"""Contrast of ink and paper: WCAG 2.2, success criterion 1.4.3 (AA), read 2026-11. 3 is enough for large letters alone."""
FACE = Limits(good=1.0, bad=0.0, unit="%")
"""Of the frame's shorter side, between a face (brow to chin) and the nearest edge at the closest moment of the move."""
_LEAST_COPY_PX = 8


def text(still: Still) -> Check:
    """Whether the words on the picture can be read."""
    name, title = "text", "Legibility of words"
    copies = [rect for rect in still.copy if min(rect.width, rect.height) >= _LEAST_COPY_PX]
    if not copies:
        why = "It is not known where words stand" if not still.copy else "The words are outside of the frame"
        return not_made(name, title, why, "tell where they are with --copy X,Y,WIDTH,HEIGHT")
    read = [(rect, copy_contrast(_part(still.image, rect))) for rect in copies]
    rect, worst = min(read, key=lambda item: item[1].ratio)
    verdict = TEXT.judge(worst.ratio)
    height = still.image.shape[0]
    return Check(
        name=name,
        title=title,
        verdict=verdict,
        says=f"Words stand out from their ground by {TEXT.shown(worst.ratio)}",
        advice="" if verdict is Verdict.PASS else "make the words darker or lighter, or lay a plain ground under them",
        number=worst.ratio,
        limits=TEXT,
        details={"letter_px": worst.letter_px, "letter_percent_of_height": round(100 * worst.letter_px / height, 2)},
        overlay=lambda: _text_picture(still, rect, worst, COLOURS[verdict]),
    )


def _part(image: Rgb8, rect: PixelRect) -> Rgb8:
    return np.ascontiguousarray(image[rect.y : rect.bottom, rect.x : rect.right])


def _text_picture(still: Still, rect: PixelRect, read: Copy, colour: Colour) -> Rgb8:
    canvas = Canvas(still.image, 0.5)
    ink = np.zeros(still.image.shape[:2], np.float32)
    ink[rect.y : rect.bottom, rect.x : rect.right] = read.ink
    canvas.tint(ink, colour, 0.9)
    canvas.frame(rect, colour, 3)
    canvas.label(TEXT.shown(read.ratio), (rect.x + rect.width / 2, rect.y - 30 / canvas.scale), colour)
    return canvas.picture()


def faces(still: Still, plan: ShotPlan, move: Rehearsal) -> Check:
    """Whether faces stay whole during the move."""
    name, title = "faces", "Faces"
    known = still.faces
    if known.found is None:
        return not_made(name, title, known.why_not[:1].upper() + known.why_not[1:], known.what_to_do)
    if not known.found:
        return Check(name, title, Verdict.PASS, "There is no face in the picture")
    rooms = [(move.room(_rect(face)), face) for face in known.found]
    least, _ = min(rooms, key=lambda item: item[0].share)
    hair = min(move.room(_box(*face.head)).share for face in known.found)
    verdict = FACE.judge(100 * least.share)
    if verdict is Verdict.PASS and hair < 0:
        verdict = Verdict.WARN
    return Check(
        name=name,
        title=title,
        verdict=verdict,
        says=_face_words(least, hair, len(known.found), plan),
        advice=""
        if verdict is Verdict.PASS
        else "frame the person with more room, or choose a move with less strength",
        number=100 * least.share,
        limits=FACE,
        details={"faces": len(known.found), "head_room_percent": round(100 * hair, 2)},
        overlay=lambda: _face_picture(still, move, [(face, room) for room, face in rooms]),
    )


def _face_words(least: Room, hair: float, count: int, plan: ShotPlan) -> str:
    who = "The face" if count == 1 else f"Each of {count} faces"
    if least.share < 0:
        when = "already before the camera moves" if least.at_rest < 0 else f"by the {plan.motion_name}"
        return f"A face is cut {when}, {'at the ' if least.side in ('top', 'bottom') else 'on the '}{least.side}"
    if hair < 0:
        return f"{who} is whole, but hair or chin is cut by the frame during the move"
    return f"{who} stays whole, with {FACE.shown(100 * least.share)} of the frame to the nearest edge"


def _rect(face: Face) -> PixelRect:
    return _box(face.left, face.top, face.right, face.bottom)


def _box(left: float, top: float, right: float, bottom: float) -> PixelRect:
    return PixelRect(round(left), round(top), round(right) - round(left), round(bottom) - round(top))


def _face_picture(still: Still, move: Rehearsal, found: list[tuple[Face, Room]]) -> Rgb8:
    canvas = Canvas(still.image, 0.3)
    canvas.shade_outside(move.move.last, 0.6)
    for face, room in found:
        colour = COLOURS[FACE.judge(100 * room.share)]
        canvas.frame(face.head, WHITE, 1)
        canvas.frame(_rect(face), colour, 4)
        canvas.label(
            FACE.shown(100 * room.share), ((face.left + face.right) / 2, face.bottom + 26 / canvas.scale), colour
        )
    return canvas.picture()
