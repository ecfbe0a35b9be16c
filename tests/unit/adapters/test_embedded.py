from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from firstframe.adapters.embedded import EmbeddedInference
from firstframe.core.errors import Exhausted, NotFound, Unavailable
from firstframe.core.models import Batching
from support import tiny_models

ENDLESS = {"steps": np.array([1 << 40])}
ROW = np.ones((1, 3), np.float32)


async def test_who_waits_longer_than_the_model_allows_is_refused(tmp_path: Path) -> None:
    serving = EmbeddedInference(
        [tiny_models.slow(tmp_path, batching=Batching(queue_timeout_ms=100)), tiny_models.add(tmp_path)], workers=1
    )
    running = asyncio.create_task(serving.infer("slow", ENDLESS, deadline_s=60))
    await asyncio.sleep(0.1)

    with pytest.raises(Exhausted, match="no turn within 100 ms") as caught:
        await serving.infer("slow", ENDLESS, deadline_s=60)
    assert caught.value.reason == "MODEL_QUEUE_FULL"

    running.cancel()
    await asyncio.wait([running])
    # Whoever gave up has left no trace in the queue.
    assert (await serving.infer("add", {"a": ROW, "b": ROW}, deadline_s=60))["c"].tolist() == [[2, 2, 2]]
    await serving.close()


async def test_a_model_is_loaded_by_its_first_request(tmp_path: Path) -> None:
    serving = EmbeddedInference([tiny_models.add(tmp_path)])
    assert await serving.ready() == frozenset()

    await serving.infer("add", {"a": ROW, "b": ROW}, deadline_s=60)

    assert await serving.ready() == {"add"}
    await serving.close()
    assert await serving.ready() == frozenset()


async def test_closing_ends_what_runs_and_what_waits(tmp_path: Path) -> None:
    serving = EmbeddedInference([tiny_models.slow(tmp_path)], workers=2)
    running = [asyncio.create_task(serving.infer("slow", ENDLESS, deadline_s=60)) for _ in range(4)]
    await asyncio.sleep(0.2)

    await serving.close()

    ended = await asyncio.gather(*running, return_exceptions=True)
    assert [type(error) for error in ended] == [Unavailable] * 4
    with pytest.raises(NotFound):
        await serving.infer("slow", ENDLESS, deadline_s=60)


async def test_as_many_run_at_once_as_there_are_workers(tmp_path: Path) -> None:
    serving = EmbeddedInference([tiny_models.slow(tmp_path), tiny_models.add(tmp_path)], workers=2)
    running = asyncio.create_task(serving.infer("slow", ENDLESS, deadline_s=60))
    await asyncio.sleep(0.1)

    assert (await serving.infer("add", {"a": ROW, "b": ROW}, deadline_s=60))["c"].tolist() == [[2, 2, 2]]

    running.cancel()
    await asyncio.wait([running])
    await serving.close()
