"""What a brand colours its sets with and prints on its labels, and the palettes that are made of its colours."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from firstframe.core.errors import InvalidInput
from firstframe.core.media import Rgba8
from firstframe.core.sets import check_palette
from firstframe.sets.label import TYPEFACES
from firstframe.sets.oklab import chroma, hue_deg, lightness, mixed, toned
from firstframe.sets.palettes import (
    MIN_LABEL_CONTRAST,
    PALETTES,
    House,
    Palette,
    contrast,
)

MIN_COPY_CONTRAST = 4.5
"""Contrast that any copy needs: WCAG 2.2 success criterion 1.4.3, read November 2026. Black or white always reaches it."""
MIN_MARK_CONTRAST = 3.0
"""Contrast of a mark to the label: WCAG 2.2 success criterion 1.4.11 (graphical objects), read November 2026."""
MIN_LABEL_EDGE = 1.25
"""Contrast between label and product, below which the label is not seen as one."""
MAX_CLEAR_SPACE = 2.0
MAX_MARK_PIXELS = 4_000_000
MAX_MARK_RATIO = 6.0

FONTS: dict[str, int] = {
    face.package.removeprefix("font_").replace("_", "-"): index for index, face in enumerate(TYPEFACES)
}
"""Index of each typeface by the name that a brand kit gives it."""

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")


@dataclass(frozen=True, slots=True)
class BrandColours:
    """Colours of a brand by what they are for, each `#RRGGBB` in sRGB."""

    ground: str
    product: str
    accent: str
    paper: str
    ink: str


@dataclass(frozen=True, slots=True, eq=False)
class Brand:
    """A brand; checked."""

    colours: BrandColours
    font: str = ""
    """Empty lets the seed choose."""
    clear_space: float = 0.0
    """Space around the mark that nothing enters, in heights of the mark."""
    mark: Rgba8 | None = None
    """What is printed at the top of the label, shape (h, w, 4), alpha not multiplied in."""


def check_colours(colours: BrandColours, *, field: str) -> BrandColours:
    """The colours, when they can be told apart where they have to be.

    Raises:
        InvalidInput: One is not a colour, or the label would vanish on the product.
    """
    for name in ("ground", "product", "accent", "paper", "ink"):
        value = getattr(colours, name)
        if not _COLOUR.fullmatch(value):
            raise InvalidInput.at(f"{field}.{name}", f"{value!r} is not a colour", "use # and six hexadecimal digits")
    edge = contrast(colours.paper, colours.product)
    if edge < MIN_LABEL_EDGE:
        problem = f"has a contrast of {edge:.2f} to the product, so that the label vanishes on it"
        raise InvalidInput.at(f"{field}.paper", problem, f"use a lighter or darker one; {MIN_LABEL_EDGE:g} is enough")
    return colours


def check_mark(mark: Rgba8, paper: str, *, field: str) -> Rgba8:
    """The mark, cut to what is visible of it.

    Args:
        mark: Shape (h, w, 4).
        paper: Colour that it is printed on.
        field: What an error names.

    Raises:
        InvalidInput: It is empty, too long for a label, or cannot be told from the paper.
    """
    rows, columns = np.nonzero(mark[..., 3] > 8)
    if not len(rows):
        raise InvalidInput.at(field, "has nothing that is not transparent", "export the mark again")
    cut = np.ascontiguousarray(mark[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1])
    height, width = cut.shape[:2]
    if max(width / height, height / width) > MAX_MARK_RATIO:
        problem = f"is {width / height:.3g} times as wide as high"
        raise InvalidInput.at(field, problem, f"use a mark of at most {MAX_MARK_RATIO:g} to 1")
    found = contrast(_mean(cut), paper)
    if found < MIN_MARK_CONTRAST:
        problem = f"has a contrast of {found:.2f} to the label's paper {paper}"
        raise InvalidInput.at(
            field, problem, f"use the version of the mark for such a ground; {MIN_MARK_CONTRAST:g} is enough"
        )
    return cut


def _mean(mark: Rgba8) -> str:
    """Mean colour of what is opaque, `#RRGGBB`."""
    weight = mark[..., 3:].astype(float) / 255
    red, green, blue = (mark[..., :3] * weight).sum(axis=(0, 1)) / weight.sum()
    return f"#{round(red):02X}{round(green):02X}{round(blue):02X}"


def readable(ink: str, paper: str, wanted: float = MIN_LABEL_CONTRAST) -> str:
    """An ink of the same hue that has the wanted contrast to the paper; as near to it as black or white come, otherwise.

    Args:
        ink: `#RRGGBB`.
        paper: `#RRGGBB`.
        wanted: Contrast as WCAG counts it, 1 to 21.
    """
    if contrast(ink, paper) >= wanted:
        return ink
    end = 0.0 if contrast("#000000", paper) >= contrast("#FFFFFF", paper) else 1.0
    start = lightness(ink)
    steps = (toned(ink, start + (end - start) * step / 64) for step in range(65))
    return next((colour for colour in steps if contrast(colour, paper) >= wanted), "#000000" if end == 0 else "#FFFFFF")


def _day(colours: BrandColours) -> dict[str, object]:
    """Bright: a light tint of the ground."""
    return _look(
        colours, backdrop=toned(colours.ground, 0.84, 0.55), stone=toned(colours.ground, 0.91, 0.25), fill=0.42
    )


def _tint(colours: BrandColours) -> dict[str, object]:
    """The ground itself, at a lightness that a set can be lit at."""
    ground = toned(colours.ground, min(max(lightness(colours.ground), 0.52), 0.76))
    return _look(colours, backdrop=ground, stone=toned(ground, lightness(ground) + 0.14, 0.5), fill=0.34)


def _night(colours: BrandColours) -> dict[str, object]:
    """Dark: a deep tone of the ground, or of the product where that has more colour."""
    base = max((colours.ground, colours.product), key=chroma)
    return _look(colours, backdrop=toned(base, 0.43, 0.85), stone=toned(base, 0.49, 0.5), fill=0.34)


BRAND_PALETTES: dict[str, Callable[[BrandColours], dict[str, object]]] = {
    "brand-day": _day,
    "brand-tint": _tint,
    "brand-night": _night,
}
"""Palettes that are made of a brand's colours, by name."""


