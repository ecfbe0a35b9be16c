"""Where everything stands on a contact sheet. Pure arithmetic: lanes and a way to measure text in, rectangles out.

A row shows heroes side by side, each lane as its still with three frames of its clip stacked beside it, flush with the
still's top and bottom. All stills of a sheet have one height, so that their edges line up whatever their ratio is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Literal

from firstframe.core.media import PixelRect

MARGIN = 120
CONTENT_WIDTH = 2320
MIN_CONTENT_WIDTH = 900
MAX_PAGE_HEIGHT = 4400
CELL_GUTTER = 56
ROW_GAP = 84
INNER_GAP = 10
STILL_HEIGHTS = (440, 380, 320, 260, 230)
"""Heights to try, the largest first; less the two inner gaps each is a multiple of three."""
PAGED_HEIGHT = 320
"""Height when one page does not do."""
MIN_CELL_WIDTH = 220
CAPTION_GAP = 18
HEADER_GAP = 20
TITLE_GAP = 12
FRAMES = 3

Style = Literal["title", "subtitle", "hero", "format", "caption"]
Measure = Callable[[str, Style], int]
"""Width of a line of text in pixels."""

LINE_HEIGHTS: dict[Style, int] = {"title": 84, "subtitle": 40, "hero": 46, "format": 32, "caption": 29}
"""Height of one line of each style, pixels."""


@dataclass(frozen=True, slots=True)
class SheetLane:
    """One lane as the sheet shows it."""

    hero: str
    variation: int
    format: str
    ratio: float
    """Width over height of the still."""
    still: Path
    clip: Path | None
    """None while there is no video: the still stands alone."""
    notes: tuple[str, ...]
    """Lines under the format's name: size and length, platforms, state."""
    label: str = ""
    """Name above the hero's lanes."""


@dataclass(frozen=True, slots=True)
class TextBox:
    """A line of text in its rectangle."""

    rect: PixelRect
    text: str
    style: Style


@dataclass(frozen=True, slots=True)
class PictureBox:
    """A picture in its rectangle: the still (`frame` is None) or frame 0, 1 or 2 of the three."""

    rect: PixelRect
    lane: SheetLane
    frame: int | None


@dataclass(slots=True)
class Page:
    """One sheet."""

    width: int
    height: int
    texts: list[TextBox] = field(default_factory=list)
    pictures: list[PictureBox] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Cell:
    lane: SheetLane
    still: int
    frame: int
    width: int
    caption: tuple[tuple[str, Style], ...]


@dataclass(frozen=True, slots=True)
class _Strip:
    """Lanes of one hero in a line."""

    header: tuple[str, ...]
    cells: tuple[_Cell, ...]
    whole: bool
    """Whether it has all lanes of its hero; only then may another hero stand beside it."""

    @property
    def width(self) -> int:
        return _line_width(self.cells)


def _line_width(cells: Sequence[_Cell]) -> int:
    return sum(cell.width for cell in cells) + CELL_GUTTER * (len(cells) - 1)


def lay_out(title: str, subtitle: str, lanes: Sequence[SheetLane], measure: Measure) -> list[Page]:
    """Pages for any number of lanes: the largest stills with which one page does, else several pages."""
    for height in STILL_HEIGHTS:
        pages = _pages(title, subtitle, _rows(lanes, height, measure), height, measure)
        if len(pages) <= 1 and _fits_in_width(lanes, height, measure):
            return pages
    return _pages(title, subtitle, _rows(lanes, PAGED_HEIGHT, measure), PAGED_HEIGHT, measure)


def _fits_in_width(lanes: Sequence[SheetLane], height: int, measure: Measure) -> bool:
    """Whether all formats of every take stand in one line."""
    takes = groupby(lanes, key=lambda lane: (lane.hero, lane.variation))
    return all(_line_width([_cell(lane, height, measure) for lane in take]) <= CONTENT_WIDTH for _, take in takes)


def _cell(lane: SheetLane, height: int, measure: Measure) -> _Cell:
    still = round(height * lane.ratio)
    frame = round((height - 2 * INNER_GAP) / FRAMES * lane.ratio) if lane.clip else 0
    width = max(still + (INNER_GAP + frame if frame else 0), MIN_CELL_WIDTH)
    caption = _lines([lane.format], "format", width, measure) + _lines(lane.notes, "caption", width, measure)
    return _Cell(lane, still, frame, width, tuple(caption))


def _lines(texts: Iterable[str], style: Style, width: int, measure: Measure) -> list[tuple[str, Style]]:
    return [(line, style) for text in texts for line in wrap(text, style, width, measure)]


def wrap(text: str, style: Style, width: int, measure: Measure) -> list[str]:
    """Breaks a text into lines that are no wider than `width`: at spaces, else at hyphens, else anywhere."""
    lines: list[str] = []
    for word in text.split():
        for piece in _pieces(word, style, width, measure):
            joined = f"{lines[-1]} {piece}" if lines and piece == word else piece
            if lines and piece == word and measure(joined, style) <= width:
                lines[-1] = joined
            else:
                lines.append(piece)
    return lines


