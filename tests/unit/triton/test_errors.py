from __future__ import annotations

import grpc
import pytest
from tritonclient.utils import InferenceServerException

from firstframe.adapters.triton.errors import BY_STATUS, BY_WORDING, translate
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

REASONS: dict[type[FirstframeError], set[str]] = {
    NotFound: {"MODEL_NOT_FOUND"},
    InvalidInput: {"INVALID_FIELD"},
    Exhausted: {"MODEL_QUEUE_FULL"},
    DeadlineExceeded: {"DEADLINE_EXCEEDED"},
    Cancelled: {"CANCELLED"},
    Unavailable: {"MODEL_SERVER_UNAVAILABLE", "MODEL_UNHEALTHY"},
    Internal: {"MODEL_FAILED", "EMPTY_OUTPUT"},
}
"""What the port promises."""
EXPECTED: dict[grpc.StatusCode, type[FirstframeError]] = {
    grpc.StatusCode.CANCELLED: Cancelled,
    grpc.StatusCode.INVALID_ARGUMENT: InvalidInput,
    grpc.StatusCode.OUT_OF_RANGE: InvalidInput,
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineExceeded,
    grpc.StatusCode.NOT_FOUND: NotFound,
    grpc.StatusCode.RESOURCE_EXHAUSTED: Exhausted,
    grpc.StatusCode.UNAVAILABLE: Unavailable,
    grpc.StatusCode.ABORTED: Unavailable,
}


def raised(code: grpc.StatusCode, message: str = "it said so") -> FirstframeError:
    return translate(InferenceServerException(message, status=str(code)), "matting")


@pytest.mark.parametrize("code", grpc.StatusCode)
def test_every_status_becomes_an_error_of_the_port(code: grpc.StatusCode) -> None:
    error = raised(code)

    assert type(error) is EXPECTED.get(code, Internal)
    assert error.reason in REASONS[type(error)]
    assert error.metadata["model"] == "matting"
    assert "it said so" in error.message


def test_the_table_has_every_status_and_no_other() -> None:
    assert set(BY_STATUS) == set(grpc.StatusCode)


@pytest.mark.parametrize(
    ("code", "message", "kind", "reason"),
    [
        (grpc.StatusCode.UNAVAILABLE, "Exceeds maximum queue size", Exhausted, "MODEL_QUEUE_FULL"),
        (grpc.StatusCode.UNAVAILABLE, "Request timeout expired", Exhausted, "MODEL_QUEUE_FULL"),
        (
            grpc.StatusCode.UNAVAILABLE,
            "Request for unknown model: 'x' has no available versions",
            NotFound,
            "MODEL_NOT_FOUND",
        ),
        (grpc.StatusCode.UNAVAILABLE, "failed to connect to all addresses", Unavailable, "MODEL_SERVER_UNAVAILABLE"),
        (grpc.StatusCode.INTERNAL, "Stub process 'x' is not healthy.", Unavailable, "MODEL_UNHEALTHY"),
        (grpc.StatusCode.INTERNAL, "division by zero", Internal, "MODEL_FAILED"),
        (grpc.StatusCode.INVALID_ARGUMENT, "Stub process", InvalidInput, "INVALID_FIELD"),
    ],
)
def test_wording_tells_apart_what_shares_a_status(
    code: grpc.StatusCode, message: str, kind: type[FirstframeError], reason: str
) -> None:
    error = raised(code, message)

    assert (type(error), error.reason) == (kind, reason)


def test_only_what_may_help_to_repeat_has_a_hint() -> None:
    hints = {kind: raised(code).retry_after_s for code, kind in EXPECTED.items()}

    assert {kind for kind, hint in hints.items() if hint} == {Exhausted, Unavailable, DeadlineExceeded}
    assert raised(grpc.StatusCode.INTERNAL).retry_after_s is None


def test_every_wording_is_of_a_status_that_means_something_else_without_it() -> None:
    for (code, words), make in BY_WORDING.items():
        assert make is not BY_STATUS[code], words


def test_the_field_is_taken_from_the_message() -> None:
    text = (
        "[request id: 7] unexpected shape for input 'x' for model 'matting'. Expected [3], got [4]. NOTE: long advice"
    )

    error = raised(grpc.StatusCode.INVALID_ARGUMENT, text)

    assert error.metadata["field"] == "x"
    assert error.message.endswith("Expected [3], got [4].")
    assert "request id" not in error.message


def test_a_status_that_grpc_does_not_know_is_a_failure() -> None:
    assert translate(InferenceServerException("odd"), "matting").reason == "MODEL_FAILED"
