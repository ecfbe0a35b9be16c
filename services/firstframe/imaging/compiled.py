"""Ahead-of-time compilation of kernels by numba."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from numba import njit
from numba.extending import register_jitable

P = ParamSpec("P")
R = TypeVar("R")


def compiled(signature: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Compiles a function for one signature when its module is imported, or takes it from the cache on disk.

    The cache is beside the module, in the user's cache folder when that cannot be written, or where `NUMBA_CACHE_DIR`
    says; where nothing can be written, every process compiles anew. It does not notice changes in other files that a kernel
    calls. Kernels release the interpreter's lock.
    """

    def wrap(function: Callable[P, R]) -> Callable[P, R]:
        try:
            return _kernel(function, signature, cache=True)
        except RuntimeError:  # numba found no folder for the cache
            return _kernel(function, signature, cache=False)

    return wrap


def part(function: Callable[P, R]) -> Callable[P, R]:
    """Marks a function that kernels call; its code is put in their place, so that a call costs nothing.

    It should take flat arrays and places in them: making a view of an array counts references, which costs time.
    """
    inlined: Callable[P, R] = register_jitable(inline="always")(function)
    return inlined


def _kernel(function: Callable[P, R], signature: str, *, cache: bool) -> Callable[P, R]:
    kernel = njit(signature, nogil=True, cache=cache, boundscheck=False, error_model="numpy")(function)
    return cast("Callable[P, R]", kernel)
