"""Every call has a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from firstframe.core.errors import DeadlineExceeded
from firstframe.runtime import deadline
from firstframe.runtime.interceptors.wrapping import AroundInterceptor, CallInfo, Context

_ENDLESS = ("/grpc.health.v1.Health/Watch", "/firstframe.api.campaigns.v1.CampaignService/WatchCampaign")


class DeadlineInterceptor(AroundInterceptor):
    """Gives calls without a deadline one, and tells the work of every call; gRPC itself ends those whose own deadline passes.

    Watching calls are meant to last and keep going without one.
    """

    def __init__(self, default_s: float) -> None:
        self._default_s = default_s

    @asynccontextmanager
    async def around(self, call: CallInfo, context: Context) -> AsyncIterator[None]:
        """Ends the call at the default deadline when it has none of its own."""
        own_s: float | None = context.time_remaining()
        limit_s = None if own_s is not None or call.method in _ENDLESS else self._default_s
        limit = asyncio.timeout(limit_s)
        try:
            with deadline.bound(limit_s if own_s is None else own_s):
                async with limit:
                    yield
        except TimeoutError:
            if not limit.expired():
                raise
            raise DeadlineExceeded(f"the call took longer than {limit_s:g} s") from None
