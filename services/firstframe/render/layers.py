"""Numbers of layered pictures: filling, tone, dither, compositing."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import Rgb8, Rgba8

Floats = NDArray[np.float32]

BT709 = np.array([0.2126, 0.7152, 0.0722], np.float32)
"""Weights of relative luminance, ITU-R BT.709."""

SHOULDER = 0.62
"""Linear light from which the tone curve bends."""
_TOE = 0.25
_TOE_END = 0.022
GRAIN_LEVELS = 1.3
"""Deviation of the grain in middle tones, in levels of 255; a finding about noise begins at three."""


def push_pull(premultiplied: Floats, weight: Floats) -> Floats:
    """Spreads colour from where it is known: a pyramid of weighted means, read back from coarse to fine.

    Source: Gortler et al., "The Lumigraph", SIGGRAPH 1996, section 3.4.

    Args:
        premultiplied: Colour times weight, shape (h, w, 3).
        weight: How well each pixel is known, 0 to 1, shape (h, w).

    Returns:
        Colour for every pixel, shape (h, w, 3); zero when nothing is known.
    """
    height, width = weight.shape
    if min(height, width) <= 1:
        mean = premultiplied.sum(axis=(0, 1)) / max(float(weight.sum()), 1e-8)
        return np.broadcast_to(mean, premultiplied.shape).astype(np.float32)
    half = ((width + 1) // 2, (height + 1) // 2)
    small = cv2.resize(premultiplied, half, interpolation=cv2.INTER_AREA)
    coarse_weight = cv2.resize(weight, half, interpolation=cv2.INTER_AREA)
    gain = np.minimum(1.0, 4.0 * coarse_weight) / np.maximum(coarse_weight, 1e-8)
    below = push_pull(small * gain[..., None], coarse_weight * gain)
    up = cv2.resize(below, (width, height), interpolation=cv2.INTER_LINEAR)
    filled: Floats = premultiplied + up * np.maximum(1 - weight, 0)[..., None]
    return filled


def filled(colour: Floats, hole: Floats, *, feather_px: int) -> Floats:
    """A picture with its holes filled in from around them.

    Args:
        colour: Shape (h, w, 3).
        hole: 0 to 1, shape (h, w); 1 where the picture is to be replaced.
        feather_px: Softening of the fill, so that it has no rings.
    """
    known = (hole < 0.02).astype(np.float32)
    spread = push_pull((colour * known[..., None]).astype(np.float32), known)
    size = 2 * max(feather_px, 1) + 1
    soft = cv2.GaussianBlur(spread, (size, size), 0)
    mix = hole[..., None]
    result: Floats = colour * (1 - mix) + soft * mix
    return result


def divided(premultiplied: Floats, alpha: Floats) -> Floats:
    """Colour without its alpha, each pixel for itself, so that noise stays as a denoiser expects it; spread where none is.

    Args:
        premultiplied: Shape (h, w, 3).
        alpha: 0 to 1, shape (h, w), of the same samples.
    """
    known: Floats = (alpha > 0.02).astype(np.float32)[..., None]
    own = premultiplied / np.maximum(alpha, 0.02)[..., None]
    result: Floats = own * known + push_pull(premultiplied, alpha) * (1 - known)
    return result


def straight(premultiplied: Floats, alpha: Floats) -> Floats:
    """Colour without its alpha, spread beyond its edge so that no fringe shows when the layer is moved.

    The less alpha a pixel has, the fewer samples made its colour: there the mean of the pixels around it is taken, each
    by its alpha, and where there are none either, the colour is spread from afar.

    Args:
        premultiplied: Shape (h, w, 3).
        alpha: 0 to 1, shape (h, w).
    """
    a = np.asarray(np.clip(alpha, 0, 1), np.float32)
    own = premultiplied / np.maximum(a, 1e-3)[..., None]
    around, amount = _blurred(premultiplied), _blurred(a)
    near = around / np.maximum(amount, 1e-3)[..., None]
    reach = _smoothstep(0.02, 0.15, amount)[..., None]
    trust = _smoothstep(0.5, 0.97, a)[..., None]
    soft = near * reach + push_pull(premultiplied, a) * (1 - reach)
    return np.asarray(own * trust + soft * (1 - trust), np.float32)


def tone(light: Floats) -> Floats:
    """Linear light, shape (h, w, 3), to sRGB code values, 0 to 1, along a film's curve: a toe, a straight part and a shoulder.

    Deep shadows get deeper by up to a quarter; from about a tenth of white up to the shoulder nothing changes; above it
    light approaches white and loses its colour a little.
    """
    light = np.maximum(light, 0)
    light = light * _toe(light)
    peak = light.max(axis=-1, keepdims=True)
    over = np.clip(peak - 1.0, 0, None)
    pale = light + (peak - light) * (0.55 * over / (1 + over))
    room = 1 - SHOULDER
    bent = SHOULDER + room * (1 - np.exp(-(pale - SHOULDER) / room))
    return encode(np.where(pale > SHOULDER, bent, pale).astype(np.float32))


def untoed(light: Floats) -> Floats:
    """Linear light that the toe of `tone` makes `light` of: by repetition, whose error is at most a quarter of the last one."""
    wanted = np.maximum(light, 0)
    found = wanted
    for _ in range(12):
        found = wanted / _toe(found)
    return np.asarray(found, np.float32)


def _toe(light: Floats) -> Floats:
    share: Floats = 1 - _TOE * np.exp(-light / _TOE_END)
    return share


def encode(light: Floats) -> Floats:
    """Linear light, 0 to 1, of any shape, to sRGB code values, 0 to 1 (IEC 61966-2-1)."""
    clipped = np.clip(light, 0, 1)
    coded: Floats = np.where(clipped <= 0.0031308, 12.92 * clipped, 1.055 * clipped ** (1 / 2.4) - 0.055)
    return coded.astype(np.float32)


def decode_value(code: float) -> float:
    """Linear light of a code value of sRGB, 0 to 1."""
    return float(code / 12.92 if code <= 0.04045 else ((code + 0.055) / 1.055) ** 2.4)


def grained(values: Floats, rng: np.random.Generator, share: Floats | float = 1.0) -> Floats:
    """Code values with the grain of fine film: grey, a little soft, strongest in middle tones, none in pure black and white.

    Args:
        values: 0 to 1, shape (h, w, 3).
        rng: Source of the grain.
        share: How much of it, 0 to 1; where an array, of shape (h, w).
    """
    noise = rng.standard_normal(values.shape[:2], np.float32)
    soft = np.asarray(cv2.GaussianBlur(noise, (3, 3), 0.55), np.float32)
    strength = np.float32(GRAIN_LEVELS / 255 / max(float(soft.std()), 1e-6))
    middle = 4 * values * (1 - values)
    return np.asarray(values + strength * (soft * np.float32(share))[..., None] * middle, np.float32)


def dithered(values: Floats, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Values of 0 to 1 as 8 bits, with triangular noise of ±1 level, so that gradients never band.

    Pure 0 and 1 stay what they are.
    """
    noise = rng.random(values.shape, np.float32) - rng.random(values.shape, np.float32)
    inner = (values > 0) & (values < 1)
    levels = np.rint(values * 255 + np.where(inner, noise, 0))
    return np.clip(levels, 0, 255).astype(np.uint8)


def composite(layers: Sequence[Rgba8], bleed_px: int) -> Rgb8:
    """Layers put over each other from far to near, in sRGB code values, without the bleed.

    Args:
        layers: Straight alpha, all of shape (h + 2 bleed, w + 2 bleed, 4); the first one opaque.
        bleed_px: Pixels to cut off each side.
    """
    height, width = layers[0].shape[:2]
    frame = np.s_[bleed_px : height - bleed_px, bleed_px : width - bleed_px]
    picture = layers[0][frame][..., :3].astype(np.float32)
    for layer in layers[1:]:
        part = layer[frame]
        alpha = part[..., 3:].astype(np.float32) / 255
        picture += (part[..., :3] - picture) * alpha
    return np.rint(picture).astype(np.uint8)


def _blurred(picture: Floats) -> Floats:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.6), np.float32)


def _smoothstep(low: float, high: float, values: Floats) -> Floats:
    t = np.clip((values - low) / (high - low), 0, 1)
    smooth: Floats = t * t * (3 - 2 * t)
    return smooth
