"""`python -m firstframe.imagegen`: the service without the command line, as its image runs it."""

from __future__ import annotations

from firstframe.imagegen.app import main
from firstframe.runtime.boot import run

if __name__ == "__main__":
    run(main)
