"""Files of products, read as the image stage reads them, so that a broken one is told before anything starts."""

from __future__ import annotations

from pathlib import Path

from firstframe.cli.photographs import Photograph, examine, examine_mesh
from firstframe.core.errors import InvalidInput

MAX_READ_BYTES = 128 * 1024 * 1024
"""Of all files of a brief; what comes after is looked at by its header, and the image stage tells the rest."""


class ProductFiles:
    """The products of one brief: each file is read once, and not without end.

    Args:
        folder: What paths count from.
        most_bytes: Of all files that are read.
    """

    def __init__(self, folder: Path, most_bytes: int = MAX_READ_BYTES) -> None:
        self._folder = folder
        self._left = most_bytes
        self._read: dict[tuple[str, str], str] = {}
        self.unread: list[Path] = []
        """Files whose header alone was looked at."""

    def model(self, words: str) -> Photograph:
        """Checks a model, triangles and all.

        Raises:
            InvalidInput: It is not one that can stand on a set; the message names the file.
        """
        found = examine_mesh(self._folder, words)
        self._check(found, words, "model")
        return found

    def cutout(self, words: str, matte: str) -> Photograph:
        """Checks a picture of a product, pixels and all.

        Args:
            words: Its path.
            matte: How the product is told from its background: `auto`, `alpha` or `learned`.

        Raises:
            InvalidInput: It is not one that can stand on a set; the message names the file.
        """
        found = examine(self._folder, words)
        self._check(found, words, matte)
        return found

    def _check(self, found: Photograph, words: str, how: str) -> None:
        """Tells what is wrong with a file; one that many heroes show is read for the first of them alone."""
        key = found.reference.digest, how
        if key not in self._read:
            if found.reference.size_bytes > self._left:
                self.unread.append(found.path)
                return
            self._left -= found.reference.size_bytes
            self._read[key] = _what_is_wrong(found.path, how)
        if self._read[key]:
            raise InvalidInput(f"{words} {self._read[key]}")


def _what_is_wrong(path: Path, how: str) -> str:
    try:
        _read(path.read_bytes(), how)
    except InvalidInput as error:
        return error.message.removeprefix(f"{_FIELD}: ")
    return ""


_FIELD = "file"


def _read(data: bytes, how: str) -> None:
    """Raises what the image stage would."""
    # Numeric libraries are needed only where there is a product.
    if how == "model":
        from firstframe.adapters.meshes import decode_mesh

        decode_mesh(data, field=_FIELD)
        return
    from firstframe.adapters.pictures import decode_cut_out
    from firstframe.sets.cutouts import check_alpha

    _, alpha = decode_cut_out(data, field=_FIELD)
    if alpha is not None and how != "learned":
        check_alpha(alpha, field=_FIELD)
    elif how == "alpha":
        fix = "export a PNG with a transparent background, or take `matte: learned`"
        raise InvalidInput.at(_FIELD, "has no transparency", fix)
