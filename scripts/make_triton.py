"""Makes the environment of the development server: `.venv-triton`, for `make triton`.

It holds the real tritonserver of the PyPI package nvidia-pytriton, the Python backend laid out as the server wants it, and
`server.json`, written last, which tells `firstframe serve triton` where everything is.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "models" / "triton" / "requirements.txt"
RECORD = "server.json"
LAYOUT = "1"
"""Raised when what this program makes changes."""
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
CHECK = "import numpy, onnxruntime, ai_edge_litert.interpreter; assert numpy.__version__ < '2', numpy.__version__"


def main() -> int:
    """Makes the environment unless it is there already."""
    parser = argparse.ArgumentParser(description="Make the environment of the development Triton server.")
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / ".venv-triton")
    folder = parser.parse_args().folder.absolute()
    if _recorded(folder) == _key():
        return 0
    (folder / RECORD).unlink(missing_ok=True)
    _install(folder)
    _lay_out(folder)
    return 0


def _key() -> str:
    return hashlib.sha256(REQUIREMENTS.read_bytes() + f"{VERSION} {LAYOUT}".encode()).hexdigest()


def _recorded(folder: Path) -> str | None:
    try:
        found = json.loads((folder / RECORD).read_text())
    except (OSError, ValueError):
        return None
    return found.get("made_of") if found.get("folder") == str(folder) else None


def _install(folder: Path) -> None:
    python = folder / "bin" / "python"
    venv.create(folder, clear=True, with_pip=True, symlinks=True)
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", REQUIREMENTS]
    subprocess.run(pip, check=True)  # noqa: S603
    subprocess.run([python, "-W", "ignore", "-c", CHECK], check=True)  # noqa: S603


def _lay_out(folder: Path) -> None:
    packages = folder / "lib" / f"python{VERSION}" / "site-packages"
    server = packages / "pytriton" / "tritonserver"
    stub = server / "python_backend_stubs" / VERSION / "triton_python_backend_stub"
    if not stub.is_file():
        sys.exit(f"nvidia-pytriton has no Python backend for Python {VERSION}; use 3.11 or 3.12")
    shutil.copytree(server / "backends", folder / "backends", dirs_exist_ok=True)
    shutil.copy2(stub, folder / "backends" / "python")
    (folder / "backends" / "python" / stub.name).chmod(0o755)
    _record(folder, server / "bin" / "tritonserver", [packages / "nvidia_pytriton.libs", _library_folder()])


def _library_folder() -> Path:
    """Where libpython of this Python is, which the backend's processes load."""
    name = f"libpython{VERSION}.so.1.0"
    places = [Path(sysconfig.get_config_var("LIBDIR") or "/usr/lib"), *sorted(Path("/usr/lib").glob("*-linux-gnu"))]
    for folder in places:
        if (folder / name).exists():
            return folder
    sys.exit(f"there is no {name}; install it (Debian: libpython{VERSION}), or use a Python built with --enable-shared")


def _record(folder: Path, server: Path, libraries: list[Path]) -> None:
    server.chmod(0o755)
    found = {
        "folder": str(folder),
        "server": str(server),
        "backends": str(folder / "backends"),
        "libraries": [str(path) for path in libraries],
        "made_of": _key(),
    }
    aside = folder / f".{RECORD}"
    aside.write_text(json.dumps(found, indent=2) + "\n")
    aside.replace(folder / RECORD)


if __name__ == "__main__":
    sys.exit(main())
