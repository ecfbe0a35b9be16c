"""`python -m benchmarks [NAME…]`: runs benchmarks, writes build/benchmarks/NAME.json and prints a table.

A benchmark is a module of this package with `run() -> dict`; `rows(result)` tells what of it is printed.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
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
    """Runs one benchmark, writes and prints its result; whether its goals are met."""
    module = importlib.import_module(f"benchmarks.{name}")
    console.print(f"measuring {name} …")
    began = time.monotonic()
    result: dict[str, Any] = module.run()
    took_s = time.monotonic() - began
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps({"benchmark": name, "machine": machine(), "took_s": took_s, **result}, indent=2) + "\n")
    _print(console, name, module.rows(result))
    console.print(f"{path}, {took_s:.0f} s")
    return bool(result.get("goals_met", True))


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
