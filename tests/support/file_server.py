"""A real HTTP server on loopback that serves bytes, with or without ranges, and cuts connections on command."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

WAIT_SECONDS = 30
_PIECE = 1 << 16


@dataclass(frozen=True)
class Seen:
    """One request."""

    path: str
    headers: dict[str, str]
    """Names in lower case."""


@dataclass
class FileServer:
    """What the server serves and how; read anew for each request."""

    files: dict[str, bytes] = field(default_factory=dict)
    """Bodies by path."""
    address: str = ""
    """`http://127.0.0.1:port`."""
    ranges: bool = True
    """Whether `Range` and `If-Range` are obeyed."""
    lengths: bool = True
    """Whether `Content-Length` is sent."""
    cuts: list[int] = field(default_factory=list)
    """Bytes after which the next answers are cut off, one for each; then answers are whole."""
    statuses: list[int] = field(default_factory=list)
    """What the next requests are answered with instead of a body."""
    redirects: dict[str, str] = field(default_factory=dict)
    """Addresses that paths are redirected to."""
    links: dict[str, str] = field(default_factory=dict)
    """`Link` headers by path."""
    types: dict[str, str] = field(default_factory=dict)
    """`Content-Type` by path, where it matters."""
    hold_after: int | None = None
    """Bytes after which answers pause until `release` is set."""
    held: threading.Event = field(default_factory=threading.Event)
    """Set when an answer pauses."""
    release: threading.Event = field(default_factory=threading.Event)
    seen: list[Seen] = field(default_factory=list)

    def put_json(self, path: str, value: object) -> None:
        """Serves JSON at a path."""
        self.files[path] = json.dumps(value).encode()

    def etag(self, path: str) -> str:
        """The strong ETag of what is served at a path."""
        return f'"{hashlib.sha256(self.files[path]).hexdigest()[:16]}"'

    def behave(self) -> None:
        """Takes pauses and cuts back."""
        self.hold_after = None
        self.cuts.clear()
        self.release.set()

    def ranges_asked(self, path: str) -> list[str]:
        """The `Range` of each request for a path, empty where it had none."""
        return [seen.headers.get("range", "") for seen in self.seen if seen.path == path]


@contextmanager
def serving_files() -> Iterator[FileServer]:
    """Runs a server for the length of the block."""
    state = FileServer()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"state": state}))
    state.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.release.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    state: FileServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.state.seen.append(Seen(self.path, {key.lower(): value for key, value in self.headers.items()}))
        if self.state.statuses:
            self._answer(self.state.statuses.pop(0), b"")
        elif self.path in self.state.redirects:
            self._answer(302, b"", location=self.state.redirects[self.path])
        elif self.path not in self.state.files:
            self._answer(404, b"")
        else:
            self._serve(self.state.files[self.path])

    def _serve(self, body: bytes) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("range", ""))
        fresh = self.headers.get("if-range", "") == self.state.etag(self.path)
        if not (self.state.ranges and asked and fresh):
            self._answer(200, body, etag=self.state.etag(self.path))
            return
        start = int(asked[1])
        if start >= len(body):
            self._answer(416, b"", content_range=f"bytes */{len(body)}")
            return
        content_range = f"bytes {start}-{len(body) - 1}/{len(body)}"
        self._answer(206, body[start:], etag=self.state.etag(self.path), content_range=content_range)

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        if self.path in self.state.links:
            self.send_header("link", self.state.links[self.path])
        if self.path in self.state.types:
            self.send_header("content-type", self.state.types[self.path])
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if self.state.lengths or not body:
            self.send_header("content-length", str(len(body)))
        else:
            self.send_header("connection", "close")
        self.end_headers()
        self._write(body)

    def _write(self, body: bytes) -> None:
        cut = self.state.cuts.pop(0) if body and self.state.cuts else len(body)
        for start in range(0, cut, _PIECE):
            self.wfile.write(body[start : min(start + _PIECE, cut)])
            self._pause(start + _PIECE)
        self.wfile.flush()
        if cut < len(body):
            self.close_connection = True

    def _pause(self, written: int) -> None:
        if self.state.hold_after is not None and written >= self.state.hold_after:
            self.wfile.flush()
            self.state.held.set()
            self.state.release.wait(WAIT_SECONDS)

    def handle(self) -> None:
        try:
            super().handle()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def finish(self) -> None:
        try:
            super().finish()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        del format, args
