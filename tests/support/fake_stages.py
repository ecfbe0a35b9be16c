"""The four stage services as one real gRPC server that records its calls and answers at once.

For tests and benchmarks of the orchestrator: the wire is real, the pictures are not.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
from google.protobuf.message import Message
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from firstframe.api.animation.v1 import animation_pb2, animation_pb2_grpc
from firstframe.api.imagegen.v1 import imagegen_pb2, imagegen_pb2_grpc
from firstframe.api.media.v1 import artifact_pb2, check_pb2, clip_pb2, picture_pb2, stage_pb2
from firstframe.api.stitching.v1 import stitching_pb2, stitching_pb2_grpc
from firstframe.api.upscaling.v1 import upscaling_pb2, upscaling_pb2_grpc
from firstframe.ports.blobstore import BlobStore

Before = Callable[[str, Message, Any], Awaitable[None]]


async def _nothing(_stage: str, _request: Message, _context: object) -> None:
    return None


class FakeStages:
    """Servicer of all stages.

    Args:
        store: Where the made-up artifacts go.
        slots: Slots that each stage claims.
        seconds: How long each piece of work takes.
    """

    def __init__(self, store: BlobStore, *, slots: int = 8, seconds: float = 0.0) -> None:
        self.store = store
        self.slots = slots
        self.seconds = seconds
        self.calls: list[tuple[str, Message]] = []
        self.findings: list[picture_pb2.Finding] = []
        self.checks = [check_pb2.Check(name="edge-room", verdict=check_pb2.VERDICT_PASS)]
        self.measures: Callable[[animation_pb2.AnimateClipRequest], list[check_pb2.Check]] = lambda _request: []
        """What is measured on a clip."""
        self.clip_findings: list[picture_pb2.Finding] = []
        """What is told of every clip."""
        self.ends = False
        """Whether clips have ends by which seams are measured."""
        self.seam: Callable[[animation_pb2.MeasureSeamRequest], list[check_pb2.Check]] = lambda _request: []
        """What is measured on a seam."""
        self.pixel = b""
        """Part of every still's bytes."""
        self.version = "1"
        self.engines = ["previz"]
        self.lacks: frozenset[str] = frozenset()
        """Calls that it does not have, as a server of an older version."""
        self.before: Before = _nothing
        self.running: Counter[str] = Counter()
        self.most_running: Counter[str] = Counter()
        self._made: dict[str, artifact_pb2.ArtifactRef] = {}

    def count(self, stage: str) -> int:
        """How often a stage was called."""
        return sum(name == stage for name, _ in self.calls)

    def forget(self) -> None:
        """Makes artifacts anew at the next call."""
        self._made.clear()

    async def _work(self, stage: str, request: Message, context: Any) -> None:
        self.calls.append((stage, request))
        self.running[stage] += 1
        self.most_running[stage] = max(self.most_running[stage], self.running[stage])
        try:
            await self.before(stage, request, context)
            if self.seconds:
                await asyncio.sleep(self.seconds)
        finally:
            self.running[stage] -= 1

    def _artifact(self, request: Message, media_type: str, more: bytes = b"") -> artifact_pb2.ArtifactRef:
        data = request.SerializeToString(deterministic=True) + media_type.encode() + more
        name = hashlib.sha256(data).hexdigest()
        if name not in self._made:
            stored = self.store.put_bytes(data, media_type)
            self._made[name] = artifact_pb2.ArtifactRef(
                digest=stored.digest, media_type=media_type, size_bytes=stored.size_bytes
            )
        return self._made[name]

    def _clip(self, request: Message) -> clip_pb2.Clip:
        rate = clip_pb2.FrameRate(numerator=30, denominator=1)
        size = picture_pb2.PixelSize(width_px=640, height_px=360)
        return clip_pb2.Clip(video=self._artifact(request, "video/mp4"), size=size, frame_rate=rate, frame_count=90)

    async def GenerateHero(
        self, request: imagegen_pb2.GenerateHeroRequest, context: Any
    ) -> AsyncIterator[imagegen_pb2.GenerateHeroResponse]:
        yield imagegen_pb2.GenerateHeroResponse(progress=stage_pb2.Progress(phase="rendering", fraction=0.5))
        await self._work("imagegen", request, context)
        still = self._artifact(request, "image/png", self.pixel)
        hero = picture_pb2.Hero(image=still, size=request.size, findings=self.findings)
        result = imagegen_pb2.GenerateHeroResult(hero=hero, provenance=_provenance(request.seed))
        yield imagegen_pb2.GenerateHeroResponse(result=result)

    async def CheckHero(
        self, request: imagegen_pb2.CheckHeroRequest, context: Any
    ) -> AsyncIterator[imagegen_pb2.CheckHeroResponse]:
        yield imagegen_pb2.CheckHeroResponse(progress=stage_pb2.Progress(phase="measuring", fraction=0.5))
        await self._work("preflight", request, context)
        result = imagegen_pb2.CheckHeroResult(checks=self.checks, provenance=_provenance(0))
        yield imagegen_pb2.CheckHeroResponse(result=result)

    async def AnimateClip(
        self, request: animation_pb2.AnimateClipRequest, context: Any
    ) -> AsyncIterator[animation_pb2.AnimateClipResponse]:
        await self._work("animation", request, context)
        result = animation_pb2.AnimateClipResult(
            clip=self._clip(request),
            provenance=_provenance(request.seed),
            measures=self.measures(request),
            findings=self.clip_findings,
        )
        if self.ends:
            result.begin.speed_percent_per_s.append(request.motion.window.begin)
            result.end.speed_percent_per_s.append(request.motion.window.end)
        yield animation_pb2.AnimateClipResponse(result=result)

    async def MeasureSeam(
        self, request: animation_pb2.MeasureSeamRequest, context: Any
    ) -> AsyncIterator[animation_pb2.MeasureSeamResponse]:
        await self._work("seam", request, context)
        result = animation_pb2.MeasureSeamResult(measures=self.seam(request), provenance=_provenance(0))
        yield animation_pb2.MeasureSeamResponse(result=result)

    async def UpscaleClip(
        self, request: upscaling_pb2.UpscaleClipRequest, context: Any
    ) -> AsyncIterator[upscaling_pb2.UpscaleClipResponse]:
        await self._work("upscaling", request, context)
        result = upscaling_pb2.UpscaleClipResult(clip=self._clip(request), provenance=_provenance(0))
        yield upscaling_pb2.UpscaleClipResponse(result=result)

    async def StitchDeliverable(
        self, request: stitching_pb2.StitchDeliverableRequest, context: Any
    ) -> AsyncIterator[stitching_pb2.StitchDeliverableResponse]:
        await self._work("stitching", request, context)
        clip = self._clip(request)
        video = stitching_pb2.Video(
            file=clip.video, size=clip.size, frame_rate=clip.frame_rate, frame_count=90, video_codec="h264"
        )
        result = stitching_pb2.StitchDeliverableResult(video=video, provenance=_provenance(0))
        yield stitching_pb2.StitchDeliverableResponse(result=result)


