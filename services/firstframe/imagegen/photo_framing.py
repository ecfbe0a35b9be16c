"""Where a photograph is cropped, or extended, for a format. Pure numbers: no pixel is touched here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import PixelRect, PixelSize
from firstframe.imagegen.reframe import Reframe

Floats = NDArray[np.float32]

BLEED = 0.05
"""Bleed that a crop leaves by its own choice, as a share of its longer side."""
MOST_BLEED = 0.06
"""Bleed that is used at most, as a share of the longer side."""
_AIR = 1.16
"""Least size of a crop over the subject's, so that the subject has room to breathe."""
_LEAST_AIR = 0.045
"""Room between the subject and the crop's edge that goes before bleed, as a share of the crop."""
_HEADROOM = 0.06
"""Room around a head where the rest of the person does not fit, as a share of the crop."""
_SMALLEST_SUBJECT = 0.36
"""A subject that fills less of both sides is cropped closer, as far as the resolution allows."""
_MIDDLE = (0.5, 0.46)
"""Where a subject that fills the crop has its middle, as shares of width and height."""
_THIRD = (1 / 3, 2 / 3)


@dataclass(frozen=True, slots=True)
class Framing:
    """Which part of a photograph becomes a hero."""

    crop: PixelRect
    """In the photograph's pixels; reaches beyond the photograph when it is extended."""
    size: PixelSize
    """Of the hero: even, of the format's ratio, not larger than the crop."""
    bleed_px: int
    """In the hero's pixels, on each side."""
    subject_fits: bool
    """Whether the whole subject is in the crop."""
    extended: bool
    """Whether the crop or its bleed reaches beyond the photograph."""

    @property
    def scale(self) -> float:
        """Pixels of the photograph per pixel of the hero; 1 or more."""
        return self.crop.width / self.size.width


def frame(
    photo: PixelSize,
    wanted: PixelSize,
    subject: PixelRect,
    saliency: Floats,
    reframe: Reframe,
    heads: Sequence[PixelRect] = (),
) -> Framing:
    """Finds the crop of the wanted ratio.

    Args:
        photo: Size of the photograph.
        wanted: Size of the hero that is asked for; its ratio is kept, it is not exceeded.
        subject: Smallest rectangle around the subject, in the photograph.
        saliency: How much each place stands out, shape (h, w) of any size; decides when the subject does not fit.
        reframe: What to do when the subject does not fit.
        heads: Heads, the surest first, which come before saliency: as many of them are kept as fit together.
    """
    if reframe is Reframe.WHOLE:
        return _whole(photo, wanted)
    largest = _longest_within(photo, wanted)
    roomy = _longest_with_air(photo, subject, wanted)
    full = _even_within(sides(largest, wanted), wanted)
    fits = _holds(full, subject)
    if reframe is Reframe.EXTEND and (roomy > largest or not fits):
        return _extended(photo, wanted, subject, roomy)
    if not fits:
        size = full
        key = _together(heads, size)
        across, down = ((key.x, key.width), (key.y, key.height)) if key else (None, None)
        x = _place(photo.width, size.width, subject.x, subject.width, saliency.sum(axis=0), across)
        y = _place(photo.height, size.height, subject.y, subject.height, saliency.sum(axis=1), down)
        return _framing(photo, wanted, PixelRect(x, y, size.width, size.height), fits=False)
    longest = _chosen(photo, wanted, subject, largest, roomy)
    size = _even_within(sides(longest, wanted), wanted)
    if not _holds(size, subject):
        size = full
    anchor = _anchor(photo, size, subject)
    margin = round(BLEED * max(size.width, size.height))
    x = _beside(photo.width, size.width, subject.x, subject.width, anchor[0], margin)
    y = _beside(photo.height, size.height, subject.y, subject.height, anchor[1], margin)
    crop = PixelRect(x, y, size.width, size.height)
    return _framing(photo, wanted, crop, fits=crop.contains(subject))


def _whole(photo: PixelSize, wanted: PixelSize) -> Framing:
    """All of it, never enlarged."""
    crop = PixelRect(0, 0, photo.width, photo.height)
    enough = photo.width >= wanted.width and photo.height >= wanted.height
    size = wanted if enough else _even_within(photo, wanted)
    return Framing(crop, size, int(BLEED * max(size.width, size.height)), subject_fits=True, extended=True)


