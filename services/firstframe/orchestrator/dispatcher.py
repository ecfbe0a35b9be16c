"""Gives work to slots: event-driven, in process.

The dispatcher knows each stage's servers and their free slots, serves projects by weighted fair share, joins calls for the
same work, and takes a full server as news rather than as failure; so too one of a version that does not have the call, as in
the middle of an upgrade. Durability is not its matter: a caller that dies asks again, and the stages return finished work by
its content key.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from contextvars import Context
from functools import partial
from typing import Generic, TypeVar

import structlog

from firstframe.core.errors import DeadlineExceeded, Exhausted, FirstframeError, Internal, PermissionDenied, Unavailable
from firstframe.orchestrator.dispatch_metrics import DispatchMetrics
from firstframe.orchestrator.dispatch_trail import Trail
from firstframe.orchestrator.estimates import Estimates
from firstframe.orchestrator.fair_queue import FairQueue
from firstframe.orchestrator.gaps import ASK_AGAIN_S, CallMissing, Gaps
from firstframe.orchestrator.work import Member, StageServer, Work, WorkProgress
from firstframe.ports.clock import Clock
from firstframe.ports.pools import PoolDirectory

_LOG = structlog.get_logger(__name__)

Request = TypeVar("Request")
Result = TypeVar("Result")

_MAX_TRIES: Mapping[type[FirstframeError], int] = {Unavailable: 5, Internal: 2, DeadlineExceeded: 2}
"""How often work is begun in all when it ends in such an error; other errors are final at once.

