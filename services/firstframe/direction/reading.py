"""What a prompt says: each passage with its meaning, in the order of the prompt."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from firstframe.core.motion import CameraMove, Ease
from firstframe.direction.actions import action_codes, others, words_of
from firstframe.direction.codes import Code
from firstframe.direction.grammar import is_attribute
from firstframe.direction.lexicon.all import MOTION, REST
from firstframe.direction.lexicon.entries import Entry, Tag, word_set
from firstframe.direction.lexicon.risks import RISKS
from firstframe.direction.stems import Stem, stems_of
from firstframe.direction.tokens import Span, tokens_of
from firstframe.direction.word_forms import is_plural

_TIES = {Tag.BREAK, Tag.THEN, Tag.TOGETHER}
_NOUNS = {Tag.AIR, Tag.SUBJECT, Tag.UNKNOWN, Tag.LEARNED, Tag.EFFECT}
"""What may be the one that moves, where it stands before a word that is said of many things."""
_REACH = 12
"""Stems that a negation reaches at most."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Some words that belong together."""

    entry: Entry
    """The way to say it that it was matched by."""
    begin: int
    """Index of its first stem."""
    end: int
    tag: Tag
    value: object
    span: Span
    text: str
    """As the prompt has it."""
    note: str = ""
    generic: bool = False
    negated: bool = False
    corrections: tuple[tuple[str, str], ...] = ()
    """Misspelt words and what they were taken for."""
    clause: int = 0
    """Which clause of the prompt it stands in, from 0."""
    stems: str = ""


@dataclass(frozen=True)
class Reading:
    """A prompt, read."""

    prompt: str
    stems: tuple[Stem, ...]
    passages: tuple[Passage, ...]
    """Without overlaps, in order; every stem belongs to one."""
    risks: tuple[Passage, ...]
    """What will distort; these lie over the passages."""

    def of(self, *tags: Tag) -> list[Passage]:
        """Passages of some kinds that are not denied."""
        return [passage for passage in self.passages if passage.tag in tags and not passage.negated]

    @cached_property
    def denied(self) -> list[Passage]:
        """What the prompt says no to."""
        return [passage for passage in (*self.passages, *self.risks) if passage.negated]


def read(prompt: str) -> Reading:
    """Reads a prompt of any text."""
    stems = stems_of(tokens_of(prompt))
    reader = _Reader(prompt, stems)
    reader.take(MOTION)
    reader.give_back_what_others_do()
    risks = reader.risks()
    reader.take(REST)
    reader.take_the_rest()
    risks = reader.with_actions(risks)
    passages = _with_sides(_with_clauses(_with_eased_moves(reader.passages)))
    passages, risks = _denied(passages, risks, stems)
    return Reading(prompt, tuple(stems), tuple(passages), tuple(risks))


