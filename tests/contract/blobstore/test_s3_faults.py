from __future__ import annotations

import socket
import threading

import pytest
from minio import Minio

from firstframe.core.errors import PermissionDenied, PreconditionFailed, Unavailable

from .conftest import s3_store


def test_a_missing_bucket_names_the_setting(s3_endpoint: str) -> None:
    with pytest.raises(PreconditionFailed) as caught:
        s3_store(s3_endpoint, "no-such-bucket").check()
    assert caught.value.reason == "STORE_NO_BUCKET"
    assert "STORE__S3_BUCKET" in caught.value.message


def test_wrong_keys_are_told_without_showing_them(s3_endpoint: str, s3_admin: Minio) -> None:
    s3_admin.make_bucket("keys")
    with pytest.raises(PermissionDenied) as caught:
        s3_store(s3_endpoint, "keys", secret="wrong-secret").put_bytes(b"x", "text/plain")
    assert caught.value.reason == "STORE_REFUSED"
    assert "wrong-secret" not in str(caught.value)


def test_a_server_that_is_away_is_unavailable_with_a_retry_hint() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        store = s3_store(f"127.0.0.1:{unused.getsockname()[1]}", "any")
        with pytest.raises(Unavailable) as caught:
            store.put_bytes(b"x", "text/plain")
    assert caught.value.reason == "STORE_UNAVAILABLE"
    assert caught.value.retry_after_s == 1


def test_a_server_that_hangs_up_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        stop = threading.Event()

        def hang_up() -> None:
            server.settimeout(0.2)
            while not stop.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                connection.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        try:
            with pytest.raises(Unavailable):
                s3_store(f"127.0.0.1:{server.getsockname()[1]}", "any").exists("sha256:" + "0" * 64)
        finally:
            stop.set()
            thread.join()
