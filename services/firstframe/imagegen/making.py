"""Makes heroes of what is asked for: on sets, of photographs, of prompts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from firstframe.core.media import Grey8, HeroPicture, Levels, PixelSize, Rgb8, Rgba8
from firstframe.core.references import PictureReference
from firstframe.core.sets import MAX_PICTURE_BYTES
from firstframe.core.solids import Solid
from firstframe.heroes.reading import read_file
from firstframe.imagegen import photo_metrics
from firstframe.imagegen.engines import PromptEngine, SetEngine, Work
from firstframe.imagegen.goods import CutoutWish, ModelWish
from firstframe.imagegen.mattes import Mattes
from firstframe.imagegen.plans import MarkedPlan, PhotographRequest, Plan, ProductPlan, PromptPlan
from firstframe.ports.blobstore import BlobStore
from firstframe.sets.brands import check_mark
from firstframe.sets.products import Product
from firstframe.sets.requests import SetRequest

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


@dataclass(frozen=True, slots=True)
class Decoders:
    """What turns files of callers into values."""

    picture: DecodePicture
    mark: DecodeMark
    levels: DecodeLevels
    cut_out: DecodeCutOut
    mesh: DecodeMesh


class HeroMaker:
    """Makes heroes.

    Args:
        store: Where files of callers are.
        engine: Makes heroes on sets.
        decoders: Of those files.
        mattes: What learned models tell of pictures.
        prompts: Makes heroes of prompts, by model pack.
    """

    def __init__(
        self,
        store: BlobStore,
        engine: SetEngine,
        decoders: Decoders,
        mattes: Mattes,
        prompts: Mapping[str, PromptEngine],
    ) -> None:
        self._store = store
        self._engine = engine
        self._decode = decoders
        self._mattes = mattes
        self._prompts = prompts

    def make(self, plan: Plan, work: Work) -> tuple[HeroPicture, SetRequest | None]:
        """The hero, and its set where it has one.

        Args:
            plan: What is asked for.
            work: Told how far it is; its `check` raises to stop.

        Raises:
            InvalidInput: A file is not what the request says, or no hero can be made of it. Else as the store, the engines and
                the models raise.
        """
        match plan:
            case PromptPlan():
                return self._imagine(plan, work), None
            case PhotographRequest():
                return self._ingest(plan, work), None
            case MarkedPlan():
                made = self._marked(plan)
            case ProductPlan():
                made = self._stocked(plan, work)
            case SetRequest():
                made = plan
        return self._engine.render(made, work), made

    def _marked(self, plan: MarkedPlan) -> SetRequest:
        """The request with the brand's mark."""
        mark = self._decode.mark(self._read(plan.logo), field=plan.logo.field)
        brand = replace(plan.brand, mark=check_mark(mark, plan.brand.colours.paper, field=plan.logo.field))
        return replace(plan.request, brand=brand)

    def _stocked(self, plan: ProductPlan, work: Work) -> SetRequest:
        """The request with the caller's product."""
        work.progress("reading the product", 0.01)
        return replace(plan.request, product=self._product(plan.wish, work))

    def _product(self, wish: ModelWish | CutoutWish, work: Work) -> Product:
        data = self._read(PictureReference(wish.field, wish.digest, wish.size_bytes))
        work.check()
        if isinstance(wish, ModelWish):
            return wish.product(self._decode.mesh(data, field=wish.field))
        picture, alpha = self._decode.cut_out(data, field=wish.field)
        return wish.product(picture, alpha, self._mattes, work.check)

    def _imagine(self, plan: PromptPlan, work: Work) -> HeroPicture:
        request = plan.request
        if plan.reference is not None:
            work.progress("reading the reference", 0.02)
            picture = self._decode.picture(self._read(plan.reference), field=plan.reference.field)
            request = replace(request, reference=picture)
            work.check()
        return self._prompts[plan.pack].render(request, work)

    def _ingest(self, plan: PhotographRequest, work: Work) -> HeroPicture:
        from firstframe.imagegen.photo_subject import find
        from firstframe.imagegen.photograph import hero_of

        if plan.partner is not None:
            return self._pair(plan, plan.partner, work)
        work.progress("reading the photograph", 0.02)
        photo = self._decode.picture(self._read(plan.image), field=plan.image.field)
        known = self._known(plan, PixelSize(photo.shape[1], photo.shape[0]), work)
        work.progress("looking for the subject", 0.1)
        found = find(photo, known)
        work.progress("taking the photograph apart", 0.4)
        hero = hero_of(photo, found, size=plan.size, reframe=plan.reframe, known=known)
        photo_metrics.made(hero.details, len(hero.layers.layers))
        return hero

    def _pair(self, plan: PhotographRequest, partner: PictureReference, work: Work) -> HeroPicture:
        from firstframe.imagegen.pair import couple, find_person

        people = []
        for share, picture in ((0.02, plan.image), (0.45, partner)):
            work.progress("looking for the people", share)
            photo = self._decode.picture(self._read(picture), field=picture.field)
            people.append(find_person(photo, self._mattes, work.check, field=picture.field))
        work.progress("bringing the two together", 0.85)
        hero = couple(people[0], people[1], plan.size, seed=plan.seed)
        photo_metrics.made(hero.details, len(hero.layers.layers))
        return hero

    def _known(self, plan: PhotographRequest, photo: PixelSize, work: Work) -> Known:
        """What the owner and the models know of a photograph."""
        from firstframe.imagegen.photo_maps import checked_depth, checked_matte, checked_region
        from firstframe.imagegen.photo_subject import Known

        matte, inverse = self._levels(plan.matte, transparency=True), self._levels(plan.inverse_depth)
        drawn = (
            (name, mask.field, self._levels(mask)) for name, mask in plan.regions
        )  # one after the other: each is large
        return Known(
            focus=plan.focus,
            matte=None if matte is None else checked_matte(matte, photo),
            inverse_depth=None if inverse is None else checked_depth(inverse, photo),
            regions={name: checked_region(mask, photo, at) for name, at, mask in drawn if mask is not None},
            mattes=self._mattes,
            check=work.check,
        )

    def _levels(self, picture: PictureReference | None, *, transparency: bool = False) -> Levels | None:
        if picture is None:
            return None
        return self._decode.levels(self._read(picture), field=picture.field, transparency=transparency)

    def _read(self, picture: PictureReference) -> bytes:
        return read_file(self._store, picture, MAX_PICTURE_BYTES, "send the reference as the store gave it")
