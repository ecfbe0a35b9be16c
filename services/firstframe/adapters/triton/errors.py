"""What Triton or the way to it says, as errors of `firstframe.ports.inference`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import grpc
from tritonclient.utils import InferenceServerException

from firstframe.core.errors import (
    Cancelled,
    DeadlineExceeded,
    Exhausted,
    FirstframeError,
    Internal,
    InvalidInput,
    NotFound,
    Unavailable,
)

RESTART_S = 2.0
"""When a caller should come back to a server that is gone: about the time that one takes to start, in seconds."""
_LONGEST = 500
"""Characters of a server's message that are passed on."""

_Make = Callable[[str, str], FirstframeError]
"""Makes an error of the model's name and the server's message."""


def _invalid(model: str, details: str) -> FirstframeError:
    named = re.search(r"input '([^']+)'", details)
    field = named.group(1) if named else "inputs"
    return InvalidInput(f"{model} refused the request: {details}", metadata={"field": field, "model": model})


def _missing(model: str, details: str) -> FirstframeError:
    problem = f"{model} is not loaded at the model server: {details}"
    return NotFound(problem, reason="MODEL_NOT_FOUND", metadata={"model": model})


def _full(model: str, details: str) -> FirstframeError:
    return Exhausted(f"{model}: {details}; retry", reason="MODEL_QUEUE_FULL", metadata={"model": model})


def _late(model: str, details: str) -> FirstframeError:
    return DeadlineExceeded(f"{model} did not answer in time: {details}", metadata={"model": model})


def _cancelled(model: str, details: str) -> FirstframeError:
    return Cancelled(f"{model}: {details}", metadata={"model": model})


def _away(model: str, details: str) -> FirstframeError:
    problem = f"the model server cannot be reached: {details}"
    return Unavailable(problem, reason="MODEL_SERVER_UNAVAILABLE", metadata={"model": model}, retry_after_s=RESTART_S)


def _unhealthy(model: str, details: str) -> FirstframeError:
    return Unavailable(
        f"{model} is out of order: {details}",
        reason="MODEL_UNHEALTHY",
        metadata={"model": model},
        retry_after_s=RESTART_S,
    )


def _failed(model: str, details: str) -> FirstframeError:
    return Internal(f"{model}: {details}", reason="MODEL_FAILED", metadata={"model": model})


BY_STATUS: Mapping[grpc.StatusCode, _Make] = {
    grpc.StatusCode.OK: _failed,
    grpc.StatusCode.CANCELLED: _cancelled,
    grpc.StatusCode.UNKNOWN: _failed,
    grpc.StatusCode.INVALID_ARGUMENT: _invalid,
    grpc.StatusCode.DEADLINE_EXCEEDED: _late,
    grpc.StatusCode.NOT_FOUND: _missing,
    grpc.StatusCode.ALREADY_EXISTS: _failed,
    grpc.StatusCode.PERMISSION_DENIED: _failed,
    grpc.StatusCode.RESOURCE_EXHAUSTED: _full,
    grpc.StatusCode.FAILED_PRECONDITION: _failed,
    grpc.StatusCode.ABORTED: _away,
    grpc.StatusCode.OUT_OF_RANGE: _invalid,
    grpc.StatusCode.UNIMPLEMENTED: _failed,
    grpc.StatusCode.INTERNAL: _failed,
    grpc.StatusCode.UNAVAILABLE: _away,
    grpc.StatusCode.DATA_LOSS: _failed,
    grpc.StatusCode.UNAUTHENTICATED: _failed,
}
"""What each status means where Triton's wording says nothing more."""

BY_WORDING: Mapping[tuple[grpc.StatusCode, str], _Make] = {
    (grpc.StatusCode.UNAVAILABLE, "maximum queue size"): _full,
    (grpc.StatusCode.UNAVAILABLE, "timeout expired"): _full,
    (grpc.StatusCode.UNAVAILABLE, "unknown model"): _missing,
    (grpc.StatusCode.INTERNAL, "Stub process"): _unhealthy,
}
"""Triton has one status for several things; its wording tells them apart."""

_BY_NAME = {str(code): code for code in grpc.StatusCode}


def translate(error: InferenceServerException, model: str) -> FirstframeError:
    """The error to raise instead of the client library's.

    Args:
        error: What the library raised.
        model: The model that was asked for.
    """
    code = _BY_NAME.get(error.status() or "", grpc.StatusCode.UNKNOWN)
    details = _plain(error.message() or "no message")
    return _maker(code, details)(model, details)


def _plain(message: str) -> str:
    """Without the request's id and the general advice that Triton puts around what happened."""
    return re.sub(r"^\[request id: [^]]*\] ", "", message).split(" NOTE: ")[0].strip()[:_LONGEST]


def _maker(code: grpc.StatusCode, details: str) -> _Make:
    wordings = (make for (status, words), make in BY_WORDING.items() if status is code and words in details)
    return next(wordings, BY_STATUS[code])


def empty(model: str, problem: str) -> Internal:
    """`EMPTY_OUTPUT`."""
    return Internal(f"{model}: {problem}", reason="EMPTY_OUTPUT", metadata={"model": model})
