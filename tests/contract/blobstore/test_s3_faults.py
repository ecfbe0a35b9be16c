"""What goes wrong with S3 becomes an error that names the setting to look at, and never a key."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from minio.commonconfig import CopySource

from firstframe.adapters.s3 import PART_BYTES, S3Store
from firstframe.adapters.stores import open_store
from firstframe.core.errors import (
    Conflict,
    FirstframeError,
    InvalidInput,
    PermissionDenied,
    PreconditionFailed,
    Unavailable,
)
from support.local_servers import S3Server

SECRET = "never-show-this-secret"


def store_at(endpoint: str) -> S3Store:
    return S3Server(endpoint, secret_key=SECRET).store("bucket")


@contextmanager
def answering(status: int, body: bytes, media_type: str = "application/xml") -> Iterator[S3Store]:
    """A store whose server gives one answer to everything and asks to be left alone for ten minutes."""

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Retry-After", "600")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield store_at(f"127.0.0.1:{server.server_address[1]}")
        finally:
            server.shutdown()
            thread.join()


def told(store: S3Store) -> FirstframeError:
    with pytest.raises(FirstframeError) as caught:
        store.put_record("ab" * 32, b"x")
    assert SECRET not in caught.value.message
    return caught.value


@pytest.mark.parametrize(
    ("status", "code", "kind", "reason", "words"),
    [
        (403, "AccessDenied", PermissionDenied, "STORE_REFUSED", "STORE__S3_ACCESS_KEY"),
        (403, "InvalidAccessKeyId", PermissionDenied, "STORE_REFUSED", "STORE__S3_ACCESS_KEY"),
        (403, "SignatureDoesNotMatch", PermissionDenied, "STORE_REFUSED", "STORE__S3_SECRET_KEY"),
        (403, "ACodeOfItsOwn", PermissionDenied, "STORE_REFUSED", "ACodeOfItsOwn"),
        (400, "ExpiredToken", PermissionDenied, "STORE_REFUSED", "STORE__S3_SECRET_KEY"),
        (404, "NoSuchBucket", PreconditionFailed, "STORE_NO_BUCKET", "STORE__S3_BUCKET"),
        (400, "AuthorizationHeaderMalformed", PreconditionFailed, "STORE_WRONG_REGION", "STORE__S3_REGION"),
        (403, "QuotaExceeded", PreconditionFailed, "STORE_FULL", "make room"),
        (403, "RequestTimeTooSkewed", PreconditionFailed, "STORE_CLOCK", "clock"),
        (503, "SlowDown", Unavailable, "STORE_UNAVAILABLE", "retry"),
        (400, "SomethingNew", Unavailable, "STORE_UNAVAILABLE", "SomethingNew"),
    ],
)
@pytest.mark.timeout(30)
def test_answers_become_errors(status: int, code: str, kind: type[FirstframeError], reason: str, words: str) -> None:
    """Also that a server that asks for ten minutes of patience holds nobody up."""
    body = f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode()
    with answering(status, body) as store:
        error = told(store)
    assert (type(error), error.reason) == (kind, reason)
    assert words in error.message


def test_a_server_of_another_kind_is_told_by_the_setting() -> None:
    with answering(404, b"<html>not here</html>", "text/html") as store:
        error = told(store)
    assert isinstance(error, Unavailable)
    assert "does not answer as S3 does; look at STORE__S3_ENDPOINT" in error.message


def test_a_missing_bucket_names_the_setting(s3_server: S3Server) -> None:
    store = s3_server.store("no-such-bucket")
    for call in (store.check, lambda: store.put_bytes(b"x", "text/plain")):
        with pytest.raises(PreconditionFailed) as caught:
            call()
        assert caught.value.reason == "STORE_NO_BUCKET"
        assert "STORE__S3_BUCKET" in caught.value.message


def test_a_bucket_is_made_when_that_is_asked_for(s3_server: S3Server) -> None:
    for _ in range(2):
        s3_server.store("made-when-asked", create_bucket=True).check()
    assert s3_server.client().bucket_exists("made-when-asked")


def test_wrong_keys_are_told_without_showing_them(s3_server: S3Server) -> None:
    s3_server.client().make_bucket("keys")
    for wrong in ({"secret_key": SECRET}, {"access_key": "nobody", "secret_key": SECRET}):
        error = told(s3_server.store("keys", **wrong))
        assert (type(error), error.reason) == (PermissionDenied, "STORE_REFUSED")


def test_tls_to_a_server_without_it_names_the_setting(s3_server: S3Server) -> None:
    error = told(s3_server.store("bucket", secure=True))
    assert (type(error), error.reason) == (PreconditionFailed, "STORE_TLS")
    assert "STORE__S3_SECURE" in error.message


def test_a_server_that_is_away_is_unavailable_with_a_retry_hint() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        error = told(store_at(f"127.0.0.1:{unused.getsockname()[1]}"))
    assert (type(error), error.reason, error.retry_after_s) == (Unavailable, "STORE_UNAVAILABLE", 1)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("s3_endpoint", "https://s3.example.com/path"),
        ("s3_endpoint", ""),
        ("s3_bucket", "Not A Bucket"),
        ("s3_bucket", ""),
        ("s3_access_key", ""),
        ("s3_secret_key", ""),
    ],
)
def test_malformed_settings_are_named(setting: str, value: str) -> None:
    good: dict[str, Any] = {
        "s3_endpoint": "127.0.0.1:1",
        "s3_bucket": "bucket",
        "s3_access_key": "a",
        "s3_secret_key": SECRET,
    }
    with pytest.raises(InvalidInput) as caught:
        open_store(kind="s3", folder=Path(), **(good | {setting: value}))
    assert caught.value.metadata == {"field": f"store.{setting}"}
    assert SECRET not in caught.value.message


@pytest.mark.parametrize("size", [1000, PART_BYTES + 1000], ids=["one part", "two parts"])
def test_a_file_that_changes_while_it_is_stored_is_not_stored(
    s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    bucket = f"changing-{size}"
    s3_server.client().make_bucket(bucket)
    store, source = s3_server.store(bucket), tmp_path / "source"
    source.write_bytes(bytes(size))
    holds = store._holds

    def change(name: str, size_bytes: int) -> bool:
        with source.open("r+b") as out:
            out.write(b"changed")
        return holds(name, size_bytes)

    monkeypatch.setattr(store, "_holds", change)
    with pytest.raises(Conflict, match="changed while it was being stored"):
        store.put_file(source, "text/plain")
    assert list(s3_server.client().list_objects(bucket, recursive=True)) == []


def test_what_was_damaged_is_kept_aside(s3_server: S3Server) -> None:
    admin = s3_server.client()
    admin.make_bucket("aside")
    store = s3_server.store("aside")
    stored = store.put_bytes(b"right", "text/plain")
    name = stored.digest.removeprefix("sha256:")
    admin.copy_object("aside", f"blobs/sha256/{name}", CopySource("aside", _other(store)))
    with pytest.raises(FirstframeError, match="lies under corrupt/"):
        store.get_bytes(stored.digest, max_bytes=10)
    assert admin.get_object("aside", f"corrupt/{name}").data == b"other"


def _other(store: S3Store) -> str:
    return "blobs/sha256/" + store.put_bytes(b"other", "text/plain").digest.removeprefix("sha256:")
