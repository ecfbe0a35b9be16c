from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from firstframe.core.errors import Unsupported
from firstframe.core.models import Batching, Dtype, Runtime, ServedModel, TensorSpec
from firstframe.learned.graphs import RemoteGraph
from firstframe.ports.inference import Tensors

INPUTS = (TensorSpec("x", Dtype.FP16, ("batch", "width")), TensorSpec("ids", Dtype.INT64, ("batch",)))
OUTPUTS = (TensorSpec("y", Dtype.FP32, ("batch", "width")),)


def model(most: int) -> ServedModel:
    return ServedModel("m", Path("m.onnx"), "0" * 64, Runtime.ONNX, INPUTS, OUTPUTS, Batching(max_size=most))


class Doubling:
    """Gives twice what it got, as memory that may not be written."""

    def __init__(self) -> None:
        self.seen: list[dict[str, NDArray[Any]]] = []
        self.checks: list[Callable[[], None] | None] = []

    def infer(self, model: str, inputs: Tensors, *, check: Callable[[], None] | None = None) -> dict[str, NDArray[Any]]:
        self.seen.append(dict(inputs))
        self.checks.append(check)
        y = 2 * inputs["x"].astype(np.float32)
        y.flags.writeable = False
        return {"y": y}


def request(batch: int) -> dict[str, torch.Tensor]:
    return {"x": torch.arange(batch * 3).float().reshape(batch, 3), "ids": torch.arange(batch)}


def test_a_graph_gets_its_own_types_and_gives_tensors_that_may_be_written() -> None:
    inference = Doubling()

    out = RemoteGraph(model(8), inference, check=print).run(request(2))

    assert {name: value.dtype for name, value in inference.seen[0].items()} == {"x": np.float16, "ids": np.int64}
    assert inference.checks == [print]
    torch.testing.assert_close(out["y"], 2 * request(2)["x"])
    out["y"] += 1


@pytest.mark.parametrize(("batch", "most", "parts"), [(5, 2, [2, 2, 1]), (4, 4, [4]), (2, 1, [1, 1])])
def test_a_batch_that_is_too_large_goes_in_parts(batch: int, most: int, parts: list[int]) -> None:
    inference = Doubling()

    out = RemoteGraph(model(most), inference).run(request(batch))

    assert [len(part["x"]) for part in inference.seen] == parts
    torch.testing.assert_close(out["y"], 2 * request(batch)["x"])


@pytest.mark.parametrize("names", [{"x"}, {"x", "ids", "mask"}, {"ids", "z"}])
def test_other_inputs_than_the_graph_has_are_refused(names: set[str]) -> None:
    inference = Doubling()

    with pytest.raises(Unsupported, match="m takes ids, x"):
        RemoteGraph(model(8), inference).run({name: torch.zeros(1, 3) for name in names})

    assert not inference.seen


def test_expanded_tensors_are_sent_whole() -> None:
    inference = Doubling()

    RemoteGraph(model(8), inference).run({"x": torch.ones(1, 3).expand(4, -1), "ids": torch.zeros(1).long().expand(4)})

    assert inference.seen[0]["x"].flags.c_contiguous
    assert inference.seen[0]["x"].shape == (4, 3)
