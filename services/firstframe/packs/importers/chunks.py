"""Puts a file together that an npm package holds in pieces, as `@imgly/background-removal-data` does.

`resources.json` of such a package maps names to pieces; a piece is a file named by its own SHA-256, with the range of bytes
`[from, to)` that it is.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from firstframe.core.errors import DataCorrupted, InvalidInput
from firstframe.packs.importers import Options

RESOURCES = "resources.json"
_OPTIONS = frozenset({"resource", "file", "sha256"})


class _Chunk(BaseModel):
    hash: str
    offsets: tuple[int, int]


class _Resource(BaseModel):
    size: int = Field(gt=0)
    chunks: tuple[_Chunk, ...] = Field(min_length=1)


def join_chunks(downloads: Mapping[str, Path], target: Path, options: Options) -> None:
    """The importer `imgly-chunks`.

    Args:
        downloads: `resources.json`, and every piece by its name.
        target: Where the file goes.
        options: `resource` in `resources.json`, name of the `file`, and its `sha256`.

    Raises:
        InvalidInput: An option or a download is missing.
        DataCorrupted: `IMPORT_FAILED`, the pieces do not make the file.
    """
    resource, file, sha256 = _read_options(options)
    described = _read_resource(downloads, resource)
    path = target / file
    with path.open("wb") as out:
        for chunk in sorted(described.chunks, key=lambda chunk: chunk.offsets):
            _append(out, chunk, downloads)
    _check(path, described.size, sha256)


def _read_options(options: Options) -> tuple[str, str, str]:
    if set(options) != _OPTIONS:
        raise InvalidInput.at(
            "importer.options", f"are {', '.join(options) or 'none'}", "give resource, file and sha256"
        )
    return str(options["resource"]), str(options["file"]), str(options["sha256"])


def _read_resource(downloads: Mapping[str, Path], resource: str) -> _Resource:
    try:
        described = json.loads(_download(downloads, RESOURCES).read_bytes())
        return TypeAdapter(dict[str, _Resource]).validate_python(described)[resource]
    except KeyError as error:
        raise InvalidInput.at("importer.options.resource", f"{RESOURCES} has no {resource}") from error
    except (ValueError, ValidationError) as error:
        raise _failed(f"{RESOURCES} is not what it was: {error}") from error


def _append(out: BinaryIO, chunk: _Chunk, downloads: Mapping[str, Path]) -> None:
    if chunk.offsets[0] != out.tell():
        raise _failed(f"there is a gap before byte {chunk.offsets[0]}")
    with _download(downloads, chunk.hash).open("rb") as source:
        shutil.copyfileobj(source, out)
    if chunk.offsets[1] != out.tell():
        raise _failed(f"the piece {chunk.hash} has another size than {RESOURCES} says")


def _check(path: Path, size: int, sha256: str) -> None:
    with path.open("rb") as source:
        found = hashlib.file_digest(source, "sha256").hexdigest()
    if path.stat().st_size != size or found != sha256:
        raise _failed(f"the pieces make a file of {path.stat().st_size} bytes with SHA-256 {found}, not {sha256}")


def _download(downloads: Mapping[str, Path], name: str) -> Path:
    if name not in downloads:
        raise InvalidInput.at("downloads", f"lack {name}", f"list every piece that {RESOURCES} names")
    return downloads[name]


def _failed(problem: str) -> DataCorrupted:
    return DataCorrupted(f"importer imgly-chunks: {problem}", reason="IMPORT_FAILED")
