"""Motions between messages and values: nothing is lost on the way, and what cannot be is refused by its name."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstframe.api.animation.v1 import animation_pb2
from firstframe.core.errors import InvalidInput
from firstframe.core.motion import (
    Air,
    Atmosphere,
    CameraMove,
    CameraPhase,
    Ease,
    Effect,
    EffectKind,
    Heritage,
    Keyframe,
    Motion,
    Repeat,
    Window,
    single,
)
from firstframe.runtime.motion_messages import motion_message, motion_of

Message = animation_pb2.Motion
SHARES = st.floats(0, 1, allow_nan=False)
AIRS = st.builds(
    Air,
    st.sampled_from(Atmosphere),
    SHARES,
    st.none() | st.floats(-360, 360),
    st.text(st.characters(codec="ascii", categories=("Ll",)), max_size=8),
)
EFFECTS = st.one_of(
    st.none(),
    st.builds(Effect, st.sampled_from([EffectKind.KISS, EffectKind.HUG])),
    st.builds(Effect, st.just(EffectKind.DANCE), track=st.sampled_from(["", "sway"])),
    st.builds(
        Effect,
        st.just(EffectKind.HERITAGE),
        st.builds(
            Heritage,
            blinks=st.integers(0, 3),
            turn_deg=st.floats(-45, 45),
            tilt_deg=st.floats(-45, 45),
            breath=SHARES,
            restore=st.booleans(),
        ),
    ),
)


@st.composite
def chains(draw: st.DrawFn) -> tuple[CameraPhase, ...]:
    """One to eight moves whose shares come to one."""
    weights = draw(st.lists(st.integers(1, 9), min_size=1, max_size=8))
    times = st.lists(SHARES, max_size=4, unique=True).map(sorted)
    return tuple(
        CameraPhase(
            move=draw(st.sampled_from(CameraMove)),
            amount=draw(SHARES),
            share=weight / sum(weights),
            ease=draw(st.sampled_from(Ease)),
            keys=tuple(Keyframe(at, draw(st.floats(-1, 1)) if at else 0.0) for at in draw(times)),
        )
        for weight in weights
    )


MOTIONS = st.builds(
    Motion,
    phases=chains(),
    strength=SHARES,
    airs=st.lists(AIRS, max_size=4).map(tuple),
    repeat=st.sampled_from(Repeat),
    window=st.sampled_from([Window(), Window(0.25, 0.5)]),
    effect=EFFECTS,
)


@given(MOTIONS)
def test_nothing_is_lost_on_the_way(motion: Motion) -> None:
    wire = Message.FromString(motion_message(motion).SerializeToString())
    assert motion_of(wire) == motion


def test_the_simple_way_is_understood() -> None:
    message = Message(camera=animation_pb2.CAMERA_MOVE_PUSH, strength=0.5, atmosphere=animation_pb2.ATMOSPHERE_SNOW)
    assert motion_of(message) == single(CameraMove.PUSH, 0.5, Air(Atmosphere.SNOW, 0.5))
    assert motion_message(single(CameraMove.PUSH, 0.5)).camera == animation_pb2.CAMERA_MOVE_PUSH


def test_a_chain_without_shares_is_shared_evenly() -> None:
    message = Message(strength=1)
    message.phases.add(camera=animation_pb2.CAMERA_MOVE_PUSH)
    message.phases.add(camera=animation_pb2.CAMERA_MOVE_LOCKED)
    assert [(phase.share, phase.amount, phase.ease) for phase in motion_of(message).phases] == [
        (0.5, 1.0, Ease.SMOOTH)
    ] * 2


def test_a_speed_stands_instead_of_a_strength() -> None:
    message = Message(camera=animation_pb2.CAMERA_MOVE_PUSH, speed_percent_per_s=1.5)
    assert (motion_of(message).speed, motion_of(message).strength) == (1.5, 0)


def good() -> Message:
    message = Message(strength=0.5)
    for share in (0.25, 0.75):
        phase = message.phases.add(camera=animation_pb2.CAMERA_MOVE_PUSH, share=share)
        phase.keys.add(at=0.2, way=0.5)
        phase.keys.add(at=0.8, way=1)
    message.airs.add(kind=animation_pb2.ATMOSPHERE_RAIN)
    message.window.begin, message.window.end = 0.2, 0.6
    return message


def effect(kind: int, **more: object) -> Callable[[Message], None]:
    def change(message: Message) -> None:
        message.effect.CopyFrom(animation_pb2.Effect(kind=kind, **more))  # type: ignore[arg-type]

    return change


WRONG: dict[str, tuple[Callable[[Message], object], str]] = {
    "a camera beside a chain": (lambda m: setattr(m, "camera", 2), "motion.phases"),
    "an atmosphere beside airs": (lambda m: setattr(m, "atmosphere", 1), "motion.airs"),
    "a speed beside a strength": (lambda m: setattr(m, "speed_percent_per_s", 1), "motion.speed_percent_per_s"),
    "too many phases": (lambda m: m.phases.extend([m.phases[0]] * 7), "motion.phases"),
    "shares that miss one": (lambda m: setattr(m.phases[1], "share", 0.5), "motion.phases"),
    "one share among none": (lambda m: setattr(m.phases[1], "share", 0), "motion.phases[1].share"),
    "a share below zero": (lambda m: setattr(m.phases[0], "share", -0.25), "motion.phases[0].share"),
    "an amount above one": (lambda m: setattr(m.phases[0], "amount", 1.5), "motion.phases[0].amount"),
    "a move of a later contract": (lambda m: setattr(m.phases[0], "camera", 99), "motion.phases[0].camera"),
    "no move": (lambda m: setattr(m.phases[0], "camera", 0), "motion.phases[0].camera"),
    "an ease of a later contract": (lambda m: setattr(m.phases[0], "ease", 99), "motion.phases[0].ease"),
    "keys that go back": (lambda m: setattr(m.phases[0].keys[1], "at", 0.1), "motion.phases[0].keys[1].at"),
    "too many keys": (lambda m: m.phases[0].keys.extend([m.phases[0].keys[0]] * 15), "motion.phases[0].keys"),
    "a way where nothing is done yet": (
        lambda m: setattr(m.phases[0].keys[0], "at", 0),
        "motion.phases[0].keys[0].way",
    ),
    "a way above one": (lambda m: setattr(m.phases[0].keys[1], "way", 2), "motion.phases[0].keys[1].way"),
    "too many airs": (lambda m: m.airs.extend([m.airs[0]] * 4), "motion.airs"),
    "no air": (lambda m: setattr(m.airs[0], "kind", 0), "motion.airs[0].kind"),
    "an amount of air above one": (lambda m: setattr(m.airs[0], "amount", 1.5), "motion.airs[0].amount"),
    "a direction that is none": (lambda m: setattr(m.airs[0], "direction_deg", 999), "motion.airs[0].direction_deg"),
    "a long region": (lambda m: setattr(m.airs[0], "region", "x" * 64), "motion.airs[0].region"),
    "a window that ends before it begins": (lambda m: setattr(m.window, "end", 0.2), "motion.window.end"),
    "a repeat of a later contract": (lambda m: setattr(m, "repeat", 99), "motion.repeat"),
    "a strength above one": (lambda m: setattr(m, "strength", 1.1), "motion.strength"),
    "an effect of no kind": (effect(0), "motion.effect.kind"),
    "a kiss with a heritage": (effect(3, heritage=animation_pb2.Heritage()), "motion.effect.heritage"),
    "a hug with a track": (effect(4, track="sway"), "motion.effect.track"),
    "a turn of a head too far": (
        effect(1, heritage=animation_pb2.Heritage(turn_deg=46)),
        "motion.effect.heritage.turn_deg",
    ),
    "too many blinks": (effect(1, heritage=animation_pb2.Heritage(blinks=4)), "motion.effect.heritage.blinks"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_is_refused_by_its_name(name: str) -> None:
    change, field = WRONG[name]
    message = good()
    motion_of(message)
    change(message)
    with pytest.raises(InvalidInput) as caught:
        motion_of(message)
    assert caught.value.metadata["field"] == field
