"""Package registries, each through its own client: `pip download` and `npm pack`.

Configured mirrors, credentials and certificates work as they do for every other use of the client. Neither goes on with a
download that was cut off: pip and npm begin again.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

from firstframe.adapters.files import write_errors
from firstframe.core.errors import DataCorrupted, FirstframeError, PreconditionFailed, Unavailable

TIMEOUT_S = 3600.0
"""Bound on one package, in seconds."""
POLL_S = 0.2
PYTHON = "3.11"
"""Whose wheels are taken, whatever Python and machine this is: files are read out of them, nothing of them runs."""
_GLIBC = (39, 38, 36, 35, 34, 31, 28, 27, 26, 24, 17, 12, 5)
PLATFORMS = (
    "any",
    *(f"manylinux_2_{minor}_x86_64" for minor in _GLIBC),
    "manylinux2014_x86_64",
    "manylinux2010_x86_64",
    "manylinux1_x86_64",
    "linux_x86_64",
)
_SLACK_BYTES = 64 << 20
_UNREACHABLE = (
    "NewConnectionError",
    "ConnectTimeoutError",
    "NameResolutionError",
    "ECONNREFUSED",
    "ENOTFOUND",
    "EAI_AGAIN",
    "ETIMEDOUT",
)
"""What pip and npm say when nobody answers."""
_CONFIGURED = {"pip": "pip's index (`pip config list`)", "npm": "npm's registry (`npm config get registry`)"}
_SCRATCH = "client-"
_LOG = "log"
_REQUIREMENTS = "requirements.txt"
_OURS = {_LOG, _REQUIREMENTS}
"""Files in a scratch folder that are no part of the archive."""


class PipArchives:
    """Wheels of a Python package index."""

    def fetch(self, package: str, target: Path, *, sha256: str, size_bytes: int, report: Callable[[int], None]) -> None:
        """Fetches the wheel of that digest; pip passes over all others of the version.

        Args:
            package: `name==version`.
            target: Where it goes.
            sha256: The wheel's digest, 64 hexadecimal digits.
            size_bytes: What the wheel has.
            report: Told how many bytes are here.

        Raises:
            PreconditionFailed: `CLIENT_MISSING`, there is no pip; `DISK_FULL` or `DISK_NOT_WRITABLE`.
            Unavailable: `REGISTRY_FAILED`; the message has pip's last words.
            DataCorrupted: `DOWNLOAD_WRONG_SIZE`, far more came than the pack says.
        """
        with _scratch(target) as scratch:
            (scratch / _REQUIREMENTS).write_text(f"{package} --hash=sha256:{sha256}\n", "utf-8")
            _run([*_pip(), *_pip_options(scratch)], scratch, package, size_bytes, report)
            _take(scratch, "*.whl", target, package)


class NpmArchives:
    """Tarballs of an npm registry."""

    def fetch(self, package: str, target: Path, *, sha256: str, size_bytes: int, report: Callable[[int], None]) -> None:
        """Fetches the tarball of `name@version`; a version has one. See `PipArchives.fetch`."""
        del sha256
        npm = shutil.which("npm")
        if npm is None:
            text = "there is no npm on the path; install Node.js, which brings it"
            raise PreconditionFailed(text, reason="CLIENT_MISSING")
        options = ["--ignore-scripts", "--loglevel=error", "--no-update-notifier"]
        with _scratch(target) as scratch:
            # A cache of its own: it shows how far npm is, and goes when this is over.
            folders = [f"--cache={scratch / 'cache'}", f"--pack-destination={scratch}"]
            _run([npm, "pack", package, *options, *folders], scratch, package, size_bytes, report)
            _take(scratch, "*.tgz", target, package)


def _pip() -> Sequence[str]:
    """This interpreter's pip, else the one on the path."""
    if find_spec("pip"):
        return (sys.executable, "-m", "pip")
    found = shutil.which("pip")
    if found is None:
        text = "there is no pip, neither in this environment nor on the path; `python -m ensurepip` installs it"
        raise PreconditionFailed(text, reason="CLIENT_MISSING")
    return (found,)


