"""Photographs that a brief names: looked at before anything starts, named by their digest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from firstframe.api.media.v1 import artifact_pb2
from firstframe.cli.fields import Fields
from firstframe.cli.problems import did_you_mean
from firstframe.core.errors import InvalidInput
from firstframe.core.media import PixelSize, same_shape
from firstframe.core.sets import MAX_PICTURE_BYTES


@dataclass(frozen=True, slots=True)
class Photograph:
    """A photograph on this machine that a hero is made of."""

    path: Path
    reference: artifact_pb2.ArtifactRef
    size: PixelSize
    """As it is shown: with its orientation applied; nothing by nothing for a model."""


def examine(folder: Path, words: str) -> Photograph:
    """Checks the photograph at a path relative to `folder` without decoding its pixels.

    Raises:
        InvalidInput: It is missing, cannot be read, is too large, or is not a picture that the engines take.
    """
    path, size = _found(folder, words)
    # Pillow is needed only where there is a photograph.
    from firstframe.adapters.pictures import inspect

    try:
        facts = inspect(path)
        digest = _digest(path)
    except OSError as error:
        raise InvalidInput(f"{words} cannot be read: {error.strerror}; check its permissions") from None
    except InvalidInput as error:
        raise InvalidInput(f"{words}: {error.message}") from None
    reference = artifact_pb2.ArtifactRef(digest=digest, media_type=facts.media_type, size_bytes=size)
    return Photograph(path, reference, facts.size)


def examine_mesh(folder: Path, words: str) -> Photograph:
    """Checks the model at a path relative to `folder` without reading its triangles.

    Raises:
        InvalidInput: It is missing, cannot be read, is too large, or is not a mesh that the engines take.
    """
    path, size = _found(folder, words)
    from firstframe.adapters.meshes import inspect_mesh

    try:
        kind = inspect_mesh(path.read_bytes())
        digest = _digest(path)
    except OSError as error:
        raise InvalidInput(f"{words} cannot be read: {error.strerror}; check its permissions") from None
    except InvalidInput as error:
        raise InvalidInput(f"{words} {error.message}") from None
    return Photograph(path, artifact_pb2.ArtifactRef(digest=digest, media_type=kind, size_bytes=size), PixelSize(0, 0))


def _found(folder: Path, words: str) -> tuple[Path, int]:
    """The file at a path relative to `folder`, and its length."""
    path = folder / words
    if not path.is_file():
        raise InvalidInput(_missing(folder, path, words))
    size = path.stat().st_size
    if size > MAX_PICTURE_BYTES:
        raise InvalidInput(f"{words} has {size / 2**20:.0f} MiB; use a file of at most 64 MiB")
    return path, size


def examine_map(folder: Path, words: str, photograph: Photograph) -> Photograph:
    """Checks a mask or a depth map of a photograph, at a path relative to `folder`.

    Raises:
        InvalidInput: As `examine`; also where it has another ratio than the photograph.
    """
    found = examine(folder, words)
    if not same_shape(found.size, photograph.size):
        text = (
            f"{words} is {found.size} px, {photograph.path.name} is {photograph.size}; "
            "export it with the photograph's ratio, over the whole picture"
        )
        raise InvalidInput(text)
    return found


def is_there(fields: Fields, name: str, folder: Path, words: str) -> bool:
    """Whether a file that an entry of a brief names is there; where not, that is noted at the entry."""
    path = folder / words
    if not path.is_file():
        fields.problem(name, _missing(folder, path, words))
    return path.is_file()


_FETCHED = {
    "dandelion.jpg": "make inputs",
    "hopper.jpg": "make portraits",
    "collins.png": "make portraits",
    "figure.png": "make figure",
    "man.png": "make figure",
    "woman.png": "make figure",
}
"""Pictures of `examples/inputs`, and what puts them there."""


def _missing(folder: Path, path: Path, words: str) -> str:
    if path.is_dir():
        return f"{words} is a folder; name a file in it"
    if path.exists():
        return f"{words} is not a regular file; name one"
    if (command := _FETCHED.get(path.name)) and path.resolve().parts[-3:-1] == ("examples", "inputs"):
        return f"{words} is not here yet: photographs of the examples are fetched; run `{command}`"
    names = sorted(item.name for item in path.parent.glob("*")) if path.parent.is_dir() else []
    if not names:
        return f"{words} does not exist; the path counts from {folder.resolve()}, the folder of the brief"
    hint = did_you_mean(path.name, names[:50])
    return f"{words} does not exist; {hint if hint.startswith('did') else f'look into {path.parent.resolve()}'}"


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"
