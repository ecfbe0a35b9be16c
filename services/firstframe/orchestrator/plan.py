"""What a plan is made of. Every value here is plain, immutable and has a canonical form."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

from firstframe.core.canonical import digest_of
from firstframe.core.formats import Quality
from firstframe.core.media import Finding, PixelSize
from firstframe.core.motion import Motion


class Stage(Enum):
    """The stages of a lane, in order; the values are the services' names."""

    IMAGEGEN = "imagegen"
    ANIMATION = "animation"
    UPSCALING = "upscaling"
    STITCHING = "stitching"


class ReframePolicy(Enum):
    """What happens when a photograph's subject does not fit the format."""

    CROP = "crop"
    EXTEND = "extend"


@dataclass(frozen=True, slots=True)
class ArtifactSource:
    """A picture in the store that a still is made with."""

    digest: str
    media_type: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class BrandSource:
    """What a brand colours its sets with and prints on its labels; colours are `#RRGGBB`."""

    ground: str
    product: str
    accent: str
    paper: str
    ink: str
    font: str
    logo: ArtifactSource | None
    clear_space: float


class CutoutPolicy(Enum):
    """How a product is told from its background."""

    AUTO = "auto"
    ALPHA = "alpha"
    LEARNED = "learned"


@dataclass(frozen=True, slots=True)
class ModelSource:
    """A product as a mesh in the store."""

    mesh: ArtifactSource
    z_up: bool
    turn_deg: float
    height_m: float
    """0 fits it to the stand."""
    material: str
    colour: str


@dataclass(frozen=True, slots=True)
class CutoutSource:
    """A product as a picture in the store."""

    image: ArtifactSource
    matte: CutoutPolicy
    height_m: float
    """0 fits it to the stand."""


@dataclass(frozen=True, slots=True)
class SetSource:
    """A generated product set."""

    scene: str
    palette: str
    copy: str
    tagline: str
    brand: BrandSource | None = None
    product: ModelSource | CutoutSource | None = None
    """What stands on the set; None for the scene's own bottle."""
    staging: int = 0
    """Which way its seed is staged: 0 is the first."""


@dataclass(frozen=True, slots=True)
class PhotoSource:
    """A photograph in the store, and what its owner says of it."""

    digest: str
    media_type: str
    size_bytes: int
    reframe: ReframePolicy
    focus: tuple[float, float] | None
    matte: ArtifactSource | None = None
    inverse_depth: ArtifactSource | None = None
    partner: ArtifactSource | None = None
    """A second portrait, for a hero of two people."""
    regions: tuple[tuple[str, ArtifactSource], ...] = ()
    """Name and mask of each part that its owner has drawn."""


@dataclass(frozen=True, slots=True)
class PromptSource:
    """A picture that a learned model makes of words."""

    text: str
    """As the model reads it."""
    negative: str
    pack: str
    steps: int
    guidance: float | None
    reference: ArtifactSource | None
    strength: float


Source = SetSource | PhotoSource | PromptSource


@dataclass(frozen=True, slots=True)
class StillSpec:
    """Work for imagegen."""

    source: Source
    size: PixelSize
    seed: int
    quality: Quality


class Ending(Enum):
    """What the last frame of a clip shows."""

    OPEN = "open"
    """Whatever the motion comes to."""
    HERO = "hero"
    BEFORE_HERO = "before_hero"
    """What comes before the hero, with which the next clip begins."""


class Gate(Enum):
    """What becomes of clips that drift from their hero."""

    RETRY = "retry"
    """Made again with less motion, then with another seed, then the lane fails."""
    REPORT = "report"
    """Delivered, and told."""
    NONE = "none"
    """Not measured."""


@dataclass(frozen=True, slots=True)
class ClipSpec:
    """Work for animation."""

    recipe: str
    recipe_version: int
    motion: Motion
    prompt: str
    frame_count: int
    frame_rate: Fraction
    seed: int
    engine: str = ""
    """Empty for the stage's own, `previz`."""
    pack: str = ""
    """Model pack of the engine `diffusers`."""
    negative: str = ""
    steps: int = 0
    """Denoising steps; 0 takes the pack's own."""
    ending: Ending = Ending.OPEN
    gate: Gate = Gate.RETRY


@dataclass(frozen=True, slots=True)
class UpscaleSpec:
    """Work for upscaling."""

    size: PixelSize


@dataclass(frozen=True, slots=True)
class StitchSpec:
    """Work for stitching."""

    platform: str


Spec = StillSpec | ClipSpec | UpscaleSpec | StitchSpec


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One piece of work. Its identifier follows from the work itself, so that shared work is one step."""

    id: str
    stage: Stage
    spec: Spec
    needs: tuple[str, ...]
    summary: str
    reasons: tuple[str, ...]


def step(stage: Stage, spec: Spec, needs: tuple[str, ...], summary: str, reasons: tuple[str, ...] = ()) -> PlanStep:
    """A step whose identifier is derived from stage, work and needs."""
    key = digest_of({"stage": stage, "spec": spec, "needs": needs})
    return PlanStep(f"{stage.value}/{key[:16]}", stage, spec, needs, summary, reasons)


@dataclass(frozen=True, slots=True)
class DeliverablePlan:
    """A file that a lane ends in."""

    platform: str
    step: str
    file_name: str


@dataclass(frozen=True, slots=True)
class LanePlan:
    """One hero, variation and format on its way through the stages."""

    id: str
    hero: str
    variation: int
    format: str
    still: str
    clips: tuple[str, ...]
    """In order; at least one."""
    upscales: tuple[str, ...]
    """One for each clip, or none."""
    deliverables: tuple[DeliverablePlan, ...]

    @property
    def steps(self) -> tuple[str, ...]:
        """Identifiers of its steps, in order."""
        return (*self.shared, *(item.step for item in self.deliverables))

    @property
    def shared(self) -> tuple[str, ...]:
        """Identifiers of the steps that all its deliverables have in common, in order."""
        return (self.still, *self.clips, *self.upscales)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a campaign does: a directed acyclic graph in which shared work appears once."""

    campaign: str
    steps: tuple[PlanStep, ...]
    """Each comes after those that it needs."""
    lanes: tuple[LanePlan, ...]
    findings: tuple[Finding, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical plan."""
        return digest_of(self)
