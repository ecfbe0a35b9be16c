"""Prompts that are longer than what a pipeline reads: it would cut them and say so in a log alone."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from firstframe.core.media import Finding, Severity

_TOKENS = "max_sequence_length"
_TOKENIZERS = ("tokenizer", "tokenizer_2", "tokenizer_3")
_CLIP_TOKENS = 77


def findings_of(pipeline: Any, prompt: str, arguments: Mapping[str, Any]) -> tuple[Finding, ...]:  # noqa: ANN401
    """`PROMPT_CUT`, where even the tokenizer with the most room leaves something out.

    Args:
        pipeline: Of diffusers.
        prompt: What it is given.
        arguments: Of its call.
    """
    lost = [_lost(pipeline, getattr(pipeline, name), prompt, arguments) for name in _TOKENIZERS if _has(pipeline, name)]
    if not lost or min(lost) <= 0:
        return ()
    text = f"The prompt is too long for this pack: its last {min(lost)} tokens are not read."
    return (Finding(Severity.WARNING, "PROMPT_CUT", text),)


def _has(pipeline: Any, name: str) -> bool:  # noqa: ANN401
    return getattr(pipeline, name, None) is not None


def _lost(pipeline: Any, tokenizer: Any, prompt: str, arguments: Mapping[str, Any]) -> int:  # noqa: ANN401
    return len(tokenizer(prompt).input_ids) - _room(pipeline, tokenizer, arguments)


def _room(pipeline: Any, tokenizer: Any, arguments: Mapping[str, Any]) -> int:  # noqa: ANN401
    own = int(tokenizer.model_max_length)
    given = inspect.signature(type(pipeline).__call__).parameters.get(_TOKENS)
    if given is None or own == _CLIP_TOKENS:  # CLIP has no more positions than that, whatever a pipeline is told
        return own
    return int(arguments.get(_TOKENS, given.default))
