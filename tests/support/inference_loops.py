"""Models for code in threads, run on a loop of their own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from firstframe.adapters.blocking import LoopInference
from firstframe.adapters.embedded import EmbeddedInference
from firstframe.core.models import ServedModel
from firstframe.ports.inference import BlockingInference


@contextmanager
def blocking(models: Sequence[ServedModel]) -> Iterator[BlockingInference]:
    """Runs models in this process until the block ends."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    inference = EmbeddedInference(list(models))
    try:
        yield LoopInference(inference, loop, 300)
    finally:
        asyncio.run_coroutine_threadsafe(inference.close(), loop).result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
