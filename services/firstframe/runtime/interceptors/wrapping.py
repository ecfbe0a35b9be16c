"""Wrapping of RPC handlers: one place that knows gRPC's handler objects."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc

from firstframe.core.errors import Cancelled

if TYPE_CHECKING:
    Handler = grpc.RpcMethodHandler[Any, Any]
    Base = grpc.aio.ServerInterceptor[Any, Any]
    Context = grpc.aio.ServicerContext[Any, Any]
else:
    Handler = grpc.RpcMethodHandler
    Base = grpc.aio.ServerInterceptor
    Context = grpc.aio.ServicerContext

Continuation = Callable[[grpc.HandlerCallDetails], Awaitable[Handler]]


@dataclass(frozen=True, slots=True)
class CallInfo:
    """What is known of a call before it begins."""

    method: str
    """`/package.Service/Method`."""
    metadata: dict[str, str]


class AroundInterceptor(Base, ABC):
    """An interceptor that puts an asynchronous context manager around each call, of whatever kind."""

    @abstractmethod
    def around(self, call: CallInfo, context: Context) -> AbstractAsyncContextManager[None]:
        """What to do before and after a call."""

    async def intercept_service(
        self, continuation: Continuation, handler_call_details: grpc.HandlerCallDetails
    ) -> Handler:
        """The hook of gRPC: wraps the handler that would have taken the call."""
        handler: Any = await continuation(handler_call_details)
        if handler is None:
            return handler  # type: ignore[return-value]  # gRPC's way to say that there is no such method
        call = CallInfo(handler_call_details.method, _metadata(handler_call_details))
        make, inner = _kind(handler)
        wrap = self._stream if handler.response_streaming else self._unary
        return make(wrap(inner, call), handler.request_deserializer, handler.response_serializer)

    def _unary(self, inner: Callable[..., Any], call: CallInfo) -> Callable[..., Any]:
        async def wrapped(request: object, context: Context) -> Any:  # noqa: ANN401  (any message)
            async with self.around(call, context):
                return await inner(request, context)

        return wrapped

    def _stream(self, inner: Callable[..., Any], call: CallInfo) -> Callable[..., Any]:
        # A streaming handler either yields its responses or, as gRPC's own health service does, writes them.
        if inspect.iscoroutinefunction(inner):
            return self._unary(inner, call)

        # It writes what the handler yields, so that a call that is dropped ends here, in its own task and context.
        async def wrapped(request: object, context: Context) -> None:
            async with self.around(call, context), aclosing(inner(request, context)) as responses:
                async for response in responses:
                    await _write(context, response)

        return wrapped


def _kind(handler: Any) -> tuple[Callable[..., Handler], Callable[..., Any]]:  # noqa: ANN401  (its type hides its parts)
    """What makes a handler of this kind, and the function in it. Of either kind of request, a function takes one argument."""
    if handler.request_streaming and handler.response_streaming:
        return grpc.stream_stream_rpc_method_handler, handler.stream_stream
    if handler.request_streaming:
        return grpc.stream_unary_rpc_method_handler, handler.stream_unary
    if handler.response_streaming:
        return grpc.unary_stream_rpc_method_handler, handler.unary_stream
    return grpc.unary_unary_rpc_method_handler, handler.unary_unary


async def _write(context: Context, response: object) -> None:
    try:
        await context.write(response)
    except grpc.aio.InternalError as error:  # gRPC's way to say that there is nobody to write to
        raise Cancelled("the caller went away") from error


def _metadata(details: grpc.HandlerCallDetails) -> dict[str, str]:
    pairs: Any = details.invocation_metadata or ()
    return {key: value for key, value in pairs if isinstance(value, str)}
