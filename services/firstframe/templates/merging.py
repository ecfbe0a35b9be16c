"""Merge fields: `{{column}}` in a text is what a row has there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

_FIELD = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")


def merge_fields(text: str) -> list[str]:
    """Names of the merge fields of a text, in its order."""
    return _FIELD.findall(text)


def loose_braces(text: str) -> bool:
    """Whether a text has double braces that make no merge field: one was not closed, or has nothing in it."""
    rest = _FIELD.sub("", text)
    return "{{" in rest or "}}" in rest or "" in merge_fields(text)


def merged(text: str, values: Mapping[str, str]) -> str:
    """The text with what a row has.

    Args:
        text: With merge fields, all of which `values` has.
        values: By the name of the field.
    """
    return _FIELD.sub(lambda found: values[found[1]], text)


def as_name(text: str) -> str:
    """A text as a name: lower-case letters without accents, digits, and hyphens for all else."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return _NOT_IN_A_NAME.sub("-", plain).strip("-")
