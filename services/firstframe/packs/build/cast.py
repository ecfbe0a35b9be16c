"""Writes a graph in FP16 or BF16: `python -m firstframe.packs.build.cast`. Needs nvidia-modelopt, and no GPU.

Model Optimizer's autocast decides node by node, by values that it measures. Two things it cannot know are told to it: inputs
that fit each other (its own have lengths of 1, which many graphs refuse), and that angles stay in FP32. A timestep of 999, or
the position of the 301st token, is no number of BF16; sine and cosine of what it is rounded to are something else.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from firstframe.core.models import Dtype
from firstframe.packs.build.onnx_files import angle_nodes
from firstframe.packs.golden import draw_inputs
from firstframe.packs.spec import Tensor


def told(tensor: Tensor, shape: Sequence[int]) -> str:
    """An input for the command line: `name:dtype:1x4x8:low:high`, without bounds where it has none."""
    bounds = "" if tensor.value_range is None else ":{:g}:{:g}".format(*tensor.value_range)
    return f"{tensor.name}:{tensor.dtype}:{'x'.join(map(str, shape))}{bounds}"


def parse(text: str) -> Tensor:
    """What `told` made of an input, its lengths fixed."""
    name, dtype, shape, *bounds = text.split(":")
    lengths = tuple(int(length) for length in shape.split("x"))
    low, high = map(float, bounds) if bounds else (None, None)
    values = None if low is None or high is None else (low, high)
    return Tensor(name=name, dtype=Dtype(dtype), shape=lengths, value_range=values)


def cast(onnx: Path, output: Path, precision: str, inputs: Sequence[Tensor], calibration: Path | None) -> int:
    """Runs Model Optimizer.

    Args:
        onnx: The graph.
        output: The file to write.
        precision: `fp16` or `bf16`.
        inputs: Noise is drawn for them.
        calibration: A NumPy archive that is taken instead.

    Returns:
        The program's exit status.
    """
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=".inputs-") as scratch:
        drawn = Path(scratch) / "inputs.npz"
        if calibration is None:
            np.savez(drawn, **draw_inputs(inputs, {}))  # type: ignore[arg-type]
        paths = (f"--onnx_path={onnx}", f"--output_path={output}", f"--calibration_data={calibration or drawn}")
        options = (f"--low_precision_type={precision}", "--keep_io_types")
        kept = [f"{re.escape(name)}$" for name in angle_nodes(onnx)]
        exact = ("--nodes_to_exclude", *kept) if kept else ()
        command = (sys.executable, "-m", "modelopt.onnx.autocast", *paths, *options, *exact)
        return subprocess.run(command, check=False).returncode  # noqa: S603  (a list of arguments, no shell)


def main(arguments: list[str] | None = None) -> int:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--onnx", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--precision", choices=("fp16", "bf16"), required=True)
    parser.add_argument("--input", action="append", type=parse, default=[], help="name:dtype:1x4x8:low:high")
    parser.add_argument("--calibration", type=Path)
    given = parser.parse_args(arguments)
    return cast(given.onnx, given.output, given.precision, given.input, given.calibration)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
