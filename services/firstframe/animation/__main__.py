"""`python -m firstframe.animation`: the service without the command line, as its image runs it."""

from __future__ import annotations

from firstframe.animation.app import main
from firstframe.runtime.boot import run

if __name__ == "__main__":
    run(main)
