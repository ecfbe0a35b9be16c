"""From a prompt to a motion."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from firstframe.core.motion import (
    Air,
    Atmosphere,
    CameraMove,
    CameraPhase,
    Ease,
    Effect,
    EffectKind,
    Heritage,
    Motion,
    Repeat,
)
from firstframe.direction import scale
from firstframe.direction.clashes import clashes
from firstframe.direction.lexicon.degrees import DEGREES, PLAIN, Degree
from firstframe.direction.lexicon.entries import Tag
from firstframe.direction.reading import Passage, Reading, read

MAX_MOVES, MAX_AIRS = 8, 4
"""What a motion of the contract holds."""
HOLD_SHARE = 0.25
"""Share of the clip in which the camera rests after a move."""
_AIR = 0.5
_HEADS = {Tag.MOVE, Tag.AIR, Tag.LEARNED, Tag.EFFECT}
_NUMBERS: Mapping[str, float] = {
    "half": 0.5,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "fifteen": 15,
    "twenty": 20,
    "thirty": 30,
    "sixty": 60,
}
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?|" + "|".join(_NUMBERS))


@dataclass(frozen=True, slots=True)
class Directed:
    """A prompt, compiled."""

    reading: Reading
    motion: Motion
    seconds: float
    """Length of the clip that shares of time refer to."""
    moves: tuple[Passage, ...]
    """Where the phases of the camera stand; fewer where a phase follows from numbers."""
    left_out: tuple[Passage, ...]
    """Moves and airs for which a motion has no room."""


def compile_prompt(prompt: str, seconds: float = scale.DEFAULT_SECONDS) -> Directed:
    """Compiles a prompt; any text gives a motion, one that says nothing a locked camera.

    Args:
        prompt: English, as a person writes it.
        seconds: Length of the clip, greater than 0.
    """
    return compiled(read(prompt), seconds)


def compiled(reading: Reading, seconds: float) -> Directed:
    """Compiles what was read."""
    degrees = _attached(reading)
    moves = _moves(reading)
    kept, airs = moves[:MAX_MOVES], _air_passages(reading)
    phases, strength = _phases(reading, kept, degrees, seconds)
    speed = _speed(reading, kept)
    motion = Motion(
        phases=phases,
        strength=0.0 if speed else strength,
        airs=tuple(_air(reading, passage, degrees) for passage in airs[:MAX_AIRS]),
        repeat=_repeat(reading),
        effect=_effect(reading),
        speed=speed,
    )
    return Directed(reading, motion, seconds, tuple(kept), (*moves[MAX_MOVES:], *airs[MAX_AIRS:]))


def number_in(passage: Passage) -> float:
    """The number that a passage names."""
    found: list[str] = _NUMBER.findall(passage.stems)
    word = found[-1] if found else "0"
    if word in _NUMBERS:
        return _NUMBERS[word]
    return float(word.replace(",", "."))


def is_amount(reading: Reading, passage: Passage) -> bool:
    """Whether a number is more than nothing: `-5 %`, `minus 5 %` and `0 %` are none; the `-` of `3-5 %` is no sign."""
    before = reading.prompt[: passage.span.begin]
    signed = re.search(r"(?<![\w%])[-−]$|\bminus\s+$", before, re.IGNORECASE)
    return number_in(passage) > 0 and signed is None


def seconds_in(passage: Passage) -> float:
    """Length of time that a passage names."""
    return number_in(passage) * (60 if passage.value == "min" else 1)


def _moves(reading: Reading) -> list[Passage]:
    """What the camera does, in order; the same twice in a row is one."""
    moves = [passage for passage in reading.of(Tag.MOVE, Tag.HOLD, Tag.LOCKED) if _has_a_turn(reading, passage)]
    against = {other.begin for _, other in clashes(reading)}
    moves = [passage for passage in moves if passage.begin not in against]
    directed = [passage for passage in moves if passage.value is not CameraMove.HANDHELD]
    if any(passage.tag is Tag.MOVE for passage in directed):
        moves = directed  # the camera is either held by hand or goes somewhere
    if not any(passage.tag is Tag.MOVE for passage in moves):
        moves = []
    moves = moves[next((i for i, passage in enumerate(moves) if _begins(reading, passage)), 0) :]
    return [passage for i, passage in enumerate(moves) if i == 0 or _move_of(passage) != _move_of(moves[i - 1])]


def _begins(reading: Reading, passage: Passage) -> bool:
    """Whether a chain can begin with it: a rest can where a `then` follows."""
    return passage.tag is not Tag.HOLD or any(then.begin > passage.begin for then in reading.of(Tag.THEN))


def _has_a_turn(reading: Reading, passage: Passage) -> bool:
    """Whether it is a part of the chain; a camera that is locked throughout is none, one that is until it moves is."""
    if passage.tag is not Tag.LOCKED:
        return True
    thens = [other.begin for other in reading.of(Tag.THEN)]
    moves = [move.begin for move in reading.of(Tag.MOVE)]
    later = any(passage.begin < then < move for then in thens for move in moves)
    return later or any(move < then < passage.begin for then in thens for move in moves)


def _move_of(passage: Passage) -> CameraMove:
    return passage.value if isinstance(passage.value, CameraMove) else CameraMove.LOCKED


def _attached(reading: Reading) -> Mapping[int, list[Degree]]:
    """Degrees of the passages that they belong to, by the index of the passage's first stem."""
    attached: dict[int, list[Degree]] = {}
    for passage in reading.of(Tag.DEGREE):
        head = head_of(reading, passage)
        if head is not None and isinstance(passage.value, Degree):
            attached.setdefault(head.begin, []).append(passage.value)
    return attached


