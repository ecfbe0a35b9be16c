"""Arrays to and from the messages of Triton's protocol."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from tritonclient.grpc import InferInput, service_pb2

from firstframe.adapters.triton.errors import empty
from firstframe.core.errors import Internal, InvalidInput
from firstframe.core.models import Dtype
from firstframe.ports.inference import Tensors


def bare_names(config: Any) -> frozenset[str]:  # noqa: ANN401  (a message without types)
    """Names of the tensors that have no axis of their own in a model and one of length 1 on the wire; see `config_of`."""
    tensors = (*config.input, *config.output)
    return frozenset(one.name for one in tensors if one.HasField("reshape") and not one.reshape.shape)


def encode(inputs: Tensors, bare: frozenset[str]) -> list[InferInput]:
    """Tensors as inputs of a request; `bare` is what `bare_names` gave.

    Raises:
        InvalidInput: No model takes the type of a tensor; `metadata["field"]` is its name.
    """
    return [_input(name, value[..., np.newaxis] if name in bare else value) for name, value in inputs.items()]


def _input(name: str, value: NDArray[Any]) -> InferInput:
    try:
        dtype = Dtype.of(value.dtype)
    except InvalidInput as error:
        raise InvalidInput(f"{name}: {error.message}", metadata={"field": name}) from error
    made = InferInput(name, list(value.shape), dtype.value)
    made.set_data_from_numpy(np.ascontiguousarray(value))
    return made


def decode(response: service_pb2.ModelInferResponse, bare: frozenset[str]) -> dict[str, NDArray[Any]]:
    """The outputs of an answer, as arrays of their own; `bare` is what `bare_names` gave.

    Raises:
        Internal: `EMPTY_OUTPUT`, the answer has no outputs, or one has fewer bytes than its shape says; `MODEL_FAILED`, an
            output has a type that no model of ours gives.
    """
    model = response.model_name
    if not response.outputs or len(response.raw_output_contents) != len(response.outputs):
        raise empty(model, "the server answered without data")
    pairs = zip(response.outputs, response.raw_output_contents, strict=True)
    arrays = {output.name: _array(model, output, raw) for output, raw in pairs}
    return {name: value[..., 0] if name in bare else value for name, value in arrays.items()}


def _array(model: str, output: Any, raw: bytes) -> NDArray[Any]:  # noqa: ANN401  (a nested message)
    dtype, shape = _numpy(model, output), tuple(output.shape)
    wanted = dtype.itemsize * int(np.prod(shape))
    if len(raw) != wanted:
        raise empty(model, f"{output.name} came with {len(raw)} bytes, {shape} has {wanted}")
    # A copy, so that the array can be written to and does not keep the message alive.
    return np.frombuffer(raw, dtype).reshape(shape).copy()


def _numpy(model: str, output: Any) -> np.dtype[np.generic]:  # noqa: ANN401
    try:
        return Dtype(output.datatype).numpy
    except ValueError as error:
        problem = f"{model}: {output.name} is {output.datatype}, which no model of ours gives"
        raise Internal(problem, reason="MODEL_FAILED", metadata={"model": model}) from error