def _provenance(seed: int) -> stage_pb2.Provenance:
    return stage_pb2.Provenance(key="0" * 64, engine="fake", engine_version="1", seed=seed)


class _Room:
    """One stage's view of the fake: its RPCs and its own capabilities."""

    def __init__(self, fake: FakeStages, rpcs: str, capabilities: Callable[..., Message]) -> None:
        self._fake = fake
        self._capabilities = capabilities
        for rpc in rpcs.split():
            setattr(self, rpc, getattr(fake, rpc))

    async def GetCapabilities(self, _request: Message, _context: Any) -> Message:
        fake = self._fake
        engines = [stage_pb2.EngineCapability(engine=name) for name in fake.engines]
        return self._capabilities(slots=fake.slots, free_slots=fake.slots, version=fake.version, engines=engines)


class _Lacking:
    """Takes servicers for a server that does not have some calls, as one that was built from an older contract.

    Args:
        server: The server.
        lacks: Names of the calls.
    """

    def __init__(self, server: grpc.aio.Server, lacks: frozenset[str]) -> None:
        self._server = server
        self._lacks = lacks

    def add_generic_rpc_handlers(self, _handlers: object) -> None:
        """The same calls as `add_registered_method_handlers` has, in a form that cannot be read."""

    def add_registered_method_handlers(
        self, service: str, handlers: dict[str, grpc.RpcMethodHandler[Any, Any]]
    ) -> None:
        """Adds those that it has."""
        kept = {name: handler for name, handler in handlers.items() if name not in self._lacks}
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, kept),))


async def serve_fakes(
    fake: FakeStages, address: str = "127.0.0.1:0", credentials: grpc.ServerCredentials | None = None
) -> tuple[grpc.aio.Server, str]:
    """Starts a server with all four stages; returns it and its address."""
    server = grpc.aio.server()
    rooms: list[tuple[Callable[..., None], str, Callable[..., Message]]] = [
        (
            imagegen_pb2_grpc.add_ImageGenServiceServicer_to_server,
            "GenerateHero CheckHero",
            imagegen_pb2.GetCapabilitiesResponse,
        ),
        (
            animation_pb2_grpc.add_AnimationServiceServicer_to_server,
            "AnimateClip MeasureSeam",
            animation_pb2.GetCapabilitiesResponse,
        ),
        (
            upscaling_pb2_grpc.add_UpscalingServiceServicer_to_server,
            "UpscaleClip",
            upscaling_pb2.GetCapabilitiesResponse,
        ),
        (
            stitching_pb2_grpc.add_StitchingServiceServicer_to_server,
            "StitchDeliverable",
            stitching_pb2.GetCapabilitiesResponse,
        ),
    ]
    for add, rpcs, capabilities in rooms:
        add(_Room(fake, rpcs, capabilities), _Lacking(server, fake.lacks))
    checks = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(checks, server)
    await checks.set("", health_pb2.HealthCheckResponse.SERVING)
    port = server.add_secure_port(address, credentials) if credentials else server.add_insecure_port(address)
    await server.start()
    return server, f"127.0.0.1:{port}"
