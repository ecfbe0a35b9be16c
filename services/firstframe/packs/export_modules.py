"""What the exporter makes of a module: plain tensors in, plain tensors out, and the names of all axes.

The tensors' names are the wire between a stage and a server; `firstframe.learned.families` speaks the other side.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from firstframe.core.models import BATCH, Axis, Dtype
from firstframe.packs.spec import Tensor

NOISE = (-2.0, 2.0)
"""Value range of latents, embeddings and whatever else has no bounds of its own."""
STEPS = (0.0, 1000.0)
"""Value range of timesteps."""
PIXELS = (-1.0, 1.0)
_MASK = "attention_mask"


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture or clip to be made, in the units of every module."""

    width: int
    """Pixels."""
    height: int
    """Pixels."""
    frames: int = 1
    tokens: int = 77
    """Of the prompt, as the pipeline pads it."""
    image_tokens: int = 257
    """Of the picture, where an encoder of pictures feeds the denoiser."""
    scale: int = 8
    """Pixels of a latent, in width and height."""
    time_scale: int = 1
    """Frames of a latent after the first."""

    @property
    def latent_width(self) -> int:
        """Columns of latents."""
        return self.width // self.scale

    @property
    def latent_height(self) -> int:
        """Rows of latents."""
        return self.height // self.scale

    @property
    def latent_frames(self) -> int:
        """Latents along time."""
        return (self.frames - 1) // self.time_scale + 1


class Exportable(torch.nn.Module, ABC):
    """A module that takes and gives plain tensors.

    Args:
        module: What is exported.
        inputs: In the order of `forward`; `batch` is the first axis of each.
        outputs: In the order of what `forward` gives.
    """

    def __init__(self, module: torch.nn.Module, inputs: tuple[Tensor, ...], outputs: tuple[Tensor, ...]) -> None:
        super().__init__()
        self.module = module.eval()
        self.inputs = inputs
        self.outputs = outputs

    @abstractmethod
    def lengths(self, shot: Shot) -> dict[str, int]:
        """Lengths of the axes that vary, for a shot; `batch` is not among them."""

    @abstractmethod
    def run(self, given: Mapping[str, torch.Tensor]) -> torch.Tensor | tuple[torch.Tensor, ...]:
        """Calls the module with the inputs by name; gives `outputs` in their order."""

    def forward(self, *values: torch.Tensor) -> torch.Tensor | tuple[torch.Tensor, ...]:
        """Takes `inputs` and gives `outputs`, in their order."""
        self._agree(values)
        return self.run(dict(zip((tensor.name for tensor in self.inputs), values, strict=True)))

    def _agree(self, values: tuple[torch.Tensor, ...]) -> None:
        # The exporter sees each length of each input as unknown; some modules only trace when equal ones are known to be equal.
        known: dict[str, int] = {}
        for tensor, value in zip(self.inputs, values, strict=True):
            for axis, length in zip(tensor.shape, value.shape, strict=True):
                if isinstance(axis, str):
                    torch._check(known.setdefault(axis, length) == length)  # type: ignore[no-untyped-call]

    def example(self, lengths: Mapping[str, int], seed: int) -> dict[str, NDArray[Any]]:
        """Noise over the value range of each input.

        Args:
            lengths: Of all axes that vary, `batch` among them.
            seed: Of the noise.
        """
        rng = np.random.default_rng(seed)
        return {tensor.name: _noise(tensor, lengths, rng) for tensor in self.inputs}


def _noise(tensor: Tensor, lengths: Mapping[str, int], rng: np.random.Generator) -> NDArray[Any]:
    shape = [axis if isinstance(axis, int) else lengths[axis] for axis in tensor.shape]
    if tensor.name.endswith(_MASK):
        counted = rng.integers(1, shape[1], (shape[0], 1), endpoint=True)
        return (np.arange(shape[1]) < counted).astype(tensor.dtype.numpy)
    low, high = tensor.value_range or NOISE
    if tensor.dtype in (Dtype.INT32, Dtype.INT64):
        return rng.integers(math.ceil(low), math.floor(high), shape, tensor.dtype.numpy.type, endpoint=True)
    return rng.uniform(low, high, shape).astype(tensor.dtype.numpy)


def floats(name: str, *axes: Axis, values: tuple[float, float] = NOISE, about: str = "") -> Tensor:
    """An FP32 tensor with `batch` before its other axes."""
    return Tensor(name=name, dtype=Dtype.FP32, shape=(BATCH, *axes), value_range=values, about=about)


def whole(name: str, *axes: Axis, last: int, about: str = "") -> Tensor:
    """An INT64 tensor with `batch` before its other axes, of numbers from 0 to `last`."""
    return Tensor(name=name, dtype=Dtype.INT64, shape=(BATCH, *axes), value_range=(0, last), about=about)


def mask(name: str, *axes: Axis) -> Tensor:
    """An INT64 mask of tokens. Its value range leaves no choice: where nothing counts, attention is not defined."""
    about = "1 for each token that counts, from the first to the last of the prompt"
    return Tensor(name=name, dtype=Dtype.INT64, shape=(BATCH, *axes), value_range=(1, 1), about=about)
