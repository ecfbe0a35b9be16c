"""gRPC service: decodes, has the engine work, encodes."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable
from typing import Any

from firstframe.api.imagegen.v1 import imagegen_pb2, imagegen_pb2_grpc
from firstframe.api.media.v1 import stage_pb2
from firstframe.core.errors import InvalidInput
from firstframe.core.media import HeroPicture, Rgb8
from firstframe.imagegen.decode import MAX_PHOTOGRAPH_BYTES, PhotographRequest, decode
from firstframe.imagegen.encode import store_hero
from firstframe.imagegen.engines import NAME, SetEngine, SetRequest
from firstframe.imagegen.sets.palettes import PALETTES
from firstframe.imagegen.sets.scenes import SCENES
from firstframe.ports.blobstore import BlobStore
from firstframe.runtime.keys import EngineIdentity
from firstframe.runtime.stage import StageRunner, WorkContext


class ImageGenServicer(imagegen_pb2_grpc.ImageGenServiceServicer):
    """`firstframe.api.imagegen.v1.ImageGenService`."""

    def __init__(
        self, *, runner: StageRunner, store: BlobStore, engine: SetEngine, decode_picture: Callable[[bytes], Rgb8]
    ) -> None:
        self._runner = runner
        self._store = store
        self._engine = engine
        self._decode_picture = decode_picture

    async def GenerateHero(
        self,
        request: imagegen_pb2.GenerateHeroRequest,
        _context: Any,  # noqa: ANN401
    ) -> AsyncIterator[imagegen_pb2.GenerateHeroResponse]:
        """See the contract."""
        work = functools.partial(self._work, decode(request))
        events = self._runner.run(
            request, engine=self._identity(), seed=request.seed, work=work, result_type=imagegen_pb2.GenerateHeroResult
        )
        async for event in events:
            if isinstance(event, stage_pb2.Progress):
                yield imagegen_pb2.GenerateHeroResponse(progress=event)
            else:
                yield imagegen_pb2.GenerateHeroResponse(result=event)

    async def GetCapabilities(
        self,
        _request: imagegen_pb2.GetCapabilitiesRequest,
        _context: Any,  # noqa: ANN401
    ) -> imagegen_pb2.GetCapabilitiesResponse:
        """See the contract."""
        slots = self._runner.slots
        return imagegen_pb2.GetCapabilitiesResponse(
            engines=[stage_pb2.EngineCapability(engine=NAME, version=self._identity().version)],
            slots=slots.total,
            free_slots=slots.free,
            scenes=sorted(SCENES),
            palettes=sorted(PALETTES),
        )

    def _identity(self) -> EngineIdentity:
        return EngineIdentity(NAME, self._engine.version)

    def _work(self, plan: SetRequest | PhotographRequest, context: WorkContext) -> imagegen_pb2.GenerateHeroResult:
        hero = self._engine.render(plan, context) if isinstance(plan, SetRequest) else self._ingest(plan, context)
        context.progress("storing", 0.96)
        result = imagegen_pb2.GenerateHeroResult(hero=store_hero(hero, self._store, context.check))
        result.provenance.details.update(hero.details)
        return result

    def _ingest(self, plan: PhotographRequest, context: WorkContext) -> HeroPicture:
        from firstframe.imagegen.photograph import ingest

        context.progress("reading the photograph", 0.02)
        data = self._store.get_bytes(plan.digest, max_bytes=MAX_PHOTOGRAPH_BYTES)
        if len(data) != plan.size_bytes:
            problem = f"says {plan.size_bytes} bytes, the artifact has {len(data)}"
            raise InvalidInput.at("photograph.image.size_bytes", problem, "send the reference as the store gave it")
        context.check()
        context.progress("taking the photograph apart", 0.1)
        return ingest(data, size=plan.size, reframe=plan.reframe, focus=plan.focus, decode=self._decode_picture)
