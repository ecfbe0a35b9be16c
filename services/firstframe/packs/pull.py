"""Installs packs: everything is fetched, checked and made in folders of its own, then appears under its name at once.

<home>/<pack>/<key>/             an installed pack (`firstframe.packs.installed`)
<home>/<pack>/.new-…/            one that is being made
<home>/.downloads/<pack>/        what was fetched, and `.part` files that the next pull goes on with
<home>/.locks/<pack>.lock        who pulls holds it
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path

from firstframe.core.errors import DataCorrupted, PreconditionFailed
from firstframe.packs.disk import disk_errors, flush, require_room
from firstframe.packs.exclusive import exclusive
from firstframe.packs.fetching import Fetching, bytes_to_fetch, place_of
from firstframe.packs.importers import Import, find_importer
from firstframe.packs.installed import RECORD, InstalledPack, ModelHome
from firstframe.packs.licences import check_acceptance, licence_record
from firstframe.packs.pickles import refuse_names, refuse_pickles
from firstframe.packs.ports import Origins, Watcher
from firstframe.packs.spec import Pack

_MAKING = ".new-"


class Puller:
    """Installs packs into a folder.

    Args:
        home: The folder.
        origins: Opens sources.
        watcher: Is told how far it is.
        importer: Finds importers by name.
    """

    def __init__(
        self,
        home: ModelHome,
        origins: Origins,
        watcher: Watcher,
        importer: Callable[[str], Import] = find_importer,
    ) -> None:
        self._home = home
        self._fetching = Fetching(origins, watcher)
        self._watcher = watcher
        self._importer = importer

    def pull(self, pack: Pack, *, accepted: Collection[str] = (), again: bool = False) -> InstalledPack:
        """Has a pack installed. Two pulls at once do the work once.

        Args:
            pack: The pack, its downloads filled in (`firstframe.packs.lock`).
            accepted: SPDX identifiers of licences that a person accepted.
            again: Whether a pack that is installed is made again.

        Raises:
            PreconditionFailed: `LICENCE_NOT_ACCEPTED`, `PICKLE_REFUSED`, `PACK_NOT_LOCKED`, `DISK_FULL`, `DISK_NOT_WRITABLE`.
            DataCorrupted: What was fetched or made is not what the pack says.
            Unavailable: `NO_SOURCE`, no source has it.
        """
        if self._home.has(pack) and not again:
            return self._home.find(pack)
        check_acceptance(pack, accepted)
        _check_downloads(pack)
        with disk_errors(self._home.folder), exclusive(self._lock(pack), lambda: self._waits(pack)):
            if again or not self._home.has(pack):
                self._install(pack)
        return self._home.find(pack)

    def _lock(self, pack: Pack) -> Path:
        return self._home.folder / ".locks" / f"{pack.pack}.lock"

    def _waits(self, pack: Pack) -> None:
        self._watcher.says(pack.pack, "waits for another pull of the same pack")

    def _install(self, pack: Pack) -> None:
        downloads = self._home.folder / ".downloads" / pack.pack
        self._sweep(pack)
        downloads.mkdir(parents=True, exist_ok=True)
        require_room(self._home.folder, bytes_to_fetch(pack, downloads) + _bytes_to_make(pack))
        try:
            source = self._fetching.fetch(pack, downloads)
            self._make(pack, downloads, source)
        except (OSError, PreconditionFailed):
            # A disk that is full gets its room back.
            shutil.rmtree(downloads, ignore_errors=True)
            raise
        # A registry's client whose pull was killed may still write there; what it leaves goes with the next pull.
        shutil.rmtree(downloads, ignore_errors=True)

    def _sweep(self, pack: Pack) -> None:
        """Removes what pulls that were killed left behind; who holds the lock is the only one."""
        for stale in (self._home.folder / pack.pack).glob(f"{_MAKING}*"):
            shutil.rmtree(stale)

    def _make(self, pack: Pack, downloads: Path, source: str) -> None:
        parent = self._home.folder / pack.pack
        parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=parent, prefix=_MAKING, ignore_cleanup_errors=True) as scratch:
            made = Path(scratch) / "pack"
            made.mkdir()
            self._watcher.says(pack.pack, "installs")
            self._fill(pack, downloads, made)
            _finish(pack, made, source)
            _publish(made, self._home.place(pack))

    def _fill(self, pack: Pack, downloads: Path, made: Path) -> None:
        if pack.importer is None:
            for download in pack.downloads:
                target = made / download.name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(place_of(downloads, download), target)
            return
        fetched = {download.name: place_of(downloads, download) for download in pack.downloads}
        self._importer(pack.importer.name)(fetched, made, pack.importer.options)


def _check_downloads(pack: Pack) -> None:
    refuse_pickles(pack)
    if not pack.downloads:
        fix = f"run `firstframe models lock {pack.pack}` where its hub can be reached"
        text = f"{pack.pack} has no digests yet; {fix}, and keep the lock file that it writes"
        raise PreconditionFailed(text, reason="PACK_NOT_LOCKED", metadata={"pack": pack.pack})


def _bytes_to_make(pack: Pack) -> int:
    """What an importer writes is taken to be as large as what it reads; downloads that are kept as they are get moved."""
    return sum(download.size_bytes for download in pack.downloads) if pack.importer else 0


def _finish(pack: Pack, made: Path, source: str) -> None:
    files = digests(made)
    _check_files(pack, files)
    record = {
        "pack": pack.pack,
        "version": pack.version,
        "licence": licence_record(pack),
        "source": source,
        "installed_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "files": files,
    }
    for name in files:
        flush(made / name)
    (made / RECORD).write_text(json.dumps(record, indent=2) + "\n", "utf-8")
    flush(made / RECORD)
    flush(made)


def _check_files(pack: Pack, files: Mapping[str, str]) -> None:
    refuse_names(pack.pack, files)
    lacking = sorted({graph.file for graph in pack.graphs} - set(files)) if pack.pipeline is None else []
    if lacking:
        text = f"{pack.pack}: its importer did not make {', '.join(lacking)}; correct the pack"
        raise DataCorrupted(text, reason="PACK_INCOMPLETE", metadata={"pack": pack.pack})


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of each file below a folder, by its path in it."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != RECORD)
    return {path.relative_to(folder).as_posix(): _sha256(path) for path in paths}


def _sha256(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _publish(made: Path, place: Path) -> None:
    if place.exists():
        # Its record goes first: half of a folder must not pass for a pack.
        (place / RECORD).unlink(missing_ok=True)
        shutil.rmtree(place)
    made.rename(place)
    flush(place.parent)
