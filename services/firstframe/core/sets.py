"""What the image stage can make sets of: names, limits and rules, so that a plan refuses what a render would.

The stage keeps the tables behind the names; a test holds them to these, both ways.
"""

from __future__ import annotations

import re

from firstframe.core.errors import InvalidInput

SCENES = ("studio", "stone", "table", "water", "dune", "interior")
PALETTES = ("amber-dusk", "blush-dawn", "sage-noon", "ink-night")
BRAND_PALETTES = ("brand-day", "brand-tint", "brand-night")
"""Palettes that are made of a brand's colours."""
MATERIALS = ("matt", "satin", "gloss", "metal")
COLOURS = ("lacquer", "paper", "ink", "foil", "stone", "leaf")
"""Colours of a palette that a material may have."""
FONTS = ("caladea", "hanken-grotesk", "manrope", "lato")
MAX_COPY = 24
MAX_TAGLINE = 40
MAX_STAGING = 99
"""Last of the ways in which one seed can be staged."""
MAX_PICTURE_BYTES = 64 * 1024 * 1024
"""Longest file that a hero is made of: a photograph, its mask and depth, a model, a cut-out, a reference."""
MAX_MARK_BYTES = 2 * 1024 * 1024
"""Longest mark of a brand."""

_HEXADECIMAL = re.compile(r"#[0-9A-Fa-f]{6}")


def check_scene(name: str, *, field: str = "set.scene") -> str:
    """The name, when there is such a scene.

    Raises:
        InvalidInput: There is none; the message lists those that there are.
    """
    if name not in SCENES:
        raise InvalidInput.at(field, f"{name!r} is not a scene", f"use one of {', '.join(SCENES)}")
    return name


def check_staging(number: int, *, field: str) -> int:
    """The number, when a set can be staged so.

    Raises:
        InvalidInput: It is out of range.
    """
    if not 0 <= number <= MAX_STAGING:
        raise InvalidInput.at(field, f"{number} is out of range", f"use 0 to {MAX_STAGING}")
    return number


def check_palette(name: str, *, branded: bool, field: str = "set.palette") -> str:
    """The name, when there is such a palette.

    Args:
        name: The palette's.
        branded: Whether the set is of a brand, whose colours palettes can be made of.
        field: What an error names.

    Raises:
        InvalidInput: There is none, or it needs a brand.
    """
    known = (*BRAND_PALETTES, *PALETTES) if branded else PALETTES
    if name in known:
        return name
    if name in BRAND_PALETTES:
        raise InvalidInput.at(field, f"{name!r} is made of a brand's colours", "give a brand, or another palette")
    raise InvalidInput.at(field, f"{name!r} is not a palette", f"use one of {', '.join(known)}")


def check_font(name: str, *, field: str) -> str:
    """The name, when there is such a typeface; none lets the seed choose.

    Raises:
        InvalidInput: There is none of that name.
    """
    if name and name not in FONTS:
        raise InvalidInput.at(field, f"{name!r} is not a typeface", f"use one of {', '.join(FONTS)}")
    return name


def check_material(material: str, colour: str, *, field: str) -> None:
    """Holds the material of a model and its colour against what there is; empty ones are left to the file.

    Raises:
        InvalidInput: There is no such material or colour, or a colour has no material.
    """
    if material and material not in MATERIALS:
        fix = f"use one of {', '.join(MATERIALS)}, or leave it out for the file's own"
        raise InvalidInput.at(f"{field}.material", f"{material!r} is not a material", fix)
    if colour and colour not in COLOURS and not _HEXADECIMAL.fullmatch(colour):
        as_well = "" if material else ", with a `material` to colour"
        fix = f"use one of {', '.join(COLOURS)}, or #RRGGBB{as_well}"
        raise InvalidInput.at(f"{field}.colour", f"{colour!r} is not a colour", fix)
    if colour and not material:
        raise InvalidInput.at(
            f"{field}.colour", "has no material to colour", "give `material` as well, or leave it out"
        )


def check_copy(copy: str, *, field: str) -> None:
    """Refuses a label that says nothing.

    Raises:
        InvalidInput: It is empty, or spaces alone.
    """
    if not copy.strip():
        raise InvalidInput.at(field, "is empty", "give the words for the product's label")


def check_length(size_bytes: int, *, field: str, most: int = MAX_PICTURE_BYTES) -> int:
    """The length of a file in bytes, when it can be read; `field` is the artifact's.

    Raises:
        InvalidInput: It is not said, or more than `most`.
    """
    if not 0 < size_bytes <= most:
        raise InvalidInput.at(f"{field}.size_bytes", f"is {size_bytes}", f"give 1 to {most}, the file's length")
    return size_bytes
