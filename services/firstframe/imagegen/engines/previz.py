"""The engine `previz`: a seeded set in three dimensions, path-traced, denoised, and taken apart into exact layers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from firstframe.core.formats import Quality
from firstframe.core.media import Finding, HeroPicture, LayerRole, PixelSize
from firstframe.imagegen.engines import VERSION, Work, inferred
from firstframe.imagegen.engines.cutting_in import Lit, cut_in
from firstframe.imagegen.engines.finish import exposure_of, finish
from firstframe.imagegen.engines.plates import Plate, backdrop, cut_out, defocused, in_focus, plate_of
from firstframe.render import regions
from firstframe.render.passes import Pass
from firstframe.render.scene import LAYER_ORDER, load
from firstframe.render.seeds import stream_seed
from firstframe.render.tracer import Tracer
from firstframe.render.variant import Variant
from firstframe.sets import scenes
from firstframe.sets.cards import Card
from firstframe.sets.design import SetDesign
from firstframe.sets.framing import Camera, bleed_px
from firstframe.sets.requests import SetRequest


@dataclass(frozen=True, slots=True)
class Effort:
    """Samples per rendered pixel of each layer, and the length of light paths."""

    samples: dict[LayerRole, int]
    max_depth: int
    coverage: int = 64
    """Samples for the edges of layers that are out of focus; they carry no light and cost little."""


_STANDARD = {
    LayerRole.BACKGROUND: 20,
    LayerRole.MIDGROUND: 24,
    LayerRole.SUBJECT: 16,
    LayerRole.FOREGROUND: 48,
}

EFFORTS = {
    Quality.DRAFT: Effort(dict.fromkeys(LayerRole, 12), max_depth=5),
    Quality.STANDARD: Effort(_STANDARD, max_depth=6),
    Quality.FINE: Effort({role: 4 * count for role, count in _STANDARD.items()}, max_depth=8, coverage=128),
}
"""Effort by quality; `fine` takes four times the samples of `standard`."""

_BEGIN = {LayerRole.BACKGROUND: 0.02, LayerRole.MIDGROUND: 0.35, LayerRole.SUBJECT: 0.52, LayerRole.FOREGROUND: 0.84}
_END = 0.92
_LIGHT_SCALE = 6
"""How many times smaller than the picture the light on a cut-out is rendered: only its broad run is taken over."""


class PrevizEngine:
    """Makes heroes on generated sets.

    Args:
        choose: Picks the variant of the renderer; called once, at the warm-up or the first render.
    """

    def __init__(self, choose: Callable[[], Variant]) -> None:
        self._choose = choose
        self._lock = threading.Lock()

    @cached_property
    def variant(self) -> Variant:
        """The variant of the renderer that runs here."""
        return self._choose()

    @property
    def version(self) -> str:
        """See `SetEngine.version`: inferred layers are another picture, which a machine with LLVM must not be given."""
        return VERSION if self.variant.vectorised else f"{VERSION}-inferred"

    def warm(self) -> None:
        """Loads the renderer, so that the first request does not wait for it."""
        with self._lock:
            self.variant.activate()

    def render(self, request: SetRequest, work: Work) -> HeroPicture:
        """Renders one hero with its layers, depth and matte.

        Raises:
            InvalidInput: The scene, the palette or the ratio is not known.
            Cancelled: `work.check` said so.
        """
        work.progress("building the set", 0.0)
        design = scenes.build(request)
        with self._lock:  # the renderer compiles and runs in one context per process
            work.check()
            mi = self.variant.activate()
            loaded = load(mi, design, work.scratch, bodies=self.variant.vectorised)
            if not self.variant.vectorised:
                effort = EFFORTS[request.quality]
                samples, depth = effort.samples[LayerRole.SUBJECT], effort.max_depth + design.bounces
                return inferred.render(mi, loaded, design, request, work, samples, depth, self.variant.details)
            return self._exact(Tracer(mi, loaded, design), design, request, work)

    def _exact(self, tracer: Tracer, design: SetDesign, request: SetRequest, work: Work) -> HeroPicture:
        roles = [role for role in LAYER_ORDER if role in design.depths]
        plates = [self._plate(tracer, design, request, role, work) for role in roles]
        findings: tuple[Finding, ...] = ()
        if design.card is not None:
            plates, findings = self._cut_in(tracer, design, design.card, request, plates, work)
        work.progress("finishing", _END)
        seen = tracer.geometry(design.camera, request.size.width, request.size.height)
        samples = ",".join(f"{role.value}={EFFORTS[request.quality].samples[role]}" for role in roles)
        details = {**self.variant.details, "samples": samples, "layers": "exact"}
        return finish(request, design, plates, seen, confidence=1.0, details=details, findings=findings)

    def _cut_in(
        self,
        tracer: Tracer,
        design: SetDesign,
        card: Card,
        request: SetRequest,
        plates: list[Plate],
        work: Work,
    ) -> tuple[list[Plate], tuple[Finding, ...]]:
        job, camera = self._job(design, request, LayerRole.SUBJECT)
        full = PixelSize(job.width, job.height)
        sharp = tracer.coverage(replace(job, spp=EFFORTS[request.quality].coverage), camera, check=work.check)
        small, _ = self._job(design, request, LayerRole.SUBJECT, scale=_LIGHT_SCALE)
        light = tracer.render(small, camera, check=work.check, done=lambda _: None)
        size = PixelSize(small.width, small.height)
        lit = Lit(
            plate_of(light.colour, small.region, size),
            plate_of(light.coverage.product, small.region, size),
        )
        cover = plate_of(sharp.product, job.region, full)
        return cut_in(plates, card, cover, lit, camera, exposure_of(plates[0].colour, design))

    def _plate(self, tracer: Tracer, design: SetDesign, request: SetRequest, role: LayerRole, work: Work) -> Plate:
        effort = EFFORTS[request.quality]
        scale = regions.render_scale(design, role, request.size.height)
        job, camera = self._job(design, request, role, scale=scale)
        full, small, region = _bled(request.size), PixelSize(job.width, job.height), job.region
        job = replace(job, without_product=design.card is not None)
        samples = tracer.render(job, camera, check=work.check, done=_teller(work, role))
        work.check()
        if role is LayerRole.BACKGROUND:
            return backdrop(samples, full)
        if scale == 1:
            cover = in_focus(samples.coverage)
        else:
            many = tracer.coverage(replace(job, spp=effort.coverage), camera, check=work.check)
            cover = defocused(many, scale, regions.least_blur_px(design, role, request.size.height))
        work.check()
        return cut_out(role, samples, cover, region, small, full)

    def _job(self, design: SetDesign, request: SetRequest, role: LayerRole, *, scale: int = 1) -> tuple[Pass, Camera]:
        """A pass over a layer in a picture that many times smaller than the bled frame, and its camera."""
        effort, full, bleed = EFFORTS[request.quality], _bled(request.size), bleed_px(request.size)
        small = PixelSize(-(-full.width // scale), -(-full.height // scale))
        camera = design.camera.widened(bleed / request.size.width, bleed / request.size.height)
        layer = LAYER_ORDER.index(role)
        job = Pass(
            layer=layer,
            region=regions.layer_region(design, role, camera, small),
            width=small.width,
            height=small.height,
            spp=effort.samples[role],
            max_depth=effort.max_depth + design.bounces,
            seed=stream_seed(request.seed, layer),
        )
        return job, camera


def _bled(size: PixelSize) -> PixelSize:
    bleed = bleed_px(size)
    return PixelSize(size.width + 2 * bleed, size.height + 2 * bleed)


def _teller(work: Work, role: LayerRole) -> Callable[[float], None]:
    begin = _BEGIN[role]
    end = min((other for other in (*_BEGIN.values(), _END) if other > begin), default=_END)
    return lambda done: work.progress(f"rendering {role.value}", begin + 0.8 * (end - begin) * done)
