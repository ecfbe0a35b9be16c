"""The brief as the domain sees it: checked, immutable, free of the contract's encoding."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from firstframe.core.formats import Quality
from firstframe.orchestrator.plan import PhotoSource, SetSource
from firstframe.orchestrator.recipes import Air, Recipe

MAX_HEROES = 1000
MAX_VARIATIONS = 100
MAX_LANES = 4000
"""Heroes × variations × formats; a larger library is several campaigns."""
MAX_COPY_CHARACTERS = 24
MAX_TAGLINE_CHARACTERS = 40
MAX_PROMPT_CHARACTERS = 500
FRAME_RATES = (24, 25, 30, 50, 60)
DEFAULT_FRAME_RATE = 30
MIN_CLIP_SECONDS = 3.0
MAX_CLIP_SECONDS = 5.0


class Approval(Enum):
    """Who says yes to heroes."""

    AUTO = "auto"
    REQUIRED = "required"


class Visibility(Enum):
    """Who may see a campaign."""

    PRIVATE = "private"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class HeroBrief:
    """One hero."""

    name: str
    variations: int
    source: SetSource | PhotoSource


@dataclass(frozen=True, slots=True)
class MotionBrief:
    """How every hero moves."""

    recipe: Recipe
    prompt: str
    seconds: float
    frame_rate: int
    strength: float
    air: Air


@dataclass(frozen=True, slots=True)
class Brief:
    """A campaign, checked."""

    campaign: str
    seed: int
    heroes: tuple[HeroBrief, ...]
    formats: tuple[str, ...]
    motion: MotionBrief
    platforms: tuple[str, ...]
    approval: Approval
    visibility: Visibility
    quality: Quality
