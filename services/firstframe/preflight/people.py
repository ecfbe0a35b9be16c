"""Checks of words and faces: whether copy can be read, whether faces are whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from firstframe.core.media import PixelRect, Rgb8
from firstframe.imaging.preflight.faces import Face
from firstframe.imaging.preflight.legibility import Copy, copy_contrast
from firstframe.imaging.preflight.room import Rehearsal, Room
from firstframe.preflight.drawing import COLOURS, WHITE, Canvas
from firstframe.preflight.plan import ShotPlan
from firstframe.preflight.still import Still
from firstframe.preflight.verdict import GRAVITY, Check, Limits, Verdict, not_made

TEXT = Limits(good=4.5, bad=3.0, unit=": 1")
"""Contrast of ink and paper: WCAG 2.2, success criterion 1.4.3 (AA), read 2026-11. 3 is enough for large letters alone."""
FACE = Limits(good=1.0, bad=0.0, unit="%")
"""Of the frame's shorter side, between a face (brow to chin) and the nearest edge at the closest moment of the move."""
PRINTED = Limits(good=3.0, bad=2.0, unit=": 1")
"""Contrast of words on a product's own label. WCAG makes no demand of words on a thing in a picture; 3 is what it asks of
large letters. A label in the deep shade of a night scene has 2.4 and can be read, one with a third of its ink at most 1.8."""
_TEXT_TITLE = "Legibility of words"
_LEAST_COPY_PX = 8
_LEAST_LABEL_PX = 24


@dataclass(frozen=True, slots=True, eq=False)
class _Words:
    """Words at one place, read."""

    rect: PixelRect
    read: Copy
    ratio: float
    limits: Limits
    says: str
    advice: str

    @property
    def verdict(self) -> Verdict:
        return self.limits.judge(self.ratio)


def text(still: Still) -> Check:
    """Whether the words on the picture, and those that are printed on its subject, can be read."""
    words = [*_laid_over(still), *_on_the_subject(still)]
    if not words:
        return not_made("text", _TEXT_TITLE, *_why_no_words(still))
    gravest = max(words, key=lambda item: (GRAVITY[item.verdict], item.limits.good / item.ratio))
    read = gravest.read
    share = 100 * read.letter_px / still.image.shape[0]
    return Check(
        name="text",
        title=_TEXT_TITLE,
        verdict=gravest.verdict,
        says=f"{gravest.says} {gravest.limits.shown(gravest.ratio)}",
        advice="" if gravest.verdict is Verdict.PASS else gravest.advice,
        number=gravest.ratio,
        limits=gravest.limits,
        details={
            "letter_px": read.letter_px,
            "letter_percent_of_height": round(share, 2),
            "measured": round(read.ratio, 2),
        },
        overlay=lambda: _text_picture(still, gravest),
    )


def _laid_over(still: Still) -> Iterator[_Words]:
    for rect in still.copy:
        if min(rect.width, rect.height) >= _LEAST_COPY_PX:
            read = copy_contrast(_part(still.image, rect))
            says, advice = (
                "Words stand out from their ground by",
                "make the words darker or lighter, or lay a plain ground under them",
            )
            yield _Words(rect, read, read.ratio, TEXT, says, advice)


def _on_the_subject(still: Still) -> Iterator[_Words]:
    for rect in still.printed:
        if rect.height >= _LEAST_LABEL_PX:
            read = copy_contrast(_part(still.image, rect))
            says, advice = (
                "The words on the label stand out from it by",
                "let more light on the label, or choose another palette or seed",
            )
            yield _Words(rect, read, read.resolved_ratio, PRINTED, says, advice)


def _why_no_words(still: Still) -> tuple[str, str]:
    """Why no words were read, and what to do."""
    if still.printed:
        high = max(rect.height for rect in still.printed)
        why = f"The part of the label with words on it is {high} px high, too small to read them"
        return why, "check it at the size at which it is delivered"
    why = "It is not known where words stand" if not still.copy else "The words are outside of the frame"
    return why, "tell where they are with --copy X,Y,WIDTH,HEIGHT"


def _part(image: Rgb8, rect: PixelRect) -> Rgb8:
    return np.ascontiguousarray(image[rect.y : rect.bottom, rect.x : rect.right])


def _text_picture(still: Still, words: _Words) -> Rgb8:
    rect, colour = words.rect, COLOURS[words.verdict]
    canvas = Canvas(still.image, 0.5)
    ink = np.zeros(still.image.shape[:2], np.float32)
    ink[rect.y : rect.bottom, rect.x : rect.right] = words.read.ink
    canvas.tint(ink, colour, 0.9)
    canvas.frame(rect, colour, 3)
    canvas.label(words.limits.shown(words.ratio), (rect.x + rect.width / 2, rect.y - 30 / canvas.scale), colour)
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
    canvas.shade_outside(move.move.farthest, 0.6)
    for face, room in found:
        colour = COLOURS[FACE.judge(100 * room.share)]
        canvas.frame(face.head, WHITE, 1)
        canvas.frame(_rect(face), colour, 4)
        canvas.label(
            FACE.shown(100 * room.share), ((face.left + face.right) / 2, face.bottom + 26 / canvas.scale), colour
        )
    return canvas.picture()
