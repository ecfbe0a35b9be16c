"""How what was fetched becomes the files that graphs name: one function for each way, found when it is wanted."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, cast

from firstframe.core.errors import InvalidInput

Options = Mapping[str, str | int | float | bool | list[str]]
"""`importer.options` of the pack."""


class Import(Protocol):
    """Makes the files of a pack's graphs.

    Deterministic: the same downloads and options give the same bytes, or the importer's version is raised.
    """

    def __call__(self, downloads: Mapping[str, Path], target: Path, options: Options) -> None:
        """Writes files into `target`, which exists and is empty. What is left in it is what gets installed.

        Args:
            downloads: Files as they were fetched, digest and size checked, by the names that the pack gives them. Read only.
            target: Where the graphs' files go, by the names that the graphs give them.
            options: See `Options`.

        Raises:
            InvalidInput: An option or a download is not what the importer takes.
            DataCorrupted: A download has the right digest and makes no sense all the same.
        """


_PLACES = {
    "imgly-chunks": "chunks:join_chunks",
    "ncnn-onnx": "ncnn:import_ncnn",
    "rife-torch": "rife:import_rife",
}
"""Module in this package and function, by the name that packs use."""

NAMES = tuple(_PLACES)
"""Every importer's name."""

READS_PICKLED = frozenset({"ncnn-onnx", "rife-torch"})
"""Importers whose downloads may be named as pickles are, because they read them as plain arrays (`weights_only=True`, or
bytes that were never a pickle)."""


def find_importer(name: str) -> Import:
    """The importer of that name; its module, and the heavy libraries it may need, are loaded now.

    Raises:
        InvalidInput: There is none.
    """
    if name not in _PLACES:
        raise InvalidInput.at("importer.name", f"there is no importer {name}", f"use one of {', '.join(NAMES)}")
    module, function = _PLACES[name].split(":")
    return cast("Import", getattr(importlib.import_module(f"{__name__}.{module}"), function))
