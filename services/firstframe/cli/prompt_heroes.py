"""Heroes by `prompt:`: words, and a picture to start from, for a learned model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.cli.fields import Fields
from firstframe.cli.photographs import Photograph, examine
from firstframe.core.errors import InvalidInput
from firstframe.core.formats import FORMATS
from firstframe.core.media import PixelSize
from firstframe.core.still_packs import STILL_PACKS
from firstframe.orchestrator.brief import MAX_GUIDANCE, MAX_STEPS

PROMPT_KEYS = (
    "text",
    "negative",
    "style",
    "foreground",
    "midground",
    "background",
    "pack",
    "steps",
    "guidance",
    "reference",
    "strength",
)

SAID = ("text", "style", "foreground", "midground", "background")
"""What a prompt asks for."""


def read_prompt(
    fields: Fields, folder: Path, formats: Sequence[str]
) -> tuple[campaigns_pb2.PromptBrief, Photograph | None]:
    """The message, and the picture that has to be in the store. What is wrong is noted.

    Args:
        fields: The entries under `prompt`.
        folder: What the path of a reference counts from.
        formats: Names of the brief's formats.
    """
    message = campaigns_pb2.PromptBrief(
        text=fields.text("text", required="say what is to be seen, for example `text: a bottle of serum on wet stone`"),
        negative_text=fields.text("negative"),
        pack=fields.text("pack", required=f"name a model pack, for example one of {', '.join(STILL_PACKS)}"),
        steps=fields.integer("steps", least=1, most=MAX_STEPS),
        strength=fields.number("strength", rule="more than 0 and at most 1"),
        style=fields.text("style"),
        foreground=fields.text("foreground"),
        midground=fields.text("midground"),
        background=fields.text("background"),
    )
    if fields.has("guidance"):
        message.guidance = fields.number("guidance", rule=f"more than 0 and at most {MAX_GUIDANCE:g}")
    picture = _reference(fields, folder, formats) if fields.has("reference") else None
    if picture is not None:
        message.reference.CopyFrom(picture.reference)
    return message, picture


def _reference(fields: Fields, folder: Path, formats: Sequence[str]) -> Photograph | None:
    words = fields.text("reference")
    if not words:
        return None
    try:
        picture = examine(folder, words)
    except InvalidInput as error:
        fields.problem("reference", error.message)
        return None
    if others := [name for name in formats if name in FORMATS and not _has_ratio(picture.size, name)]:
        problem = f"{words} is {picture.size}, which has not the ratio of {', '.join(others)}"
        fields.problem("reference", f"{problem}; reframe it, and make a campaign for each format")
    return picture


def _has_ratio(size: PixelSize, format_name: str) -> bool:
    """Whether a picture has a format's ratio to half a pixel, as the stage asks (`firstframe.learned.fitting.fitted`)."""
    wanted = FORMATS[format_name].delivery_size
    return abs(size.width * wanted.height - size.height * wanted.width) <= max(wanted.width, wanted.height) / 2
