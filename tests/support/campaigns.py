"""Campaigns in memory, without an orchestrator."""

from __future__ import annotations

import sqlalchemy as sa

from firstframe.adapters.clock import SystemClock
from firstframe.orchestrator.decode import decode_brief
from firstframe.orchestrator.live import LiveCampaign, fresh_lanes
from firstframe.orchestrator.planner import plan
from firstframe.orchestrator.tables import CampaignRow, Tables
from support.orchestrator import small_brief


def live_campaign(*, heroes: int = 1, approval: str = "auto") -> LiveCampaign:
    """A campaign that was just created, with as many lanes as heroes."""
    brief = small_brief(heroes=heroes, approval=approval)
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
