"""Database calls from the event loop: in worker threads, and again when the database comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

from firstframe.core.errors import Unavailable

P = ParamSpec("P")
R = TypeVar("R")

_LOG = structlog.get_logger(__name__)
_PAUSES_S = (0.1, 0.5, 1, 2, 5, 10, 15, 30, 30, 30)


async def insist(call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """The call's result; while the database is away it is tried again, for about two minutes.

    Raises:
        Unavailable: `DATABASE_UNAVAILABLE`, when the database stayed away.
    """
    for pause in _PAUSES_S:
        try:
            return await asyncio.to_thread(call, *args, **kwargs)
        except (OperationalError, InterfaceError) as error:
            _LOG.warning("database call failed, trying again", error=str(error.orig), pause_s=pause)
            await asyncio.sleep(pause)
    return await once(call, *args, **kwargs)


async def once(call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """The call's result, tried once.

    Raises:
        Unavailable: `DATABASE_UNAVAILABLE`.
    """
    try:
        return await asyncio.to_thread(call, *args, **kwargs)
    except (OperationalError, InterfaceError) as error:
        _LOG.error("database away", error=str(error.orig))
        text = "the orchestrator's database cannot be reached; retry, and look at its state and at DATABASE_URL"
        raise Unavailable(text, reason="DATABASE_UNAVAILABLE", retry_after_s=2) from error
