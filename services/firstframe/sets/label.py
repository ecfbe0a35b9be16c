"""The product's label: copy and tagline set in type and fitted to the paper."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from firstframe.core.errors import InvalidInput
from firstframe.core.media import Grey8, Rgb8
from firstframe.sets.palettes import House, Palette, encoded, label_ink

_MARK_Y = 0.185
"""Middle of the mark, of the label's height from the top."""
TYPE_DOWN = 0.26, 0.86
"""Shares of the label's height, from its top, between which type is set: below the mark, above the lower rule."""
_OURS = House(None, None, 0.0)
_NOT_A_GLYPH = "\U0010fffe"


@dataclass(frozen=True, slots=True)
class Typeface:
    """A pair of cuts: one for the copy, one for the tagline."""

    package: str
    copy_file: str
    tagline_file: str
    tracking: float
    """Space between letters of the copy, in ems."""


TYPEFACES = (
    Typeface("font_caladea", "Caladea-Regular.ttf", "Caladea-Italic.ttf", 0.06),
    Typeface("font_hanken_grotesk", "HankenGrotesk-Medium.otf", "HankenGrotesk-Regular.otf", 0.10),
    Typeface("font_manrope", "Manrope-SemiBold.ttf", "Manrope-Medium.ttf", 0.07),
    Typeface("font_lato", "Lato-Regular.ttf", "Lato-Italic.ttf", 0.12),
)
"""Type for labels; a seed chooses, and one that lacks a letter of the copy is passed over."""


@dataclass(frozen=True, slots=True, eq=False)
class Label:
    """A printed label."""

    colour: Rgb8
    foil: Grey8
    """Where metal foil is, 0 to 255; same size as `colour`."""
    text_boxes: tuple[tuple[int, int, int, int], ...]
    """Left, top, right and bottom of each line of type, in pixels."""


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    font: ImageFont.FreeTypeFont
    tracking_px: float

    @property
    def width(self) -> float:
        return self.font.getlength(self.text) + self.tracking_px * max(len(self.text) - 1, 0)


def check_text(text: str, *, field: str, limit: int) -> str:
    """The text with its spaces tidied.

    Raises:
        InvalidInput: It is too long, or has letters that no typeface has.
    """
    tidy = " ".join(text.split())
    if len(tidy) > limit:
        raise InvalidInput.at(field, f"has {len(tidy)} characters", f"use at most {limit}")
    if tidy and not any(_covers(face, tidy) for face in TYPEFACES):
        raise InvalidInput.at(
            field, f"no typeface has all letters of {tidy!r}", "use Latin letters, digits and punctuation"
        )
    return tidy


def print_label(
    palette: Palette, copy: str, tagline: str, *, width: int, height: int, typeface: int, live: float = 0.62
) -> Label:
    """Sets the label in type.

    Args:
        palette: Colours.
        copy: Words on the label; kept as they are written.
        tagline: Smaller words under them; may be empty.
        width: Pixels.
        height: Pixels.
        typeface: Which of `TYPEFACES` to try first.
        live: Share of the width that the front of the bottle shows; type and rules stay inside it.
    """
    house = palette.house or _OURS
    face = _typeface(typeface if house.typeface is None else house.typeface, copy + tagline)
    paper = Image.new("RGB", (width, height), _ink(palette.paper))
    foil = Image.new("L", (width, height), 0)
    lines = _fit_copy(face, copy, live * width, height * (0.34 if tagline else 0.42))
    small = (
        _fit(face.package, face.tagline_file, tagline, live * width * 0.92, height * 0.075, 0.04) if tagline else None
    )
    boxes = _draw_lines(paper, palette, lines, small)
    aside = _draw_mark(paper, house, boxes[0][1], live) if house.mark is not None else _draw_ring(paper, foil, palette)
    _draw_rules(paper, foil, palette, live, aside)
    return Label(np.asarray(paper), np.asarray(foil), tuple(boxes))


def font_path(package: str, file: str) -> Path:
    """Where a font package keeps a file."""
    module = import_module(package)
    return Path(str(module.__file__)).parent / "files" / file


@cache
def _font(package: str, file: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font_path(package, file)), size, layout_engine=ImageFont.Layout.BASIC)


def _covers(face: Typeface, text: str) -> bool:
    for file in (face.copy_file, face.tagline_file):
        font = _font(face.package, file, 32)
        missing = bytes(font.getmask(_NOT_A_GLYPH))
        if any(not letter.isspace() and bytes(font.getmask(letter)) == missing for letter in text):
            return False
    return True


def _typeface(first: int, text: str) -> Typeface:
    order = [TYPEFACES[(first + step) % len(TYPEFACES)] for step in range(len(TYPEFACES))]
    return next((face for face in order if _covers(face, text)), order[0])


def _fit(package: str, file: str, text: str, width: float, height: float, tracking: float) -> _Line:
    """The largest setting of one line in a box; `height` is that of the capitals."""
    probe = _font(package, file, 200)
    caps = probe.getbbox("H")
    by_height = 200 * height / (caps[3] - caps[1])
    natural = (probe.getlength(text) + 200 * tracking * max(len(text) - 1, 0)) / 200
    size = max(int(min(by_height, width / natural)), 4)
    return _Line(text, _font(package, file, size), size * tracking)


