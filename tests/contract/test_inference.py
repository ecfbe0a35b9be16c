"""One contract for whoever serves models: the same numbers and the same errors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from numpy.typing import NDArray

from firstframe.adapters.blocking import LoopInference
from firstframe.adapters.embedded import EmbeddedInference
from firstframe.adapters.triton import TritonInference
from firstframe.adapters.triton.config import Target
from firstframe.adapters.triton.repository import write_repository
from firstframe.core.errors import (
    Cancelled,
    DeadlineExceeded,
    Exhausted,
    FirstframeError,
    Internal,
    InvalidInput,
    NotFound,
)
from firstframe.core.models import Batching, ServedModel
from firstframe.ports.inference import Inference
from support import tiny_models
from support.triton import running_triton

ENDLESS = np.array([1 << 40])
"""Steps of `slow` that no machine comes to the end of."""
SHORT = np.array([1])
LONG_S = 60.0
"""A deadline that only a hanging test reaches, in seconds."""


@dataclass(frozen=True)
class Served:
    """What both sides serve."""

    models: tuple[ServedModel, ...]
    address: str = ""


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[ServedModel, ...]:
    folder = tmp_path_factory.mktemp("graphs")
    broken = tiny_models.fixed(folder, name="broken")
    broken.file.write_bytes(b"this is no graph")
    return (
        tiny_models.add(folder),
        tiny_models.step(folder),
        tiny_models.total(folder),
        tiny_models.fixed(folder),
        tiny_models.pick(folder),
        tiny_models.slow(folder, batching=Batching(queue_size=2)),
        tiny_models.doubled(folder),
        broken,
    )


@pytest.fixture(scope="module")
def address(models: tuple[ServedModel, ...], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("triton")
    write_repository(models, Target(), folder / "repository")
    with running_triton(folder / "repository", folder) as server:
        yield server.address


@pytest.fixture(params=["embedded", "triton"])
def make(request: pytest.FixtureRequest, models: tuple[ServedModel, ...]) -> Callable[[], Inference]:
    if request.param == "embedded":
        return lambda: EmbeddedInference(models, workers=1)
    address = request.getfixturevalue("address")
    return lambda: TritonInference(address, models=models)


@pytest_asyncio.fixture
async def serving(make: Callable[[], Inference], models: tuple[ServedModel, ...]) -> AsyncIterator[Inference]:
    inference = make()
    for model in models:
        if model.name != "broken":
            await inference.load(model.name)
    yield inference
    await inference.close()


def noise(shape: tuple[int, ...], seed: int = 1) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal(shape, np.float32)


async def infer(serving: Inference, model: str, deadline_s: float = LONG_S, **inputs: Any) -> dict[str, NDArray[Any]]:
    return await serving.infer(model, inputs, deadline_s=deadline_s, request_id="contract")


@pytest.mark.parametrize("batch", [1, 3])
async def test_a_model_gives_the_right_numbers(serving: Inference, batch: int) -> None:
    a, b = noise((batch, 3)), noise((batch, 3), 2)

    answer = await infer(serving, "add", a=a, b=b)

    assert list(answer) == ["c"]
    np.testing.assert_array_equal(answer["c"], a + b, strict=True)


async def test_one_number_for_each_sample_needs_no_axis_of_its_own(serving: Inference) -> None:
    x, timestep = noise((3, 4)), np.array([2.0, 0.5, -1.0], np.float32)

    answer = await infer(serving, "step", x=x, timestep=timestep)

    np.testing.assert_array_equal(answer["noise"], x * timestep[:, np.newaxis], strict=True)


@pytest.mark.parametrize("sides", [(2, 3), (5, 4)])
async def test_axes_of_a_model_may_vary(serving: Inference, sides: tuple[int, int]) -> None:
    answer = await infer(serving, "total", picture=np.full((2, *sides), 0.5, np.float32))

    np.testing.assert_array_equal(answer["sum"], np.full(2, sides[0] * sides[1] / 2, np.float32), strict=True)


async def test_a_model_may_have_no_batch_axis_and_half_precision(serving: Inference) -> None:
    whole = noise((2, 2)).astype(np.float16)

    answer = await infer(serving, "fixed", whole=whole)

    np.testing.assert_array_equal(answer["half"], whole / np.float16(2), strict=True)


@pytest.mark.parametrize("batch", [1, 3, 2])
async def test_tflite_runs_too(serving: Inference, batch: int) -> None:
    x = noise((batch, 4))

    answer = await infer(serving, "doubled", x=x)

    np.testing.assert_array_equal(answer["y"], x + x, strict=True)


async def test_inputs_need_not_be_contiguous(serving: Inference) -> None:
    a = noise((3, 4)).T[:, ::-1]

    answer = await infer(serving, "add", a=a, b=a)

    np.testing.assert_array_equal(answer["c"], a + a)


async def test_outputs_belong_to_the_caller(serving: Inference) -> None:
    x = np.ones((1, 3), np.float32)
    first = await infer(serving, "add", a=x, b=x)
    first["c"][:] = 9

    again = await infer(serving, "add", a=x, b=x)

    np.testing.assert_array_equal(again["c"], np.full((1, 3), 2.0))


async def test_requests_at_the_same_time_get_their_own_answers(serving: Inference) -> None:
    inputs = [noise((1 + seed % 2, 3), seed) for seed in range(12)]

    answers = await asyncio.gather(*(infer(serving, "add", a=one, b=one) for one in inputs))

    for one, answer in zip(inputs, answers, strict=True):
        np.testing.assert_array_equal(answer["c"], one + one)


async def test_both_servers_give_the_same_numbers(models: tuple[ServedModel, ...], address: str) -> None:
    sides: list[Inference] = [EmbeddedInference(models), TritonInference(address, models=models)]
    picture = noise((2, 7, 9))

    one, other = [await infer(side, "total", picture=picture) for side in sides]

    np.testing.assert_allclose(one["sum"], other["sum"], rtol=1e-6)
    for side in sides:
        await side.close()


ROW = np.ones((1, 3), np.float32)
WRONG: dict[str, tuple[str, dict[str, NDArray[Any]], str]] = {
    "missing": ("add", {"a": ROW}, "inputs"),
    "unknown": ("add", {"a": ROW, "b": ROW, "z": ROW}, "inputs"),
    "type": ("add", {"a": ROW, "b": ROW.astype(np.float64)}, "b"),
    "length": ("add", {"a": np.ones((1, 4), np.float32), "b": ROW}, "a"),
    "axes": ("add", {"a": np.ones(3, np.float32), "b": ROW}, "a"),
    "batches differ": ("add", {"a": ROW, "b": np.ones((2, 3), np.float32)}, "b"),
    "too many samples": ("pick", {"index": np.zeros((5, 1), np.int64)}, "index"),
    "no sample": ("pick", {"index": np.zeros((0, 1), np.int64)}, "index"),
}


@pytest.mark.parametrize("case", WRONG)
async def test_a_request_that_does_not_fit_is_refused_with_its_field(serving: Inference, case: str) -> None:
    model, inputs, field = WRONG[case]

    with pytest.raises(InvalidInput) as caught:
        await infer(serving, model, **inputs)

    assert (caught.value.reason, caught.value.metadata["field"]) == ("INVALID_FIELD", field)


async def test_a_model_that_nobody_serves_is_not_found(serving: Inference) -> None:
    with pytest.raises(NotFound) as caught:
        await infer(serving, "nobody", a=ROW)
    assert (caught.value.reason, caught.value.metadata["model"]) == ("MODEL_NOT_FOUND", "nobody")

    with pytest.raises(NotFound) as caught:
        await serving.load("nobody")
    assert caught.value.reason == "MODEL_NOT_FOUND"


async def test_an_unloaded_model_is_not_found_until_it_is_loaded(serving: Inference) -> None:
    await serving.unload("add")
    await serving.unload("add")
    await serving.unload("nobody")

    assert "add" not in await serving.ready()
    with pytest.raises(NotFound) as caught:
        await infer(serving, "add", a=ROW, b=ROW)
    assert caught.value.reason == "MODEL_NOT_FOUND"

    await serving.load("add")
    await serving.load("add")
    assert "add" in await serving.ready()
    assert (await infer(serving, "add", a=ROW, b=ROW))["c"].tolist() == [[2, 2, 2]]


async def test_a_file_that_is_no_graph_cannot_be_loaded(serving: Inference) -> None:
    with pytest.raises(Internal) as caught:
        await serving.load("broken")

    assert caught.value.reason == "MODEL_FAILED"
    assert "broken" in caught.value.message
    assert "broken" not in await serving.ready()


async def test_a_run_that_fails_spoils_no_other(serving: Inference) -> None:
    indices = [np.array([[0]]), np.array([[9]]), np.array([[3]])]

    good, bad, also_good = await asyncio.gather(
        *(infer(serving, "pick", index=index) for index in indices), return_exceptions=True
    )

    assert isinstance(bad, Internal)
    assert (bad.reason, bad.metadata["model"], bad.retry_after_s) == ("MODEL_FAILED", "pick", None)
    assert "out of data bounds" in bad.message
    assert [good["value"].tolist(), also_good["value"].tolist()] == [[[0]], [[3]]]  # type: ignore[index]


async def test_a_request_that_finds_the_queue_full_is_refused_at_once(serving: Inference) -> None:
    waiting = [asyncio.create_task(infer(serving, "slow", steps=ENDLESS)) for _ in range(3)]
    await asyncio.sleep(0.1)

    with pytest.raises(Exhausted) as caught:
        await infer(serving, "slow", 10.0, steps=SHORT)
    assert caught.value.reason == "MODEL_QUEUE_FULL"
    assert caught.value.retry_after_s

    await _give_up(*waiting)
    assert (await infer(serving, "slow", steps=SHORT))["result"].tolist() == [tiny_models.SIDE]


@pytest.mark.parametrize("deadline_s", [0.3, 0.0, -1.0])
async def test_a_deadline_ends_the_run(serving: Inference, deadline_s: float) -> None:
    with pytest.raises(DeadlineExceeded) as caught:
        await infer(serving, "slow", deadline_s, steps=ENDLESS)

    assert caught.value.retry_after_s is not None
    # The run would never have ended by itself.
    assert (await infer(serving, "slow", steps=SHORT))["result"].tolist() == [tiny_models.SIDE]


async def test_a_deadline_counts_in_the_queue(serving: Inference) -> None:
    running = asyncio.create_task(infer(serving, "slow", steps=ENDLESS))
    await asyncio.sleep(0.1)

    with pytest.raises(DeadlineExceeded):
        await infer(serving, "slow", 0.3, steps=SHORT)

    await _give_up(running)


async def test_who_gives_up_ends_the_run(serving: Inference) -> None:
    running = asyncio.create_task(infer(serving, "slow", steps=ENDLESS))
    await asyncio.sleep(0.2)

    await _give_up(running)

    assert running.cancelled()
    assert (await infer(serving, "slow", steps=SHORT))["result"].tolist() == [tiny_models.SIDE]


async def test_every_request_is_counted_by_how_it_ended(serving: Inference) -> None:
    from prometheus_client import REGISTRY

    def count(code: str) -> float:
        labels = {"model": "pick", "code": code}
        return REGISTRY.get_sample_value("firstframe_model_requests_total", labels) or 0

    before = [count(code) for code in ("OK", "MODEL_FAILED", "INVALID_FIELD")]
    await infer(serving, "pick", index=np.array([[1]]))
    for wrong in (np.array([[7]]), np.array([7])):
        with pytest.raises(FirstframeError):
            await infer(serving, "pick", index=wrong)

    assert [count(code) for code in ("OK", "MODEL_FAILED", "INVALID_FIELD")] == [one + 1 for one in before]
    assert REGISTRY.get_sample_value("firstframe_model_request_seconds_count", {"model": "pick"})


async def test_closing_twice_is_as_good_as_once(make: Callable[[], Inference]) -> None:
    inference = make()
    await infer(inference, "add", a=ROW, b=ROW)

    await inference.close()
    await inference.close()


async def test_a_thread_gets_the_same_answer(serving: Inference) -> None:
    blocking = LoopInference(serving, asyncio.get_running_loop(), LONG_S)

    answer = await asyncio.to_thread(blocking.infer, "add", {"a": ROW, "b": ROW})

    assert answer["c"].tolist() == [[2, 2, 2]]


async def test_what_the_check_of_a_thread_raises_ends_the_run(serving: Inference) -> None:
    blocking = LoopInference(serving, asyncio.get_running_loop(), LONG_S)
    asked = []

    def check() -> None:
        asked.append(True)
        if len(asked) == 2:
            raise Cancelled("enough")

    with pytest.raises(Cancelled, match="enough"):
        await asyncio.to_thread(lambda: blocking.infer("slow", {"steps": ENDLESS}, check=check))
    assert (await infer(serving, "slow", steps=SHORT))["result"].tolist() == [tiny_models.SIDE]


async def test_errors_and_deadlines_reach_the_thread(serving: Inference) -> None:
    blocking = LoopInference(serving, asyncio.get_running_loop(), 0.3)

    with pytest.raises(NotFound):
        await asyncio.to_thread(blocking.infer, "nobody", {"a": ROW})
    with pytest.raises(DeadlineExceeded):
        await asyncio.to_thread(blocking.infer, "slow", {"steps": ENDLESS})


async def _give_up(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
