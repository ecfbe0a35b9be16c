"""What the image stage is asked for, checked: one kind of value for each source of a hero."""

from __future__ import annotations

from dataclasses import dataclass

from firstframe.core.media import PixelSize
from firstframe.core.references import PictureReference
from firstframe.imagegen.engines import PromptRequest
from firstframe.imagegen.goods import CutoutWish, ModelWish
from firstframe.imagegen.reframe import Reframe
from firstframe.sets.brands import Brand
from firstframe.sets.requests import SetRequest


@dataclass(frozen=True, slots=True)
class PhotographRequest:
    """A photograph to make a hero of; checked."""

    image: PictureReference
    size: PixelSize
    reframe: Reframe
    focus: tuple[float, float] | None
    """Where the subject is, 0 to 1 from the left and from the top; found by itself when none is given."""
    matte: PictureReference | None = None
    """Its owner's mask of the subject."""
    inverse_depth: PictureReference | None = None
    """Its owner's map of inverse depth."""
    partner: PictureReference | None = None
    """A second portrait, for a hero of two people."""
    seed: int = 0
    regions: tuple[tuple[str, PictureReference], ...] = ()
    """Name and mask of each part that its owner has drawn."""


@dataclass(frozen=True, slots=True)
class PromptPlan:
    """A hero to make of words; checked."""

    pack: str
    request: PromptRequest
    """Without its reference, which has to be read first."""
    reference: PictureReference | None


@dataclass(frozen=True, slots=True)
class MarkedPlan:
    """A generated hero whose brand has a mark, which has to be read first; checked."""

    request: SetRequest
    """Its brand is without the mark."""
    brand: Brand
    logo: PictureReference


@dataclass(frozen=True, slots=True)
class ProductPlan:
    """A generated hero of a caller's own product, whose file has to be read first; checked."""

    request: SetRequest
    """Its brand is without a mark: a product of the caller's has no label to print one on."""
    wish: ModelWish | CutoutWish


Plan = SetRequest | MarkedPlan | ProductPlan | PhotographRequest | PromptPlan
