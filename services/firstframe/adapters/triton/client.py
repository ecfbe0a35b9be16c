"""Models served by Triton."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from numpy.typing import NDArray
from opentelemetry.propagate import inject
from opentelemetry.trace import get_current_span
from tritonclient.grpc import service_pb2
from tritonclient.grpc.aio import InferenceServerClient, InferInput
from tritonclient.utils import InferenceServerException

from firstframe.adapters.inference_metrics import measured, retried
from firstframe.adapters.inference_requests import check_request
from firstframe.adapters.triton import tensors
from firstframe.adapters.triton.errors import translate
from firstframe.adapters.triton.metadata import check_metadata
from firstframe.core.errors import DeadlineExceeded, Exhausted, FirstframeError, Internal, NotFound, Unavailable
from firstframe.core.models import ServedModel
from firstframe.ports.inference import Tensors

T = TypeVar("T")
_CONTROL_S = 10.0
"""Deadline of a question to the server that runs no model."""
_LOAD_S = 900.0
"""Deadline of a load: engines of tens of gigabytes come from a disk."""
_POLL_S = 0.05
_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 1.0
_WHOLE = 2**31 - 1
_CHANNEL = [
    ("grpc.max_send_message_length", _WHOLE),
    ("grpc.max_receive_message_length", _WHOLE),
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    # gRPC's own defaults keep a client away from a restarted server for up to two minutes.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.use_local_subchannel_pool", 1),
]


class TritonInference:
    """`Inference` at a Triton server. Used from one event loop.

    Inference has no side effects, so a request that the server lost is sent again while there is time.

    Args:
        address: `host:port` of the server's gRPC endpoint.
        models: Models whose requests are checked and counted before they are sent: what goes beyond a run and its queue is
            refused. Those of others are the server's to check.
        attempts: How often a request is sent at most.
    """

    def __init__(self, address: str, *, models: Iterable[ServedModel] = (), attempts: int = 5) -> None:
        self._address = address
        self._models = {model.name: model for model in models}
        self._attempts = attempts
        self._connection: InferenceServerClient | None = None
        self._bare_of: dict[str, frozenset[str]] = {}
        self._sent: Counter[str] = Counter()

    async def infer(
        self, model: str, inputs: Tensors, *, deadline_s: float, request_id: str = ""
    ) -> dict[str, NDArray[Any]]:
        """See `Inference.infer`. Cancelling the task cancels the request at the server."""
        with measured(model), self._admitted(model):
            if model in self._models:
                check_request(self._models[model], inputs)
            ends = time.monotonic() + deadline_s
            bare = await self._repeat(model, ends, lambda: self._bare(model, ends))
            encoded = tensors.encode(inputs, bare)
            answer = await self._repeat(model, ends, lambda: self._send(model, encoded, ends, request_id))
            return tensors.decode(answer, bare)

    async def ready(self) -> frozenset[str]:
        """See `Inference.ready`."""
        return frozenset(name for name, state in (await self._states()).items() if state == "READY")

    async def load(self, model: str) -> None:
        """See `Inference.load`. A model that was given to this client is held against what the server has.

        Raises:
            NotFound: `MODEL_NOT_FOUND`, the server's repository has no such model.
            PreconditionFailed: See `check`.
            Internal: `MODEL_FAILED`, the model cannot be loaded.
            Unavailable: The server cannot be reached.
        """
        states = await self._states()
        if model not in states:
            known = ", ".join(sorted(states)) or "none"
            problem = f"{model} is not in the model server's repository; there are {known}"
            raise NotFound(problem, reason="MODEL_NOT_FOUND", metadata={"model": model})
        if states[model] != "READY":
            await self._load(model)
        if model in self._models:
            await self._check(self._models[model])

    async def unload(self, model: str) -> None:
        """See `Inference.unload`. Returns when the server has let go of the model.

        Raises:
            Unavailable: The server cannot be reached, or still holds the model after its last request should have ended.
        """
        if model not in await self._states():
            return
        await self._ask(model, self._client.unload_model(model, client_timeout=_CONTROL_S))
        ends = time.monotonic() + _LOAD_S
        while (await self._states())[model] in {"READY", "UNLOADING"}:
            if time.monotonic() > ends:
                raise Unavailable(f"{model} is still being unloaded", reason="MODEL_SERVER_UNAVAILABLE")
            await asyncio.sleep(_POLL_S)

    async def check(self) -> None:
        """Holds what the server serves against the models that were given; for the start of a service.

        Raises:
            NotFound: `MODEL_NOT_FOUND`, a model is not loaded.
            PreconditionFailed: `MODEL_MISMATCH`, names, types or shapes differ; `MODEL_SERVER_UNFIT`, this is no Triton.
            Unavailable: The server cannot be reached.
        """
        for model in self._models.values():
            await self._check(model)

    async def close(self) -> None:
        """See `Inference.close`."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    @property
    def _client(self) -> InferenceServerClient:
        # A channel belongs to the loop on which it is made.
        if self._connection is None:
            self._connection = InferenceServerClient(self._address, channel_args=_CHANNEL)
        return self._connection

    @contextmanager
    def _admitted(self, model: str) -> Iterator[None]:
        served = self._models.get(model)
        # As many as one run takes, and the queue behind it: Triton's own bound would cost time, see `Target.server_bounds`.
        if served and self._sent[model] >= served.batching.max_size + served.batching.queue_size:
            problem = f"{model}: {self._sent[model]} requests are on their way already; retry"
            raise Exhausted(problem, reason="MODEL_QUEUE_FULL", metadata={"model": model})
        self._sent[model] += 1
        try:
            yield
        finally:
            self._sent[model] -= 1

    async def _bare(self, model: str, ends: float) -> frozenset[str]:
        if model not in self._bare_of:
            call = self._client.get_model_config(model, client_timeout=_left(model, ends))
            self._bare_of[model] = tensors.bare_names((await self._ask(model, call)).config)
        return self._bare_of[model]

    async def _send(
        self, model: str, inputs: list[InferInput], ends: float, request_id: str
    ) -> service_pb2.ModelInferResponse:
        left_s = _left(model, ends)
        call = self._client.infer(
            model, inputs, request_id=request_id, timeout=_microseconds(left_s), client_timeout=left_s, headers=_trace()
        )
        try:
            return (await self._ask(model, call)).get_response()
        except Exhausted as error:
            # The server measures the request's own deadline in its queue as well.
            if time.monotonic() >= ends - _POLL_S:
                raise DeadlineExceeded(error.message, metadata=error.metadata) from error
            raise

    async def _repeat(self, model: str, ends: float, send: Callable[[], Awaitable[T]]) -> T:
        for attempt in range(1, self._attempts):
            try:
                return await send()
            except Unavailable as error:
                pause_s = min(_FIRST_PAUSE_S * 2**attempt, _LONGEST_PAUSE_S) * random.uniform(0.5, 1)
                if error.reason != "MODEL_SERVER_UNAVAILABLE" or time.monotonic() + pause_s >= ends:
                    raise
            retried(model)
            await asyncio.sleep(pause_s)
        return await send()

    async def _check(self, model: ServedModel) -> None:
        server = await self._ask("server", self._client.get_server_metadata(client_timeout=_CONTROL_S))
        found = await self._ask(model.name, self._client.get_model_metadata(model.name, client_timeout=_CONTROL_S))
        check_metadata(model, server, found)

    async def _load(self, model: str) -> None:
        try:
            await self._ask(model, self._client.load_model(model, client_timeout=_LOAD_S))
        except FirstframeError as error:
            if isinstance(error, Unavailable | DeadlineExceeded):
                raise
            problem = f"{model} cannot be loaded: {error.message}"
            raise Internal(problem, reason="MODEL_FAILED", metadata={"model": model}) from error

    async def _states(self) -> Mapping[str, str]:
        answer = await self._ask("server", self._client.get_model_repository_index(client_timeout=_CONTROL_S))
        return {one.name: one.state for one in answer.models}

    async def _ask(self, model: str, call: Awaitable[Any]) -> Any:  # noqa: ANN401  (the library has no types)
        try:
            return await call
        except InferenceServerException as error:
            raise translate(error, model) from error


def _left(model: str, ends: float) -> float:
    left_s = ends - time.monotonic()
    if left_s <= 0:
        raise DeadlineExceeded(f"{model}: no time is left for the request", metadata={"model": model})
    return left_s


def _trace() -> dict[str, str]:
    """Headers by which Triton goes on in a trace; it takes no notice of the flag that says that one is not sampled."""
    headers: dict[str, str] = {}
    if get_current_span().get_span_context().trace_flags.sampled:
        inject(headers)
    return headers


def _microseconds(seconds: float) -> int:
    return max(1, int(seconds * 1e6))
