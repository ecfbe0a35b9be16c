"""Real servers on loopback for tests: S3 and a network that misbehaves on command."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from minio import Minio

from firstframe.adapters.s3 import S3Store
from support.tools import require_tool

START_SECONDS = 30
_ATTEMPTS = 3


def free_port() -> int:
    """A port of the loopback interface that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _listening(command: Sequence[str], port: int, log: Path, env: Mapping[str, str]) -> Iterator[bool]:
    """Runs a program; gives whether it came to listen on its port."""
    with (
        log.open("ab") as out,
        subprocess.Popen(command, env=os.environ | env, stdout=out, stderr=out) as process,
    ):
        try:
            yield _answers(port, process)
        finally:
            process.kill()


def _answers(port: int, process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process.poll() is None
        time.sleep(0.05)
    return False


@dataclass(frozen=True)
class S3Server:
    """An S3 server with one account."""

    endpoint: str
    access_key: str = "test-access"
    secret_key: str = "test-secret-key"

    def client(self) -> Minio:
        """A client that is not the adapter."""
        return Minio(
            self.endpoint,
            access_key=self.access_key,
            secret_key=self.secret_key,
            secure=False,
            region="us-east-1",
        )

    def store(self, bucket: str, **changes: object) -> S3Store:
        """The adapter with short bounds."""
        values: dict[str, object] = {
            "endpoint": self.endpoint,
            "bucket": bucket,
            "region": "us-east-1",
            "access_key": self.access_key,
            "secret_key": self.secret_key,
            "secure": False,
            "timeout_s": 2.0,
        }
        return S3Store(**(values | changes))  # type: ignore[arg-type]


@contextmanager
def running_s3(folder: Path) -> Iterator[S3Server]:
    """versitygw over an empty folder."""
    program = str(require_tool("versitygw"))
    (folder / "objects").mkdir(parents=True)
    for _ in range(_ATTEMPTS):
        port = free_port()
        server = S3Server(f"127.0.0.1:{port}")
        command = [program, "--port", server.endpoint, "posix", str(folder / "objects")]
        env = {"ROOT_ACCESS_KEY": server.access_key, "ROOT_SECRET_KEY": server.secret_key}
        with _listening(command, port, folder / "server.log", env) as up:
            if up:
                yield server
                return
    raise AssertionError(f"versitygw did not start:\n{(folder / 'server.log').read_text()[-4000:]}")


class Proxy:
    """One connection to a server that can be made bad. Directions are as Toxiproxy has them: `upstream` is to the server."""

    def __init__(self, api: str, upstream: str) -> None:
        self._api = api
        made = self._call("POST", "/proxies", {"name": "proxy", "listen": "127.0.0.1:0", "upstream": upstream})
        self.address: str = made["listen"]

    def spoil(self, kind: str, stream: str, **attributes: int) -> None:
        """Adds a toxic: `latency`, `reset_peer`, `timeout`, `limit_data`, …"""
        self._call("POST", "/proxies/proxy/toxics", {"type": kind, "stream": stream, "attributes": attributes})

    def heal(self) -> None:
        """As it was at first."""
        self._call("POST", "/reset", {})

    def cut(self) -> None:
        """Closes every connection and takes no new one."""
        self._call("POST", "/proxies/proxy", {"enabled": False})

    def join(self) -> None:
        """Takes connections again."""
        self._call("POST", "/proxies/proxy", {"enabled": True})

    def _call(self, method: str, path: str, body: dict[str, object]) -> dict[str, str]:
        request = urllib.request.Request(self._api + path, json.dumps(body).encode(), method=method)
        with urllib.request.urlopen(request, timeout=10) as response:
            found: dict[str, str] = json.loads(response.read() or b"{}")
            return found


@contextmanager
def running_proxy(folder: Path, upstream: str) -> Iterator[Proxy]:
    """Toxiproxy in front of a server."""
    program = str(require_tool("toxiproxy-server"))
    folder.mkdir(parents=True)
    for _ in range(_ATTEMPTS):
        port = free_port()
        command = [program, "-host", "127.0.0.1", "-port", str(port)]
        with _listening(command, port, folder / "proxy.log", {}) as up:
            if up:
                yield Proxy(f"http://127.0.0.1:{port}", upstream)
                return
    raise AssertionError(f"toxiproxy did not start:\n{(folder / 'proxy.log').read_text()[-4000:]}")
