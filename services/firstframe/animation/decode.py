"""Requests decoded and checked, before anything is read or a slot is taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from firstframe.animation.effects import refuse_told
from firstframe.animation.engines import LEARNED, NAME, SCENE
from firstframe.animation.seams import EndPlan, SeamPlan
from firstframe.api.animation.v1 import animation_pb2
from firstframe.core.errors import InvalidInput
from firstframe.core.media import PixelSize
from firstframe.core.motion import Motion, Window
from firstframe.core.references import HeroReference, PictureReference
from firstframe.core.seeds import MAX_SEED
from firstframe.imaging.drift.ends import CORNERS
from firstframe.imaging.drift.miniature import LEAST_PX, SIDE_PX
from firstframe.runtime.clip_messages import frame_rate_of
from firstframe.runtime.hero_messages import hero_of, picture_of, within
from firstframe.runtime.motion_messages import motion_of

FRAME_COUNTS = (2, 600)
MAX_PROMPT_CHARS = 500
MAX_STEPS = 200
MAX_FPS = 240
MAX_SEAM_SPEED = 10_000.0
"""Per cent of the frame per second: no picture is followed faster."""
MAX_WHOLE_S = 600
"""Longest motion of which a clip may be a part: paths and sway are worked out for all of it."""


@dataclass(frozen=True, slots=True)
class ClipPlan:
    """A request, decoded."""

    engine: str
    pack: str
    """Model pack that makes the clip; empty for engines without weights."""
    hero: HeroReference
    motion: Motion
    prompt: str
    negative_prompt: str
    steps: int
    frame_count: int
    frame_rate: Fraction
    seed: int
    last: PictureReference | None = None
    """What the last frame shows."""
    leave_out_last: bool = False
    """Whether the frame that shows it is made and left out."""
    unmeasured: bool = False


def decode(request: animation_pb2.AnimateClipRequest, packs: Sequence[str] = (), *, films: bool = False) -> ClipPlan:
    """Decodes a request.

    Args:
        request: The request.
        packs: Model packs of this server, the default first.
        films: Whether it has the engine `scene`.

    Raises:
        InvalidInput: A field is missing or out of range, or names what this server does not have.
    """
    rate = frame_rate_of(request.frame_rate, "frame_rate")
    within("frame_rate", float(rate), 1, MAX_FPS)
    engine, motion = _engine(request, packs, films), motion_of(request.motion)
    pack = _pack(request, engine, packs)
    if pack:
        _refuse_parts(motion)
        refuse_told(request.motion.prompt[:MAX_PROMPT_CHARS])
    frame_count = int(within("frame_count", request.frame_count, *FRAME_COUNTS))
    _check_whole(motion.window, float(frame_count / rate))
    return ClipPlan(
        engine=engine,
        pack=pack,
        hero=hero_of(request.hero),
        motion=motion,
        prompt=_words(request.motion.prompt, "motion.prompt"),
        negative_prompt=_words(request.motion.negative_prompt, "motion.negative_prompt"),
        steps=int(within("steps", request.steps, 0, MAX_STEPS)),
        frame_count=frame_count,
        frame_rate=rate,
        seed=int(within("seed", request.seed, 0, MAX_SEED)),
        last=_last(request, engine),
        leave_out_last=request.leave_out_last,
        unmeasured=request.unmeasured,
    )


def decode_seam(request: animation_pb2.MeasureSeamRequest) -> SeamPlan:
    """Decodes two ends that are to join.

    Raises:
        InvalidInput: A field is missing or out of range.
    """
    rate = frame_rate_of(request.frame_rate, "frame_rate")
    within("frame_rate", float(rate), 1, MAX_FPS)
    engine = request.engine or NAME
    if engine not in (NAME, SCENE, LEARNED):
        raise InvalidInput.at("engine", f"{engine!r} is not an engine", f"use {NAME}, {SCENE} or {LEARNED}")
    end, begin = _end(request.end, "end"), _end(request.begin, "begin")
    if end.size != begin.size:
        problem = f"is {begin.size}, the clip before it has {end.size}"
        raise InvalidInput.at("begin.size", problem, "join clips of one size")
    return SeamPlan(end, begin, rate, motion_of(request.motion).airs, engine != LEARNED)


def _end(message: animation_pb2.ClipEnd, field: str) -> EndPlan:
    for name in ("width_px", "height_px"):
        within(f"{field}.size.{name}", getattr(message.size, name), LEAST_PX, SIDE_PX)
    speed = tuple(message.speed_percent_per_s)
    if len(speed) != 2 * CORNERS:
        problem = f"has {len(speed)} numbers, not {2 * CORNERS}"
        raise InvalidInput.at(f"{field}.speed_percent_per_s", problem, "send the end as AnimateClip gave it")
    for index, value in enumerate(speed):
        within(f"{field}.speed_percent_per_s[{index}]", value, -MAX_SEAM_SPEED, MAX_SEAM_SPEED)
    size = PixelSize(message.size.width_px, message.size.height_px)
    return EndPlan(picture_of(message.frame, f"{field}.frame"), size, speed)


def _last(request: animation_pb2.AnimateClipRequest, engine: str) -> PictureReference | None:
    if not request.HasField("last_frame"):
        if request.leave_out_last:
            raise InvalidInput.at("leave_out_last", "stands without a last frame", "give last_frame, or leave it out")
        return None
    if engine != LEARNED:
        raise InvalidInput.at("last_frame", f"{engine} has no use of it", f"set engine to {LEARNED}")
    return picture_of(request.last_frame, "last_frame")


def _refuse_parts(motion: Motion) -> None:
    """A learned engine makes a clip of its first frame: nothing tells it where and how fast another clip ended."""
    if motion.window != Window():
        problem = f"{LEARNED} cannot go on where another clip ended"
        raise InvalidInput.at("motion.window", problem, f"leave it out, or set engine to {NAME}")


def _check_whole(window: Window, seconds: float) -> None:
    """A clip may be a small part of a motion, but not of an endless one."""
    if seconds > MAX_WHOLE_S * (window.end - window.begin):
        problem = f"shows so little that the whole motion would be longer than {MAX_WHOLE_S} s"
        raise InvalidInput.at("motion.window", problem, "let begin and end be farther apart")


def _engine(request: animation_pb2.AnimateClipRequest, packs: Sequence[str], films: bool) -> str:
    engines = [NAME, *([SCENE] if films else []), *([LEARNED] if packs else [])]
    engine = request.engine or NAME
    if engine not in engines:
        raise InvalidInput.at("engine", f"{engine!r} is not an engine of this server", f"use {' or '.join(engines)}")
    return engine


def _pack(request: animation_pb2.AnimateClipRequest, engine: str, packs: Sequence[str]) -> str:
    if engine == LEARNED:
        return _known_pack(request.pack or packs[0], packs)
    for name, value in (("pack", request.pack), ("steps", request.steps)):
        if value:
            raise InvalidInput.at(name, f"is {value!r}, which {engine} has no use of", f"set engine to {LEARNED}")
    return ""


def _known_pack(pack: str, packs: Sequence[str]) -> str:
    if pack not in packs:
        raise InvalidInput.at("pack", f"{pack!r} is not a pack of this server", f"use one of {', '.join(packs)}")
    return pack


def _words(text: str, field: str) -> str:
    if len(text) > MAX_PROMPT_CHARS:
        raise InvalidInput.at(field, f"has {len(text)} characters", f"use at most {MAX_PROMPT_CHARS}")
    return text.strip()
