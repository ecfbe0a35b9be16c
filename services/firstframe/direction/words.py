"""A motion in English: as a person reads it, and as a learned engine does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from firstframe.core.motion import Air, Atmosphere, CameraMove, CameraPhase, Ease, Heritage, Motion, Repeat
from firstframe.direction import scale

MOVES: Mapping[CameraMove, str] = {
    CameraMove.LOCKED: "locked camera",
    CameraMove.PUSH: "push in",
    CameraMove.PULL: "pull back",
    CameraMove.PAN_LEFT: "pan left",
    CameraMove.PAN_RIGHT: "pan right",
    CameraMove.TILT_UP: "tilt up",
    CameraMove.TILT_DOWN: "tilt down",
    CameraMove.ORBIT: "arc to the right",
    CameraMove.ORBIT_LEFT: "arc to the left",
    CameraMove.CRANE_UP: "crane up",
    CameraMove.CRANE_DOWN: "crane down",
    CameraMove.DOLLY_ZOOM: "dolly zoom",
    CameraMove.DOLLY_ZOOM_OUT: "reverse dolly zoom",
    CameraMove.HANDHELD: "handheld camera",
}
"""How a move is called; each is read back as itself."""
AIRS: Mapping[Atmosphere, str] = {
    Atmosphere.DUST: "dust",
    Atmosphere.MIST: "mist",
    Atmosphere.RAIN: "rain",
    Atmosphere.SNOW: "snow",
    Atmosphere.LIGHT_SWEEP: "sweeping light",
    Atmosphere.CAUSTICS: "water reflections",
    Atmosphere.WATER: "flowing water",
    Atmosphere.FOLIAGE: "swaying leaves",
    Atmosphere.CLOTH: "billowing cloth",
    Atmosphere.FLICKER: "flickering candle",
    Atmosphere.CLOUDS: "drifting clouds",
}
"""How a thing in the air is called; each is read back as itself."""
_AIRS_SEEN: Mapping[Atmosphere, str] = {
    Atmosphere.DUST: "fine dust drifts in the light",
    Atmosphere.MIST: "mist drifts",
    Atmosphere.RAIN: "rain falls",
    Atmosphere.SNOW: "snow falls",
    Atmosphere.LIGHT_SWEEP: "light moves across the scene",
    Atmosphere.CAUSTICS: "rippling reflections of water play over the surfaces",
    Atmosphere.WATER: "water flows",
    Atmosphere.FOLIAGE: "leaves sway in the breeze",
    Atmosphere.CLOTH: "fabric sways in the breeze",
    Atmosphere.FLICKER: "the light flickers",
    Atmosphere.CLOUDS: "clouds drift",
}
_CAMERA_SEEN: Mapping[CameraMove, str] = {
    CameraMove.LOCKED: "stays still",
    CameraMove.PUSH: "pushes in",
    CameraMove.PULL: "pulls back",
    CameraMove.PAN_LEFT: "pans to the left",
    CameraMove.PAN_RIGHT: "pans to the right",
    CameraMove.TILT_UP: "tilts up",
    CameraMove.TILT_DOWN: "tilts down",
    CameraMove.ORBIT: "moves in an arc around the subject, to the right",
    CameraMove.ORBIT_LEFT: "moves in an arc around the subject, to the left",
    CameraMove.CRANE_UP: "rises, looking at the subject",
    CameraMove.CRANE_DOWN: "sinks, looking at the subject",
    CameraMove.DOLLY_ZOOM: "pushes in while the lens widens, a dolly zoom",
    CameraMove.DOLLY_ZOOM_OUT: "pulls back while the lens narrows, a dolly zoom",
    CameraMove.HANDHELD: "moves slightly, held by hand",
}
_PLACES = {"background": " in the background", "subject": " over the subject", "sky": " in the sky"}


def strength_of(motion: Motion, seconds: float = scale.DEFAULT_SECONDS) -> float:
    """Strength of a motion, also where its speed is given instead."""
    if not motion.speed:
        return motion.strength
    top = max((phase for phase in motion.phases), key=lambda phase: phase.amount)
    return min(motion.speed / scale.percent_per_second(top.move, 1.0, top.share * seconds, top.ease), 1.0)


def safe_prompt(motion: Motion) -> str:
    """The words of a motion from which it is compiled again, but for figures."""
    chain = ", then ".join(_phase_words(motion, phase, index) for index, phase in enumerate(motion.phases))
    parts = [chain, *(_air_words(air) for air in motion.airs), *_repeat_words(motion.repeat)]
    if motion.effect is not None and motion.effect.heritage is not None:
        parts += _portrait_words(motion.effect.heritage)
    return ", ".join(parts)


def physics(motion: Motion) -> str:
    """What a learned engine is told of a motion: sentences of camera and physics, nothing of the subject."""
    camera = "; then it ".join(_seen(motion, phase) for phase in motion.phases)
    air = [f"{_air_seen(air)}" for air in motion.airs]
    return ". ".join(sentence[0].upper() + sentence[1:] for sentence in (f"the camera {camera}", *air)) + "."


def camera_line(phase: CameraPhase, motion: Motion, seconds: float) -> str:
    """One move in words and numbers."""
    name = MOVES[phase.move]
    if phase.move in scale.RESTING:
        still = "at rest" if phase.move is CameraMove.LOCKED else name
        return name if phase.share == 1 else f"{still} for {phase.share * seconds:.1f} s"
    return f"{name}, {_figure(phase, motion, seconds)}, over {phase.share * seconds:.1f} s"


def air_line(air: Air) -> str:
    """One thing in the air in words and numbers."""
    heading = "" if air.direction_deg is None else f", towards {air.direction_deg:g}°"
    return f"{AIRS[air.kind]}{_PLACES.get(air.region, '')}, amount {air.amount:.2f}{heading}"


def _figure(phase: CameraPhase, motion: Motion, seconds: float) -> str:
    strength = motion.strength * phase.amount
    if motion.speed and phase.move not in scale.ORBITS:
        return f"{motion.speed * phase.amount:.2g} % of the frame per second"
    if phase.move in scale.ORBITS:
        return f"{scale.degrees(strength):.1f}°"
    speed = scale.percent_per_second(phase.move, strength, phase.share * seconds, phase.ease)
    return f"{speed:.1f} % of the frame per second at its fastest"


def _phase_words(motion: Motion, phase: CameraPhase, index: int) -> str:
    if phase.move is CameraMove.LOCKED and index:
        return "hold"
    if phase.move in scale.RESTING:
        return MOVES[phase.move]
    if motion.speed:
        return f"{MOVES[phase.move]} at {motion.speed * phase.amount:g} % per second"
    return f"{_pace(motion.strength * phase.amount)}{MOVES[phase.move]}"


def _pace(strength: float) -> str:
    if strength <= 0.3:
        return "subtle "
    if strength <= 0.45:
        return "gentle "
    if strength <= 0.6:
        return "slow "
    return "" if strength <= 0.8 else "strong "


def _air_words(air: Air) -> str:
    amount = "a little " if air.amount <= 0.3 else "heavy " if air.amount > 0.7 else ""
    place = "" if air.kind is Atmosphere.CLOUDS else _PLACES.get(air.region, "")
    return f"{amount}{AIRS[air.kind]}{place}"


def _repeat_words(repeat: Repeat) -> Sequence[str]:
    return {Repeat.ONCE: (), Repeat.LOOP: ("seamless loop",), Repeat.PING_PONG: ("back and forth",)}[repeat]


def _seen(motion: Motion, phase: CameraPhase) -> str:
    if phase.move in scale.RESTING:
        return _CAMERA_SEEN[phase.move]
    strength = strength_of(motion) * phase.amount
    manner = (
        "very slowly " if strength <= 0.3 else "slowly " if strength <= 0.6 else "" if strength <= 0.8 else "clearly "
    )
    ease = {Ease.IN: ", gathering speed", Ease.OUT: ", coming to rest"}.get(phase.ease, "")
    return f"{manner}{_CAMERA_SEEN[phase.move]}{ease}"


def _air_seen(air: Air) -> str:
    amount = "faintly, " if air.amount <= 0.3 else "heavily, " if air.amount > 0.7 else ""
    return f"{amount}{_AIRS_SEEN[air.kind]}{_PLACES.get(air.region, '')}"


def _portrait_words(heritage: Heritage) -> list[str]:
    said = {
        "blinks twice" if heritage.blinks > 1 else "one blink": heritage.blinks > 0,
        "slight head turn": heritage.turn_deg != 0,
        "slight head tilt": heritage.tilt_deg != 0,
        "breathes": heritage.breath > 0,
    }
    return [words for words, wanted in said.items() if wanted]
