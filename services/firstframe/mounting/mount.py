"""Opens the models of a stage and keeps watch over them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray

from firstframe.adapters.blocking import LoopInference
from firstframe.adapters.embedded import EmbeddedInference
from firstframe.adapters.triton import TritonInference
from firstframe.adapters.triton.canary import Canary, GuardedInference
from firstframe.adapters.triton.residency import Residency
from firstframe.core.errors import Exhausted, NotFound, PreconditionFailed, Unavailable
from firstframe.core.models import BATCH, ServedModel, TensorSpec
from firstframe.mounting.settings import ModelSettings
from firstframe.packs import canary
from firstframe.packs.installed import InstalledPack
from firstframe.packs.shelf import find_shelf
from firstframe.ports.inference import BlockingInference, Inference

_LOG = structlog.get_logger(__name__)
_RETRY_S = 1.0


class Mount:
    """The models of some packs for one stage; made on the event loop that they are used from.

    Args:
        settings: What the stage was told.
        workers: Runs at a time where the models run in this process.

    Raises:
        NotFound: `PACK_NOT_FOUND` or `PACK_NOT_INSTALLED`.
        InvalidInput: A pack file is none.
    """

    def __init__(self, settings: ModelSettings, *, workers: int = 1) -> None:
        shelf = find_shelf(settings.catalogue, settings.home)
        self.packs: Mapping[str, InstalledPack] = {name: shelf.home.find(shelf.get(name)) for name in settings.packs}
        self._settings = settings
        self._models = [model for pack in self.packs.values() for model in pack.served()]
        self._server = self._connect(workers)
        self._canary = self._make_canary()
        self._inference = self._wrap()
        loop = asyncio.get_running_loop()
        self.blocking: BlockingInference = LoopInference(self._inference, loop, settings.step_timeout_s)
        """For work in threads."""

    @property
    def pipelines(self) -> Mapping[str, InstalledPack]:
        """The packs that requests may name: those with a pipeline."""
        return {name: pack for name, pack in self.packs.items() if pack.pack.pipeline is not None}

    async def open(self) -> None:
        """Waits for the server, loads what fits, and has the canary run: afterwards a request finds what it needs.

        Raises:
            PreconditionFailed: `MODEL_MISMATCH` or `MODEL_MEMORY_FULL`; or `MODEL_NOT_FOUND`, the server's repository lacks
                a model or the canary.
            Internal: `MODEL_FAILED`, a model cannot be loaded.
        """
        for model in self._preloaded():
            await _reached(partial(self._load, self._inference, model.name))
        if self._canary is not None:
            await _reached(partial(self._load, self._server, self._settings.canary))
            await self._first_run(self._canary)

    async def health(self) -> AsyncIterator[bool]:
        """Whether the models can be used: the first finding, and every change."""
        if self._canary is None:
            yield True
            return
        async for health in self._canary.watch():
            (_LOG.info if health.healthy else _LOG.error)(
                "the model server is in service" if health.healthy else "the model server is out of service",
                problem=health.problem,
            )
            yield health.healthy

    async def warm(self) -> list[str]:
        """Names of the models that are loaded and can run now; none while the server cannot be asked."""
        names = {model.name for model in self._models}
        try:
            return sorted(names & await self._inference.ready())
        except Unavailable:
            return []

    async def close(self) -> None:
        """Ends connections and frees what is held."""
        await self._inference.close()

    def _connect(self, workers: int) -> Inference:
        if self._settings.triton:
            return TritonInference(self._settings.triton, models=self._models)
        return EmbeddedInference(self._models, threads=self._settings.threads, workers=workers)

    def _make_canary(self) -> Canary | None:
        # Without a server between, a model that cannot run says so itself.
        if not self._settings.triton:
            return None
        name = self._settings.canary
        known = name == canary.NAME
        return Canary(
            self._server,
            name,
            canary.inputs() if known else self._zeros(name),
            canary.expected() if known else None,
            every_s=self._settings.canary_period_s,
            failures=self._settings.canary_failures,
        )

    def _zeros(self, name: str) -> dict[str, NDArray[Any]]:
        model = next((model for model in self._models if model.name == name), None)
        if model is None:
            problem = f"{name} is neither `{canary.NAME}` nor a model of {', '.join(self.packs)}; mend MODELS__CANARY"
            raise NotFound(problem, reason="MODEL_NOT_FOUND", metadata={"model": name})
        lengths = min(model.warm_up, key=lambda one: tuple(sorted(one.values())), default={BATCH: 1})
        return {spec.name: _zero(spec, lengths) for spec in model.inputs}

    def _wrap(self) -> Inference:
        inference: Inference = self._server
        if self._settings.memory_mb:
            inference = Residency(inference, self._models, budget_bytes=self._settings.memory_mb << 20)
        return GuardedInference(inference, self._canary) if self._canary is not None else inference

    def _preloaded(self) -> list[ServedModel]:
        """The models in the packs' order, as many as fit into the memory; none where the first run is to load them."""
        if not (self._settings.preload or self._settings.triton):
            return []
        budget = self._settings.memory_mb << 20
        if not budget:
            return self._models
        chosen, total = [], 0
        for model in self._models:
            total += model.gpu_memory_bytes
            if total <= budget:
                chosen.append(model)
        return chosen

    async def _load(self, inference: Inference, name: str) -> None:
        try:
            await inference.load(name)
        except NotFound as error:
            problem = f"{error.message}; write the repository anew: firstframe serve triton --write-only"
            raise PreconditionFailed(problem, reason=error.reason, metadata=error.metadata) from error

    async def _first_run(self, watched: Canary) -> None:
        while not (health := await watched.probe()).healthy:
            _LOG.warning("waiting for the model server", problem=health.problem, retry_s=_RETRY_S)
            await asyncio.sleep(_RETRY_S)


async def _reached(ask: Callable[[], Awaitable[None]]) -> None:
    """Asks until the server answers: it and the service may be started in any order."""
    while True:
        try:
            await ask()
        except (Unavailable, Exhausted) as error:
            _LOG.warning("waiting for the model server", problem=error.message, retry_s=_RETRY_S)
            await asyncio.sleep(_RETRY_S)
        else:
            return


def _zero(spec: TensorSpec, lengths: Mapping[str, int]) -> NDArray[Any]:
    shape: Sequence[int] = [lengths.get(axis, 1) if isinstance(axis, str) else axis for axis in spec.shape]
    return np.zeros(shape, spec.dtype.numpy)
