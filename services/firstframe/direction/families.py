"""What learned engines read of a motion: words, numbers, or both."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from firstframe.core.motion import Motion
from firstframe.direction.compiler import Directed
from firstframe.direction.lexicon.entries import Tag
from firstframe.direction.reading import Passage, Reading
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
_MOVING = frozenset({Tag.MOVE, Tag.LOCKED, Tag.HOLD, Tag.AIR, Tag.BREAK, Tag.THEN, Tag.TOGETHER, Tag.NEGATION})
_LOOSE = re.compile(r"^(?:(?:and|or|but|so) )+|(?: (?:and|or|the|a|an|to|of|in|on|with))+$", re.IGNORECASE)
"""Small words that nothing is left beside."""
_ALONG = frozenset({Tag.SUBJECT, Tag.CAMERA, Tag.TARGET, Tag.FILLER, Tag.STYLE, Tag.REGION, Tag.HEADING})
"""What belongs to words beside it: who, to what, where."""


def physics_prompt(directed: Directed, motion: Motion | None = None) -> str:
    """The prompt for an engine that reads words: camera and physics first, then what no number says.

    Descriptions of the subject are left out, since the still gives it; words that were not understood are passed on, for a
    model may know them.

    Args:
        directed: The prompt as it was compiled.
        motion: What is done, where that is another motion than the prompt's: its camera, and what is in the air of both.
    """
    done = directed.motion if motion is None else motion
    kinds = {air.kind for air in done.airs}
    airs = (*done.airs, *(air for air in directed.motion.airs if air.kind not in kinds))
    return " ".join((physics(replace(done, airs=airs)), *_extras(directed.reading)))


def _extras(reading: Reading) -> list[str]:
    """Runs of words that the motion does not say, each with who does it and to what, as sentences."""
    wanted = [_is_wanted(reading, passage) for passage in reading.passages]
    for order in (range(len(wanted)), range(len(wanted) - 1, -1, -1)):
        last: int | None = None
        for index in order:
            passage = reading.passages[index]
            beside = last is not None and reading.passages[last].clause == passage.clause
            wanted[index] = wanted[index] or (beside and _goes_along(passage))
            last = index if wanted[index] else None
    return [_sentence(f"{who}{reading.prompt[span.begin : span.end]}") for span, who in _runs(reading, wanted)]


def _is_wanted(reading: Reading, passage: Passage) -> bool:
    """Whether a passage asks for what the motion does not say; also for what will distort, since who goes on has been told."""
    if passage.negated or passage.tag in _MOVING:
        return False
    risks = [risk for risk in reading.risks if risk.begin <= passage.begin < risk.end]
    told = [risk for risk in risks if _is_told(reading, risk)]
    return bool(told) or (not risks and passage.tag not in _SAID_BY_MOTION)


def _is_told(reading: Reading, risk: Passage) -> bool:
    moves = [passage for passage in reading.passages if passage.tag is Tag.MOVE]
    return not risk.negated and not any(risk.begin < move.end and move.begin < risk.end for move in moves)


def _goes_along(passage: Passage) -> bool:
    described = passage.tag is Tag.SUBJECT and passage.value != "named"
    return passage.tag in _ALONG and not passage.negated and not described


def _runs(reading: Reading, wanted: Sequence[bool]) -> list[tuple[Span, str]]:
    """Spans of wanted passages that follow each other in a clause, and who does it where a description went before."""
    runs: list[tuple[Span, int, int]] = []
    who: list[str] = []
    for index, passage in enumerate(reading.passages):
        if not wanted[index]:
            continue
        if runs and runs[-1][1] == index - 1 and runs[-1][2] == passage.clause:
            runs[-1] = Span(runs[-1][0].begin, passage.span.end), index, passage.clause
        else:
            runs.append((passage.span, index, passage.clause))
            described = index > 0 and reading.passages[index - 1].tag is Tag.SUBJECT
            who.append("the subject " if described else "")
    return [(span, name) for (span, _, _), name in zip(runs, who, strict=True)]


def _sentence(text: str) -> str:
    words = _LOOSE.sub("", " ".join(text.split()).strip(" ,;"))
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."
