"""Runs lanes: finds a lane's campaign, follows the lane to its end and sees that every error becomes its state.

Durable by DBOS (`durable`): a lane that was cut off is run again from the start, and what was done is remembered.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from firstframe.core.errors import FirstframeError, Internal
from firstframe.orchestrator.gates import Gates
from firstframe.orchestrator.lane_run import LaneRun
from firstframe.orchestrator.lane_steps import Steps
from firstframe.orchestrator.live import LiveCampaign
from firstframe.orchestrator.lost_lanes import LaneName
from firstframe.orchestrator.origin import Origin, traced

_LOG = structlog.get_logger(__name__)


class LaneFlow:
    """Runs lanes.

    Args:
        campaign: Finds a campaign that is open.
        gates: What lanes go through.
    """

    def __init__(self, campaign: Callable[[str], Awaitable[LiveCampaign]], gates: Gates) -> None:
        self._campaign = campaign
        self._gates = gates
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
                await self._finish(LaneRun(self._gates, steps, live, plan), campaign, lane)
        finally:
            self.running.discard((campaign, lane, number))
            self._gates.metrics.lane_ended(live)

    async def _finish(self, run: LaneRun, campaign: str, lane: str) -> None:
        try:
            await run.to_the_end()
        except FirstframeError as error:
            await run.fail(error)
        except Exception:
            _LOG.exception("lane ended in an unexpected error", campaign=campaign, lane=lane)
            await run.fail(
                Internal("a fault of the orchestrator; its log has the details, running the brief again goes on")
            )
