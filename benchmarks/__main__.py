"""`python -m benchmarks [NAME…]`: runs benchmarks, writes build/benchmarks/NAME.json and prints a table.

A benchmark is a module of this package with `run() -> dict` and `rows(result)`, which tells what of it is printed; or a program
of its own that takes `--json FILE` and prints for itself.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

FOLDER = Path(__file__).resolve().parent
RESULTS = FOLDER.parent / "build" / "benchmarks"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the benchmarks named, all by default; 1 when a goal is missed."""
    names = available()
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure firstframe on this machine.")
    parser.add_argument("names", nargs="*", choices=[*names, []], metavar="NAME", help=", ".join(names))
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the JSON files")
    chosen = parser.parse_args(arguments)
    console = Console()
    met = [measure(name, chosen.out, console) for name in chosen.names or names]
    return 0 if all(met) else 1


def available() -> list[str]:
    """Names of the benchmarks, in alphabetical order."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))


def measure(name: str, folder: Path, console: Console) -> bool:
    """Runs one benchmark, which writes and prints its result; whether its goals are met."""
    console.print(f"measuring {name} …")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    began = time.monotonic()
    module = importlib.import_module(f"benchmarks.{name}")
    met = _run_module(module, name, path, console) if hasattr(module, "run") else _run_program(name, path)
    console.print(f"{path}, {time.monotonic() - began:.0f} s")
    return met


def _run_module(module: Any, name: str, path: Path, console: Console) -> bool:  # noqa: ANN401  (a module is its names)
    before = machine()
    result: dict[str, Any] = module.run()
    path.write_text(json.dumps({"benchmark": name, "machine": before, **result}, indent=2) + "\n")
    _print(console, name, module.rows(result))
    return bool(result.get("goals_met", True))


def _run_program(name: str, path: Path) -> bool:
    command = [sys.executable, "-m", f"benchmarks.{name}", "--json", str(path)]
    return subprocess.run(command, check=False, cwd=FOLDER.parent).returncode == 0


def machine() -> dict[str, object]:
    """What the figures depend on, in general terms."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "architecture": platform.machine(),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def _print(console: Console, name: str, rows: Sequence[tuple[str, str, str]]) -> None:
    table = Table(title=name, title_justify="left")
    for heading in ("measure", "figure", "goal"):
        table.add_column(heading)
    for row in rows:
        table.add_row(*row)
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
