"""Cut-outs: products told from their background, with the colours of their edges freed from it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.errors import InvalidInput
from firstframe.core.media import Finding, Grey8, Rgb8, Severity
from firstframe.imaging import matting
from firstframe.imaging.fill import push_pull

Floats = NDArray[np.float32]

MIN_SIDE_PX = 64
"""Of the product itself."""
_CLEAR, _SOLID = 5 / 255, 250 / 255
"""Alpha that is as good as none, and as good as whole."""
_CRUMB = 0.004
"""Share of the largest part, from which another part of an alpha is no crumb."""
_SPECK = 0.05
"""The same for a learned matte, which takes things beside the product along."""
_FRAME = 0.02
"""Share of an edge of the picture that a product may touch without being cut there."""
_TOLD = 0.75
"""Error of a mixed edge to that of a clean one, below which the edge is taken for mixed with its old background."""
_APART = 0.06
"""Distance of the old background's colour from the product's, below which nothing can be told, 0 to 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Cutout:
    """A product without its background, trimmed."""

    colour: Rgb8
    """Shape (h, w, 3), sRGB; the product's own, going on beyond its edge."""
    alpha: Floats
    """0 to 1, shape (h, w); 0 along the edge of the picture."""
    findings: tuple[Finding, ...] = ()


def of_alpha(picture: Rgb8, alpha: Grey8, *, field: str) -> Cutout:
    """A cut-out of a picture with transparency.

    What a picture says of the colours of soft edges may be the product's own, as it should, or still be mixed with the
    background that it was cut from, which shows as a halo. Both are tried on the edge; where the mixture explains it
    much better, its background is taken out.

    Args:
        picture: Shape (h, w, 3).
        alpha: Shape (h, w).
        field: Field to name in errors.

    Raises:
        InvalidInput: Nothing of use is opaque.
    """
    cover = _kept(np.asarray(alpha, np.float32) / np.float32(255), _CRUMB)
    _check(cover, field)
    values = np.asarray(picture, np.float32) / np.float32(255)
    cut = _cut_edges(cover)
    values, cover = _trimmed(values, cover)
    solid = matting.solid_colour(values, cover)
    old = old_background(values, cover, solid)
    if old is None:
        known = np.clip((cover - 0.02) / 0.1, 0, 1)
        front = push_pull(values, np.asarray(known, np.float32))
    else:
        front, _ = matting.unmixed(values, cover, np.broadcast_to(old, values.shape), solid)
    return Cutout(_levels(front), cover, cut)


def of_matte(picture: Rgb8, matte: Floats, *, field: str) -> Cutout:
    """A cut-out of a photograph, by a matte of any size over the whole of it.

    The matte is drawn to the edges of the picture, and the background, which is known beside the product, taken out of
    their colours.

    Raises:
        InvalidInput: The matte shows no product.
    """
    height, width = picture.shape[:2]
    values = np.asarray(picture, np.float32) / np.float32(255)
    large = np.asarray(cv2.resize(matte, (width, height), interpolation=cv2.INTER_CUBIC), np.float32).clip(0, 1)
    coarse = max(max(height, width) / max(matte.shape), 1.0)
    radius = max(round(3.0 * coarse), 4)
    drawn = matting.refined(large, values, radius)
    cover = _kept(np.asarray(0.5 * (drawn + large) if coarse < 1.2 else drawn, np.float32), _SPECK)
    _check(cover, field)
    cut = _cut_edges(cover)
    around = _background(values, cover, radius)
    values, cover, around = _trimmed(values, cover, around)
    solid = matting.solid_colour(values, cover)
    front, _ = matting.unmixed(values, cover, around, solid)
    return Cutout(_levels(front), cover, cut)


def check_alpha(alpha: Grey8, *, field: str) -> None:
    """Makes sure that a transparency shows a product; see `of_alpha`, whose errors these are."""
    _check(_kept(np.asarray(alpha, np.float32) / np.float32(255), _CRUMB), field)


