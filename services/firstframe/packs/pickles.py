"""Files that run code when they are read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath

from firstframe.core.errors import PreconditionFailed
from firstframe.packs.importers import READS_PICKLED
from firstframe.packs.spec import Pack

SUFFIXES = frozenset({".pkl", ".pickle", ".pt", ".pth", ".bin", ".ckpt"})
"""How files with pickled objects are named; `.bin` has other uses, which an importer then knows."""


def refuse_pickles(pack: Pack) -> None:
    """Holds a pack's downloads against the rule that nothing that runs code is fetched.

    Raises:
        PreconditionFailed: `PICKLE_REFUSED`.
    """
    if pack.importer is None or pack.importer.name not in READS_PICKLED:
        refuse_names(pack.pack, (download.name for download in pack.downloads))


def refuse_names(pack: str, names: Iterable[str]) -> None:
    """The same for names of files. Raises PreconditionFailed: `PICKLE_REFUSED`."""
    found = sorted(name for name in names if PurePath(name).suffix.lower() in SUFFIXES)
    if found:
        why = "a pickle can run any code when it is read"
        fix = (
            f"use safetensors, ONNX or TFLite, or an importer that reads it safely ({', '.join(sorted(READS_PICKLED))})"
        )
        text = f"{pack}: {', '.join(found)} may be a pickle, and {why}; {fix}"
        raise PreconditionFailed(text, reason="PICKLE_REFUSED", metadata={"pack": pack})
