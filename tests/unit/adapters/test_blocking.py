from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from firstframe.adapters import blocking
from firstframe.adapters.blocking import LoopInference
from firstframe.adapters.embedded import EmbeddedInference
from firstframe.core.errors import Cancelled, DeadlineExceeded, Internal
from support import tiny_models

PAIR = {"a": np.ones((1, 3), np.float32), "b": np.ones((1, 3), np.float32)}


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop that runs in a thread of its own."""
    made = asyncio.new_event_loop()
    thread = threading.Thread(target=made.run_forever)
    thread.start()
    yield made
    made.call_soon_threadsafe(made.stop)
    thread.join()
    made.close()


@pytest.fixture
def inference(tmp_path: Path, loop: asyncio.AbstractEventLoop) -> Iterator[EmbeddedInference]:
    serving = EmbeddedInference([tiny_models.add(tmp_path)])
    yield serving
    asyncio.run_coroutine_threadsafe(serving.close(), loop).result(20)


def test_a_call_on_the_loop_itself_is_refused(inference: EmbeddedInference, loop: asyncio.AbstractEventLoop) -> None:
    async def call() -> None:
        LoopInference(inference, loop, 20).infer("add", PAIR)

    with pytest.raises(Internal, match="call it from a thread"):
        asyncio.run_coroutine_threadsafe(call(), loop).result(20)


def test_another_loop_in_the_calling_thread_is_no_trouble(
    inference: EmbeddedInference, loop: asyncio.AbstractEventLoop
) -> None:
    async def call() -> list[list[float]]:
        answer: list[list[float]] = LoopInference(inference, loop, 20).infer("add", PAIR)["c"].tolist()
        return answer

    assert asyncio.run(call()) == [[2, 2, 2]]


def test_a_loop_that_hangs_does_not_hang_the_caller(
    inference: EmbeddedInference, loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocking, "_GRACE_S", 0.1)
    hang = threading.Event()
    loop.call_soon_threadsafe(hang.wait)

    with pytest.raises(DeadlineExceeded, match="does not answer"):
        LoopInference(inference, loop, 0.1).infer("add", PAIR)

    hang.set()


def test_a_loop_that_has_ended_is_told(inference: EmbeddedInference) -> None:
    ended = asyncio.new_event_loop()
    ended.close()

    with pytest.raises(Cancelled, match="has ended"):
        LoopInference(inference, ended, 20).infer("add", PAIR)
