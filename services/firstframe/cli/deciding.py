"""Decisions about heroes on their way to the orchestrator, and who was faster."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from firstframe.api.campaigns.v1 import campaigns_pb2

if TYPE_CHECKING:
    from firstframe.cli.campaign_client import CampaignClient

APPROVED = campaigns_pb2.DECISION_APPROVED
REJECTED = campaigns_pb2.DECISION_REJECTED
VARIATION = campaigns_pb2.DECISION_VARIATION
ANOTHER = (
    "a set is staged another way (height of the lens, side of the light, framing, props), a prompt gets another seed; "
    "your words are kept in the trail for people and change no picture: to change more, change the brief"
)
"""What another still is, and what becomes of the note."""
WORDS = {APPROVED: "approved", REJECTED: "rejected", VARIATION: "sent back for another still"}


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of decisions."""

    campaign: campaigns_pb2.Campaign
    mine: tuple[str, ...]
    """Lanes that this call decided about."""
    before: tuple[str, ...]
    """What is said of those that somebody else had decided so already."""


def waiting(campaign: campaigns_pb2.Campaign, names: Sequence[str] = ()) -> list[campaigns_pb2.Lane]:
    """Lanes that wait for a decision; of `names` when there are some."""
    return [
        lane
        for lane in campaign.lanes
        if lane.state == campaigns_pb2.LANE_STATE_AWAITING_APPROVAL and (not names or lane.lane in names)
    ]


def decision(
    lane: campaigns_pb2.Lane, kind: campaigns_pb2.Decision.ValueType, note: str = ""
) -> campaigns_pb2.HeroDecision:
    """A decision about the hero that a lane had when it was looked at."""
    return campaigns_pb2.HeroDecision(lane=lane.lane, hero_digest=lane.hero.image.digest, decision=kind, note=note)


async def take(
    client: CampaignClient, campaign: str, decisions: Sequence[campaigns_pb2.HeroDecision], by: str
) -> Taken:
    """Takes decisions, all or none. Raises what the orchestrator says."""
    request_id = f"cli-{uuid.uuid4().hex}"
    after = await client.decide(campaign, decisions, by, request_id=request_id)
    lanes = {lane.lane: lane for lane in after.lanes}
    mine = tuple(item.lane for item in decisions if _decided_by_call(lanes[item.lane], item, request_id))
    others = [lanes[item.lane] for item in decisions if item.lane not in mine]
    return Taken(after, mine, tuple(map(told, others)))


def _decided_by_call(lane: campaigns_pb2.Lane, item: campaigns_pb2.HeroDecision, request_id: str) -> bool:
    """A lane that has gone on to another hero since shows no decision any more: it was ours that sent it there."""
    return lane.approval.request_id == request_id or lane.hero.image.digest != item.hero_digest


def told(lane: campaigns_pb2.Lane) -> str:
    """That a lane was decided about before: what, by whom, when and why."""
    return f"{lane.lane} was {words_of(lane.approval)} before; nothing is changed"


def words_of(approval: campaigns_pb2.Approval) -> str:
    """A decision on one line."""
    when = approval.decide_time.ToDatetime().strftime("%Y-%m-%d %H:%M:%S UTC")
    why = f" (“{approval.note}”)" if approval.note else ""
    return f"{WORDS.get(approval.decision, 'decided')} by {approval.decided_by} at {when}{why}"


def record_documents(records: Iterable[campaigns_pb2.DecisionRecord]) -> list[dict[str, object]]:
    """Decisions of the audit trail as JSON objects."""
    return [
        {
            "lane": item.lane,
            "decision": campaigns_pb2.Decision.Name(item.approval.decision).removeprefix("DECISION_").lower(),
            "decided_by": item.approval.decided_by,
            "decide_time": item.approval.decide_time.ToJsonString(),
            "note": item.approval.note,
            "take": item.approval.take,
            "hero_digest": item.approval.hero_digest,
            "plan_digest": item.approval.plan_digest,
            "preflight_key": item.approval.preflight_key,
            "genuine": item.genuine,
        }
        for item in records
    ]
