"""What every adapter of inference asks of a request before it runs."""

from __future__ import annotations

from collections.abc import Mapping

from firstframe.core.errors import InvalidInput
from firstframe.core.models import BATCH, ServedModel, TensorSpec
from firstframe.ports.inference import Tensors


def check_request(model: ServedModel, inputs: Tensors) -> None:
    """Holds a request against the model: names, types, shapes, axes that must agree, and the size of the batch.

    Raises:
        InvalidInput: `metadata["field"]` is the name of the input, or `inputs`.
    """
    model.check_inputs(dict(inputs))
    lengths: dict[str, int] = {}
    for spec in model.inputs:
        _check_axes(spec, inputs[spec.name].shape, lengths)
    _check_batch(model, lengths)


def _check_axes(spec: TensorSpec, shape: tuple[int, ...], lengths: dict[str, int]) -> None:
    for axis, length in zip(spec.shape, shape, strict=True):
        if isinstance(axis, str) and lengths.setdefault(axis, length) != length:
            raise InvalidInput.at(spec.name, f"has {length} along {axis}", f"another input has {lengths[axis]}")


def _check_batch(model: ServedModel, lengths: Mapping[str, int]) -> None:
    most = model.batching.max_size
    if not 1 <= lengths.get(BATCH, 1) <= most:
        name = next(spec.name for spec in model.inputs if BATCH in spec.shape)
        raise InvalidInput.at(name, f"has {lengths[BATCH]} samples", f"{model.name} takes 1 to {most} at a time")
