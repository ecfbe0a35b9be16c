"""The gate between still and motion: nothing moves before somebody, or the brief's policy, has said yes to the bytes.

What holds is what the audit trail has under a good seal (`trail.py`); the decision in a lane is there to be shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.media.v1 import check_pb2, picture_pb2
from firstframe.core.errors import InvalidInput, NotFound, PreconditionFailed
from firstframe.orchestrator.live import LiveCampaign, campaign_name
from firstframe.orchestrator.plan import PhotoSource, StillSpec
from firstframe.orchestrator.tables import RequestRow
from firstframe.orchestrator.trail import Decided, Recorded, Trail
from firstframe.ports.clock import Clock
from firstframe.runtime.messages import stamp

POLICY = "policy:auto"
"""Who decided when nobody had to."""
MAX_TAKES = 20
"""Stills that a lane may have one after the other; who has seen so many wants another brief."""
_WORDS = {
    campaigns_pb2.DECISION_APPROVED: "approved",
    campaigns_pb2.DECISION_REJECTED: "rejected",
    campaigns_pb2.DECISION_VARIATION: "sent back for another still",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's word about the hero of a lane."""

    lane: str
    hero_digest: str
    kind: campaigns_pb2.Decision.ValueType
    note: str


class Approvals:
    """Decides about heroes and wakes the lanes that wait for it.

    Args:
        trail: Keeps the decisions.
        clock: Wall time.
    """

    def __init__(self, trail: Trail, clock: Clock) -> None:
        self._trail = trail
        self._clock = clock

    async def wait(self, live: LiveCampaign, lane_id: str) -> None:
        """Returns when the lane's hero has been decided about, or the campaign was cancelled.

        With the policy `auto` a hero that no check fails is approved at once.
        """
        lane = live.lanes[lane_id]
        async with live.deciding:
            lane.ClearField("approval")
            standing = await self._standing(live, lane)
            if standing is not None:
                _show(live, [(lane, standing)])
                return
            if _passes(live, lane):
                yes = self._approval(live, lane, Decision(lane_id, "", campaigns_pb2.DECISION_APPROVED, ""), POLICY, "")
                await self._trail.write(live, [(lane, yes)], None, patient=True)
                _show(live, [(lane, yes)])
                return
            lane.state = campaigns_pb2.LANE_STATE_AWAITING_APPROVAL
            await live.save(lane_id)
        await live.until(lambda: live.row.cancelled or _decided(live, lane))

    async def require(self, live: LiveCampaign, lane_id: str, hero_digest: str) -> None:
        """Lets motion begin, or refuses it. Asked at the very edge, whatever the lane or its workflow say.

        Args:
            live: The campaign.
            lane_id: The lane.
            hero_digest: Digest of the still that is to move.

        Raises:
            PreconditionFailed: `NOT_APPROVED`: there is no genuine yes to these bytes, this plan and this take.
        """
        lane = live.lanes[lane_id]
        problem = _tampered(live) or await self._missing(live, lane, hero_digest)
        if problem:
            text = f"{lane_id} does not move: {problem}"
            raise PreconditionFailed(text, reason="NOT_APPROVED", metadata={"lane": lane_id})

    async def _missing(self, live: LiveCampaign, lane: campaigns_pb2.Lane, hero_digest: str) -> str:
        if hero_digest != lane.hero.image.digest:
            return f"{hero_digest} is not its hero"
        standing = await self._standing(live, lane)
        if standing is None:
            return "nobody has approved this hero for this plan; run the brief again, then decide"
        return "" if standing.decision == campaigns_pb2.DECISION_APPROVED else f"it was {_told(standing)}"

    async def _standing(self, live: LiveCampaign, lane: campaigns_pb2.Lane) -> campaigns_pb2.Approval | None:
        """The first genuine decision about the hero, plan and take that a lane has now.

        A policy's yes is no more than the policy and the checks say now.
        """
        for approval in await self._trail.of_lane(live.row.name, lane.lane):
            if _fits(live, lane, approval) and (approval.decided_by != POLICY or _passes(live, lane)):
                return approval
        return None

    async def decide(
        self, live: LiveCampaign, decisions: Sequence[Decision], *, by: str, request: RequestRow | None
    ) -> None:
        """Takes all decisions, or none; what was decided so before is left as it is.

        Raises:
            InvalidInput: A lane is there twice, or a decision names no hero.
            NotFound: `LANE_NOT_FOUND`.
            PreconditionFailed: `HERO_CHANGED`, `NOT_AWAITING_APPROVAL` or `NO_OTHER_TAKE`.
        """
        _check_distinct(decisions)
        async with live.deciding:
            if live.unsure:
                await self._recall(live)
            for index, decision in enumerate(decisions):
                await self._check(live, decision, f"decisions[{index}]")
            new = [(live.lanes[item.lane], item) for item in decisions if not _decided(live, live.lanes[item.lane])]
            name = request.request_id.rpartition("/")[2] if request else ""
            decided = [(lane, self._approval(live, lane, item, by, name)) for lane, item in new]
            live.unsure = True
            await self._trail.write(live, decided, request, patient=False)
            live.unsure = False
            _show(live, decided)

    async def recall(self, live: LiveCampaign) -> None:
        """Takes over decisions that were written although the answer was lost."""
        async with live.deciding:
            await self._recall(live)

    async def _recall(self, live: LiveCampaign) -> None:
        waiting = [lane for lane in live.lanes.values() if _waits(lane)]
        found = [(lane, await self._standing(live, lane)) for lane in waiting]
        _show(live, [(lane, approval) for lane, approval in found if approval is not None])
        live.unsure = False

    async def history(self, campaign: str, *, before_id: int | None, size: int) -> list[Recorded]:
        """The audit trail of a campaign, the newest first."""
        return await self._trail.page(campaign, before_id=before_id, size=size)

    async def _check(self, live: LiveCampaign, decision: Decision, field: str) -> None:
        lane = live.lanes.get(decision.lane)
        if lane is None:
            known = ", ".join(live.lanes)
            raise NotFound(f"{live.row.name} has no lane {decision.lane!r}; it has {known}", reason="LANE_NOT_FOUND")
        if not decision.hero_digest:
            raise InvalidInput.at(f"{field}.hero_digest", "is empty", "name the hero that was looked at")
        if lane.hero.image.digest != decision.hero_digest:
            raise await self._changed(live, lane, decision)
        if _decided(live, lane) and lane.approval.decision != decision.kind:
            raise _decided_otherwise(lane.lane, lane.approval)
        if not _waits(lane) and not _decided(live, lane):
            text = f"{decision.lane} does not wait for a decision; read the campaign again"
            raise PreconditionFailed(text, reason="NOT_AWAITING_APPROVAL", metadata={"lane": decision.lane})
        if decision.kind == campaigns_pb2.DECISION_VARIATION:
            _check_other_take(live, lane)

    async def _changed(self, live: LiveCampaign, lane: campaigns_pb2.Lane, decision: Decision) -> PreconditionFailed:
        """That the hero is another one by now, and whose decision that was."""
        now = lane.hero.image.digest or "not made yet"
        text = f"the hero of {lane.lane} is {now}; look at it, then decide again"
        for approval in await self._trail.of_lane(live.row.name, lane.lane):
            if approval.hero_digest == decision.hero_digest and approval.decided_by != POLICY:
                text = f"{lane.lane}: the hero that you looked at was {_told(approval)}; {text}"
                return PreconditionFailed(text, reason="HERO_CHANGED", metadata=_about(lane.lane, approval))
        return PreconditionFailed(text, reason="HERO_CHANGED", metadata={"lane": lane.lane})

    def _approval(
        self, live: LiveCampaign, lane: campaigns_pb2.Lane, decision: Decision, by: str, request_id: str
    ) -> campaigns_pb2.Approval:
        return campaigns_pb2.Approval(
            decision=decision.kind,
            hero_digest=lane.hero.image.digest,
            plan_digest=live.row.plan_digest,
            take=lane.take,
            preflight_key=lane.preflight.provenance.key,
            decided_by=by,
            decide_time=stamp(self._clock.now().timestamp()),
            note=decision.note,
            request_id=request_id,
        )


