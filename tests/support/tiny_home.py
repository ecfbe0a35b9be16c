"""Tiny pipelines as packs of a machine: a catalogue and a home, as `models pull` and `export` leave them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from firstframe.packs.catalogue import read_pack
from firstframe.packs.export_record import FOLDER
from firstframe.packs.installed import RECORD, InstalledPack, ModelHome
from firstframe.packs.spec import Pack
from support.tiny_packs import exported_pack, tiny_pack
from support.tiny_pipelines import TINY


@dataclass(frozen=True)
class Machine:
    """A catalogue and a home with tiny packs in them."""

    folder: Path
    packs: tuple[InstalledPack, ...]

    def settings(self, **others: str) -> dict[str, str]:
        """Settings of a stage that mounts the packs, without their prefix."""
        named = {
            "PACKS": json.dumps([one.pack.pack for one in self.packs]),
            "HOME": str(self.folder / "home"),
            "CATALOGUE": str(self.folder / "packs"),
            "THREADS": "1",
            **others,
        }
        return {f"MODELS__{name}": value for name, value in named.items()}


def machine(folder: Path, names: Sequence[str], change: Callable[[Pack], Pack] = lambda pack: pack) -> Machine:
    """Installs tiny pipelines by name, such as `sd` and `svd`; `change` makes other packs of the same weights."""
    return Machine(folder, tuple(_install(folder, name, change) for name in names))


def _install(folder: Path, name: str, change: Callable[[Pack], Pack]) -> InstalledPack:
    made = exported_pack(name)
    pack = _write_pack(folder / "packs", change(tiny_pack(TINY[name])))
    home = ModelHome(folder / "home")
    place = home.place(pack)
    shutil.copytree(made.folder, place, copy_function=os.link)
    (place / RECORD).write_text(json.dumps({"files": _digests(place)}))
    return home.find(pack)


def _write_pack(catalogue: Path, pack: Pack) -> Pack:
    catalogue.mkdir(parents=True, exist_ok=True)
    path = catalogue / f"{pack.pack}.yaml"
    path.write_text(yaml.safe_dump(pack.model_dump(mode="json", exclude_defaults=True)))
    return read_pack(path)


def _digests(place: Path) -> Mapping[str, str]:
    files = sorted(path for path in place.rglob("*") if path.is_file() and FOLDER not in path.parts)
    return {str(path.relative_to(place)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
