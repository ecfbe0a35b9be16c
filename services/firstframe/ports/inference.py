"""Running learned models, wherever they are served."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from numpy.typing import NDArray

Tensors = Mapping[str, NDArray[Any]]
"""Arrays by the names of a model's inputs or outputs."""


class Inference(Protocol):
    """Serves models by name. Safe to use from many tasks at once.

    Errors are the same whoever serves:
        NotFound: `MODEL_NOT_FOUND`, no such model is loaded here.
        InvalidInput: `INVALID_FIELD`, an input is missing, unknown, or of another type or shape.
        Exhausted: `MODEL_QUEUE_FULL`, too many requests wait; retry.
        DeadlineExceeded: The time is over, in the queue or in the run.
        Cancelled: The caller gave up.
        Unavailable: `MODEL_SERVER_UNAVAILABLE` or `MODEL_UNHEALTHY`; another replica or a later time will do.
        Internal: `MODEL_FAILED`, the model itself failed; `EMPTY_OUTPUT`, the server answered without data.
    """

    async def infer(
        self, model: str, inputs: Tensors, *, deadline_s: float, request_id: str = ""
    ) -> dict[str, NDArray[Any]]:
        """Runs a model once and gives all its outputs.

        Args:
            model: Name of the served model.
            inputs: All inputs, with the batch axis where the model has one.
            deadline_s: Seconds from now after which nobody wants the answer.
            request_id: For logs on both sides.
        """

    async def ready(self) -> frozenset[str]:
        """Names of the models that are loaded and can run now."""

    async def load(self, model: str) -> None:
        """Loads a model and returns when it can run; at once when it is loaded."""

    async def unload(self, model: str) -> None:
        """Frees a model's memory; nothing when it is not loaded."""

    async def close(self) -> None:
        """Ends connections and frees what is held."""


class BlockingInference(Protocol):
    """`Inference` for code in worker threads, such as the loop of a diffusers pipeline."""

    def infer(self, model: str, inputs: Tensors, *, check: Callable[[], None] | None = None) -> dict[str, NDArray[Any]]:
        """Runs a model once and blocks until its outputs are there.

        Args:
            model: Name of the served model.
            inputs: See `Inference.infer`.
            check: Called a few times a second; what it raises ends the call, on the server as well.
        """
