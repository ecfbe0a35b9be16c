"""What a learned model can make for a format: its native size with the reason for every rounding, or a refusal."""

from __future__ import annotations

from collections.abc import Sequence

from firstframe.core.errors import InvalidInput
from firstframe.core.formats import Format, Quality
from firstframe.core.media import PixelSize
from firstframe.core.native import StillPack
from firstframe.core.still_packs import STILL_PACKS
from firstframe.orchestrator.brief import PromptBrief
from firstframe.orchestrator.plan import PlanStep, PromptSource, Stage, StillSpec, step
from firstframe.orchestrator.prompts import composed


def check_prompt(prompt: PromptBrief, formats: Sequence[str], field: str) -> None:
    """Holds a prompt against its pack, when that is one that firstframe brings along.

    Raises:
        InvalidInput: The pack cannot do what is asked for.
    """
    pack = STILL_PACKS.get(prompt.pack)
    if pack is None:
        return
    for format_name in formats:
        pack.shot(format_name, field=f"{field}.pack")
    _check_negative(prompt, pack, f"{field}.negative_text")
    _check_reference(prompt, pack, field)


def _check_negative(prompt: PromptBrief, pack: StillPack, field: str) -> None:
    guidance = pack.guidance if prompt.guidance is None else prompt.guidance
    if prompt.negative and not (pack.compares and guidance > 1):
        fix = "leave it out, or raise the guidance" if pack.compares else "leave it out, or take another pack"
        raise InvalidInput.at(field, f"has no effect on {pack.name} at guidance {guidance:g}", fix)


def _check_reference(prompt: PromptBrief, pack: StillPack, field: str) -> None:
    if prompt.reference is None:
        return
    if not pack.from_picture:
        others = ", ".join(other.name for other in STILL_PACKS.values() if other.from_picture)
        fix = f"leave it out, or use one of {others}"
        raise InvalidInput.at(f"{field}.reference", f"{pack.name} does not start from a picture", fix)
    steps = prompt.steps or pack.steps
    if int(steps * prompt.strength) < 1:
        problem = f"{prompt.strength:g} of {steps} steps is less than one"
        raise InvalidInput.at(f"{field}.strength", problem, f"use at least {1 / steps:.3g}")


def prompt_size(prompt: PromptBrief, shape: Format) -> PixelSize:
    """Size of the still; that of the format when the pack is not known here."""
    pack = STILL_PACKS.get(prompt.pack)
    return pack.shot(shape.name, field="pack").size if pack else shape.delivery_size


def prompt_still(prompt: PromptBrief, shape: Format, seed: int) -> PlanStep:
    """The step that makes a still of words; a model knows no drafts, so that what was looked at is what is moved."""
    text = composed(prompt, shape.name)
    source = PromptSource(
        text, prompt.negative, prompt.pack, prompt.steps, prompt.guidance, prompt.reference, prompt.strength
    )
    size = prompt_size(prompt, shape)
    summary = f"make with {prompt.pack or 'the first pack of the server'} at {size}, seed {seed}: {text}"
    reasons = (*_size_reasons(prompt, shape), *_reference_reasons(prompt))
    return step(Stage.IMAGEGEN, StillSpec(source, size, seed, Quality.STANDARD), (), summary, reasons)


def _size_reasons(prompt: PromptBrief, shape: Format) -> tuple[str, ...]:
    pack = STILL_PACKS.get(prompt.pack)
    if pack is None:
        return (f"{shape.name}; the native size is the pack's, and its server tells it",)
    shot = pack.shot(shape.name, field="pack")
    return shot.reasons or (f"{shot.made} is the native size of {pack.name} for {shape.name}",)


def _reference_reasons(prompt: PromptBrief) -> tuple[str, ...]:
    if prompt.reference is None:
        return ()
    return (f"starts from the reference, of which {prompt.strength:.0%} is given up",)
