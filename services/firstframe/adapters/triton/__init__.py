"""Models served by NVIDIA Triton: the client, its errors, readiness, model memory, and the repositories that Triton reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from firstframe.adapters.triton.client import TritonInference

__all__ = ["TritonInference"]


def __getattr__(name: str) -> object:
    # The client's library takes a second to import, which a repository generator or a command line does not need.
    if name == "TritonInference":
        from firstframe.adapters.triton.client import TritonInference

        return TritonInference
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
