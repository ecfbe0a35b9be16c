"""gRPC service: decodes, has the engine work, encodes."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import firstframe
from firstframe.api.media.v1 import stage_pb2
from firstframe.api.stitching.v1 import stitching_pb2, stitching_pb2_grpc
from firstframe.core.delivery import PLATFORMS
from firstframe.ports.blobstore import BlobStore
from firstframe.runtime.clip_messages import (
    VIDEO_TYPE,
    fetch_clip,
)
from firstframe.runtime.keys import EngineIdentity
from firstframe.runtime.stage import StageRunner, WorkContext, responses
from firstframe.stitching.decode import StitchPlan, decode
from firstframe.stitching.encode import video_message
from firstframe.stitching.engines.previz import NAME, VERSION, ClipFile, PrevizStitcher

IDENTITY = EngineIdentity(NAME, VERSION)


class StitchingServicer(stitching_pb2_grpc.StitchingServiceServicer):
    """`firstframe.api.stitching.v1.StitchingService`."""

    def __init__(self, *, runner: StageRunner, store: BlobStore, engine: PrevizStitcher) -> None:
        self._runner = runner
        self._store = store
        self._engine = engine

    async def StitchDeliverable(
        self,
        request: stitching_pb2.StitchDeliverableRequest,
        _context: Any,  # noqa: ANN401
    ) -> AsyncIterator[stitching_pb2.StitchDeliverableResponse]:
        """See the contract."""
        work = functools.partial(self._work, decode(request))
        events = self._runner.run(
            request, engine=IDENTITY, seed=0, work=work, result_type=stitching_pb2.StitchDeliverableResult
        )
        async for response in responses(events, stitching_pb2.StitchDeliverableResponse):
            yield response

    async def GetCapabilities(
        self,
        _request: stitching_pb2.GetCapabilitiesRequest,
        _context: Any,  # noqa: ANN401
    ) -> stitching_pb2.GetCapabilitiesResponse:
        """See the contract."""
        slots = self._runner.slots
        return stitching_pb2.GetCapabilitiesResponse(
            engines=[stage_pb2.EngineCapability(engine=NAME, version=VERSION)],
            slots=slots.total,
            free_slots=slots.free,
            version=firstframe.__version__,
            platforms=list(PLATFORMS),
        )

    def _work(self, plan: StitchPlan, context: WorkContext) -> stitching_pb2.StitchDeliverableResult:
        target = context.scratch / "deliverable.mp4"
        facts = self._engine.stitch(self._fetch_all(plan, context), plan.rules, target, context.report)
        stored = self._store.put_file(target, VIDEO_TYPE)
        return stitching_pb2.StitchDeliverableResult(video=video_message(stored, facts))

    def _fetch_all(self, plan: StitchPlan, context: WorkContext) -> list[ClipFile]:
        """Clips on disk; one that is used several times is fetched once."""
        paths: dict[str, Path] = {}
        for index, clip in enumerate(plan.clips):
            context.check()
            if clip.digest not in paths:
                target = context.scratch / f"clip-{index}.mp4"
                paths[clip.digest] = fetch_clip(self._store, clip, target, f"clips[{index}]")
        return [ClipFile(paths[clip.digest], clip.info) for clip in plan.clips]
