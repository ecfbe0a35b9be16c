"""Graphs that are served somewhere, called with tensors of torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import pad

from firstframe.core.errors import Unsupported
from firstframe.core.models import BATCH, Dtype, ServedModel, TensorSpec
from firstframe.ports.inference import BlockingInference

Tensors = dict[str, torch.Tensor]


class RemoteGraph:
    """One graph, for one piece of work.

    Args:
        model: What is served; its file need not be here.
        inference: Where it is served.
        check: Called while answers are awaited; what it raises ends the call.
    """

    def __init__(
        self, model: ServedModel, inference: BlockingInference, check: Callable[[], None] | None = None
    ) -> None:
        self.model = model
        self._inference = inference
        self._check = check

    def run(self, tensors: Mapping[str, torch.Tensor]) -> Tensors:
        """Runs the graph; a batch that is too large for it goes in parts.

        Args:
            tensors: All inputs, by the graph's names; floating-point ones are brought to its types.

        Raises:
            Unsupported: `MODEL_ARGUMENT`, the graph has no such inputs.
            FirstframeError: See `Inference`.
        """
        self._expect(tensors)
        arrays = {spec.name: _array(tensors[spec.name], spec) for spec in self.model.inputs}
        parts = [self._inference.infer(self.model.name, part, check=self._check) for part in self._parts(arrays)]
        return {spec.name: _joined([part[spec.name] for part in parts]) for spec in self.model.outputs}

    def _expect(self, tensors: Mapping[str, torch.Tensor]) -> None:
        wanted = {spec.name for spec in self.model.inputs}
        if wanted != set(tensors):
            problem = (
                f"{self.model.name} takes {', '.join(sorted(wanted))}; the pipeline gives {', '.join(sorted(tensors))}"
            )
            raise Unsupported(problem, reason="MODEL_ARGUMENT", metadata={"model": self.model.name})

    def _parts(self, arrays: dict[str, NDArray[Any]]) -> list[dict[str, NDArray[Any]]]:
        most, samples = self.model.batching.max_size, next(iter(arrays.values())).shape[0]
        if samples <= most or not all(spec.shape[:1] == (BATCH,) for spec in self.model.inputs):
            return [arrays]
        return [
            {name: array[start : start + most] for name, array in arrays.items()} for start in range(0, samples, most)
        ]


def _array(tensor: torch.Tensor, spec: TensorSpec) -> NDArray[Any]:
    array = tensor.detach().cpu().contiguous().numpy()
    floating = spec.dtype in (Dtype.FP16, Dtype.FP32)
    return array.astype(spec.dtype.numpy, copy=False) if floating or array.dtype.kind in "iub" else array


def _joined(parts: list[NDArray[Any]]) -> torch.Tensor:
    # What a server answers may be read-only memory, which torch must not be given.
    return torch.from_numpy(np.concatenate(parts) if len(parts) > 1 else np.array(parts[0]))


def fitted(value: torch.Tensor, length: int) -> torch.Tensor:
    """A tensor (batch, tokens, …) cut or filled with zeros to so many tokens."""
    value = value[:, :length]
    return pad(value, (0, 0) * (value.ndim - 2) + (0, length - value.shape[1]))
