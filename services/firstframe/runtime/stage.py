"""The one pattern of every stage call: key, cached result or slot, work in a thread, progress, result, record."""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import structlog
from google.protobuf.message import DecodeError, Message
from opentelemetry.context import get_current
from opentelemetry.trace import get_current_span

from firstframe.api.media.v1 import stage_pb2
from firstframe.core.errors import Cancelled, DeadlineExceeded, FirstframeError
from firstframe.ports.blobstore import BlobStore
from firstframe.ports.spans import spanned
from firstframe.runtime import deadline, scratch
from firstframe.runtime.keys import EngineIdentity, content_key
from firstframe.runtime.messages import artifact_digests, stamp
from firstframe.runtime.phases import PhaseSpans
from firstframe.runtime.slots import Slots
from firstframe.runtime.stage_metrics import StageMetrics

_LOG = structlog.get_logger(__name__)

R = TypeVar("R", bound=Message)
R_contra = TypeVar("R_contra", bound=Message, contravariant=True)
T_co = TypeVar("T_co", covariant=True)


class Response(Protocol[R_contra, T_co]):
    """The message in which a call streams: progress, or the result."""

    def __call__(self, *, progress: stage_pb2.Progress | None = None, result: R_contra | None = None) -> T_co:
        """The message with one of the two."""


async def responses(events: AsyncIterator[stage_pb2.Progress | R], response: Response[R, T_co]) -> AsyncIterator[T_co]:
    """What a call streams.

    Args:
        events: Progress and the result, as `StageRunner.run` gives them.
        response: The call's message.
    """
    async for event in events:
        yield response(progress=event) if isinstance(event, stage_pb2.Progress) else response(result=event)


class WorkContext:
    """What a piece of work sees of the world while it runs in its thread."""

    def __init__(
        self, scratch: Path, tell: Callable[[stage_pb2.Progress], None], *, end_s: float | None = None
    ) -> None:
        self.scratch = scratch
        """An empty folder for this piece of work, removed afterwards."""
        self._tell = tell
        self._end_s = end_s
        self._fraction = 0.0
        self._stopped = threading.Event()
        self._phases = PhaseSpans()

    def progress(self, phase: str, fraction: float) -> None:
        """Tells how far the work has come, 0 to 1; never blocks, and the fraction never falls."""
        self._phases.enter(phase)
        self._fraction = max(self._fraction, min(1.0, fraction))
        self._tell(stage_pb2.Progress(phase=phase, fraction=self._fraction))

    def report(self, phase: str, fraction: float) -> None:
        """Tells how far the work has come, as `progress`, unless nobody wants it any more; raises as `check`."""
        self.check()
        self.progress(phase, fraction)

    @contextmanager
    def traced(self) -> Iterator[None]:
        """Makes a span of each phase within the block, below the span that is going on."""
        self._phases = PhaseSpans(get_current())
        try:
            yield
        finally:
            self._phases.close()

    def check(self) -> None:
        """To be called at least every second or so.

        Raises:
            DeadlineExceeded: The time of every caller is over.
            Cancelled: Nobody wants the result any more.
        """
        left_s = self.remaining_s()
        if left_s is not None and left_s <= 0:
            raise DeadlineExceeded("the time that the caller gave is over")
        if self._stopped.is_set():
            raise Cancelled("the caller went away")

    def remaining_s(self) -> float | None:
        """Time that the work still has, in seconds, to be passed on with every call that it makes; None means no limit."""
        return None if self._end_s is None else self._end_s - time.monotonic()

    def extend(self, end_s: float | None) -> None:
        """Lets the work take until `end_s` (`time.monotonic`; None for no limit) where it had less."""
        if self._end_s is not None:
            self._end_s = None if end_s is None else max(self._end_s, end_s)

    def stop(self) -> None:
        """Makes the next `check` raise."""
        self._stopped.set()

    @property
    def stopped(self) -> bool:
        """Whether the work was told to stop."""
        return self._stopped.is_set()


