"""The scenes by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from firstframe.core.sets import check_scene
from firstframe.sets import dune, interior, shots, stone, studio, table, water
from firstframe.sets.brands import worn
from firstframe.sets.design import SetDesign
from firstframe.sets.requests import SetRequest


@dataclass(frozen=True, slots=True)
class Scene:
    """How a scene is made."""

    shoot: Callable[[shots.Brief], shots.Shot]
    """Puts the product on its stand and frames it."""
    design: Callable[[shots.Shot], SetDesign]
    """Builds the set around it."""


_ROOMS = {"studio": studio, "stone": stone, "table": table, "water": water, "dune": dune, "interior": interior}

SCENES = {name: Scene(room.shoot, room.design) for name, room in _ROOMS.items()}
"""Every scene, by name."""


def build(request: SetRequest) -> SetDesign:
    """The set of a request.

    Raises:
        InvalidInput: Scene, palette or ratio is not known.
    """
    scene = SCENES[check_scene(request.scene)]
    palette = worn(request.palette, request.brand)
    brief = shots.Brief(
        palette, request.copy, request.tagline, request.size, request.seed, request.product, request.staging
    )
    return scene.design(scene.shoot(brief))
