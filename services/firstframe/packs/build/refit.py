"""Exchanges the weights of an engine: `python -m firstframe.packs.build.refit`. Needs tensorrt and its GPU."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from firstframe.core.errors import Internal


def refit(engine: Path, onnx: Path, output: Path) -> None:
    """Writes an engine with the weights of another file of the same graph.

    Args:
        engine: A refittable engine.
        onnx: The same graph with other weights.
        output: The file to write.

    Raises:
        Internal: `ENGINE_REFIT_FAILED`.
    """
    trt = importlib.import_module("tensorrt")
    logger = trt.Logger(trt.Logger.WARNING)
    loaded = trt.Runtime(logger).deserialize_cuda_engine(engine.read_bytes())
    if loaded is None:
        raise Internal(f"{engine} cannot be loaded by TensorRT {trt.__version__} here", reason="ENGINE_REFIT_FAILED")
    refitter = trt.Refitter(loaded, logger)
    parser = trt.OnnxParserRefitter(refitter, logger)
    if not parser.refit_from_file(str(onnx)) or not refitter.refit_cuda_engine():
        raise Internal(f"{onnx} does not fit {engine}; build with --rebuild", reason="ENGINE_REFIT_FAILED")
    output.write_bytes(loaded.serialize())


def main(arguments: list[str] | None = None) -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("engine", "onnx", "output"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    given = parser.parse_args(arguments)
    refit(given.engine, given.onnx, given.output)


if __name__ == "__main__":
    main(sys.argv[1:])
