"""gRPC service: decodes, has the engine work, encodes."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import firstframe
from firstframe.api.media.v1 import stage_pb2
from firstframe.api.stitching.v1 import stitching_pb2, stitching_pb2_grpc
from firstframe.core.delivery import PLATFORMS, platform_named
from firstframe.core.errors import InvalidInput
from firstframe.ports.blobstore import BlobStore, StoredArtifact
from firstframe.ports.video import VideoFacts
from firstframe.runtime.clip_messages import (
    VIDEO_TYPE,
    ClipReference,
    artifact_message,
    clip_of,
    fetch_clip,
    frame_rate_message,
    size_message,
)
from firstframe.runtime.keys import EngineIdentity
from firstframe.runtime.stage import StageRunner, WorkContext
from firstframe.stitching.conformance import plan_violations, require
from firstframe.stitching.engines.previz import NAME, VERSION, ClipFile, PrevizStitcher
from firstframe.stitching.rules import Rules, joined, rules_of

IDENTITY = EngineIdentity(NAME, VERSION)
MAX_CLIPS = 100


@dataclass(frozen=True, slots=True)
class StitchPlan:
    """A request, decoded and found possible."""

    clips: tuple[ClipReference, ...]
    rules: Rules


def decode(request: stitching_pb2.StitchDeliverableRequest) -> StitchPlan:
    """Decodes a request.

    Raises:
        InvalidInput: A field is missing or out of range, or the clips differ in size or rate.
        PreconditionFailed: `NOT_CONFORMANT`: the platform does not take clips of that size, rate or length.
    """
    if request.engine not in ("", NAME):
        raise InvalidInput.at("engine", f"{request.engine!r} is not an engine of this server", f"use {NAME}")
    rules = rules_of(platform_named(request.platform))
    if not 1 <= len(request.clips) <= MAX_CLIPS:
        raise InvalidInput.at("clips", f"there are {len(request.clips)}", f"give 1 to {MAX_CLIPS}")
    clips = tuple(clip_of(clip, f"clips[{index}]") for index, clip in enumerate(request.clips))
    _check_alike(clips)
    whole = joined([clip.info for clip in clips])
    require(rules, plan_violations(rules, whole), "change the clips or leave the platform out")
    return StitchPlan(clips, rules)


def _check_alike(clips: tuple[ClipReference, ...]) -> None:
    first = clips[0].info
    for index, clip in enumerate(clips):
        if clip.info.size != first.size:
            problem = f"is {clip.info.size}, the first clip is {first.size}"
            raise InvalidInput.at(f"clips[{index}].size", problem, "bring all clips to one size")
        if clip.info.frame_rate != first.frame_rate:
            problem = f"is {clip.info.frame_rate}, the first clip has {first.frame_rate}"
            raise InvalidInput.at(f"clips[{index}].frame_rate", problem, "make all clips at one rate")


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
        async for event in events:
            if isinstance(event, stage_pb2.Progress):
                yield stitching_pb2.StitchDeliverableResponse(progress=event)
            else:
                yield stitching_pb2.StitchDeliverableResponse(result=event)

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
        def report(phase: str, fraction: float) -> None:
            context.check()
            context.progress(phase, fraction)

        target = context.scratch / "deliverable.mp4"
        facts = self._engine.stitch(self._fetch_all(plan, context), plan.rules, target, report)
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


def video_message(stored: StoredArtifact, facts: VideoFacts) -> stitching_pb2.Video:
    """Encodes a finished file."""
    return stitching_pb2.Video(
        file=artifact_message(stored),
        size=size_message(facts.size),
        frame_rate=frame_rate_message(facts.frame_rate),
        frame_count=facts.frame_count,
        video_codec=facts.codec,
        audio_codec=facts.audio.codec if facts.audio else "",
    )