class _Job(Generic[R]):
    """One running piece of work and those who listen to it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, place: scratch.Scratch) -> None:
        self._loop = loop
        self.place = place
        self.context = WorkContext(place.path, self.tell, end_s=deadline.end_s())
        self.listeners = 0
        self.progress: stage_pb2.Progress | None = None
        self.done: asyncio.Future[R] = loop.create_future()
        self._news = asyncio.Event()

    def tell(self, progress: stage_pb2.Progress) -> None:
        """Called from the worker thread."""
        self._loop.call_soon_threadsafe(self._set, progress)

    def _set(self, progress: stage_pb2.Progress) -> None:
        self.progress = progress
        news, self._news = self._news, asyncio.Event()
        news.set()

    def end(self) -> None:
        """Wakes all listeners."""
        self._news.set()

    async def events(self) -> AsyncIterator[stage_pb2.Progress | R]:
        """Progress, the latest only, then the result."""
        seen: stage_pb2.Progress | None = None
        while not self.done.done():
            news = self._news
            if self.progress is not None and self.progress is not seen:
                seen = self.progress
                yield seen
            else:
                await news.wait()
        yield self.done.result()


class StageRunner:
    """Runs the work of one stage.

    Args:
        stage: Name of the stage, part of every content key.
        store: Where results are recorded.
        slots: Bounds how much runs at once.
        scratch_dir: Where scratch folders are made; the system's own place by default.
    """

    def __init__(self, *, stage: str, store: BlobStore, slots: Slots, scratch_dir: Path | None = None) -> None:
        self._stage = stage
        self._store = store
        self._slots = slots
        self._scratch_dir = scratch_dir
        self._threads = ThreadPoolExecutor(slots.total, thread_name_prefix=f"{stage}-work")
        self._jobs: dict[str, _Job[Any]] = {}
        self._ended_jobs = 0
        self._metrics = StageMetrics(stage)
        scratch.sweep(scratch_dir, stage)

    @property
    def slots(self) -> Slots:
        """The slots that bound the work."""
        return self._slots

    async def run(
        self,
        request: Message,
        *,
        engine: EngineIdentity,
        seed: int,
        work: Callable[[WorkContext], R],
        result_type: type[R],
    ) -> AsyncIterator[stage_pb2.Progress | R]:
        """Yields progress, then the result of the request, made now or before.

        `work` runs in a worker thread and returns the result without provenance (but for `details`). Requests with the same
        content key that run at the same time share one piece of work, which may take as long as the most patient of their
        callers waits. When every caller has gone the work is told to stop; its slot is free again once it really has, and
        who comes back before that waits for it.

        Raises:
            Exhausted: All slots are busy.
            Unavailable: The service is about to stop, or the store is away.
            FirstframeError: What the work raised.
        """
        self._slots.refuse_when_draining()
        key = content_key(self._stage, engine, request)
        job: _Job[R] | None = None
        while job is None:
            ended = self._ended_jobs
            cached = await asyncio.to_thread(self._recorded, key, result_type)
            if cached is not None:
                self._metrics.hit()
                get_current_span().set_attribute("firstframe.cached", True)
                yield cached
                return
            await self._stopping(key)
            if ended == self._ended_jobs:  # else the work may have been finished while the record was looked for
                job = self._jobs.get(key) or self._start(key, engine, seed, work)
        async for event in self._listen(job):
            yield event

    async def _stopping(self, key: str) -> None:
        """Waits for work of that key that was told to stop: nobody may join it, but it may yet leave a record."""
        job = self._jobs.get(key)
        if job is not None and job.context.stopped:
            await asyncio.wait([job.done])

    async def _listen(self, job: _Job[R]) -> AsyncIterator[stage_pb2.Progress | R]:
        job.listeners += 1
        job.context.extend(deadline.end_s())
        try:
            async for event in job.events():
                yield event
        finally:
            job.listeners -= 1
            if job.listeners == 0 and not job.done.done():
                job.context.stop()

    def _start(self, key: str, engine: EngineIdentity, seed: int, work: Callable[[WorkContext], R]) -> _Job[R]:
        loop = asyncio.get_running_loop()
        job: _Job[R] = _Job(loop, self._take_place())
        self._jobs[key] = job
        # The work logs and traces as part of the call that started it.
        around = contextvars.copy_context()
        task = loop.run_in_executor(self._threads, around.run, self._traced, job, key, engine, seed, work)
        task.add_done_callback(lambda done: self._ended(key, job, done))
        return job

    def _take_place(self) -> scratch.Scratch:
        """Takes a slot and makes its scratch folder."""
        try:
            self._slots.take()
        except FirstframeError as error:
            self._metrics.rejected(error.reason)
            raise
        try:
            return scratch.make(self._scratch_dir, self._stage)
        except FirstframeError:
            self._slots.give()
            raise

    def _ended(self, key: str, job: _Job[R], done: asyncio.Future[R]) -> None:
        del self._jobs[key]
        self._ended_jobs += 1
        self._slots.give()
        error = done.exception()
        if error is None:
            job.done.set_result(done.result())
        else:
            job.done.set_exception(error)
            job.done.exception()
        job.end()

    def _traced(self, job: _Job[R], key: str, engine: EngineIdentity, seed: int, work: Callable[[WorkContext], R]) -> R:
        """`_do` and its phases as spans."""
        about = {
            "firstframe.stage": self._stage,
            "firstframe.engine.name": engine.name,
            "firstframe.engine.version": engine.version,
            "firstframe.work.key": key,
        }
        with spanned(f"{self._stage} work", about), job.context.traced():
            return self._do(job, key, engine, seed, work)

    def _do(self, job: _Job[R], key: str, engine: EngineIdentity, seed: int, work: Callable[[WorkContext], R]) -> R:
        """In the worker thread: works, fills the provenance, records."""
        began_s = time.time()
        outcome = "failed"
        try:
            job.context.progress("starting", 0.0)
            job.context.check()
            result: Any = work(job.context)
            _fill(result.provenance, key, engine, seed, began_s)
            self._store.put_record(key, result.SerializeToString(deterministic=True))
            outcome = "done"
            return result  # type: ignore[no-any-return]
        except (Cancelled, DeadlineExceeded) as error:
            outcome = "cancelled" if isinstance(error, Cancelled) else "expired"
            raise
        finally:
            seconds = time.time() - began_s
            self._metrics.worked(engine.name, outcome, seconds)
            _LOG.info("work ended", stage=self._stage, key=key, outcome=outcome, duration_s=round(seconds, 3))
            job.place.remove()

    def _recorded(self, key: str, result_type: type[R]) -> R | None:
        """The result that was recorded for a key, if all its artifacts are still there."""
        data = self._store.get_record(key)
        if data is None:
            return None
        try:
            result: Any = result_type.FromString(data)
        except DecodeError:
            result = None
        # Bytes of another message may well decode, and none at all always do.
        if result is None or result.provenance.key != key:
            _LOG.warning("unreadable record, doing the work again", key=key)
            return None
        if not all(self._store.exists(digest) for digest in artifact_digests(result)):
            _LOG.info("artifacts of a record are gone, doing the work again", key=key)
            return None
        result.provenance.cached = True
        return result  # type: ignore[no-any-return]


def _fill(provenance: stage_pb2.Provenance, key: str, engine: EngineIdentity, seed: int, began_s: float) -> None:
    provenance.key = key
    provenance.engine = engine.name
    provenance.engine_version = engine.version
    provenance.seed = seed
    provenance.start_time.CopyFrom(stamp(began_s))
    provenance.end_time.CopyFrom(stamp(time.time()))
    provenance.cached = False
