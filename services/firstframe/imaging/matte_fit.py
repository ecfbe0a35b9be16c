"""How well a matte that somebody painted fits its picture: whether its outline runs along edges of what is photographed."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import Rgb8
from firstframe.imaging.saliency import Floats, lab_of

_WORKED_PX = 512
"""Longest side of the picture that is looked at."""
_SMOOTH_PX = 1.2
_NOISE = 2.0
"""Steps of CIE Lab a pixel that an edge stands out by; what is fainter counts the less."""
_REACH = 0.06
"""How far the matte is tried beside its place, as a share of the longer side."""
_SLACK = 0.006
"""How far beside the edge a careful hand paints, as a share of the longer side."""
_LEAST_POINTS = 40

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fit:
    """How an outline lies on a picture."""

    here: float
    """Agreement of the outline with edges of the picture where it is, 0 to 1."""
    best: float
    """The same where it agrees most within a short way."""
    beside: float
    """The same at places beside it, in the middle: what chance gives."""
    away: tuple[float, float]
    """How far from here the best place is, as shares of the picture's width and height, to the right and down."""

    @property
    def score(self) -> float:
        """Share of the best place's gain over chance that the outline has where it is, 0 to 1."""
        gain = self.best - self.beside
        return float(np.clip((self.here - self.beside) / gain, 0, 1)) if gain > 0 else 0.0


def fit_of(picture: Rgb8, cover: Floats) -> Fit | None:
    """Tries the matte's outline at its place and beside it.

    Each point of the outline has a direction, across it. The agreement is the mean of the squared cosine between that and the
    gradient of the picture, weighted by how clear the edge is. As the product of two structure tensors (Bigün and Granlund,
    1987) it is a sum of three correlations, which are taken for all places at once in the domain of frequencies.

    Args:
        picture: Shape (h, w, 3).
        cover: 0 to 1, of the picture's ratio, shape (h', w').

    Returns:
        None where the matte has no outline inside of the picture.
    """
    scale = min(_WORKED_PX / max(picture.shape[:2]), 1.0)
    width, height = (max(round(side * scale), 8) for side in (picture.shape[1], picture.shape[0]))
    small = np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    matte = np.asarray(cv2.resize(cover, (width, height), interpolation=cv2.INTER_AREA), np.float32)
    reach = max(round(_REACH * max(width, height)), 4)
    outline = _outline(matte, reach)
    count = float((outline[0] + outline[2]).sum())
    if count < _LEAST_POINTS:
        return None
    places = _agreement(_edges(small), outline, reach) / count
    return _fit(places, reach, max(round(_SLACK * max(width, height)), 2), (width, height))


def _fit(places: Doubles, reach: int, slack: int, size: tuple[int, int]) -> Fit:
    near = places[reach - slack : reach + slack + 1, reach - slack : reach + slack + 1]
    y, x = np.unravel_index(int(places.argmax()), places.shape)
    away = (float((x - reach) / size[0]), float((y - reach) / size[1]))
    return Fit(float(near.max()), float(places.max()), float(np.median(places)), away)


def _edges(picture: Rgb8) -> tuple[Floats, ...]:
    """Structure tensor (xx, xy, yy) of a picture at each pixel; its trace goes from 0 to 1 as an edge gets clear."""
    lab = cv2.GaussianBlur(lab_of(picture), (0, 0), _SMOOTH_PX)
    x, y = cv2.Scharr(lab, -1, 1, 0) / 32, cv2.Scharr(lab, -1, 0, 1) / 32
    xx, xy, yy = (np.asarray((one * other).sum(axis=-1), np.float32) for one, other in ((x, x), (x, y), (y, y)))
    weight = np.asarray(1 / (xx + yy + np.float32(_NOISE**2)), np.float32)
    return tuple(np.asarray(part * weight, np.float32) for part in (xx, xy, yy))


def _outline(matte: Floats, margin: int) -> tuple[Floats, Floats, Floats]:
    """The same of the matte's outline, with a trace of 1 on it and 0 elsewhere; what is near the frame is left out."""
    soft = cv2.GaussianBlur(matte, (0, 0), _SMOOTH_PX)
    x, y = cv2.Scharr(soft, cv2.CV_32F, 1, 0), cv2.Scharr(soft, cv2.CV_32F, 0, 1)
    inner = (matte > 0.5).astype(np.uint8)
    edge = inner - cv2.erode(inner, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_REPLICATE)
    edge[:margin], edge[-margin:], edge[:, :margin], edge[:, -margin:] = 0, 0, 0, 0
    weight = edge / np.maximum(x * x + y * y, 1e-9)
    return (
        np.asarray(x * x * weight, np.float32),
        np.asarray(x * y * weight, np.float32),
        np.asarray(y * y * weight, np.float32),
    )


def _agreement(edges: tuple[Floats, ...], outline: tuple[Floats, ...], reach: int) -> Doubles:
    """Sum over the outline's points of their product with the edges, for each shift: shape (2 reach + 1, 2 reach + 1)."""
    total = sum(
        times * np.fft.rfft2(one) * np.conj(np.fft.rfft2(other))
        for times, one, other in zip((1, 2, 1), edges, outline, strict=True)
    )
    whole = np.fft.irfft2(total, edges[0].shape)
    rolled = np.roll(whole, (reach, reach), (0, 1))
    return np.asarray(rolled[: 2 * reach + 1, : 2 * reach + 1], np.float64)
