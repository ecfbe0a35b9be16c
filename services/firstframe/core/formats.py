"""Formats: aspect ratios and the sizes at which each is native."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from firstframe.core.errors import InvalidInput
from firstframe.core.media import PixelSize


class Quality(Enum):
    """Effort that goes into a campaign: `draft` frames and times it, `standard` and `fine` deliver it."""

    DRAFT = "draft"
    STANDARD = "standard"
    FINE = "fine"


@dataclass(frozen=True, slots=True)
class Format:
    """An aspect ratio with its delivery size."""

    name: str
    """Width and height as whole numbers, for example `16:9`."""
    delivery_size: PixelSize
    """Full-HD class size at which platforms take it."""
    draft_size: PixelSize
    """A third of the delivery size, on even numbers."""

    @property
    def slug(self) -> str:
        """Name for files and resource ids, for example `16x9`."""
        return self.name.replace(":", "x")

    def native_size(self, quality: Quality) -> PixelSize:
        """Size at which the previz engine makes heroes of this format."""
        return self.draft_size if quality is Quality.DRAFT else self.delivery_size


FORMATS: dict[str, Format] = {
    item.name: item
    for item in (
        Format("16:9", PixelSize(1920, 1080), PixelSize(640, 360)),
        Format("9:16", PixelSize(1080, 1920), PixelSize(360, 640)),
        Format("1:1", PixelSize(1080, 1080), PixelSize(360, 360)),
        Format("4:5", PixelSize(1080, 1350), PixelSize(360, 450)),
    )
}
"""Every format that a platform of `firstframe.core.delivery` takes."""


def format_named(name: str, *, field: str = "format") -> Format:
    """The format of that name.

    Raises:
        InvalidInput: There is none; the message lists those that there are.
    """
    try:
        return FORMATS[name]
    except KeyError:
        raise InvalidInput.at(field, f"{name!r} is not a format", f"use one of {', '.join(FORMATS)}") from None
