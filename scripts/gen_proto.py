"""Generates services/firstframe/api from proto/, and descriptor images for buf.

Usage: gen_proto.py OUT_DIR [--image FILE]
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib.resources import files
from pathlib import Path

from google.api import annotations_pb2
from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
PROTO = ROOT / "proto"


def include_flags() -> list[str]:
    """Folders in which imports are looked up: ours, protobuf's own and Google's common ones."""
    site = Path(annotations_pb2.__file__).parents[2]
    return [f"-I{PROTO}", f"-I{files('grpc_tools') / '_proto'}", f"-I{site}"]


def sources() -> list[str]:
    """Every file of the contract, sorted."""
    return sorted(str(path.relative_to(PROTO)) for path in PROTO.rglob("*.proto"))


def run(flags: list[str]) -> None:
    """Runs protoc and leaves with its exit code when it fails."""
    code = protoc.main(["protoc", *include_flags(), *flags, *sources()])
    if code:
        sys.exit(code)


def add_packages(out: Path) -> None:
    """Makes every generated folder an importable package."""
    for folder in {path.parent for path in (out / "firstframe" / "api").rglob("*_pb2.py")}:
        for package in (folder, folder.parent):
            (package / "__init__.py").touch()
    (out / "firstframe" / "api" / "__init__.py").touch()


def generate(out: Path) -> None:
    """Writes messages, services and type stubs under `out`/firstframe/api."""
    out.mkdir(parents=True, exist_ok=True)
    # protoc looks for its plugins on the path; they are installed beside this interpreter.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    run([f"--{plugin}_out={out}" for plugin in ("python", "grpc_python", "mypy", "mypy_grpc")])
    add_packages(out)


def image(path: Path) -> None:
    """Writes the contract as a descriptor set that buf reads."""
    run(["--include_imports", "--include_source_info", f"--descriptor_set_out={path}"])


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, nargs="?")
    parser.add_argument("--image", type=Path)
    arguments = parser.parse_args()
    if arguments.out:
        generate(arguments.out)
    if arguments.image:
        image(arguments.image)


if __name__ == "__main__":
    main()
