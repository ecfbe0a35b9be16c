"""Small packs for tests, and what a pull needs besides."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from firstframe.packs.spec import Pack

GRAPH_INPUT = {"name": "x", "dtype": "FP32", "shape": ["batch", 2], "value_range": [0, 1]}
GRAPH_OUTPUT = {"name": "y", "dtype": "FP32", "shape": ["batch", 2]}


def sha256(data: bytes) -> str:
    """64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def download(name: str, data: bytes, **members: str) -> dict[str, Any]:
    """One entry of `downloads`."""
    return {"name": name, "sha256": sha256(data), "size_bytes": len(data), "members": members}


def pack_document(files: Mapping[str, bytes], *sources: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A pack `tiny` of these files, the first of which is its graph."""
    graph = {"file": next(iter(files)), "inputs": [dict(GRAPH_INPUT)], "outputs": [dict(GRAPH_OUTPUT)]}
    licence = {"spdx": "MIT", "commercial": True, "url": "https://opensource.org/license/mit"}
    document = {"pack": "tiny", "version": 1, "purpose": "Tests", "licence": licence, "sources": list(sources)}
    document |= {"downloads": [download(name, data) for name, data in files.items()], "graphs": [graph]}
    return document | more


def make_pack(files: Mapping[str, bytes], *sources: Mapping[str, Any], **more: Any) -> Pack:
    """`pack_document`, validated."""
    return Pack.model_validate(pack_document(files, *sources, **more))


def write_pack(folder: Path, document: Mapping[str, Any]) -> Path:
    """Writes a pack's file; gives its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{document['pack']}.yaml"
    path.write_text(yaml.safe_dump(dict(document), sort_keys=False), "utf-8")
    return path


def hub(repo: str = "someone/tiny", revision: str = "main") -> dict[str, Any]:
    """A hub as a source."""
    return {"kind": "hub", "repo": repo, "revision": revision}


def folder(path: Path) -> dict[str, Any]:
    """A folder as a source."""
    return {"kind": "file", "path": str(path)}


class Notes:
    """A watcher that keeps what it is told."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.last: dict[str, tuple[int, int]] = {}

    def says(self, pack: str, text: str) -> None:
        """See `Watcher.says`."""
        self.said.append(f"{pack}: {text}")

    def progress(self, pack: str, what: str, done: int, total: int) -> None:
        """See `Watcher.progress`."""
        del pack
        self.last[what] = (done, total)
