"""The subject of a photograph: cut out by colour and place, and how far the cut can be trusted."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import PixelRect, Rgb8
from firstframe.imaging.saliency import Floats, lab_of, saliency, sharpness

Mask = NDArray[np.bool_]

SEARCH_PX = 400
"""Longest side of the picture in which the subject is cut out; GrabCut's time is linear in the pixels."""
DETAIL_PX = 1600
"""Longest side of the picture in which sharpness is measured."""
_NECK = 0.07
"""Trails narrower than twice this share of the subject's size are not followed."""
_CLOSE = 0.15
_LARGE = 0.08
"""Parts belong to the subject within that distance (a share of its size) and from that share of its area."""
_SHARP = 160.0
"""Weight of sharpness against colour in the cut, in levels at the sharpest place."""
_POINTED = 0.16, 0.35
_FOUND = 0.2, 0.2
"""How far the subject may reach from its focus as a share of the longer side, and how salient its plain parts count;
for a focus that a person pointed at, and for one that was found."""
_SOFT = 0.7
"""Softness of a cut's outline, in pixels of the search."""
_ROUNDS = 4
"""Iterations of GrabCut; the cut hardly changes after that."""


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """What a photograph is about."""

    mask: Mask
    """Shape (h, w) of the picture that was searched."""
    rect: PixelRect
    """Smallest rectangle around the mask."""
    saliency: Floats
    """0 to 1, shape (h, w)."""
    confidence: float
    """0 to 1; how far the outline can be trusted."""
    cover: Floats
    """How much of each place is the subject, 0 to 1, over the whole picture, of the mask's size."""


def find_subject(picture: Rgb8, focus: tuple[float, float] | None = None) -> Subject:
    """Finds the one subject of a picture.

    Salient regions start GrabCut (Rother et al., SIGGRAPH 2004), once boldly and once timidly; where both agree the cut
    is trusted. Without a focus that is done for the whole picture and again around its most salient place; the
    outline that can be trusted more is taken. Same picture, same result.

    Args:
        picture: At most about 640 pixels long.
        focus: A point on the subject, 0 to 1 from the left and from the top; None to look for it.
    """
    small, detail = shrunk_with_detail(picture)
    plain = saliency(small, detail)
    if focus is not None:
        return _subject(small, detail, _near(plain, focus, *_POINTED))
    guesses = [plain, _near(plain, _peak(plain), *_FOUND)]
    return max((_subject(small, detail, guess) for guess in guesses), key=lambda found: found.confidence)


def _subject(small: Rgb8, detail: Floats, map_: Floats) -> Subject:
    features = _features(small, detail)
    timid, bold = (_cut(features, map_, level) for level in (0.62, 0.42))
    lab = lab_of(small)
    mask = max(timid, bold, key=lambda cut: _edge_contrast(small, cut) * _separation(lab, cut))
    cover = np.asarray(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), _SOFT), np.float32)
    return Subject(mask, bounds(mask), map_, _confidence(small, mask, _agreement(timid, bold)), cover)


def shrunk_with_detail(picture: Rgb8) -> tuple[Rgb8, Floats]:
    """The picture at the size for the search, and the sharpness of its details, shape (h, w)."""
    longest = max(picture.shape[:2])
    middle = _at_most(picture, DETAIL_PX) if longest > DETAIL_PX else picture
    small = _at_most(middle, SEARCH_PX)
    return small, sharpness(middle, (small.shape[1], small.shape[0]))


