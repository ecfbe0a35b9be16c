"""The orchestrator's side of the stage services: one server of one stage."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import grpc
import structlog
from google.protobuf.message import Message
from grpc_health.v1 import health_pb2, health_pb2_grpc

from firstframe.api.animation.v1 import animation_pb2, animation_pb2_grpc
from firstframe.api.imagegen.v1 import imagegen_pb2, imagegen_pb2_grpc
from firstframe.api.stitching.v1 import stitching_pb2, stitching_pb2_grpc
from firstframe.api.upscaling.v1 import upscaling_pb2, upscaling_pb2_grpc
from firstframe.core.errors import FirstframeError, Internal
from firstframe.orchestrator.gaps import CallMissing
from firstframe.orchestrator.plan import Stage
from firstframe.runtime.client import ClientTls, call_metadata, connect, translate
from firstframe.runtime.spans import client_span
from firstframe.runtime.status import is_missing_method

_LOG = structlog.get_logger(__name__)
_CAPABILITIES_DEADLINE_S = 10.0
_SHORTEST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 2.0


@dataclass(frozen=True, slots=True)
class _Contract:
    """How a stage is called."""

    stub: Callable[[grpc.aio.Channel], Any]
    rpcs: Mapping[type[Message], str]
    """Name of the RPC by its request."""
    capabilities: type[Message]

    @property
    def service(self) -> str:
        """Full name of the service: the capabilities are asked of each, and each has its own file."""
        (name,) = self.capabilities.DESCRIPTOR.file.services_by_name.values()
        return str(name.full_name)


_CONTRACTS: Mapping[Stage, _Contract] = {
    Stage.IMAGEGEN: _Contract(
        imagegen_pb2_grpc.ImageGenServiceStub,
        {imagegen_pb2.GenerateHeroRequest: "GenerateHero", imagegen_pb2.CheckHeroRequest: "CheckHero"},
        imagegen_pb2.GetCapabilitiesRequest,
    ),
    Stage.ANIMATION: _Contract(
        animation_pb2_grpc.AnimationServiceStub,
        {animation_pb2.AnimateClipRequest: "AnimateClip", animation_pb2.MeasureSeamRequest: "MeasureSeam"},
        animation_pb2.GetCapabilitiesRequest,
    ),
    Stage.UPSCALING: _Contract(
        upscaling_pb2_grpc.UpscalingServiceStub,
        {upscaling_pb2.UpscaleClipRequest: "UpscaleClip"},
        upscaling_pb2.GetCapabilitiesRequest,
    ),
    Stage.STITCHING: _Contract(
        stitching_pb2_grpc.StitchingServiceStub,
        {stitching_pb2.StitchDeliverableRequest: "StitchDeliverable"},
        stitching_pb2.GetCapabilitiesRequest,
    ),
}


class GrpcStageServer:
    """One server of a stage, reached over gRPC.

    Args:
        stage: Name of the stage.
        address: `host:port`.
        deadline_s: Time that one piece of work may take.
        tls: How mutual TLS is spoken with it; None for plain gRPC.
        told: Told the engines of the server, each with its model pack, when it is ready; None when it is away.
    """

    def __init__(
        self,
        stage: str,
        address: str,
        *,
        deadline_s: float,
        tls: ClientTls | None = None,
        told: Callable[[list[tuple[str, str]] | None], None] = lambda _: None,
    ) -> None:
        contract = _CONTRACTS[Stage(stage)]
        self._address = address
        self._version = ""
        self._deadline_s = deadline_s
        self._told = told
        self._channel = connect(address, tls)
        stub = contract.stub(self._channel)
        self._rpcs = {kind: (getattr(stub, rpc), f"{contract.service}/{rpc}") for kind, rpc in contract.rpcs.items()}
        self._get_capabilities = stub.GetCapabilities
        self._capabilities_request = contract.capabilities()
        self._health = health_pb2_grpc.HealthStub(self._channel)

    async def watch_slots(self) -> AsyncIterator[int]:
        """The server's slots while it says SERVING, 0 while it does not or cannot be reached; at each change."""
        last = 0
        pause_s = _SHORTEST_PAUSE_S
        while True:
            async for slots in self._slots_of_one_connection():
                pause_s = _SHORTEST_PAUSE_S
                if slots != last:
                    last = slots
                    yield slots
            if last:
                last = 0
                yield 0
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    async def _slots_of_one_connection(self) -> AsyncIterator[int]:
        """Slots at each change of the server's health; ends when the connection does."""
        try:
            async for health in self._health.Watch(health_pb2.HealthCheckRequest(), wait_for_ready=False):
                serving = health.status == health_pb2.HealthCheckResponse.SERVING
                if not serving:
                    self._told(None)
                yield await self._slots() if serving else 0
        except grpc.aio.AioRpcError as error:
            self._told(None)
            _LOG.debug("stage server away", address=self._address, code=error.code().name)

    async def _slots(self) -> int:
        response = await self._get_capabilities(self._capabilities_request, timeout=_CAPABILITIES_DEADLINE_S)
        self._version = response.version
        self._told([(one.engine, one.pack) for one in response.engines])
        return int(response.slots)

    async def call(self, request: Message, on_progress: Callable[[str, float], None]) -> Message:
        """Does one piece of work; see `StageServer.call`."""
        rpc, method = self._rpcs[type(request)]
        with client_span(method, self._address):
            call = rpc(request, timeout=self._deadline_s, metadata=call_metadata())
            try:
                return await self._result(call, on_progress)
            except grpc.aio.AioRpcError as error:
                if is_missing_method(error):
                    raise CallMissing(method, self._address, self._version) from error
                raise translate(error) from error
            finally:
                call.cancel()

    async def _result(self, call: Any, on_progress: Callable[[str, float], None]) -> Message:  # noqa: ANN401
        async for response in call:
            if response.WhichOneof("event") == "result":
                result: Message = response.result
                return result
            on_progress(response.progress.phase, response.progress.fraction)
        raise self._no_result()

    def _no_result(self) -> FirstframeError:
        text = f"the stage at {self._address} ended its stream without a result"
        return Internal(text, reason="NO_RESULT")

    async def close(self) -> None:
        """Lets the connection go."""
        self._told(None)
        await self._channel.close(None)
