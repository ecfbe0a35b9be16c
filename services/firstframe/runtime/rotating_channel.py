"""A channel that changes its certificate without a failed call: new calls on a new connection, old ones end on theirs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Any

import grpc

from firstframe.runtime.tls import Certificates, Material, channel_credentials

Open = Callable[[grpc.ChannelCredentials], grpc.aio.Channel]


class _Link:
    """One channel with the certificate that it was made with, and the calls that go on over it."""

    def __init__(self, channel: grpc.aio.Channel, material: Material) -> None:
        self.channel = channel
        self.material = material
        self.calls = 0


class RotatingChannel(grpc.aio.Channel):
    """A channel for as long as the process runs. Used from one event loop alone.

    gRPC asks for a certificate when a channel is made and for each connection that it makes later uses that one, ended or not.
    So the files are looked at when a call begins; when they hold another certificate, a new channel takes that call and those
    that follow. The old one is closed when its last call has ended; a call that lasts keeps it for as long.

    Args:
        certificates: The own certificate and the CA as they are now.
        open_channel: Makes a channel.
    """

    def __init__(self, certificates: Certificates, open_channel: Open) -> None:
        self._certificates = certificates
        self._open = open_channel
        self._link = self._make(certificates.current())
        self._links = {self._link}
        self._closing: set[asyncio.Task[None]] = set()

    def _make(self, material: Material) -> _Link:
        return _Link(self._open(channel_credentials(material)), material)

    def _current(self) -> _Link:
        material = self._certificates.current()
        if material is not self._link.material:
            old, self._link = self._link, self._make(material)
            self._links.add(self._link)
            self._close_unused(old)
        return self._link

    def _close_unused(self, link: _Link) -> None:
        if link is self._link or link.calls or link not in self._links:
            return
        self._links.discard(link)
        task = asyncio.get_running_loop().create_task(link.channel.close(None))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _callable(self, kind: str, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  (gRPC's own shapes)
        made: dict[_Link, Any] = {}

        def begin(*call_args: Any, **call_kwargs: Any) -> Any:  # noqa: ANN401
            link = self._current()
            if link not in made:
                made.clear()
                made[link] = getattr(link.channel, kind)(*args, **kwargs)
            return self._counted(link, made[link](*call_args, **call_kwargs))

        return begin

    def _counted(self, link: _Link, call: Any) -> Any:  # noqa: ANN401
        def ended(_: object) -> None:
            link.calls -= 1
            self._close_unused(link)

        link.calls += 1
        call.add_done_callback(ended)
        return call

    def unary_unary(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """See `grpc.aio.Channel`."""
        return self._callable("unary_unary", *args, **kwargs)

    def unary_stream(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """See `grpc.aio.Channel`."""
        return self._callable("unary_stream", *args, **kwargs)

    def stream_unary(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """See `grpc.aio.Channel`."""
        return self._callable("stream_unary", *args, **kwargs)

    def stream_stream(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """See `grpc.aio.Channel`."""
        return self._callable("stream_stream", *args, **kwargs)

    def get_state(self, try_to_connect: bool = False) -> grpc.ChannelConnectivity:
        """State of the connection that the next call would take."""
        return self._current().channel.get_state(try_to_connect)

    async def wait_for_state_change(self, last_observed_state: grpc.ChannelConnectivity) -> None:
        """See `grpc.aio.Channel`."""
        await self._current().channel.wait_for_state_change(last_observed_state)

    async def channel_ready(self) -> None:
        """See `grpc.aio.Channel`."""
        await self._current().channel.channel_ready()

    async def close(self, grace: float | None = None) -> None:
        """Closes every connection; calls that go on may end within `grace` seconds."""
        links, self._links = self._links, set()
        await asyncio.gather(*(link.channel.close(grace) for link in links), *self._closing)

    async def __aenter__(self) -> RotatingChannel:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()
