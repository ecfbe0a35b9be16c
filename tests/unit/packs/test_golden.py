from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from firstframe.core.errors import InvalidInput
from firstframe.packs.golden import compare, make_inputs, sample
from firstframe.packs.spec import Golden, Graph, Samples

OUTPUT = {"name": "y", "dtype": "FP32", "shape": ["batch", 4]}
ANY = {"y": Samples(mean=0, std=0, values=(0,))}


def _graph(*inputs: dict[str, Any]) -> Graph:
    return Graph.model_validate({"file": "main.onnx", "inputs": inputs, "outputs": [OUTPUT]})


def _golden(**more: Any) -> Golden:
    return Golden(outputs=ANY, atol=0.1, **more)


def test_inputs_are_the_same_for_the_same_seed_and_others_for_another() -> None:
    graph = _graph({"name": "x", "dtype": "FP32", "shape": [2, 3]})
    first, again, other = (make_inputs(graph, _golden(seed=seed))["x"] for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_inputs_are_pinned_so_that_goldens_hold_in_later_versions() -> None:
    graph = _graph({"name": "x", "dtype": "FP32", "shape": [3], "value_range": [-1, 1]})
    assert make_inputs(graph, _golden(seed=1))["x"] == pytest.approx([-0.053622723, 0.023643136, 0.51033497], abs=1e-6)


def test_inputs_fill_their_range_and_keep_their_type() -> None:
    graph = _graph(
        {"name": "x", "dtype": "FP16", "shape": ["batch", 4000], "value_range": [-2, 2]},
        {"name": "n", "dtype": "INT64", "shape": [4000], "value_range": [0, 3]},
        {"name": "b", "dtype": "BOOL", "shape": [4000]},
    )
    made = make_inputs(graph, _golden())
    assert made["x"].shape == (1, 4000)
    assert made["x"].dtype == np.float16
    assert made["x"].min() == pytest.approx(-2, abs=0.01)
    assert made["x"].max() == pytest.approx(2, abs=0.01)
    assert set(made["n"].tolist()) == {0, 1, 2, 3}
    assert made["b"].dtype == np.bool_
    assert set(made["b"].tolist()) == {True, False}


def test_axes_that_vary_are_given_and_batch_is_one() -> None:
    graph = _graph({"name": "x", "dtype": "FP32", "shape": ["batch", 3, "height"]})
    assert make_inputs(graph, _golden(axes={"height": 5}))["x"].shape == (1, 3, 5)
    assert make_inputs(graph, _golden(axes={"height": 5, "batch": 2}))["x"].shape == (2, 3, 5)


def test_an_axis_that_is_left_out_is_named() -> None:
    graph = _graph({"name": "x", "dtype": "FP32", "shape": ["batch", "height"]})
    with pytest.raises(InvalidInput, match=r"goldens\.axes: lack height, which x has"):
        make_inputs(graph, _golden())


def test_cells_make_blocks_along_the_longer_axes() -> None:
    graph = _graph({"name": "x", "dtype": "FP32", "shape": [1, 2, 8, 4]})
    made = make_inputs(graph, _golden(cells=2))["x"]
    assert made.shape == (1, 2, 8, 4)
    assert np.array_equal(made, made[:, :, ::4, ::2].repeat(4, axis=2).repeat(2, axis=3))
    assert len(np.unique(made)) == 8


def test_a_sample_has_both_ends() -> None:
    taken = sample(np.arange(100, dtype=np.float32).reshape(10, 10), count=4)
    assert taken.values == (0, 33, 66, 99)
    assert (taken.mean, taken.std) == pytest.approx((49.5, 28.866), abs=1e-3)


def test_a_sample_of_few_elements_has_them_all() -> None:
    assert sample(np.array([[0.5]]), count=8).values == (0.5,)


def _compared(value: np.ndarray[Any, Any] | None) -> float:
    known = np.linspace(0, 1, 64, dtype=np.float32)
    golden = Golden(outputs={"y": sample(known)}, atol=0.01)
    return compare(golden, {} if value is None else {"y": value})[0].largest


def test_the_same_output_has_no_deviation() -> None:
    assert _compared(np.linspace(0, 1, 64, dtype=np.float32)) == 0


def test_one_element_that_is_off_shows() -> None:
    value = np.linspace(0, 1, 64, dtype=np.float32)
    value[63] += 0.5
    assert _compared(value) == pytest.approx(0.5)


def test_a_shift_between_the_samples_shows_in_the_mean() -> None:
    value = np.linspace(0, 1, 64, dtype=np.float32)
    kept = np.linspace(0, 63, 8).round().astype(int)
    changed = np.setdiff1d(np.arange(64), kept)
    value[changed] += 0.2
    assert _compared(value) > 0.1


@pytest.mark.parametrize("value", [None, np.zeros(3, np.float32), np.full(64, np.nan, np.float32)])
def test_what_cannot_be_compared_fails(value: np.ndarray[Any, Any] | None) -> None:
    golden = Golden(outputs={"y": sample(np.linspace(0, 1, 64))}, atol=0.01)
    (deviation,) = compare(golden, {} if value is None else {"y": value})
    assert not deviation.passes
