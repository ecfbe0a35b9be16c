"""A BlobStore in an S3 bucket, through the `minio` client. Keys: `blobs/sha256/<hex>` and `records/<key>`."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error

from firstframe.adapters.digests import digest_hex, record_key
from firstframe.core.errors import (
    DataCorrupted,
    FirstframeError,
    InvalidInput,
    NotFound,
    PermissionDenied,
    PreconditionFailed,
    Unavailable,
)
from firstframe.ports.blobstore import StoredArtifact

CHUNK_BYTES = 1 << 20
PART_BYTES = 16 << 20
"""Files that are larger are sent in parts."""
MAX_RECORD_BYTES = 1 << 20
_MISSING = ("NoSuchKey", "NoSuchObject", "NotFound")
_REFUSED = ("AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch")


class S3Store:
    """Artifacts in a bucket that exists.

    Args:
        endpoint: `host:port` of the server.
        bucket: Name of the bucket.
        region: Region of the bucket.
        access_key: Access key.
        secret_key: Secret key.
        secure: Whether the server speaks TLS.
        timeout_s: Bound on connecting and on each read, in seconds; three tries are made.
    """

    def __init__(
        self,
        *,
        endpoint: str,
        bucket: str,
        region: str,
        access_key: str,
        secret_key: str,
        secure: bool = True,
        timeout_s: float = 10.0,
    ) -> None:
        self._endpoint = endpoint
        self._bucket = bucket
        retries = urllib3.Retry(total=2, backoff_factor=0.2, status_forcelist=(500, 502, 503, 504))
        pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=timeout_s, read=timeout_s), retries=retries, maxsize=16
        )
        self._client = Minio(
            endpoint, access_key=access_key, secret_key=secret_key, region=region, secure=secure, http_client=pool
        )

    def put_bytes(self, data: bytes, media_type: str) -> StoredArtifact:
        """See `BlobStore.put_bytes`."""
        digest = hashlib.sha256(data).hexdigest()
        if not self._has(_blob(digest)):
            self._put(_blob(digest), data, media_type)
        return StoredArtifact(f"sha256:{digest}", media_type, len(data))

    def put_file(self, path: Path, media_type: str) -> StoredArtifact:
        """See `BlobStore.put_file`."""
        with path.open("rb") as source:
            digest = hashlib.file_digest(source, "sha256").hexdigest()
            size = os.fstat(source.fileno()).st_size
        if not self._has(_blob(digest)):
            with self._errors():
                self._client.fput_object(
                    self._bucket, _blob(digest), str(path), content_type=media_type, part_size=PART_BYTES
                )
        return StoredArtifact(f"sha256:{digest}", media_type, size)

    def get_bytes(self, digest: str, *, max_bytes: int) -> bytes:
        """See `BlobStore.get_bytes`."""
        with self._reading(_blob(digest_hex(digest)), digest) as response:
            size = int(response.headers.get("content-length", 0))
            if size > max_bytes:
                text = f"{digest} has {size} bytes, at most {max_bytes} are taken here"
                raise InvalidInput(text, reason="ARTIFACT_TOO_LARGE", metadata={"digest": digest})
            data: bytes = response.read()
        if hashlib.sha256(data).hexdigest() != digest_hex(digest):
            raise self._damaged(digest)
        return data

    def fetch(self, digest: str, target: Path) -> None:
        """See `BlobStore.fetch`."""
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".partial-")
        try:
            with os.fdopen(handle, "wb") as out, self._reading(_blob(digest_hex(digest)), digest) as response:
                hasher = hashlib.sha256()
                for chunk in response.stream(CHUNK_BYTES):
                    hasher.update(chunk)
                    out.write(chunk)
                os.fchmod(out.fileno(), 0o644)
                out.flush()
                os.fsync(out.fileno())
            if hasher.hexdigest() != digest_hex(digest):
                raise self._damaged(digest)
            Path(name).replace(target)
        except BaseException:
            with suppress(FileNotFoundError):
                Path(name).unlink()
            raise

    def exists(self, digest: str) -> bool:
        """See `BlobStore.exists`."""
        return self._has(_blob(digest_hex(digest)))

    def put_record(self, key: str, data: bytes) -> None:
        """See `BlobStore.put_record`."""
        if len(data) > MAX_RECORD_BYTES:
            raise InvalidInput.at("record", f"has {len(data)} bytes", f"at most {MAX_RECORD_BYTES} are kept")
        self._put(f"records/{record_key(key)}", data, "application/octet-stream")

    def get_record(self, key: str) -> bytes | None:
        """See `BlobStore.get_record`."""
        try:
            with self._reading(f"records/{record_key(key)}", key) as response:
                data: bytes = response.read()
                return data
        except NotFound:
            return None

    def check(self) -> None:
        """See `BlobStore.check`."""
        with self._errors():
            if not self._client.bucket_exists(self._bucket):
                raise self._no_bucket()
        self._put("check", b"", "application/octet-stream")

    def _has(self, name: str) -> bool:
        try:
            with self._errors():
                self._client.stat_object(self._bucket, name)
        except NotFound:
            return False
        return True

    def _put(self, name: str, data: bytes, media_type: str) -> None:
        with self._errors():
            self._client.put_object(self._bucket, name, io.BytesIO(data), len(data), content_type=media_type)

    @contextmanager
    def _reading(self, name: str, what: str) -> Iterator[Any]:
        with self._errors(what):
            response = self._client.get_object(self._bucket, name)
            try:
                yield response
            finally:
                response.close()
                response.release_conn()

    @contextmanager
    def _errors(self, what: str = "the object") -> Iterator[None]:
        try:
            yield
        except S3Error as error:
            raise self._s3_error(error, what) from error
        except (urllib3.exceptions.HTTPError, MinioException, OSError) as error:
            text = f"the S3 server {self._endpoint} cannot be reached ({type(error).__name__}); retry, and look at its state"
            raise Unavailable(text, reason="STORE_UNAVAILABLE", retry_after_s=1) from error

    def _s3_error(self, error: S3Error, what: str) -> FirstframeError:
        code = error.code or ""
        if code in _MISSING:
            text = f"{what} is not in the bucket {self._bucket}"
            return NotFound(text, reason="ARTIFACT_NOT_FOUND", metadata={"digest": what})
        if code == "NoSuchBucket":
            return self._no_bucket()
        if code in _REFUSED:
            text = f"{self._endpoint} refuses the keys ({code}); look at STORE__S3_ACCESS_KEY and STORE__S3_SECRET_KEY"
            return PermissionDenied(text, reason="STORE_REFUSED")
        text = f"the S3 server {self._endpoint} answered {code}; retry, and look at its logs"
        return Unavailable(text, reason="STORE_UNAVAILABLE", retry_after_s=1)

    def _no_bucket(self) -> PreconditionFailed:
        text = f"{self._endpoint} has no bucket {self._bucket!r}; make it, or set STORE__S3_BUCKET to one that exists"
        return PreconditionFailed(text, reason="STORE_NO_BUCKET")

    def _damaged(self, digest: str) -> DataCorrupted:
        """Removes a damaged blob, so that it can be made again, and says so."""
        with self._errors():
            self._client.remove_object(self._bucket, _blob(digest_hex(digest)))
        text = f"{digest} in the bucket {self._bucket} did not match its digest; it was removed, make it again"
        return DataCorrupted(text, metadata={"digest": digest})


def _blob(digest: str) -> str:
    return f"blobs/sha256/{digest}"
