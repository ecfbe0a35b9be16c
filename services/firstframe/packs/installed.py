"""Packs on this machine.

`<home>/<pack>/<key>/` holds the files of a pack and, written last, `installed.json` with the digest of each: a folder
without it is not a pack. The key changes with the downloads and with how they are imported.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from firstframe.core.canonical import digest_of
from firstframe.core.errors import DataCorrupted, NotFound
from firstframe.core.models import BATCH, Batching, ServedModel, TensorSpec
from firstframe.packs.build.profiles import profiles_of
from firstframe.packs.spec import Graph, Pack, Tensor

RECORD = "installed.json"


@dataclass(frozen=True, slots=True)
class InstalledPack:
    """A pack whose files are here."""

    pack: Pack
    folder: Path
    files: Mapping[str, str]
    """SHA-256 of each file, 64 lower-case hexadecimal digits, by its path in the folder."""

    @property
    def digest(self) -> str:
        """Names the weights; part of the content key of whatever is made with them."""
        return digest_of(dict(self.files))

    @property
    def version(self) -> str:
        """The pack, what it says of its pipeline (steps, guidance, words …) and its weights, for content keys."""
        said = digest_of(self.pack.model_dump(mode="json", include={"pipeline", "effect"}, exclude_defaults=True))
        return f"{self.pack.pack}-{said[:8]}-{self.digest[:16]}"

    def served(self) -> tuple[ServedModel, ...]:
        """The pack's graphs, ready to be served."""
        return tuple(self._served(graph) for graph in self.pack.graphs)

    def _served(self, graph: Graph) -> ServedModel:
        return ServedModel(
            name=self.pack.served_name(graph),
            file=self.folder / graph.file,
            digest=self._digest_of(graph.file),
            runtime=graph.runtime,
            inputs=tuple(map(_spec, graph.inputs)),
            outputs=tuple(map(_spec, graph.outputs)),
            batching=Batching(**graph.batching.model_dump()),
            warm_up=tuple({BATCH: 1} | bucket for bucket in graph.buckets) or ({BATCH: 1},),
            gpu_memory_bytes=graph.gpu_memory_mb << 20,
            profiles=max(1, len(profiles_of(graph))),
        )

    def _digest_of(self, file: str) -> str:
        if file not in self.files:
            command = "export" if self.pack.pipeline else "pull"
            problem = f"{self.folder} lacks {file}; run `firstframe models {command} {self.pack.pack}` again"
            raise DataCorrupted(problem, reason="PACK_INCOMPLETE", metadata={"pack": self.pack.pack})
        return self.files[file]


def _spec(tensor: Tensor) -> TensorSpec:
    return TensorSpec(tensor.name, tensor.dtype, tensor.shape)


class ModelHome:
    """The folder that holds installed packs.

    Args:
        folder: The folder; made when the first pack is installed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def place(self, pack: Pack) -> Path:
        """Where a pack belongs, installed or not."""
        return self.folder / pack.pack / key_of(pack)[:16]

    def has(self, pack: Pack) -> bool:
        """Whether a pack is installed."""
        return (self.place(pack) / RECORD).is_file()

    def find(self, pack: Pack) -> InstalledPack:
        """An installed pack, with the graphs that were exported from it; its files are not read.

        Raises:
            NotFound: `PACK_NOT_INSTALLED`; the message tells the command that installs it.
            DataCorrupted: `PACK_CORRUPT`, its record was damaged.
        """
        if not self.has(pack):
            problem = f"{pack.pack} is not installed in {self.folder}; run `firstframe models pull {pack.pack}`"
            raise NotFound(problem, reason="PACK_NOT_INSTALLED", metadata={"pack": pack.pack})
        from firstframe.packs.export_record import with_exports

        return with_exports(InstalledPack(pack, self.place(pack), _files_of(pack, self.place(pack))))


def _files_of(pack: Pack, place: Path) -> dict[str, str]:
    try:
        return dict(json.loads((place / RECORD).read_text("utf-8"))["files"])
    except (ValueError, KeyError, TypeError) as error:
        problem = f"{place / RECORD} is damaged; run `firstframe models pull --again {pack.pack}`"
        raise DataCorrupted(problem, reason="PACK_CORRUPT", metadata={"pack": pack.pack}) from error


def key_of(pack: Pack) -> str:
    """SHA-256 over a pack's downloads and importer, 64 lower-case hexadecimal digits."""
    importer = pack.importer.model_dump(mode="json") if pack.importer else None
    downloads = {download.name: download.sha256 for download in pack.downloads}
    return digest_of({"pack": pack.pack, "downloads": downloads, "importer": importer})
