"""One run of a pipeline: seeds, progress, cancel, and arguments that the pipeline understands."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import torch

from firstframe.core.errors import InvalidInput

BEGIN, END = 0.05, 0.9
"""Shares of the work that are done before the first denoising step and after the last."""


class Work(Protocol):
    """A piece of work that is under way."""

    def progress(self, phase: str, fraction: float) -> None:
        """Tells how far the work is, 0 to 1."""

    def check(self) -> None:
        """Raises when nobody wants the result any more."""


def generators(seeds: Sequence[int]) -> Any:  # noqa: ANN401
    """A generator for each picture, on the processor so that every machine draws the same.

    Args:
        seeds: One for each picture.
    """
    made = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
    # Some pipelines take a list only where they make several pictures.
    return made[0] if len(made) == 1 else made


def on_step(work: Work) -> Callable[..., dict[str, Any]]:
    """What a pipeline calls after each denoising step.

    Args:
        work: Told the progress; asked whether to go on.
    """

    def told(pipeline: Any, step: int, _timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401
        work.check()
        steps = pipeline.num_timesteps
        work.progress(f"denoising, step {step + 1} of {steps}", BEGIN + (END - BEGIN) * (step + 1) / steps)
        return tensors

    return told


def run(pipeline: Any, work: Work, arguments: dict[str, Any]) -> Any:  # noqa: ANN401
    """Runs a pipeline and gives what it made as NumPy's FP32, 0 to 1.

    Args:
        pipeline: Made for this piece of work.
        work: Told the progress; asked whether to go on before the first step and after each.
        arguments: Of the pipeline's call.

    Raises:
        InvalidInput: The pipeline has no such argument.
    """
    known = inspect.signature(type(pipeline).__call__).parameters
    if unknown := sorted(set(arguments) - set(known)):
        raise InvalidInput.at(unknown[0], f"{type(pipeline).__name__} does not take it", "leave it out")
    work.check()
    work.progress("reading the request", BEGIN / 2)
    with torch.inference_mode():
        made = pipeline(**arguments, output_type="np", callback_on_step_end=on_step(work))
    return made[0]
