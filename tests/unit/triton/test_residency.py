from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from numpy.typing import NDArray

from firstframe.adapters.embedded import EmbeddedInference
from firstframe.adapters.triton.residency import Residency
from firstframe.core.errors import DeadlineExceeded, Exhausted, Internal, NotFound, PreconditionFailed
from firstframe.core.models import ServedModel
from support import tiny_models

ROW = np.ones((1, 3), np.float32)
PAIR = {"a": ROW, "b": ROW}
LONG_S = 60.0


@dataclasses.dataclass
class Place:
    inner: EmbeddedInference
    residency: Residency

    async def ask(self, model: str, deadline_s: float = LONG_S) -> dict[str, NDArray[Any]]:
        return await self.residency.infer(model, PAIR, deadline_s=deadline_s)


def sized(model: ServedModel, size: int) -> ServedModel:
    return dataclasses.replace(model, gpu_memory_bytes=size)


@pytest_asyncio.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """Room for two of the three models named by letters; `slow` takes one place, `huge` three, `small` none."""
    models = [sized(tiny_models.add(tmp_path, name=name), 40) for name in ("a", "b", "c")]
    models += [sized(tiny_models.slow(tmp_path), 40), sized(tiny_models.add(tmp_path, name="huge"), 120)]
    broken = sized(tiny_models.add(tmp_path, name="broken"), 40)
    broken.file.write_bytes(b"no graph")
    models += [broken, tiny_models.add(tmp_path, name="small")]
    inner = EmbeddedInference(models, workers=2)
    residency = Residency(inner, models, budget_bytes=100)
    # Nothing comes back by itself once it was unloaded, as with Triton.
    for model in models:
        await inner.unload(model.name)
    yield Place(inner, residency)
    await residency.close()


async def test_a_model_is_loaded_when_it_is_asked_for(place: Place) -> None:
    assert (await place.ask("a"))["c"].tolist() == [[2, 2, 2]]

    assert await place.residency.ready() == {"a"}


async def test_the_one_used_longest_ago_makes_room(place: Place) -> None:
    for name in ("a", "b", "a", "c"):
        await place.ask(name)

    assert await place.residency.ready() == {"a", "c"}


async def test_loading_counts_as_use(place: Place) -> None:
    for name in ("a", "b", "a", "c"):
        await place.residency.load(name)

    assert await place.residency.ready() == {"a", "c"}


async def test_a_model_without_gpu_memory_takes_no_room_and_gives_none(place: Place) -> None:
    for name in ("small", "a", "b", "c"):
        await place.ask(name)

    assert await place.residency.ready() == {"small", "b", "c"}


async def test_who_runs_stays_and_a_full_memory_is_an_error(place: Place) -> None:
    running = [asyncio.create_task(_run_slow(place)) for _ in range(1)]
    await asyncio.sleep(0.1)
    await place.ask("a")

    await place.ask("b")
    assert await place.residency.ready() == {"slow", "b"}

    with pytest.raises(PreconditionFailed) as in_use:
        await place.residency.unload("slow")
    assert in_use.value.reason == "MODEL_IN_USE"

    place.residency._budget = 70
    with pytest.raises(Exhausted) as caught:
        await place.ask("c")
    assert caught.value.reason == "MODEL_MEMORY_FULL"
    assert caught.value.retry_after_s
    assert "slow" in await place.residency.ready()

    for task in running:
        task.cancel()
    await asyncio.wait(running)
    assert (await place.ask("c"))["c"].tolist() == [[2, 2, 2]]


async def test_what_is_larger_than_all_memory_will_never_fit(place: Place) -> None:
    await place.ask("a")

    with pytest.raises(PreconditionFailed) as caught:
        await place.ask("huge")

    assert (caught.value.reason, caught.value.retry_after_s) == ("MODEL_MEMORY_FULL", None)
    assert await place.residency.ready() == {"a"}


async def test_unknown_models_are_not_found(place: Place) -> None:
    with pytest.raises(NotFound):
        await place.ask("nobody")
    with pytest.raises(NotFound):
        await place.residency.load("nobody")


async def test_many_callers_load_a_model_once_and_all_get_answers(place: Place) -> None:
    names = ["a", "b", "c", "small"] * 6

    answers = await asyncio.gather(*(_until_room(place, name) for name in names))

    assert all(answer["c"].tolist() == [[2, 2, 2]] for answer in answers)
    assert len(await place.residency.ready() - {"small"}) == 2


async def test_a_model_that_the_server_lost_is_loaded_again(place: Place) -> None:
    await place.ask("a")
    await place.inner.unload("a")

    assert (await place.ask("a"))["c"].tolist() == [[2, 2, 2]]


async def test_models_that_somebody_else_loaded_count(place: Place) -> None:
    await place.inner.load("a")
    await place.inner.load("b")

    await place.ask("c")

    assert len(await place.residency.ready()) == 2


async def test_a_model_that_cannot_be_loaded_fails_each_time_and_holds_nothing(place: Place) -> None:
    for _ in range(2):
        with pytest.raises(Internal):
            await place.ask("broken")

    for name in ("a", "b"):
        await place.ask(name)
    assert await place.residency.ready() == {"a", "b"}


async def test_unloading_frees_the_place(place: Place) -> None:
    await place.ask("a")

    await place.residency.unload("a")

    assert await place.residency.ready() == frozenset()


async def test_who_gives_up_waiting_for_a_load_does_not_end_it_for_others(place: Place) -> None:
    async with place.residency._moving:
        patient = asyncio.create_task(place.ask("a"))
        with pytest.raises(DeadlineExceeded):
            await place.ask("a", 0.1)

    assert (await patient)["c"].tolist() == [[2, 2, 2]]


async def _run_slow(place: Place) -> None:
    await place.residency.infer("slow", {"steps": np.array([1 << 40])}, deadline_s=LONG_S)


async def _until_room(place: Place, name: str) -> dict[str, NDArray[Any]]:
    while True:
        try:
            return await place.ask(name)
        except Exhausted:
            await asyncio.sleep(0.01)
