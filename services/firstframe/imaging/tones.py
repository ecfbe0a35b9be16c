"""Two photographs brought to one light and one tone, gently: both keep what is theirs."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import Rgb8

Floats = NDArray[np.float32]

_COLOURLESS = 9.0
"""Mean chroma (CIE 1976) of skin below which a photograph is without colour, or toned."""
_MOST_LIGHT, _MOST_TINT = 14.0, 8.0
"""By how much L*, and a* and b*, are shifted at most."""


@dataclass(frozen=True, slots=True)
class Tone:
    """What is done to one photograph, in CIE L*a*b*."""

    light: float = 0.0
    """Added to L* in the middle tones."""
    contrast: float = 1.0
    """Of L* around the skin's."""
    pivot: float = 50.0
    a: float = 0.0
    b: float = 0.0
    mono: tuple[float, float, float, float] | None = None
    """Where both are to be one tone: a* and b* as a line of L*, each its start and its slope; None keeps the colours."""


@dataclass(frozen=True, slots=True)
class ToneMatch:
    """What is done to each of two photographs."""

    first: Tone
    second: Tone

    @classmethod
    def of(cls, first: Rgb8, second: Rgb8) -> ToneMatch:
        """Matches two samples of skin; each comes half of the way.

        Args:
            first: Shape (h, w, 3).
            second: Shape (h, w, 3).
        """
        one, other = _lab(first).reshape(-1, 3), _lab(second).reshape(-1, 3)
        mono = _toning(one, other)
        off = (other.mean(axis=0) - one.mean(axis=0)) / 2
        light = float(np.clip(off[0], -_MOST_LIGHT, _MOST_LIGHT))
        tint = np.clip(off[1:], -_MOST_TINT, _MOST_TINT) if mono is None else np.zeros(2)
        ratio = float(np.clip((other[:, 0].std() + 1) / (one[:, 0].std() + 1), 0.6, 1.7)) ** 0.25
        means = float(one[:, 0].mean()), float(other[:, 0].mean())
        return cls(
            Tone(light, ratio, means[0], float(tint[0]), float(tint[1]), mono),
            Tone(-light, 1 / ratio, means[1], -float(tint[0]), -float(tint[1]), mono),
        )


def toned(picture: Floats, tone: Tone) -> Floats:
    """A picture in another tone; black and white stay.

    Args:
        picture: 0 to 1, shape (h, w, 3), sRGB.
        tone: What is done.
    """
    lab = np.asarray(cv2.cvtColor(np.clip(picture, 0, 1).astype(np.float32), cv2.COLOR_RGB2LAB), np.float32)
    light = lab[..., 0]
    inner = np.clip(4 * light * (100 - light) / 1e4, 0, 1)
    moved = light + inner * (tone.light + (tone.contrast - 1) * (light - tone.pivot))
    lab[..., 0] = moved
    if tone.mono is None:
        lab[..., 1] += np.float32(tone.a) * inner
        lab[..., 2] += np.float32(tone.b) * inner
    else:
        a0, a1, b0, b1 = tone.mono
        lab[..., 1], lab[..., 2] = a0 + a1 * moved, b0 + b1 * moved
    return np.asarray(np.clip(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), 0, 1), np.float32)


def _toning(one: Floats, other: Floats) -> tuple[float, float, float, float] | None:
    """The tone of the one that has no colours of its own, where there is one: its tint as a line of lightness."""
    for sample in (one, other):
        lines = [_line(sample[:, 0], sample[:, axis]) for axis in (1, 2)]
        left = [sample[:, axis] - (line[0] + line[1] * sample[:, 0]) for axis, line in zip((1, 2), lines, strict=True)]
        # A toned print has one tint for each lightness; skin in colour has many.
        if np.hypot(*left).mean() < 2.0 or np.hypot(sample[:, 1], sample[:, 2]).mean() < _COLOURLESS:
            return *lines[0], *lines[1]
    return None


def _line(light: Floats, tint: Floats) -> tuple[float, float]:
    """Start and slope of a tint as a line of lightness; level where all is of one lightness."""
    off = light - light.mean()
    slope = float((off * tint).sum() / (off**2).sum()) if light.std() > 1 else 0.0
    return float(tint.mean()) - slope * float(light.mean()), slope


def _lab(picture: Rgb8) -> Floats:
    return np.asarray(cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)
