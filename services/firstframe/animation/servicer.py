"""gRPC service: decodes, has the engine work, encodes."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import firstframe
from firstframe.animation.decode import ClipPlan, decode, decode_seam
from firstframe.animation.encode import end_message, score_message
from firstframe.animation.engines import LEARNED, NAME, SCENE, Animator, ClipRequest, LearnedAnimator
from firstframe.animation.heroes import DecodeMesh, read_layered, read_masks, read_set
from firstframe.animation.seams import ENGINE as SEAMS
from firstframe.animation.seams import SeamPlan, keep_end, measure_seam
from firstframe.api.animation.v1 import animation_pb2, animation_pb2_grpc
from firstframe.api.media.v1 import stage_pb2
from firstframe.core.media import Grey8, HeroPicture
from firstframe.heroes.reading import read_png
from firstframe.imaging import png
from firstframe.imaging.drift import VERSION
from firstframe.imaging.drift.meter import Meter
from firstframe.ports.blobstore import BlobStore
from firstframe.ports.video import Rgb16, VideoIO
from firstframe.runtime.check_messages import check_message
from firstframe.runtime.clip_messages import VIDEO_TYPE, clip_message, size_message
from firstframe.runtime.finding_messages import finding_message
from firstframe.runtime.grants import GrantGate, without_grants
from firstframe.runtime.keys import EngineIdentity
from firstframe.runtime.motion_messages import MOVES, camera_value
from firstframe.runtime.stage import StageRunner, WorkContext, responses

_READ, _WRITTEN = 0.06, 0.97
"""Shares of the work that are done when the hero is read and when the clip is written."""


class AnimationServicer(animation_pb2_grpc.AnimationServiceServicer):
    """`firstframe.api.animation.v1.AnimationService`.

    Args:
        runner: Runs the work.
        store: Where heroes and clips are.
        video: Writes clips.
        animator: The engine `previz`.
        decode_mesh: Decodes models that stand on filmed sets.
        consents: Asked before anything is read, or given out again.
        filming: The engine `scene`, where the server has it.
        learned: The engine `diffusers` by model pack, the default first.
        warm_models: Names of the models that are loaded.
    """

    def __init__(
        self,
        *,
        runner: StageRunner,
        store: BlobStore,
        video: VideoIO,
        animator: Animator,
        decode_mesh: DecodeMesh,
        consents: GrantGate,
        filming: Animator | None = None,
        learned: Mapping[str, LearnedAnimator] | None = None,
        warm_models: Callable[[], Awaitable[list[str]]] | None = None,
    ) -> None:
        self._runner = runner
        self._store = store
        self._video = video
        self._animator = animator
        self._consents = consents
        self._decode_mesh = decode_mesh
        self._filming = filming
        self._learned = learned or {}
        self._warm_models = warm_models

    async def AnimateClip(
        self,
        request: animation_pb2.AnimateClipRequest,
        _context: Any,  # noqa: ANN401
    ) -> AsyncIterator[animation_pb2.AnimateClipResponse]:
        """See the contract."""
        plan = decode(request, tuple(self._learned), films=self._filming is not None)
        self._consents.require(request, plan.motion.effect.kind if plan.motion.effect else None)
        events = self._runner.run(
            without_grants(request),
            engine=self._identity(plan),
            seed=request.seed,
            work=functools.partial(self._work, plan),
            result_type=animation_pb2.AnimateClipResult,
        )
        async for response in responses(events, animation_pb2.AnimateClipResponse):
            yield response

    async def MeasureSeam(
        self,
        request: animation_pb2.MeasureSeamRequest,
        _context: Any,  # noqa: ANN401
    ) -> AsyncIterator[animation_pb2.MeasureSeamResponse]:
        """See the contract."""
        plan = decode_seam(request)
        events = self._runner.run(
            request,
            engine=EngineIdentity(SEAMS, VERSION),
            seed=0,
            work=functools.partial(self._seam, plan),
            result_type=animation_pb2.MeasureSeamResult,
        )
        async for response in responses(events, animation_pb2.MeasureSeamResponse):
            yield response

    async def GetCapabilities(
        self,
        _request: animation_pb2.GetCapabilitiesRequest,
        _context: Any,  # noqa: ANN401
    ) -> animation_pb2.GetCapabilitiesResponse:
        """See the contract."""
        slots = self._runner.slots
        warm = frozenset(await self._warm_models()) if self._warm_models else frozenset()
        return animation_pb2.GetCapabilitiesResponse(
            engines=[
                stage_pb2.EngineCapability(engine=NAME, version=self._animator.version),
                *([stage_pb2.EngineCapability(engine=SCENE, version=self._filming.version)] if self._filming else []),
                *(_capability(pack, animator, warm) for pack, animator in self._learned.items()),
            ],
            slots=slots.total,
            free_slots=slots.free,
            camera_moves=[camera_value(move) for move in MOVES.values()],
            version=firstframe.__version__,
        )

    def _identity(self, plan: ClipPlan) -> EngineIdentity:
        """What makes the clip and what measures it: another meter gives other results."""
        version = f"{self._animator_of(plan).version_for(plan.motion)}+drift.{VERSION}"
        return EngineIdentity(plan.engine, version)

    def _animator_of(self, plan: ClipPlan) -> Animator:
        if plan.pack:
            return self._learned[plan.pack]
        return self._filming if plan.engine == SCENE and self._filming else self._animator

    def _work(self, plan: ClipPlan, context: WorkContext) -> animation_pb2.AnimateClipResult:
        context.progress("reading the hero", 0.0)
        hero = read_layered(plan.hero, self._store, context.check)
        masks = read_masks(plan.motion, hero.size, self._store, context.check)
        made = read_set(plan.hero, self._store, self._decode_mesh) if plan.engine == SCENE else None
        last = read_png(self._store, plan.last, hero.size, png.RGB) if plan.last else None
        take = self._animator_of(plan).take(replace(_clip_request(plan, hero, masks), set=made, last=last))
        target = context.scratch / "clip.mp4"
        meter = None if plan.unmeasured else Meter(take.hero, take.asked, plan.frame_rate)
        frames = _measured(take.frames(_Animating(context)), meter)
        info = self._video.write_clip(target, frames, size=take.size, frame_rate=plan.frame_rate)
        context.progress("storing", _WRITTEN)
        result = animation_pb2.AnimateClipResult(
            clip=clip_message(self._store.put_file(target, VIDEO_TYPE), info),
            applied_strength=take.applied_strength,
            findings=[finding_message(item) for item in take.findings],
            measures=[*map(check_message, meter.measures() if meter else ()), *map(score_message, take.scores)],
            begin=end_message(keep_end(meter.begin, self._store)) if meter else None,
            end=end_message(keep_end(meter.end, self._store)) if meter else None,
        )
        result.provenance.details.update(take.details)
        return result

    def _seam(self, plan: SeamPlan, _context: WorkContext) -> animation_pb2.MeasureSeamResult:
        return animation_pb2.MeasureSeamResult(measures=map(check_message, measure_seam(plan, self._store)))


def _measured(frames: Iterator[Rgb16], meter: Meter | None) -> Iterator[Rgb16]:
    """The frames as they are; each is measured before it goes on, where there is a meter."""
    for frame in frames:
        if meter:
            meter.feed(frame)
        yield frame


def _clip_request(plan: ClipPlan, hero: HeroPicture, masks: tuple[Grey8 | None, ...]) -> ClipRequest:
    return ClipRequest(
        hero,
        plan.motion,
        plan.frame_count,
        plan.frame_rate,
        plan.seed,
        prompt=plan.prompt,
        negative_prompt=plan.negative_prompt,
        steps=plan.steps,
        masks=masks,
        leave_out_last=plan.leave_out_last,
    )


def _capability(pack: str, animator: LearnedAnimator, warm: frozenset[str]) -> stage_pb2.EngineCapability:
    return stage_pb2.EngineCapability(
        engine=LEARNED,
        version=animator.version,
        pack=pack,
        models=sorted(animator.models & warm),
        native_sizes=[size_message(size) for size in animator.sizes],
        takes_last_frame=animator.takes_last_frame,
        effect=animator.effect.value if animator.effect else "",
    )


class _Animating:
    """The part of the work in which frames are made and written."""

    def __init__(self, context: WorkContext) -> None:
        self._context = context

    def progress(self, phase: str, fraction: float) -> None:
        self._context.progress(phase, _READ + (_WRITTEN - _READ) * fraction)

    def check(self) -> None:
        self._context.check()