def old_background(picture: Floats, alpha: Floats, solid: Floats) -> Floats | None:
    """The colour of the background that a soft edge is still mixed with, shape (3,); None where the edge is clean.

    By least squares over the edge: a clean edge has the colour of the product beside it; a mixed one lies on the way
    from there to one other colour, farther the less alpha there is.

    Args:
        picture: Colours as the file has them, 0 to 1, shape (h, w, 3).
        alpha: 0 to 1, shape (h, w).
        solid: The product's opaque colour spread beyond its edge, shape (h, w, 3).
    """
    edge = (alpha > 0.1) & (alpha < 0.9)
    if int(edge.sum()) < 32:
        return None
    rest, off, near = (1 - alpha[edge])[:, None], picture[edge] - solid[edge], solid[edge]
    old = np.clip(((off + rest * near) * rest).sum(axis=0) / (rest**2).sum(), 0, 1)
    clean = float(np.abs(off).mean())
    mixed = float(np.abs(off - rest * (old - near)).mean())
    apart = float(np.abs(old - near).mean())
    if apart < _APART or mixed > _TOLD * clean:
        return None
    return np.asarray(old, np.float32)


def _background(picture: Floats, cover: Floats, reach_px: int) -> Floats:
    """What is beside the product spread under it, shape (h, w, 3)."""
    side = 2 * max(reach_px // 2, 1) + 1
    known = cv2.erode((cover < 0.01).astype(np.float32), np.ones((side, side), np.uint8))
    spread = push_pull(picture, np.asarray(known, np.float32))
    return np.asarray(np.clip(spread, 0, 1), np.float32)


def _kept(alpha: Floats, speck: float) -> Floats:
    """The alpha without what is nearly nothing, and without parts that are too small to belong to the product."""
    clean = np.where(alpha < _CLEAR, 0, np.where(alpha > _SOLID, 1, alpha)).astype(np.float32)
    _, labels, stats, _ = cv2.connectedComponentsWithStats((clean > 0).astype(np.uint8), connectivity=8)
    area = stats[:, cv2.CC_STAT_AREA].astype(np.float64)
    area[0] = 0
    kept = area >= speck * max(area.max(), 1.0)
    return np.asarray(clean * kept[labels], np.float32)


def _check(cover: Floats, field: str) -> None:
    solid = cover > 0.5
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    if not len(rows):
        raise InvalidInput.at(
            field, "shows no product: nothing of it is opaque", "give another picture, or another `matte`"
        )
    high, wide = int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1
    if max(high, wide) < MIN_SIDE_PX:
        raise InvalidInput.at(field, f"has a product of {wide}×{high} pixels", f"use one of at least {MIN_SIDE_PX}")
    if bool(solid.all()):
        raise InvalidInput.at(field, "has no background to cut the product from", "give another picture")


def _cut_edges(cover: Floats) -> tuple[Finding, ...]:
    """What is to be told of a product that goes beyond the picture."""
    sides = {"top": cover[0], "bottom": cover[-1], "left": cover[:, 0], "right": cover[:, -1]}
    cut = [name for name, line in sides.items() if float((line > 0.5).mean()) > _FRAME]
    if not cut:
        return ()
    message = (
        f"The product goes beyond the {' and the '.join(cut)} of its picture and is cut straight there; "
        "use a picture that shows the whole of it."
    )
    return (Finding(Severity.WARNING, "CUTOUT_CUT", message),)


def _trimmed(picture: Floats, cover: Floats, *others: Floats) -> tuple[Floats, ...]:
    """Pictures around the product alone: it touches the bottom row, and there is one empty pixel on the other sides.

    What is fainter than half below its foot (a shadow, a reflection that a matte took along) goes: it would stand on it.
    """
    rows, columns = np.flatnonzero((cover > 0).any(axis=1)), np.flatnonzero((cover > 0).any(axis=0))
    foot = np.flatnonzero((cover > 0.5).any(axis=1))[-1]
    part = np.s_[rows[0] : foot + 1, columns[0] : columns[-1] + 1]
    around = (1, 0, 1, 1)
    alpha = cv2.copyMakeBorder(cover[part], *around, cv2.BORDER_CONSTANT, value=0)
    colours = [cv2.copyMakeBorder(one[part], *around, cv2.BORDER_REPLICATE) for one in (picture, *others)]
    return tuple(np.ascontiguousarray(one, np.float32) for one in (colours[0], alpha, *colours[1:]))


def _levels(values: Floats) -> Rgb8:
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)
