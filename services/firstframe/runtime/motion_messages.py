"""Motions between messages and values: the part of decoding and encoding that stages and the orchestrator share."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from enum import Enum
from itertools import pairwise
from typing import Any, TypeVar

from firstframe.api.animation.v1 import animation_pb2
from firstframe.core.errors import InvalidInput
from firstframe.core.motion import (
    MAX_AIRS,
    MAX_BLINKS,
    MAX_HEAD_DEG,
    MAX_KEYS,
    MAX_PHASES,
    MAX_SPEED,
    Air,
    Atmosphere,
    CameraMove,
    CameraPhase,
    Ease,
    Effect,
    EffectKind,
    FlickerLight,
    Heritage,
    Keyframe,
    Motion,
    Repeat,
    Window,
)
from firstframe.runtime.hero_messages import picture_of, within

MAX_NAME_CHARS = 63
_EVEN = 1e-6
"""How far the shares of a chain may miss one."""

Kind = TypeVar("Kind", bound=Enum)


def _meanings(message: Any, prefix: str, kinds: type[Kind]) -> dict[int, Kind]:  # noqa: ANN401  (wrappers share no type)
    """Every value of an enumeration of the contract that has the name of a value of ours."""
    return {message.Value(f"{prefix}_{kind.name}"): kind for kind in kinds}


MOVES = _meanings(animation_pb2.CameraMove, "CAMERA_MOVE", CameraMove)
ATMOSPHERES = _meanings(animation_pb2.Atmosphere, "ATMOSPHERE", Atmosphere)
_EFFECTS = _meanings(animation_pb2.EffectKind, "EFFECT_KIND", EffectKind)
_LIGHTS = {0: FlickerLight.FLAME} | _meanings(animation_pb2.FlickerLight, "FLICKER_LIGHT", FlickerLight)
_EASES = {0: Ease.SMOOTH} | _meanings(animation_pb2.Ease, "EASE", Ease)
_REPEATS = {0: Repeat.ONCE} | _meanings(animation_pb2.Repeat, "REPEAT", Repeat)


def motion_of(message: animation_pb2.Motion, field: str = "motion") -> Motion:
    """Decodes a motion.

    Raises:
        InvalidInput: A field is missing or out of range, or two say the same in different ways.
    """
    _check_single(message, field)
    return Motion(
        phases=_phases(message, field),
        strength=within(f"{field}.strength", message.strength, 0, 1),
        airs=_airs(message, field),
        repeat=_known(message.repeat, _REPEATS, animation_pb2.Repeat, f"{field}.repeat"),
        window=_window(message.window, f"{field}.window") if message.HasField("window") else Window(),
        effect=_effect(message.effect, f"{field}.effect") if message.HasField("effect") else None,
        speed=within(f"{field}.speed_percent_per_s", message.speed_percent_per_s, 0, MAX_SPEED),
    )


def motion_message(motion: Motion) -> animation_pb2.Motion:
    """A motion as the contract has it; what can be said in the simple way is."""
    message = animation_pb2.Motion(strength=motion.strength, speed_percent_per_s=motion.speed)
    if motion.phases == (CameraPhase(motion.camera),):
        message.camera = camera_value(motion.camera)
    else:
        message.phases.extend(_phase_message(phase) for phase in motion.phases)
    message.airs.extend(air_message(air) for air in motion.airs)
    if motion.repeat is not Repeat.ONCE:
        message.repeat = animation_pb2.Repeat.Value(f"REPEAT_{motion.repeat.name}")
    if motion.window != Window():
        message.window.begin, message.window.end = motion.window.begin, motion.window.end
    if motion.effect is not None:
        message.effect.CopyFrom(_effect_message(motion.effect))
    return message


def camera_value(move: CameraMove) -> animation_pb2.CameraMove.ValueType:
    """A camera move as the contract has it."""
    return animation_pb2.CameraMove.Value(f"CAMERA_MOVE_{move.name}")


def _check_single(message: animation_pb2.Motion, field: str) -> None:
    pairs = (("phases", "camera"), ("airs", "atmosphere"), ("speed_percent_per_s", "strength"))
    for rich, simple in pairs:
        if getattr(message, rich) and getattr(message, simple):
            raise InvalidInput.at(f"{field}.{rich}", f"stands beside {simple}", f"leave {field}.{simple} out")


def _phases(message: animation_pb2.Motion, field: str) -> tuple[CameraPhase, ...]:
    if not message.phases:
        return (CameraPhase(_known(message.camera, MOVES, animation_pb2.CameraMove, f"{field}.camera")),)
    _at_most(message.phases, MAX_PHASES, f"{field}.phases")
    equal = not any(phase.share for phase in message.phases)
    phases = tuple(
        _phase(phase, 1 / len(message.phases) if equal else phase.share, f"{field}.phases[{index}]")
        for index, phase in enumerate(message.phases)
    )
    total = math.fsum(phase.share for phase in phases)
    if abs(total - 1) > _EVEN:
        raise InvalidInput.at(f"{field}.phases", f"their shares come to {total:g}", "let them come to 1")
    return phases


def _phase(message: animation_pb2.CameraPhase, share: float, field: str) -> CameraPhase:
    if not 0 < share <= 1:
        raise InvalidInput.at(f"{field}.share", f"is {share:g}", "give more than 0 and at most 1, or none at all")
    return CameraPhase(
        move=_known(message.camera, MOVES, animation_pb2.CameraMove, f"{field}.camera"),
        amount=within(f"{field}.amount", message.amount, 0, 1) if message.HasField("amount") else 1.0,
        share=share,
        ease=_known(message.ease, _EASES, animation_pb2.Ease, f"{field}.ease"),
        keys=_keys(message.keys, f"{field}.keys"),
    )


def _keys(messages: Sequence[animation_pb2.Keyframe], field: str) -> tuple[Keyframe, ...]:
    _at_most(messages, MAX_KEYS, field)
    keys = tuple(
        Keyframe(
            within(f"{field}[{index}].at", key.at, 0, 1),
            within(f"{field}[{index}].way", key.way, -1, 1),
        )
        for index, key in enumerate(messages)
    )
    if keys and keys[0].at == 0 and keys[0].way != 0:
        problem = f"is {keys[0].way:g} where the move begins, and nothing is done yet"
        raise InvalidInput.at(f"{field}[0].way", problem, "give 0, or a later moment")
    for index, (one, other) in enumerate(pairwise(keys), start=1):
        if other.at <= one.at:
            problem = f"is {other.at:g}, not later than the key before it ({one.at:g})"
            raise InvalidInput.at(f"{field}[{index}].at", problem, "order keys by time")
    return keys


def _airs(message: animation_pb2.Motion, field: str) -> tuple[Air, ...]:
    if message.atmosphere:
        return (Air(_known(message.atmosphere, ATMOSPHERES, animation_pb2.Atmosphere, f"{field}.atmosphere")),)
    _at_most(message.airs, MAX_AIRS, f"{field}.airs")
    return tuple(_air(air, f"{field}.airs[{index}]") for index, air in enumerate(message.airs))


def _air(message: animation_pb2.Air, field: str) -> Air:
    if message.region and message.HasField("mask"):
        raise InvalidInput.at(f"{field}.mask", "stands beside region", f"leave {field}.region out")
    kind = _known(message.kind, ATMOSPHERES, animation_pb2.Atmosphere, f"{field}.kind")
    if message.light and kind is not Atmosphere.FLICKER:
        raise InvalidInput.at(f"{field}.light", f"has no place in {kind.value}", "leave it out")
    return Air(
        kind=kind,
        amount=within(f"{field}.amount", message.amount, 0, 1) if message.HasField("amount") else 0.5,
        direction_deg=(
            within(f"{field}.direction_deg", message.direction_deg, -360, 360)
            if message.HasField("direction_deg")
            else None
        ),
        region=_name(message.region, f"{field}.region"),
        mask=picture_of(message.mask, f"{field}.mask") if message.HasField("mask") else None,
        light=_known(message.light, _LIGHTS, animation_pb2.FlickerLight, f"{field}.light"),
    )


def _window(message: animation_pb2.Window, field: str) -> Window:
    begin = within(f"{field}.begin", message.begin, 0, 1)
    end = within(f"{field}.end", message.end, 0, 1)
    if end <= begin:
        raise InvalidInput.at(f"{field}.end", f"is {end:g}, not after the begin ({begin:g})", "give more than begin")
    return Window(begin, end)


def effect_kind_of(value: int, field: str) -> EffectKind:
    """An effect of the contract.

    Raises:
        InvalidInput: It is not known.
    """
    return _known(value, _EFFECTS, animation_pb2.EffectKind, field)


def _effect(message: animation_pb2.Effect, field: str) -> Effect:
    kind = _known(message.kind, _EFFECTS, animation_pb2.EffectKind, f"{field}.kind")
    if message.HasField("heritage") and kind is not EffectKind.HERITAGE:
        raise InvalidInput.at(f"{field}.heritage", f"has no place in {kind.value}", "leave it out")
    if message.track and kind is not EffectKind.DANCE:
        raise InvalidInput.at(f"{field}.track", f"has no place in {kind.value}", "leave it out")
    heritage = _heritage(message.heritage, f"{field}.heritage") if kind is EffectKind.HERITAGE else None
    return Effect(kind, heritage, _name(message.track, f"{field}.track"))


def _heritage(message: animation_pb2.Heritage, field: str) -> Heritage:
    return Heritage(
        blinks=int(within(f"{field}.blinks", message.blinks, 0, MAX_BLINKS)) if message.HasField("blinks") else 1,
        turn_deg=within(f"{field}.turn_deg", message.turn_deg, -MAX_HEAD_DEG, MAX_HEAD_DEG),
        tilt_deg=within(f"{field}.tilt_deg", message.tilt_deg, -MAX_HEAD_DEG, MAX_HEAD_DEG),
        breath=within(f"{field}.breath", message.breath, 0, 1) if message.HasField("breath") else 0.5,
        restore=message.restore,
    )


def _known(value: int, meanings: Mapping[int, Kind], wrapper: Any, field: str) -> Kind:  # noqa: ANN401
    """What the value of an enumeration means; one of a later contract is refused, not taken for the default."""
    if value not in meanings:
        known = ", ".join(wrapper.Name(number) for number in meanings)
        raise InvalidInput.at(field, f"{value} is not known", f"use one of {known}")
    return meanings[value]


def _at_most(values: Sequence[object], most: int, field: str) -> None:
    if len(values) > most:
        raise InvalidInput.at(field, f"there are {len(values)}", f"give at most {most}")


def _name(value: str, field: str) -> str:
    if len(value) > MAX_NAME_CHARS:
        raise InvalidInput.at(field, f"has {len(value)} characters", f"use at most {MAX_NAME_CHARS}")
    return value


def _phase_message(phase: CameraPhase) -> animation_pb2.CameraPhase:
    return animation_pb2.CameraPhase(
        camera=camera_value(phase.move),
        amount=phase.amount,
        share=phase.share,
        ease=animation_pb2.Ease.Value(f"EASE_{phase.ease.name}"),
        keys=[animation_pb2.Keyframe(at=key.at, way=key.way) for key in phase.keys],
    )


def air_message(air: Air) -> animation_pb2.Air:
    """An atmosphere as the contract has it."""
    message = animation_pb2.Air(
        kind=animation_pb2.Atmosphere.Value(f"ATMOSPHERE_{air.kind.name}"),
        amount=air.amount,
        direction_deg=air.direction_deg,
        region=air.region,
    )
    if air.light is not FlickerLight.FLAME:
        message.light = animation_pb2.FlickerLight.Value(f"FLICKER_LIGHT_{air.light.name}")
    if air.mask is not None:
        message.mask.digest, message.mask.size_bytes = air.mask.digest, air.mask.size_bytes
        message.mask.media_type = "image/png"
    return message


def _effect_message(effect: Effect) -> animation_pb2.Effect:
    message = animation_pb2.Effect(
        kind=animation_pb2.EffectKind.Value(f"EFFECT_KIND_{effect.kind.name}"), track=effect.track
    )
    if effect.heritage is not None:
        message.heritage.CopyFrom(
            animation_pb2.Heritage(
                blinks=effect.heritage.blinks,
                turn_deg=effect.heritage.turn_deg,
                tilt_deg=effect.heritage.tilt_deg,
                breath=effect.heritage.breath,
                restore=effect.heritage.restore,
            )
        )
    return message
