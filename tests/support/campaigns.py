"""Campaigns in memory, without an orchestrator."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from firstframe.adapters.clock import SystemClock
from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.orchestrator.decode import decode_brief
from firstframe.orchestrator.live import LiveCampaign, fresh_lanes
from firstframe.orchestrator.planner import plan
from firstframe.orchestrator.tables import CampaignRow, Tables
from support.orchestrator import small_brief


def live_campaign(
    *, heroes: int = 1, approval: str = "auto", change: Callable[[campaigns_pb2.Brief], None] = lambda _: None
) -> LiveCampaign:
    """A campaign that was just created, with as many lanes as heroes; `change` is done to its brief."""
    brief = small_brief(heroes=heroes, approval=approval)
    change(brief)
    made = plan(decode_brief(brief))
    row = CampaignRow(
        name="projects/local/campaigns/test",
        project="projects/local",
        brief=brief.SerializeToString(),
        plan_digest=made.digest,
        run=1,
        cancelled=False,
        create_time=1.0,
        update_time=1.0,
        end_time=None,
    )
    return LiveCampaign(row, made, fresh_lanes(made), Tables(sa.create_engine("sqlite://")), SystemClock())
