from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from prometheus_client import REGISTRY

from firstframe.adapters.embedded import EmbeddedInference
from firstframe.adapters.triton.canary import Canary, GuardedInference, Health
from firstframe.core.errors import Unavailable
from firstframe.core.models import Batching
from support import tiny_models

ROW = np.ones((1, 3), np.float32)
PAIR = {"a": ROW, "b": ROW}
GOOD = {"c": np.full((1, 3), 2.0)}


@pytest_asyncio.fixture
async def inference(tmp_path: Path) -> AsyncIterator[EmbeddedInference]:
    models = [
        tiny_models.add(tmp_path),
        tiny_models.fixed(tmp_path),
        tiny_models.slow(tmp_path, batching=Batching(queue_size=1)),
    ]
    serving = EmbeddedInference(models, workers=1)
    yield serving
    await serving.close()


def canary(inference: EmbeddedInference, expect: Any = GOOD, failures: int = 3) -> Canary:
    return Canary(inference, "add", PAIR, expect, failures=failures, every_s=0.01, deadline_s=20)


async def test_before_its_first_run_a_model_is_not_healthy(inference: EmbeddedInference) -> None:
    watcher = canary(inference)

    assert not watcher.healthy
    assert "has not run yet" in watcher.health.problem


async def test_only_so_many_failures_in_a_row_make_it_unhealthy(inference: EmbeddedInference) -> None:
    watcher = canary(inference)
    assert await watcher.probe() == Health(True)
    gauge = {"model": "add"}
    assert REGISTRY.get_sample_value("firstframe_model_healthy", gauge) == 1

    await inference.unload("add")
    assert [(await watcher.probe()).healthy for _ in range(3)] == [True, True, False]
    assert watcher.health.problem.startswith("MODEL_NOT_FOUND")
    assert REGISTRY.get_sample_value("firstframe_model_healthy", gauge) == 0

    await inference.load("add")
    assert await watcher.probe() == Health(True)
    await inference.unload("add")
    assert (await watcher.probe()).healthy


async def test_a_first_run_that_fails_is_told_at_once(inference: EmbeddedInference) -> None:
    await inference.unload("add")

    assert (await canary(inference).probe()).problem.startswith("MODEL_NOT_FOUND")


@pytest.mark.parametrize(
    "expect",
    [{"c": np.full((1, 3), 2.1)}, {"c": np.full((2, 3), 2.0)}, {"d": np.full((1, 3), 2.0)}],
    ids=["values", "shape", "name"],
)
async def test_other_outputs_than_expected_are_a_failure(inference: EmbeddedInference, expect: Any) -> None:
    health = await canary(inference, expect).probe()

    assert (health.healthy, "other values" in health.problem) == (False, True)


async def test_without_an_expectation_outputs_have_to_be_finite(inference: EmbeddedInference) -> None:
    good = Canary(inference, "fixed", {"whole": np.ones((2, 2), np.float16)})
    bad = Canary(inference, "fixed", {"whole": np.full((2, 2), np.inf, np.float16)})

    assert (await good.probe()).healthy
    assert "not finite in half" in (await bad.probe()).problem


async def test_a_full_queue_is_no_failure(inference: EmbeddedInference) -> None:
    steps = {"steps": np.array([1])}
    watcher = Canary(inference, "slow", steps, failures=1, deadline_s=20)
    await watcher.probe()
    busy = [
        asyncio.create_task(inference.infer("slow", {"steps": np.array([1 << 40])}, deadline_s=60)) for _ in range(2)
    ]
    await asyncio.sleep(0.1)

    assert (await watcher.probe()).healthy
    assert not (await Canary(inference, "slow", steps, failures=1).probe()).healthy

    for task in busy:
        task.cancel()
    await asyncio.wait(busy)


async def test_watching_tells_changes_alone(inference: EmbeddedInference) -> None:
    watching = canary(inference, failures=2).watch()

    assert await anext(watching) == Health(True)
    await inference.unload("add")
    assert not (await anext(watching)).healthy
    await inference.load("add")
    assert await anext(watching) == Health(True)
    await watching.aclose()


async def test_an_unhealthy_server_answers_nobody(inference: EmbeddedInference) -> None:
    watcher = canary(inference, failures=1)
    guarded = GuardedInference(inference, watcher)
    with pytest.raises(Unavailable) as caught:
        await guarded.infer("add", PAIR, deadline_s=20)
    assert (caught.value.reason, caught.value.retry_after_s) == ("MODEL_UNHEALTHY", 2.0)

    await watcher.probe()
    assert (await guarded.infer("add", PAIR, deadline_s=20))["c"].tolist() == [[2, 2, 2]]
    assert await guarded.ready() == {"add"}

    await guarded.unload("add")
    await watcher.probe()
    await guarded.load("add")
    assert await guarded.ready() == frozenset()
