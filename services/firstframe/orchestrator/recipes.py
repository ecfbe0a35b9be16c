"""Motion recipes: named, versioned motions that give the same feel on every hero."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from firstframe.core.errors import InvalidInput


class Camera(Enum):
    """What the camera does; the names are those of the animation contract."""

    LOCKED = "locked"
    PUSH = "push"
    PULL = "pull"
    PAN_LEFT = "pan_left"
    PAN_RIGHT = "pan_right"
    TILT_UP = "tilt_up"
    TILT_DOWN = "tilt_down"
    ORBIT = "orbit"


class Air(Enum):
    """What is in the air."""

    NONE = "none"
    DUST = "dust"


@dataclass(frozen=True, slots=True)
class Recipe:
    """A motion that can be had again."""

    name: str
    version: int
    """Raised whenever the motion changes; part of the plan and so of every approval."""
    camera: Camera
    strength: float
    """0 to 1; 1 is the largest tasteful move on a hero whose layers are exact."""
    words: str
    """What it looks like, for a person."""


RECIPES: dict[str, Recipe] = {
    item.name: item
    for item in (
        Recipe("slow-push", 1, Camera.PUSH, 0.5, "a slow push in towards the subject"),
        Recipe("push", 1, Camera.PUSH, 1.0, "a clear push in towards the subject"),
        Recipe("slow-pull", 1, Camera.PULL, 0.5, "a slow pull back that opens the set"),
        Recipe("pan-left", 1, Camera.PAN_LEFT, 0.5, "a slow move to the left"),
        Recipe("pan-right", 1, Camera.PAN_RIGHT, 0.5, "a slow move to the right"),
        Recipe("tilt-up", 1, Camera.TILT_UP, 0.5, "a slow rise"),
        Recipe("tilt-down", 1, Camera.TILT_DOWN, 0.5, "a slow descent"),
        Recipe("orbit", 1, Camera.ORBIT, 0.5, "a small arc around the subject"),
        Recipe("locked", 1, Camera.LOCKED, 0.0, "a still camera; only the air moves"),
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
