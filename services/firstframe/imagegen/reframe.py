"""How a photograph comes into a format."""

from __future__ import annotations

from enum import Enum


class Reframe(Enum):
    """What happens when the subject does not fit into the format."""

    CROP = "crop"
    """The crop keeps the most salient part."""
    EXTEND = "extend"
    """The picture is continued beyond its edges."""
    WHOLE = "whole"
    """Nothing is cropped: the photograph is a hero already and has its ratio; the picture is continued for the bleed."""
