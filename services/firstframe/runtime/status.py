"""The one table between errors and gRPC statuses, both ways.

A status carries google.rpc details: ErrorInfo with the reason and metadata, RetryInfo when a retry is worth while, BadRequest
when a field is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import grpc
from google.protobuf import any_pb2
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import DecodeError, Message
from google.rpc import error_details_pb2, status_pb2

from firstframe.core import errors

M = TypeVar("M", bound=Message)

DOMAIN = "firstframe.dev"
"""Domain of the reasons in ErrorInfo."""

DETAILS_KEY = "grpc-status-details-bin"
"""Trailing metadata that carries google.rpc.Status."""

_MESSAGE_BYTES = 1000
_DESCRIPTION_BYTES = 500
_METADATA_BYTES = 1000
"""Together at most 7 KiB as metadata, percent-encoded and in base64. gRPC refuses more than 8 KiB of it (gRPC core 1.80,
`grpc.max_metadata_size`) and ends the call with RESOURCE_EXHAUSTED instead of the error."""

CODES: Mapping[type[errors.FirstframeError], grpc.StatusCode] = {
    errors.InvalidInput: grpc.StatusCode.INVALID_ARGUMENT,
    errors.NotFound: grpc.StatusCode.NOT_FOUND,
    errors.AlreadyExists: grpc.StatusCode.ALREADY_EXISTS,
    errors.PreconditionFailed: grpc.StatusCode.FAILED_PRECONDITION,
    errors.PermissionDenied: grpc.StatusCode.PERMISSION_DENIED,
    errors.Unauthenticated: grpc.StatusCode.UNAUTHENTICATED,
    errors.Exhausted: grpc.StatusCode.RESOURCE_EXHAUSTED,
    errors.Unavailable: grpc.StatusCode.UNAVAILABLE,
    errors.DeadlineExceeded: grpc.StatusCode.DEADLINE_EXCEEDED,
    errors.Cancelled: grpc.StatusCode.CANCELLED,
    errors.Conflict: grpc.StatusCode.ABORTED,
    errors.DataCorrupted: grpc.StatusCode.DATA_LOSS,
    errors.Unsupported: grpc.StatusCode.UNIMPLEMENTED,
    errors.OutOfRange: grpc.StatusCode.OUT_OF_RANGE,
    errors.Internal: grpc.StatusCode.INTERNAL,
}
"""Each class of error with its status code."""

CLASSES: Mapping[grpc.StatusCode, type[errors.FirstframeError]] = {
    **{code: kind for kind, code in CODES.items()},
    grpc.StatusCode.UNKNOWN: errors.Internal,
}
"""Each status code but OK with its class of error."""


def code_of(error: errors.FirstframeError) -> grpc.StatusCode:
    """Status code of an error: that of its class or of the nearest base class that has one."""
    return next((CODES[kind] for kind in type(error).__mro__ if kind in CODES), grpc.StatusCode.INTERNAL)


def to_status(error: errors.FirstframeError) -> status_pb2.Status:
    """The error as google.rpc.Status with details; long texts are shortened so that it fits."""
    number: int = code_of(error).value[0]
    status = status_pb2.Status(code=number, message=_short(error.message, _MESSAGE_BYTES))
    for detail in _details(error):
        status.details.add().Pack(detail)
    return status


def _details(error: errors.FirstframeError) -> Iterable[Message]:
    yield error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=_short_metadata(error.metadata))
    if error.retry_after_s is not None:
        delay = Duration()
        delay.FromNanoseconds(round(error.retry_after_s * 1e9))
        yield error_details_pb2.RetryInfo(retry_delay=delay)
    if isinstance(error, errors.InvalidInput) and "field" in error.metadata:
        violation = error_details_pb2.BadRequest.FieldViolation(
            field=_short(error.metadata["field"], _DESCRIPTION_BYTES),
            description=_short(error.message, _DESCRIPTION_BYTES),
        )
        yield error_details_pb2.BadRequest(field_violations=[violation])


def _short(text: str, most_bytes: int) -> str:
    """`text` as UTF-8 can say it, in at most `most_bytes` bytes of it."""
    data = text.encode(errors="replace")
    return data.decode() if len(data) <= most_bytes else data[: most_bytes - 3].decode(errors="ignore") + "…"


def _short_metadata(metadata: Mapping[str, str]) -> dict[str, str]:
    each = _METADATA_BYTES // max(1, len(metadata))
    return {key: _short(value, max(3, each - len(key))) for key, value in metadata.items()}


def from_rpc_error(error: grpc.aio.AioRpcError) -> errors.FirstframeError:
    """The error that a call ended in, as the other side raised it or as gRPC itself did."""
    kind = CLASSES.get(error.code(), errors.Internal)
    status = _status_of(error)
    if status is None:
        return kind(error.details() or error.code().name)
    info = _detail(status.details, error_details_pb2.ErrorInfo())
    retry = _detail(status.details, error_details_pb2.RetryInfo())
    made = kind(
        status.message,
        reason=info.reason if info else None,
        metadata=dict(info.metadata) if info else None,
    )
    made.retry_after_s = retry.retry_delay.ToNanoseconds() / 1e9 if retry else None
    return made


def is_missing_method(error: grpc.aio.AioRpcError) -> bool:
    """Whether gRPC itself said UNIMPLEMENTED: the server does not have the method. Our own error would bring its reason."""
    return error.code() is grpc.StatusCode.UNIMPLEMENTED and _status_of(error) is None


def _status_of(error: grpc.aio.AioRpcError) -> status_pb2.Status | None:
    pairs: Any = error.trailing_metadata()
    value = dict(pairs).get(DETAILS_KEY)
    try:
        return status_pb2.Status.FromString(value) if isinstance(value, bytes) else None
    except DecodeError:  # a proxy's, not ours
        return None


def _detail(details: Iterable[any_pb2.Any], into: M) -> M | None:
    return next((into for item in details if item.Unpack(into)), None)
