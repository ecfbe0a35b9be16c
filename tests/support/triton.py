"""The real Triton server on loopback."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from tritonclient.grpc import InferenceServerClient
from tritonclient.utils import InferenceServerException

from firstframe.adapters.triton.server import DevelopmentServer, find_server, sweep_shared_memory
from firstframe.core.errors import NotFound
from support.local_servers import free_port

START_SECONDS = 60
COUNT_SECONDS = 10
_ATTEMPTS = 3


def require_triton() -> DevelopmentServer:
    """The development server; without it the test is skipped, which in CI is a failure."""
    try:
        return find_server()
    except NotFound as error:
        pytest.skip(error.message)


class RunningTriton:
    """A server that can be killed and started again on the same ports."""

    def __init__(
        self,
        server: DevelopmentServer,
        repository: Path,
        folder: Path,
        models: Iterable[str] | None,
        environment: Mapping[str, str],
        arguments: Sequence[str],
    ) -> None:
        self._server = server
        self._environment = {**server.environment(os.environ), **environment}
        self._arguments = tuple(arguments)
        self.repository = repository
        self._models = None if models is None else tuple(models)
        self._grpc_port, self._metrics_port = free_port(), free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.address = f"127.0.0.1:{self._grpc_port}"
        self.metrics_address = f"127.0.0.1:{self._metrics_port}"
        self.log = folder / "triton.log"

    def start(self) -> bool:
        """Starts the server; whether it came to serve."""
        command = self._server.command(
            self.repository, grpc_port=self._grpc_port, metrics_port=self._metrics_port, models=self._models
        )
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                [*command, *self._arguments], env=self._environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )
        return self._answers()

    def kill(self) -> None:
        """Ends the server as a crash would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ends the server."""
        self._end(signal.SIGTERM)

    def metrics(self) -> str:
        """What the server tells Prometheus."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self._metrics_port}/metrics", timeout=10) as response:
            text: str = response.read().decode()
            return text

    def statistics(self, model: str, requests: int) -> tuple[int, int]:
        """Requests that a model has answered, and runs that it took for them, since it was loaded.

        Args:
            model: The model.
            requests: How many are waited for, because the server counts a moment after it answers.
        """
        deadline = time.monotonic() + COUNT_SECONDS
        with InferenceServerClient(self.address) as client:
            while True:
                (found,) = client.get_inference_statistics(model).model_stats
                answered = found.inference_stats.success.count + found.inference_stats.fail.count
                if answered >= requests or time.monotonic() > deadline:
                    return answered, found.execution_count
                time.sleep(0.02)

    def _answers(self) -> bool:
        deadline = time.monotonic() + START_SECONDS
        with InferenceServerClient(self.address) as client:
            while time.monotonic() < deadline and self._process is not None and self._process.poll() is None:
                try:
                    if client.is_server_live(client_timeout=2):
                        return True
                except InferenceServerException:
                    time.sleep(0.05)
        return False

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(number)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(20)
        self._process = None
        sweep_shared_memory(self._grpc_port)


@contextmanager
def running_triton(
    repository: Path,
    folder: Path,
    models: Iterable[str] | None = None,
    environment: Mapping[str, str] | None = None,
    arguments: Sequence[str] = (),
) -> Iterator[RunningTriton]:
    """Serves a repository.

    Args:
        repository: Made by `write_repository`.
        folder: Takes the log.
        models: What is loaded at the start; all where nothing is said.
        environment: Variables that differ from the server's own.
        arguments: More arguments of the server.
    """
    server = require_triton()
    folder.mkdir(parents=True, exist_ok=True)
    for _ in range(_ATTEMPTS):
        running = RunningTriton(server, repository, folder, models, environment or {}, arguments)
        try:
            if running.start():
                yield running
                return
        finally:
            running.stop()
    raise AssertionError(f"tritonserver did not start:\n{(folder / 'triton.log').read_text()[-4000:]}")
