"""What goes wrong at a real server reaches the caller with the right error."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from numpy.typing import NDArray
from prometheus_client import REGISTRY

from firstframe.adapters.triton import TritonInference
from firstframe.adapters.triton.canary import Canary, GuardedInference, Health
from firstframe.adapters.triton.config import Target
from firstframe.adapters.triton.repository import write_repository
from firstframe.core.errors import (
    DeadlineExceeded,
    Exhausted,
    Internal,
    InvalidInput,
    NotFound,
    PreconditionFailed,
    Unavailable,
)
from firstframe.core.models import Batching, Dtype, ServedModel, TensorSpec
from support import tiny_models
from support.triton import RunningTriton, running_triton
from support.triton_models import CRASHING, EMPTY, SPOILT, replace_script

ENDLESS = np.array([1 << 40])
SHORT = np.array([1])
ROW = np.ones((1, 3), np.float32)
LONG_S = 60.0
BAD = {"spoilt": SPOILT, "sticky": SPOILT, "empty": EMPTY, "crashing": CRASHING}


@contextmanager
def serving(folder: Path, *models: ServedModel, bounds: bool = False) -> Iterator[RunningTriton]:
    write_repository(models, Target(server_bounds=bounds), folder / "repository")
    with running_triton(folder / "repository", folder) as server:
        yield server


@asynccontextmanager
async def client(server: RunningTriton, *models: ServedModel, attempts: int = 5) -> AsyncIterator[TritonInference]:
    inference = TritonInference(server.address, models=models, attempts=attempts)
    try:
        yield inference
    finally:
        await inference.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningTriton, dict[str, ServedModel]]]:
    folder = tmp_path_factory.mktemp("triton")
    models = [
        tiny_models.add(folder),
        tiny_models.total(folder),
        tiny_models.fixed(folder),
        tiny_models.slow(folder),
        tiny_models.slow(folder, name="abandoned"),
        *(tiny_models.add(folder, name=name) for name in BAD),
    ]
    write_repository(models, Target(), folder / "repository")
    for name, script in BAD.items():
        replace_script(folder / "repository", name, script)
    with running_triton(folder / "repository", folder) as server:
        yield server, {model.name: model for model in models}
        # With a model whose process has died the server takes long to end in order.
        server.kill()


Shared = tuple[RunningTriton, dict[str, ServedModel]]

WRONG: dict[str, tuple[dict[str, NDArray[Any]], str]] = {
    "shape": ({"a": np.ones((1, 4), np.float32), "b": ROW}, "a"),
    "type": ({"a": ROW.astype(np.float16), "b": ROW}, "a"),
    "missing": ({"a": ROW}, "inputs"),
    "too many samples": ({"a": np.ones((9, 3), np.float32), "b": np.ones((9, 3), np.float32)}, "inputs"),
}


@pytest.mark.parametrize("case", WRONG)
async def test_the_server_itself_refuses_what_does_not_fit(shared: Shared, case: str) -> None:
    inputs, field = WRONG[case]

    # A client that knows no models leaves all checks to the server.
    async with client(shared[0]) as inference:
        with pytest.raises(InvalidInput) as caught:
            await inference.infer("add", inputs, deadline_s=LONG_S)

    assert (caught.value.reason, caught.value.metadata["field"]) == ("INVALID_FIELD", field)
    assert "request id" not in caught.value.message
    assert "NOTE" not in caught.value.message


async def test_a_missing_model_is_named(shared: Shared) -> None:
    async with client(shared[0]) as inference:
        with pytest.raises(NotFound) as caught:
            await inference.infer("nobody", {"a": ROW}, deadline_s=LONG_S)

    assert (caught.value.reason, caught.value.metadata["model"]) == ("MODEL_NOT_FOUND", "nobody")
    assert caught.value.retry_after_s is None


@pytest.fixture
def bounded(tmp_path: Path) -> Iterator[RunningTriton]:
    """A server that bounds its queue itself, with a model that nobody has used."""
    model = tiny_models.slow(tmp_path, batching=Batching(queue_size=2, queue_timeout_ms=400))
    with serving(tmp_path, model, bounds=True) as server:
        yield server


async def test_a_server_with_bounds_refuses_when_its_queue_is_full(bounded: RunningTriton) -> None:
    async with client(bounded) as inference:
        steps = {"steps": ENDLESS}
        running = [asyncio.create_task(inference.infer("slow", steps, deadline_s=0.35)) for _ in range(6)]
        ended = await asyncio.gather(*running, return_exceptions=True)

    refused = [error for error in ended if isinstance(error, Exhausted)]
    assert refused
    assert {(error.reason, error.retry_after_s) for error in refused} == {("MODEL_QUEUE_FULL", 0.5)}
    assert all(isinstance(error, Exhausted | DeadlineExceeded) for error in ended)


async def test_a_server_with_bounds_refuses_who_waited_too_long(bounded: RunningTriton) -> None:
    async with client(bounded) as inference:
        running = asyncio.create_task(inference.infer("slow", {"steps": ENDLESS}, deadline_s=LONG_S))
        await asyncio.sleep(0.3)
        waiting = asyncio.create_task(inference.infer("slow", {"steps": SHORT}, deadline_s=LONG_S))
        # The server looks at who waits when the model is free again.
        await asyncio.sleep(0.6)
        running.cancel()

        with pytest.raises(Exhausted) as caught:
            await waiting

    assert (caught.value.reason, "timeout expired" in caught.value.message) == ("MODEL_QUEUE_FULL", True)


async def test_a_deadline_ends_the_run_at_the_server(shared: Shared) -> None:
    server, models = shared
    async with client(server, *models.values()) as inference:
        with pytest.raises(DeadlineExceeded) as caught:
            await inference.infer("slow", {"steps": ENDLESS}, deadline_s=0.3)
        assert caught.value.retry_after_s

        # It would never have ended by itself, and there is one instance.
        await inference.infer("slow", {"steps": SHORT}, deadline_s=LONG_S)


async def test_a_cancelled_request_is_stopped_and_a_waiting_one_never_runs(shared: Shared) -> None:
    server, models = shared
    async with client(server, *models.values()) as inference:
        running = asyncio.create_task(inference.infer("abandoned", {"steps": ENDLESS}, deadline_s=LONG_S))
        await asyncio.sleep(0.3)
        waiting = asyncio.create_task(inference.infer("abandoned", {"steps": ENDLESS}, deadline_s=LONG_S))
        await asyncio.sleep(0.3)
        for task in (waiting, running):
            task.cancel()
        await asyncio.wait([running, waiting])

    assert running.cancelled()
    assert waiting.cancelled()
    # Either of them would have run for ever.
    assert (await asyncio.to_thread(server.statistics, "abandoned", 2))[0] == 2
    assert 'nv_inference_pending_request_count{model="abandoned",version="1"} 0' in server.metrics()


async def test_a_killed_server_is_unavailable_until_it_is_back(tmp_path: Path) -> None:
    models = (tiny_models.add(tmp_path), tiny_models.slow(tmp_path))
    with serving(tmp_path, *models) as server:
        async with client(server, *models, attempts=2) as inference:
            await inference.infer("add", {"a": ROW, "b": ROW}, deadline_s=LONG_S)
            running = asyncio.create_task(inference.infer("slow", {"steps": ENDLESS}, deadline_s=LONG_S))
            await asyncio.sleep(0.2)
            (process,) = _processes_with(str(tmp_path / "repository" / "slow"))

            server.kill()

            for call in (running, inference.infer("add", {"a": ROW, "b": ROW}, deadline_s=LONG_S), inference.ready()):
                with pytest.raises(Unavailable) as caught:
                    await call
                assert caught.value.reason == "MODEL_SERVER_UNAVAILABLE"
                assert caught.value.retry_after_s

            # The run that nobody can have any more does not go on without its server.
            async with asyncio.timeout(20):
                while process in _processes_with(str(tmp_path / "repository" / "slow")):
                    await asyncio.sleep(0.1)
            assert await asyncio.to_thread(server.start)
            await _until_answers(inference)


async def test_a_request_outlives_a_restart_of_the_server(tmp_path: Path) -> None:
    model = tiny_models.add(tmp_path)
    with serving(tmp_path, model) as server:
        async with client(server, model, attempts=200) as inference:
            server.kill()
            repeats = _repeats()
            waiting = asyncio.create_task(inference.infer("add", {"a": ROW, "b": ROW}, deadline_s=LONG_S))

            assert await asyncio.to_thread(server.start)

            assert (await waiting)["c"].tolist() == [[2, 2, 2]]
            assert _repeats() > repeats


async def test_a_deadline_is_kept_while_the_server_is_away() -> None:
    inference = TritonInference("127.0.0.1:1", attempts=1000)
    with pytest.raises((Unavailable, DeadlineExceeded)):
        async with asyncio.timeout(20):
            await inference.infer("add", {"a": ROW, "b": ROW}, deadline_s=0.5)
    await inference.close()


async def test_a_canary_takes_a_server_out_of_service_that_says_it_is_ready(shared: Shared) -> None:
    async with client(shared[0], *shared[1].values()) as inference:
        good, expected = {"a": ROW, "b": ROW}, {"c": np.full((1, 3), 2)}
        canary = Canary(inference, "spoilt", good, expected, every_s=0.05, failures=2)
        guarded = GuardedInference(inference, canary)
        watching = canary.watch()
        with pytest.raises(Unavailable):
            await guarded.infer("spoilt", good, deadline_s=LONG_S)

        assert await anext(watching) == Health(True)
        await guarded.infer("spoilt", good, deadline_s=LONG_S)
        assert "spoilt" in await guarded.ready()

        with pytest.raises(Internal):
            await guarded.infer("spoilt", {"a": -ROW, "b": ROW}, deadline_s=LONG_S)
        found = await anext(watching)

        assert (found.healthy, canary.healthy) == (False, False)
        assert "MODEL_FAILED" in found.problem
        # Triton sees nothing of it.
        assert "spoilt" in await inference.ready()
        assert await guarded.ready() == frozenset()
        with pytest.raises(Unavailable) as caught:
            await guarded.infer("spoilt", good, deadline_s=LONG_S)
        assert caught.value.reason == "MODEL_UNHEALTHY"
        assert caught.value.retry_after_s

        await guarded.unload("spoilt")
        await guarded.load("spoilt")
        assert await anext(watching) == Health(True)
        await watching.aclose()


async def test_loading_a_loaded_model_leaves_it_as_it_is(shared: Shared) -> None:
    server, models = shared
    async with client(server, *models.values()) as inference:
        with pytest.raises(Internal):
            await inference.infer("sticky", {"a": -ROW, "b": ROW}, deadline_s=LONG_S)
        # Triton itself would load a model anew whose files have changed.
        replace_script(server.repository, "sticky", SPOILT)

        await inference.load("sticky")

        with pytest.raises(Internal):
            await inference.infer("sticky", {"a": ROW, "b": ROW}, deadline_s=LONG_S)


async def test_an_answer_without_data_is_an_error(shared: Shared) -> None:
    async with client(shared[0]) as inference:
        with pytest.raises(Internal) as caught:
            await inference.infer("empty", {"a": ROW, "b": ROW}, deadline_s=LONG_S)

    assert caught.value.reason == "EMPTY_OUTPUT"


async def test_a_model_whose_process_dies_is_unhealthy(shared: Shared) -> None:
    async with client(shared[0]) as inference:
        with pytest.raises((Unavailable, Internal)) as caught:
            await inference.infer("crashing", {"a": ROW, "b": ROW}, deadline_s=LONG_S)

    assert (type(caught.value), caught.value.reason) == (Unavailable, "MODEL_UNHEALTHY")


async def test_the_check_at_start_compares_the_server_with_the_packs(shared: Shared) -> None:
    server, models = shared
    async with client(server, *models.values()) as inference:
        await inference.check()

    other = dataclasses.replace(models["add"], outputs=(TensorSpec("c", Dtype.FP16, ("batch", 3)),))
    async with client(server, other) as inference:
        with pytest.raises(PreconditionFailed) as caught:
            await inference.check()
    assert (caught.value.reason, "outputs" in caught.value.message) == ("MODEL_MISMATCH", True)

    async with client(server, dataclasses.replace(models["add"], name="nobody")) as inference:
        with pytest.raises(NotFound):
            await inference.check()


def _processes_with(text: str) -> set[int]:
    found = set()
    for process in psutil.process_iter(["cmdline"]):
        if any(one.startswith(text) for one in process.info["cmdline"] or ()):
            found.add(process.pid)
    return found


def _repeats() -> float:
    return REGISTRY.get_sample_value("firstframe_model_retries_total", {"model": "add"}) or 0


async def _until_answers(inference: TritonInference) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                await inference.infer("add", {"a": ROW, "b": ROW}, deadline_s=5)
            except Unavailable as error:
                await asyncio.sleep(error.retry_after_s or 0)
            else:
                return