def _pieces(word: str, style: Style, width: int, measure: Measure) -> list[str]:
    pieces = []
    rest = word
    while measure(rest, style) > width and len(rest) > 1:
        cut = next(
            count for count in range(len(rest) - 1, 0, -1) if count == 1 or measure(rest[:count], style) <= width
        )
        hyphen = rest.rfind("-", 1, cut) + 1
        cut = hyphen or cut
        pieces.append(rest[:cut])
        rest = rest[cut:]
    return [*pieces, rest]


def _strips(lanes: Sequence[SheetLane], height: int, measure: Measure) -> Iterable[_Strip]:
    for _, group in groupby(lanes, key=lambda lane: lane.hero):
        cells = [_cell(lane, height, measure) for lane in group]
        lines = _fill(cells)
        for index, line in enumerate(lines):
            label = cells[0].lane.label or cells[0].lane.hero
            header = wrap(label, "hero", _line_width(line), measure) if index == 0 else []
            yield _Strip(tuple(header), tuple(line), len(lines) == 1)


def _fill(cells: Sequence[_Cell]) -> list[list[_Cell]]:
    lines: list[list[_Cell]] = []
    for cell in cells:
        if lines and _line_width([*lines[-1], cell]) <= CONTENT_WIDTH:
            lines[-1].append(cell)
        else:
            lines.append([cell])
    return lines


def _rows(lanes: Sequence[SheetLane], height: int, measure: Measure) -> list[list[_Strip]]:
    rows: list[list[_Strip]] = []
    for strip in _strips(lanes, height, measure):
        if rows and strip.whole and rows[-1][-1].whole and _row_width([*rows[-1], strip]) <= CONTENT_WIDTH:
            rows[-1].append(strip)
        else:
            rows.append([strip])
    return rows


def _row_width(strips: Sequence[_Strip]) -> int:
    return sum(strip.width for strip in strips) + CELL_GUTTER * (len(strips) - 1)


def _header_height(row: Sequence[_Strip]) -> int:
    lines = max(len(strip.header) for strip in row)
    return lines * LINE_HEIGHTS["hero"] + HEADER_GAP if lines else 0


def _caption_height(row: Sequence[_Strip]) -> int:
    captions = [cell.caption for strip in row for cell in strip.cells]
    return CAPTION_GAP + max(sum(LINE_HEIGHTS[style] for _, style in caption) for caption in captions)


def _pages(title: str, subtitle: str, rows: Sequence[Sequence[_Strip]], height: int, measure: Measure) -> list[Page]:
    width = max([MIN_CONTENT_WIDTH, *(_row_width(row) for row in rows)])
    heading = _lines([title], "title", width, measure) + _lines([subtitle], "subtitle", width, measure)
    pages: list[Page] = []
    top = 0
    for row in rows:
        tall = _header_height(row) + height + _caption_height(row)
        if not pages or top + tall + MARGIN > MAX_PAGE_HEIGHT:
            pages.append(Page(width + 2 * MARGIN, 0))
            top = _place_heading(pages[-1], heading, measure)
        _place_row(pages[-1], row, top, height, measure)
        pages[-1].height = top + tall + MARGIN
        top += tall + ROW_GAP
    return pages


def _place_heading(page: Page, lines: Sequence[tuple[str, Style]], measure: Measure) -> int:
    top = MARGIN
    for text, style in lines:
        page.texts.append(_text(text, style, MARGIN, top, measure))
        top += LINE_HEIGHTS[style] + TITLE_GAP
    return top + ROW_GAP - TITLE_GAP


def _text(text: str, style: Style, left: int, top: int, measure: Measure) -> TextBox:
    return TextBox(PixelRect(left, top, measure(text, style), LINE_HEIGHTS[style]), text, style)


def _place_row(page: Page, row: Sequence[_Strip], top: int, height: int, measure: Measure) -> None:
    left = MARGIN
    baseline = top + _header_height(row)
    for strip in row:
        for index, line in enumerate(strip.header):
            page.texts.append(_text(line, "hero", left, top + index * LINE_HEIGHTS["hero"], measure))
        for cell in strip.cells:
            _place_cell(page, cell, PixelRect(left, baseline, cell.still, height), measure)
            left += cell.width + CELL_GUTTER


def _place_cell(page: Page, cell: _Cell, still: PixelRect, measure: Measure) -> None:
    page.pictures.append(PictureBox(still, cell.lane, None))
    small = (still.height - 2 * INNER_GAP) // FRAMES
    for index in range(FRAMES if cell.frame else 0):
        x, y = still.right + INNER_GAP, still.y + index * (small + INNER_GAP)
        page.pictures.append(PictureBox(PixelRect(x, y, cell.frame, small), cell.lane, index))
    y = still.bottom + CAPTION_GAP
    for text, style in cell.caption:
        page.texts.append(_text(text, style, still.x, y, measure))
        y += LINE_HEIGHTS[style]
