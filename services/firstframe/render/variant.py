"""Which variant of the renderer runs, and how."""

from __future__ import annotations

import ctypes
import os
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

import structlog

from firstframe.render.kinds import Renderer
from firstframe.render.llvm import VARIABLE, find_libllvm

VariantName = Literal["auto", "llvm_ad_rgb", "cuda_ad_rgb", "scalar_rgb"]
TargetName = Literal["auto", "x86-64-v3", "x86-64-v4", "native"]

_TARGETS = {"x86-64-v3": 8, "x86-64-v4": 16}
"""Instruction sets that kernels can be compiled for, and their lanes of 32 bits; 16 lanes do not compile for v3."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Variant:
    """A variant of Mitsuba that is ready to run."""

    name: str
    threads: int
    target: str
    details: dict[str, str] = field(default_factory=dict)
    """Facts about the machine that may matter for the bytes, for the provenance."""

    @property
    def vectorised(self) -> bool:
        """Whether exact layers can be rendered."""
        return self.name != "scalar_rgb"

    def activate(self) -> Renderer:
        """Selects the variant for the calling thread and gives the module; Mitsuba keeps the choice per thread."""
        import drjit as dr
        import mitsuba as mi

        mi.set_variant(self.name)
        mi.set_log_level(mi.LogLevel.Error)
        dr.set_thread_count(self.threads)
        return mi


def choose(
    wanted: VariantName = "auto", *, threads: int = 0, target: TargetName = "auto", folder: Path | None = None
) -> Variant:
    """Picks the variant: the wanted one, or LLVM when there is a library for it, else scalar.

    Args:
        wanted: Name of a variant, or `auto`.
        threads: Threads for one render; 0 means one for each processor. The picture does not depend on it.
        target: Instruction set for LLVM. `auto` takes x86-64-v4 where the processor has AVX-512, else x86-64-v3: two
            classes of machine, each with its own bytes. `native` is whatever the processor is.
        folder: Folder that holds `.cache/llvm`; see `find_libllvm`.
    """
    name: str = _llvm_or_scalar(folder) if wanted in ("auto", "llvm_ad_rgb") else wanted
    count = threads or len(os.sched_getaffinity(0))
    facts = {"variant": name, "threads": str(count), "processor": _processor()}
    variant = Variant(name, count, "none", facts)
    mi = variant.activate()
    facts["mitsuba"] = mi.__version__
    if name != "llvm_ad_rgb":
        return variant
    kind = _pin(mi, _class_of_machine() if target == "auto" else target)
    return Variant(name, count, kind, facts | {"llvm_target": kind, "llvm": _llvm_version()})


def _llvm_or_scalar(folder: Path | None) -> str:
    library = find_libllvm(folder=folder)
    if library is None:
        _log.warning("no libLLVM of version 16 or later: rendering is slow and layers are inferred", fix="make llvm")
        return "scalar_rgb"
    os.environ[VARIABLE] = str(library)
    return "llvm_ad_rgb"


def _class_of_machine() -> str:
    flags = _cpuinfo("flags").split()
    if {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"} <= set(flags):
        return "x86-64-v4"
    return "x86-64-v3" if {"avx2", "fma", "bmi2"} <= set(flags) else "native"


def _pin(mi: Renderer, target: str) -> str:
    """Makes kernels for `target` and tells for which they are made; Dr.Jit has a call for it, but no Python name."""
    import drjit as dr

    dr.eval(mi.Float([0.0, 1.0]))  # starts the backend, which would choose a target of its own later
    setter = getattr(_drjit(), "_Z19jit_llvm_set_targetPKcS0_j", None)
    if target not in _TARGETS or setter is None:
        return "native"
    setter.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_uint32]
    setter.restype = None
    setter(target.encode(), b"", _TARGETS[target])
    return target


def _llvm_version() -> str:
    reader = getattr(_drjit(), "_Z16jit_llvm_versionPiS_S_", None)
    if reader is None:
        return "unknown"
    parts = [ctypes.c_int() for _ in range(3)]
    reader(*(ctypes.byref(part) for part in parts))
    return ".".join(str(part.value) for part in parts)


@cache
def _drjit() -> ctypes.CDLL:
    import drjit

    return ctypes.CDLL(str(Path(drjit.__file__).parent / "libdrjit-core.so"))


def _processor() -> str:
    return _cpuinfo("model name") or "unknown"


def _cpuinfo(key: str) -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), "")
