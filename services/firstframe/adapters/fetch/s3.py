"""Files of a bucket: `s3://bucket/prefix`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import urllib3
from minio import Minio
from minio.error import S3Error

from firstframe.adapters.fetch.part import Part
from firstframe.adapters.s3_errors import ERRORS, S3Place
from firstframe.core.errors import InvalidInput, Unavailable

TRIES = 4
"""Connections for one file; each goes on where the last one ended."""
CHUNK_BYTES = 1 << 16
"""Small: what was read of a piece is lost when the connection is cut."""
_TIMEOUT_S = 30.0


class S3Files:
    """The files below a prefix of a bucket.

    Args:
        url: `s3://bucket/prefix`.
        endpoint: `host:port` of the server.
        region: Region of the bucket; the server is asked when it is empty.
        access_key: Access key; empty for a bucket that everybody may read.
        secret_key: Secret key.
        secure: Whether the server speaks TLS.

    Raises:
        InvalidInput: The endpoint or the name of the bucket is malformed.
    """

    def __init__(
        self,
        url: str,
        *,
        endpoint: str,
        region: str = "",
        access_key: str = "",
        secret_key: str = "",
        secure: bool = True,
    ) -> None:
        parts = urlsplit(url)
        self._bucket, self._prefix = parts.netloc, parts.path.strip("/")
        self._place = S3Place(endpoint, self._bucket)
        self._place.check()
        try:
            self._client = Minio(
                endpoint,
                access_key=access_key or None,
                secret_key=secret_key or None,
                region=region or None,
                secure=secure,
                http_client=_pool(),
            )
        except ValueError as error:
            raise InvalidInput.at("store.s3_endpoint", f"{endpoint!r}: {error}", "use host:port") from error

    def fetch(self, name: str, target: Path, *, size_bytes: int, report: Callable[[int], None]) -> bool:
        """Fetches one object; bytes of an earlier call are kept while its ETag is the same.

        Raises:
            NotFound: `ARTIFACT_NOT_FOUND`.
            PermissionDenied: `STORE_REFUSED`.
            PreconditionFailed: `STORE_NO_BUCKET` and others of the store; `DISK_FULL` or `DISK_NOT_WRITABLE`.
            Unavailable: `STORE_UNAVAILABLE`; what was fetched is kept for the next call.
            DataCorrupted: `DOWNLOAD_WRONG_SIZE`.
        """
        key = f"{self._prefix}/{name}".strip("/")
        part = Part(target, f"s3://{self._bucket}/{key}", size_bytes, report)
        with self._errors(name):
            continued = self._fetch(key, part)
        part.finish()
        return continued

    def _fetch(self, key: str, part: Part) -> bool:
        about = self._client.stat_object(self._bucket, key)
        part.check_size(about.size or 0)
        etag = about.etag or ""
        continued = part.held > 0 and part.validator == etag
        if not continued:
            part.start(etag)
        for left in reversed(range(TRIES)):
            try:
                self._go_on(key, etag, part)
            except (urllib3.exceptions.HTTPError, S3Error) as error:
                if not left or (isinstance(error, S3Error) and error.response.status < 500):
                    raise
                continued = True
            else:
                break
        return continued

    def _go_on(self, key: str, etag: str, part: Part) -> None:
        if part.whole:
            return
        condition: dict[str, str | list[str] | tuple[str]] = {"If-Match": f'"{etag}"'}
        response = self._client.get_object(self._bucket, key, offset=part.held, request_headers=condition)
        try:
            part.append(response.stream(CHUNK_BYTES))
        finally:
            response.close()
            response.release_conn()

    @contextmanager
    def _errors(self, name: str) -> Iterator[None]:
        try:
            yield
        except S3Error as error:
            if error.code == "PreconditionFailed":
                text = f"{name} in the bucket {self._bucket} changed while it was fetched; pull again"
                raise Unavailable(text, reason="STORE_UNAVAILABLE") from error
            raise self._place.translate(error, name) from error
        except ERRORS as error:
            raise self._place.translate(error, name) from error


def _pool() -> urllib3.PoolManager:
    """Connections with bounded waits; what fails is tried again by `S3Files`, which knows how much is here."""
    timeout = urllib3.Timeout(connect=_TIMEOUT_S, read=_TIMEOUT_S)
    retries = urllib3.Retry(total=2, backoff_factor=0.5, redirect=False, respect_retry_after_header=False)
    return urllib3.PoolManager(timeout=timeout, retries=retries, ca_certs=os.environ.get("SSL_CERT_FILE"))
