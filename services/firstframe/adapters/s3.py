"""A BlobStore in an S3 bucket, through the `minio` client.

Keys: `blobs/sha256/<hex>`, `records/<key>`, and `corrupt/<hex>` for what was found damaged. A put of S3 is atomic: the object
is there as a whole or not at all, and so is one sent in parts. Rights that are needed: list the bucket, get, put and delete
objects.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

import urllib3
from minio import Minio
from minio.commonconfig import CopySource
from minio.error import S3Error
from urllib3 import BaseHTTPResponse

from firstframe.adapters.digests import MAX_RECORD_BYTES, check_record, digest_hex, record_key
from firstframe.adapters.files import CHUNK_BYTES, partial_file, write_errors, write_hashed
from firstframe.adapters.s3_errors import ERRORS, S3Place
from firstframe.core.errors import Conflict, DataCorrupted, FirstframeError, InvalidInput, NotFound
from firstframe.ports.blobstore import StoredArtifact

PART_BYTES = 16 << 20
"""Files that are larger are sent in parts."""
TRIES = 3
_BACKOFF_S = 0.2
_CONNECTIONS = 16
_PLAIN = "application/octet-stream"
_MADE_MEANWHILE = ("BucketAlreadyOwnedByYou", "BucketAlreadyExists")


class S3Store:
    """Artifacts in a bucket.

    Args:
        endpoint: `host:port` of the server.
        bucket: Name of the bucket.
        region: Region of the bucket; the server is asked when it is empty.
        access_key: Access key.
        secret_key: Secret key.
        secure: Whether the server speaks TLS.
        create_bucket: Whether `check` makes the bucket when it is missing.
        timeout_s: Bound on connecting and on each wait for bytes, in seconds; each call to the server is tried three times.

    Raises:
        InvalidInput: The endpoint or the name of the bucket is malformed.
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
        create_bucket: bool = False,
        timeout_s: float = 10.0,
    ) -> None:
        self._bucket = bucket
        self._create_bucket = create_bucket
        self._place = S3Place(endpoint, bucket)
        self._place.check()
        try:
            self._client = Minio(
                endpoint,
                access_key=access_key,
                secret_key=secret_key,
                region=region or None,
                secure=secure,
                http_client=_pool(timeout_s),
            )
        except ValueError as error:
            raise InvalidInput.at("store.s3_endpoint", f"{endpoint!r}: {error}", "use host:port") from error

    def put_bytes(self, data: bytes, media_type: str) -> StoredArtifact:
        """See `BlobStore.put_bytes`."""
        name = hashlib.sha256(data).hexdigest()
        if not self._holds(name, len(data)):
            self._put(_blob(name), io.BytesIO(data), len(data), media_type)
        return StoredArtifact(f"sha256:{name}", media_type, len(data))

    def put_file(self, path: Path, media_type: str) -> StoredArtifact:
        """See `BlobStore.put_file`. Also raises Conflict: the file changed meanwhile."""
        with path.open("rb") as source:
            name = hashlib.file_digest(source, "sha256").hexdigest()
            size = source.tell()
            if not self._holds(name, size):
                source.seek(0)
                self._put(_blob(name), cast(BinaryIO, _Checked(source, size, name)), size, media_type)
        return StoredArtifact(f"sha256:{name}", media_type, size)

    def get_bytes(self, digest: str, *, max_bytes: int) -> bytes:
        """See `BlobStore.get_bytes`."""
        with self._reading(_blob(digest_hex(digest)), digest) as response:
            size = int(response.headers["content-length"])
            if size > max_bytes:
                text = f"{digest} has {size} bytes, at most {max_bytes} are taken here; give a smaller file"
                raise InvalidInput(text, reason="ARTIFACT_TOO_LARGE", metadata={"digest": digest})
            with self._errors():
                data: bytes = response.read()
            if hashlib.sha256(data).hexdigest() != digest_hex(digest):
                raise self._damaged(digest, response)
        return data

    def fetch(self, digest: str, target: Path) -> None:
        """See `BlobStore.fetch`. Also raises PreconditionFailed: `TARGET_FULL`, `TARGET_NOT_WRITABLE`."""
        with (
            self._reading(_blob(digest_hex(digest)), digest) as response,
            write_errors("the folder", target.parent, "TARGET"),
            partial_file(target.parent) as (out, publish),
        ):
            if write_hashed(self._chunks(response), out) != digest_hex(digest):
                raise self._damaged(digest, response)
            publish(target)

    def exists(self, digest: str) -> bool:
        """See `BlobStore.exists`."""
        return self._size(digest_hex(digest)) is not None

    def put_record(self, key: str, data: bytes) -> None:
        """See `BlobStore.put_record`."""
        name = f"records/{record_key(key)}"
        check_record(data)
        self._put(name, io.BytesIO(data), len(data), _PLAIN)

    def get_record(self, key: str) -> bytes | None:
        """See `BlobStore.get_record`."""
        name = f"records/{record_key(key)}"
        try:
            with self._reading(name, key) as response, self._errors():
                data: bytes = response.read(MAX_RECORD_BYTES)
                return data
        except NotFound:
            return None

    def check(self) -> None:
        """See `BlobStore.check`."""
        with self._errors():
            if not self._client.bucket_exists(self._bucket):
                self._make_bucket()
        self._put("check", io.BytesIO(b""), 0, _PLAIN)

    def _make_bucket(self) -> None:
        if not self._create_bucket:
            raise self._place.no_bucket()
        try:
            self._client.make_bucket(self._bucket)
        except S3Error as error:
            if error.code not in _MADE_MEANWHILE:
                raise

    def _size(self, name: str) -> int | None:
        """Size of a blob in bytes, None when it is not there."""
        try:
            with self._errors():
                size: int | None = self._client.stat_object(self._bucket, _blob(name)).size
        except NotFound:
            return None
        return size

    def _holds(self, name: str, size_bytes: int) -> bool:
        return self._size(name) == size_bytes

    def _put(self, name: str, data: BinaryIO, size: int, media_type: str) -> None:
        with self._errors():
            self._client.put_object(self._bucket, name, data, size, content_type=media_type, part_size=PART_BYTES)

    @contextmanager
    def _reading(self, name: str, what: str) -> Iterator[BaseHTTPResponse]:
        with self._errors(what):
            response = self._client.get_object(self._bucket, name)
        try:
            yield response
        finally:
            response.close()
            response.release_conn()

    def _chunks(self, response: BaseHTTPResponse) -> Iterator[bytes]:
        with self._errors():
            yield from response.stream(CHUNK_BYTES)

    @contextmanager
    def _errors(self, what: str = "the object") -> Iterator[None]:
        try:
            yield
        except ERRORS as error:
            raise self._place.translate(error, what) from error

    def _damaged(self, digest: str, response: BaseHTTPResponse) -> DataCorrupted:
        """Puts the damaged blob that was read aside, so that it can be made again, and says so.

        One that somebody has made again since is left where it is. A bucket that cannot be written keeps the blob.
        """
        name = digest_hex(digest)
        text = f"{digest} in the bucket {self._bucket} did not match its digest; make it again"
        with suppress(FirstframeError, ValueError), self._errors():
            etag = response.headers.get("etag", "").strip('"')
            source = CopySource(self._bucket, _blob(name), match_etag=etag)
            self._client.copy_object(self._bucket, f"corrupt/{name}", source)
            self._client.remove_object(self._bucket, _blob(name))
            text += ", what was there lies under corrupt/"
        return DataCorrupted(text, metadata={"digest": digest})


