"""Arguments of `firstframe check`, from words to checked values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from firstframe.cli.motion_recipes import all_recipes, own_recipes
from firstframe.core.delivery import PLATFORMS, platform_named
from firstframe.core.errors import InvalidInput
from firstframe.core.formats import FORMATS, format_named
from firstframe.core.media import PixelRect, PixelSize, Rgb8
from firstframe.orchestrator.recipes import find_recipe
from firstframe.preflight.plan import ShotPlan

MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Marks:
    """What a person points at in a picture."""

    focus: tuple[float, float] | None
    """A point on the subject, 0 to 1 from the left and from the top."""
    copy: tuple[PixelRect, ...]
    """Where words stand, pixels of the picture."""


def read_picture(path: Path, argument: str = "IMAGE") -> Rgb8:
    """Decodes a picture file within bounds.

    Args:
        path: The file.
        argument: What names it.

    Raises:
        InvalidInput: It is missing, too large, or no picture.
    """
    from firstframe.adapters.pictures import decode

    if not path.is_file():
        problem = "is a folder" if path.is_dir() else "does not exist"
        raise InvalidInput.at(argument, f"{path} {problem}", "name a JPEG, PNG, WebP or TIFF picture")
    if path.stat().st_size > MAX_BYTES:
        size = path.stat().st_size / 2**20
        raise InvalidInput.at(argument, f"{path} has {size:.0f} MiB", f"use a file of at most {MAX_BYTES >> 20} MiB")
    try:
        return decode(path.read_bytes(), field=argument)
    except OSError as error:
        problem = f"{path} cannot be read: {error.strerror}"
        raise InvalidInput.at(argument, problem, "check its permissions") from None


def plan_of(format_name: str, motion: str, platforms: Sequence[str], size: PixelSize) -> ShotPlan:
    """The plan that the options tell.

    Args:
        format_name: Name of a format; empty for the one that is nearest to the picture's ratio.
        motion: Name of a recipe, one of `recipes/motion/` in this folder among them.
        platforms: Names; empty for all that take the format.
        size: Of the picture.

    Raises:
        InvalidInput: A name is not known, or a platform does not take the format.
    """
    wanted = format_named(format_name, field="--format") if format_name else FORMATS[nearest_format(size)]
    recipe = find_recipe(all_recipes(own_recipes(Path())), motion, field="--motion")
    names = tuple(dict.fromkeys(platforms)) or tuple(name for name, one in PLATFORMS.items() if one.takes(wanted.name))
    for name in names:
        platform = platform_named(name, field="--platform")
        if not platform.takes(wanted.name):
            fix = f"use --format {' or '.join(platform.formats)}"
            raise InvalidInput.at("--platform", f"{platform.title} does not take {wanted.name}", fix)
    return ShotPlan(wanted.name, wanted.delivery_size, names, recipe.motion, recipe.name)


def nearest_format(size: PixelSize) -> str:
    """Name of the format whose ratio is nearest."""
    return min(FORMATS, key=lambda name: abs(FORMATS[name].delivery_size.ratio / size.ratio - 1))


def marks_of(focus: str, copies: Sequence[str], size: PixelSize) -> Marks:
    """What was pointed at.

    Raises:
        InvalidInput: Not numbers, or outside of the picture.
    """
    return Marks(_focus(focus) if focus else None, tuple(_copy(text, size) for text in copies))


def _focus(text: str) -> tuple[float, float]:
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        raise InvalidInput.at("--focus", f"{text!r} is not X,Y", "give two shares, for example 0.4,0.5") from None
    if not (0 <= x <= 1 and 0 <= y <= 1):
        raise InvalidInput.at("--focus", f"{text} is outside of the picture", "give shares from 0 to 1")
    return x, y


def _copy(text: str, size: PixelSize) -> PixelRect:
    try:
        rect = PixelRect(*(int(part) for part in text.split(",")))
    except (ValueError, TypeError):
        fix = "give four whole numbers of pixels, for example 400,600,280,160"
        raise InvalidInput.at("--copy", f"{text!r} is not X,Y,WIDTH,HEIGHT", fix) from None
    if rect.width < 1 or rect.height < 1 or not PixelRect(0, 0, size.width, size.height).contains(rect):
        raise InvalidInput.at("--copy", f"{text} is not inside of the picture", f"the picture is {size} pixels")
    return rect
