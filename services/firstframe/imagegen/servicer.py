"""gRPC service: decodes, has the engine work, encodes."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import firstframe
from firstframe.api.imagegen.v1 import imagegen_pb2, imagegen_pb2_grpc
from firstframe.api.media.v1 import stage_pb2
from firstframe.imagegen import goods
from firstframe.imagegen.check_metrics import CheckMetrics
from firstframe.imagegen.checks import ENGINE, CheckPlan, HeroChecker
from firstframe.imagegen.decode import decode
from firstframe.imagegen.decode.checks import decode_check
from firstframe.imagegen.encode import store_check, store_hero
from firstframe.imagegen.engines import LEARNED, NAME, PromptEngine, SetEngine
from firstframe.imagegen.goods import CutoutWish, ModelWish
from firstframe.imagegen.making import Decoders, HeroMaker
from firstframe.imagegen.mattes import Mattes
from firstframe.imagegen.plans import PhotographRequest, Plan, ProductPlan, PromptPlan
from firstframe.ports.blobstore import BlobStore
from firstframe.runtime.clip_messages import artifact_message, size_message
from firstframe.runtime.keys import EngineIdentity
from firstframe.runtime.stage import StageRunner, WorkContext, responses
from firstframe.sets.description import MEDIA_TYPE, ModelNote, describe
from firstframe.sets.palettes import PALETTES
from firstframe.sets.scenes import SCENES


class ImageGenServicer(imagegen_pb2_grpc.ImageGenServiceServicer):
    """`firstframe.api.imagegen.v1.ImageGenService`.

    Args:
        runner: Runs the work.
        store: Where pictures are.
        engine: Makes heroes on sets.
        decoders: Of files of callers.
        mattes: What learned models tell of pictures.
        prompts: Makes heroes of prompts, by model pack, the default first.
        warm_models: Names of the models that are loaded.
    """

    def __init__(
        self,
        *,
        runner: StageRunner,
        store: BlobStore,
        engine: SetEngine,
        decoders: Decoders,
        mattes: Mattes | None = None,
        prompts: Mapping[str, PromptEngine] | None = None,
        warm_models: Callable[[], Awaitable[list[str]]] | None = None,
    ) -> None:
        self._runner = runner
        self._store = store
        self._engine = engine
        self._mattes = mattes or Mattes()
        self._prompts = prompts or {}
        self._warm_models = warm_models
        self._maker = HeroMaker(store, engine, decoders, self._mattes, self._prompts)
        self._checker = HeroChecker(store, self._mattes)
        self._check_metrics = CheckMetrics()

    async def GenerateHero(
        self,
        request: imagegen_pb2.GenerateHeroRequest,
        _context: Any,  # noqa: ANN401
    ) -> AsyncIterator[imagegen_pb2.GenerateHeroResponse]:
        """See the contract."""
        plan = decode(request, tuple(self._prompts))
        if isinstance(plan, PromptPlan):
            self._prompts[plan.pack].check(plan.request, from_picture=plan.reference is not None)
        events = self._runner.run(
            request,
            engine=self._identity(plan),
            seed=request.seed,
            work=functools.partial(self._work, plan),
            result_type=imagegen_pb2.GenerateHeroResult,
        )
        async for response in responses(events, imagegen_pb2.GenerateHeroResponse):
            yield response

    async def CheckHero(
        self,
        request: imagegen_pb2.CheckHeroRequest,
        _context: Any,  # noqa: ANN401
    ) -> AsyncIterator[imagegen_pb2.CheckHeroResponse]:
        """See the contract."""
        events = self._runner.run(
            request,
            engine=EngineIdentity(ENGINE, self._checker.version),
            seed=0,
            work=functools.partial(self._check, decode_check(request)),
            result_type=imagegen_pb2.CheckHeroResult,
        )
        async for response in responses(events, imagegen_pb2.CheckHeroResponse):
            yield response

    async def GetCapabilities(
        self,
        _request: imagegen_pb2.GetCapabilitiesRequest,
        _context: Any,  # noqa: ANN401
    ) -> imagegen_pb2.GetCapabilitiesResponse:
        """See the contract."""
        slots = self._runner.slots
        warm = frozenset(await self._warm_models()) if self._warm_models else frozenset()
        return imagegen_pb2.GetCapabilitiesResponse(
            engines=[
                stage_pb2.EngineCapability(
                    engine=NAME, version=self._engine.version, models=sorted(self._mattes.models & warm)
                ),
                *(_capability(pack, engine, warm) for pack, engine in self._prompts.items()),
            ],
            slots=slots.total,
            free_slots=slots.free,
            version=firstframe.__version__,
            scenes=sorted(SCENES),
            palettes=sorted(PALETTES),
        )

    def _identity(self, plan: Plan) -> EngineIdentity:
        if isinstance(plan, PromptPlan):
            return EngineIdentity(LEARNED, self._prompts[plan.pack].version)
        models = self._mattes.version if _asks_models(plan) else ""
        stocked = f"goods-{goods.VERSION}" if isinstance(plan, ProductPlan) else ""
        return EngineIdentity(NAME, "+".join(filter(None, (self._engine.version, stocked, models))))

    def _work(self, plan: Plan, context: WorkContext) -> imagegen_pb2.GenerateHeroResult:
        hero, made = self._maker.make(plan, context)
        context.progress("storing", 0.96)
        result = imagegen_pb2.GenerateHeroResult(hero=store_hero(hero, self._store, context.check))
        if made and (words := describe(made, _note(plan))):
            result.hero.scene.CopyFrom(artifact_message(self._store.put_bytes(words, MEDIA_TYPE)))
        result.provenance.details.update(hero.details)
        return result

    def _check(self, plan: CheckPlan, context: WorkContext) -> imagegen_pb2.CheckHeroResult:
        found = self._checker.check(plan, context)
        self._check_metrics.made([item.check for item in found])
        return imagegen_pb2.CheckHeroResult(checks=[store_check(item, self._store) for item in found])


def _note(plan: Plan) -> ModelNote | None:
    """Of the caller's model, where a model stands on the set."""
    return plan.wish.note if isinstance(plan, ProductPlan) and isinstance(plan.wish, ModelWish) else None


def _asks_models(plan: Plan) -> bool:
    """Whether learned models are asked about a picture of the plan."""
    return isinstance(plan, PhotographRequest) or (isinstance(plan, ProductPlan) and isinstance(plan.wish, CutoutWish))


def _capability(pack: str, engine: PromptEngine, warm: frozenset[str]) -> stage_pb2.EngineCapability:
    return stage_pb2.EngineCapability(
        engine=LEARNED,
        version=engine.version,
        pack=pack,
        models=sorted(engine.models & warm),
        native_sizes=[size_message(size) for size in engine.sizes],
    )
