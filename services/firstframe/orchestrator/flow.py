"""The workflow of one lane: still, preflight, approval, clip, upscaling, one deliverable for each platform.

Durable by DBOS: each stage call is a step, a finished step is never run again, and a lane that was cut off goes on where it
stopped. Steps end in an outcome (a result or an error, as JSON) instead of raising, so that what is recorded does not depend
on how exceptions are serialised.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Protocol, TypeVar

import structlog
from google.protobuf import json_format
from google.protobuf.message import Message
from opentelemetry.trace import get_current_span

from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.api.media.v1 import clip_pb2, picture_pb2
from firstframe.api.stitching.v1 import stitching_pb2
from firstframe.api.upscaling.v1 import upscaling_pb2
from firstframe.core.errors import Cancelled, FirstframeError, Internal, PreconditionFailed
from firstframe.orchestrator import measures, requests
from firstframe.orchestrator.approvals import Approvals
from firstframe.orchestrator.calls import Call, StageCalls
from firstframe.orchestrator.campaign_metrics import CampaignMetrics
from firstframe.orchestrator.consent_gate import ConsentGate
from firstframe.orchestrator.dispatcher import Dispatcher
from firstframe.orchestrator.drift_gate import Change, Tried, changed, next_change, report
from firstframe.orchestrator.live import LiveCampaign
from firstframe.orchestrator.lost_lanes import LaneName
from firstframe.orchestrator.manifest import Publisher, Record, Subject
from firstframe.orchestrator.origin import Origin, traced
from firstframe.orchestrator.plan import ClipSpec, LanePlan, Stage, StillSpec, StitchSpec, UpscaleSpec
from firstframe.orchestrator.work import WorkProgress
from firstframe.ports import spans
from firstframe.ports.spans import spanned

_LOG = structlog.get_logger(__name__)

T = TypeVar("T")
R = TypeVar("R", bound=Message)
Shown = campaigns_pb2.Step | campaigns_pb2.Preflight
"""Where progress is shown on a lane."""
Outcome = str
"""JSON: `{"result": …}` with the result message, or `{"error": {reason, message}}`."""


class Steps(Protocol):
    """Runs durable steps: a step that has an outcome is not run again."""

    async def run(self, name: str, body: Callable[[], Awaitable[Outcome]]) -> Outcome:
        """The recorded outcome of the step, or that of running `body` now."""


class LaneFlow:
    """Runs lanes.

    Args:
        campaign: Finds a campaign that is open.
        dispatcher: Gives work to the stages.
        approvals: Says yes or no to heroes.
        consents: Knows who agreed to be moved.
        publisher: Writes manifests.
    """

    def __init__(
        self,
        campaign: Callable[[str], Awaitable[LiveCampaign]],
        dispatcher: Dispatcher[Message, Message],
        approvals: Approvals,
        consents: ConsentGate,
        publisher: Publisher,
    ) -> None:
        self._campaign = campaign
        self._approvals = approvals
        self._consents = consents
        self._publisher = publisher
        self.metrics = CampaignMetrics(dispatcher.slots)
        """What is counted of campaigns."""
        self.calls = StageCalls(dispatcher, consents, self.metrics.look)
        """What lanes ask of the stages."""
        self.running: set[LaneName] = set()
        """Lanes that are going on here."""

    async def run(self, steps: Steps, campaign: str, lane: str, number: int, origin: Origin) -> None:
        """Takes a lane in a run of its campaign from where it is to its end; a run that was replaced does nothing."""
        live = await self._campaign(campaign)
        if live.row.run != number:
            return
        plan = live.lane_plans[lane]
        self.running.add((campaign, lane, number))
        try:
            with traced(live, plan, origin):
                _LOG.info("lane goes on", campaign=campaign, lane=lane, run=number)
                await self._finish(_LaneRun(self, steps, live, plan), campaign, lane)
        finally:
            self.running.discard((campaign, lane, number))
            self.metrics.lane_ended(live)

    async def _finish(self, run: _LaneRun, campaign: str, lane: str) -> None:
        try:
            await run.to_the_end()
        except FirstframeError as error:
            await run.fail(error)
        except Exception:
            _LOG.exception("lane ended in an unexpected error", campaign=campaign, lane=lane)
            await run.fail(
                Internal("a fault of the orchestrator; its log has the details, running the brief again goes on")
            )

    async def call(self, live: LiveCampaign, lane: str, work: Call, tell: Callable[[WorkProgress], None]) -> Message:
        """One stage call through the dispatcher, which a cancelled campaign ends; motion only of an approved hero.

        Raises:
            PreconditionFailed: `NOT_APPROVED` or `NO_CONSENT`.
        """
        if isinstance(work.request, animation_pb2.AnimateClipRequest):
            await self._approvals.require(live, lane, work.request.hero.image.digest)
        return await self.calls.make(live, lane, work, tell)

    async def approve(self, live: LiveCampaign, lane: str) -> None:
        """Waits for the decision about a lane's hero."""
        with spanned("approval"):
            await self._approvals.wait(live, lane)

    async def publish(
        self, live: LiveCampaign, lane: LanePlan, records: list[Record]
    ) -> list[campaigns_pb2.Deliverable]:
        """Writes a manifest for each deliverable.

        Raises:
            PreconditionFailed: `NO_CONSENT`.
        """
        await self._consents.require(live, lane.id)
        subject = Subject(
            campaign=live.row.name,
            brief=live.brief,
            brief_digest=live.brief_digest,
            plan_digest=live.row.plan_digest,
            approval=live.lanes[lane.id].approval,
            preflight=live.lanes[lane.id].preflight,
        )
        with spanned("publish"):
            made = await asyncio.to_thread(self._publisher.publish, subject, lane, records)
        self.metrics.published(made)
        return made


