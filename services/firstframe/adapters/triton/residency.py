"""Which models are in a GPU's memory."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from numpy.typing import NDArray

from firstframe.core.errors import DeadlineExceeded, Exhausted, NotFound, PreconditionFailed
from firstframe.core.models import ServedModel
from firstframe.ports.inference import Inference, Tensors


class Residency:
    """`Inference` that loads a model when it is asked for, and unloads those used longest ago when memory is short.

    A model that runs is never unloaded. What the server has loaded is asked anew before each load, so a server that was
    restarted, or that somebody else loads models at, is no trouble.

    Args:
        inference: Who serves; used from one event loop, by nobody else where memory is short.
        models: All models that may be asked for, with what each holds.
        budget_bytes: Memory for all of them.
    """

    def __init__(self, inference: Inference, models: Iterable[ServedModel], *, budget_bytes: int) -> None:
        self._inference = inference
        self._sizes = {model.name: model.gpu_memory_bytes for model in models}
        self._budget = budget_bytes
        self._resident: OrderedDict[str, None] = OrderedDict()
        """Loaded models, the one used longest ago first."""
        self._using: Counter[str] = Counter()
        self._arriving: dict[str, asyncio.Task[None]] = {}
        self._moving = asyncio.Lock()

    async def infer(
        self, model: str, inputs: Tensors, *, deadline_s: float, request_id: str = ""
    ) -> dict[str, NDArray[Any]]:
        """See `Inference.infer`. Loading counts against the deadline.

        Raises:
            Exhausted: `MODEL_MEMORY_FULL`, the models that run leave no room; retry.
            PreconditionFailed: `MODEL_MEMORY_FULL`, the model is larger than the budget.
        """
        ends = time.monotonic() + deadline_s
        async with self._used(model, deadline_s):
            try:
                return await self._send(model, inputs, ends, request_id)
            except NotFound:
                # The server lost the model: it was restarted.
                self._resident.pop(model, None)
                await self._present(model, ends - time.monotonic())
                return await self._send(model, inputs, ends, request_id)

    async def ready(self) -> frozenset[str]:
        """See `Inference.ready`: the warm models."""
        return await self._inference.ready()

    async def load(self, model: str) -> None:
        """See `Inference.load`; raises as `infer` does."""
        self._check(model)
        await self._present(model, None)

    async def unload(self, model: str) -> None:
        """See `Inference.unload`.

        Raises:
            PreconditionFailed: `MODEL_IN_USE`.
        """
        async with self._moving:
            if self._using[model]:
                problem = f"{model} is running; unload it when it is done"
                raise PreconditionFailed(problem, reason="MODEL_IN_USE", metadata={"model": model})
            self._resident.pop(model, None)
            await self._inference.unload(model)

    async def close(self) -> None:
        """See `Inference.close`."""
        for task in tuple(self._arriving.values()):
            task.cancel()
        await self._inference.close()

    @asynccontextmanager
    async def _used(self, model: str, within_s: float) -> AsyncIterator[None]:
        self._check(model)
        self._using[model] += 1
        try:
            await self._present(model, within_s)
            yield
        finally:
            self._using[model] -= 1

    def _check(self, model: str) -> None:
        if model not in self._sizes:
            problem = f"{model} is not one of the models here: {', '.join(sorted(self._sizes)) or 'none'}"
            raise NotFound(problem, reason="MODEL_NOT_FOUND", metadata={"model": model})
        if self._sizes[model] > self._budget:
            problem = f"{model} needs {_mib(self._sizes[model])} of model memory, there are {_mib(self._budget)} in all"
            raise PreconditionFailed(problem, reason="MODEL_MEMORY_FULL", metadata={"model": model})

    async def _send(self, model: str, inputs: Tensors, ends: float, request_id: str) -> dict[str, NDArray[Any]]:
        left_s = ends - time.monotonic()
        return await self._inference.infer(model, inputs, deadline_s=left_s, request_id=request_id)

    async def _present(self, model: str, within_s: float | None) -> None:
        try:
            async with asyncio.timeout(within_s):
                while model not in self._resident:
                    # Who gives up does not end the load: the next one will want the model as well.
                    await asyncio.shield(self._arrival(model))
        except TimeoutError:
            problem = f"{model} was not loaded within {within_s:.3g} s"
            raise DeadlineExceeded(problem, metadata={"model": model}) from None
        self._resident.move_to_end(model)

    def _arrival(self, model: str) -> asyncio.Task[None]:
        if model not in self._arriving:
            task = asyncio.create_task(self._bring(model), name=f"load {model}")
            self._arriving[model] = task
            task.add_done_callback(lambda done: self._arrived(model, done))
        return self._arriving[model]

    def _arrived(self, model: str, task: asyncio.Task[None]) -> None:
        del self._arriving[model]
        # Whoever waits has the error; when nobody does any more, nobody needs it.
        task.cancelled() or task.exception()

    async def _bring(self, model: str) -> None:
        async with self._moving:
            await self._adopt()
            await self._make_room(model)
            await self._inference.load(model)
            self._resident[model] = None

    async def _adopt(self) -> None:
        warm = await self._inference.ready()
        for name in [name for name in self._resident if name not in warm]:
            del self._resident[name]
        for name in sorted(warm & self._sizes.keys()):
            self._resident.setdefault(name, None)

    async def _make_room(self, model: str) -> None:
        needed = 0 if model in self._resident else self._sizes[model]
        while sum(self._sizes[name] for name in self._resident) + needed > self._budget:
            victim = next((name for name in self._resident if self._may_go(name, model)), None)
            if victim is None:
                problem = f"there is no room for {model}: {', '.join(self._resident)} are in use; retry"
                raise Exhausted(problem, reason="MODEL_MEMORY_FULL", metadata={"model": model})
            del self._resident[victim]
            await self._inference.unload(victim)

    def _may_go(self, name: str, wanted: str) -> bool:
        return name != wanted and not self._using[name] and self._sizes[name] > 0


def _mib(size: int) -> str:
    return f"{size / (1 << 20):.0f} MiB"
