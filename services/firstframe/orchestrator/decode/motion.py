"""Decodes how heroes move: a recipe, and what a brief changes in it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.core.errors import InvalidInput
from firstframe.core.motion import FILMED_AIRS, MAX_SPEED, CameraMove, CameraPhase, Motion
from firstframe.core.recipe_trees import MAX_WORDS
from firstframe.core.recipes import MAX_VERSION, Recipe, parse_reference
from firstframe.core.seeds import MAX_SEED
from firstframe.orchestrator.brief import (
    DEFAULT_FRAME_RATE,
    ENGINES,
    FRAME_RATES,
    MAX_CLIP_SECONDS,
    MAX_PROMPT_CHARACTERS,
    MAX_SECONDS,
    MIN_CLIP_SECONDS,
    PREVIZ,
    SCENE,
    MotionBrief,
)
from firstframe.orchestrator.decode.packs import decode_learned
from firstframe.orchestrator.decode.values import NAME_RULE, meaning, one_line
from firstframe.orchestrator.plan import Gate
from firstframe.orchestrator.recipes import recipe_named
from firstframe.runtime.motion_messages import motion_of

_GATES: Mapping[int, Gate] = {
    campaigns_pb2.DRIFT_GATE_UNSPECIFIED: Gate.RETRY,
    campaigns_pb2.DRIFT_GATE_RETRY: Gate.RETRY,
    campaigns_pb2.DRIFT_GATE_REPORT: Gate.REPORT,
    campaigns_pb2.DRIFT_GATE_NONE: Gate.NONE,
}


def with_gate(brief: campaigns_pb2.Brief, gate: Gate) -> campaigns_pb2.Brief:
    """The brief; one that does not say what becomes of clips that drift has what the orchestrator is set to.

    It is written down with the campaign, which then goes on as it was planned when the setting changes.
    """
    if brief.motion.gate or gate is Gate.RETRY:
        return brief
    told = campaigns_pb2.Brief()
    told.CopyFrom(brief)
    told.motion.gate = campaigns_pb2.DriftGate.Value(f"DRIFT_GATE_{gate.name}")
    return told


def decode_motion(message: campaigns_pb2.MotionBrief) -> MotionBrief:
    """Checks how heroes move.

    Raises:
        InvalidInput: A field is wrong; `metadata["field"]` has its path from the brief.
    """
    recipe = recipe_of_brief(message)
    motion, seconds = _directed(message, recipe.motion), _seconds(message.seconds)
    if motion.effect is not None:
        _check_alone(motion, seconds)
    engine = _engine(message.engine, motion)
    learned = decode_learned(message, engine, motion, seconds)
    return MotionBrief(
        recipe=recipe,
        prompt=one_line(message.prompt, "motion.prompt", MAX_PROMPT_CHARACTERS),
        seconds=seconds,
        frame_rate=int(learned.pack.frame_rate) if learned else _frame_rate(message.frames_per_second),
        motion=motion,
        gate=meaning(message, "gate", _GATES, "motion.gate"),
        engine=engine,
        learned=learned,
    )


def _engine(name: str, motion: Motion) -> str:
    engine = name or PREVIZ
    if engine not in ENGINES:
        raise InvalidInput.at(
            "motion.engine", f"{name!r} is not an engine", f"use {', '.join(ENGINES[:-1])} or {ENGINES[-1]}"
        )
    unfilmed = [air.kind.value for air in motion.airs if air.kind not in FILMED_AIRS]
    if engine == SCENE and (unfilmed or motion.effect):
        what = " and no ".join(unfilmed) or "effect on people"
        problem = f"{SCENE} renders every frame anew and has no {what}"
        raise InvalidInput.at("motion.engine", problem, f"take that away, or use {PREVIZ}")
    return engine


def _check_alone(motion: Motion, seconds: float) -> None:
    """An effect on people is one clip, and nothing else moves; said here, before a still is made."""
    if motion.phases != (CameraPhase(CameraMove.LOCKED),):
        raise InvalidInput.at("motion.recipe", "moves the camera beside an effect on people", "use the move locked")
    if motion.airs:
        raise InvalidInput.at("motion.airs", "stand beside an effect on people", "take the air away")
    if seconds > MAX_CLIP_SECONDS:
        fix = f"use {MIN_CLIP_SECONDS:g} to {MAX_CLIP_SECONDS:g}"
        raise InvalidInput.at("motion.seconds", f"{seconds:g} s are several clips, and an effect on people is one", fix)


def recipe_of_brief(message: campaigns_pb2.MotionBrief) -> Recipe:
    """The recipe that a brief names, or brings along.

    Raises:
        InvalidInput: There is none, or it is wrong.
    """
    if not message.HasField("own"):
        if not 0 <= message.recipe_version <= MAX_VERSION:
            problem = f"{message.recipe_version} is out of range"
            raise InvalidInput.at("motion.recipe_version", problem, f"use 1 to {MAX_VERSION}, or 0")
        if not message.recipe:
            fix = "name one, or say in `prompt` what the camera does"
            raise InvalidInput.at("motion.recipe", "is missing, and no prompt stands for it", fix)
        return recipe_named(message.recipe, message.recipe_version, field="motion.recipe")
    recipe = _own(message.own, "motion.own")
    if message.recipe != recipe.name:
        raise InvalidInput.at("motion.recipe", f"is {message.recipe!r}, the recipe is {recipe.name}", "say the same")
    if message.recipe_version not in (0, recipe.version):
        problem = f"is {message.recipe_version}, the recipe is {recipe.reference}"
        raise InvalidInput.at("motion.recipe_version", problem, "say the same, or 0")
    return recipe


def _own(message: campaigns_pb2.MotionRecipe, field: str) -> Recipe:
    if parse_reference(message.name) != (message.name, None):
        raise InvalidInput.at(f"{field}.name", f"{message.name!r} is not a name", NAME_RULE)
    if not 1 <= message.version <= MAX_VERSION:
        raise InvalidInput.at(f"{field}.version", f"{message.version} is out of range", f"use 1 to {MAX_VERSION}")
    for part in ("prompt", "negative_prompt", "window"):
        value = getattr(message.motion, part)
        if message.motion.HasField("window") if part == "window" else value:
            raise InvalidInput.at(f"{field}.motion.{part}", "is a campaign's, not a recipe's", "leave it out")
    seed = message.seed if message.HasField("seed") else None
    if seed is not None and seed > MAX_SEED:
        raise InvalidInput.at(f"{field}.seed", f"{seed} is out of range", f"use a whole number from 0 to {MAX_SEED}")
    _refuse_masks(message.motion.airs, f"{field}.motion.airs")
    motion = motion_of(message.motion, f"{field}.motion")
    return Recipe(message.name, message.version, motion, one_line(message.words, f"{field}.words", MAX_WORDS), seed)


def _refuse_masks(airs: Sequence[animation_pb2.Air], field: str) -> None:
    """A mask is drawn on one hero, and these airs are for all heroes in all formats."""
    for index, air in enumerate(airs):
        if air.HasField("mask"):
            fix = "name a region, or call AnimateClip for the one hero"
            raise InvalidInput.at(f"{field}[{index}].mask", "is drawn on one hero and fits no other", fix)


def _directed(message: campaigns_pb2.MotionBrief, own: Motion) -> Motion:
    """A recipe's motion with what the brief changes in it."""
    changes = animation_pb2.Motion(
        camera=animation_pb2.CAMERA_MOVE_LOCKED, atmosphere=message.atmosphere, airs=message.airs, repeat=message.repeat
    )
    _refuse_masks(message.airs, "motion.airs")
    said = motion_of(changes, "motion")
    if message.clear_air and said.airs:
        raise InvalidInput.at("motion.clear_air", "stands beside what is in the air", "keep one of them")
    strength, speed = _amount(message, own)
    return replace(
        own,
        strength=strength,
        speed=speed,
        airs=() if message.clear_air else said.airs or own.airs,
        repeat=said.repeat if message.repeat else own.repeat,
    )


