"""Packs that there are, and where they are installed on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from firstframe.core.errors import NotFound
from firstframe.packs.catalogue import CHECKOUT, Catalogue, read_catalogue
from firstframe.packs.installed import InstalledPack, ModelHome
from firstframe.packs.lock import locks_folder, with_lock
from firstframe.packs.spec import Pack

DEFAULT_HOME = Path("~/.cache/firstframe/models")


class ModelShelf:
    """Packs with the downloads of their locks.

    Args:
        packs: The packs as their files say them.
        locks: Folder of lock files.
        home: Where they are installed.
    """

    def __init__(self, packs: Catalogue, locks: Path, home: ModelHome) -> None:
        self._packs = packs
        self.locks = locks
        self.home = home

    def __iter__(self) -> Iterator[Pack]:
        return (with_lock(pack, self.locks) for pack in self._packs)

    def get(self, name: str) -> Pack:
        """A pack. Raises NotFound: `PACK_NOT_FOUND`."""
        return with_lock(self.unlocked(name), self.locks)

    def unlocked(self, name: str) -> Pack:
        """A pack as its file says it. Raises NotFound: `PACK_NOT_FOUND`."""
        return self._packs.get(name)

    def installed(self, names: Sequence[str]) -> list[InstalledPack]:
        """Installed packs of these names, all there are where no name is given.

        Raises:
            NotFound: `PACK_NOT_FOUND`, or `PACK_NOT_INSTALLED`, also when nothing at all is.
        """
        if names:
            return [self.home.find(self.get(name)) for name in dict.fromkeys(names)]
        found = [self.home.find(pack) for pack in self if self.home.has(pack)]
        if not found:
            text = f"no pack is installed in {self.home.folder}; `firstframe models pull NAME` installs one"
            raise NotFound(text, reason="PACK_NOT_INSTALLED")
        return found


def find_shelf(packs: Path | None, home: Path | None) -> ModelShelf:
    """Opens the shelf.

    Args:
        packs: Folder of packs; else `PACKS_DIR`, else that of the checkout.
        home: Folder of installed packs; else `FIRSTFRAME_MODELS`, else `~/.cache/firstframe/models`.

    Raises:
        NotFound: `PACKS_NOT_FOUND`.
        InvalidInput: A file is not a pack.
    """
    folder = packs or Path(os.environ.get("PACKS_DIR") or CHECKOUT)
    place = home or Path(os.environ.get("FIRSTFRAME_MODELS") or DEFAULT_HOME)
    return ModelShelf(read_catalogue(folder), locks_folder(folder), ModelHome(place.expanduser().absolute()))
