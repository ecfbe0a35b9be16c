"""Hints for a word that is not known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

_ALSO_CALLED: Mapping[str, str] = {
    other: word
    for word, others in {
        "mist": "fog haze smoke steam vapour vapor",
        "dust": "particles particle motes sparkles pollen",
        "foliage": "leaves leaf trees tree grass plants",
        "cloth": "fabric curtain curtains textile silk",
        "flicker": "fire candle flame neon lamp",
        "water": "river waves sea ocean stream",
        "caustics": "reflections ripples",
        "light-sweep": "light sunlight sun sunbeam glint",
        "clouds": "sky cloud",
        "push": "zoom zoom-in dolly dolly-in push-in",
        "pull": "zoom-out dolly-out pull-out pull-back",
        "pan-left": "truck-left slide-left left",
        "pan-right": "truck-right slide-right right",
        "crane-up": "pedestal-up rise boom-up",
        "crane-down": "pedestal-down boom-down",
        "orbit": "arc circle parallax",
        "locked": "static still tripod none fixed",
        "dolly-zoom": "vertigo zolly",
        "ping-pong": "boomerang yoyo there-and-back",
        "true": "yes on loop forever",
        "false": "no off once",
    }.items()
    for other in others.split()
}
"""What people call things that have another name here."""


def one_of(names: Iterable[str]) -> str:
    """`use one of a, b`, or `use a` when there is but one."""
    known = list(names)
    return f"use {known[0]}" if len(known) == 1 else f"use one of {', '.join(known)}"


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """A hint that names the nearest of `known`, or all of them when none is near."""
    near = nearest(word, known)
    return f"did you mean `{near}`?" if near else one_of(known)


def nearest(word: str, known: Sequence[str]) -> str:
    """The one of `known` that is called so too, or is most like the word; empty when there is none."""
    called = _ALSO_CALLED.get(word.lower().replace("_", "-").replace(" ", "-"), "")
    if called in known:
        return called
    return next(iter(get_close_matches(word.lower(), known, n=1, cutoff=0.6)), "")
