"""How a prompt was read: which words were taken for what, in words and numbers."""

from __future__ import annotations

from dataclasses import dataclass

from firstframe.core.motion import CameraMove, Repeat
from firstframe.direction import scale
from firstframe.direction.compiler import Directed, head_of, is_amount, number_in
from firstframe.direction.lexicon.entries import Tag
from firstframe.direction.reading import Passage, Reading
from firstframe.direction.tokens import Span
from firstframe.direction.words import AIRS, MOVES, air_line, camera_line

_TOLD = {
    Tag.MOVE: "camera",
    Tag.LOCKED: "camera",
    Tag.HOLD: "camera",
    Tag.AIR: "air",
    Tag.REPEAT: "repeat",
    Tag.EFFECT: "effect",
    Tag.DEGREE: "degree",
    Tag.EASE: "ease",
    Tag.SPEED: "speed",
    Tag.AMOUNT: "amount",
    Tag.ANGLE: "angle",
    Tag.TIME: "time",
    Tag.REGION: "region",
    Tag.HEADING: "heading",
    Tag.LEARNED: "learned engines",
    Tag.STYLE: "style",
    Tag.LOOK: "picture",
    Tag.SUBJECT: "subject",
    Tag.TARGET: "subject",
    Tag.UNKNOWN: "not understood",
}


@dataclass(frozen=True, slots=True)
class Understood:
    """Some words, and what they were taken for."""

    span: Span
    text: str
    kind: str
    """For example `camera`, `air`, `degree`, `subject`, `not understood`."""
    meaning: str
    """In words; empty where the kind says it all."""


def account_of(directed: Directed) -> tuple[Understood, ...]:
    """Each passage that says something, in the order of the prompt."""
    reading = directed.reading
    return tuple(
        Understood(passage.span, passage.text, _TOLD.get(passage.tag, "word"), _meaning(reading, passage))
        for passage in reading.passages
        if passage.tag in _TOLD or passage.corrections
    )


def lines_of(directed: Directed) -> list[str]:
    """The motion in words and numbers, a line for each part."""
    motion, seconds = directed.motion, directed.seconds
    lines = [f"camera: {camera_line(phase, motion, seconds)}" for phase in motion.phases]
    if not directed.reading.of(Tag.MOVE, Tag.LOCKED):
        lines = ["camera: locked, since nothing is said of it"] if not directed.moves else lines
    lines += [f"air: {air_line(air)}" for air in motion.airs]
    if motion.repeat is not Repeat.ONCE:
        lines.append(f"repeat: {motion.repeat.value.replace('_', ' ')}")
    if motion.effect is not None:
        lines.append(f"effect: {motion.effect.kind.value}")
    return lines


def _meaning(reading: Reading, passage: Passage) -> str:
    name = _name(passage)
    parts = [f"no {name or passage.text}" if passage.negated else name, passage.note, _cut(reading, passage)]
    parts += [f"`{written}` read as `{taken}`" for written, taken in passage.corrections]
    return "; ".join(part for part in parts if part)


def _cut(reading: Reading, passage: Passage) -> str:
    """What a number was cut to, where it is more than a still carries."""
    head = head_of(reading, passage) if passage.tag in {Tag.ANGLE, Tag.AMOUNT} else None
    if head is None or not isinstance(head.value, CameraMove) or not is_amount(reading, passage):
        return ""
    most, unit = (scale.ORBIT_DEG, "°") if passage.tag is Tag.ANGLE else (scale.most_percent(head.value), " %")
    return f"made {most:g}{unit}, the most that a still carries" if number_in(passage) > most else ""


def _name(passage: Passage) -> str:
    match passage.tag:
        case Tag.MOVE:
            return next(words for move, words in MOVES.items() if move is passage.value)
        case Tag.AIR:
            return next(words for kind, words in AIRS.items() if kind is passage.value)
        case Tag.LOCKED:
            return "locked camera"
        case Tag.HOLD:
            return "comes to rest"
        case Tag.LEARNED:
            return str(passage.value)
        case _:
            return ""
