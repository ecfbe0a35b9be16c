"""Opens the store that the settings name."""

from __future__ import annotations

from pathlib import Path

from firstframe.adapters.local_folder import LocalFolderStore
from firstframe.adapters.traced_store import TracedStore
from firstframe.core.errors import InvalidInput
from firstframe.ports.blobstore import BlobStore


def open_store(
    *,
    kind: str,
    folder: Path,
    s3_endpoint: str = "",
    s3_bucket: str = "",
    s3_region: str = "",
    s3_access_key: str = "",
    s3_secret_key: str = "",
    s3_secure: bool = True,
    s3_create_bucket: bool = False,
) -> BlobStore:
    """A local folder (`folder`) or an S3 bucket (`s3`).

    Args:
        kind: `folder` or `s3`.
        folder: Folder of the artifacts.
        s3_endpoint: `host:port` of the S3 server.
        s3_bucket: Bucket.
        s3_region: Region of the bucket; the server is asked when it is empty.
        s3_access_key: Access key.
        s3_secret_key: Secret key.
        s3_secure: Whether the S3 server speaks TLS.
        s3_create_bucket: Whether `check` makes a missing bucket.

    Raises:
        InvalidInput: The kind is unknown, or a value that it needs is missing or malformed.
        PreconditionFailed: The folder cannot be used.
    """
    if kind == "folder":
        return TracedStore(LocalFolderStore(folder), kind)
    if kind == "s3":
        given = {"endpoint": s3_endpoint, "bucket": s3_bucket, "access_key": s3_access_key, "secret_key": s3_secret_key}
        for name, value in given.items():
            if not value:
                raise InvalidInput.at(f"store.s3_{name}", "is not set", "kind s3 needs it")
        from firstframe.adapters.s3 import S3Store

        store = S3Store(
            endpoint=s3_endpoint,
            bucket=s3_bucket,
            region=s3_region,
            access_key=s3_access_key,
            secret_key=s3_secret_key,
            secure=s3_secure,
            create_bucket=s3_create_bucket,
        )
        return TracedStore(store, kind)
    raise InvalidInput.at("store.kind", f"{kind!r} is not a kind of store", "use folder or s3")
