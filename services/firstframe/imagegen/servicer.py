"""gRPC service: decodes, has the engine work, encodes."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

import firstframe
from firstframe.api.imagegen.v1 import imagegen_pb2, imagegen_pb2_grpc
from firstframe.api.media.v1 import stage_pb2
from firstframe.core.errors import InvalidInput
from firstframe.core.media import Grey8, HeroPicture, Levels, PixelSize, Rgb8, Rgba8
from firstframe.core.references import PictureReference
from firstframe.core.sets import MAX_PICTURE_BYTES
from firstframe.core.solids import Solid
from firstframe.imagegen import goods, photo_metrics
from firstframe.imagegen.check_metrics import CheckMetrics
from firstframe.imagegen.checks import ENGINE, CheckPlan, HeroChecker
from firstframe.imagegen.decode import decode
from firstframe.imagegen.decode.checks import decode_check
from firstframe.imagegen.encode import store_check, store_hero
from firstframe.imagegen.engines import LEARNED, NAME, PromptEngine, SetEngine
from firstframe.imagegen.goods import CutoutWish, ModelWish
from firstframe.imagegen.mattes import Mattes
from firstframe.imagegen.plans import MarkedPlan, PhotographRequest, Plan, ProductPlan, PromptPlan
from firstframe.ports.blobstore import BlobStore
from firstframe.runtime.clip_messages import artifact_message, size_message
from firstframe.runtime.keys import EngineIdentity
from firstframe.runtime.stage import StageRunner, WorkContext
from firstframe.sets.brands import check_mark
from firstframe.sets.description import MEDIA_TYPE, describe
from firstframe.sets.palettes import PALETTES
from firstframe.sets.products import Product
from firstframe.sets.requests import SetRequest
from firstframe.sets.scenes import SCENES

if TYPE_CHECKING:
    from firstframe.imagegen.photo_subject import Known


class DecodePicture(Protocol):
    """Decodes a picture file."""

    def __call__(self, data: bytes, *, field: str) -> Rgb8:
        """Gives its pixels; raises InvalidInput, which names the field."""


class DecodeMark(Protocol):
    """Decodes the mark of a brand."""

    def __call__(self, data: bytes, *, field: str) -> Rgba8:
        """Gives its pixels with transparency; raises InvalidInput, which names the field."""


class DecodeLevels(Protocol):
    """Decodes a file of a mask or a depth map."""

    def __call__(self, data: bytes, *, field: str, transparency: bool) -> Levels:
        """Gives its values; raises InvalidInput, which names the field."""


class DecodeCutOut(Protocol):
    """Decodes a cut-out, or a picture that one is to be made of."""

    def __call__(self, data: bytes, *, field: str) -> tuple[Rgb8, Grey8 | None]:
        """Gives its pixels and its transparency; raises InvalidInput, which names the field."""


class DecodeMesh(Protocol):
    """Decodes a model in three dimensions."""

    def __call__(self, data: bytes, *, field: str) -> Solid:
        """Gives its triangles; raises InvalidInput, which names the field."""


class ImageGenServicer(imagegen_pb2_grpc.ImageGenServiceServicer):
    """`firstframe.api.imagegen.v1.ImageGenService`.

    Args:
        runner: Runs the work.
        store: Where pictures are.
        engine: Makes heroes on sets.
        decode_picture: Decodes photographs.
        decode_mark: Decodes marks of brands.
        decode_levels: Decodes their masks and depth maps.
        decode_cut_out: Decodes pictures of products.
        decode_mesh: Decodes models of products.
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
        decode_picture: DecodePicture,
        decode_mark: DecodeMark,
        decode_levels: DecodeLevels,
        decode_cut_out: DecodeCutOut,
        decode_mesh: DecodeMesh,
        mattes: Mattes | None = None,
        prompts: Mapping[str, PromptEngine] | None = None,
        warm_models: Callable[[], Awaitable[list[str]]] | None = None,
    ) -> None:
        self._runner = runner
        self._store = store
        self._engine = engine
        self._decode_picture = decode_picture
        self._decode_mark = decode_mark
        self._decode_levels = decode_levels
        self._decode_cut_out = decode_cut_out
        self._decode_mesh = decode_mesh
        self._mattes = mattes or Mattes()
        self._prompts = prompts or {}
        self._warm_models = warm_models
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
        async for event in events:
            if isinstance(event, stage_pb2.Progress):
                yield imagegen_pb2.GenerateHeroResponse(progress=event)
            else:
                yield imagegen_pb2.GenerateHeroResponse(result=event)

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
        async for event in events:
            if isinstance(event, stage_pb2.Progress):
                yield imagegen_pb2.CheckHeroResponse(progress=event)
            else:
                yield imagegen_pb2.CheckHeroResponse(result=event)

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
        hero, made = self._made(plan, context)
        context.progress("storing", 0.96)
        result = imagegen_pb2.GenerateHeroResult(hero=store_hero(hero, self._store, context.check))
        if made and (words := describe(made)):
            result.hero.scene.CopyFrom(artifact_message(self._store.put_bytes(words, MEDIA_TYPE)))
        result.provenance.details.update(hero.details)
        return result

    def _check(self, plan: CheckPlan, context: WorkContext) -> imagegen_pb2.CheckHeroResult:
        found = self._checker.check(plan, context)
        self._check_metrics.made([item.check for item in found])
        return imagegen_pb2.CheckHeroResult(checks=[store_check(item, self._store) for item in found])

    def _made(self, plan: Plan, context: WorkContext) -> tuple[HeroPicture, SetRequest | None]:
        """The hero, and its set where it has one."""
        match plan:
            case PromptPlan():
                return self._imagine(plan, context), None
            case PhotographRequest():
                return self._ingest(plan, context), None
            case MarkedPlan():
                made = self._marked(plan)
            case ProductPlan():
                made = self._stocked(plan, context)
            case SetRequest():
                made = plan
        return self._engine.render(made, context), made

    def _marked(self, plan: MarkedPlan) -> SetRequest:
        """The request with the brand's mark."""
        mark = self._decode_mark(self._read(plan.logo), field=plan.logo.field)
        brand = replace(plan.brand, mark=check_mark(mark, plan.brand.colours.paper, field=plan.logo.field))
        return replace(plan.request, brand=brand)

    def _stocked(self, plan: ProductPlan, context: WorkContext) -> SetRequest:
        """The request with the caller's product."""
        context.progress("reading the product", 0.01)
        return replace(plan.request, product=self._product(plan.wish, context))

    def _product(self, wish: ModelWish | CutoutWish, context: WorkContext) -> Product:
        data = self._read(PictureReference(wish.field, wish.digest, wish.size_bytes))
        context.check()
        if isinstance(wish, ModelWish):
            return wish.product(self._decode_mesh(data, field=wish.field))
        picture, alpha = self._decode_cut_out(data, field=wish.field)
        return wish.product(picture, alpha, self._mattes, context.check)

    def _imagine(self, plan: PromptPlan, context: WorkContext) -> HeroPicture:
        request = plan.request
        if plan.reference is not None:
            context.progress("reading the reference", 0.02)
            picture = self._decode_picture(self._read(plan.reference), field=plan.reference.field)
            request = replace(request, reference=picture)
            context.check()
        return self._prompts[plan.pack].render(request, context)

    def _ingest(self, plan: PhotographRequest, context: WorkContext) -> HeroPicture:
        from firstframe.imagegen.photo_subject import find
        from firstframe.imagegen.photograph import hero_of

        if plan.partner is not None:
            return self._pair(plan, plan.partner, context)
        context.progress("reading the photograph", 0.02)
        photo = self._decode_picture(self._read(plan.image), field=plan.image.field)
        known = self._known(plan, PixelSize(photo.shape[1], photo.shape[0]), context)
        context.progress("looking for the subject", 0.1)
        found = find(photo, known)
        context.progress("taking the photograph apart", 0.4)
        hero = hero_of(photo, found, size=plan.size, reframe=plan.reframe, known=known)
        photo_metrics.made(hero.details, len(hero.layers.layers))
        return hero

    def _pair(self, plan: PhotographRequest, partner: PictureReference, context: WorkContext) -> HeroPicture:
        from firstframe.imagegen.pair import couple, find_person

        people = []
        for share, picture in ((0.02, plan.image), (0.45, partner)):
            context.progress("looking for the people", share)
            photo = self._decode_picture(self._read(picture), field=picture.field)
            people.append(find_person(photo, self._mattes, context.check, field=picture.field))
        context.progress("bringing the two together", 0.85)
        hero = couple(people[0], people[1], plan.size, seed=plan.seed)
        photo_metrics.made(hero.details, len(hero.layers.layers))
        return hero

    def _known(self, plan: PhotographRequest, photo: PixelSize, context: WorkContext) -> Known:
        """What the owner and the models know of a photograph."""
        from firstframe.imagegen.photo_maps import checked_depth, checked_matte, checked_region
        from firstframe.imagegen.photo_subject import Known

        matte, inverse = self._levels(plan.matte, transparency=True), self._levels(plan.inverse_depth)
        drawn = [(name, mask.field, self._levels(mask)) for name, mask in plan.regions]
        return Known(
            focus=plan.focus,
            matte=None if matte is None else checked_matte(matte, photo),
            inverse_depth=None if inverse is None else checked_depth(inverse, photo),
            regions={name: checked_region(mask, photo, at) for name, at, mask in drawn if mask is not None},
            mattes=self._mattes,
            check=context.check,
        )

    def _levels(self, picture: PictureReference | None, *, transparency: bool = False) -> Levels | None:
        if picture is None:
            return None
        return self._decode_levels(self._read(picture), field=picture.field, transparency=transparency)

    def _read(self, picture: PictureReference) -> bytes:
        data = self._store.get_bytes(picture.digest, max_bytes=MAX_PICTURE_BYTES)
        if len(data) != picture.size_bytes:
            problem = f"says {picture.size_bytes} bytes, the artifact has {len(data)}"
            raise InvalidInput.at(f"{picture.field}.size_bytes", problem, "send the reference as the store gave it")
        return data


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
