"""What will distort, what contradicts itself, and what is not about motion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from firstframe.core.motion import CameraMove, EffectKind, Motion
from firstframe.direction import scale
from firstframe.direction.clashes import OPPOSITES, at_once, between, clashes, directed_moves
from firstframe.direction.codes import MEANINGS, Code
from firstframe.direction.compiler import Directed, compile_prompt, head_of, is_amount, number_in, seconds_in
from firstframe.direction.lexicon.degrees import Degree
from firstframe.direction.lexicon.entries import Tag
from firstframe.direction.reading import Passage, Reading
from firstframe.direction.tokens import Span
from firstframe.direction.words import MOVES, safe_prompt

_MANY_MOVES = 3
"""Most moves that a clip of 5 s has time for."""
_MODULES: Mapping[EffectKind, frozenset[Code]] = {
    EffectKind.KISS: frozenset({Code.TOUCHING}),
    EffectKind.HUG: frozenset({Code.TOUCHING}),
    EffectKind.DANCE: frozenset({Code.BODY_MOVES}),
    EffectKind.HERITAGE: frozenset(),
}
"""What an effect module takes care of."""


@dataclass(frozen=True, slots=True)
class LintFinding:
    """One thing that is wrong with a prompt."""

    code: Code
    span: Span
    """Where; the whole prompt where nothing in particular is meant."""
    text: str
    """As the prompt has it."""
    message: str
    """Why it matters and what to do."""

    @property
    def distorts(self) -> bool:
        """Whether the result will be distorted; else it is worth a look."""
        return MEANINGS[self.code].distorts


@dataclass(frozen=True, slots=True)
class Lint:
    """What was found in a prompt."""

    prompt: str
    findings: tuple[LintFinding, ...]
    """In the order of the prompt, each code once a passage."""
    safe: str
    """The nearest motion that is safe, as a prompt; the prompt itself where nothing is wrong with it."""

    @property
    def distorts(self) -> bool:
        """Whether something will."""
        return any(finding.distorts for finding in self.findings)


def lint(prompt: str, seconds: float = scale.DEFAULT_SECONDS, effect: EffectKind | None = None) -> Lint:
    """Looks a prompt over.

    Args:
        prompt: English, as a person writes it.
        seconds: Length of the clip, greater than 0.
        effect: The module that the motion has, which takes care of what would distort without it.
    """
    return linted(compile_prompt(prompt, seconds), effect)


def linted(directed: Directed, effect: EffectKind | None = None) -> Lint:
    """Looks over what was compiled."""
    cared_for = _MODULES[effect] if effect is not None else frozenset()
    found = [finding for rule in _RULES for finding in rule(directed) if finding.code not in cared_for]
    ordered = tuple(sorted(found, key=lambda one: (one.span.begin, one.span.end, one.code.value)))
    prompt = directed.reading.prompt
    return Lint(prompt, ordered, safe_prompt(_safe(directed.motion, ordered)) if ordered else prompt)


def _safe(motion: Motion, findings: Sequence[LintFinding]) -> Motion:
    """The nearest motion without what was found; a slow push where nothing is left."""
    codes = {finding.code for finding in findings}
    phases, strength, speed = motion.phases, motion.strength, motion.speed
    if Code.TOO_LARGE in codes:
        strength, speed = min(strength or _MODEST, _MODEST), 0.0
    if Code.CONTRADICTION in codes or len(phases) > _MANY_MOVES:
        phases = (replace(phases[0], share=1.0, amount=1.0),)
    if _is_at_rest(motion) and not motion.airs and motion.effect is None:
        phases, strength = (replace(phases[0], move=CameraMove.PUSH),), _MODEST
    return replace(motion, phases=phases, strength=strength, speed=speed)


_MODEST = 0.5


def _is_at_rest(motion: Motion) -> bool:
    return all(phase.move is CameraMove.LOCKED for phase in motion.phases)


def _finding(code: Code, passage: Passage, told: str = "") -> LintFinding:
    meaning = MEANINGS[code]
    why = told or meaning.why
    return LintFinding(code, passage.span, passage.text, f"{why}; {meaning.instead}")


def _of_all(code: Code, prompt: str, told: str = "") -> LintFinding:
    meaning = MEANINGS[code]
    return LintFinding(code, Span(0, len(prompt)), prompt, f"{told or meaning.why}; {meaning.instead}")


def _risks(directed: Directed) -> Iterator[LintFinding]:
    risks = [passage for passage in directed.reading.risks if not passage.negated]
    words = [passage for passage in risks if passage.value is Code.TEXT_MOVES]
    for passage in risks:
        if isinstance(passage.value, Code) and not (passage.value in _OF_BODIES and _lies_in(passage, words)):
            yield _finding(passage.value, passage)


_OF_BODIES = frozenset({Code.BODY_MOVES, Code.SHOWS_HIDDEN, Code.NEW_OBJECT})
"""What letters do not do, whatever they are said to do."""


def _numbers(directed: Directed) -> Iterator[LintFinding]:
    reading = directed.reading
    circled = {passage.span.begin for passage in reading.risks if passage.value is Code.TOO_LARGE}
    for passage in reading.of(Tag.ANGLE):
        angle = number_in(passage)
        if angle >= scale.MOST_ORBIT_DEG and passage.span.begin not in circled:
            yield _finding(
                Code.TOO_LARGE, passage, f"a still carries an arc of about {scale.ORBIT_DEG:g}°, not {angle:g}°"
            )
    yield from _amounts(reading)
    for passage in reading.of(Tag.SPEED):
        if number_in(passage) > scale.MOST_SPEED:
            yield _finding(
                Code.TOO_LARGE, passage, f"beyond {scale.MOST_SPEED:g} % per second a still runs out of picture"
            )
    for passage in reading.of(Tag.TIME):
        if seconds_in(passage) > scale.MAX_SECONDS:
            yield _finding(Code.TOO_LONG, passage, f"{seconds_in(passage):g} s in one take drift away from the hero")


def _amounts(reading: Reading) -> Iterator[LintFinding]:
    """Per cent of the frame that are more than a still carries."""
    for passage in reading.of(Tag.AMOUNT):
        head = head_of(reading, passage)
        move = head.value if head is not None else None
        if isinstance(move, CameraMove) and number_in(passage) > _MARGIN * scale.most_percent(move):
            most = (
                f"a still carries {MOVES[move]} of about {scale.most_percent(move):g} %, not {number_in(passage):g} %"
            )
            yield _finding(Code.TOO_LARGE, passage, most)


_MARGIN = 1.1
"""A little more than the most is not worth a word."""


def _odd_numbers(directed: Directed) -> Iterator[LintFinding]:
    """Numbers that are no amount of a move or of an air."""
    reading = directed.reading
    for passage in reading.passages:
        if passage.tag in {Tag.AMOUNT, Tag.SPEED, Tag.ANGLE} and not is_amount(reading, passage):
            yield _finding(Code.ODD_NUMBER, passage)


def _contradictions(directed: Directed) -> Iterator[LintFinding]:
    reading = directed.reading
    yield from _against_rest(directed)
    yield from (_between(reading, one, other) for one, other in clashes(reading))
    yield from _paces(reading)


def _against_rest(directed: Directed) -> Iterator[LintFinding]:
    """A locked camera beside a move, unless one comes after the other."""
    reading = directed.reading
    moves = [passage for passage in directed.moves if passage.tag is Tag.MOVE]
    turns = {passage.begin for passage in directed.moves}
    for locked in (passage for passage in reading.of(Tag.LOCKED) if passage.begin not in turns):
        near = next((move for move in moves if not _then(reading, locked, move)), None)
        if near is not None:
            yield _between(reading, *sorted((locked, near), key=lambda passage: passage.begin))


def _paces(reading: Reading) -> Iterator[LintFinding]:
    """Slow and fast of the same move."""
    for one, other in pairwise(reading.of(Tag.DEGREE)):
        inside = {passage.tag for passage in between(reading, one, other)}
        if one.clause == other.clause and _differ(one, other) and not inside & {Tag.MOVE, Tag.AIR}:
            yield _between(reading, one, other)


def _differ(one: Passage, other: Passage) -> bool:
    """Whether both are about pace, and far apart."""
    if not (isinstance(one.value, Degree) and isinstance(other.value, Degree)):
        return False
    return one.value.pace and other.value.pace and abs(one.value.strength - other.value.strength) >= _FAR_APART


_FAR_APART = 0.4


def _then(reading: Reading, one: Passage, other: Passage) -> bool:
    first, second = sorted((one, other), key=lambda passage: passage.begin)
    return any(passage.tag is Tag.THEN for passage in between(reading, first, second))


def _between(reading: Reading, one: Passage, other: Passage) -> LintFinding:
    span = Span(one.span.begin, other.span.end)
    text = reading.prompt[span.begin : span.end]
    meaning = MEANINGS[Code.CONTRADICTION]
    return LintFinding(
        Code.CONTRADICTION, span, text, f"`{one.text}` and `{other.text}`: {meaning.why}; {meaning.instead}"
    )


def _at_once(directed: Directed) -> Iterator[LintFinding]:
    reading = directed.reading
    for one, other in pairwise(directed_moves(reading)):
        pair = frozenset({one.value, other.value})
        if len(pair) == 2 and pair not in OPPOSITES and at_once(reading, one, other):
            yield _finding(Code.ONE_AT_A_TIME, other)
    held = [move for move in reading.of(Tag.MOVE) if move.value is CameraMove.HANDHELD]
    if held and directed_moves(reading):
        yield _finding(Code.ONE_AT_A_TIME, held[0], "a camera that goes somewhere is not held by hand as well")


def _too_much(directed: Directed) -> Iterator[LintFinding]:
    for passage in directed.left_out:
        yield _finding(Code.TOO_MUCH, passage)
    moving = [passage for passage in directed.moves if passage.tag is Tag.MOVE]
    for passage in moving[_MANY_MOVES:]:
        yield _finding(Code.TOO_MUCH, passage, f"{len(moving)} moves in {directed.seconds:g} s")


def _learned(directed: Directed) -> Iterator[LintFinding]:
    for passage in directed.reading.of(Tag.LEARNED):
        yield _finding(Code.LEARNED_ONLY, passage, f"the previz engine has no {str(passage.value).removeprefix('a ')}")


def _subject(directed: Directed) -> Iterator[LintFinding]:
    """Descriptions, each run of them once."""
    reading = directed.reading
    told = [passage for passage in reading.of(Tag.SUBJECT, Tag.LOOK) if _describes(passage)]
    for run in _runs(told):
        yield LintFinding(
            Code.DESCRIBES_SUBJECT, run, reading.prompt[run.begin : run.end], _message(Code.DESCRIBES_SUBJECT)
        )


def _describes(passage: Passage) -> bool:
    return passage.tag is Tag.LOOK or passage.value in {"described", "person"}


def _not_understood(directed: Directed) -> Iterator[LintFinding]:
    reading = directed.reading
    unknown = [
        passage
        for passage in reading.of(Tag.UNKNOWN)
        if not _lies_in(passage, reading.risks) and _is_lost(reading, passage.clause)
    ]
    for run in _runs(unknown):
        yield LintFinding(Code.NOT_UNDERSTOOD, run, reading.prompt[run.begin : run.end], _message(Code.NOT_UNDERSTOOD))


def _is_lost(reading: Reading, clause: int) -> bool:
    """Whether at least half of what a clause says is unknown; else it is understood, but for a word of its picture."""
    said = [passage for passage in reading.passages if passage.clause == clause and passage.tag not in _SILENT]
    unknown = sum(passage.tag is Tag.UNKNOWN for passage in said)
    return 2 * unknown >= len(said)


_SILENT = frozenset({Tag.FILLER, Tag.BREAK, Tag.THEN, Tag.TOGETHER, Tag.RELEASE, Tag.CAMERA, Tag.STYLE})
"""What counts neither way."""


def _lies_in(passage: Passage, risks: Sequence[Passage]) -> bool:
    return any(risk.begin <= passage.begin < risk.end for risk in risks)


def _nothing(directed: Directed) -> Iterator[LintFinding]:
    reading = directed.reading
    says = (Tag.MOVE, Tag.LOCKED, Tag.AIR, Tag.EFFECT, Tag.LEARNED, Tag.REPEAT)
    denied = any(passage.tag is Tag.MOVE for passage in reading.denied)
    if not denied and not reading.of(*says) and not any(not risk.negated for risk in reading.risks):
        yield _of_all(Code.NO_MOTION, reading.prompt)


def _message(code: Code) -> str:
    return f"{MEANINGS[code].why}; {MEANINGS[code].instead}"


def _runs(passages: Iterable[Passage]) -> list[Span]:
    """Spans of passages, those that follow each other joined."""
    runs: list[tuple[Span, int]] = []
    for passage in passages:
        if runs and passage.begin - runs[-1][1] <= 2:
            runs[-1] = (Span(runs[-1][0].begin, passage.span.end), passage.end)
        else:
            runs.append((passage.span, passage.end))
    return [span for span, _ in runs]


_RULES: tuple[Callable[[Directed], Iterator[LintFinding]], ...] = (
    _risks,
    _numbers,
    _odd_numbers,
    _contradictions,
    _at_once,
    _too_much,
    _learned,
    _subject,
    _not_understood,
    _nothing,
)
