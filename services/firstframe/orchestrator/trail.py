"""The audit trail of decisions: what holds is what stands here under a good seal, whatever a lane says of itself."""

from __future__ import annotations

from dataclasses import dataclass

from google.protobuf.message import DecodeError

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.orchestrator.live import LiveCampaign
from firstframe.orchestrator.patience import insist, once
from firstframe.orchestrator.seals import Seal
from firstframe.orchestrator.tables import DecisionRow, RequestRow, Tables

Decided = list[tuple[campaigns_pb2.Lane, campaigns_pb2.Approval]]
"""Lanes with what was decided about them."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A decision as it was read."""

    lane: str
    approval: campaigns_pb2.Approval
    genuine: bool
    """Whether its seal is good."""
    id: int


class Trail:
    """Writes and reads decisions.

    Args:
        tables: Where they are.
        seal: Seals them.
    """

    def __init__(self, tables: Tables, seal: Seal) -> None:
        self._tables = tables
        self._seal = seal

    def adopt(self) -> None:
        """Seals what an orchestrator wrote that knew no seals: once, when the tables are brought up to date. Blocks."""
        self._tables.adopt_seals(self._seal.of)

    async def write(self, live: LiveCampaign, decided: Decided, request: RequestRow | None, *, patient: bool) -> None:
        """Writes decisions, and the lanes that they change, durably: all of them, or none.

        Args:
            live: The campaign.
            decided: The decisions.
            request: The call that decided.
            patient: Whether to wait for a database that is away, instead of saying so.
        """
        lanes = [(lane.lane, _after(lane, approval).SerializeToString()) for lane, approval in decided]
        rows = [self._row(live.row.name, lane.lane, approval) for lane, approval in decided]
        call = insist if patient else once
        await call(self._tables.decide, live.row.name, live.row.run, lanes, rows, request)

    def _row(self, campaign: str, lane: str, approval: campaigns_pb2.Approval) -> DecisionRow:
        body = approval.SerializeToString(deterministic=True)
        return DecisionRow(campaign, lane, body, self._seal.of(campaign, lane, body))

    async def of_lane(self, campaign: str, lane: str) -> list[campaigns_pb2.Approval]:
        """Genuine decisions about a lane's heroes, the oldest first; waits for a database that is away."""
        rows = await insist(self._tables.lane_decisions, campaign, lane)
        return [item.approval for item in map(self._read, rows) if item.genuine]

    async def page(self, campaign: str, *, before_id: int | None, size: int) -> list[Recorded]:
        """Decisions about a campaign, the newest first, forged ones marked."""
        rows = await once(self._tables.decisions_page, campaign, before_id=before_id, size=size)
        return [self._read(row) for row in rows]

    def _read(self, row: DecisionRow) -> Recorded:
        genuine = self._seal.holds(row.seal, row.campaign, row.lane, row.approval)
        return Recorded(row.lane, _approval(row.approval), genuine, row.id)


def _approval(data: bytes) -> campaigns_pb2.Approval:
    """What the bytes say; nothing when they are no decision at all."""
    try:
        return campaigns_pb2.Approval.FromString(data)
    except DecodeError:
        return campaigns_pb2.Approval()


def _after(lane: campaigns_pb2.Lane, approval: campaigns_pb2.Approval) -> campaigns_pb2.Lane:
    """The lane as it is once that is decided."""
    after = campaigns_pb2.Lane()
    after.CopyFrom(lane)
    after.approval.CopyFrom(approval)
    after.state = campaigns_pb2.LANE_STATE_PENDING
    return after
