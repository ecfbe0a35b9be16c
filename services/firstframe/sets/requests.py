"""What is asked for of a generated set."""

from __future__ import annotations

from dataclasses import dataclass

from firstframe.core.formats import Quality
from firstframe.core.media import PixelSize
from firstframe.sets.brands import Brand
from firstframe.sets.products import Product

VERSION = "10"
"""Of the sets and of what renders them: raised whenever the same request may give another picture, or says more of it."""


@dataclass(frozen=True, slots=True)
class SetRequest:
    """A generated hero to make; checked."""

    scene: str
    palette: str
    copy: str
    tagline: str
    size: PixelSize
    seed: int
    quality: Quality
    brand: Brand | None = None
    """Whose product it is."""
    product: Product | None = None
    """What stands on the set instead of the scene's own bottle."""
    staging: int = 0
    """Which way the set is staged: 0 as its seed stages it first, see `firstframe.sets.staging`."""
