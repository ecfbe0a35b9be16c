"""The contact sheet: every still of a campaign with three frames of its motion, on neutral grey."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from firstframe.cli.frames import sample_frames
from firstframe.cli.sheet_layout import LINE_HEIGHTS, Page, PictureBox, SheetLane, Style, TextBox, lay_out

BACKGROUND = (30, 30, 31)
_COLOURS: dict[Style, tuple[int, int, int]] = {
    "title": (242, 240, 236),
    "subtitle": (150, 148, 144),
    "hero": (232, 230, 226),
    "format": (214, 212, 208),
    "caption": (150, 148, 144),
}
_FONTS: dict[Style, tuple[str, int]] = {
    "title": ("Light", 66),
    "subtitle": ("Regular", 27),
    "hero": ("Medium", 32),
    "format": ("SemiBold", 22),
    "caption": ("Regular", 21),
}


@cache
def _font(style: Style) -> ImageFont.FreeTypeFont:
    """Hanken Grotesk (SIL Open Font Licence 1.1) from the package font-hanken-grotesk."""
    weight, size = _FONTS[style]
    path = files("font_hanken_grotesk").joinpath(f"files/HankenGrotesk-{weight}.otf")
    return ImageFont.truetype(os.fspath(Path(str(path))), size)


@cache
def measure(text: str, style: Style) -> int:
    """Width of a line of text in pixels, rounded up."""
    left, _, right, _ = _font(style).getbbox(text)
    return int(max(right, right - left)) + 1


def draw_sheets(title: str, subtitle: str, lanes: Sequence[SheetLane]) -> list[Image.Image]:
    """Draws the pages of a contact sheet, RGB."""
    pages = lay_out(title, subtitle, lanes, measure)
    return [_draw(page) for page in pages]


def _draw(page: Page) -> Image.Image:
    sheet = Image.new("RGB", (page.width, page.height), BACKGROUND)
    canvas = ImageDraw.Draw(sheet)
    for text in page.texts:
        _write(canvas, text)
    lanes = {id(box.lane): box.lane for box in page.pictures}
    for key, lane in lanes.items():
        _paste(sheet, [box for box in page.pictures if id(box.lane) == key], lane)
    return sheet


def _write(canvas: ImageDraw.ImageDraw, box: TextBox) -> None:
    draw_text(canvas, (box.rect.x, box.rect.y), box.text, box.style)


def draw_text(canvas: ImageDraw.ImageDraw, at: tuple[int, int], text: str, style: Style) -> None:
    """Writes a line whose box begins at `at`."""
    baseline = at[1] + round(LINE_HEIGHTS[style] * 0.75)
    canvas.text((at[0], baseline), text, font=_font(style), fill=_COLOURS[style], anchor="ls")


def _paste(sheet: Image.Image, boxes: Sequence[PictureBox], lane: SheetLane) -> None:
    """Pastes a lane's pictures; its video is opened once."""
    frames = sample_frames(lane.clip) if lane.clip else ()
    for box in boxes:
        if box.frame is None:
            with Image.open(lane.still) as still:
                _place(sheet, still.convert("RGB"), box)
        else:
            _place(sheet, frames[box.frame], box)


def _place(sheet: Image.Image, picture: Image.Image, box: PictureBox) -> None:
    size = (box.rect.width, box.rect.height)
    sheet.paste(picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0), (box.rect.x, box.rect.y))
