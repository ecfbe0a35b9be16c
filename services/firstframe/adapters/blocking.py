"""Inference for code in worker threads."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Any

from numpy.typing import NDArray

from firstframe.core.errors import Cancelled, DeadlineExceeded, Internal
from firstframe.ports.inference import Inference, Tensors

_POLL_S = 0.2
_GRACE_S = 5.0
"""How long an answer may be overdue before this thread stops waiting for the loop."""


class LoopInference:
    """`BlockingInference` over an `Inference` that lives on an event loop of another thread.

    Args:
        inference: The models.
        loop: The loop that `inference` is used on.
        deadline_s: Seconds that each call may take.
    """

    def __init__(self, inference: Inference, loop: asyncio.AbstractEventLoop, deadline_s: float) -> None:
        self._inference = inference
        self._loop = loop
        self._deadline_s = deadline_s

    def infer(self, model: str, inputs: Tensors, *, check: Callable[[], None] | None = None) -> dict[str, NDArray[Any]]:
        """See `BlockingInference.infer`.

        Raises:
            FirstframeError: See `Inference`.
        """
        self._refuse_the_loop()
        answer = self._begin(model, inputs)
        try:
            self._wait(answer, model, check)
        except BaseException:
            answer.cancel()
            raise
        if answer.cancelled():
            raise Cancelled(f"{model}: the run was cancelled", metadata={"model": model})
        return answer.result()

    def _begin(self, model: str, inputs: Tensors) -> Future[dict[str, NDArray[Any]]]:
        call = self._inference.infer(model, inputs, deadline_s=self._deadline_s)
        try:
            return asyncio.run_coroutine_threadsafe(call, self._loop)
        except RuntimeError as error:
            call.close()
            raise Cancelled(f"{model}: the event loop has ended", metadata={"model": model}) from error

    def _refuse_the_loop(self) -> None:
        try:
            running = asyncio.get_running_loop()
        except RuntimeError:
            return
        if running is self._loop:
            raise Internal("a blocking call on the event loop would wait for itself; call it from a thread")

    def _wait(self, answer: Future[dict[str, NDArray[Any]]], model: str, check: Callable[[], None] | None) -> None:
        overdue = time.monotonic() + self._deadline_s + _GRACE_S
        while not wait([answer], _POLL_S).done:
            if check is not None:
                check()
            if time.monotonic() > overdue:
                raise DeadlineExceeded(f"{model}: the event loop does not answer", metadata={"model": model})