def _amount(message: campaigns_pb2.MotionBrief, own: Motion) -> tuple[float, float]:
    """Strength and speed: what the brief says, else the recipe's."""
    strength = _above(message.strength, 1, "motion.strength")
    speed = _above(message.speed_percent_per_s, MAX_SPEED, "motion.speed_percent_per_s")
    if strength and speed:
        raise InvalidInput.at("motion.speed_percent_per_s", "stands beside strength", "keep one of them")
    if strength or speed:
        return strength, speed
    return own.strength, own.speed


def _above(value: float, most: float, field: str) -> float:
    """A number above 0, or 0 for one that is not said."""
    if value != 0 and not (math.isfinite(value) and 0 < value <= most):
        raise InvalidInput.at(field, f"{value:g} is out of range", f"use more than 0 and at most {most:g}")
    return value


def _seconds(value: float) -> float:
    if not MIN_CLIP_SECONDS <= value <= MAX_SECONDS:
        fix = f"use {MIN_CLIP_SECONDS:g} to {MAX_SECONDS:g}; for a longer film, make several and join them in an editor"
        raise InvalidInput.at("motion.seconds", f"{value:g} is out of range", fix)
    if MAX_CLIP_SECONDS < value < 2 * MIN_CLIP_SECONDS:
        limits = f"{MIN_CLIP_SECONDS:g} to {MAX_CLIP_SECONDS:g} s"
        fix = f"use at most {MAX_CLIP_SECONDS:g}, or at least {2 * MIN_CLIP_SECONDS:g}"
        raise InvalidInput.at(
            "motion.seconds", f"{value:g} is too long for one clip of {limits}, too short for two", fix
        )
    return value


def _frame_rate(value: int) -> int:
    rate = value or DEFAULT_FRAME_RATE
    if rate not in FRAME_RATES:
        fix = f"use one of {', '.join(map(str, FRAME_RATES))}"
        raise InvalidInput.at("motion.frames_per_second", f"{rate} is not a delivery rate", fix)
    return rate
