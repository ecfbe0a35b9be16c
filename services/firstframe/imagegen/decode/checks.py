"""Requests for checks of a hero, from messages to checked values."""

from __future__ import annotations

from collections.abc import Sequence

from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.core.delivery import platform_named
from firstframe.core.errors import InvalidInput
from firstframe.core.formats import format_named
from firstframe.core.media import PixelRect, PixelSize
from firstframe.core.motion import Motion
from firstframe.imagegen.checks import CheckPlan
from firstframe.preflight.plan import ShotPlan
from firstframe.runtime.clip_messages import frame_rate_of, size_of
from firstframe.runtime.hero_messages import hero_of, inside, rect_of, within
from firstframe.runtime.motion_messages import motion_of

MAX_COPIES = 16
MAX_RECIPE_CHARS = 63
FRAME_COUNTS = (2, 3600)
"""Of a piece: 60 s at 60 frames per second."""
MAX_FPS = 240


def decode_check(request: imagegen_pb2.CheckHeroRequest) -> CheckPlan:
    """Decodes a request for checks.

    Raises:
        InvalidInput: A field is missing, out of range, or names what there is not.
    """
    if not request.HasField("plan"):
        raise InvalidInput.at("plan", "is missing", "say where the hero goes and how it moves")
    hero = hero_of(request.hero)
    return CheckPlan(hero, _shot(request.plan), _copies(request.plan, hero.size))


def _shot(message: imagegen_pb2.ShotPlan) -> ShotPlan:
    shape = format_named(message.format, field="plan.format")
    if len(message.recipe) > MAX_RECIPE_CHARS:
        problem = f"has {len(message.recipe)} characters"
        raise InvalidInput.at("plan.recipe", problem, f"use at most {MAX_RECIPE_CHARS}")
    rate = frame_rate_of(message.frame_rate, "plan.frame_rate")
    within("plan.frame_rate", float(rate), 1, MAX_FPS)
    return ShotPlan(
        format=shape.name,
        delivery=size_of(message.delivery_size, "plan.delivery_size"),
        platforms=_takers(message.platforms, shape.name),
        moves=_moves(message),
        motion=message.recipe,
        seconds=float(within("plan.frame_count", message.frame_count, *FRAME_COUNTS) / rate),
    )


def _moves(message: imagegen_pb2.ShotPlan) -> Motion:
    if not message.HasField("motion"):
        simple = animation_pb2.Motion(camera=message.camera, strength=message.strength)
        return motion_of(simple, "plan")
    for field in ("camera", "strength"):
        if getattr(message, field):
            raise InvalidInput.at("plan.motion", f"stands beside {field}", f"leave plan.{field} out")
    return motion_of(message.motion, "plan.motion")


def _takers(names: Sequence[str], format_name: str) -> tuple[str, ...]:
    for index, name in enumerate(names):
        platform = platform_named(name, field=f"plan.platforms[{index}]")
        if not platform.takes(format_name):
            problem = f"{platform.title} does not take {format_name}"
            raise InvalidInput.at(f"plan.platforms[{index}]", problem, "leave it out")
    return tuple(dict.fromkeys(names))


def _copies(message: imagegen_pb2.ShotPlan, size: PixelSize) -> tuple[PixelRect, ...]:
    if len(message.copy) > MAX_COPIES:
        raise InvalidInput.at("plan.copy", f"there are {len(message.copy)}", f"give at most {MAX_COPIES}")
    rects = tuple(rect_of(item) for item in message.copy)
    for index, rect in enumerate(rects):
        if not inside(rect, size):
            problem = f"is not a rectangle inside of {size}"
            raise InvalidInput.at(f"plan.copy[{index}]", problem, "give pixels of the hero")
    return rects
