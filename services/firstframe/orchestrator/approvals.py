"""The gate between still and motion: nothing moves before somebody, or the brief's policy, has said yes to the bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.media.v1 import picture_pb2
from firstframe.core.errors import InvalidInput, NotFound, PreconditionFailed
from firstframe.orchestrator.live import LiveCampaign
from firstframe.orchestrator.patience import insist, once
from firstframe.orchestrator.tables import RequestRow, Tables
from firstframe.ports.clock import Clock
from firstframe.runtime.messages import stamp

POLICY = "policy:auto"
"""Who decided when nobody had to."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's yes or no to the hero of a lane."""

    lane: str
    hero_digest: str
    approved: bool
    note: str


class Approvals:
    """Decides about heroes and wakes the lanes that wait for it."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    async def wait(self, live: LiveCampaign, lane_id: str) -> None:
        """Returns when the lane's hero has been decided about, or the campaign was cancelled.

        With the policy `auto` a hero without failures is approved at once.
        """
        lane = live.lanes[lane_id]
        async with live.deciding:
            if _decided(live, lane):
                return
            lane.ClearField("approval")
            if _passes(live, lane):
                yes = self._approval(live, lane, approved=True, by=POLICY, note="")
                await insist(self._tables.decide, *_record(live, [(lane, yes)]), None)
                _show(live, [(lane, yes)])
                return
            lane.state = campaigns_pb2.LANE_STATE_AWAITING_APPROVAL
            await live.save(lane_id)
        await live.until(lambda: live.row.cancelled or _decided(live, lane))

    async def decide(
        self, live: LiveCampaign, decisions: Sequence[Decision], *, by: str, request: RequestRow | None
    ) -> None:
        """Takes all decisions, or none.

        Raises:
            NotFound: `LANE_NOT_FOUND`.
            PreconditionFailed: `HERO_CHANGED` or `NOT_AWAITING_APPROVAL`.
        """
        async with live.deciding:
            for decision in decisions:
                _check(live, decision)
            new = [(live.lanes[item.lane], item) for item in decisions if not _decided(live, live.lanes[item.lane])]
            approvals = [
                (lane, self._approval(live, lane, approved=item.approved, by=by, note=item.note)) for lane, item in new
            ]
            await once(self._tables.decide, *_record(live, approvals), request)
            _show(live, approvals)

    async def recall(self, live: LiveCampaign) -> None:
        """Takes over decisions that were written although the answer was lost."""
        async with live.deciding:
            found = map(campaigns_pb2.Lane.FromString, await once(self._tables.lanes, live.row.name))
            written = {lane.lane: lane for lane in found if _decided(live, lane)}
            _show(
                live,
                [
                    (lane, written[name].approval)
                    for name, lane in live.lanes.items()
                    if name in written and lane.state == campaigns_pb2.LANE_STATE_AWAITING_APPROVAL
                ],
            )

    def _approval(
        self, live: LiveCampaign, lane: campaigns_pb2.Lane, *, approved: bool, by: str, note: str
    ) -> campaigns_pb2.Approval:
        return campaigns_pb2.Approval(
            decision=campaigns_pb2.DECISION_APPROVED if approved else campaigns_pb2.DECISION_REJECTED,
            hero_digest=lane.hero.image.digest,
            plan_digest=live.row.plan_digest,
            decided_by=by,
            decide_time=stamp(self._clock.now().timestamp()),
            note=note,
        )


Decided = Sequence[tuple[campaigns_pb2.Lane, campaigns_pb2.Approval]]
Records = list[tuple[str, bytes]]


def _record(live: LiveCampaign, approvals: Decided) -> tuple[str, int, Records, Records]:
    """What is written of decisions: campaign, run, the lanes as they are afterwards, and the trail."""
    lanes = []
    for lane, approval in approvals:
        after = campaigns_pb2.Lane()
        after.CopyFrom(lane)
        after.approval.CopyFrom(approval)
        after.state = campaigns_pb2.LANE_STATE_PENDING
        lanes.append((lane.lane, after.SerializeToString()))
    trail = [(lane.lane, approval.SerializeToString()) for lane, approval in approvals]
    return live.row.name, live.row.run, lanes, trail


def _show(live: LiveCampaign, approvals: Decided) -> None:
    """In memory, after they have been written; wakes the lanes that wait."""
    for lane, approval in approvals:
        lane.approval.CopyFrom(approval)
        lane.state = campaigns_pb2.LANE_STATE_PENDING
    live.touch()


def _decided(live: LiveCampaign, lane: campaigns_pb2.Lane) -> bool:
    """Whether there is a decision about these very bytes and this very plan."""
    return (
        lane.HasField("approval")
        and lane.approval.hero_digest == lane.hero.image.digest
        and lane.approval.plan_digest == live.row.plan_digest
    )


def _passes(live: LiveCampaign, lane: campaigns_pb2.Lane) -> bool:
    brief = campaigns_pb2.Brief.FromString(live.row.brief)
    clean = all(finding.severity != picture_pb2.SEVERITY_FAILURE for finding in lane.hero.findings)
    return brief.approval == campaigns_pb2.APPROVAL_POLICY_AUTO and clean


def _check(live: LiveCampaign, decision: Decision) -> None:
    lane = live.lanes.get(decision.lane)
    if lane is None:
        known = ", ".join(live.lanes)
        raise NotFound(f"{live.row.name} has no lane {decision.lane!r}; it has {known}", reason="LANE_NOT_FOUND")
    if not decision.hero_digest:
        raise InvalidInput.at("decisions.hero_digest", "is empty", "name the hero that was looked at")
    if lane.hero.image.digest != decision.hero_digest:
        text = (
            f"the hero of {decision.lane} is {lane.hero.image.digest or 'not made yet'}; look at it, then decide again"
        )
        raise PreconditionFailed(text, reason="HERO_CHANGED", metadata={"lane": decision.lane})
    if not _waits_or_agrees(live, lane, decision):
        text = f"{decision.lane} does not wait for a decision; read the campaign again"
        raise PreconditionFailed(text, reason="NOT_AWAITING_APPROVAL", metadata={"lane": decision.lane})


def _waits_or_agrees(live: LiveCampaign, lane: campaigns_pb2.Lane, decision: Decision) -> bool:
    if lane.state == campaigns_pb2.LANE_STATE_AWAITING_APPROVAL:
        return True
    wanted = campaigns_pb2.DECISION_APPROVED if decision.approved else campaigns_pb2.DECISION_REJECTED
    return _decided(live, lane) and lane.approval.decision == wanted
