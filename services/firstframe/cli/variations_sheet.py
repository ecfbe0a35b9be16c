"""The sheet of a template's stills: all of them, one beside the other, with what each is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from PIL import Image, ImageDraw

from firstframe.cli.contact_sheet import BACKGROUND, draw_text, measure
from firstframe.cli.sheet_layout import CONTENT_WIDTH, LINE_HEIGHTS, MARGIN, Style
from firstframe.core.media import Rgb8

GUTTER = 18
SEPARATOR = " · "
"""Between the values of a caption."""
CAPTION_LINES = 2
CAPTION_HEIGHT = LINE_HEIGHTS["format"] + CAPTION_LINES * LINE_HEIGHTS["caption"] + 14
PER_PAGE = 60
COLUMNS = {1.0: 8, 1.4: 6}
"""Most columns for pictures of at least that ratio of width to height; ten for higher ones."""


def draw_variations(
    title: str, subtitle: str, captions: Sequence[tuple[str, str]], pictures: Mapping[str, Rgb8]
) -> Iterator[Image.Image]:
    """Draws the pages of the sheet, RGB, one after the other; each picture is looked up when it is drawn.

    Args:
        title: Name of the campaign.
        subtitle: The line under it.
        captions: Name and values of each still, in order.
        pictures: Stills by name, all of one ratio.
    """
    pages = [captions[at : at + PER_PAGE] for at in range(0, len(captions), PER_PAGE)]
    return (_page(title, subtitle, page, pictures) for page in pages)


def _page(title: str, subtitle: str, captions: Sequence[tuple[str, str]], pictures: Mapping[str, Rgb8]) -> Image.Image:
    height, width = pictures[captions[0][0]].shape[:2]
    columns = _columns(width / height, len(captions))
    cell = (CONTENT_WIDTH - GUTTER * (columns - 1)) // columns
    still = (cell, round(cell * height / width))
    rows = -(-len(captions) // columns)
    top = MARGIN + LINE_HEIGHTS["title"] + LINE_HEIGHTS["subtitle"] + 40
    step = still[1] + CAPTION_HEIGHT + GUTTER
    sheet = Image.new("RGB", (CONTENT_WIDTH + 2 * MARGIN, top + rows * step - GUTTER + MARGIN), BACKGROUND)
    draw = ImageDraw.Draw(sheet)
    draw_text(draw, (MARGIN, MARGIN), title, "title")
    draw_text(draw, (MARGIN, MARGIN + LINE_HEIGHTS["title"]), subtitle, "subtitle")
    for index, (name, words) in enumerate(captions):
        at = (MARGIN + index % columns * (cell + GUTTER), top + index // columns * step)
        sheet.paste(Image.fromarray(pictures[name]).resize(still, Image.Resampling.LANCZOS), at)
        _caption(draw, (at[0], at[1] + still[1] + 8), cell, name, words)
    return sheet


def _columns(ratio: float, count: int) -> int:
    most = next((columns for least, columns in sorted(COLUMNS.items(), reverse=True) if ratio >= least), 10)
    return min(most, count)


def _caption(draw: ImageDraw.ImageDraw, at: tuple[int, int], width: int, name: str, words: str) -> None:
    draw_text(draw, at, _fitted(name, "format", width), "format")
    for number, line in enumerate(_lines(words, width)):
        top = at[1] + LINE_HEIGHTS["format"] + number * LINE_HEIGHTS["caption"]
        draw_text(draw, (at[0], top), _fitted(line, "caption", width), "caption")


def _lines(words: str, width: int) -> list[str]:
    """Values on as many lines as there are, broken between them; what is left stands on the last."""
    lines = [""]
    for value in words.split(SEPARATOR):
        longer = f"{lines[-1]}{SEPARATOR}{value}" if lines[-1] else value
        if not lines[-1] or measure(longer, "caption") <= width or len(lines) == CAPTION_LINES:
            lines[-1] = longer
        else:
            lines.append(value)
    return lines


def _fitted(text: str, style: Style, width: int) -> str:
    """The text, cut where it is wider than its still."""
    if measure(text, style) <= width:
        return text
    return next((cut for end in range(len(text), 0, -1) if measure(cut := f"{text[:end]}…", style) <= width), "…")
