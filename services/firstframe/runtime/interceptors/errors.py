"""Errors become statuses, in one place."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import structlog

from firstframe.core.errors import FirstframeError, Internal
from firstframe.runtime.interceptors.wrapping import AroundInterceptor, CallInfo, Context
from firstframe.runtime.status import DETAILS_KEY, code_of, to_status

_LOG = structlog.get_logger(__name__)


class ErrorInterceptor(AroundInterceptor):
    """Turns what a handler raises into a status with details; the unexpected into INTERNAL without its message."""

    @asynccontextmanager
    async def around(self, call: CallInfo, context: Context) -> AsyncIterator[None]:
        """Aborts the call with the status of the error."""
        try:
            yield
        except FirstframeError as error:
            await _abort(context, error)
        except grpc.aio.AbortError:
            raise
        except Exception:
            _LOG.exception("unexpected error", method=call.method)
            await _abort(context, Internal("a fault of the server; its log has the details under this request id"))


async def _abort(context: Context, error: FirstframeError) -> None:
    status = to_status(error)
    kept: Any = context.trailing_metadata() or ()  # the request id
    trailing = (*kept, (DETAILS_KEY, status.SerializeToString()))
    await context.abort(code_of(error), status.message, trailing_metadata=trailing)