def _at_most(picture: Rgb8, longest: int) -> Rgb8:
    scale = longest / max(picture.shape[:2])
    if scale >= 1:
        return picture
    size = max(round(picture.shape[1] * scale), 1), max(round(picture.shape[0] * scale), 1)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def bounds(mask: Mask) -> PixelRect:
    """Smallest rectangle around a mask; an empty one in the middle when nothing is set."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return PixelRect(mask.shape[1] // 2, mask.shape[0] // 2, 0, 0)
    x, y = int(columns[0]), int(rows[0])
    return PixelRect(x, y, int(columns[-1]) + 1 - x, int(rows[-1]) + 1 - y)


def _peak(map_: Floats) -> tuple[float, float]:
    """Where the most saliency lies together, 0 to 1 from the left and from the top."""
    height, width = map_.shape
    pooled = cv2.GaussianBlur(map_, (0, 0), 0.08 * max(width, height), borderType=cv2.BORDER_CONSTANT)
    y, x = np.unravel_index(int(pooled.argmax()), map_.shape)
    return (float(x) + 0.5) / width, (float(y) + 0.5) / height


def _near(map_: Floats, focus: tuple[float, float], reach: float, floor: float) -> Floats:
    """The map, fading from a point within `reach` (a share of the longer side), plain places raised to `floor`."""
    height, width = map_.shape
    x = (np.arange(width, dtype=np.float32) + 0.5) / width - focus[0]
    y = (np.arange(height, dtype=np.float32) + 0.5) / height - focus[1]
    distance = (x[None] * width) ** 2 + (y[:, None] * height) ** 2
    pull = np.exp(-distance / (2 * (reach * max(width, height)) ** 2))
    mixed = (floor + (1 - floor) * map_) * pull
    return np.asarray(mixed / max(float(mixed.max()), 1e-6), np.float32)


def _features(picture: Rgb8, detail: Floats) -> Rgb8:
    """What GrabCut tells apart, three channels of 8 bits: the two main axes of colour, and sharpness.

    Most photographs vary along two axes of colour; the third channel keeps the blurred background out that has the
    subject's colours.
    """
    lab = lab_of(picture).reshape(-1, 3)
    centred = lab - lab.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    colour = centred @ axes[:, :0:-1]
    colour = np.clip(128 + colour * np.float32(1.6), 0, 255)
    sharp = detail.reshape(-1, 1)
    sharp = np.clip(sharp / max(float(np.percentile(sharp, 99)), 1.0) * _SHARP, 0, 255)
    return np.concatenate([colour, sharp], 1).reshape(picture.shape).astype(np.uint8)


def _cut(features: Rgb8, map_: Floats, level: float) -> Mask:
    """GrabCut from the salient region above `level`."""
    core = _core(map_, level)
    whole = _without_holes(core, 1.0)
    size = float(np.sqrt(whole.sum()))
    around = _grown(whole, 0.1 * size) | (_grown(whole, 0.35 * size) & (map_ > 0.3))
    marks = np.full(core.shape, cv2.GC_BGD, np.uint8)
    marks[around] = cv2.GC_PR_BGD
    marks[core] = cv2.GC_PR_FGD
    marks[core & (map_ > _quantile(map_[core], 0.45))] = cv2.GC_FGD
    if not _both_kinds(marks):
        return core
    cv2.setRNGSeed(1)  # the colour models start from k-means
    models = np.zeros((1, 65), np.float64), np.zeros((1, 65), np.float64)
    cv2.grabCut(features, marks, None, *models, _ROUNDS, cv2.GC_INIT_WITH_MASK)  # type: ignore[call-overload]
    cut = (marks == cv2.GC_FGD) | (marks == cv2.GC_PR_FGD)
    return _whole_subject(_without_holes(_opened(cut, max(map_.shape) / 300)), map_)


def _core(map_: Floats, level: float) -> Mask:
    """The salient region above a level, without thin trails to its neighbours."""
    whole = _main_part(map_ > level, map_)
    firm = _whole_subject(_opened(whole, _NECK * float(np.sqrt(whole.sum()))), map_)
    return firm if firm.sum() > 0.5 * whole.sum() else whole


def _grown(mask: Mask, px: float) -> Mask:
    side = 2 * max(round(px), 1) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    grown: Mask = cv2.dilate(mask.astype(np.uint8), disc) > 0
    return grown


def _both_kinds(marks: NDArray[np.uint8]) -> bool:
    near = (marks == cv2.GC_FGD) | (marks == cv2.GC_PR_FGD)
    return bool(near.any() and not near.all() and near.sum() > 50 and (~near).sum() > 50)


def _opened(mask: Mask, px: float) -> Mask:
    """Without what is narrower than twice `px`."""
    side = 2 * max(round(px), 1) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    opened: Mask = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, disc) > 0
    return opened


def _without_holes(mask: Mask, share: float = 0.06) -> Mask:
    """Fills what the outside cannot reach, hole by hole up to a share of the mask; a wide ring keeps its hole."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats((~mask).astype(np.uint8), connectivity=4)
    height, width = mask.shape
    left, top, wide, tall, area = (stats[:, at] for at in range(5))
    inside = (left > 0) & (top > 0) & (left + wide < width) & (top + tall < height)
    small = inside & (area <= share * mask.sum() + 1)
    small[0] = False
    filled: Mask = mask | small[labels]
    return filled


def _main_part(mask: Mask, map_: Floats) -> Mask:
    """The connected part with the most saliency in it."""
    count, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    if count <= 2:
        return mask
    weight = np.bincount(labels.reshape(-1), map_.reshape(-1) ** 2, count)
    weight[0] = 0
    main: Mask = labels == int(weight.argmax())
    return main


