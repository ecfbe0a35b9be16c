"""Heroes whose pictures are in the store: what a request says of them before anything is read."""

from __future__ import annotations

from dataclasses import dataclass

from firstframe.core.media import LayerRole, PixelRect, PixelSize


@dataclass(frozen=True, slots=True)
class PictureReference:
    """A file in the store, a PNG unless something else is said, and where in the request it is named."""

    field: str
    digest: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class LayerReference:
    """A layer whose picture is in the store."""

    role: LayerRole
    picture: PictureReference
    depth_m: float


@dataclass(frozen=True, slots=True)
class HeroReference:
    """A hero whose pictures are in the store."""

    image: PictureReference
    size: PixelSize
    layers: tuple[LayerReference, ...]
    bleed_px: int
    horizontal_fov_deg: float
    confidence: float
    subject: PixelRect | None
    matte: PictureReference | None = None
    objects: PictureReference | None = None
    object_names: tuple[str, ...] = ()
    inverse_depth: PictureReference | None = None
    scene: PictureReference | None = None
    """How its set was built."""
    regions: tuple[tuple[str, PictureReference], ...] = ()
    """Name and mask of each part that the owner has drawn."""

    @property
    def layer_size(self) -> PixelSize:
        """Size of every layer."""
        return PixelSize(self.size.width + 2 * self.bleed_px, self.size.height + 2 * self.bleed_px)
