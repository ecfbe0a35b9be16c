"""Served models: what a graph takes and gives, and how it is served."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike, NDArray

from firstframe.core.errors import InvalidInput

Axis = int | str
"""A fixed length, or the name of an axis that varies. The first axis is `batch` where a model takes batches."""
BATCH = "batch"


_SHOWN_DIGITS = 12


def weights_version(digests: Mapping[str, str]) -> str:
    """What is asked, for the content key of whatever is made with it: `pack@digest` of each; empty without packs.

    Args:
        digests: Digest of the weights (`sha256:…`) by pack.
    """
    return "+".join(f"{name}@{digest.rpartition(':')[2][:_SHOWN_DIGITS]}" for name, digest in digests.items())


class Dtype(StrEnum):
    """Element types, by the names of the KServe v2 protocol."""

    BOOL = "BOOL"
    UINT8 = "UINT8"
    INT32 = "INT32"
    INT64 = "INT64"
    FP16 = "FP16"
    FP32 = "FP32"

    @property
    def numpy(self) -> np.dtype[np.generic]:
        """NumPy's type of the same layout."""
        return np.dtype(_NUMPY[self])

    @classmethod
    def of(cls, dtype: DTypeLike) -> Dtype:
        """The name of a NumPy type.

        Raises:
            InvalidInput: No model takes that type.
        """
        wanted = np.dtype(dtype)
        found = next((name for name in cls if name.numpy == wanted), None)
        if found is None:
            raise InvalidInput.at("dtype", f"no model takes {wanted}", f"use one of {', '.join(cls)}")
        return found


_NUMPY: dict[Dtype, type[np.generic]] = {
    Dtype.BOOL: np.bool_,
    Dtype.UINT8: np.uint8,
    Dtype.INT32: np.int32,
    Dtype.INT64: np.int64,
    Dtype.FP16: np.float16,
    Dtype.FP32: np.float32,
}


class Runtime(StrEnum):
    """What runs a graph's file on a CPU."""

    ONNX = "onnx"
    TFLITE = "tflite"


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """One input or output of a graph."""

    name: str
    dtype: Dtype
    shape: tuple[Axis, ...]

    @property
    def batched(self) -> bool:
        """Whether the first axis counts samples."""
        return bool(self.shape) and self.shape[0] == BATCH

    def check(self, value: NDArray[np.generic]) -> None:
        """Holds a tensor against this specification.

        Raises:
            InvalidInput: Type, number of axes or a fixed length differs; `metadata["field"]` is the tensor's name.
        """
        if value.dtype != self.dtype.numpy:
            raise InvalidInput.at(self.name, f"is {value.dtype}", f"give {self.dtype.numpy}")
        wanted = list(self.shape)
        fits = len(wanted) == value.ndim and all(
            isinstance(axis, str) or axis == length for axis, length in zip(wanted, value.shape, strict=False)
        )
        if not fits:
            text = " × ".join(map(str, wanted))
            raise InvalidInput.at(self.name, f"has shape {value.shape}", f"the model takes {text}")


@dataclass(frozen=True, slots=True)
class Batching:
    """How requests of different callers are joined into one run."""

    max_size: int = 1
    """Samples that one run takes; 1 means that requests are never joined."""
    preferred: tuple[int, ...] = ()
    delay_us: int = 0
    """How long a request may wait for company, in microseconds."""
    queue_size: int = 64
    """Requests that may wait; the next one is refused."""
    queue_timeout_ms: int = 30_000
    """How long a request may wait before it is refused, in milliseconds."""


@dataclass(frozen=True, slots=True)
class ServedModel:
    """One graph as a server has it."""

    name: str
    """`pack` or `pack-graph`: lower-case letters, digits and hyphens."""
    file: Path
    digest: str
    """SHA-256 of the file, 64 lower-case hexadecimal digits."""
    runtime: Runtime
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    batching: Batching = field(default_factory=Batching)
    warm_up: tuple[dict[str, int], ...] = ()
    """Lengths of the varying axes, `batch` among them, that are run once at load."""
    gpu_memory_bytes: int = 0
    """What the model holds on a GPU once it is loaded, its largest bucket's working memory included."""
    compiled: bool = True
    """Whether a GPU runs it as a TensorRT engine; else under ONNX Runtime, there as on a CPU."""
    profiles: int = 1
    """Optimisation profiles of its engine; a server has to name each to serve all sizes."""

    def check_inputs(self, inputs: dict[str, NDArray[np.generic]]) -> None:
        """Holds a request against the model.

        Raises:
            InvalidInput: An input is missing, unknown, or of another type or shape.
        """
        wanted = {spec.name for spec in self.inputs}
        if wanted != set(inputs):
            problem = (
                f"the model takes {', '.join(sorted(wanted))}, the request has {', '.join(sorted(inputs)) or 'none'}"
            )
            raise InvalidInput.at("inputs", problem)
        for spec in self.inputs:
            spec.check(inputs[spec.name])