def _look(colours: BrandColours, *, backdrop: str, stone: str, fill: float) -> dict[str, object]:
    tone = lightness(backdrop)
    dark = tone < 0.5
    return {
        "backdrop": backdrop,
        "stone": stone,
        "vein": mixed(stone, colours.accent, 0.45),
        "props": (
            mixed(backdrop, colours.product, 0.6),
            colours.accent,
            toned(backdrop, tone + (0.12 if dark else -0.10)),
        ),
        "leaf": mixed(backdrop, colours.accent, 0.5),
        "sun": "#FFE2BC" if dark else "#FFF0DA",
        "sky": "#A8BCE6" if dark else "#E8EEF4",
        # The shipped palettes lie on this line within 0.03.
        "key": round(min(max(0.82 * tone - 0.07, 0.22), 0.64), 3),
        "fill": fill,
    }


def _metal(accent: str) -> str:
    """The metal whose hue is nearest: gold, copper, or silver where there is no hue to speak of."""
    if chroma(accent) < 0.035:
        return "Ag"
    hue = hue_deg(accent)
    return "Au" if 65 <= hue <= 120 else ("Cu" if hue < 65 or hue > 330 else "Ag")


def worn(name: str, brand: Brand | None, *, field: str = "set.palette") -> Palette:
    """The palette of that name as a brand wears it: what is printed on the label is the brand's in any of them.

    Raises:
        InvalidInput: There is no such palette, or it needs a brand.
    """
    check_palette(name, branded=brand is not None, field=field)
    if brand is None:
        return PALETTES[name]
    house = House(FONTS.get(brand.font), brand.mark, brand.clear_space)
    if name in BRAND_PALETTES:
        return _made(name, brand.colours, house)
    return _printed(PALETTES[name], brand.colours, house)


def _made(name: str, colours: BrandColours, house: House) -> Palette:
    return Palette(
        name=name,
        lacquer=colours.product,
        paper=colours.paper,
        ink=readable(colours.ink, colours.paper),
        metal=_metal(colours.accent),
        foil=colours.accent,
        house=house,
        **BRAND_PALETTES[name](colours),  # type: ignore[arg-type]
    )


def _printed(palette: Palette, colours: BrandColours, house: House) -> Palette:
    """A shipped set with the brand's product on it: its colours are not a mood."""
    return replace(
        palette,
        lacquer=colours.product,
        paper=colours.paper,
        ink=readable(colours.ink, colours.paper),
        metal=_metal(colours.accent),
        foil=colours.accent,
        house=house,
    )