class _Checked:
    """A file that refuses to end with other bytes than it had when it was named, so that the upload is given up."""

    def __init__(self, source: BinaryIO, size: int, name: str) -> None:
        self._source = source
        self._left = size
        self._name = name
        self._hasher = hashlib.sha256()

    def read(self, size: int) -> bytes:
        """At most `size` bytes.

        Raises:
            Conflict: The last byte is reached and the digest is another one.
        """
        data = self._source.read(min(size, self._left))
        self._hasher.update(data)
        self._left -= len(data)
        if (not data or not self._left) and self._hasher.hexdigest() != self._name:
            raise Conflict("the file changed while it was being stored; store it again when nobody writes it")
        return data


def _pool(timeout_s: float) -> urllib3.PoolManager:
    """Connections with bounded waits. A server's `Retry-After` is not obeyed: it may ask for minutes."""
    retries = urllib3.Retry(
        total=TRIES - 1,
        backoff_factor=_BACKOFF_S,
        status_forcelist=(500, 502, 503, 504),
        respect_retry_after_header=False,
        redirect=False,
    )
    timeout = urllib3.Timeout(connect=timeout_s, read=timeout_s)
    return urllib3.PoolManager(
        timeout=timeout, retries=retries, maxsize=_CONNECTIONS, ca_certs=os.environ.get("SSL_CERT_FILE")
    )


def _blob(name: str) -> str:
    return f"blobs/sha256/{name}"
