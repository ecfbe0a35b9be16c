"""A server that is about to stop takes no new calls."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from firstframe.core.errors import Unavailable
from firstframe.runtime.interceptors.wrapping import AroundInterceptor, CallInfo, Context

_ALWAYS = ("/grpc.health.v1.", "/grpc.reflection.")


class DrainInterceptor(AroundInterceptor):
    """Refuses new calls while the server drains, but for health; those that are going on are left alone.

    Args:
        draining: Tells whether the server drains.
    """

    def __init__(self, draining: Callable[[], bool]) -> None:
        self._draining = draining

    @asynccontextmanager
    async def around(self, call: CallInfo, context: Context) -> AsyncIterator[None]:  # noqa: ARG002
        """Raises Unavailable `SERVICE_DRAINING` for a new call."""
        if self._draining() and not call.method.startswith(_ALWAYS):
            raise Unavailable(
                "the server is about to stop; ask another one", reason="SERVICE_DRAINING", retry_after_s=0.1
            )
        yield
