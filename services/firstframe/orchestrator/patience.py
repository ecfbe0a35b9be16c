"""Database calls from the event loop: in worker threads, and again when the database comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from itertools import chain, repeat
from typing import ParamSpec, TypeVar

import structlog
from prometheus_client import Gauge
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from firstframe.core.errors import Unavailable

P = ParamSpec("P")
R = TypeVar("R")

_LOG = structlog.get_logger(__name__)
_UP = Gauge(
    "firstframe_database_up",
    "1 when the last call to the database was answered, else 0; a call is made at least every ten seconds.",
)
_PAUSES_S = (0.1, 0.5, 1, 2)
_LONGEST_PAUSE_S = 5
_LOOK_S = 10.0
_AWAY = (OperationalError, InterfaceError, NoFreeConnection)


class _Health:
    """Tells when the database goes and when it comes back, in few lines, however many lanes wait for it."""

    def __init__(self) -> None:
        self._problems: set[str] = set()

    def failed(self, problem: str) -> None:
        """A call was not answered."""
        _UP.set(0)
        if problem not in self._problems:
            self._problems.add(problem)
            _LOG.error("waiting for the database", problem=problem)

    def answered(self) -> None:
        """A call was answered."""
        _UP.set(1)
        if self._problems:
            self._problems.clear()
            _LOG.info("the database is back")


_HEALTH = _Health()


async def insist(call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """The call's result; while the database is away it is tried again, for as long as that takes.

    For what nobody waits for with a deadline of their own. The call must bear being repeated: an answer may have been lost.
    """
    pauses = chain(_PAUSES_S, repeat(_LONGEST_PAUSE_S))
    while True:
        try:
            return await once(call, *args, **kwargs)
        except Unavailable:
            await asyncio.sleep(next(pauses))


async def once(call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """The call's result, tried once. When it fails it may have been done all the same: only its answer was lost.

    Raises:
        Unavailable: `DATABASE_UNAVAILABLE`.
    """
    try:
        result = await asyncio.to_thread(call, *args, **kwargs)
    except _AWAY as error:
        _HEALTH.failed(str(getattr(error, "orig", None) or error))
        text = "the orchestrator's database cannot be reached; retry, and look at its state and at DATABASE_URL"
        raise Unavailable(text, reason="DATABASE_UNAVAILABLE", retry_after_s=2) from error
    _HEALTH.answered()
    return result


async def look(call: Callable[[], object]) -> None:
    """Calls now and then until cancelled, so that a database that goes while nobody needs it is told of."""
    while True:
        await asyncio.sleep(_LOOK_S)
        with suppress(Unavailable):
            await once(call)