class _Reader:
    """Hands the stems of a prompt to entries, the longest first."""

    def __init__(self, prompt: str, stems: Sequence[Stem]) -> None:
        self._prompt = prompt
        self._stems = stems
        self._text = " ".join(stem.text for stem in stems)
        self._starts = _starts(stems)
        self._owner: list[Passage | None] = [None] * len(stems)

    @property
    def passages(self) -> list[Passage]:
        """What was taken so far, in order."""
        return [owner for index, owner in enumerate(self._owner) if owner is not None and owner.begin == index]

    def take(self, entries: Iterable[Entry], barred: Container[int] = ()) -> None:
        """Gives stems that are free, and not barred as a beginning, to entries: longer passages first, then earlier ones."""
        found = [passage for entry in entries for passage in self._matches(entry) if passage.begin not in barred]
        for passage in sorted(found, key=lambda item: (item.begin - item.end, item.begin)):
            if (free := self._free_part(passage)) is not None:
                self._own(free)

    def give_back_what_others_do(self) -> None:
        """Frees words such as `drifts left` where something else than the camera is what drifts."""
        done = set(others(self._stems))
        for passage in self.passages:
            generic = passage.generic and passage.tag in {Tag.MOVE, Tag.HOLD} and not self._is_of_camera(passage)
            if generic or (passage.begin in done and passage.tag in _DONE_BY_OTHERS):
                self._owner[passage.begin : passage.end] = [None] * (passage.end - passage.begin)
        self.take(_OF_OTHERS, done)

    def risks(self) -> list[Passage]:
        """Passages of risk; words that a move or an air has are not risky, unless the entry says so."""
        found = [(entry, passage) for entry in RISKS for passage in self._matches(entry)]
        kept = [passage for entry, passage in found if self._is_risky(entry, passage)]
        words = words_of(self._stems)
        return _widest(one for one in kept if one.value not in _OF_VERBS or not is_attribute(words, one.begin))

    def with_actions(self, risks: Sequence[Passage]) -> list[Passage]:
        """The same, with what somebody or something is asked to do where no passage of risk says so already."""
        owners = [owner.tag if owner is not None else None for owner in self._owner]
        found = [
            self._passage(Entry("", Tag.RISK, code), begin, end + 1)
            for code, begin, end in action_codes(self._stems, owners)
        ]
        kept = [risk for risk in risks if not any(_is_told_by(risk, one) for one in found)]
        new = [one for one in found if not any(_overlap(one, risk) for risk in kept)]
        return sorted([*kept, *new], key=lambda item: (item.begin, item.end, _code_name(item)))

    def take_the_rest(self) -> None:
        """What nothing knows."""
        for index, owner in enumerate(self._owner):
            if owner is None:
                stem = self._stems[index]
                word = stem.token.is_word and len(stem.text) > 1
                tag = Tag.FILLER if not word else Tag.TARGET if self._is_named(index) else Tag.UNKNOWN
                self._own(self._passage(Entry("", tag), index, index + 1))

    def _free_part(self, passage: Passage) -> Passage | None:
        """A passage, or its beginning where only that is free and says the same: `push` of `push on`."""
        for end in range(passage.end, passage.begin, -1):
            if any(self._owner[passage.begin : end]):
                continue
            if end == passage.end:
                return passage
            words = " ".join(stem.text for stem in self._stems[passage.begin : end])
            return (
                self._passage(passage.entry, passage.begin, end) if passage.entry.expression.fullmatch(words) else None
            )
        return None

    def _is_named(self, index: int) -> bool:
        """Whether an article, a preposition or another thing that is named goes before: `into a cheetah`."""
        before = self._owner[index - 1] if index else None
        if before is None:
            return False
        return before.tag in {Tag.TARGET, Tag.REGION} or self._stems[index - 1].text in _NAMING

    def _is_of_camera(self, passage: Passage) -> bool:
        """Whether nothing else stands before it in its clause, or the camera does."""
        for index in range(passage.begin - 1, -1, -1):
            owner = self._owner[index]
            if owner is None:
                if not self._is_small(index):
                    return False
            elif owner.tag is Tag.CAMERA or owner.tag in _TIES:
                return True
            elif owner.tag in _NOUNS:
                return False
        return True

    def _is_small(self, index: int) -> bool:
        return any(not entry.pattern or entry.expression.fullmatch(self._stems[index].text) for entry in _SMALL)

    def _is_taken(self, passage: Passage) -> bool:
        owners = self._owner[passage.begin : passage.end]
        return any(owner is not None and owner.tag in {Tag.MOVE, Tag.AIR, Tag.EFFECT, Tag.LOCKED} for owner in owners)

    def _is_risky(self, entry: Entry, passage: Passage) -> bool:
        """Whether no camera or air has the words; large moves are the camera's, and not those of light."""
        if entry.value is Code.CROWD and self._is_one(passage):
            return False
        if not entry.generic:
            return not self._is_taken(passage)
        owner = self._owner[passage.begin]
        return owner is None or owner.tag is not Tag.AIR

    def _is_one(self, passage: Passage) -> bool:
        """Whether it is one of those who make a crowd when they are many: `the passenger`."""
        stem = self._stems[passage.begin]
        return passage.end - passage.begin == 1 and stem.text in _OF_CROWDS and not is_plural(stem.token.text)

    def _own(self, passage: Passage) -> None:
        self._owner[passage.begin : passage.end] = [passage] * (passage.end - passage.begin)

    def _matches(self, entry: Entry) -> list[Passage]:
        found = []
        for match in entry.expression.finditer(self._text):
            begin, end = self._starts.get(match.start()), self._starts.get(match.end() + 1)
            if begin is not None and end is not None and end > begin:
                found.append(self._passage(entry, begin, end))
        return found

    def _passage(self, entry: Entry, begin: int, end: int) -> Passage:
        stems = self._stems[begin:end]
        span = Span(stems[0].token.span.begin, stems[-1].token.span.end)
        return Passage(
            entry=entry,
            begin=begin,
            end=end,
            tag=entry.tag,
            value=entry.value,
            span=span,
            text=self._prompt[span.begin : span.end],
            note=entry.note,
            generic=entry.generic,
            corrections=tuple((stem.token.text, stem.corrected) for stem in stems if stem.corrected),
            stems=" ".join(stem.text for stem in stems),
        )


_NAMING = frozenset(
    {"the", "a", "an", "our", "my", "your", "its", "his", "her", "their", "this", "that"}
    | {"at", "of", "in", "into", "on", "onto", "to", "from", "over", "for", "by", "with"}
)
_SMALL = tuple(entry for entry in REST if entry.tag in {Tag.FILLER, Tag.STYLE})
_TELLS: Mapping[Code, Collection[Code]] = {
    Code.SHOWS_HIDDEN: {Code.HAND_WORK, Code.TEXT_MOVES},
    Code.BODY_MOVES: {Code.UNPROVEN, Code.TEXT_MOVES, Code.MORPH, Code.FLUID},
    Code.FLUID: {Code.BODY_MOVES, Code.HAND_WORK},
}
"""By what code of an action a phrase's own is replaced."""
_OF_VERBS = {Code.HAND_WORK, Code.BODY_MOVES}
_OF_CROWDS = word_set(
    "tourist passenger shopper commuter pedestrian spectator bystander protester partygoer festivalgoer"
)
_DONE_BY_OTHERS = {Tag.MOVE, Tag.HOLD, Tag.AIR, Tag.EASE, Tag.LOCKED}
_OF_OTHERS = tuple(entry for entry in MOTION if not entry.generic)


