"""Every call has a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from firstframe.core.errors import DeadlineExceeded
from firstframe.runtime.interceptors.wrapping import AroundInterceptor, CallInfo, Context

_ENDLESS = ("/grpc.health.v1.Health/Watch", "/firstframe.api.campaigns.v1.CampaignService/WatchCampaign")


class DeadlineInterceptor(AroundInterceptor):
    """Gives calls without a deadline one; gRPC itself ends those whose own deadline passes.

    Watching calls are meant to last and keep going without one.
    """

    def __init__(self, default_s: float) -> None:
        self._default_s = default_s

    @asynccontextmanager
    async def around(self, call: CallInfo, context: Context) -> AsyncIterator[None]:
        """Ends the call at the default deadline when it has none of its own."""
        if context.time_remaining() is not None or call.method in _ENDLESS:
            yield
            return
        try:
            async with asyncio.timeout(self._default_s):
                yield
        except TimeoutError:
            raise DeadlineExceeded(f"the call took longer than {self._default_s:g} s") from None
