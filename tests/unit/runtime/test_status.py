from __future__ import annotations

from collections.abc import Iterator

import grpc
import pytest
from google.rpc import error_details_pb2

from firstframe.core import errors
from firstframe.runtime.status import CLASSES, CODES, DETAILS_KEY, code_of, from_rpc_error, to_status


def all_classes(base: type[errors.FirstframeError] = errors.FirstframeError) -> Iterator[type[errors.FirstframeError]]:
    for kind in base.__subclasses__():
        if kind.__module__ == errors.__name__:
            yield kind
            yield from all_classes(kind)


CLASSES_OF_CORE = list(all_classes())


def rpc_error(error: errors.FirstframeError) -> grpc.aio.AioRpcError:
    """What a client sees of an error."""
    details = grpc.aio.Metadata((DETAILS_KEY, to_status(error).SerializeToString()))
    return grpc.aio.AioRpcError(code_of(error), grpc.aio.Metadata(), details, details=error.message)


def test_every_error_has_a_code_of_its_own() -> None:
    assert set(CODES) == set(CLASSES_OF_CORE)
    assert len(set(CODES.values())) == len(CODES)


def test_every_code_but_ok_has_a_class() -> None:
    assert set(CLASSES) == set(grpc.StatusCode) - {grpc.StatusCode.OK}


@pytest.mark.parametrize("kind", CLASSES_OF_CORE)
def test_an_error_survives_the_wire(kind: type[errors.FirstframeError]) -> None:
    sent = kind("what happened", reason="SOME_REASON", metadata={"field": "a.b"}, retry_after_s=1.25)
    got = from_rpc_error(rpc_error(sent))
    assert type(got) is kind
    assert (got.message, got.reason, got.metadata, got.retry_after_s) == (
        "what happened",
        "SOME_REASON",
        {"field": "a.b"},
        1.25,
    )


@pytest.mark.parametrize("kind", CLASSES_OF_CORE)
def test_no_retry_hint_stays_none(kind: type[errors.FirstframeError]) -> None:
    sent = kind("x")
    sent.retry_after_s = None
    assert from_rpc_error(rpc_error(sent)).retry_after_s is None


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.InvalidInput, grpc.StatusCode.INVALID_ARGUMENT),
        (errors.Exhausted, grpc.StatusCode.RESOURCE_EXHAUSTED),
        (errors.Unavailable, grpc.StatusCode.UNAVAILABLE),
        (errors.DeadlineExceeded, grpc.StatusCode.DEADLINE_EXCEEDED),
        (errors.DataCorrupted, grpc.StatusCode.DATA_LOSS),
        (errors.PreconditionFailed, grpc.StatusCode.FAILED_PRECONDITION),
        (errors.NotFound, grpc.StatusCode.NOT_FOUND),
        (errors.Conflict, grpc.StatusCode.ABORTED),
        (errors.Cancelled, grpc.StatusCode.CANCELLED),
        (errors.Internal, grpc.StatusCode.INTERNAL),
    ],
)
def test_codes_are_those_of_the_contract(kind: type[errors.FirstframeError], code: grpc.StatusCode) -> None:
    assert CODES[kind] is code


def test_a_wrong_field_is_told_in_three_ways() -> None:
    status = to_status(errors.InvalidInput.at("size.width_px", "is odd", "use an even number"))
    info, request = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    assert status.details[0].Unpack(info)
    assert status.details[1].Unpack(request)
    assert (info.reason, info.domain, dict(info.metadata)) == (
        "INVALID_FIELD",
        "firstframe.dev",
        {"field": "size.width_px"},
    )
    assert request.field_violations[0].field == "size.width_px"
    assert status.message == "size.width_px: is odd; use an even number"


def test_what_grpc_itself_raises_is_understood() -> None:
    gone = grpc.aio.AioRpcError(
        grpc.StatusCode.UNAVAILABLE, grpc.aio.Metadata(), grpc.aio.Metadata(), details="connection refused"
    )
    got = from_rpc_error(gone)
    assert type(got) is errors.Unavailable
    assert got.message == "connection refused"
    assert got.retry_after_s == 0.2


def test_a_subclass_has_the_code_of_its_base() -> None:
    class Special(errors.NotFound):
        pass

    assert code_of(Special("x")) is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("details", [b"\xff\xff", "text"])
def test_details_that_are_not_ours_are_passed_over(details: bytes | str) -> None:
    trailing = grpc.aio.Metadata((DETAILS_KEY, details))
    got = from_rpc_error(grpc.aio.AioRpcError(grpc.StatusCode.NOT_FOUND, grpc.aio.Metadata(), trailing, "gone"))
    assert type(got) is errors.NotFound
    assert (got.message, got.reason) == ("gone", "NOT_FOUND")


def test_text_that_is_not_unicode_can_be_told() -> None:
    name = b"caf\xe9.png".decode(errors="surrogateescape")
    got = from_rpc_error(rpc_error(errors.NotFound(f"{name} is gone", metadata={"file": name})))
    assert got.message == "caf?.png is gone"
    assert got.metadata == {"file": "caf?.png"}


def test_a_status_fits_in_the_metadata_that_grpc_takes() -> None:
    error = errors.InvalidInput.at("brief", "ä" * 50_000)
    error.metadata["value"] = "ä" * 50_000
    assert to_status(error).ByteSize() < 4096
