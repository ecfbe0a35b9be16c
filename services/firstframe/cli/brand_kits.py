"""Brand kits: the file that a campaign's `brand:` names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from yaml.nodes import Node

from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.cli.fields import Fields, as_fields
from firstframe.cli.photographs import Photograph, examine
from firstframe.cli.problems import BriefRejected, Problem, did_you_mean
from firstframe.cli.yaml_tree import entries, line_of, read_tree
from firstframe.core.errors import InvalidInput
from firstframe.core.sets import MAX_MARK_BYTES
from firstframe.sets.brands import (
    BRAND_PALETTES,
    FONTS,
    MAX_CLEAR_SPACE,
    MAX_MARK_PIXELS,
    BrandColours,
    check_colours,
    check_mark,
)
from firstframe.sets.palettes import PALETTES
from firstframe.sets.scenes import SCENES
from firstframe.templates.never import Never

NOT_A_KIT = "is empty, or no brand kit; start it with `brand: a-name` (see docs/templates.md)"
KEYS = ("brand", "colours", "font", "logo", "never")
COLOUR_KEYS = ("ground", "product", "accent", "paper", "ink")
LOGO_KEYS = ("file", "clear_space")
NEVER_KEYS = ("scene", "palette", "word", "why")


@dataclass(frozen=True, slots=True)
class BrandKit:
    """A brand kit; checked."""

    name: str
    message: imagegen_pb2.Brand
    logo: Photograph | None
    """What has to be in the store before the campaign is created."""
    never: tuple[Never, ...]


def read_kit(folder: Path, words: str) -> BrandKit:
    """Reads the brand kit at a path relative to `folder`.

    Raises:
        BriefRejected: With everything that is wrong in it.
    """
    file = folder / words
    root = read_tree(file, NOT_A_KIT)
    if "brand" not in (name for name, _, _ in entries(root)):
        # Some other file, which may have secrets: nothing of it is told.
        raise BriefRejected(
            file, [Problem(line_of(root), "", "this is not a brand kit; start it with `brand: a-name`")]
        )
    problems: list[Problem] = []
    kit = _kit(Fields(root, "", KEYS, problems), file.parent)
    if problems:
        raise BriefRejected(file, problems)
    return kit


def _kit(fields: Fields, folder: Path) -> BrandKit:
    name = fields.text("brand", required="give the brand a name")
    message = imagegen_pb2.Brand(font=_font(fields))
    for part, colour in _colours(fields).items():
        setattr(message, part, colour)
    logo = None
    if fields.has("logo") and (words := fields.section("logo", LOGO_KEYS)) is not None:
        logo = _logo(words, folder, message)
    return BrandKit(name, message, logo, tuple(_never(node, path, fields) for path, node in fields.items("never")))


def _font(fields: Fields) -> str:
    name = fields.text("font")
    if name and name not in FONTS:
        fields.problem("font", f"{name!r} is not a typeface that comes along; {did_you_mean(name, list(FONTS))}")
    return name


def _colours(fields: Fields) -> dict[str, str]:
    words = fields.section("colours", COLOUR_KEYS, required=f"give the colours {', '.join(COLOUR_KEYS)}")
    if words is None:
        return {}
    found = {name: words.text(name, required="write it as '#RRGGBB', in quotes") for name in COLOUR_KEYS}
    if all(found.values()):
        try:
            check_colours(BrandColours(**found), field="colours")
        except InvalidInput as error:
            name = error.metadata["field"].removeprefix("colours.")
            words.problem(name, error.message.removeprefix(f"{error.metadata['field']}: "))
    return found


def _logo(words: Fields, folder: Path, message: imagegen_pb2.Brand) -> Photograph | None:
    file = words.text("file", required="name a PNG with transparency")
    message.clear_space = words.number("clear_space", rule=f"more than 0 and at most {MAX_CLEAR_SPACE:g}")
    if message.clear_space > MAX_CLEAR_SPACE:
        words.problem("clear_space", f"{message.clear_space:g} is out of range; use at most {MAX_CLEAR_SPACE:g}")
    if not file:
        return None
    try:
        logo = _examined(folder, file, message.paper)
    except InvalidInput as error:
        words.problem("file", error.message.removeprefix("logo: "))
        return None
    message.logo.CopyFrom(logo.reference)
    return logo


def _examined(folder: Path, file: str, paper: str) -> Photograph:
    """The logo, when it can be printed on the paper.

    Raises:
        InvalidInput: It cannot.
    """
    from firstframe.adapters.pictures import decode_mark

    logo = examine(folder, file)
    if logo.reference.size_bytes > MAX_MARK_BYTES or logo.size.pixels > MAX_MARK_PIXELS:
        raise InvalidInput(f"{file} is larger than 2 MiB or 4 megapixels; export it smaller")
    mark = decode_mark(logo.path.read_bytes(), field="logo")
    if paper:
        check_mark(mark, paper, field="logo")
    return logo


def _never(node: Node, path: str, fields: Fields) -> Never:
    words = as_fields(node, path, NEVER_KEYS, fields.problems)
    if words is None:
        return Never(word="\0")
    rule = Never(*(words.text(name) for name in NEVER_KEYS))
    for name, value, known in (("scene", rule.scene, SCENES), ("palette", rule.palette, (*BRAND_PALETTES, *PALETTES))):
        if value and value not in known:
            words.problem(name, f"{value!r} is not a {name}; {did_you_mean(value, list(known))}")
    if not (rule.scene or rule.palette or rule.word):
        words.problem("", "forbids nothing; name a scene, a palette or a word")
    return rule
