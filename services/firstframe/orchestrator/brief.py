"""The brief as the domain sees it: checked, immutable, free of the contract's encoding."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from firstframe.core.formats import Quality
from firstframe.core.motion import Motion
from firstframe.core.native import ClipPack
from firstframe.core.recipes import Recipe
from firstframe.orchestrator.plan import ArtifactSource, CutoutSource, Gate, ModelSource, PhotoSource, SetSource

MAX_HEROES = 4000
MAX_VARIATIONS = 100
MAX_LANES = 4000
"""Heroes × variations × formats; a larger library is several campaigns."""
MAX_CLIPS = 8000
"""Lanes × the clips of each."""
MAX_PROMPT_CHARACTERS = 500
BRAND_COLOURS = ("ground", "product", "accent", "paper", "ink")
MAX_CLEAR_SPACE = 2.0
MAX_STILL_PROMPT_CHARACTERS = 600
MAX_STILL_PART_CHARACTERS = 200
MAX_COLOUR_CHARACTERS = 16
MAX_TURN_DEG = 360.0
MIN_PRODUCT_M, MAX_PRODUCT_M = 0.01, 1.0
"""Height of a model or a cut-out on its set."""
MAX_STEPS = 200
PREVIZ, SCENE, DIFFUSERS = "previz", "scene", "diffusers"
ENGINES = (PREVIZ, SCENE, DIFFUSERS)
"""Engines of the animation stage that a brief may ask for."""
DEFAULT_CLIP_PACK = "ltx-video"
"""What the engine `diffusers` moves heroes with when nothing is said: the fastest that makes a delivery rate."""
MAX_PEOPLE = 8
MAX_GUIDANCE = 50.0
FRAME_RATES = (24, 25, 30, 50, 60)
DEFAULT_FRAME_RATE = 30
MIN_CLIP_SECONDS = 3.0
MAX_CLIP_SECONDS = 5.0
MAX_SECONDS = 60.0
"""Of a piece; a longer one than MAX_CLIP_SECONDS is made as several clips."""


class Approval(Enum):
    """Who says yes to heroes."""

    AUTO = "auto"
    REQUIRED = "required"


class Visibility(Enum):
    """Who may see a campaign."""

    PRIVATE = "private"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class PromptBrief:
    """A hero that a learned model makes of words, as a person gives them."""

    text: str
    negative: str = ""
    style: str = ""
    foreground: str = ""
    midground: str = ""
    background: str = ""
    pack: str = ""
    """Empty takes the first of the server that does the work."""
    steps: int = 0
    """0 takes the pack's own."""
    guidance: float | None = None
    """None takes the pack's own."""
    reference: ArtifactSource | None = None
    strength: float = 0.0
    """How much of `reference` is given up, 0 to 1; 0 without one."""


@dataclass(frozen=True, slots=True)
class HeroBrief:
    """One hero."""

    name: str
    variations: int
    source: SetSource | PhotoSource | PromptBrief
    seed: int | None = None
    """Of its stills; None takes the brief's."""
    people: tuple[str, ...] = ()
    """Consents of those shown, from left to right."""


@dataclass(frozen=True, slots=True)
class Learned:
    """How a learned engine is asked to move heroes."""

    pack: ClipPack
    negative: str = ""
    """What it is to keep out besides what the motion asks to be kept out."""
    steps: int = 0
    """0 takes the pack's own."""
    ends_at_hero: bool = False
    """Whether the last frame is the hero."""


@dataclass(frozen=True, slots=True)
class MotionBrief:
    """How every hero moves."""

    recipe: Recipe
    prompt: str
    seconds: float
    frame_rate: int
    motion: Motion
    """The recipe's, with what the brief changes in it."""
    gate: Gate = Gate.RETRY
    engine: str = PREVIZ
    learned: Learned | None = None
    """With the engine `diffusers` alone."""


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


def inputs_of(source: SetSource | PhotoSource | PromptBrief) -> list[tuple[str, str]]:
    """Field and digest of each artifact that has to be in the store before a hero can be made."""
    match source:
        case PhotoSource():
            maps = {"matte": source.matte, "inverse_depth": source.inverse_depth, "partner": source.partner}
            given = [(f"photograph.{name}", found.digest) for name, found in maps.items() if found is not None]
            drawn = [(f"photograph.regions[{at}].mask", mask.digest) for at, (_, mask) in enumerate(source.regions)]
            return [("photograph.image", source.digest), *given, *drawn]
        case SetSource():
            return _inputs_of_set(source)
        case PromptBrief(reference=ArtifactSource() as picture):
            return [("prompt.reference", picture.digest)]
        case _:
            return []


def _inputs_of_set(source: SetSource) -> list[tuple[str, str]]:
    logo = source.brand.logo if source.brand else None
    inputs = [("set.brand.logo", logo.digest)] if logo else []
    match source.product:
        case ModelSource() as model:
            return [*inputs, ("set.model.mesh", model.mesh.digest)]
        case CutoutSource() as cutout:
            return [*inputs, ("set.cutout.image", cutout.image.digest)]
        case _:
            return inputs
