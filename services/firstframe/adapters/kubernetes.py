"""Pools in a cluster: the ready pods behind each stage's Service, from its EndpointSlices.

Spoken directly over HTTP: one list and one watch of one kind of object. The account needs `list` and `watch` of
`endpointslices` (group discovery.k8s.io) in the namespaces of the services, and nothing else.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import structlog
from prometheus_client import Counter, Gauge

from firstframe.ports.pools import Pools

_LOG = structlog.get_logger(__name__)
_READY = Gauge("firstframe_pool_ready_count", "Servers that the cluster says are ready.", ["stage"])
_FAILURES = Counter("firstframe_pool_watch_failures_total", "Times that the cluster could not be asked.", ["stage"])

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where a pod finds its token and the CA of the API server."""

_NAME = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_SERVICE = re.compile(rf"(?P<namespace>{_NAME})/(?P<service>{_NAME}):(?P<port>{_NAME})")
_GONE = 410
_WATCH_S = 60
_SILENCE_S = 15.0
"""Beyond the time that a watch was asked for; so long a connection that died unnoticed is trusted at most."""
_CONNECT_S = 5.0
_SHORTEST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 5.0


@dataclass(frozen=True, slots=True)
class ServicePort:
    """A port of a Service, by name or number."""

    namespace: str
    service: str
    port: str

    @classmethod
    def parse(cls, text: str) -> ServicePort:
        """Reads `namespace/service:port`.

        Raises:
            ValueError: It has another form.
        """
        found = _SERVICE.fullmatch(text)
        if not found:
            raise ValueError(f"{text!r} is no service; use namespace/service:port, the port by name or number")
        return cls(**found.groupdict())


@dataclass(frozen=True, slots=True)
class ApiServer:
    """How the API server is reached."""

    url: str
    token: Path
    """File of the bearer token, which the kubelet replaces about once an hour; read for every request."""
    ca: Path
    """File of the CA that the API server's certificate comes from."""

    @classmethod
    def of_pod(cls, account: Path = ACCOUNT, environment: Mapping[str, str] = os.environ) -> ApiServer:
        """The API server as a pod is told about it.

        Raises:
            ValueError: This is not a pod.
        """
        host, port = environment.get("KUBERNETES_SERVICE_HOST"), environment.get("KUBERNETES_SERVICE_PORT")
        if not host or not port:
            raise ValueError("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: this is no pod")
        return cls(f"https://{_join(host, int(port))}", account / "token", account / "ca.crt")

    def client(self) -> httpx.AsyncClient:
        """A client that trusts the CA as it is now.

        Raises:
            OSError: The CA cannot be read.
        """
        transport = httpx.AsyncHTTPTransport(
            verify=ssl.create_default_context(cafile=self.ca), socket_options=_keepalive(), trust_env=False
        )
        timeout = httpx.Timeout(_CONNECT_S, read=_WATCH_S + _SILENCE_S)
        return httpx.AsyncClient(base_url=self.url, transport=transport, timeout=timeout, trust_env=False)

    def headers(self) -> dict[str, str]:
        """Headers of a request.

        Raises:
            OSError: The token cannot be read.
        """
        return {"Authorization": f"Bearer {self.token.read_text().strip()}", "Accept": "application/json"}


def _keepalive() -> list[tuple[int, int, int]]:
    """A watch is silent for long; the system finds out within half a minute that nobody is there any more."""
    options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    for name, value in (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3)):
        with suppress(AttributeError):  # not on every system
            options.append((socket.IPPROTO_TCP, getattr(socket, name), value))
    return options


class EndpointSlicePools:
    """Follows the EndpointSlices of each stage's Service: pods that are ready and not about to stop.

    While the API server is away or refuses, the pools stay as they were last known; the dispatcher asks each server for its
    health anyway.

    Args:
        api: The API server.
        services: The Service of each stage; headless, so that it costs no load balancing.
    """

    def __init__(self, api: ApiServer, services: Mapping[str, ServicePort]) -> None:
        self._api = api
        self._services = dict(services)

    async def watch(self) -> AsyncIterator[Pools]:
        """Yields the pools as far as they are known, then at each change."""
        news: asyncio.Queue[tuple[str, frozenset[str]]] = asyncio.Queue()
        tasks = [
            asyncio.create_task(_Follower(self._api, stage, service, news.put_nowait).run())
            for stage, service in self._services.items()
        ]
        known: dict[str, frozenset[str]] = {}
        try:
            while True:
                stage, addresses = await news.get()
                if known.get(stage) != addresses:
                    known[stage] = addresses
                    yield dict(known)
        finally:
            for task in tasks:
                task.cancel()


class _Gone(Exception):
    """The version that a watch should go on from is no longer known: everything has to be read again."""