def _holds(size: PixelSize, subject: PixelRect) -> bool:
    return subject.width <= size.width and subject.height <= size.height


def sides(longest: int, wanted: PixelSize) -> PixelSize:
    """The size of that ratio whose longer side is `longest`; the shorter one is rounded."""
    short = max(round(longest * min(wanted.width, wanted.height) / max(wanted.width, wanted.height)), 1)
    return PixelSize(longest, short) if wanted.width >= wanted.height else PixelSize(short, longest)


def _even_within(size: PixelSize, wanted: PixelSize) -> PixelSize:
    """The size itself when it will be shrunk, else the largest even one of the ratio within it."""
    if size.width >= wanted.width and size.height >= wanted.height:
        return size
    longest = max(size.width, size.height) // 2 * 2
    while True:
        exact = longest * min(wanted.width, wanted.height) / max(wanted.width, wanted.height)
        short = max(2 * round(exact / 2), 2)
        found = PixelSize(longest, short) if wanted.width >= wanted.height else PixelSize(short, longest)
        if found.width <= size.width and found.height <= size.height:
            return found
        longest -= 2


def _longest_within(photo: PixelSize, wanted: PixelSize) -> int:
    """Longer side of the largest crop of the ratio inside the photograph."""
    longest = int(max(wanted.width, wanted.height) * min(photo.width / wanted.width, photo.height / wanted.height))
    full = sides(longest, wanted)
    return longest if full.width <= photo.width and full.height <= photo.height else longest - 1


def _longest_around(subject: PixelRect, wanted: PixelSize, air: float) -> int:
    """Longer side of the smallest crop of the ratio that holds the subject with air around it."""
    scale = max(subject.width / wanted.width, subject.height / wanted.height) * air
    return int(np.ceil(max(wanted.width, wanted.height) * scale))


def _longest_with_air(photo: PixelSize, subject: PixelRect, wanted: PixelSize) -> int:
    """As above with room to breathe, except towards edges where the photograph cuts the subject anyway."""
    across, down = (1.0 if any(cut) else _AIR for cut in _cut_edges(photo, subject))
    scale = max(subject.width * across / wanted.width, subject.height * down / wanted.height)
    return int(np.ceil(max(wanted.width, wanted.height) * scale))


