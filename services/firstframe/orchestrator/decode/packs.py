"""Decodes which model pack moves heroes, and what it is asked besides the motion."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise

from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.core.clip_packs import CLIP_PACKS
from firstframe.core.errors import InvalidInput
from firstframe.core.formats import FORMATS
from firstframe.core.motion import EffectKind, Motion, Repeat
from firstframe.core.native import ClipPack
from firstframe.orchestrator.brief import (
    DEFAULT_CLIP_PACK,
    DIFFUSERS,
    FRAME_RATES,
    MAX_CLIP_SECONDS,
    MAX_GUIDANCE,
    MAX_PROMPT_CHARACTERS,
    MAX_STEPS,
    PREVIZ,
    Learned,
)
from firstframe.orchestrator.decode.values import one_line
from firstframe.runtime.clip_messages import frame_rate_of
from firstframe.runtime.motion_messages import effect_kind_of

MAX_FRAME_COUNTS, MOST_FRAMES = 200, 601
MAX_SIDE = 4096
MIN_LONGEST_S = 1.0
"""Least length of a pack's longest clip: the stage that joins clips takes 100 of them, and the longest piece has 60 s."""
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def decode_learned(message: campaigns_pb2.MotionBrief, engine: str, motion: Motion, seconds: float) -> Learned | None:
    """Checks what is said about the engine `diffusers`; None for another one.

    Raises:
        InvalidInput: The pack cannot do what is asked for, or something is said that another engine has no use of.
    """
    if engine != DIFFUSERS:
        _refuse_others(message, engine)
        return None
    pack = _pack(message, motion)
    learned = Learned(pack, _negative(message, pack), _steps(message.steps), _ends_at_hero(message, pack))
    _check_rate(message.frames_per_second, pack)
    _check_repeat(motion, pack, ends_at_hero=learned.ends_at_hero)
    if seconds > MAX_CLIP_SECONDS and not pack.takes_last_frame:
        problem = (
            f"{seconds:g} s are several clips, and {pack.name} is given no last frame: each would go on from what the model"
            " made of the one before, which drifts away from the hero, and nothing tells it how fast that one ended"
        )
        raise InvalidInput.at("motion.seconds", problem, f"use at most {MAX_CLIP_SECONDS:g}, or {_ending_packs()}")
    return learned


def clip_pack_message(pack: ClipPack) -> campaigns_pb2.ClipPack:
    """A pack as the contract has it."""
    message = campaigns_pb2.ClipPack(
        name=pack.name,
        frame_counts=pack.frame_counts,
        steps=pack.steps,
        guidance=pack.guidance,
        reads_words=pack.reads_words,
        compares=pack.compares,
        takes_last_frame=pack.takes_last_frame,
    )
    for name, (width, height) in pack.sizes.items():
        message.sizes[name].width_px, message.sizes[name].height_px = width, height
    message.frame_rate.numerator, message.frame_rate.denominator = pack.frame_rate.as_integer_ratio()
    if pack.effect is not None:
        message.effect = animation_pb2.EffectKind.Value(f"EFFECT_KIND_{pack.effect.name}")
    return message


def _refuse_others(message: campaigns_pb2.MotionBrief, engine: str) -> None:
    for name in ("pack", "negative_prompt", "steps", "end"):
        if getattr(message, name):
            raise InvalidInput.at(f"motion.{name}", f"{engine} has no use of it", f"set motion.engine to {DIFFUSERS}")
    if message.HasField("own_pack"):
        raise InvalidInput.at("motion.own_pack", f"{engine} has no use of it", f"set motion.engine to {DIFFUSERS}")


def _pack(message: campaigns_pb2.MotionBrief, motion: Motion) -> ClipPack:
    pack = _own(message) if message.HasField("own_pack") else _known(message.pack, motion)
    wanted = motion.effect.kind if motion.effect else None
    if wanted is pack.effect:
        return pack
    if wanted is None and pack.effect is not None:
        problem = f"{pack.name} was made for a {pack.effect.value}, which needs the consent of each person shown"
        raise InvalidInput.at("motion.pack", problem, f"use a recipe with the effect {pack.effect.value}")
    raise _no_effect_pack(wanted or EffectKind.HERITAGE)


def _no_effect_pack(kind: EffectKind) -> InvalidInput:
    """No pack that comes along was made for an effect on people: their weights are a caller's own."""
    text = (
        f"motion.pack: a {kind.value} takes a pack whose weights were made for it, and none that comes along was; add one"
        f" with `effect: {{kind: {kind.value}}}` to the folder of packs (docs/models.md), pull and export it, or use the"
        f" engine {PREVIZ}"
    )
    if kind is EffectKind.HERITAGE:
        text = f"motion.engine: heritage is bound by a ceiling that no model keeps; use the engine {PREVIZ}"
    return InvalidInput(text, reason="EFFECT_NO_PACK", metadata={"field": text.partition(":")[0]})


def _known(name: str, motion: Motion) -> ClipPack:
    if not name and motion.effect is not None:
        raise _no_effect_pack(motion.effect.kind)
    found = CLIP_PACKS.get(name or DEFAULT_CLIP_PACK)
    if found is None:
        fix = f"use one of {', '.join(CLIP_PACKS)}, or say in own_pack what it makes"
        raise InvalidInput.at("motion.pack", f"{name!r} is none of the packs that come along", fix)
    return found


