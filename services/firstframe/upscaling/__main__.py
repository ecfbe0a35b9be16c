"""`python -m firstframe.upscaling`: the service without the command line, as its image runs it."""

from __future__ import annotations

from firstframe.runtime.boot import run
from firstframe.upscaling.app import main

if __name__ == "__main__":
    run(main)
