"""Runs whose outputs are known: how a machine shows that it computes what the pack's author saw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firstframe.core.errors import InvalidInput
from firstframe.core.models import BATCH, Dtype
from firstframe.packs.spec import Golden, Graph, Samples, Tensor

DEFAULT_RANGE = (0.0, 1.0)
SAMPLES = 8
"""Elements that a new golden keeps of each output."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """How far an output is from what is known of it."""

    output: str
    largest: float
    """Largest difference of an element, the mean or the deviation; infinite where they cannot be compared."""
    atol: float

    @property
    def passes(self) -> bool:
        """Whether it is near enough; NaN never is."""
        return self.largest <= self.atol


def make_inputs(graph: Graph, golden: Golden) -> dict[str, NDArray[Any]]:
    """Inputs of a golden run; see `draw_inputs`.

    Raises:
        InvalidInput: The golden leaves out an axis.
    """
    return draw_inputs(graph.inputs, {BATCH: 1} | golden.axes, seed=golden.seed, cells=golden.cells)


def draw_inputs(
    tensors: Iterable[Tensor], lengths: Mapping[str, int], *, seed: int = 1, cells: int = 0
) -> dict[str, NDArray[Any]]:
    """Uniform noise over each input's value range, 0 to 1 where it has none; whole numbers include both ends.

    Args:
        tensors: Drawn in their order from one generator.
        lengths: Of the axes that vary.
        seed: Of the generator.
        cells: See `Golden.cells`.

    Raises:
        InvalidInput: An axis is left out.
    """
    rng = np.random.default_rng(seed)
    return {tensor.name: _input(tensor, _shape(tensor, lengths), cells, rng) for tensor in tensors}


def _shape(tensor: Tensor, axes: Mapping[str, int]) -> tuple[int, ...]:
    if lacking := {axis for axis in tensor.shape if isinstance(axis, str)} - set(axes):
        raise InvalidInput.at("goldens.axes", f"lack {', '.join(sorted(lacking))}, which {tensor.name} has")
    return tuple(axes[axis] if isinstance(axis, str) else axis for axis in tensor.shape)


def _input(tensor: Tensor, shape: Sequence[int], cells: int, rng: np.random.Generator) -> NDArray[Any]:
    drawn = _noise(tensor, [min(length, cells or length) for length in shape], rng)
    for axis, length in enumerate(shape):
        if drawn.shape[axis] != length:
            drawn = np.take(drawn, np.arange(length) * cells // length, axis=axis)
    return drawn


def _noise(tensor: Tensor, shape: Sequence[int], rng: np.random.Generator) -> NDArray[Any]:
    low, high = tensor.value_range or DEFAULT_RANGE
    if tensor.dtype in {Dtype.FP16, Dtype.FP32}:
        return (low + (high - low) * rng.random(shape, dtype=np.float32)).astype(tensor.dtype.numpy)
    return rng.integers(int(low), int(high), shape, endpoint=True).astype(tensor.dtype.numpy)


def sample(value: NDArray[Any], count: int = SAMPLES) -> Samples:
    """What a golden keeps of an output.

    Args:
        value: The output, any shape.
        count: Elements, at evenly spaced positions of the flat array, the first and the last among them.
    """
    flat = value.astype(np.float64).reshape(-1)
    return Samples(mean=float(flat.mean()), std=float(flat.std()), values=tuple(map(float, _spaced(flat, count))))


def _spaced(flat: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    positions = np.linspace(0, flat.size - 1, min(count, flat.size)).round().astype(np.int64)
    return flat[positions]


def compare(golden: Golden, outputs: Mapping[str, NDArray[Any]]) -> tuple[Deviation, ...]:
    """Holds the outputs of a run against what is known of them."""
    return tuple(
        Deviation(name, _difference(known, outputs.get(name)), golden.atol) for name, known in golden.outputs.items()
    )


def _difference(known: Samples, value: NDArray[Any] | None) -> float:
    if value is None or value.size < len(known.values):
        return float("inf")
    found = sample(value, len(known.values))
    wanted = (known.mean, known.std, *known.values)
    return float(np.abs(np.subtract((found.mean, found.std, *found.values), wanted)).max())