Work that takes its server down with it is given up after the fifth; a server that was away before it began does not count."""


class Dispatcher(Generic[Request, Result]):
    """Queues work and hands it to free slots.

    Args:
        directory: Tells which servers there are.
        connect: Makes the connection to a server from its stage and address.
        clock: Steady time for queue ages.
        weights: Fair-share weight of each project; 1 for those that are not named.
        patience_s: How long work waits while no ready server of its stage has the call that it needs.
    """

    def __init__(
        self,
        directory: PoolDirectory,
        connect: Callable[[str, str], StageServer[Request, Result]],
        clock: Clock,
        *,
        weights: Mapping[str, float] | None = None,
        patience_s: float = 1800,
    ) -> None:
        self._directory = directory
        self._connect = connect
        self._clock = clock
        self._queues: dict[str, FairQueue[Work[Request, Result]]] = defaultdict(lambda: FairQueue(weights))
        self._members: dict[tuple[str, str], Member[Request, Result]] = {}
        self._open: dict[str, Work[Request, Result]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._paused = False
        self._metrics = DispatchMetrics()
        self._estimates = Estimates()
        self._waiting: dict[str, dict[Work[Request, Result], None]] = defaultdict(dict)
        """By stage, the one queued first before the others."""
        self._parked: dict[str, dict[type, dict[Work[Request, Result], None]]] = defaultdict(lambda: defaultdict(dict))
        """By stage and call: taken from the queue when no free server had the call."""
        self._gaps: dict[str, Gaps[Member[Request, Result]]] = defaultdict(lambda: Gaps(clock, patience_s))
        self._running: dict[str, set[Work[Request, Result]]] = defaultdict(set)

    async def run(
        self,
        stage: str,
        key: str,
        request: Request,
        *,
        project: str,
        priority: int = 0,
        on_progress: Callable[[WorkProgress], None],
    ) -> Result:
        """Does one piece of work and returns its result; calls with the same key share one piece of work.

        Requests with one key ask for the same but may differ in what they are allowed: the newest is the one that is sent, and
        a refusal of an older one is not the last word. Cancelling the last caller cancels the work on the stage.

        Raises:
            FirstframeError: What the stage said, when trying again will not help or did not.
        """
        work = self._open.get(key)
        if work is None:
            work = self._enqueue(stage, key, request, project, priority)
        else:
            work.trail.joined()
            work.request = request
        work.listeners.append(on_progress)
        work.waiters += 1
        try:
            return await asyncio.shield(work.done)
        finally:
            work.waiters -= 1
            work.listeners.remove(on_progress)
            if work.waiters == 0 and not work.done.done():
                self._abandon(work)

    async def serve(self) -> None:
        """Follows the directory until cancelled."""
        try:
            async for pools in self._directory.watch():
                wanted = {(stage, address) for stage, addresses in pools.items() for address in addresses}
                for gone in set(self._members) - wanted:
                    self._remove(gone)
                for new in wanted - set(self._members):
                    self._add(new)
        finally:
            for name in list(self._members):
                self._remove(name)

    async def drain(self) -> None:
        """Starts nothing more and waits for the work that is running."""
        self._paused = True
        while running := [work.attempt for work in self._open.values() if work.attempt]:
            await asyncio.wait(running)

    def backlog(self, stage: str) -> int:
        """Pieces of work that wait for a slot."""
        return len(self._waiting[stage])

    def running(self, stage: str) -> int:
        """Pieces of work that have a slot."""
        return sum(member.busy for (name, _), member in self._members.items() if name == stage)

    def slots(self, stage: str) -> int:
        """Slots of the servers that are ready."""
        return sum(member.slots for (name, _), member in self._members.items() if name == stage)

    def _enqueue(self, stage: str, key: str, request: Request, project: str, priority: int) -> Work[Request, Result]:
        done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        work = Work(key, stage, request, project, priority, done, Trail(stage))
        self._open[key] = work
        self._wait(work)
        self._queues[stage].put(work, project=project, priority=priority)
        self._pump(stage)
        return work

    def _abandon(self, work: Work[Request, Result]) -> None:
        self._open.pop(work.key, None)
        self._queues[work.stage].discard(work)
        self._parked[work.stage][work.call].pop(work, None)
        self._waiting[work.stage].pop(work, None)
        work.done.cancel()
        work.trail.begins()
        if work.attempt:
            work.attempt.cancel()
        self._tell_backlog(work.stage)

    def _pump(self, stage: str) -> None:
        """Hands waiting work to free slots, the emptiest server first."""
        queue = self._queues[stage]
        if not self._paused:
            self._start_parked(stage)
        while len(queue) and not self._paused and self._freest(stage):
            work = queue.take()
            if member := self._freest(stage, work.call):
                self._start(work, member)
            else:
                self._parked[stage][work.call][work] = None
        self._tell_backlog(stage)

    def _start_parked(self, stage: str) -> None:
        """Starts parked work, the oldest first, where a server that may have its call is free."""
        for call, works in self._parked[stage].items():
            while works and (member := self._freest(stage, call)):
                work = next(iter(works))
                del works[work]
                self._start(work, member)

    def _tell_backlog(self, stage: str) -> None:
        waiting, running = self._waiting[stage], self._running[stage]
        self._metrics.backlog(stage, len(waiting))
        self._metrics.backlog_s(stage, self._estimates.backlog_s(stage, len(waiting), (one.share for one in running)))
        oldest = next(iter(waiting), None)
        self._metrics.oldest(stage, self._clock.monotonic() - oldest.queued_at if oldest else None)
        missing = [call for call, works in self._parked[stage].items() if works and self._gaps[stage].missing(call)]
        self._metrics.missing(stage, len(missing))

    def _wait(self, work: Work[Request, Result]) -> None:
        work.queued_at = self._clock.monotonic()
        self._waiting[work.stage][work] = None

    def _progressed(self, work: Work[Request, Result], phase: str, fraction: float) -> None:
        work.tell(phase, fraction)
        self._tell_backlog(work.stage)

    def _freest(self, stage: str, call: type | None = None) -> Member[Request, Result] | None:
        """The server with the most free slots, of those that may have `call` where it is given; None while there is none."""
        members = [member for (name, _), member in self._members.items() if name == stage and member.free > 0]
        if call:
            members = [member for member in members if self._gaps[stage].may_ask(call, member)]
        return max(members, key=lambda member: member.free, default=None)

    def _start(self, work: Work[Request, Result], member: Member[Request, Result]) -> None:
        member.busy += 1
        member.idle.clear()
        work.tries += 1
        work.begun, work.share = False, 0.0
        self._waiting[work.stage].pop(work, None)
        self._running[work.stage].add(work)
        work.started_at = self._clock.monotonic()
        work.trail.begins()
        self._metrics.started(work.stage, work.started_at - work.queued_at)
        work.attempt = self._spawn(self._attempt(work, member), work.trail.context)
        work.attempt.add_done_callback(lambda _: self._ended(work, member))

    def _ended(self, work: Work[Request, Result], member: Member[Request, Result]) -> None:
        """Frees the slot; a callback, because a task that is cancelled before it began never runs its `finally`."""
        member.busy -= 1
        work.attempt = None
        self._running[work.stage].discard(work)
        if not member.busy:
            member.idle.set()
        self._pump(work.stage)

    async def _attempt(self, work: Work[Request, Result], member: Member[Request, Result]) -> None:
        """One call to one server, and what follows from how it ends."""
        request = work.request
        try:
            result = await member.server.call(request, partial(self._progressed, work))
        except CallMissing as missing:
            self._lacks(work, member, missing)
        except Exhausted as error:
            work.tries -= 1
            self._rest(work.stage, member, error.retry_after_s or 0.1)
            self._again(work)
        except PermissionDenied as error:
            self._refused(work, member, error, newer=work.request is not request)
        except FirstframeError as error:
            self._failed(work, member, error)
        except Exception:
            _LOG.exception("a stage call ended in an unexpected error", stage=work.stage, key=work.key)
            self._finish(work, Internal("a fault of the dispatcher; the orchestrator's log has the details"))
        else:
            if work.begun:  # else the stage had it already, and its time tells nothing
                self._estimates.took(work.stage, self._clock.monotonic() - work.started_at)
            self._gaps[work.stage].closed(work.call, member)
            self._finish(work, result)

    def _refused(
        self, work: Work[Request, Result], member: Member[Request, Result], error: PermissionDenied, *, newer: bool
    ) -> None:
        """Ends work that is not allowed, unless somebody has joined it meanwhile who may be allowed more."""
        if newer:
            work.tries -= 1
            self._again(work)
        else:
            self._failed(work, member, error)

    def _failed(self, work: Work[Request, Result], member: Member[Request, Result], error: FirstframeError) -> None:
        if isinstance(error, Unavailable):
            self._rest(work.stage, member, error.retry_after_s or 0.2)
            work.tries -= 0 if work.begun else 1
        if work.tries < _MAX_TRIES.get(type(error), 1):
            self._again(work)
        else:
            self._finish(work, error)

    def _lacks(self, work: Work[Request, Result], member: Member[Request, Result], missing: CallMissing) -> None:
        """Leaves work for another server, or for this one when it has been upgraded."""
        work.tries -= 1
        gaps, parked = self._gaps[work.stage], self._parked[work.stage][work.call]
        gaps.found(work.call, member, missing, self._ready(work.stage))
        if self._waits_again(work):
            parked[work] = None
        if gaps.given_up(work.call):
            for waiting in tuple(parked):
                self._give_up(waiting, gaps.error(work.stage, work.call))
        asyncio.get_running_loop().call_later(ASK_AGAIN_S, self._pump, work.stage)

    def _ready(self, stage: str) -> list[Member[Request, Result]]:
        return [member for (name, _), member in self._members.items() if name == stage and member.slots]

    def _give_up(self, work: Work[Request, Result], error: FirstframeError) -> None:
        self._parked[work.stage][work.call].pop(work)
        self._waiting[work.stage].pop(work, None)
        work.trail.begins()
        self._finish(work, error)

    def _waits_again(self, work: Work[Request, Result]) -> bool:
        """Counts work as waiting, unless nobody wants it any more."""
        if work.done.done():
            return False
        self._metrics.requeued(work.stage)
        self._wait(work)
        work.trail.waits_again()
        return True

    def _again(self, work: Work[Request, Result]) -> None:
        if self._waits_again(work):
            self._queues[work.stage].put_back(work, project=work.project, priority=work.priority)

    def _finish(self, work: Work[Request, Result], outcome: Result | FirstframeError) -> None:
        self._open.pop(work.key, None)
        if work.done.done():
            return
        if isinstance(outcome, FirstframeError):
            work.done.set_exception(outcome)
        else:
            work.done.set_result(outcome)

    def _rest(self, stage: str, member: Member[Request, Result], seconds: float) -> None:
        """Leaves a server alone for a while."""
        if member.resting:
            return
        member.resting = True

        def wake() -> None:
            member.resting = False
            self._pump(stage)

        asyncio.get_running_loop().call_later(seconds, wake)

    def _add(self, name: tuple[str, str]) -> None:
        member: Member[Request, Result] = Member(self._connect(*name))
        self._members[name] = member
        member.watcher = self._spawn(self._follow(name[0], member))

    def _remove(self, name: tuple[str, str]) -> None:
        member = self._members.pop(name)
        member.slots = 0
        self._gaps[name[0]].forget(member)
        if member.watcher:
            member.watcher.cancel()
        self._set_slots(name[0])

    async def _follow(self, stage: str, member: Member[Request, Result]) -> None:
        """Keeps a server's slots up to date."""
        try:
            async for slots in member.server.watch_slots():
                if not member.slots:
                    self._gaps[stage].forget(member)
                member.slots = slots
                self._set_slots(stage)
                self._pump(stage)
        finally:
            member.slots = 0
            await member.idle.wait()
            await member.server.close()

    def _set_slots(self, stage: str) -> None:
        self._metrics.slots(stage, self.slots(stage))

    def _spawn(self, job: Coroutine[object, object, None], context: Context | None = None) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(job, context=context)
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        return task

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        with suppress(asyncio.CancelledError):
            task.result()
