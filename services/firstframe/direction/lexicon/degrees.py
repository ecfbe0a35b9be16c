"""How much, how fast, how long; and the small words that order and deny."""

from __future__ import annotations

from dataclasses import dataclass

from firstframe.direction.lexicon.entries import Entry, Tag


@dataclass(frozen=True, slots=True)
class Degree:
    """How strong a word makes a move, or a thing in the air."""

    strength: float
    """Of a move, 0 to 1."""
    air: float
    """Amount in the air, 0 to 1."""
    pace: bool = False
    """Whether it is about speed, and counts more than how it should feel."""


PLAIN = 0.7
"""Strength of a move of which nothing is said."""
FAINT = Degree(0.2, 0.25)
SMALL = Degree(0.3, 0.3)
GENTLE = Degree(0.4, 0.4)
SLOW = Degree(0.5, 0.5, pace=True)
VERY_SLOW = Degree(0.35, 0.5, pace=True)
MODERATE = Degree(PLAIN, 0.5)
FAST = Degree(1.0, 0.7, pace=True)
BIG = Degree(0.9, 0.9)

_VERY = "(?:very|really|super|so|extremely|ultra|incredibly|painfully|crazy|mega)"


def _degree(value: Degree, *patterns: str) -> list[Entry]:
    return [Entry(pattern, Tag.DEGREE, value) for pattern in patterns]


DEGREES: tuple[Entry, ...] = (
    *_degree(
        FAINT,
        f"(?:{_VERY} )?(?:bare|barely|hardly|subtle|imperceptible|almost imperceptible|minimal|minuscule|minute"
        f"|micro|faint|tiny|teeny|wee"
        "|minor|understated)(?: (?:perceptible|noticeable|visible|there))?",
        f"(?:{_VERY} |ever so |only |just )?(?:slight|delicate)",
        "ever so(?: (?:slight|gentle|soft|slow|subtle))?",
        "(?:just )?a (?:tiny |wee |little )?(?:touch|hint|bit|tad|smidge|smidgen|whisper|trace|dash|pinch"
        "|little)(?: bit)?(?: (?:of|more))?",
        "(?:a )?(?:little|tiny) bit(?: of)?",
        f"{_VERY} (?:gentle|soft|small|little|light)",
        "next to nothing",
    ),
    *_degree(
        SMALL,
        "(?:small|little|modest|restrained|thin|lil|sparse|some faint|few)",
        "nothing (?:crazy|wild|too much|fancy|big)",
    ),
    *_degree(
        SMALL,
        "light(?= (?:rain|snow|mist|fog|haze|drizzle|dust|smoke|steam|touch|breeze|flurry|push|pan|zoom|tilt"
        "|sway|snowfall|shower|mote))",
    ),
    *_degree(GENTLE, "(?:gentle|soft|calm|peaceful|serene|mellow|quiet|tender|dainty)"),
    *_degree(
        SLOW,
        "(?:slow|leisurely|lazy|languid|unhurried|unrushed|patient|relaxed|slo|steady and slow|creeping|creep|inching"
        "|glacial)(?: (?:pace|speed|burn))?",
        "not (?:too |so |very |that |super )?(?:fast|quick|rapid|dramatic|strong|much|aggressive|hard|big)",
        "take (?:its|your|it) (?:time|easy)",
        "(?:at )?(?:a )?(?:relaxed|slow|leisurely) (?:pace|speed)",
    ),
    *_degree(
        VERY_SLOW,
        f"(?:{_VERY} )(?:slow|leisurely)",
        "snail(?: pace)?",
        "at a crawl",
        "ultraslow",
        "slow (?:slow )?slow",
        "glacial",
    ),
    *_degree(MODERATE, "(?:moderate|medium|normal|regular|standard|not too slow)(?: (?:speed|pace))?"),
    *_degree(
        FAST,
        f"(?:{_VERY} )?(?:fast|quick|rapid|swift|speedy|brisk|snappy|hasty|sudden|swoosh|whoosh|zippy|lively)(?:"
        f" (?:pace|speed))?",
        "high speed",
        "(?:faster|quicker)",
    ),
    *_degree(
        BIG,
        f"(?:{_VERY} )?(?:dramatic|strong|big|bold|energetic|powerful|aggressive|intense|heavy|sweeping|punchy"
        f"|extreme|vigorous|huge|massive"
        "|dynamic|thick|dense|torrential|large|epic|wild|violent|hefty|grand|pronounced|exaggerated|crazy|lush"
        "|rich|high)",
        "(?:a )?(?:lot|lots|load|loads|plenty|ton|tons)(?: of)?",
        "hard",
    ),
)
"""Words of degree."""

