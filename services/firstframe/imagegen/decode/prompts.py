"""Prompts of a request, from messages to checked values."""

from __future__ import annotations

import math
from collections.abc import Sequence

from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.core.errors import InvalidInput
from firstframe.core.media import PixelSize
from firstframe.imagegen.engines import PromptRequest
from firstframe.imagegen.plans import PromptPlan
from firstframe.runtime.hero_messages import file_of

MAX_PROMPT_CHARS = 2000
MAX_STEPS = 200
MAX_GUIDANCE = 50.0


def prompt_of(request: imagegen_pb2.GenerateHeroRequest, size: PixelSize, packs: Sequence[str]) -> PromptPlan:
    """Decodes a prompt.

    Args:
        request: Whose source is a prompt.
        size: Its size, decoded.
        packs: Model packs of this server, the default first; at least one.

    Raises:
        InvalidInput: A field is missing or out of range, or names a pack that this server does not have.
    """
    message = request.prompt
    pack = message.pack or packs[0]
    if pack not in packs:
        raise InvalidInput.at("prompt.pack", f"{pack!r} is not a pack of this server", f"use one of {', '.join(packs)}")
    reference = file_of(message.reference, "prompt.reference") if message.HasField("reference") else None
    _check_strength(message.strength, with_reference=reference is not None)
    made = PromptRequest(
        prompt=_words(message.text, "prompt.text", required=True),
        size=size,
        seed=request.seed,
        negative_prompt=_words(message.negative_text, "prompt.negative_text", required=False),
        steps=_steps(message.steps),
        guidance=_guidance(message),
        strength=message.strength,
    )
    return PromptPlan(pack, made, reference)


def _words(text: str, field: str, *, required: bool) -> str:
    words = text.strip()
    if required and not words:
        raise InvalidInput.at(field, "is missing", "say what is to be seen")
    if len(words) > MAX_PROMPT_CHARS:
        raise InvalidInput.at(field, f"has {len(words)} characters", f"use at most {MAX_PROMPT_CHARS}")
    return words


def _steps(steps: int) -> int:
    if not 0 <= steps <= MAX_STEPS:
        raise InvalidInput.at("prompt.steps", f"is {steps}", f"give 1 to {MAX_STEPS}, or 0 for the pack's own")
    return steps


def _guidance(message: imagegen_pb2.Prompt) -> float | None:
    if not message.HasField("guidance"):
        return None
    if not (math.isfinite(message.guidance) and 0 <= message.guidance <= MAX_GUIDANCE):
        raise InvalidInput.at("prompt.guidance", f"is {message.guidance:g}", f"give 0 to {MAX_GUIDANCE:g}")
    return message.guidance


def _check_strength(strength: float, *, with_reference: bool) -> None:
    if with_reference and not 0 < strength <= 1:
        raise InvalidInput.at("prompt.strength", f"is {strength:g}", "give more than 0 and at most 1")
    if strength and not with_reference:
        raise InvalidInput.at("prompt.strength", "has nothing to work on", "give prompt.reference, or leave it out")
