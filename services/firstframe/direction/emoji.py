"""Pictures that people write instead of words."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

EMOJI: Mapping[str, str] = {
    "🌫": "mist",
    "💨": "mist",
    "❄": "snow",
    "🌨": "snow",
    "☃": "snow",
    "🌧": "rain",
    "☔": "rain",
    "🌊": "water move",
    "🕯": "candle flame",
    "🍃": "leaf sway",
    "☁": "cloud",
    "⬅": "left",
    "➡": "right",
    "⬆": "up",
    "⬇": "down",
    "🔁": "loop",
    "🔄": "loop",
    "♾": "loop",
    "🐢": "slow",
    "🐌": "slow",
}
"""Those that say something about motion."""


def is_decoration(text: str) -> bool:
    """Whether a mark is a picture or a part of one, and no word."""
    return text != "°" and all(
        unicodedata.category(character) in {"So", "Sk", "Mn", "Cf", "Me", "Co", "Cn"} for character in text
    )