def _show(live: LiveCampaign, decided: Decided) -> None:
    """In memory, after they have been written; wakes the lanes that wait."""
    for lane, approval in decided:
        lane.approval.CopyFrom(approval)
        lane.state = campaigns_pb2.LANE_STATE_PENDING
    live.touch()


def _fits(live: LiveCampaign, lane: campaigns_pb2.Lane, approval: campaigns_pb2.Approval) -> bool:
    """Whether a decision is about these very bytes, this very plan and this very take."""
    return (
        bool(approval.hero_digest)
        and approval.hero_digest == lane.hero.image.digest
        and approval.plan_digest == live.row.plan_digest
        and approval.take == lane.take
    )


def _decided(live: LiveCampaign, lane: campaigns_pb2.Lane) -> bool:
    return lane.HasField("approval") and _fits(live, lane, lane.approval)


def _waits(lane: campaigns_pb2.Lane) -> bool:
    return lane.state == campaigns_pb2.LANE_STATE_AWAITING_APPROVAL


def _passes(live: LiveCampaign, lane: campaigns_pb2.Lane) -> bool:
    """Whether the policy says yes: it is `auto`, and neither stage nor checks found a failure."""
    clean = all(finding.severity != picture_pb2.SEVERITY_FAILURE for finding in lane.hero.findings)
    sound = all(check.verdict != check_pb2.VERDICT_FAIL for check in lane.preflight.checks)
    return live.brief.approval == campaigns_pb2.APPROVAL_POLICY_AUTO and clean and sound


