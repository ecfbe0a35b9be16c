"""The one pattern of every stage call: key, cached result or slot, work in a thread, progress, result, record."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Generic, TypeVar

import structlog
from google.protobuf.message import DecodeError, Message
from google.protobuf.timestamp_pb2 import Timestamp

from firstframe.api.media.v1 import artifact_pb2, stage_pb2
from firstframe.core.errors import Cancelled, FirstframeError, Internal
from firstframe.ports.blobstore import BlobStore
from firstframe.runtime.keys import EngineIdentity, content_key
from firstframe.runtime.slots import Slots
from firstframe.runtime.stage_metrics import StageMetrics

_LOG = structlog.get_logger(__name__)
_SCRATCH_PREFIX = "firstframe-"

R = TypeVar("R", bound=Message)


class WorkContext:
    """What a piece of work sees of the world while it runs in its thread."""

    def __init__(self, scratch: Path, tell: Callable[[stage_pb2.Progress], None]) -> None:
        self.scratch = scratch
        """An empty folder for this piece of work, removed afterwards."""
        self._tell = tell
        self._fraction = 0.0
        self._stopped = threading.Event()

    def progress(self, phase: str, fraction: float) -> None:
        """Tells how far the work has come, 0 to 1; never blocks, and the fraction never falls."""
        self._fraction = max(self._fraction, min(1.0, fraction))
        self._tell(stage_pb2.Progress(phase=phase, fraction=self._fraction))

    def check(self) -> None:
        """To be called at least every second or so.

        Raises:
            Cancelled: Nobody wants the result any more.
        """
        if self._stopped.is_set():
            raise Cancelled("the caller went away")

    def stop(self) -> None:
        """Makes the next `check` raise."""
        self._stopped.set()

    @property
    def stopped(self) -> bool:
        """Whether the work was told to stop."""
        return self._stopped.is_set()


class _Job(Generic[R]):
    """One running piece of work and those who listen to it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.listeners = 0
        self.progress: stage_pb2.Progress | None = None
        self.done: asyncio.Future[R] = loop.create_future()
        self.context: WorkContext | None = None
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
        _sweep(scratch_dir, stage)

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
        content key that run at the same time share one piece of work. When every caller has gone the work is told to stop;
        its slot is free again once it really has.

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
                yield cached
                return
            if ended == self._ended_jobs:  # else the work may have been finished while the record was looked for
                job = await self._join(key) or self._start(key, engine, seed, work)
        async for event in self._listen(job):
            yield event

    async def _join(self, key: str) -> _Job[Any] | None:
        """Work of that key that is going on; work that was told to stop is waited for, because it has no result."""
        while job := self._jobs.get(key):
            if job.context is None or not job.context.stopped:
                return job
            await asyncio.wait([job.done])
            await asyncio.sleep(0)
        return None

    async def _listen(self, job: _Job[R]) -> AsyncIterator[stage_pb2.Progress | R]:
        job.listeners += 1
        try:
            async for event in job.events():
                yield event
        finally:
            job.listeners -= 1
            if job.listeners == 0 and job.context and not job.done.done():
                job.context.stop()

    def _start(self, key: str, engine: EngineIdentity, seed: int, work: Callable[[WorkContext], R]) -> _Job[R]:
        job: _Job[R] = _Job(asyncio.get_running_loop())
        job.context = WorkContext(self._take_place(), job.tell)
        self._jobs[key] = job
        task = asyncio.get_running_loop().run_in_executor(self._threads, self._do, job.context, key, engine, seed, work)
        task.add_done_callback(lambda done: self._ended(key, job, done))
        return job

    def _take_place(self) -> Path:
        """Takes a slot and makes its scratch folder."""
        try:
            self._slots.take()
        except FirstframeError as error:
            self._metrics.rejected(error.reason)
            raise
        try:
            return _scratch(self._scratch_dir, self._stage)
        except Internal:
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

    def _do(
        self, context: WorkContext, key: str, engine: EngineIdentity, seed: int, work: Callable[[WorkContext], R]
    ) -> R:
        """In the worker thread: works, fills the provenance, records."""
        began_s = time.time()
        outcome = "failed"
        try:
            context.progress("starting", 0.0)
            context.check()
            result: Any = work(context)
            _fill(result.provenance, key, engine, seed, began_s)
            self._store.put_record(key, result.SerializeToString(deterministic=True))
            outcome = "done"
            return result  # type: ignore[no-any-return]
        except Cancelled:
            outcome = "cancelled"
            raise
        finally:
            seconds = time.time() - began_s
            self._metrics.worked(engine.name, outcome, seconds)
            _LOG.info("work ended", stage=self._stage, key=key, outcome=outcome, duration_s=round(seconds, 3))
            shutil.rmtree(context.scratch, ignore_errors=True)

    def _recorded(self, key: str, result_type: type[R]) -> R | None:
        """The result that was recorded for a key, if all its artifacts are still there."""
        data = self._store.get_record(key)
        if data is None:
            return None
        try:
            result: Any = result_type.FromString(data)
        except DecodeError:
            _LOG.warning("unreadable record, doing the work again", key=key)
            return None
        if not all(self._store.exists(digest) for digest in artifact_digests(result)):
            _LOG.info("artifacts of a record are gone, doing the work again", key=key)
            return None
        result.provenance.cached = True
        return result  # type: ignore[no-any-return]


def artifact_digests(message: Message) -> set[str]:
    """Digests of all artifacts that a message refers to."""
    if isinstance(message, artifact_pb2.ArtifactRef):
        return {message.digest} if message.digest else set()
    found: set[str] = set()
    for field, value in message.ListFields():
        kind = field.message_type
        if kind is not None and not kind.GetOptions().map_entry:
            for item in value if field.is_repeated else [value]:
                found |= artifact_digests(item)
    return found


def _fill(provenance: stage_pb2.Provenance, key: str, engine: EngineIdentity, seed: int, began_s: float) -> None:
    provenance.key = key
    provenance.engine = engine.name
    provenance.engine_version = engine.version
    provenance.seed = seed
    provenance.start_time.CopyFrom(_stamp(began_s))
    provenance.end_time.CopyFrom(_stamp(time.time()))
    provenance.cached = False


def _stamp(seconds: float) -> Timestamp:
    stamp = Timestamp()
    stamp.FromMicroseconds(round(seconds * 1e6))
    return stamp


def _scratch(parent: Path | None, stage: str) -> Path:
    try:
        if parent is not None:
            parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=f"{_SCRATCH_PREFIX}{stage}-", dir=parent))
    except OSError as error:
        raise Internal(f"no scratch folder can be made: {error.strerror}", reason="NO_SCRATCH") from error


def _sweep(parent: Path | None, stage: str) -> None:
    """Removes scratch folders that a killed process left more than a day ago."""
    oldest = time.time() - 24 * 3600
    for path in (parent or Path(tempfile.gettempdir())).glob(f"{_SCRATCH_PREFIX}{stage}-*"):
        if path.is_dir() and path.stat().st_mtime < oldest:
            shutil.rmtree(path, ignore_errors=True)
