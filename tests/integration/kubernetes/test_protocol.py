"""What an API server says rarely: a scripted one says it over real HTTP."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from structlog.testing import capture_logs

from firstframe.adapters.kubernetes import ApiServer, EndpointSlicePools, ServicePort
from firstframe.ports.pools import Pools
from support.certificates import Authority

WAIT_S = 20
Answer = tuple[int, list[bytes]]


def endpoint(address: str, **conditions: bool | None) -> dict[str, Any]:
    return {"addresses": [address], "conditions": conditions}


def piece(name: str, *endpoints: dict[str, Any], version: str = "1", port: int | None = 50051) -> dict[str, Any]:
    ports = [{"name": "metrics", "port": 1}, *([{"name": "grpc", "port": port}] if port else [])]
    return {"metadata": {"name": name, "resourceVersion": version}, "ports": ports, "endpoints": list(endpoints)}


def listed(*pieces: dict[str, Any], version: str = "10") -> Answer:
    return 200, [json.dumps({"metadata": {"resourceVersion": version}, "items": pieces}).encode()]


def event(kind: str, item: dict[str, Any]) -> bytes:
    return json.dumps({"type": kind, "object": item}).encode() + b"\n"


def refused(code: int, message: str) -> Answer:
    return code, [json.dumps({"kind": "Status", "code": code, "message": message}).encode()]


SILENT: Answer = (200, [])
"""A watch in which nothing happens, for as long as the test takes."""


class Scripted:
    """Gives one answer after the other; a list to lists, a stream to watches. After the last it is silent."""

    def __init__(self, *answers: Answer) -> None:
        self.asked: list[dict[str, str]] = []
        self._answers = iter(answers)
        self._over = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.answer(self)

            def log_message(self, *_: object) -> None:
                return None

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        split = urlsplit(handler.path)
        token = str(handler.headers["Authorization"])
        self.asked.append({"path": split.path, "authorization": token, **dict(parse_qsl(split.query))})
        code, parts = next(self._answers, SILENT)
        handler.send_response(code)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for part in parts:
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        if code == 200 and not parts:
            handler.wfile.flush()
            self._over.wait(WAIT_S)
        if not parts or parts[-1] != CUT:
            handler.wfile.write(b"0\r\n\r\n")
        handler.close_connection = True

    def close(self) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


CUT = b'{"type": "MODIF'
"""Half an event, and then the connection ends without a word."""

Follow = Callable[..., tuple[Scripted, "Reader"]]


class Reader:
    """Reads a directory until it says what is wanted."""

    def __init__(self, api: ApiServer) -> None:
        self._watch = EndpointSlicePools(api, {"imagegen": ServicePort("ns", "imagegen", "grpc")}).watch()
        self.said: list[Pools] = []

    async def until(self, *hosts: str) -> None:
        wanted = {f"{host}:50051" for host in hosts}
        async with asyncio.timeout(WAIT_S):
            while not self.said or self.said[-1] != {"imagegen": wanted}:
                self.said.append(await anext(self._watch))

    async def close(self) -> None:
        await self._watch.aclose()  # type: ignore[attr-defined]


@pytest.fixture
def follow(tmp_path: Path) -> Iterator[Follow]:
    servers: list[Scripted] = []
    (tmp_path / "token").write_text("first")
    ca = Authority(tmp_path / "authority").certificate

    def make(*answers: Answer) -> tuple[Scripted, Reader]:
        servers.append(Scripted(*answers))
        return servers[-1], Reader(ApiServer(servers[-1].url, tmp_path / "token", ca))

    yield make
    for server in servers:
        server.close()


async def until_asked(server: Scripted, times: int) -> None:
    end = time.monotonic() + WAIT_S
    while len(server.asked) < times:
        assert time.monotonic() < end, server.asked
        await asyncio.sleep(0.01)


async def test_one_list_and_one_watch_from_there(follow: Follow) -> None:
    server, reader = follow(listed(piece("a", endpoint("10.0.0.1", ready=True)), version="42"))
    await reader.until("10.0.0.1")
    await until_asked(server, 2)
    await reader.close()
    first, second = server.asked
    assert first["path"] == "/apis/discovery.k8s.io/v1/namespaces/ns/endpointslices"
    assert first["labelSelector"] == second["labelSelector"] == "kubernetes.io/service-name=imagegen"
    assert "watch" not in first
    assert (second["watch"], second["resourceVersion"], second["allowWatchBookmarks"]) == ("true", "42", "true")


async def test_only_ready_and_not_terminating_ones_take_work(follow: Follow) -> None:
    mixed = piece(
        "a",
        endpoint("10.0.0.1", ready=True, serving=True, terminating=False),
        endpoint("10.0.0.2", ready=False, serving=True, terminating=True),
        endpoint("10.0.0.3", ready=False, serving=False, terminating=False),
        endpoint("10.0.0.4", ready=True, serving=True, terminating=True),  # of a Service that publishes all
        endpoint("10.0.0.5", ready=None),
        {"addresses": ["10.0.0.6"]},
        endpoint("fd00::1", ready=True),
    )
    bare = {"metadata": {"name": "b", "resourceVersion": "1"}, "ports": None, "endpoints": None}
    _, reader = follow(listed(mixed, bare, piece("c", endpoint("10.0.0.1", ready=True))))
    await reader.until("10.0.0.1", "10.0.0.5", "10.0.0.6", "[fd00::1]")
    await reader.close()


async def test_slices_are_joined_and_go_one_by_one(follow: Follow) -> None:
    one, two = piece("a", endpoint("10.0.0.1")), piece("b", endpoint("10.0.0.2"), version="11")
    _, reader = follow(
        listed(one),
        (200, [event("ADDED", two), event("DELETED", one | {"metadata": {"name": "a", "resourceVersion": "12"}})]),
    )
    await reader.until("10.0.0.2")
    await reader.close()
    assert [sorted(pools["imagegen"]) for pools in reader.said] == [
        ["10.0.0.1:50051"],
        ["10.0.0.1:50051", "10.0.0.2:50051"],
        ["10.0.0.2:50051"],
    ]


@pytest.mark.parametrize(
    "gone",
    [
        refused(410, "The resourceVersion for the provided watch is too old."),
        (200, [event("ERROR", {"code": 410, "message": "too old resource version: 10 (99)"})]),
    ],
)
async def test_what_is_too_old_is_read_anew(follow: Follow, gone: Answer) -> None:
    before, after = piece("a", endpoint("10.0.0.1")), piece("b", endpoint("10.0.0.2"))
    server, reader = follow(listed(before), gone, listed(after, version="99"))
    with capture_logs() as logs:
        await reader.until("10.0.0.2")
        await until_asked(server, 4)
    await reader.close()
    assert server.asked[3]["resourceVersion"] == "99"
    assert logs == [], "that is daily business"


async def test_a_watch_that_ends_goes_on_from_its_last_bookmark(follow: Follow) -> None:
    bookmark = {"kind": "EndpointSlice", "metadata": {"resourceVersion": "77"}}
    server, reader = follow(listed(piece("a", endpoint("10.0.0.1"))), (200, [event("BOOKMARK", bookmark)]))
    await reader.until("10.0.0.1")
    await until_asked(server, 3)
    await reader.close()
    assert [asked.get("resourceVersion") for asked in server.asked] == [None, "10", "77"]


async def test_a_watch_that_is_cut_goes_on_where_it_was(follow: Follow) -> None:
    newer = piece("b", endpoint("10.0.0.2"), version="11")
    server, reader = follow(listed(piece("a", endpoint("10.0.0.1"))), (200, [event("ADDED", newer), CUT]))
    with capture_logs() as logs:
        await reader.until("10.0.0.1", "10.0.0.2")
        await until_asked(server, 3)
    await reader.close()
    assert server.asked[2]["resourceVersion"] == "11"
    assert [line["log_level"] for line in logs] == ["warning"]


async def test_a_refusal_is_told_and_the_pools_stay(follow: Follow) -> None:
    text = "endpointslices is forbidden: User cannot watch"
    server, reader = follow(listed(piece("a", endpoint("10.0.0.1"))), refused(403, text), refused(403, text))
    with capture_logs() as logs:
        await reader.until("10.0.0.1")
        await until_asked(server, 4)
    await reader.close()
    assert len(reader.said) == 1
    assert [(line["stage"], line["problem"]) for line in logs] == [("imagegen", f"403: {text}")] * 2
    assert logs[0]["again_in_s"] < logs[1]["again_in_s"]


async def test_an_answer_that_makes_no_sense_is_survived(follow: Follow) -> None:
    server, reader = follow((200, [b"<html>"]), (200, [b"{}"]), listed(piece("a", endpoint("10.0.0.1"))))
    with capture_logs() as logs:
        await reader.until("10.0.0.1")
    await reader.close()
    assert {line["log_level"] for line in logs} == {"warning", "error"}
    assert len(server.asked) >= 3


async def test_the_token_is_read_for_each_request(follow: Follow, tmp_path: Path) -> None:
    server, reader = follow(listed(piece("a", endpoint("10.0.0.1"))), (200, [b"\n"]))
    await reader.until("10.0.0.1")
    (tmp_path / "token").write_text("second\n")
    await until_asked(server, 3)
    await reader.close()
    assert [server.asked[0]["authorization"], server.asked[-1]["authorization"]] == ["Bearer first", "Bearer second"]


async def test_an_account_that_is_not_there_yet_is_waited_for(follow: Follow, tmp_path: Path) -> None:
    (tmp_path / "token").rename(tmp_path / "later")
    _, reader = follow(listed(piece("a", endpoint("10.0.0.1"))))
    reading = asyncio.create_task(reader.until("10.0.0.1"))
    await asyncio.sleep(0.3)
    assert not reading.done()
    (tmp_path / "later").rename(tmp_path / "token")
    await reading
    await reader.close()


@pytest.mark.parametrize("text", ["imagegen:grpc", "ns/imagegen", "ns/imagegen:", "NS/imagegen:grpc", "a/b/c:1", ""])
def test_a_service_in_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="use namespace/service:port"):
        ServicePort.parse(text)


def test_the_api_server_of_a_pod_may_have_an_ipv6_address(tmp_path: Path) -> None:
    variables = {"KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "6443"}
    assert ApiServer.of_pod(tmp_path, variables).url == "https://[fd00::1]:6443"
    with pytest.raises(ValueError, match="this is no pod"):
        ApiServer.of_pod(tmp_path, {})
