"""Command lines of a build: lower the precision in the graph, then build an engine of it, or exchange an engine's weights.

TensorRT 11 takes types from the graph as they are (`--fp16`, `--bf16` and `--fp8` are gone), so nvidia-modelopt puts them into
the ONNX file first. Options as of trtexec 11.1 (NVIDIA/TensorRT, samples/common/sampleOptions.cpp) and Model Optimizer 0.39
(modelopt/onnx/autocast, modelopt/onnx/quantization), both read in November 2026.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from firstframe.core.errors import InvalidInput
from firstframe.packs.build.profiles import Profile

CAST = ("fp16", "bf16")
QUANTISED = ("fp8", "int8")


@dataclass(frozen=True, slots=True)
class Command:
    """One program that is run."""

    what: str
    """What it does, for a person."""
    argv: tuple[str, ...]

    def shell(self) -> str:
        """The command for a POSIX shell."""
        return shlex.join(self.argv)


@dataclass(frozen=True, slots=True)
class Programs:
    """How the programs are called."""

    trtexec: str = "trtexec"
    python: str = "python3"
    """A Python with nvidia-modelopt, and with tensorrt for exchanging weights."""


def precision_command(
    programs: Programs,
    precision: str,
    source: Path,
    target: Path,
    *,
    inputs: Sequence[str] = (),
    calibration: Path | None = None,
) -> Command | None:
    """Writes the graph in its precision; None where it stays as it is. Inputs and outputs keep their types.

    Args:
        programs: How they are called.
        precision: `fp32`, `fp16`, `bf16`, `fp8` or `int8`.
        source: The exported graph.
        target: The file to write.
        inputs: Of a small run, as `firstframe.packs.build.cast.told` writes them, to measure ranges with.
        calibration: A NumPy archive by input name that is taken instead.

    Raises:
        InvalidInput: A quantised precision without calibration inputs.
    """
    if precision in CAST:
        return Command(f"casts to {precision}", _cast(programs.python, precision, source, target, inputs, calibration))
    if precision in QUANTISED:
        return Command(f"quantises to {precision}", _quantise(programs.python, precision, source, target, calibration))
    return None


def _cast(
    python: str, precision: str, source: Path, target: Path, inputs: Sequence[str], calibration: Path | None
) -> tuple[str, ...]:
    options = (f"--onnx={source}", f"--output={target}", f"--precision={precision}")
    measured = (f"--calibration={calibration}",) if calibration else tuple(f"--input={one}" for one in inputs)
    return (python, "-m", "firstframe.packs.build.cast", *options, *measured)


def _quantise(python: str, precision: str, source: Path, target: Path, calibration: Path | None) -> tuple[str, ...]:
    if calibration is None:
        problem = f"{precision} needs inputs to measure ranges with"
        raise InvalidInput.at("--calibration", problem, "give a NumPy archive with arrays by input name")
    paths = (f"--onnx_path={source}", f"--output_path={target}", f"--calibration_data_path={calibration}")
    types = (f"--quantize_mode={precision}", "--high_precision_dtype=fp16")
    return (python, "-m", "modelopt.onnx.quantization", *paths, *types)


def engine_command(
    programs: Programs,
    source: Path,
    target: Path,
    profiles: Sequence[Profile],
    *,
    timing_cache: Path,
    refittable: bool = False,
) -> Command:
    """Builds an engine.

    Args:
        programs: How they are called.
        source: The graph in its precision.
        target: The file to write.
        profiles: What it is built for; none where no shape varies.
        timing_cache: File of measured kernels; read if it is there, and written.
        refittable: Whether weights can be exchanged later; kernels that bake weights in are then left out.
    """
    files = (f"--onnx={source}", f"--saveEngine={target}", f"--timingCacheFile={timing_cache}")
    options = ("--skipInference", *(("--refit",) if refittable else ()))
    argv = (programs.trtexec, *files, *options, *_profile_options(profiles))
    made = {0: "of one size", 1: "with 1 profile"}.get(len(profiles), f"with {len(profiles)} profiles")
    return Command(f"builds an engine {made}", argv)


def _profile_options(profiles: Sequence[Profile]) -> Iterator[str]:
    for index, profile in enumerate(profiles):
        yield f"--profile={index}"
        yield f"--minShapes={profile.spec(lambda shapes: shapes.min)}"
        yield f"--optShapes={profile.spec(lambda shapes: shapes.opt)}"
        yield f"--maxShapes={profile.spec(lambda shapes: shapes.max)}"


def refit_command(programs: Programs, engine: Path, source: Path, target: Path) -> Command:
    """Exchanges the weights of an engine.

    trtexec can do so too (`--refitFromOnnx`), in memory only: it does not save the result.

    Args:
        programs: How they are called.
        engine: The engine that there is.
        source: The graph with the new weights, in its precision.
        target: The file to write.
    """
    paths = (f"--engine={engine}", f"--onnx={source}", f"--output={target}")
    return Command("exchanges the weights", (programs.python, "-m", "firstframe.packs.build.refit", *paths))