def _pip_options(scratch: Path) -> list[str]:
    abis = (f"cp{PYTHON.replace('.', '')}", "abi3", "none")
    return [
        "download",
        "--no-deps",
        "--no-input",
        "--only-binary=:all:",
        "--require-hashes",
        "--progress-bar=off",
        "--disable-pip-version-check",
        f"--python-version={PYTHON}",
        "--implementation=cp",
        *(f"--abi={abi}" for abi in abis),
        *(f"--platform={platform}" for platform in PLATFORMS),
        f"--dest={scratch}",
        f"--requirement={scratch / _REQUIREMENTS}",
    ]


@contextmanager
def _scratch(target: Path) -> Iterator[Path]:
    """A folder beside `target`. What a killed run left of one is removed first."""
    for stale in target.parent.glob(f"{_SCRATCH}*"):
        shutil.rmtree(stale, ignore_errors=True)
    with (
        write_errors("the folder", target.parent, "DISK"),
        tempfile.TemporaryDirectory(dir=target.parent, prefix=_SCRATCH, ignore_cleanup_errors=True) as name,
    ):
        yield Path(name)


def _run(command: Sequence[str], scratch: Path, package: str, size_bytes: int, report: Callable[[int], None]) -> None:
    log = scratch / _LOG
    with log.open("wb") as out, _started(command, scratch, out) as process:
        _wait(process, scratch, package, size_bytes, report)
    if process.returncode != 0:
        raise _failure(command, package, log.read_text("utf-8", errors="replace"))


def _failure(command: Sequence[str], package: str, log: str) -> FirstframeError:
    client = _name(command)
    if any(sign in log for sign in _UNREACHABLE):
        text = f"{client} cannot reach its registry for {package}; look at the network and at {_CONFIGURED[client]}"
        return Unavailable(text, reason="REGISTRY_FAILED", metadata={"package": package})
    text = f"{client} could not fetch {package}: {_last_words(log)}"
    if "ENOSPC" in log or "No space left" in log:
        return PreconditionFailed(f"{text}; make room on the disk, then pull again", reason="DISK_FULL")
    return Unavailable(text, reason="REGISTRY_FAILED", metadata={"package": package})


def _name(command: Sequence[str]) -> str:
    return "npm" if command[1] == "pack" else "pip"


@contextmanager
def _started(command: Sequence[str], scratch: Path, out: BinaryIO) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a session of its own, of which nothing is left at the end of the block."""
    (scratch / "tmp").mkdir()
    environment = os.environ | {"TMPDIR": str(scratch / "tmp")}
    process = subprocess.Popen(  # noqa: S603  (a list of arguments, no shell; the package's name comes from a pack)
        command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment, cwd=scratch, start_new_session=True
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait(
    process: subprocess.Popen[bytes], scratch: Path, package: str, size_bytes: int, report: Callable[[int], None]
) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while process.poll() is None:
        size = _size(scratch)
        report(min(size, size_bytes))
        if size > 2 * size_bytes + _SLACK_BYTES:
            text = f"{package} is far larger than the {size_bytes} bytes of the pack"
            raise DataCorrupted(text, reason="DOWNLOAD_WRONG_SIZE", metadata={"package": package})
        if time.monotonic() > deadline:
            raise Unavailable(f"{package} took longer than {TIMEOUT_S:.0f} s; pull again", reason="REGISTRY_FAILED")
        time.sleep(POLL_S)
    if process.returncode == 0:
        report(size_bytes)


def _size(folder: Path) -> int:
    """Bytes of an archive that a client is writing somewhere in a folder."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in set(names) - _OURS:
            with suppress(FileNotFoundError):
                total += (Path(parent) / name).stat().st_size
    return total


def _last_words(log: str) -> str:
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    return "; ".join((errors or lines)[:2])[:500] or "it said nothing"


def _take(scratch: Path, pattern: str, target: Path, package: str) -> None:
    found = next(scratch.glob(pattern), None)
    if found is None:
        raise Unavailable(f"the registry's client left no archive of {package}", reason="REGISTRY_FAILED")
    found.replace(target)
