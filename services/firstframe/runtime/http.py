"""The small HTTP server beside every gRPC server: `/metrics`, `/healthz`, `/readyz`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import make_wsgi_app

StartResponse = Callable[[str, list[tuple[str, str]]], Any]


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, *_args: object) -> None:
        """Scrapes are not worth a log line."""


class StatusServer:
    """Serves in a thread of its own.

    Args:
        address: `host:port`; port 0 takes a free one.
        ready: Tells whether the service takes work.
    """

    def __init__(self, address: str, ready: Callable[[], bool]) -> None:
        host, port = address.rsplit(":", 1)
        self._ready = ready
        self._metrics: Any = make_wsgi_app()
        self._server: WSGIServer = make_server(host.strip("[]"), int(port), self._answer, handler_class=_QuietHandler)
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


def _plain(start: StartResponse, status: str, body: bytes) -> Iterable[bytes]:
    start(status, [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))])
    return [body]
