"""The small HTTP server beside every gRPC server: `/metrics`, `/healthz`, `/readyz`."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import make_wsgi_app

from firstframe.core.errors import PreconditionFailed

StartResponse = Callable[[str, list[tuple[str, str]]], Any]


class _Server(ThreadingMixIn, WSGIServer):
    """A thread for each request: who connects and says nothing must block neither probes nor the end."""

    daemon_threads = True


class _ServerV6(_Server):
    address_family = socket.AF_INET6


class _QuietHandler(WSGIRequestHandler):
    timeout = 10  # seconds of silence

    def handle(self) -> None:
        """Clients that go away are not worth a log line either."""
        with suppress(TimeoutError, ConnectionError):
            super().handle()

    def log_message(self, *_args: object) -> None:
        """Scrapes are not worth a log line."""


class StatusServer:
    """Serves in a thread of its own.

    Args:
        address: `host:port`; port 0 takes a free one.
        ready: Tells whether the service takes work.

    Raises:
        PreconditionFailed: `ADDRESS_IN_USE`: the address cannot be bound.
    """

    def __init__(self, address: str, ready: Callable[[], bool]) -> None:
        host, port = address.rsplit(":", 1)
        self._ready = ready
        self._metrics: Any = make_wsgi_app()
        kind = _ServerV6 if host.startswith("[") else _Server
        try:
            self._server = make_server(host.strip("[]"), int(port), self._answer, kind, _QuietHandler)
        except OSError:
            raise cannot_bind(address) from None
        self._thread = threading.Thread(target=self._server.serve_forever, name="status-http", daemon=True)
        self._thread.start()
        self.address = f"{host}:{self._server.server_port}"

    def _answer(self, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        match environ["PATH_INFO"]:
            case "/metrics":
                body: Iterable[bytes] = self._metrics(environ, start)
                return body
            case "/healthz":
                return _plain(start, "200 OK", b"ok\n")
            case "/readyz":
                return (
                    _plain(start, "200 OK", b"ready\n")
                    if self._ready()
                    else _plain(start, "503 Not Ready", b"not ready\n")
                )
            case _:
                return _plain(start, "404 Not Found", b"try /metrics, /healthz or /readyz\n")

    def close(self) -> None:
        """Stops serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def cannot_bind(address: str) -> PreconditionFailed:
    """The error of an address that cannot be had."""
    text = f"{address} cannot be bound; another process has it, or the host is not this machine's"
    return PreconditionFailed(text, reason="ADDRESS_IN_USE")


def _plain(start: StartResponse, status: str, body: bytes) -> Iterable[bytes]:
    start(status, [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))])
    return [body]