def head_of(reading: Reading, degree: Passage) -> Passage | None:
    """What a word of degree or a number is said of: the nearest of its clause, rather one that follows."""
    heads = [passage for passage in reading.passages if passage.tag in _HEADS and not passage.negated]
    here = [passage for passage in heads if passage.clause == degree.clause]
    if not here:
        before = [passage for passage in heads if passage.clause < degree.clause]
        here = [passage for passage in before if passage.clause == before[-1].clause] if before else heads[:1]
    return min(here, key=lambda head: _distance(head, degree), default=None)


def _distance(head: Passage, degree: Passage) -> float:
    return head.begin - degree.end if head.begin >= degree.end else degree.begin - head.end + 0.5


def _strength(passage: Passage, degrees: Mapping[int, list[Degree]]) -> float:
    """Strength of a move: what is said of its pace counts more than how it should feel."""
    own: list[Degree] = [*degrees.get(passage.begin, ()), *_inner(passage)]
    if not own:
        return PLAIN
    pace = [degree.strength for degree in own if degree.pace or degree.strength < PLAIN]
    return min(pace) if pace else max(degree.strength for degree in own)


def _inner(passage: Passage) -> list[Degree]:
    """Degrees inside of a passage: `move slowly closer`."""
    return read_degrees(passage.stems) if passage.tag is Tag.MOVE else []


def read_degrees(stems: str) -> list[Degree]:
    """Degrees that stems name, the longest first."""
    found = [
        (match.span(), entry.value)
        for entry in DEGREES
        for match in entry.expression.finditer(stems)
        if isinstance(entry.value, Degree)
    ]
    kept: list[tuple[tuple[int, int], Degree]] = []
    for span, value in sorted(found, key=lambda item: (item[0][0] - item[0][1], item[0])):
        if not any(span[0] < other[1] and other[0] < span[1] for other, _ in kept):
            kept.append((span, value))
    return [value for _, value in kept]


def _phases(
    reading: Reading, moves: Sequence[Passage], degrees: Mapping[int, list[Degree]], seconds: float
) -> tuple[tuple[CameraPhase, ...], float]:
    """The chain and the strength of its strongest move."""
    if not moves:
        return (CameraPhase(CameraMove.LOCKED),), 0.0
    strengths = [_measured(reading, passage, _strength(passage, degrees)) for passage in moves]
    strengths = [
        0.0 if passage.tag in {Tag.HOLD, Tag.LOCKED} else value for passage, value in zip(moves, strengths, strict=True)
    ]
    strength = max(strengths)
    shares = _shares(reading, moves, seconds)
    phases = [
        CameraPhase(
            move=_move_of(passage),
            amount=round(own / strength, 4) if own else 1.0,
            share=share,
            ease=_ease(reading, passage),
        )
        for passage, own, share in zip(moves, strengths, shares, strict=True)
    ]
    return _rested(reading, tuple(phases), seconds), strength


def _measured(reading: Reading, move: Passage, strength: float) -> float:
    """Strength that a number gives: an angle, or per cent of the frame."""
    kind = Tag.ANGLE if move.value in scale.ORBITS else Tag.AMOUNT
    given = [
        passage for passage in reading.of(kind) if head_of(reading, passage) is move and is_amount(reading, passage)
    ]
    if not given:
        return strength
    number = number_in(given[0])
    if kind is Tag.ANGLE:
        return round(min(number / scale.ORBIT_DEG, 1.0), 4)
    return round(scale.strength_of_percent(_move_of(move), number), 4)


def _nearest_move(reading: Reading, passage: Passage) -> Passage | None:
    return min(reading.of(Tag.MOVE), key=lambda move: abs(move.begin - passage.begin), default=None)


def _shares(reading: Reading, moves: Sequence[Passage], seconds: float) -> list[float]:
    """Shares of the clip's time: those that were named, a quarter for a rest, the others evenly."""
    if len(moves) == 1:
        return [1.0]
    named = [_named_share(reading, move, seconds) for move in moves]
    free = [index for index, share in enumerate(named) if share is None]
    rests = {index for index in free if moves[index].tag in {Tag.HOLD, Tag.LOCKED}}
    weights = [1.0 if i in free and i not in rests else 0.0 for i in range(len(moves))]
    taken = sum(share for share in named if share is not None) + HOLD_SHARE * len(rests)
    if taken >= 0.95 or not any(weights):
        return [1 / len(moves)] * len(moves)
    each = (1 - taken) / sum(weights)
    shares = [HOLD_SHARE if i in rests else (share if share is not None else each) for i, share in enumerate(named)]
    return [*shares[:-1], 1 - sum(shares[:-1])]