def _cut_edges(photo: PixelSize, subject: PixelRect) -> tuple[tuple[bool, bool], tuple[bool, bool]]:
    """Whether the subject touches the photograph's left and right edge, and its top and bottom edge."""
    near = max(min(photo.width, photo.height) // 100, 1)
    across = subject.x < near, subject.right > photo.width - near
    return across, (subject.y < near, subject.bottom > photo.height - near)


def _chosen(photo: PixelSize, wanted: PixelSize, subject: PixelRect, largest: int, roomy: int) -> int:
    """Longer side of the crop: as wide as the photograph allows with bleed, closer when the subject is small."""
    with_bleed = min(_inside(photo.width, wanted.width, wanted), _inside(photo.height, wanted.height, wanted))
    # A small photograph gives no resolution away for bleed: moving into the frame costs no more, and only where it moves.
    with_bleed = max(with_bleed, min(largest, max(wanted.width, wanted.height)))
    close = _longest_around(subject, wanted, 1 / _SMALLEST_SUBJECT)
    least = max(close, roomy, wanted.width, wanted.height)
    return max(min(max(with_bleed, roomy), least, largest), 16)


def _inside(available: int, side: int, wanted: PixelSize) -> int:
    """Longest side whose crop, with bleed on both sides, fits into one direction of the photograph."""
    return int(available / (side / max(wanted.width, wanted.height) + 2 * BLEED))


def _anchor(photo: PixelSize, size: PixelSize, subject: PixelRect) -> tuple[float, float]:
    """Where the subject's middle comes to lie in the crop.

    A subject that fills the crop is centred; a small one stays on the side of the photograph where the photographer put
    it, not beyond the third.
    """
    middles = ((subject.x + subject.width / 2) / photo.width, (subject.y + subject.height / 2) / photo.height)
    fills = (subject.width / size.width, subject.height / size.height)
    loose = [max(1 - fill / 0.6, 0.0) for fill in fills]
    thirds = [float(np.clip(middle, *_THIRD)) for middle in middles]
    x, y = (base + (third - base) * free for base, third, free in zip(_MIDDLE, thirds, loose, strict=True))
    return x, y


def _beside(available: int, length: int, start: int, extent: int, anchor: float, margin: int) -> int:
    """Start of the crop in one direction: the anchor if possible, inside the photograph, the subject inside."""
    spare = available - length
    margin = min(margin, spare // 2)
    wish = round(start + extent / 2 - anchor * length)
    wish = min(max(wish, margin), spare - margin)
    air = min((length - extent) // 2, round(_LEAST_AIR * length))
    wish = min(max(wish, start + extent + air - length), start - air)
    return min(max(wish, 0), spare)


def _together(heads: Sequence[PixelRect], size: PixelSize) -> PixelRect | None:
    """The rectangle around as many heads as a crop has room for, from the surest on; None without heads."""
    key: PixelRect | None = None
    for head in heads:
        left, top = (min(key.x, head.x), min(key.y, head.y)) if key else (head.x, head.y)
        right, bottom = (max(key.right, head.right), max(key.bottom, head.bottom)) if key else (head.right, head.bottom)
        grown = PixelRect(left, top, right - left, bottom - top)
        if key is None or _holds(size, grown):
            key = grown
    return key


def _place(
    available: int, length: int, start: int, extent: int, weight: Floats, key: tuple[int, int] | None = None
) -> int:
    """Start of a crop that may be smaller than the subject: where the most saliency lies within the subject.

    Args:
        available: Length of the photograph in this direction.
        length: Length of the crop.
        start: Where the subject begins.
        extent: Its length.
        weight: Saliency along the direction, of any length.
        key: Beginning and length of what has to be in the crop, with air around it where there is some.
    """
    if extent <= length:
        return _beside(available, length, start, extent, 0.5, 0)
    scale = len(weight) / available
    total = np.concatenate([[0.0], np.cumsum(weight)])
    starts = np.arange(start, min(start + extent - length, available - length) + 1)
    if key is not None:
        air = min(max(length - key[1], 0) // 2, round(_HEADROOM * length))
        low, high = max(key[0] + key[1] + air - length, 0), min(max(key[0] - air, 0), available - length)
        starts = np.arange(min(low, high), high + 1)
    ends = np.interp((starts + length) * scale, np.arange(len(total)), total)
    return int(starts[np.argmax(ends - np.interp(starts * scale, np.arange(len(total)), total))])


def _framing(photo: PixelSize, wanted: PixelSize, crop: PixelRect, *, fits: bool) -> Framing:
    size = wanted if crop.width >= wanted.width and crop.height >= wanted.height else PixelSize(crop.width, crop.height)
    spare = min(crop.x, crop.y, photo.width - crop.right, photo.height - crop.bottom)
    scale = max(crop.width / size.width, crop.height / size.height)
    bleed = min(int(spare / scale), int(MOST_BLEED * max(size.width, size.height)))
    return Framing(crop, size, bleed, subject_fits=fits, extended=False)


def _extended(photo: PixelSize, wanted: PixelSize, subject: PixelRect, longest: int) -> Framing:
    size = _even_within(sides(longest, wanted), wanted)
    while not _holds(size, subject):  # even numbers cost a pixel or two
        longest += 2
        size = _even_within(sides(longest, wanted), wanted)
    across, down = _cut_edges(photo, subject)
    x = _beyond(photo.width, size.width, subject.x, subject.width, _MIDDLE[0], across)
    y = _beyond(photo.height, size.height, subject.y, subject.height, _MIDDLE[1], down)
    crop = PixelRect(x, y, size.width, size.height)
    hero = wanted if size.width >= wanted.width and size.height >= wanted.height else size
    # Bleed that is made up would show where a subject ends that the photograph cuts.
    bleed = 0 if any(across + down) else int(BLEED * max(hero.width, hero.height))
    return Framing(crop, hero, bleed, subject_fits=True, extended=True)


def _beyond(available: int, length: int, start: int, extent: int, anchor: float, cut: tuple[bool, bool]) -> int:
    """Start of the crop in one direction; where it is longer than the photograph, the whole photograph is inside.

    The picture is not continued past an edge that cuts the subject, if the other one will do.
    """
    if length <= available:
        return _beside(available, length, start, extent, anchor, round(BLEED * length))
    if cut[0] != cut[1]:
        return 0 if cut[0] else available - length
    wish = round(start + extent / 2 - anchor * length)
    return min(max(wish, available - length), 0)
