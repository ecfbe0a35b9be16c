"""Optimisation profiles: the shapes that an engine is built for, one profile for each bucket of a graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from firstframe.core.models import BATCH
from firstframe.packs.spec import BatchingSpec, Graph, Tensor

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ShapeRange:
    """Shapes that an input may have. TensorRT measures its kernels at `opt`."""

    min: Shape
    opt: Shape
    max: Shape


@dataclass(frozen=True, slots=True)
class Profile:
    """The range of every input whose shape varies, by its name."""

    inputs: Mapping[str, ShapeRange]

    def spec(self, pick: Callable[[ShapeRange], Shape]) -> str:
        """The shapes as trtexec takes them: `sample:1x4x96x168,timestep:1`.

        Args:
            pick: Which end of each range.
        """
        return ",".join(f"{name}:{'x'.join(map(str, pick(shapes)))}" for name, shapes in self.inputs.items())


def profiles_of(graph: Graph) -> tuple[Profile, ...]:
    """One profile for each bucket, in their order and each but once; none where no input varies.

    Lengths of a bucket are exact. The batch goes from 1 to `max_size`; kernels are measured at the largest preferred size,
    because that is what a busy server runs.
    """
    varying = [tensor for tensor in graph.inputs if any(isinstance(axis, str) for axis in tensor.shape)]
    if not varying:
        return ()
    profiles: list[Profile] = []
    for bucket in graph.buckets or ({},):
        profile = _profile(varying, bucket, graph.batching)
        if profile not in profiles:
            profiles.append(profile)
    return tuple(profiles)


def _profile(tensors: list[Tensor], bucket: Mapping[str, int], batching: BatchingSpec) -> Profile:
    sizes = (1, max(batching.preferred, default=batching.max_size), batching.max_size)
    return Profile({tensor.name: ShapeRange(*(_shape(tensor, bucket, size) for size in sizes)) for tensor in tensors})


def _shape(tensor: Tensor, bucket: Mapping[str, int], batch: int) -> Shape:
    lengths = {BATCH: batch, **bucket}
    return tuple(lengths[axis] if isinstance(axis, str) else axis for axis in tensor.shape)
