"""The scenes by name."""

from __future__ import annotations

from firstframe.core.errors import InvalidInput
from firstframe.imagegen.engines import SetRequest
from firstframe.imagegen.sets import shots, stone, studio
from firstframe.imagegen.sets.brands import worn
from firstframe.imagegen.sets.design import SetDesign

SCENES = {"studio": studio.design, "stone": stone.design}
"""Builders by name."""


def check_scene(name: str, *, field: str = "set.scene") -> str:
    """The name, when there is such a scene.

    Raises:
        InvalidInput: There is none; the message lists those that there are.
    """
    if name not in SCENES:
        raise InvalidInput.at(field, f"{name!r} is not a scene", f"use one of {', '.join(SCENES)}")
    return name


def build(request: SetRequest) -> SetDesign:
    """The set of a request.

    Raises:
        InvalidInput: Scene, palette or ratio is not known.
    """
    builder = SCENES[check_scene(request.scene)]
    palette = worn(request.palette, request.brand)
    return builder(shots.Brief(palette, request.copy, request.tagline, request.size, request.seed))
