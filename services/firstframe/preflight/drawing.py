"""Drawing on stills: tints, frames, hatching, arrows and words that stay legible on any picture."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from firstframe.core.media import PixelRect, Rgb8
from firstframe.preflight.verdict import Verdict

Colour = tuple[int, int, int]
Box = tuple[float, float, float, float]
"""Left, top, right and bottom, pixels of the still."""
Point = tuple[float, float]

GREEN: Colour = (70, 222, 150)
AMBER: Colour = (255, 184, 48)
RED: Colour = (255, 82, 82)
BLUE: Colour = (92, 168, 255)
WHITE: Colour = (250, 250, 248)
GREY: Colour = (160, 160, 158)
INK: Colour = (24, 24, 25)
COLOURS = {Verdict.PASS: GREEN, Verdict.WARN: AMBER, Verdict.FAIL: RED, Verdict.NOT_MADE: GREY}

LONGEST = 1280
"""Longest side of an overlay, pixels; smaller stills are enlarged so that lines and words stay fine."""
_SHIFT = 4
_HATCH_PX = 22
_HALO = 3


@cache
def font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    """Hanken Grotesk (SIL Open Font Licence 1.1) from the package font-hanken-grotesk."""
    path = files("font_hanken_grotesk").joinpath(f"files/HankenGrotesk-{weight}.otf")
    return ImageFont.truetype(os.fspath(Path(str(path))), size)


class Canvas:
    """A still to draw on.

    Args:
        image: The still.
        quiet: How much its colours step back, 0 to 1, so that what is drawn stands out.
    """

    def __init__(self, image: Rgb8, quiet: float = 0.35) -> None:
        self.scale = LONGEST / max(image.shape[:2])
        self._size = round(image.shape[1] * self.scale), round(image.shape[0] * self.scale)
        way = cv2.INTER_AREA if self.scale < 1 else cv2.INTER_CUBIC
        large = np.asarray(cv2.resize(image, self._size, interpolation=way), np.uint8)
        grey = large.mean(axis=2, keepdims=True)
        self._pixels = _bytes((large * (1 - quiet) + grey * quiet) * (1 - 0.25 * quiet))
        self._words: list[tuple[str, Point, Colour, str]] = []

    def tint(self, cover: NDArray[np.generic], colour: Colour, strength: float) -> None:
        """Colours a part; `cover` is 0 to 1, of any size, and shows the whole still."""
        mask = np.clip(cv2.resize(np.asarray(cover, np.float32), self._size, interpolation=cv2.INTER_LINEAR), 0, 1)
        mix = (strength * mask)[..., None]
        self._pixels = _bytes(self._pixels * (1 - mix) + np.array(colour, np.float32) * mix)

    def frame(self, box: Box | PixelRect, colour: Colour, width: float = 3) -> None:
        """Draws the edges of a box."""
        left, top, right, bottom = (value * self.scale for value in _sides(box))
        corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        self._line([*corners, corners[0]], colour, width)

    def shade_outside(self, box: Box, strength: float = 0.55) -> None:
        """Darkens everything outside of a box."""
        outside = np.ones((self._size[1], self._size[0]), np.float32)
        left, top, right, bottom = (max(round(value * self.scale), 0) for value in box)
        outside[top:bottom, left:right] = 0
        self.tint(outside, INK, strength)

    def hatch(self, boxes: Iterable[PixelRect], colour: Colour) -> None:
        """Fills boxes with diagonal lines; where they overlap they are one area."""
        area = np.zeros((self._size[1], self._size[0]), np.bool_)
        for box in boxes:
            left, top, right, bottom = (round(value * self.scale) for value in _sides(box))
            area[top:bottom, left:right] = True
        y, x = np.mgrid[: self._size[1], : self._size[0]]
        place = ((x + y) % _HATCH_PX).astype(np.float32)
        line = np.clip(2.5 - np.abs(place - _HATCH_PX / 2), 0, 1)
        self.tint(area * np.float32(0.45), INK, 1.0)
        self.tint(area * line, colour, 0.75)

    def dots(self, points: NDArray[np.generic], colours: NDArray[np.generic], radius: float = 2.2) -> None:
        """Draws points (x, y of the still's pixels, shape (n, 2)), each in a colour, shape (n, 3)."""
        for (x, y), colour in zip(np.asarray(points, np.float64), np.asarray(colours, np.int64), strict=True):
            centre = _fixed((x + 0.5) * self.scale), _fixed((y + 0.5) * self.scale)
            ink = tuple(int(value) for value in colour)
            cv2.circle(self._pixels, centre, _fixed(radius), ink, -1, cv2.LINE_AA, _SHIFT)

    def arrow(self, start: Point, end: Point, colour: Colour, width: float = 5) -> None:
        """Draws an arrow between points of the still."""
        (x0, y0), (x1, y1) = ((x * self.scale, y * self.scale) for x, y in (start, end))
        length = max(float(np.hypot(x1 - x0, y1 - y0)), 1e-6)
        along, head = np.array([x1 - x0, y1 - y0]) / length, min(5 * width, 0.6 * length)
        across = np.array([-along[1], along[0]])
        tip, neck = np.array([x1, y1]), np.array([x1, y1]) - head * along
        self._line([(x0, y0), tuple(neck)], colour, width)
        wings = [tip, neck + 0.5 * head * across, neck - 0.5 * head * across]
        shape = np.array([[_fixed(x), _fixed(y)] for x, y in wings], np.int32)
        cv2.fillConvexPoly(self._pixels, shape, colour, cv2.LINE_AA, _SHIFT)

    def line(self, start: Point, end: Point, colour: Colour, width: float = 3) -> None:
        """Draws a line between points of the still."""
        self._line([(x * self.scale, y * self.scale) for x, y in (start, end)], colour, width)

    def inset(self, part: Rgb8, at: str = "br") -> None:
        """Lays a picture of its own pixels into a corner: `br`, `bl`, `tr` or `tl`."""
        height, width = part.shape[:2]
        gap = 20
        top = gap if at[0] == "t" else self._size[1] - height - gap
        left = gap if at[1] == "l" else self._size[0] - width - gap
        self._pixels[top : top + height, left : left + width] = part
        corners = [(left, top), (left + width, top), (left + width, top + height), (left, top + height), (left, top)]
        self._line([(float(x), float(y)) for x, y in corners], WHITE, 2)

    def label(self, text: str, at: Point, colour: Colour = WHITE, anchor: str = "mm") -> None:
        """Writes a short line on a dark pill; `anchor` is Pillow's, and the pill stays inside of the frame."""
        self._words.append((text, (at[0] * self.scale, at[1] * self.scale), colour, anchor))

    def picture(self) -> Rgb8:
        """What was drawn."""
        drawn = Image.fromarray(self._pixels)
        pen = ImageDraw.Draw(drawn, "RGBA")
        for text, at, colour, anchor in self._words:
            _pill(pen, text, at, colour, anchor, self._size)
        return np.asarray(drawn, np.uint8)

    def _line(self, points: list[Point], colour: Colour, width: float) -> None:
        path = np.array([[_fixed(x), _fixed(y)] for x, y in points], np.int32)
        for ink, thick in (((16, 16, 16), width + _HALO), (colour, width)):
            cv2.polylines(self._pixels, [path], False, ink, round(thick), cv2.LINE_AA, _SHIFT)


def _pill(pen: ImageDraw.ImageDraw, text: str, at: Point, colour: Colour, anchor: str, size: tuple[int, int]) -> None:
    face = font("SemiBold", 28)
    left, top, right, bottom = pen.textbbox(at, text, font=face, anchor=anchor)
    pad_x, pad_y = 12, 8
    x = min(max(0.0, pad_x + 6 - left), size[0] - right - pad_x - 6)
    y = min(max(0.0, pad_y + 6 - top), size[1] - bottom - pad_y - 6)
    box = (left + x - pad_x, top + y - pad_y, right + x + pad_x, bottom + y + pad_y)
    pen.rounded_rectangle(box, radius=10, fill=(*INK, 215))
    pen.text((at[0] + x, at[1] + y), text, font=face, fill=colour, anchor=anchor)


def _sides(box: Box | PixelRect) -> Box:
    return (box.x, box.y, box.right, box.bottom) if isinstance(box, PixelRect) else box


def _fixed(value: float) -> int:
    return round(float(value) * (1 << _SHIFT))


def _bytes(values: NDArray[np.generic]) -> Rgb8:
    return np.ascontiguousarray(np.rint(np.clip(np.asarray(values, np.float32), 0, 255)).astype(np.uint8))