class _LaneRun:
    """One lane in one run of its campaign."""

    def __init__(self, flow: LaneFlow, steps: Steps, live: LiveCampaign, plan: LanePlan) -> None:
        self._flow = flow
        self._steps = steps
        self._live = live
        self._plan = plan
        self._lane = live.lanes[plan.id]
        self._records: dict[str, Record] = {}
        self._made: set[str] = set()
        """Durable steps that were run here, rather than remembered."""

    async def to_the_end(self) -> None:
        """Still, checks and gate, as often as a person asks for another still; then clip, size, files."""
        await self._begin()
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

        await self._take_up(json.loads(await self._steps.run(f"take/{self._plan.id}", body))["take"])

    async def _take_up(self, take: int) -> None:
        if take != self._lane.take:
            self._live.take_up(self._plan.id, take)
            await self._live.save(self._plan.id)
        self._plan = self._live.lane_plans[self._plan.id]
        self._records.clear()

    async def _checked_still(self) -> picture_pb2.Hero:
        hero = await self._still()
        await self._preflight(hero)
        return hero

    async def _still(self) -> picture_pb2.Hero:
        step = self._plan.still
        spec = self._spec(step, StillSpec)
        result = await self._stage(step, requests.hero_request(spec), imagegen_pb2.GenerateHeroResult)
        self._lane.hero.CopyFrom(result.hero)
        return result.hero

    async def _preflight(self, hero: picture_pb2.Hero) -> None:
        """The checks: a durable step that is no step of the plan, since the plan says what is made."""
        step, shown = f"preflight/{self._plan.id}", self._lane.preflight
        request = requests.check_request(
            self._plan, self._spec(self._plan.still, StillSpec), self._specs(self._plan.clips, ClipSpec), hero
        )

        async def body() -> Outcome:
            return await self._call(Call(Stage.IMAGEGEN.value, step, request), shown)

        outcome = json.loads(await self._steps.run(step, body))
        result = self._result(step, outcome, imagegen_pb2.CheckHeroResult, shown)
        del shown.checks[:]
        shown.checks.extend(result.checks)
        self._done(shown, result)

    async def _decision(self) -> int:
        async def wait() -> Outcome:
            await self._flow.approve(self._live, self._plan.id)
            return json.dumps({"decision": self._lane.approval.decision})

        outcome = json.loads(await self._steps.run(f"approval/{self._plan.id}", wait))
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
            del self._show(step).drifted[:]
        tried: list[Tried] = []
        change: Change | None = Change.PLANNED
        while change is not None:
            changes = (*(item.change for item in tried), change)
            results = await _together(self._clip(step, hero, changes) for step in self._plan.clips)
            failed = measures.failed_in(results)
            if not failed:
                return [result.clip for result in results]
            tried.append(Tried(change, frozenset(failed)))
            self._drifted(changes, results)
            motion = self._spec(self._plan.clips[0], ClipSpec).motion
            change = next_change(tried, motion, results[0].provenance.engine)
        if any(tried[-1].change.step(step) in self._made for step in self._plan.clips):
            self._flow.metrics.rejected()
        for step in self._plan.clips:
            self._show(step).state = campaigns_pb2.LANE_STATE_FAILED
        text = report(tried, failed, measures.remedies_of(results))
        raise PreconditionFailed(text, reason="CLIP_DRIFTED", metadata={"step": self._plan.clips[0]})

    async def _clip(
        self, step: str, hero: picture_pb2.Hero, changes: Sequence[Change]
    ) -> animation_pb2.AnimateClipResult:
        request = requests.clip_request(changed(self._spec(step, ClipSpec), changes), hero)
        name = changes[-1].step(step)
        result = await self._stage(step, request, animation_pb2.AnimateClipResult, name=name)
        if changes[-1] is not Change.PLANNED and name in self._made:
            self._flow.metrics.retried(changes[-1].value)
        shown = self._show(step)
        del shown.measures[:]
        shown.measures.extend(measures.flagged(result))
        return result

    def _drifted(self, changes: Sequence[Change], results: Sequence[animation_pb2.AnimateClipResult]) -> None:
        """Writes down a try that is thrown away."""
        for step, result in zip(self._plan.clips, results, strict=True):
            spec = changed(self._spec(step, ClipSpec), changes)
            one = measures.drifted_try(changes[-1], spec, result)
            self._show(step).drifted.append(one)
            if changes[-1].step(step) in self._made:
                self._flow.metrics.drifted(one, result.provenance)
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
        spec = self._spec(step, UpscaleSpec)
        result = await self._stage(step, requests.upscale_request(spec, clip), upscaling_pb2.UpscaleClipResult)
        return result.clip

    async def _deliver(self, clips: list[clip_pb2.Clip]) -> None:
        await _together(self._stitch(item.step, clips) for item in self._plan.deliverables)
        await self._publish()

    async def _stitch(self, step: str, clips: list[clip_pb2.Clip]) -> None:
        request = requests.stitch_request(self._spec(step, StitchSpec), clips)
        await self._stage(step, request, stitching_pb2.StitchDeliverableResult)

    async def _publish(self) -> None:
        async def body() -> Outcome:
            made = await self._flow.publish(self._live, self._plan, list(self._records.values()))
            return json.dumps([json_format.MessageToDict(item) for item in made])

        outcome = await self._steps.run(f"publish/{self._plan.id}", body)
        made = [json_format.ParseDict(item, campaigns_pb2.Deliverable()) for item in json.loads(outcome)]
        del self._lane.deliverables[:]
        self._lane.deliverables.extend(made)
        self._lane.state = campaigns_pb2.LANE_STATE_SUCCEEDED
        await self._live.save(self._plan.id)

    def _spec(self, step: str, kind: type[R_spec]) -> R_spec:
        spec = self._live.steps[step].spec
        if not isinstance(spec, kind):
            raise Internal(f"{step} is no {kind.__name__}", metadata={"step": step})
        return spec

    def _specs(self, steps: Iterable[str], kind: type[R_spec]) -> list[R_spec]:
        return [self._spec(step, kind) for step in steps]

    async def _stage(self, step: str, request: Message, kind: type[R], *, name: str = "") -> R:
        """One durable stage call; its progress and end are shown on the lane.

        Args:
            step: Step of the plan.
            request: What is asked.
            kind: Of the result.
            name: Of the durable step, where the step of the plan is tried more than once.
        """
        shown, name = self._show(step), name or step

        async def body() -> Outcome:
            self._made.add(name)
            return await self._call(Call(self._live.steps[step].stage.value, name, request), shown)

        result = self._result(step, json.loads(await self._steps.run(name, body)), kind, shown)
        self._records[step] = Record(self._live.steps[step], request, result, tuple(shown.drifted))
        self._done(shown, result)
        return result

    async def _call(self, call: Call, shown: Shown) -> Outcome:
        try:
            result = await self._flow.call(self._live, self._plan.id, call, lambda news: self._tell(shown, news))
        except FirstframeError as error:
            return json.dumps({"error": {"reason": error.reason, "message": error.message}})
        return json.dumps({"result": json_format.MessageToDict(result)})

    def _result(self, step: str, outcome: dict[str, Any], kind: type[R], shown: Shown) -> R:
        if error := outcome.get("error"):
            shown.state = campaigns_pb2.LANE_STATE_FAILED
            raise FirstframeError(error["message"], reason=error["reason"], metadata={"step": step})
        result: Any = json_format.ParseDict(outcome["result"], kind())
        return kind.FromString(result.SerializeToString())

    def _show(self, step: str) -> campaigns_pb2.Step:
        return next(item for item in self._lane.steps if item.step == step)

    def _tell(self, shown: Shown, news: WorkProgress) -> None:
        shown.state = self._lane.state = campaigns_pb2.LANE_STATE_RUNNING
        tried = isinstance(shown, campaigns_pb2.Step) and shown.drifted
        shown.progress.phase = f"{news.phase} again" if tried else news.phase
        shown.progress.fraction = news.fraction
        shown.attempts = news.tries
        self._live.touch()

    def _done(self, shown: Shown, result: Any) -> None:  # noqa: ANN401  (every result has provenance)
        shown.state = campaigns_pb2.LANE_STATE_SUCCEEDED
        shown.progress.fraction = 1.0
        shown.provenance.CopyFrom(result.provenance)
        self._live.touch()


async def _together(works: Iterable[Awaitable[T]]) -> list[T]:
    """What all of them give, in order; every one comes to its end before the first error is raised."""
    outcomes = await asyncio.gather(*works, return_exceptions=True)
    done: list[T] = []
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
        done.append(outcome)
    return done


R_spec = TypeVar("R_spec", StillSpec, ClipSpec, UpscaleSpec, StitchSpec)
