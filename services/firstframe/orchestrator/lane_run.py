"""The workflow of one lane: still, preflight, approval, clip, upscaling, one deliverable for each platform.

Each stage call is a durable step: a finished one is never run again, and a lane that was cut off goes on where it stopped.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Iterable, Sequence
from itertools import pairwise
from typing import TypeVar

from google.protobuf import json_format
from opentelemetry.trace import get_current_span

from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.api.media.v1 import clip_pb2, picture_pb2
from firstframe.api.stitching.v1 import stitching_pb2
from firstframe.api.upscaling.v1 import upscaling_pb2
from firstframe.core.errors import Cancelled, FirstframeError, PreconditionFailed
from firstframe.orchestrator import measures, requests
from firstframe.orchestrator.calls import Call
from firstframe.orchestrator.drift_gate import Change, Tried, changed, next_change, report
from firstframe.orchestrator.gates import Gates
from firstframe.orchestrator.lane_steps import LaneSteps, Outcome, Steps
from firstframe.orchestrator.live import LiveCampaign
from firstframe.orchestrator.plan import ClipSpec, Gate, LanePlan, Stage, StillSpec, StitchSpec, UpscaleSpec
from firstframe.ports import spans

T = TypeVar("T")


class LaneRun:
    """One lane in one run of its campaign.

    Args:
        gates: What it goes through.
        durable: Runs its steps.
        live: The campaign.
        plan: Of the lane.
    """

    def __init__(self, gates: Gates, durable: Steps, live: LiveCampaign, plan: LanePlan) -> None:
        self._gates = gates
        self._live = live
        self._lane = live.lanes[plan.id]
        self._steps = LaneSteps(gates, durable, live, plan)

    @property
    def _plan(self) -> LanePlan:
        return self._steps.plan

    async def to_the_end(self) -> None:
        """Still, checks and gate, as often as a person asks for another still; then clip, size, files."""
        await self._begin()
        await self._ready()
        hero = await self._checked_still()
        while (decision := await self._decision()) == campaigns_pb2.DECISION_VARIATION:
            await self._take_up(self._lane.take + 1)
            hero = await self._checked_still()
        if decision != campaigns_pb2.DECISION_APPROVED:
            await self._reject()
            return
        await self._deliver(await self._sized(await self._clips(hero)))

    async def fail(self, error: FirstframeError) -> None:
        """Ends the lane in an error."""
        spans.fail(get_current_span(), error.reason)
        if self._live.row.cancelled:
            self._lane.state = campaigns_pb2.LANE_STATE_CANCELLED
        else:
            self._lane.state = campaigns_pb2.LANE_STATE_FAILED
            self._lane.error.reason = error.reason
            self._lane.error.message = error.message
            self._lane.error.step = error.metadata.get("step", "")
        await self._live.save(self._plan.id)

    async def _begin(self) -> None:
        """Has the lane at the take at which this workflow began: a workflow that is run again takes the same way."""

        async def body() -> Outcome:
            return json.dumps({"take": self._lane.take})

        await self._take_up((await self._steps.run(f"take/{self._plan.id}", body))["take"])

    async def _ready(self) -> None:
        """That the engine of the lane's clips is there: asked once, since what was spent is spent."""
        clip = self._steps.spec(self._plan.clips[0], ClipSpec)
        if not clip.engine:
            return

        async def body() -> Outcome:
            try:
                await self._gates.ready_for(self._live, clip)
            except PreconditionFailed as error:
                return json.dumps({"error": {"reason": error.reason, "message": error.message}})
            return json.dumps({})

        if error := (await self._steps.run(f"engine/{self._plan.id}", body)).get("error"):
            raise PreconditionFailed(error["message"], reason=error["reason"], metadata={"step": self._plan.clips[0]})

    async def _take_up(self, take: int) -> None:
        if take != self._lane.take:
            self._live.take_up(self._plan.id, take)
            await self._live.save(self._plan.id)
        self._steps.take_up(self._live.lane_plans[self._plan.id])

    async def _checked_still(self) -> picture_pb2.Hero:
        hero = await self._still()
        await self._preflight(hero)
        return hero

    async def _still(self) -> picture_pb2.Hero:
        step = self._plan.still
        spec = self._steps.spec(step, StillSpec)
        result = await self._steps.stage(step, requests.hero_request(spec), imagegen_pb2.GenerateHeroResult)
        self._lane.hero.CopyFrom(result.hero)
        return result.hero

    async def _preflight(self, hero: picture_pb2.Hero) -> None:
        """The checks: a durable step that is no step of the plan, since the plan says what is made."""
        step, shown = f"preflight/{self._plan.id}", self._lane.preflight
        request = requests.check_request(
            self._plan,
            self._steps.spec(self._plan.still, StillSpec),
            self._steps.specs(self._plan.clips, ClipSpec),
            hero,
        )

        call = Call(Stage.IMAGEGEN.value, step, request)
        result = await self._steps.asked(call, imagegen_pb2.CheckHeroResult, shown)
        del shown.checks[:]
        shown.checks.extend(result.checks)

    async def _decision(self) -> int:
        async def wait() -> Outcome:
            await self._gates.approve(self._live, self._plan.id)
            return json.dumps({"decision": self._lane.approval.decision})

        outcome = await self._steps.run(f"approval/{self._plan.id}", wait)
        if self._live.row.cancelled:
            raise Cancelled("the campaign was cancelled")
        return int(outcome["decision"])

    async def _reject(self) -> None:
        self._lane.state = campaigns_pb2.LANE_STATE_REJECTED
        await self._live.save(self._plan.id)

    async def _clips(self, hero: picture_pb2.Hero) -> list[clip_pb2.Clip]:
        """The lane's clips, all true to the hero: made again where they drift, as `drift_gate` says.

        Raises:
            PreconditionFailed: `CLIP_DRIFTED`.
        """
        for step in self._plan.clips:
            del self._steps.shown(step).drifted[:]
        tried: list[Tried] = []
        change: Change | None = Change.PLANNED
        while change is not None:
            changes = (*(item.change for item in tried), change)
            results = await _together(self._clip(step, hero, changes) for step in self._plan.clips)
            await self._seams(results, changes)
            failed = measures.failed_in(results)
            if not failed or self._gate is not Gate.RETRY:
                self._told(failed)
                return [result.clip for result in results]
            tried.append(Tried(change, frozenset(failed)))
            self._drifted(changes, results)
            motion = self._steps.spec(self._plan.clips[0], ClipSpec).motion
            change = next_change(tried, motion, results[0].provenance.engine)
        if any(tried[-1].change.step(step) in self._steps.made for step in self._plan.clips):
            self._gates.metrics.rejected()
        for step in self._plan.clips:
            self._steps.shown(step).state = campaigns_pb2.LANE_STATE_FAILED
        text = report(tried, failed, measures.remedies_of(results), measures.warnings_of(results))
        raise PreconditionFailed(text, reason="CLIP_DRIFTED", metadata={"step": self._plan.clips[0]})

    async def _clip(
        self, step: str, hero: picture_pb2.Hero, changes: Sequence[Change]
    ) -> animation_pb2.AnimateClipResult:
        request = requests.clip_request(changed(self._steps.spec(step, ClipSpec), changes), hero)
        name = changes[-1].step(step)
        result = await self._steps.stage(step, request, animation_pb2.AnimateClipResult, name=name)
        if changes[-1] is not Change.PLANNED and name in self._steps.made:
            self._gates.metrics.retried(changes[-1].value)
        self._flag(step, result)
        return result

    @property
    def _gate(self) -> Gate:
        return self._steps.spec(self._plan.clips[0], ClipSpec).gate

    async def _seams(self, results: Sequence[animation_pb2.AnimateClipResult], changes: Sequence[Change]) -> None:
        """Adds to each clip how it joins the one before it; clips that nobody measured have no ends."""
        seams = zip(self._plan.clips[1:], pairwise(results), strict=False)
        await _together(self._seam(step, *pair, changes) for step, pair in seams)

    async def _seam(
        self,
        step: str,
        before: animation_pb2.AnimateClipResult,
        after: animation_pb2.AnimateClipResult,
        changes: Sequence[Change],
    ) -> None:
        if not (before.HasField("end") and after.HasField("begin")):
            return  # one of them comes from a server that keeps no ends
        request = requests.seam_request(changed(self._steps.spec(step, ClipSpec), changes), before, after)
        call = Call(Stage.ANIMATION.value, f"seam/{changes[-1].step(step)}", request)
        found = await self._steps.asked(call, animation_pb2.MeasureSeamResult, campaigns_pb2.Step(), step=step)
        after.measures.extend(found.measures)
        self._flag(step, after)

    def _flag(self, step: str, result: animation_pb2.AnimateClipResult) -> None:
        shown = self._steps.shown(step)
        del shown.measures[:]
        shown.measures.extend(measures.flagged(result))
        del shown.findings[:]
        shown.findings.extend(result.findings)

    def _told(self, failed: Iterable[str]) -> None:
        """Counts what drifts and is delivered all the same."""
        if any(step in self._steps.made for step in self._plan.clips):
            self._gates.metrics.let_pass(failed)

    def _drifted(self, changes: Sequence[Change], results: Sequence[animation_pb2.AnimateClipResult]) -> None:
        """Writes down a try that is thrown away."""
        for step, result in zip(self._plan.clips, results, strict=True):
            spec = changed(self._steps.spec(step, ClipSpec), changes)
            one = measures.drifted_try(changes[-1], spec, result)
            self._steps.shown(step).drifted.append(one)
            if changes[-1].step(step) in self._steps.made:
                self._gates.metrics.drifted(one, result.provenance)
        self._live.touch()

    async def _sized(self, clips: list[clip_pb2.Clip]) -> list[clip_pb2.Clip]:
        """All clips at the size of delivery.

        Waits for the last clip: a lane that is taken up again has to begin its steps in the same order, whatever ended first.
        """
        if not self._plan.upscales:
            return clips
        pairs = zip(self._plan.upscales, clips, strict=True)
        return await _together(self._upscale(step, clip) for step, clip in pairs)

    async def _upscale(self, step: str, clip: clip_pb2.Clip) -> clip_pb2.Clip:
        spec = self._steps.spec(step, UpscaleSpec)
        result = await self._steps.stage(step, requests.upscale_request(spec, clip), upscaling_pb2.UpscaleClipResult)
        return result.clip

    async def _deliver(self, clips: list[clip_pb2.Clip]) -> None:
        await _together(self._stitch(item.step, clips) for item in self._plan.deliverables)
        await self._publish()

    async def _stitch(self, step: str, clips: list[clip_pb2.Clip]) -> None:
        request = requests.stitch_request(self._steps.spec(step, StitchSpec), clips)
        await self._steps.stage(step, request, stitching_pb2.StitchDeliverableResult)

    async def _publish(self) -> None:
        async def body() -> Outcome:
            made = await self._gates.publish(self._live, self._plan, self._steps.records)
            return json.dumps([json_format.MessageToDict(item) for item in made])

        outcome = await self._steps.run(f"publish/{self._plan.id}", body)
        made = [json_format.ParseDict(item, campaigns_pb2.Deliverable()) for item in outcome]
        del self._lane.deliverables[:]
        self._lane.deliverables.extend(made)
        self._lane.state = campaigns_pb2.LANE_STATE_SUCCEEDED
        await self._live.save(self._plan.id)


async def _together(works: Iterable[Awaitable[T]]) -> list[T]:
    """What all of them give, in order; every one comes to its end before the first error is raised."""
    outcomes = await asyncio.gather(*works, return_exceptions=True)
    done: list[T] = []
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
        done.append(outcome)
    return done
