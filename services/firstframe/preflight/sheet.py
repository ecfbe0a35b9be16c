"""Overlays with their captions: a card for each check, and one sheet with all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from firstframe.core.media import Rgb8
from firstframe.preflight.drawing import COLOURS, GREY, INK, WHITE, Canvas, Colour, font
from firstframe.preflight.run import Report
from firstframe.preflight.verdict import Check

PAPER: Colour = (30, 30, 31)
SOFT: Colour = (172, 170, 166)
_WIDEST_CARD = 900
_COLUMNS = {True: 4, False: 6}
"""Cards side by side: wide stills, and high ones."""
_SHEET_WIDTH = 2560
_GAP = 40
_MARGIN = 80


@dataclass(frozen=True, slots=True)
class _Type:
    """Sizes of a caption, in pixels."""

    title: int
    body: int
    pad: int

    @property
    def lead(self) -> int:
        return round(1.38 * self.body)


def card(check: Check, still: Rgb8) -> Rgb8:
    """A check's overlay with its caption below."""
    picture = Image.fromarray(check.overlay() if check.overlay else Canvas(still, 0.8).picture())
    width = max(picture.width, _WIDEST_CARD)
    return np.asarray(_card(check, picture, width, _Type(32, 25, 28)), np.uint8)


def sheet(report: Report, title: str, subtitle: str) -> Rgb8:
    """All checks on one page."""
    image = report.still.image
    columns = _COLUMNS[image.shape[1] >= image.shape[0]]
    width = (_SHEET_WIDTH - 2 * _MARGIN - (columns - 1) * _GAP) // columns
    cards = [_small(check, image, width) for check in report.checks]
    rows = [cards[at : at + columns] for at in range(0, len(cards), columns)]
    heights = [max(item.height for item in row) for row in rows]
    top = _MARGIN + 150
    page = Image.new("RGB", (_SHEET_WIDTH, top + sum(heights) + _GAP * (len(rows) - 1) + _MARGIN), PAPER)
    _heading(page, report, title, subtitle)
    for row, height in zip(rows, heights, strict=True):
        for at, item in enumerate(row):
            page.paste(item, (_MARGIN + at * (width + _GAP), top))
        top += height + _GAP
    return np.asarray(page, np.uint8)


def _small(check: Check, still: Rgb8, width: int) -> Image.Image:
    picture = Image.fromarray(check.overlay() if check.overlay else Canvas(still, 0.8).picture())
    height = round(picture.height * width / picture.width)
    small = picture.resize((width, height), Image.Resampling.LANCZOS)
    return _card(check, small, width, _Type(23, 18, 0))


def _heading(page: Image.Image, report: Report, title: str, subtitle: str) -> None:
    pen = ImageDraw.Draw(page)
    colour = COLOURS[report.verdict]
    pen.text((_MARGIN, _MARGIN), title, font=font("Light", 58), fill=WHITE, anchor="lt")
    pen.text((_MARGIN, _MARGIN + 82), subtitle, font=font("Regular", 25), fill=SOFT, anchor="lt")
    _chip(pen, report.verdict.value, page.width - _MARGIN, _MARGIN + 28, colour, 30, anchor="r")


def _card(check: Check, picture: Image.Image, width: int, kind: _Type) -> Image.Image:
    room = width - 2 * kind.pad
    lines = [(line, WHITE) for line in wrapped(check.says, room, kind.body)]
    lines += [(line, SOFT) for line in wrapped(_sentence(check.advice), room, kind.body)]
    head = round(2.1 * kind.title)
    height = picture.height + kind.title // 2 + head + len(lines) * kind.lead + kind.pad
    page = Image.new("RGB", (width, height), PAPER)
    page.paste(picture, ((width - picture.width) // 2, 0))
    pen = ImageDraw.Draw(page)
    y = picture.height + kind.title // 2 + head // 2
    _head(pen, check, (kind.pad, y, width - kind.pad), kind)
    y += head // 2
    for text, colour in lines:
        pen.text((kind.pad, y), text, font=font("Regular", kind.body), fill=colour, anchor="lt")
        y += kind.lead
    return page


def _head(pen: ImageDraw.ImageDraw, check: Check, place: tuple[int, int, int], kind: _Type) -> None:
    left, y, right = place
    after = _chip(pen, check.verdict.value, left, y, COLOURS[check.verdict], kind.body, anchor="l")
    pen.text((after + 14, y), check.title, font=font("SemiBold", kind.title), fill=WHITE, anchor="lm")
    pen.text((right, y), check.shown, font=font("Medium", kind.title), fill=COLOURS[check.verdict], anchor="rm")


def _chip(pen: ImageDraw.ImageDraw, text: str, x: int, y: int, colour: Colour, size: int, *, anchor: str) -> int:
    """A word in a coloured pill whose middle is at `y`; returns its right edge."""
    face = font("SemiBold", size - 2)
    words = text.upper()
    width = round(face.getlength(words) + 1.1 * size)
    left = x if anchor == "l" else x - width
    pen.rounded_rectangle((left, y - 0.78 * size, left + width, y + 0.78 * size), radius=0.4 * size, fill=colour)
    pen.text((left + width / 2, y), words, font=face, fill=INK if colour != GREY else WHITE, anchor="mm")
    return left + width


def wrapped(text: str, width: int, size: int) -> list[str]:
    """A text in lines that are no wider than `width` pixels in the body face."""
    lines: list[str] = []
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and font("Regular", size).getlength(joined) <= width:
            lines[-1] = joined
        else:
            lines.append(word)
    return lines


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def files_of(checks: Sequence[Check]) -> dict[str, str]:
    """File name of each check's card, in the order of the checks."""
    return {check.name: f"{at:02d}-{check.name}.png" for at, check in enumerate(checks, 1)}
