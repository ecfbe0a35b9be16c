"""A cut-out among rendered plates: its own colours, fitted gently to the light of the set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import Finding, LayerRole
from firstframe.imagegen.engines.matching import matched
from firstframe.imagegen.engines.plates import Plate
from firstframe.render import layers
from firstframe.sets.cards import Card, projected
from firstframe.sets.framing import Camera

Floats = NDArray[np.float32]

FIT = 0.5
"""How far the light of the set is taken over, as an exponent: 0 leaves the cut-out as it is, 1 lights it as a card."""
MOST_GAIN = 1.22
"""Most that any channel is multiplied or divided by."""
WRAP = 0.22
"""How much light from behind comes round the edge of the product."""
_WRAP_SHARE = 0.007
"""Width of that edge, as a share of the frame's height."""
_BEHIND_SHARE = 0.02
"""How far around a point the light behind it is gathered, as a share of the frame's height."""
_LIGHT_SHARE = 0.06
"""Detail of the light that is taken over, as a share of the frame's height: no shadow with edges falls on a card."""
_DARK = 0.02
"""Reflectance below which light on it cannot be measured."""


@dataclass(frozen=True, slots=True, eq=False)
class Lit:
    """Light on the card, as rendered."""

    light: Floats
    """Reflected light, linear, shape (h, w, 3), of any size, over the whole bled frame."""
    cover: Floats
    """How much of each of its pixels is the card, shape (h, w)."""


def cut_in(
    plates: Sequence[Plate], card: Card, cover: Floats, lit: Lit, camera: Camera, exposure: Floats
) -> tuple[list[Plate], tuple[Finding, ...]]:
    """The plates with the cut-out over what else is in the subject's, and what is to be told of it.

    Args:
        plates: From far to near; the subject's without the card.
        card: The card.
        cover: How much of each pixel the card is, where nothing is before it, shape (h, w) of the plates.
        lit: The light on it.
        camera: Camera whose frame the plates are.
        exposure: What linear light is multiplied with before the tone curve.
    """
    at = next(index for index, plate in enumerate(plates) if plate.role is LayerRole.SUBJECT)
    own = plates[at]
    height, width = own.alpha.shape
    shown = decoded(projected(card, np.asarray(card.colour / np.float32(255), np.float32), camera, width, height))
    fitted = shown * gains(shown, lit, exposure)
    behind = _behind(plates[: at + 1], exposure)
    grain = matched(layers.encode(fitted), cover)
    colour = untoned(wrapped(decoded(grain.coded), behind, cover)) / exposure
    laid = replace(_over(own, np.asarray(colour, np.float32), cover), lacking=grain.lacking)
    return [*plates[:at], laid, *plates[at + 1 :]], grain.findings


def gains(shown: Floats, lit: Lit, exposure: Floats) -> Floats:
    """What the card's colours are multiplied with, shape (h, w, 3).

    Where white paper would be brighter than white or darker, of another tint, or unevenly lit, the cut-out follows half
    the way; each channel by no more than `MOST_GAIN`.

    Args:
        shown: The card's own colours, linear light, shape (h, w, 3).
        lit: The light on it.
        exposure: What linear light is multiplied with before the tone curve.
    """
    height, width = shown.shape[:2]
    rows, columns = lit.cover.shape
    small = np.asarray(cv2.resize(shown, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)
    solid = ((lit.cover > 0.98) & (small.max(axis=2) > _DARK)).astype(np.float32)
    if not solid.any():
        return np.ones_like(shown)
    light = lit.light * exposure
    sigma = max(_LIGHT_SHARE * rows, 1.0)
    there, there_by = (_blurred(part * solid[..., None], sigma) for part in (light, small))
    amount = np.broadcast_to(_blurred(solid, sigma)[..., None], there.shape)
    mean = (light * solid[..., None]).sum(axis=(0, 1)) / np.maximum((small * solid[..., None]).sum(axis=(0, 1)), 1e-6)
    trust = np.clip(amount / 0.25, 0, 1)
    local = there / np.maximum(there_by, 1e-4)
    gain = np.exp(trust * np.log(np.maximum(local, 1e-3)) + (1 - trust) * np.log(np.maximum(mean, 1e-3))) ** FIT
    bounded = np.clip(gain, 1 / MOST_GAIN, MOST_GAIN).astype(np.float32)
    return np.asarray(cv2.resize(bounded, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def wrapped(colour: Floats, behind: Floats, cover: Floats) -> Floats:
    """Colours with light from behind around their edge, as a lens spreads it: screened, so that dark adds nothing.

    Args:
        colour: Linear light as it is to be seen, shape (h, w, 3).
        behind: The same of what is behind, shape (h, w, 3).
        cover: Of the product, shape (h, w).
    """
    height = cover.shape[0]
    inside = _blurred(cover, max(_WRAP_SHARE * height, 0.8))
    edge = np.clip(2 * (1 - inside), 0, 1)[..., None] ** 2
    light = np.clip(_blurred(behind, max(_BEHIND_SHARE * height, 1.0)), 0, 1)
    return np.asarray(colour + WRAP * edge * light * np.clip(1 - colour, 0, 1), np.float32)


def untoned(wanted: Floats) -> Floats:
    """Linear light that `layers.tone` makes `wanted` of, where no channel is beyond white."""
    start, room = layers.SHOULDER, 1 - layers.SHOULDER
    over = np.clip((wanted - start) / room, 0, 0.985)
    straight = np.minimum(start - room * np.log(1 - over), 1.0 + 2 * room)
    return np.where(wanted > start, straight, layers.untoed(wanted)).astype(np.float32)


def decoded(coded: Floats) -> Floats:
    """Linear light of sRGB code values, 0 to 1, of any shape (IEC 61966-2-1)."""
    low, high = coded / 12.92, ((np.maximum(coded, 0) + 0.055) / 1.055) ** 2.4
    return np.where(coded <= 0.04045, low, high).astype(np.float32)


def _behind(plates: Sequence[Plate], exposure: Floats) -> Floats:
    """What is behind the card as it is to be seen, linear light."""
    picture = plates[0].colour
    for plate in plates[1:]:
        picture = picture + (plate.colour - picture) * plate.alpha[..., None]
    return decoded(layers.tone(picture * exposure))


def _over(own: Plate, colour: Floats, cover: Floats) -> Plate:
    """The card over the rest of its layer, straight."""
    alpha = cover + (1 - cover) * own.alpha
    share = np.where(alpha > 1e-4, cover / np.maximum(alpha, 1e-4), 0)[..., None]
    return replace(own, colour=own.colour + (colour - own.colour) * share, alpha=alpha, product=cover)


def _blurred(picture: Floats, sigma: float) -> Floats:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE), np.float32)