def _own(message: campaigns_pb2.MotionBrief) -> ClipPack:
    own, field = message.own_pack, "motion.own_pack"
    if len(own.name) > 60 or not _NAME.fullmatch(own.name):
        raise InvalidInput.at(f"{field}.name", f"{own.name!r} is not a name", "use lower-case letters, digits, hyphens")
    if message.pack != own.name:
        raise InvalidInput.at("motion.pack", f"is {message.pack!r}, the pack is {own.name}", "say the same")
    if not 0 <= own.guidance <= MAX_GUIDANCE:
        raise InvalidInput.at(f"{field}.guidance", f"{own.guidance:g} is out of range", f"use 0 to {MAX_GUIDANCE:g}")
    pack = ClipPack(
        name=own.name,
        sizes=_sizes(own, f"{field}.sizes"),
        frame_counts=_counts(own, f"{field}.frame_counts"),
        frame_rate=frame_rate_of(own.frame_rate, f"{field}.frame_rate"),
        steps=_steps(own.steps, f"{field}.steps", least=1),
        guidance=own.guidance,
        reads_words=own.reads_words,
        compares=own.compares,
        takes_last_frame=own.takes_last_frame,
        effect=effect_kind_of(own.effect, f"{field}.effect") if own.effect else None,
    )
    if pack.longest_s < MIN_LONGEST_S:
        problem = f"its longest clip lasts {pack.longest_s:.3g} s, and a piece would be made of too many"
        raise InvalidInput.at(f"{field}.frame_counts", problem, f"give one that lasts at least {MIN_LONGEST_S:g} s")
    return pack


def _sizes(own: campaigns_pb2.ClipPack, field: str) -> dict[str, tuple[int, int]]:
    sizes = {name: (own.sizes[name].width_px, own.sizes[name].height_px) for name in FORMATS if name in own.sizes}
    if not sizes or len(sizes) != len(own.sizes):
        raise InvalidInput.at(field, "are not those of formats", f"use {', '.join(FORMATS)}")
    for name, sides in sizes.items():
        if not all(16 <= side <= MAX_SIDE for side in sides):
            raise InvalidInput.at(f"{field}[{name}]", "is out of range", f"use 16 to {MAX_SIDE} pixels a side")
    return sizes


def _counts(own: campaigns_pb2.ClipPack, field: str) -> tuple[int, ...]:
    counts = tuple(own.frame_counts)
    ordered = all(before < after for before, after in pairwise(counts))
    if not 1 <= len(counts) <= MAX_FRAME_COUNTS or not ordered or not 2 <= counts[0] <= counts[-1] <= MOST_FRAMES:
        fix = f"give 1 to {MAX_FRAME_COUNTS} numbers from 2 to {MOST_FRAMES}, the least first"
        raise InvalidInput.at(field, "are no numbers of frames", fix)
    return counts


def _negative(message: campaigns_pb2.MotionBrief, pack: ClipPack) -> str:
    words = one_line(message.negative_prompt, "motion.negative_prompt", MAX_PROMPT_CHARACTERS).strip()
    if words and not pack.compares:
        others = ", ".join(name for name, other in CLIP_PACKS.items() if other.compares)
        raise InvalidInput.at(
            "motion.negative_prompt", f"has no effect on {pack.name}", f"leave it out, or use {others}"
        )
    return words


def _steps(value: int, field: str = "motion.steps", *, least: int = 0) -> int:
    if not least <= value <= MAX_STEPS:
        raise InvalidInput.at(field, f"{value} is out of range", f"use {least} to {MAX_STEPS}")
    return value


def _ends_at_hero(message: campaigns_pb2.MotionBrief, pack: ClipPack) -> bool:
    if message.end not in campaigns_pb2.EndFrame.values():
        raise InvalidInput.at("motion.end", f"{message.end} is not known", "use END_FRAME_HERO, or leave it out")
    ends = message.end == campaigns_pb2.END_FRAME_HERO
    if ends and not pack.takes_last_frame:
        problem = f"{pack.name} is given a first frame and no last one"
        raise InvalidInput.at("motion.end", problem, f"leave it out, or use {_ending_packs()}")
    return ends


def _check_rate(asked: int, pack: ClipPack) -> None:
    if pack.frame_rate not in map(Fraction, FRAME_RATES):
        problem = f"{pack.name} makes {float(pack.frame_rate):g} frames per second, no delivery rate, and clips are not retimed"
        raise InvalidInput.at("motion.pack", problem, f"use {_delivered_packs()}")
    if asked and asked != pack.frame_rate:
        problem = f"{asked} is not what {pack.name} makes, and clips are not retimed"
        raise InvalidInput.at("motion.frames_per_second", problem, f"use {pack.frame_rate}, or leave it out")


def _check_repeat(motion: Motion, pack: ClipPack, *, ends_at_hero: bool) -> None:
    if ends_at_hero and motion.repeat is Repeat.LOOP:
        problem = "stands beside a loop, in which the hero comes after the last frame"
        raise InvalidInput.at("motion.end", problem, "keep one of them")
    if motion.repeat is Repeat.PING_PONG:
        problem = "a learned engine does not come back the way it went"
        raise InvalidInput.at("motion.repeat", problem, f"use a loop, or the engine {PREVIZ}")
    if motion.repeat is Repeat.LOOP and not pack.takes_last_frame:
        problem = f"{pack.name} is given a first frame and no last one, so the last would not join the first"
        raise InvalidInput.at("motion.repeat", problem, f"use no loop, or {_ending_packs()}")


def _ending_packs() -> str:
    """Packs for a last frame whose clips can be delivered."""
    return " or ".join(_delivered(ending=True))


def _delivered_packs() -> str:
    return ", ".join(_delivered(ending=False))


def _delivered(*, ending: bool) -> list[str]:
    return [
        name
        for name, pack in CLIP_PACKS.items()
        if pack.frame_rate in map(Fraction, FRAME_RATES) and (pack.takes_last_frame or not ending)
    ]
