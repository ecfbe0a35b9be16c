"""Packs of tiny graphs, installed as `firstframe models pull` would."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from firstframe.packs.catalogue import read_pack
from firstframe.packs.installed import InstalledPack, ModelHome
from support import tiny_models


def install_add(folder: Path, name: str, graphs: Sequence[str] = ("main",)) -> InstalledPack:
    """A pack whose graphs all compute `c = a + b`: its file is in `<folder>/packs`, its weights are in `<folder>/home`."""
    packs = folder / "packs"
    packs.mkdir(exist_ok=True)
    model = tiny_models.add(folder)
    text = _pack(name, graphs, model.digest, model.file.stat().st_size)
    (packs / f"{name}.yaml").write_text(yaml.safe_dump(text))
    pack = read_pack(packs / f"{name}.yaml")
    home = ModelHome(folder / "home")
    place = home.place(pack)
    place.mkdir(parents=True)
    model.file.rename(place / "add.onnx")
    (place / "installed.json").write_text(json.dumps({"files": {"add.onnx": model.digest}}))
    return home.find(pack)


def _pack(name: str, graphs: Sequence[str], digest: str, size: int) -> dict[str, Any]:
    def tensor(key: str) -> dict[str, Any]:
        return {"name": key, "dtype": "FP32", "shape": ["batch", 3]}

    return {
        "pack": name,
        "version": 1,
        "purpose": "adds",
        "licence": {"spdx": "Apache-2.0", "commercial": True, "url": "https://example.com"},
        "sources": [{"kind": "file", "path": "/elsewhere"}],
        "downloads": [{"name": "add.onnx", "sha256": digest, "size_bytes": size}],
        "graphs": [
            {
                "name": graph,
                "file": "add.onnx",
                "inputs": [tensor("a"), tensor("b")],
                "outputs": [tensor("c")],
                "batching": {"max_size": 4},
            }
            for graph in graphs
        ],
    }
