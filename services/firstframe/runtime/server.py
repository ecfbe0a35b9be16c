"""The bootstrap of every server: bind, warm up, serve, drain, stop."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import NoReturn

import grpc
import structlog
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_health.v1._async import HealthServicer
from grpc_reflection.v1alpha import reflection

from firstframe.core.errors import Unavailable
from firstframe.ports.blobstore import BlobStore
from firstframe.runtime import logging, tracing
from firstframe.runtime.client import MAX_MESSAGE_BYTES
from firstframe.runtime.http import StatusServer, cannot_bind
from firstframe.runtime.interceptors.calls import CallInterceptor
from firstframe.runtime.interceptors.deadlines import DeadlineInterceptor
from firstframe.runtime.interceptors.draining import DrainInterceptor
from firstframe.runtime.interceptors.errors import ErrorInterceptor
from firstframe.runtime.interceptors.roles import RoleInterceptor
from firstframe.runtime.settings import ServiceSettings
from firstframe.runtime.slots import Slots
from firstframe.runtime.tls import Certificates, server_credentials

_LOG = structlog.get_logger(__name__)
_STOP_GRACE_S = 2.0
_PARENT_INTERVAL_S = 0.5
_STORE_INTERVAL_S = 1.0

Hook = Callable[[], Awaitable[None]]


async def serve(
    settings: ServiceSettings,
    *,
    service: str,
    register: Callable[[grpc.aio.Server], None],
    service_names: Sequence[str],
    store: BlobStore,
    slots: Slots | None = None,
    on_ready: Hook | None = None,
    on_drain: Hook | None = None,
    fitness: AsyncIterator[bool] | None = None,
) -> None:
    """Runs a service until SIGTERM or SIGINT, or until its parent is gone when the settings say so.

    Args:
        settings: What the service was told.
        service: Its name in logs.
        register: Adds the servicers.
        service_names: Full names of the services, for health and reflection.
        store: Must be there before the service serves; while it cannot be reached the service waits.
        slots: Drained at the end: no new work, and what runs may finish within `drain_grace_s`.
        on_ready: Warm-up; health says SERVING only afterwards. A signal cuts it short.
        on_drain: Called at the end, before the server stops, within `drain_grace_s`.
        fitness: Says whether what the service relies on works, at each change; while it does not, health and `/readyz` say
            no, so that new work goes elsewhere. What it raises ends the service.

    Work that is still going on when the time is over, and does not look whether anybody waits, is left where it is: the
    process ends without waiting for its threads. What they had is made again elsewhere; the next start sweeps their scratch.

    Raises:
        PreconditionFailed: `ADDRESS_IN_USE`: an address cannot be bound; or the store cannot be used as it is set up.
    """
    logging.configure(service, level=settings.log_level, form=settings.log_format)
    tracing.start(service)

    async def warm_up() -> None:
        await reach(store)
        if on_ready is not None:
            await on_ready()

    try:
        await _Server(settings, service, register, service_names, slots, warm_up, on_drain, fitness).run()
    finally:
        tracing.stop()


class _Server:
    def __init__(
        self,
        settings: ServiceSettings,
        service: str,
        register: Callable[[grpc.aio.Server], None],
        service_names: Sequence[str],
        slots: Slots | None,
        on_ready: Hook,
        on_drain: Hook | None,
        fitness: AsyncIterator[bool] | None,
    ) -> None:
        self._settings = settings
        self._service = service
        self._names = ("", *service_names)
        self._slots = slots
        self._on_ready = on_ready
        self._on_drain = on_drain
        self._fitness = fitness
        self._fit = True
        self._stops = 0
        self._stop = asyncio.Event()
        self._now = asyncio.Event()
        self._ready = False
        self._draining = False
        self._health = HealthServicer()
        self._certificates = settings.tls.certificates
        self._grpc = self._make_server(register)

    def _make_server(self, register: Callable[[grpc.aio.Server], None]) -> grpc.aio.Server:
        interceptors = (
            CallInterceptor(),
            ErrorInterceptor(),
            *([RoleInterceptor(self._settings.tls.names)] if self._certificates else []),
            DrainInterceptor(lambda: self._draining),
            DeadlineInterceptor(self._settings.default_deadline_s),
        )
        options = (
            ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
            ("grpc.so_reuseport", 0),
            # Watching streams are silent for long and clients ping meanwhile; that is no attack.
            ("grpc.http2.max_ping_strikes", 0),
            ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
        )
        server = grpc.aio.server(interceptors=interceptors, options=options)
        register(server)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        if self._settings.reflection:
            reflection.enable_server_reflection(
                (*self._names[1:], health.SERVICE_NAME, reflection.SERVICE_NAME), server
            )
        return server

    async def run(self) -> None:
        """From binding to the end."""
        self._listen_to_signals()
        await self._set_health(serving=False)
        try:
            address = self._bind()
            status = StatusServer(self._settings.metrics_listen, lambda: self._ready and self._fit)
            try:
                await self._work(address, status.address)
            finally:
                status.close()
        finally:
            await self._grpc.stop(None)

    async def _work(self, address: str, metrics_address: str) -> None:
        told = asyncio.ensure_future(self._until_told())
        await self._warm_up(told)
        await self._grpc.start()
        self._ready = True
        await self._set_health(serving=True)
        self._announce(address, metrics_address)
        _LOG.info("serving", address=address, metrics=metrics_address, pid=os.getpid())
        await self._watch_until_told(told)
        await self._drain()
        await self._grpc.stop(None if self._now.is_set() else _STOP_GRACE_S)
        await self._let_work_stop()
        _LOG.info("stopped")

    async def _watch_until_told(self, told: asyncio.Future[None]) -> None:
        watch = asyncio.ensure_future(self._follow_fitness())
        await asyncio.wait({told, watch}, return_when=asyncio.FIRST_COMPLETED)
        if told.done():
            watch.cancel()
        else:
            await watch

    async def _follow_fitness(self) -> None:
        if self._fitness is not None:
            async for fit in self._fitness:
                self._fit = fit
                await self._set_health(serving=fit)
        await self._stop.wait()

    async def _warm_up(self, told: asyncio.Future[None]) -> None:
        """Warms up, unless the service is told to stop first: nothing has been promised yet, so it leaves at once."""
        warm = asyncio.ensure_future(self._on_ready())
        await asyncio.wait({warm, told}, return_when=asyncio.FIRST_COMPLETED)
        if not warm.done():
            _leave("told to stop before the warm-up was over")
        warm.result()

    async def _let_work_stop(self) -> None:
        """Every call has ended by now, so the work has been told to stop; some never looks."""
        if self._slots is None:
            return
        try:
            await asyncio.wait_for(self._slots.idle(), _STOP_GRACE_S)
        except TimeoutError:
            _leave("leaving work that does not stop")

    def _bind(self) -> str:
        host, _ = self._settings.listen.rsplit(":", 1)
        try:
            port = self._add_port(self._settings.listen)
        except RuntimeError:
            raise cannot_bind(self._settings.listen) from None
        return f"{host}:{port}"

    def _add_port(self, listen: str) -> int:
        if self._certificates is None:
            return self._grpc.add_insecure_port(listen)
        self._warn_of_names(self._certificates)
        return self._grpc.add_secure_port(listen, server_credentials(self._certificates))

    def _warn_of_names(self, certificates: Certificates) -> None:
        """Callers look for the service's name in its certificate; without it they all go away."""
        name, own = self._settings.tls.names.of(self._service), certificates.current().names
        if name not in own:
            _LOG.warning("the certificate lacks the name that callers look for", name=name, names=own)

    def _announce(self, address: str, metrics_address: str) -> None:
        path = self._settings.address_file
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.{os.getpid()}")
        partial.write_text(json.dumps({"grpc": address, "metrics": metrics_address, "pid": os.getpid()}))
        partial.replace(path)

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._told)

    def _told(self) -> None:
        """The first signal drains, the second stops at once."""
        self._stops += 1
        self._stop.set()
        if self._stops > 1:
            self._now.set()

    async def _until_told(self) -> None:
        parent = self._settings.parent_pid
        if parent is None:
            await self._stop.wait()
            return
        while not self._stop.is_set() and os.getppid() == parent:
            try:
                await asyncio.wait_for(self._stop.wait(), _PARENT_INTERVAL_S)
            except TimeoutError:
                continue
        if not self._stop.is_set():
            _LOG.warning("the parent process is gone, stopping at once")
            self._now.set()

    async def _drain(self) -> None:
        self._ready = False
        self._draining = True
        await self._set_health(serving=False)
        if self._slots:
            self._slots.drain()
        _LOG.info("draining", grace_s=self._settings.drain_grace_s)
        work = asyncio.ensure_future(self._finish())
        at_once = asyncio.ensure_future(self._now.wait())
        await asyncio.wait({work, at_once}, timeout=self._settings.drain_grace_s, return_when=asyncio.FIRST_COMPLETED)
        for task in (work, at_once):
            task.cancel()

    async def _finish(self) -> None:
        if self._slots:
            await self._slots.idle()
        if self._on_drain:
            await self._on_drain()

    async def _set_health(self, *, serving: bool) -> None:
        status = health_pb2.HealthCheckResponse.SERVING if serving else health_pb2.HealthCheckResponse.NOT_SERVING
        for name in self._names:
            await self._health.set(name, status)


async def reach(store: BlobStore) -> None:
    """Returns once the store can be read and written: servers and the store may be started in any order.

    Raises:
        PreconditionFailed: It cannot be used as it is set up; waiting will not help.
    """
    while True:
        try:
            await asyncio.to_thread(store.check)
        except Unavailable as error:
            _LOG.warning("waiting for the store", problem=error.message, retry_s=_STORE_INTERVAL_S)
            await asyncio.sleep(_STORE_INTERVAL_S)
        else:
            return


def _leave(why: str) -> NoReturn:
    """Ends the process without waiting for its threads, which the interpreter's own exit would."""
    _LOG.warning(why)
    tracing.stop()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
