"""What the engine `diffusers` is asked for a clip, with the reason for every rounding."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

from firstframe.core.formats import Format
from firstframe.core.media import Finding, PixelSize, Severity
from firstframe.core.seeds import MAX_SEED
from firstframe.direction.compiler import compile_prompt
from firstframe.direction.families import motion_bucket, physics_prompt
from firstframe.direction.keep_out import keep_out
from firstframe.direction.words import strength_of
from firstframe.orchestrator.brief import DIFFUSERS, MAX_PROMPT_CHARACTERS, Learned, MotionBrief
from firstframe.orchestrator.bursts import Burst, frames_of
from firstframe.orchestrator.plan import ClipSpec, Ending

_ENDINGS = {
    Ending.HERO: "the last frame is the hero",
    Ending.BEFORE_HERO: "the frame after the last is the hero: the pack makes it, and it is left out",
}


def length_found(motion: MotionBrief) -> Finding | None:
    """That a piece is of another length than was asked for, since a pack makes clips of its own; None where it is not."""
    if motion.learned is None:
        return None
    seconds = frames_of(motion) / motion.frame_rate
    if abs(seconds - motion.seconds) < 0.1:
        return None
    text = f"{motion.seconds:g} s become {seconds:.3g} s: {motion.learned.pack.name} makes clips of its own length"
    return Finding(Severity.INFO, "LENGTH_OF_PACK", text)


def made_size(learned: Learned, shape: Format) -> PixelSize:
    """Size of a pack's clips.

    Raises:
        InvalidInput: The pack is not made for that format.
    """
    return learned.pack.shot(shape.name, field="motion.pack").size


def asked(spec: ClipSpec, motion: MotionBrief, learned: Learned, burst: Burst, number: int) -> ClipSpec:
    """The work of a clip, as a learned engine is asked for it.

    Args:
        spec: The work for any engine.
        motion: What the brief says.
        learned: Of it, what is for this engine.
        burst: Which clip of the piece.
        number: Of the clip, from 0: each has a seed of its own, or all would move alike.
    """
    return replace(
        spec,
        engine=DIFFUSERS,
        pack=learned.pack.name,
        negative=_negative(motion, learned),
        steps=learned.steps,
        ending=burst.ending,
        seed=_seed(spec.seed, number),
    )


def reasons(spec: ClipSpec, motion: MotionBrief, learned: Learned, shape: Format) -> Iterator[str]:
    """What a plan says of a clip: pack, size, frames, words, numbers.

    Raises:
        InvalidInput: The pack is not made for that format.
    """
    pack = learned.pack
    shot = pack.shot(shape.name, field="motion.pack")
    yield f"moved by {pack.name}: {learned.steps or pack.steps} steps at guidance {pack.guidance:g}, seed {spec.seed}"
    yield from shot.reasons or (f"{shot.made} is its native size for {shape.name}",)
    yield _frames(spec, motion, learned)
    if spec.ending in _ENDINGS:
        yield _ENDINGS[spec.ending]
    yield from _told(spec, motion, learned)


def _frames(spec: ClipSpec, motion: MotionBrief, learned: Learned) -> str:
    made = spec.frame_count + (spec.ending is Ending.BEFORE_HERO)
    counts = ", ".join(map(str, learned.pack.frame_counts))
    return (
        f"{made} frames at {motion.frame_rate} per second: its graphs are made for {counts}, and that is"
        f" {float(spec.frame_count / spec.frame_rate):.4g} s"
    )


def _told(spec: ClipSpec, motion: MotionBrief, learned: Learned) -> Iterator[str]:
    if not learned.pack.reads_words:
        yield f"it reads no words: strength becomes motion bucket {motion_bucket(strength_of(spec.motion, motion.seconds))}"
        return
    yield f"it reads: {physics_prompt(compile_prompt(spec.prompt, motion.seconds), spec.motion)}"
    if spec.negative:
        yield f"it keeps out: {spec.negative}"


def _negative(motion: MotionBrief, learned: Learned) -> str:
    if not learned.pack.compares:
        return ""
    found = keep_out(compile_prompt(motion.prompt, motion.seconds), motion.motion)
    words = f"{learned.negative}, {found}" if learned.negative else found
    return words if len(words) <= MAX_PROMPT_CHARACTERS else learned.negative


def _seed(seed: int, number: int) -> int:
    if number == 0:
        return seed
    return int.from_bytes(hashlib.sha256(f"{seed}/clip/{number}".encode()).digest()[:4]) & MAX_SEED
