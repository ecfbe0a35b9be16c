"""Copies the release's bucket into a folder and back, from a pod that has its settings.

`kubectl exec -i deploy/ff-client -- python3 - save FOLDER < scripts/mirror_bucket.py`; `restore` puts everything there again,
`wipe` empties the bucket. Prints the number of objects. For a cluster of one: S3 servers of your own have better ways.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from minio import Minio

PREFIX = "FIRSTFRAME_CLI_STORE__S3_"


def main() -> None:
    """Does what the arguments say."""
    what, folder = sys.argv[1], Path(sys.argv[2])
    setting = {name.removeprefix(PREFIX): value for name, value in os.environ.items() if name.startswith(PREFIX)}
    secure = setting.get("SECURE", "true").lower() in ("true", "1")
    client = Minio(
        setting["ENDPOINT"], setting["ACCESS_KEY"], setting["SECRET_KEY"], secure=secure, region=setting["REGION"]
    )
    print({"save": save, "restore": restore, "wipe": wipe}[what](client, setting["BUCKET"], folder))  # noqa: T201


def save(client: Minio, bucket: str, folder: Path) -> int:
    """Every object as a file, its media type in a file beside it."""
    names = [item.object_name for item in client.list_objects(bucket, recursive=True)]
    for name in names:
        client.fget_object(bucket, name, str(folder / "objects" / name))
        kind = folder / "types" / name
        kind.parent.mkdir(parents=True, exist_ok=True)
        kind.write_text(client.stat_object(bucket, name).content_type)
    return len(names)


def restore(client: Minio, bucket: str, folder: Path) -> int:
    """Every file as an object."""
    files = [path for path in sorted((folder / "objects").rglob("*")) if path.is_file()]
    for path in files:
        name = str(path.relative_to(folder / "objects"))
        client.fput_object(bucket, name, str(path), content_type=(folder / "types" / name).read_text())
    return len(files)


def wipe(client: Minio, bucket: str, _: Path) -> int:
    """Nothing is left."""
    names = [item.object_name for item in client.list_objects(bucket, recursive=True)]
    for name in names:
        client.remove_object(bucket, name)
    return len(names)


if __name__ == "__main__":
    main()
