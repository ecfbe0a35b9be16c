"""An API server over TLS that refuses once, then knows one ready pod behind every Service, and from then on is silent."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from support.certificates import Authority

_PORTS = [{"name": "grpc", "port": 1}]
_SLICE = {
    "metadata": {"name": "one", "resourceVersion": "1"},
    "ports": _PORTS,
    "endpoints": [{"addresses": ["127.0.0.1"], "conditions": {"ready": True}}],
}
_LIST = {"metadata": {"resourceVersion": "1"}, "items": [_SLICE]}


class _Handler(BaseHTTPRequestHandler):
    refusals = 1
    over = threading.Event()

    def do_GET(self) -> None:
        if type(self).refusals:
            type(self).refusals -= 1
            self.send_error(500)
            return
        self.send_response(200)
        if "watch=" in self.path:
            self.end_headers()
            self.over.wait(60)
            return
        body = json.dumps(_LIST).encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return None


@contextmanager
def api_server(folder: Path) -> Iterator[dict[str, str]]:
    """Runs one, gives what a pod's environment says of it; the account is in `<folder>/account`."""
    authority = Authority(folder / "authority")
    files = authority.issue(folder / "server", "IP:127.0.0.1")
    account = folder / "account"
    account.mkdir()
    (account / "token").write_text("token")
    (account / "ca.crt").write_bytes(authority.certificate.read_bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    handler = type("Handler", (_Handler,), {"over": threading.Event(), "refusals": 1})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": str(server.server_port)}
    finally:
        handler.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
