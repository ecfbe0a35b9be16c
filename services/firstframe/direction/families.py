"""What learned engines read of a motion: words, numbers, or both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from firstframe.core.motion import Motion
from firstframe.direction.compiler import Directed
from firstframe.direction.lexicon.entries import Tag
from firstframe.direction.reading import Reading
from firstframe.direction.tokens import Span
from firstframe.direction.words import physics, strength_of

MOTION_BUCKETS = 255
"""Stable Video Diffusion was trained with motion told as a number from 1 to this."""


@dataclass(frozen=True, slots=True)
class Family:
    """Models that are told of motion in the same way."""

    name: str
    prompted: bool
    """Whether they read words."""
    denies: bool
    """Whether a negative prompt has an effect."""
    told: Callable[[Motion], str]
    """The numbers that they read."""

    def reads(self, motion: Motion) -> str:
        """All that a family reads, for a person."""
        words = "the prompt" + (" and the negative prompt" if self.denies else "") if self.prompted else "no words"
        return ", ".join(part for part in (words, self.told(motion)) if part)


def motion_bucket(strength: float) -> int:
    """The number that Stable Video Diffusion is told for a strength of 0 to 1."""
    return 1 + round(strength * (MOTION_BUCKETS - 1))


FAMILIES = (
    Family(
        "svd", False, False, lambda motion: f"motion bucket {motion_bucket(strength_of(motion))} and the frame rate"
    ),
    Family("wan", True, True, lambda _: ""),
    Family("ltx", True, True, lambda _: "the frame rate"),
    Family("cogvideox", True, True, lambda _: ""),
    Family("hunyuan", True, False, lambda _: ""),
)
"""All families that the animation stage knows."""

_SAID_BY_MOTION = frozenset(
    {
        Tag.MOVE,
        Tag.LOCKED,
        Tag.HOLD,
        Tag.CAMERA,
        Tag.AIR,
        Tag.REPEAT,
        Tag.DEGREE,
        Tag.EASE,
        Tag.SPEED,
        Tag.AMOUNT,
        Tag.ANGLE,
        Tag.TIME,
        Tag.REGION,
        Tag.HEADING,
        Tag.THEN,
        Tag.TOGETHER,
        Tag.RELEASE,
        Tag.NEGATION,
        Tag.TARGET,
        Tag.STYLE,
        Tag.LOOK,
        Tag.FILLER,
        Tag.SUBJECT,
        Tag.BREAK,
    }
)
"""What is said by the motion's own sentences, or need not be said."""


def physics_prompt(directed: Directed, motion: Motion | None = None) -> str:
    """The prompt for an engine that reads words: camera and physics first, then what no number says.

    Descriptions of the subject are left out, since the still gives it; words that were not understood are passed on, for a
    model may know them.

    Args:
        directed: The prompt as it was compiled.
        motion: What is done, where that is another motion than the prompt's.
    """
    extras = _extras(directed.reading)
    return " ".join((physics(directed.motion if motion is None else motion), *extras))


def _extras(reading: Reading) -> list[str]:
    """Runs of words that the motion does not say, as sentences."""
    kept = [passage for passage in reading.passages if passage.tag not in _SAID_BY_MOTION and not passage.negated]
    spans = [(passage.span, passage.clause) for passage in kept] + _risky(reading)
    joined: list[tuple[int, int, int]] = []
    for span, clause in sorted(spans, key=lambda item: (item[0].begin, item[0].end)):
        if joined and (clause == joined[-1][2] or span.begin < joined[-1][1]):
            joined[-1] = joined[-1][0], max(joined[-1][1], span.end), joined[-1][2]
        else:
            joined.append((span.begin, span.end, clause))
    return [_sentence(reading.prompt[begin:end]) for begin, end, _ in joined]


def _risky(reading: Reading) -> list[tuple[Span, int]]:
    """What will distort is still asked for: who goes on has read what it comes to."""
    clauses = {passage.begin: passage.clause for passage in reading.passages}
    known = [risk for risk in reading.risks if not risk.negated and not _is_move(reading, risk.begin)]
    return [(risk.span, clauses.get(risk.begin, -1)) for risk in known]


def _is_move(reading: Reading, stem: int) -> bool:
    return any(passage.begin <= stem < passage.end and passage.tag is Tag.MOVE for passage in reading.passages)


def _sentence(text: str) -> str:
    words = " ".join(text.split()).strip(" ,;")
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."
