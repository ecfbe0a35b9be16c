"""What the dispatcher deals with: pieces of work, and the servers that do them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from firstframe.orchestrator.dispatch_trail import Trail

Request = TypeVar("Request")
Result = TypeVar("Result")
RequestIn = TypeVar("RequestIn", contravariant=True)
ResultOut = TypeVar("ResultOut", covariant=True)


@dataclass(frozen=True, slots=True)
class WorkProgress:
    """How far a call has come."""

    phase: str
    fraction: float
    tries: int


class StageServer(Protocol[RequestIn, ResultOut]):
    """One server of a stage."""

    def watch_slots(self) -> AsyncIterator[int]:
        """Yields the number of slots while the server is ready and 0 while it is not, at each change."""

    async def call(self, request: RequestIn, on_progress: Callable[[str, float], None]) -> ResultOut:
        """Does one piece of work.

        Raises:
            Exhausted: All slots are taken.
            Unavailable: The server is away or about to stop.
            CallMissing: The server is of a version that cannot do such work.
            FirstframeError: Anything else that the stage says.
        """

    async def close(self) -> None:
        """Lets the connection go."""


@dataclass(eq=False, slots=True)
class Work(Generic[Request, Result]):
    """What somebody waits for: one call of a stage, in as many attempts as it takes."""

    key: str
    stage: str
    request: Request
    """Of who asked last."""
    project: str
    priority: int
    done: asyncio.Future[Result]
    trail: Trail
    queued_at: float = 0.0
    listeners: list[Callable[[WorkProgress], None]] = field(default_factory=list)
    waiters: int = 0
    tries: int = 0
    begun: bool = False
    """Whether the present attempt got as far as the stage doing something."""
    started_at: float = 0.0
    share: float = 0.0
    """How much of the present attempt is done, 0 to 1."""
    attempt: asyncio.Task[None] | None = None

    @property
    def call(self) -> type:
        """What a server needs to do it."""
        return type(self.request)

    def tell(self, phase: str, fraction: float) -> None:
        """Passes on how far the present attempt has come."""
        self.begun = True
        self.share = fraction
        for listener in self.listeners:
            listener(WorkProgress(phase, fraction, self.tries))


def _set_event() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@dataclass(eq=False, slots=True)
class Member(Generic[Request, Result]):
    """One server of a stage, and what it is busy with."""

    server: StageServer[Request, Result]
    slots: int = 0
    busy: int = 0
    resting: bool = False
    idle: asyncio.Event = field(default_factory=_set_event)
    watcher: asyncio.Task[None] | None = None

    @property
    def free(self) -> int:
        """Slots that work may be handed to now."""
        return 0 if self.resting else self.slots - self.busy
