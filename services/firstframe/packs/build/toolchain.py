"""NVIDIA's programs on this machine."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from firstframe.core.errors import PreconditionFailed
from firstframe.packs.build.architectures import ARCHITECTURES, architecture_of
from firstframe.packs.build.commands import Programs

_VERSION = re.compile(r"\[TensorRT v(\d+)\](?: \[b(\d+)\])?")
_ASK_TIMEOUT_S = 60.0
_IMAGE = "run this in NVIDIA's image (nvcr.io/nvidia/tensorrt, which has trtexec) on a machine with the GPU"


@dataclass(frozen=True, slots=True)
class Toolchain:
    """What builds engines here."""

    programs: Programs
    tensorrt: str
    """Version, `11.1.0.106`."""


def find_toolchain(arch: str, *, casts: bool) -> Toolchain:
    """Finds trtexec, and holds the GPU against the architecture.

    Args:
        arch: What is to be built for, `sm_90`.
        casts: Whether nvidia-modelopt is needed.

    Raises:
        PreconditionFailed: `TENSORRT_MISSING`, a program or the GPU is not there; the message says what to install.
            `GPU_ARCHITECTURE_DIFFERS`, the GPU is of another architecture.
    """
    trtexec = shutil.which("trtexec")
    if trtexec is None:
        raise _missing("trtexec is not on the path")
    _check_gpu(arch)
    if casts and not _has_modelopt():
        raise _missing(f"{sys.executable} lacks nvidia-modelopt; install it with: pip install 'nvidia-modelopt[onnx]'")
    return Toolchain(Programs(trtexec, sys.executable), _version(trtexec))


def _missing(problem: str) -> PreconditionFailed:
    return PreconditionFailed(
        f"engines cannot be built here: {problem}; {_IMAGE}, or add --dry-run to see the commands",
        reason="TENSORRT_MISSING",
    )


def _check_gpu(arch: str) -> None:
    query = ("nvidia-smi", "--query-gpu=compute_cap", "--format=csv,noheader")
    answer = _ask(query).stdout.splitlines() if shutil.which("nvidia-smi") else []
    found = {architecture_of(line) for line in answer if line.strip()}
    if not found:
        raise _missing("there is no GPU")
    if arch not in found:
        text = f"the GPU is {', '.join(sorted(found))}, the engine is for {arch} ({ARCHITECTURES[arch]})"
        fix = "build it on such a GPU, or change --arch"
        raise PreconditionFailed(f"{text}; {fix}", reason="GPU_ARCHITECTURE_DIFFERS")


def _has_modelopt() -> bool:
    code = "import importlib.util, sys; sys.exit(importlib.util.find_spec('modelopt') is None)"
    return _ask((sys.executable, "-c", code)).returncode == 0


def _version(trtexec: str) -> str:
    """The program names its TensorRT in its first line: `[TensorRT v110100] [b106]`."""
    found = _VERSION.search(_ask((trtexec, "--help")).stdout)
    if found is None:
        raise _missing(f"{trtexec} does not tell its version")
    number = int(found[1])
    build = f".{found[2]}" if found[2] else ""
    return f"{number // 10000}.{number // 100 % 100}.{number % 100}{build}"


def _ask(argv: Sequence[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603  (programs are ours)
            argv, capture_output=True, text=True, errors="replace", timeout=_ASK_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _missing(f"{argv[0]} does not answer: {error}") from error
