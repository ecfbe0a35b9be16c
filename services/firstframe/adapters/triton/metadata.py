"""Whether a server serves what a pack says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from firstframe.adapters.triton.config import joins
from firstframe.core.errors import PreconditionFailed
from firstframe.core.models import ServedModel, TensorSpec

_NEEDED = frozenset({"model_repository", "model_configuration", "statistics"})
"""Extensions of the protocol that are used."""


def check_metadata(model: ServedModel, server: Any, found: Any) -> None:  # noqa: ANN401  (the library has no types)
    """Holds a server's description of itself and of a model against the model.

    Raises:
        PreconditionFailed: `MODEL_SERVER_UNFIT`, the server lacks a needed extension; `MODEL_MISMATCH`, names, types or shapes
            differ.
    """
    if missing := _NEEDED - set(server.extensions):
        problem = f"{server.name} {server.version} lacks {', '.join(sorted(missing))}; use a Triton server"
        raise PreconditionFailed(problem, reason="MODEL_SERVER_UNFIT")
    _compare(model, "inputs", model.inputs, found.inputs)
    _compare(model, "outputs", model.outputs, found.outputs)


def _compare(model: ServedModel, side: str, wanted: Iterable[TensorSpec], found: Iterable[Any]) -> None:
    ours = {spec.name: (spec.dtype.value, _lengths(spec, joins(model))) for spec in wanted}
    theirs = {one.name: (one.datatype, tuple(one.shape)) for one in found}
    if ours != theirs:
        problem = f"{model.name}: the server's {side} are {theirs}, the pack's {ours}; generate the repository again"
        raise PreconditionFailed(problem, reason="MODEL_MISMATCH", metadata={"model": model.name})


def _lengths(spec: TensorSpec, joined: bool) -> tuple[int, ...]:
    """As the server tells them: a tensor without axes of its own has one of length 1."""
    lengths = tuple(-1 if isinstance(axis, str) else axis for axis in spec.shape)
    return lengths if len(lengths) > joined else (*lengths, 1)