SMALL_WORDS: tuple[Entry, ...] = (
    Entry(
        "{figure} ?(?:%|percent|per cent|pct)(?: of (?:the )?(?:frame|width|height|screen|picture))? ?(?:per|a|an"
        "|each|every|/) ?{s}",
        Tag.SPEED,
    ),
    Entry("{figure} ?(?:%|percent|per cent|pct)(?: of (?:the )?(?:frame|width|height|screen|picture))?", Tag.AMOUNT),
    Entry("{figure} ?(?:°|degree|degrees|deg|º)", Tag.ANGLE),
    Entry(
        "(?:over|in|for|across|during|within|lasting|last|about|around|first|after)?(?: the (?:first|last"
        "|next))? ?{n} {s}",
        Tag.TIME,
        "s",
    ),
    Entry("(?:over|in|for|across|during|within|lasting|last|about)? ?{n} (?:minute|minutes|min|mins)", Tag.TIME, "min"),
    Entry(
        "(?:no|not|without|never|nor|none|neither|avoid|zero|skip|exclude|drop|remove|less|sans|minus|w o)(?:"
        " any| the)?",
        Tag.NEGATION,
    ),
    Entry("(?:do|does|should|must|can|will|please do) not", Tag.NEGATION),
    Entry("not just", Tag.FILLER),
    Entry("(?:but|just|only|instead|except|rather|however|yet)", Tag.RELEASE),
    Entry(
        "(?:and )?(?:then|afterward|afterwards|finally|next|later|lastly|eventually|thereafter|subsequently)", Tag.THEN
    ),
    Entry("(?:follow|followed) by", Tag.THEN),
    Entry("(?:and )?(?:after|before)(?: (?:that|this|which|it))?", Tag.THEN),
    Entry("(?:to|at) (?:end|finish|the end|start|begin|the start)", Tag.THEN),
    Entry(
        "(?:end|finish|conclude|start|begin|open|opening|ending|starting)(?: (?:with|by|wide|off|at|from|on|in|to))?",
        Tag.THEN,
    ),
    Entry("(?:and )?(?:at|in) the same time|simultaneous|at once|concurrent", Tag.TOGETHER, "now"),
    Entry("while|whilst|as|during|combined with|coupled with|together with|along with", Tag.TOGETHER),
    Entry("[.,;:!?–—|\\n/()…•+&-]", Tag.BREAK),
    Entry(
        "(?:in|from|through|across|over|around|into) the (?:far |deep )?(?:background|distance|backdrop)",
        Tag.REGION,
        "background",
    ),
    Entry("(?:behind|far behind|in back of) (?:{the} )?(?:\\w+)?|background", Tag.REGION, "background"),
    Entry("(?:in|across|over|through) the sky", Tag.REGION, "sky"),
    Entry(
        "(?:on|over|across|along) (?:{the} )?(?:subject|product|hero|bottle|can|jar|box|watch|shoe|cup|pack|packaging)",
        Tag.REGION,
        "subject",
    ),
    Entry("from (?:{the} )?left(?: side)?(?: to (?:{the} )?right)?|left to right|rightward|{right}", Tag.HEADING, 0.0),
    Entry("from (?:{the} )?right(?: side)?(?: to (?:{the} )?left)?|right to left|leftward|{left}", Tag.HEADING, 180.0),
    Entry("upward|upwards|from below", Tag.HEADING, 90.0),
    Entry("downward|downwards|from above", Tag.HEADING, 270.0),
)
"""Numbers, order, denial and place."""
