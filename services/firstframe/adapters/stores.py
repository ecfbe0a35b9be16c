"""Opens the store that the settings name."""

from __future__ import annotations

from pathlib import Path

from firstframe.adapters.local_folder import LocalFolderStore
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
) -> BlobStore:
    """A local folder (`folder`) or an S3 bucket (`s3`).

    Raises:
        InvalidInput: The kind is unknown, or a value that it needs is missing.
        PreconditionFailed: The folder cannot be used.
    """
    if kind == "folder":
        return LocalFolderStore(folder)
    if kind == "s3":
        from firstframe.adapters.s3 import S3Store

        return S3Store(
            endpoint=s3_endpoint,
            bucket=s3_bucket,
            region=s3_region,
            access_key=s3_access_key,
            secret_key=s3_secret_key,
            secure=s3_secure,
        )
    raise InvalidInput.at("store.kind", f"{kind!r} is not a kind of store", "use folder or s3")