def _whole_subject(mask: Mask, map_: Floats) -> Mask:
    """The main part, with large parts close to it: a head over a dark collar belongs to its body."""
    main = _main_part(mask, map_)
    size = float(main.sum())
    close = _grown(main, _CLOSE * float(np.sqrt(size)))
    count, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    area = np.bincount(labels.reshape(-1), minlength=count)
    belongs = (area >= _LARGE * size) & (np.bincount(labels[close], minlength=count) > 0)
    belongs[0] = False
    whole: Mask = main | belongs[labels]
    return whole


def _quantile(values: Floats, share: float) -> float:
    return float(np.quantile(values, share)) if values.size else 1.0


def _agreement(one: Mask, other: Mask) -> float:
    """Intersection over union."""
    union = int((one | other).sum())
    return float((one & other).sum() / union) if union else 0.0


def _confidence(picture: Rgb8, mask: Mask, agreement: float) -> float:
    """How far the outline can be trusted, 0 to 1: a product, so that one bad sign is enough.

    The signs: two cuts agree; the outline follows edges of the picture, all the way round; inside and outside differ in
    colour; the subject stands free of the frame, is neither a speck nor the whole picture, and has no holes.
    """
    if not mask.any() or mask.all():
        return 0.0
    signs = [
        _ramp(agreement, 0.45, 0.9),
        _ramp(_edge_contrast(picture, mask), 1.1, 2.4),
        _ramp(_edge_share(picture, mask), 0.78, 0.92),
        _ramp(_separation(lab_of(picture), mask), 0.3, 0.7),
        1 - _ramp(touching(mask), 0.08, 0.35),
        _ramp(float(mask.mean()), 0.002, 0.01),
        1 - _ramp(float(mask.mean()), 0.45, 0.75),
        1 - _ramp(_hollow(mask), 0.02, 0.2),
    ]
    return float(np.prod(signs) ** 0.5)


def _edge_contrast(picture: Rgb8, mask: Mask) -> float:
    """Mean gradient along the outline over the mean gradient of the whole picture."""
    outline, mean = _outline(picture, mask)
    return float(outline.mean() / mean) if outline.size else 0.0


def _edge_share(picture: Rgb8, mask: Mask) -> float:
    """Share of the outline that has a gradient of at least the picture's mean; the rest cuts through something."""
    outline, mean = _outline(picture, mask)
    return float((outline > mean).mean()) if outline.size else 0.0


def _outline(picture: Rgb8, mask: Mask) -> tuple[Floats, float]:
    """Gradients along the outline, and their mean over the picture."""
    grey = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), (0, 0), 1.5).astype(np.float32)
    slope = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    near = cv2.dilate(slope, np.ones((5, 5), np.uint8))
    small = mask.astype(np.uint8)
    outline = (small - cv2.erode(small, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_REPLICATE)).astype(bool)
    return near[outline], max(float(near.mean()), 1e-3)


def _separation(lab: Floats, mask: Mask) -> float:
    """How little the colours just inside and just outside overlap, 0 to 1 (Bhattacharyya distance of histograms)."""
    reach = max(max(mask.shape) // 20, 2) * 2 + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    outside = (cv2.dilate(mask.astype(np.uint8), disc) > 0) & ~mask
    histograms = [_histogram(lab[part]) for part in (mask, outside)]
    return float(np.sqrt(max(1 - np.sqrt(histograms[0] * histograms[1]).sum(), 0)))


def _histogram(colours: Floats) -> Floats:
    inside = np.clip(colours, (0, -60, -60), (100, 60, 60))
    counts, _ = np.histogramdd(inside, bins=(8, 10, 10), range=((0, 100), (-60, 60), (-60, 60)))
    return np.asarray(counts / max(float(counts.sum()), 1.0), np.float32)


def _hollow(mask: Mask) -> float:
    """Share of the subject that its holes and the pockets in its outline would add; a cup cut without its inside."""
    side = 2 * max(round(0.12 * float(np.sqrt(mask.sum()))), 1) + 1
    room = cv2.copyMakeBorder(mask.astype(np.uint8), side, side, side, side, cv2.BORDER_CONSTANT, value=0)
    closed = cv2.morphologyEx(room, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    return float(_without_holes(closed > 0, 1.0).sum() / mask.sum() - 1)


def touching(mask: Mask) -> float:
    """Share of the frame's edge that the subject touches."""
    edge = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    return float(edge.mean())


def _ramp(value: float, low: float, high: float) -> float:
    return float(np.clip((value - low) / (high - low), 0, 1))