class _Refused(Exception):
    """The API server said no."""


class _Follower:
    """One stage: list, watch from there, and again for ever."""

    def __init__(
        self, api: ApiServer, stage: str, service: ServicePort, tell: Callable[[tuple[str, frozenset[str]]], None]
    ) -> None:
        self._api = api
        self._stage = stage
        self._port = service.port
        self._path = f"/apis/discovery.k8s.io/v1/namespaces/{service.namespace}/endpointslices"
        self._select = {"labelSelector": f"kubernetes.io/service-name={service.service}"}
        self._tell = tell
        self._slices: dict[str, frozenset[str]] = {}
        self._version = ""
        self._pause_s = _SHORTEST_PAUSE_S

    async def run(self) -> None:
        """Never ends by itself."""
        while True:
            try:
                await self._session()
            except _Gone:
                self._version = ""
            except _Refused as error:
                self._version = ""  # the API server may have gone back in time: restored from a backup
                self._failed(str(error))
            except (httpx.HTTPError, OSError, ValueError) as error:
                self._failed(str(error) or type(error).__name__)
            except Exception:
                _LOG.exception("following the pods of a stage failed unexpectedly", stage=self._stage)
                self._failed("a fault of the orchestrator")
            await asyncio.sleep(self._pause_s * random.uniform(0.8, 1.2))

    def _failed(self, why: str) -> None:
        """What is known stays; the next session goes on from there, later each time."""
        self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)
        _FAILURES.labels(self._stage).inc()
        _LOG.warning("the cluster cannot be asked for pods", stage=self._stage, problem=why, again_in_s=self._pause_s)

    async def _session(self) -> None:
        async with self._api.client() as client:
            if not self._version:
                await self._list(client)
            await self._watch(client)

    async def _list(self, client: httpx.AsyncClient) -> None:
        response = await client.get(self._path, params=self._select, headers=self._api.headers())
        await _check(response)
        found = response.json()
        self._slices = {_name(item): _addresses(item, self._port) for item in found["items"]}
        self._news(found)

    async def _watch(self, client: httpx.AsyncClient) -> None:
        """Until the API server ends the watch, which it does after about a minute."""
        params = {
            **self._select,
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": self._version,
            "timeoutSeconds": str(_WATCH_S),
        }
        async with client.stream("GET", self._path, params=params, headers=self._api.headers()) as response:
            await _check(response)
            async for line in response.aiter_lines():
                self._take(json.loads(line))

    def _take(self, event: dict[str, Any]) -> None:
        item = event["object"]
        match event["type"]:
            case "ADDED" | "MODIFIED":
                self._slices[_name(item)] = _addresses(item, self._port)
            case "DELETED":
                self._slices.pop(_name(item), None)
            case "ERROR":
                raise _refusal(int(item.get("code", 0)), str(item.get("message", "")))
        self._news(item)

    def _news(self, item: dict[str, Any]) -> None:
        self._version = item["metadata"]["resourceVersion"]
        self._pause_s = _SHORTEST_PAUSE_S
        addresses = frozenset[str]().union(*self._slices.values())
        _READY.labels(self._stage).set(len(addresses))
        self._tell((self._stage, addresses))


async def _check(response: httpx.Response) -> None:
    """Raises unless the API server agrees."""
    if response.is_success:
        return
    text = (await response.aread()).decode(errors="replace")
    with suppress(ValueError, KeyError, TypeError):
        text = json.loads(text)["message"]
    raise _refusal(response.status_code, text)


def _refusal(code: int, message: str) -> Exception:
    return _Gone(message) if code == _GONE else _Refused(f"{code}: {message[:500]}")


def _name(item: dict[str, Any]) -> str:
    return str(item["metadata"]["name"])


def _addresses(item: dict[str, Any], port: str) -> frozenset[str]:
    """Addresses of the pods in a slice that take work."""
    number = _number(item.get("ports") or [], port)
    if number is None:
        return frozenset()
    taking = (endpoint for endpoint in item.get("endpoints") or [] if _takes_work(endpoint.get("conditions") or {}))
    # All addresses of an endpoint lead to the same pod.
    return frozenset(_join(endpoint["addresses"][0], number) for endpoint in taking)


def _number(ports: list[dict[str, Any]], port: str) -> int | None:
    """A port's number; a slice may have the port of a name under another number than its neighbour, or not at all."""
    if port.isdecimal():
        return int(port)
    return next((item["port"] for item in ports if item.get("name") == port), None)


def _takes_work(conditions: dict[str, Any]) -> bool:
    """A condition that is not given counts as ready and as not terminating, says the API."""
    return conditions.get("ready") is not False and conditions.get("terminating") is not True


def _join(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
