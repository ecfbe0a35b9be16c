"""Where the LLVM library is that the renderer compiles its kernels with."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

MIN_VERSION = 16
"""Dr.Jit 1.5 aborts with LLVM 14 and 15 (measured November 2026)."""

VARIABLE = "DRJIT_LIBLLVM_PATH"
CACHE = Path(".cache") / "llvm"
CHECKOUT = Path(__file__).parents[3]
"""Where `make llvm` puts the library when this package runs from a checkout."""

_SYSTEM_FOLDERS = tuple(
    Path("/usr") / name for name in ("lib/x86_64-linux-gnu", "lib/aarch64-linux-gnu", "lib64", "lib")
)
_PATTERNS = ("libLLVM*.so*", "llvm-*/lib/libLLVM*.so*")
_NAME = re.compile(r"^libLLVM(?:-(\d+))?\.so(?:\.(\d+))?(?:\.\d+)*$")


def find_libllvm(environ: Mapping[str, str] = os.environ, folder: Path | None = None) -> Path | None:
    """The libLLVM to use: that of the environment, else the newest in a `.cache/llvm`, else the newest of the system.

    Args:
        environ: Where `DRJIT_LIBLLVM_PATH` may be set; it wins when the file exists.
        folder: Folder that holds `.cache`; when none is given, the working directory and that of the source checkout.
    """
    named = environ.get(VARIABLE)
    if named and Path(named).is_file():
        return Path(named)
    cached = (path for cache in _caches(folder) for path in cache.rglob("libLLVM*.so*"))
    installed = (path for place in _SYSTEM_FOLDERS for pattern in _PATTERNS for path in place.glob(pattern))
    return newest(cached) or newest(installed)


def searched(folder: Path | None = None) -> str:
    """Where `find_libllvm` looks, for people."""
    return ", ".join([f"${VARIABLE}", *map(str, _caches(folder)), "the system's library folders"])


def _caches(folder: Path | None) -> list[Path]:
    folders = [folder] if folder else [Path.cwd(), CHECKOUT]
    return list(dict.fromkeys(one / CACHE for one in folders))


def newest(paths: Iterable[Path]) -> Path | None:
    """The path with the highest version of at least `MIN_VERSION`; none when there is none."""
    usable = [(version, path) for path in paths if (version := version_of(path)) >= MIN_VERSION and path.is_file()]
    return max(usable, default=(0, None))[1]


def version_of(path: Path) -> int:
    """Major version by a file's name, links followed; 0 when the name does not tell.

    >>> version_of(Path("libLLVM-19.so")), version_of(Path("libLLVM.so.19.1")), version_of(Path("libz.so"))
    (19, 19, 0)
    """
    found = _NAME.match(path.name)
    return int(found.group(1) or found.group(2) or 0) if found else 0
