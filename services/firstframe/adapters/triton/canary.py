"""Whether a model really runs: a server stays ready after an error from which its GPU does not recover."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from prometheus_client import Gauge

from firstframe.core.errors import Exhausted, FirstframeError, Unavailable
from firstframe.ports.inference import Inference, Tensors

_HEALTHY = Gauge("firstframe_model_healthy", "1 while the model's canary runs give what they should.", ["model"])


@dataclass(frozen=True, slots=True)
class Health:
    """What a canary found."""

    healthy: bool
    problem: str = ""
    """Why not; empty when healthy."""


class Canary:
    """Runs a model on a tiny input again and again. Unhealthy until the first run was good.

    Args:
        inference: Who serves the model.
        model: The model, a small one: its runs wait in the queue like all others.
        inputs: Inputs of every run.
        expect: Outputs of every run; where nothing is said, outputs have to be finite.
        atol: Largest difference from `expect`.
        every_s: Pause between runs, in seconds.
        failures: Failures in a row that make the model unhealthy. One good run makes it healthy again.
        deadline_s: Deadline of a run, in seconds.
    """

    def __init__(
        self,
        inference: Inference,
        model: str,
        inputs: Tensors,
        expect: Tensors | None = None,
        *,
        atol: float = 1e-5,
        every_s: float = 10.0,
        failures: int = 3,
        deadline_s: float = 10.0,
    ) -> None:
        self.model = model
        self._inference = inference
        self._inputs = inputs
        self._expect = expect
        self._atol = atol
        self._every_s = every_s
        self._failures = failures
        self._deadline_s = deadline_s
        self._in_a_row = failures
        self._health = Health(False, f"{model} has not run yet")
        _HEALTHY.labels(model).set(0)

    @property
    def health(self) -> Health:
        """What the last runs say."""
        return self._health

    @property
    def healthy(self) -> bool:
        """Whether the last runs were good."""
        return self._health.healthy

    async def watch(self) -> AsyncIterator[Health]:
        """Runs the model until the iteration is given up; gives the first finding and every change."""
        told = None
        while True:
            health = await self.probe()
            if health.healthy != told:
                told = health.healthy
                yield health
            await asyncio.sleep(self._every_s)

    async def probe(self) -> Health:
        """Runs the model once and gives what the last runs say."""
        problem = await self._problem()
        self._in_a_row = self._in_a_row + 1 if problem else 0
        if not problem:
            self._health = Health(True)
        elif self._in_a_row >= self._failures:
            self._health = Health(False, problem)
        _HEALTHY.labels(self.model).set(self.healthy)
        return self._health

    async def _problem(self) -> str:
        try:
            outputs = await self._inference.infer(
                self.model, self._inputs, deadline_s=self._deadline_s, request_id="canary"
            )
        except Exhausted:
            # A full queue says that the model is busy, not that it is broken.
            return "" if self.healthy else f"{self.model} is too busy to be tried"
        except FirstframeError as error:
            return f"{error.reason}: {error.message}"
        return self._wrong(outputs)

    def _wrong(self, outputs: dict[str, NDArray[Any]]) -> str:
        if self._expect is None:
            bad = [name for name, value in outputs.items() if not np.isfinite(value).all()]
            return f"{self.model} gives values that are not finite in {', '.join(bad)}" if bad else ""
        wrong = [name for name, wanted in self._expect.items() if not _close(outputs.get(name), wanted, self._atol)]
        return f"{self.model} gives other values than it should in {', '.join(wrong)}" if wrong else ""


class GuardedInference:
    """`Inference` that is out of service while a canary says so.

    Args:
        inference: Who serves.
        canary: Runs one of its models, and stands for all of them.
    """

    def __init__(self, inference: Inference, canary: Canary) -> None:
        self._inference = inference
        self._canary = canary

    async def infer(
        self, model: str, inputs: Tensors, *, deadline_s: float, request_id: str = ""
    ) -> dict[str, NDArray[Any]]:
        """See `Inference.infer`.

        Raises:
            Unavailable: `MODEL_UNHEALTHY`.
        """
        health = self._canary.health
        if not health.healthy:
            problem = f"the model server is out of service: {health.problem}"
            raise Unavailable(problem, reason="MODEL_UNHEALTHY", metadata={"model": model}, retry_after_s=2.0)
        return await self._inference.infer(model, inputs, deadline_s=deadline_s, request_id=request_id)

    async def ready(self) -> frozenset[str]:
        """See `Inference.ready`: none while the canary is unhealthy."""
        return await self._inference.ready() if self._canary.healthy else frozenset()

    async def load(self, model: str) -> None:
        """See `Inference.load`."""
        await self._inference.load(model)

    async def unload(self, model: str) -> None:
        """See `Inference.unload`."""
        await self._inference.unload(model)

    async def close(self) -> None:
        """See `Inference.close`."""
        await self._inference.close()


def _close(value: NDArray[Any] | None, wanted: NDArray[Any], atol: float) -> bool:
    return value is not None and value.shape == wanted.shape and np.allclose(value, wanted, rtol=0, atol=atol)