def _tampered(live: LiveCampaign) -> str:
    """What of the campaign's row is not as the orchestrator wrote it; a decision is bound to a plan, and that to a brief."""
    if campaign_name(live.row.project, live.brief) != live.row.name:
        return "its brief is not the one of the campaign's name"
    return "" if live.solved_digest == live.row.plan_digest else "its plan is not the one of the brief"


def _check_distinct(decisions: Sequence[Decision]) -> None:
    seen: dict[str, int] = {}
    for index, item in enumerate(decisions):
        first = seen.setdefault(item.lane, index)
        if first != index:
            problem = f"{item.lane!r} is in decisions[{first}] as well"
            raise InvalidInput.at(f"decisions[{index}].lane", problem, "decide once about each lane")


def _check_other_take(live: LiveCampaign, lane: campaigns_pb2.Lane) -> None:
    spec = live.steps[live.lane_plans[lane.lane].still].spec
    problem = ""
    if isinstance(spec, StillSpec) and isinstance(spec.source, PhotoSource):
        problem = "is a photograph, which has one take; reject it and give the brief another photograph, or approve it"
    elif lane.take + 1 >= MAX_TAKES:
        problem = f"has had {MAX_TAKES} takes; reject it and change the brief, or approve this one"
    if problem:
        raise PreconditionFailed(f"{lane.lane} {problem}", reason="NO_OTHER_TAKE", metadata={"lane": lane.lane})


def _decided_otherwise(lane: str, approval: campaigns_pb2.Approval) -> PreconditionFailed:
    text = f"{lane} was {_told(approval)}; look at the campaign again"
    return PreconditionFailed(text, reason="NOT_AWAITING_APPROVAL", metadata=_about(lane, approval))


def _told(approval: campaigns_pb2.Approval) -> str:
    """What was decided, by whom, when and why."""
    when = approval.decide_time.ToDatetime().strftime("%Y-%m-%d %H:%M:%S UTC")
    why = f" (“{approval.note}”)" if approval.note else ""
    return f"{_WORDS.get(approval.decision, 'decided')} by {approval.decided_by} at {when}{why}"


def _about(lane: str, approval: campaigns_pb2.Approval) -> dict[str, str]:
    """The same for programs."""
    return {
        "lane": lane,
        "decision": campaigns_pb2.Decision.Name(approval.decision),
        "decided_by": approval.decided_by,
        "decide_time": approval.decide_time.ToJsonString(),
        "note": approval.note,
    }
