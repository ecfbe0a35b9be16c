"""Motion recipes: named, versioned motions that give the same feel on every hero."""

from __future__ import annotations

from dataclasses import dataclass

from firstframe.core.errors import InvalidInput
from firstframe.core.motion import CameraMove, Motion, single


@dataclass(frozen=True, slots=True)
class Recipe:
    """A motion that can be had again."""

    name: str
    version: int
    """Raised whenever the motion changes; part of the plan and so of every approval."""
    motion: Motion
    words: str
    """What it looks like, for a person."""


RECIPES: dict[str, Recipe] = {
    item.name: item
    for item in (
        Recipe("slow-push", 1, single(CameraMove.PUSH, 0.5), "a slow push in towards the subject"),
        Recipe("push", 1, single(CameraMove.PUSH, 1.0), "a clear push in towards the subject"),
        Recipe("slow-pull", 1, single(CameraMove.PULL, 0.5), "a slow pull back that opens the set"),
        Recipe("pan-left", 1, single(CameraMove.PAN_LEFT, 0.5), "a slow move to the left"),
        Recipe("pan-right", 1, single(CameraMove.PAN_RIGHT, 0.5), "a slow move to the right"),
        Recipe("tilt-up", 1, single(CameraMove.TILT_UP, 0.5), "a slow rise"),
        Recipe("tilt-down", 1, single(CameraMove.TILT_DOWN, 0.5), "a slow descent"),
        Recipe("orbit", 1, single(CameraMove.ORBIT, 0.5), "a small arc around the subject"),
        Recipe("locked", 1, single(CameraMove.LOCKED, 0.0), "a still camera; only the air moves"),
    )
}
"""Every recipe by name."""


def recipe_named(name: str, *, field: str) -> Recipe:
    """The recipe of that name.

    Raises:
        InvalidInput: There is none; the message lists those that there are.
    """
    try:
        return RECIPES[name]
    except KeyError:
        raise InvalidInput.at(field, f"{name!r} is not a recipe", f"use one of {', '.join(RECIPES)}") from None