def _is_told_by(risk: Passage, action: Passage) -> bool:
    """Whether an action that knows who does it says better what a phrase of risk is: a ball that bounces is no body."""
    better = _TELLS.get(risk.value, frozenset()) if isinstance(risk.value, Code) else frozenset()
    return action.value in better and action.begin <= risk.begin < action.end


def _starts(stems: Sequence[Stem]) -> dict[int, int]:
    """Index of the stem that begins at a character of the joined stems; one more for the end."""
    starts, at = {}, 0
    for index, stem in enumerate(stems):
        starts[at] = index
        at += len(stem.text) + 1
    starts[at] = len(stems)
    return starts


def _widest(found: Iterable[Passage]) -> list[Passage]:
    """Of each code the widest passages that do not overlap, in order."""
    kept: list[Passage] = []
    for passage in sorted(found, key=lambda item: (item.begin - item.end, item.begin)):
        if not any(_overlap(passage, other) for other in kept if other.value is passage.value):
            kept.append(passage)
    return sorted(kept, key=lambda item: (item.begin, item.end, _code_name(item)))


def _code_name(passage: Passage) -> str:
    return passage.value.value if isinstance(passage.value, Code) else ""


def _overlap(one: Passage, other: Passage) -> bool:
    return one.begin < other.end and other.begin < one.end


_EASED = {Ease.IN: CameraMove.PUSH, Ease.OUT: CameraMove.PULL}


def _with_eased_moves(passages: Sequence[Passage]) -> list[Passage]:
    """`ease in` beside a move is how that begins; alone it is a move itself."""
    if any(passage.tag is Tag.MOVE for passage in passages):
        return list(passages)
    return [
        replace(passage, tag=Tag.MOVE, value=_EASED[passage.value])
        if isinstance(passage.value, Ease) and passage.value in _EASED
        else passage
        for passage in passages
    ]


def _with_sides(passages: Sequence[Passage]) -> list[Passage]:
    """A move to no side goes where its next clause says: `tracking shot, right to left`."""
    sided = list(passages)
    for index, passage in enumerate(passages):
        if passage.tag is Tag.MOVE and passage.value is CameraMove.PAN_RIGHT and passage.note:
            side = _side(passages[index + 1 :], passage.clause)
            if side is not None:
                move = CameraMove.PAN_LEFT if side == 180.0 else CameraMove.PAN_RIGHT
                sided[index] = replace(passage, value=move, note="")
    return sided


def _side(after: Sequence[Passage], clause: int) -> float | None:
    for passage in after:
        if passage.clause > clause + 1 or passage.tag in {Tag.AIR, Tag.LEARNED, Tag.SUBJECT}:
            return None
        if passage.tag is Tag.HEADING and isinstance(passage.value, float):
            return passage.value
    return None


def _with_clauses(passages: Sequence[Passage]) -> list[Passage]:
    """The same, each with the number of its clause."""
    clause, numbered = 0, []
    for passage in passages:
        clause += passage.tag in _TIES
        numbered.append(replace(passage, clause=clause))
    return numbered


def _denied(
    passages: Sequence[Passage], risks: Sequence[Passage], stems: Sequence[Stem]
) -> tuple[list[Passage], list[Passage]]:
    """The same, with what negations reach marked."""
    reached: set[int] = set()
    for index, passage in enumerate(passages):
        if passage.tag is Tag.NEGATION:
            reached |= _reach(passages, index, stems)
    return _marked(passages, reached), _marked(risks, reached)


def _marked(passages: Sequence[Passage], reached: set[int]) -> list[Passage]:
    return [
        replace(passage, negated=True) if passage.begin in reached and passage.tag not in _TIES else passage
        for passage in passages
    ]


def _reach(passages: Sequence[Passage], negation: int, stems: Sequence[Stem]) -> set[int]:
    """Stems that a negation denies: to the end of its clause, and on over lists that end in `or`."""
    first = passages[negation].end
    reached: set[int] = set()
    for passage in passages[negation + 1 :]:
        if passage.begin - first > _REACH or passage.tag in {Tag.RELEASE, Tag.NEGATION, Tag.THEN}:
            break
        if passage.tag in _TIES and not _list_goes_on(stems, passage):
            break
        reached |= set(range(passage.begin, passage.end))
    return reached


def _list_goes_on(stems: Sequence[Stem], comma: Passage) -> bool:
    """Whether a list of things that are denied goes on after a comma: `no zoom, pan or tilt`."""
    if comma.text not in {",", "/"}:
        return False
    after = [stem.text for stem in stems[comma.end : comma.end + 4]]
    ends = [after.index(mark) for mark in (",", ".", ";") if mark in after]
    part = after[: min(ends)] if ends else after
    return any(word in {"or", "nor"} for word in part)
