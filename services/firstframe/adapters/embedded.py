"""Models served in this process, for one machine without a server."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from numpy.typing import NDArray

from firstframe.adapters.inference_metrics import measured
from firstframe.adapters.inference_requests import check_request
from firstframe.adapters.sessions import Outputs, Session, Stop, open_session
from firstframe.core.errors import DeadlineExceeded, Exhausted, Internal, NotFound, Unavailable
from firstframe.core.models import ServedModel
from firstframe.ports.inference import Tensors


class EmbeddedInference:
    """`Inference` in this process. Used from one event loop; graphs run in threads.

    A model is loaded by `load` or by its first request; once it was unloaded only `load` brings it back.

    Args:
        models: What can be served.
        threads: Threads of one run; 0 leaves the choice to the library: one for each core.
        workers: Runs at a time, over all models.
    """

    def __init__(self, models: Iterable[ServedModel], *, threads: int = 0, workers: int = 2) -> None:
        self._entries = {model.name: _Entry(model, threads) for model in models}
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="model")
        self._free = asyncio.Semaphore(workers)
        self._stops: set[Stop] = set()
        self._closed = False

    async def infer(
        self, model: str, inputs: Tensors, *, deadline_s: float, request_id: str = ""
    ) -> dict[str, NDArray[Any]]:
        """See `Inference.infer`. A run that nobody waits for any more is ended between two nodes of its graph."""
        del request_id  # nothing of it leaves this process
        with measured(model):
            entry = self._entry(model)
            if not entry.offered:
                raise _not_loaded(model, f"is not loaded; load {model} first")
            check_request(entry.model, inputs)
            try:
                async with asyncio.timeout(deadline_s):
                    await self._wait(entry)
                    return await self._run(entry, inputs)
            except TimeoutError:
                problem = f"{model} did not answer within {deadline_s:g} s"
                raise DeadlineExceeded(problem, metadata={"model": model}) from None

    async def ready(self) -> frozenset[str]:
        """See `Inference.ready`."""
        return frozenset(name for name, entry in self._entries.items() if entry.loaded)

    async def load(self, model: str) -> None:
        """See `Inference.load`."""
        entry = self._entry(model)
        await asyncio.to_thread(entry.session)
        entry.offered = True

    async def unload(self, model: str) -> None:
        """See `Inference.unload`. What runs now comes to its end first."""
        if model in self._entries:
            self._entries[model].unload()

    async def close(self) -> None:
        """See `Inference.close`. Ends what runs."""
        self._closed = True
        for stop in tuple(self._stops):
            stop.ask()
        await asyncio.to_thread(self._pool.shutdown)
        for entry in self._entries.values():
            entry.unload()

    def _entry(self, model: str) -> _Entry:
        if model not in self._entries:
            raise _not_loaded(model, f"is not served here; there are {', '.join(sorted(self._entries)) or 'none'}")
        return self._entries[model]

    async def _wait(self, entry: _Entry) -> None:
        batching = entry.model.batching
        if self._free.locked() and entry.waiting >= batching.queue_size:
            raise _queue_full(entry.model, f"{entry.waiting} requests wait already")
        entry.waiting += 1
        try:
            async with asyncio.timeout(batching.queue_timeout_ms / 1000):
                await self._free.acquire()
        except TimeoutError:
            raise _queue_full(entry.model, f"no turn within {batching.queue_timeout_ms} ms") from None
        finally:
            entry.waiting -= 1

    async def _run(self, entry: _Entry, inputs: Tensors) -> Outputs:
        if self._closed:
            self._free.release()
            raise _closed(entry.model)
        stop = Stop()
        work = asyncio.get_running_loop().run_in_executor(self._pool, entry.run, inputs, stop)
        self._stops.add(stop)
        work.add_done_callback(lambda done: self._ended(stop, done))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            stop.ask()
            raise
        except Internal as error:
            if stop.asked:
                raise _closed(entry.model) from error
            raise

    def _ended(self, stop: Stop, work: asyncio.Future[Outputs]) -> None:
        # The turn is over when the thread is, whatever became of the caller.
        self._free.release()
        self._stops.discard(stop)
        work.cancelled() or work.exception()


class _Entry:
    """A model and, while it is loaded, its session."""

    def __init__(self, model: ServedModel, threads: int) -> None:
        self.model = model
        self.offered = True
        self.waiting = 0
        self._threads = threads
        self._session: Session | None = None
        self._lock = threading.Lock()

    @property
    def loaded(self) -> bool:
        """Whether the graph is in memory."""
        return self._session is not None

    def session(self) -> Session:
        """The session, loaded once; blocks meanwhile."""
        with self._lock:
            if self._session is None:
                self._session = open_session(self.model, self._threads)
            return self._session

    def run(self, inputs: Tensors, stop: Stop) -> Outputs:
        """Runs the graph in this thread."""
        return self.session().run(inputs, stop)

    def unload(self) -> None:
        """Lets go of the session; its memory is free when the last run ends."""
        self.offered = False
        self._session = None


def _not_loaded(model: str, problem: str) -> NotFound:
    return NotFound(f"{model} {problem}", reason="MODEL_NOT_FOUND", metadata={"model": model})


def _closed(model: ServedModel) -> Unavailable:
    problem = f"{model.name} cannot run: this process is about to end"
    return Unavailable(problem, reason="MODEL_SERVER_UNAVAILABLE", metadata={"model": model.name})


def _queue_full(model: ServedModel, problem: str) -> Exhausted:
    return Exhausted(f"{model.name}: {problem}; retry", reason="MODEL_QUEUE_FULL", metadata={"model": model.name})