def _fit_copy(face: Typeface, text: str, width: float, height: float) -> list[_Line]:
    """One line, or two balanced ones when that makes the type larger."""
    single = [_fit(face.package, face.copy_file, text, width, height * 0.62, face.tracking)]
    halves = _halves(text)
    if not halves:
        return single
    double = [_fit(face.package, face.copy_file, half, width, height * 0.36, face.tracking) for half in halves]
    size = min(line.font.size for line in double)
    if size <= single[0].font.size * 1.15:
        return single
    font = _font(face.package, face.copy_file, int(size))
    return [_Line(half, font, size * face.tracking) for half in halves]


def _halves(text: str) -> tuple[str, str] | None:
    words = text.split()
    cuts = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    return min(cuts, key=lambda cut: abs(len(cut[0]) - len(cut[1])), default=None)


def _draw_lines(
    paper: Image.Image, palette: Palette, lines: list[_Line], small: _Line | None
) -> list[tuple[int, int, int, int]]:
    caps = [_caps(line) for line in lines]
    lead = 0.62 * caps[0]
    gap = 0.085 * paper.height
    total = sum(caps) + lead * (len(lines) - 1) + (gap + _caps(small) if small else 0)
    y = 0.548 * paper.height - total / 2
    boxes = []
    for line, cap in zip(lines, caps, strict=True):
        boxes.append(_draw_line(paper, line, y + cap, _ink(label_ink(palette))))
        y += cap + lead
    if small:
        boxes.append(_draw_line(paper, small, y - lead + gap + _caps(small), _ink(label_ink(palette))))
    return boxes


def _draw_line(
    paper: Image.Image, line: _Line, baseline: float, ink: tuple[int, int, int]
) -> tuple[int, int, int, int]:
    draw = ImageDraw.Draw(paper)
    x = start = (paper.width - line.width) / 2
    for letter in line.text:
        draw.text((x, baseline), letter, fill=ink, font=line.font, anchor="ls")
        x += line.font.getlength(letter) + line.tracking_px
    return round(start), round(baseline - _caps(line)), round(x - line.tracking_px), round(baseline)


def _draw_ring(paper: Image.Image, foil: Image.Image, palette: Palette) -> float:
    """The mark of our house, a ring; gives how far to the side of the middle the rules begin, pixels."""
    middle, ring_y, ring = paper.width / 2, paper.height * _MARK_Y, paper.height * 0.062
    for image, ink in ((paper, _ink(palette.foil)), (foil, 255)):
        for radius in (ring, ring * 0.55):
            box = (middle - radius, ring_y - radius, middle + radius, ring_y + radius)
            ImageDraw.Draw(image).ellipse(box, outline=ink, width=_thick(paper))
    return ring * 1.7


def _draw_mark(paper: Image.Image, house: House, type_top: float, live: float) -> float:
    """A brand's mark, as large as its clear space allows; gives how far to the side of the middle the rules begin, pixels.

    Args:
        paper: The label.
        house: Its mark and its clear space.
        type_top: Where the copy begins, pixels from the top.
        live: Share of the width that is seen.
    """
    mark = Image.fromarray(np.asarray(house.mark))
    ratio, clear = mark.width / mark.height, house.clear_space
    middle_y = paper.height * _MARK_Y
    room = min(middle_y - paper.height * 0.03, type_top - middle_y)
    height = min(paper.height * 0.16, room / (0.5 + clear), live * paper.width / (ratio + 2 * clear))
    size = (max(round(height * ratio), 1), max(round(height), 1))
    small = mark.convert("RGBa").resize(size, Image.Resampling.LANCZOS).convert("RGBA")
    paper.paste(small, (round((paper.width - size[0]) / 2), round(middle_y - size[1] / 2)), small)
    return height * (ratio / 2 + max(clear, 0.2))


def _draw_rules(paper: Image.Image, foil: Image.Image, palette: Palette, live: float, aside: float) -> None:
    """A foil rule below, and one on each side of the mark where there is room."""
    width, height = paper.size
    left, right = width * (0.5 - live / 2), width * (0.5 + live / 2)
    thick, middle, mark_y = _thick(paper), width / 2, height * _MARK_Y
    for image, ink in ((paper, _ink(palette.foil)), (foil, 255)):
        draw = ImageDraw.Draw(image)
        draw.rectangle((left, height * 0.88, right, height * 0.88 + thick), fill=ink)
        for one, other in ((left, middle - aside), (middle + aside, right)):
            if other - one > 2 * thick:
                draw.rectangle((one, mark_y - thick / 2, other, mark_y + thick / 2), fill=ink)


def _thick(paper: Image.Image) -> int:
    return max(round(paper.height * 0.008), 2)


def _caps(line: _Line) -> float:
    box = line.font.getbbox("H")
    return float(box[3] - box[1])


def _ink(colour: str) -> tuple[int, int, int]:
    red, green, blue = (round(255 * value) for value in encoded(colour))
    return red, green, blue