def _named_share(reading: Reading, move: Passage, seconds: float) -> float | None:
    for passage in reading.of(Tag.TIME):
        if 0 < seconds_in(passage) < seconds and _nearest_phase(reading, passage) is move:
            return seconds_in(passage) / seconds
    return None


def _nearest_phase(reading: Reading, passage: Passage) -> Passage | None:
    moves = reading.of(Tag.MOVE, Tag.HOLD)
    return min(moves, key=lambda move: _distance(move, passage), default=None)


def _rested(reading: Reading, phases: tuple[CameraPhase, ...], seconds: float) -> tuple[CameraPhase, ...]:
    """A single move that takes less time than the clip is followed by rest."""
    if len(phases) > 1:
        return phases
    share = next((seconds_in(p) / seconds for p in reading.of(Tag.TIME) if 0 < seconds_in(p) < 0.95 * seconds), None)
    if share is None:
        return phases
    only = phases[0]
    moving = CameraPhase(only.move, only.amount, share, only.ease)
    return moving, CameraPhase(CameraMove.LOCKED, 1.0, 1 - share)


def _ease(reading: Reading, move: Passage) -> Ease:
    if move.tag is not Tag.MOVE:
        return Ease.SMOOTH
    own = [passage for passage in reading.of(Tag.EASE) if _nearest_move(reading, passage) is move]
    return next((passage.value for passage in own if isinstance(passage.value, Ease)), Ease.SMOOTH)


def _air_passages(reading: Reading) -> list[Passage]:
    """Each kind once, where it is first said."""
    first: dict[object, Passage] = {}
    for passage in reading.of(Tag.AIR):
        first.setdefault(passage.value, passage)
    return list(first.values())


def _air(reading: Reading, passage: Passage, degrees: Mapping[int, list[Degree]]) -> Air:
    assert isinstance(passage.value, Atmosphere)  # noqa: S101  (entries of this tag have no other value)
    same = [other for other in reading.of(Tag.AIR) if other.value is passage.value]
    own = [degree for other in same for degree in degrees.get(other.begin, ())]
    amount = max((degree.air for degree in own), key=lambda value: abs(value - _AIR), default=_AIR)
    amount = next((min(number_in(given) / 100, 1.0) for given in _amounts(reading, same)), amount)
    return Air(passage.value, amount, _direction(reading, passage), _region(reading, passage))


def _amounts(reading: Reading, airs: Sequence[Passage]) -> list[Passage]:
    """Shares in per cent that are said of an air: `30 % haze`."""
    return [one for one in reading.of(Tag.AMOUNT) if head_of(reading, one) in airs and is_amount(reading, one)]


def _direction(reading: Reading, air: Passage) -> float | None:
    return next((p.value for p in _beside(reading, air, Tag.HEADING) if isinstance(p.value, float)), None)


def _region(reading: Reading, air: Passage) -> str:
    if air.value is Atmosphere.CLOUDS:
        return ""
    return next((str(passage.value) for passage in _beside(reading, air, Tag.REGION)), "")


def _beside(reading: Reading, air: Passage, tag: Tag) -> list[Passage]:
    """Passages of a kind in the clause of an air, after it and before any other head."""
    found = []
    for passage in reading.passages:
        if passage.begin <= air.begin or passage.clause != air.clause:
            continue
        if passage.tag in {Tag.MOVE, Tag.AIR}:
            break
        if passage.tag is tag:
            found.append(passage)
    return found


def _repeat(reading: Reading) -> Repeat:
    return next((p.value for p in reading.of(Tag.REPEAT) if isinstance(p.value, Repeat)), Repeat.ONCE)


def _effect(reading: Reading) -> Effect | None:
    portrait = reading.of(Tag.EFFECT)
    if not portrait:
        return None
    words = " ".join(passage.stems for passage in portrait)
    blinks = 2 if "twice" in words else 1 if "blink" in words or "heritage" in words else 0
    return Effect(
        EffectKind.HERITAGE,
        Heritage(
            blinks=blinks,
            turn_deg=_TURN_DEG if re.search(r"\b(?:turn|move)\b", words) else 0.0,
            tilt_deg=_TILT_DEG if re.search(r"\b(?:tilt|incline|nod)\b", words) else 0.0,
            breath=0.5 if re.search(r"breath|inhale|exhale|chest|heritage", words) else 0.0,
        ),
    )


_TURN_DEG = 3.0
_TILT_DEG = 2.0
"""Small on purpose: more, and an old portrait loses its weight."""


def _speed(reading: Reading, moves: Sequence[Passage]) -> float:
    """Per cent of the frame per second, where it is given."""
    given = [passage for passage in reading.of(Tag.SPEED) if is_amount(reading, passage)]
    if not given or not any(passage.tag is Tag.MOVE for passage in moves):
        return 0.0
    return min(number_in(given[0]), _MAX_SPEED)


_MAX_SPEED = 20.0
