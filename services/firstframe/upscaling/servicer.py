"""gRPC service: decodes, has the engine work, encodes."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from typing import Any

import firstframe
from firstframe.api.media.v1 import stage_pb2
from firstframe.api.upscaling.v1 import upscaling_pb2, upscaling_pb2_grpc
from firstframe.ports.blobstore import BlobStore
from firstframe.runtime.clip_messages import VIDEO_TYPE, clip_message, fetch_clip
from firstframe.runtime.keys import EngineIdentity
from firstframe.runtime.stage import StageRunner, WorkContext, responses
from firstframe.upscaling.decode import UpscalePlan, decode
from firstframe.upscaling.engines.previz import NAME, VERSION, PrevizUpscaler

IDENTITY = EngineIdentity(NAME, VERSION)


class UpscalingServicer(upscaling_pb2_grpc.UpscalingServiceServicer):
    """`firstframe.api.upscaling.v1.UpscalingService`."""

    def __init__(self, *, runner: StageRunner, store: BlobStore, engine: PrevizUpscaler) -> None:
        self._runner = runner
        self._store = store
        self._engine = engine

    async def UpscaleClip(
        self,
        request: upscaling_pb2.UpscaleClipRequest,
        _context: Any,  # noqa: ANN401
    ) -> AsyncIterator[upscaling_pb2.UpscaleClipResponse]:
        """See the contract."""
        work = functools.partial(self._work, request, decode(request))
        events = self._runner.run(
            request, engine=IDENTITY, seed=0, work=work, result_type=upscaling_pb2.UpscaleClipResult
        )
        async for response in responses(events, upscaling_pb2.UpscaleClipResponse):
            yield response

    async def GetCapabilities(
        self,
        _request: upscaling_pb2.GetCapabilitiesRequest,
        _context: Any,  # noqa: ANN401
    ) -> upscaling_pb2.GetCapabilitiesResponse:
        """See the contract."""
        slots = self._runner.slots
        return upscaling_pb2.GetCapabilitiesResponse(
            engines=[stage_pb2.EngineCapability(engine=NAME, version=VERSION)],
            slots=slots.total,
            free_slots=slots.free,
            version=firstframe.__version__,
        )

    def _work(
        self, request: upscaling_pb2.UpscaleClipRequest, plan: UpscalePlan, context: WorkContext
    ) -> upscaling_pb2.UpscaleClipResult:
        source = fetch_clip(self._store, plan.clip, context.scratch / "source.mp4", "clip")
        if plan.size == plan.clip.info.size:
            self._engine.check_clip(source, plan.clip.info)
            return upscaling_pb2.UpscaleClipResult(clip=request.clip)

        target = context.scratch / "enlarged.mp4"
        info = self._engine.upscale(source, plan.clip.info, plan.size, target, context.report)
        stored = self._store.put_file(target, VIDEO_TYPE)
        return upscaling_pb2.UpscaleClipResult(clip=clip_message(stored, info))
