"""What an entry of the lexicon is: a pattern over the stems of a prompt, and what it means.

Patterns are regular expressions over stems joined by one space, marks included: `slow push in , light sweep`. A word in
braces is one of `CLASSES`. Each pattern matches whole stems. Repeats are bounded, so that matching takes time in
proportion to the prompt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache


class Tag(Enum):
    """What kind of thing a passage says."""

    MOVE = "move"
    LOCKED = "locked"
    """The camera stands still throughout."""
    HOLD = "hold"
    """The camera comes to rest after a move."""
    CAMERA = "camera"
    AIR = "air"
    REPEAT = "repeat"
    EFFECT = "effect"
    DEGREE = "degree"
    EASE = "ease"
    SPEED = "speed"
    AMOUNT = "amount"
    ANGLE = "angle"
    TIME = "time"
    NEGATION = "negation"
    RELEASE = "release"
    """Ends what a negation says no to: `but`, `only`."""
    THEN = "then"
    TOGETHER = "together"
    BREAK = "break"
    REGION = "region"
    HEADING = "heading"
    """Where something in the air goes."""
    LEARNED = "learned"
    """Motion that only learned engines make."""
    RISK = "risk"
    SUBJECT = "subject"
    """What the picture shows."""
    TARGET = "target"
    """What the camera looks at, named but not described."""
    STYLE = "style"
    """How it should feel; no engine is told by a number."""
    LOOK = "look"
    """How the picture looks."""
    FILLER = "filler"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Entry:
    """One way to say one thing."""

    pattern: str
    tag: Tag
    value: object = None
    generic: bool = False
    """Said of many things; a move of the camera only where nothing else moves."""
    note: str = ""
    """What a person is told besides, such as a side that nobody named."""

    @property
    def expression(self) -> re.Pattern[str]:
        """The pattern, its classes filled in, for whole stems."""
        return _compiled(self.pattern)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\S)(?:{expanded(pattern)})(?!\S)")


CLASSES: Mapping[str, str] = {
    "adv": "(?:very|really|super|so|ever|too|quite|just|a|bit|little|tiny|touch|tad|slow|gentle|soft|slight"
    "|subtle|smooth|steady"
    "|quick|fast|bare|nice|graceful|elegant|dramatic|rapid|swift|careful|calm|easy|only|always|then|almost"
    "|imperceptible"
    "|delicate|strong|back|hard|up|n)",
    "the": "(?:the|our|your|my|its|his|her|their|this|that|these|those|a|an)",
    "left": "(?:(?:to|2|toward|towards) )?(?:{the} )?(?:left|leftward|leftwards)(?: hand)?(?: side)?",
    "right": "(?:(?:to|2|toward|towards) )?(?:{the} )?(?:right|rightward|rightwards)(?: hand)?(?: side)?",
    "go": "(?:move|go|drift|glide|float|slide|travel|come|ease|creep|inch|swoosh|swoop|swing|shift|motion"
    "|movement|advance|fly)",
    "in": "(?:in|into|inward|inwards|forward|forwards|closer|close|nearer|near|toward|towards)",
    "out": "(?:out|back|backward|backwards|away|outward|outwards|further|farther)",
    "side": "(?:pan|truck|track|dolly|slide|slider|crab|strafe|swivel|sweep|scroll|lateral|sideways|tracking)",
    "figure": r"(?:\d{1,30}(?:[.,]\d+)?|{n})",
    "n": r"(?:\d{1,3}(?:[.,]\d+)?|half|one|two|three|four|five|six|seven|eight|nine|ten|fifteen|twenty|thirty|sixty)",
    "s": "(?:second|seconds|sec|secs|s)",
    "g": "(?: {adv}){0,3}",
}
"""Words that may stand for each other in patterns."""

REDUCED: Mapping[str, str] = {
    "ageing": "age",
    "aging": "age",
    "ascending": "ascend",
    "breakdancing": "breakdance",
    "changing": "change",
    "creeping": "creep",
    "dancing": "dance",
    "descending": "descend",
    "drifting": "drift",
    "ending": "end",
    "evolving": "evolve",
    "floating": "float",
    "flying": "fly",
    "followed": "follow",
    "glowing": "glow",
    "holding": "hold",
    "inching": "inch",
    "juggling": "juggle",
    "kids": "kid",
    "leafs": "leaf",
    "locked": "lock",
    "looping": "loop",
    "marching": "march",
    "moves": "move",
    "moving": "move",
    "opening": "open",
    "passing": "pass",
    "playing": "play",
    "rising": "rise",
    "shifting": "shift",
    "sitting": "sit",
    "smiling": "smile",
    "softly": "soft",
    "spinning": "spin",
    "stands": "stand",
    "starting": "start",
    "sweeping": "sweep",
    "talking": "talk",
    "tied": "tie",
    "traveling": "travel",
    "travelling": "travel",
    "typing": "type",
    "unboxing": "unbox",
    "wandering": "wander",
}
"""Forms that patterns spell out for the reader, and the stems that they are matched as."""

_CLASS = re.compile(r"\{([a-z]+)\}")
_WORD = re.compile(r"(?<!\\)[a-z][a-z']+")


def expanded(pattern: str) -> str:
    """A pattern with its classes filled in."""
    while _CLASS.search(pattern):
        pattern = _CLASS.sub(lambda match: CLASSES[match[1]], pattern)
    return _WORD.sub(lambda match: REDUCED.get(match[0], match[0]), pattern)


def word_set(words: str) -> frozenset[str]:
    """Words that are parted by spaces."""
    return frozenset(words.split())


def words_in(patterns: Iterable[str]) -> frozenset[str]:
    """Every word that a pattern asks for."""
    return frozenset(word for pattern in patterns for word in _WORD.findall(expanded(pattern)))
