"""Lanes that are open and run nowhere.

DBOS takes a workflow from its queue in one transaction and begins it afterwards. When the database goes away between the
two, as when it is killed while the orchestrator starts, the workflow is neither waiting nor running until the next start.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable

import structlog

from firstframe.orchestrator.campaign_metrics import lane_resumed

_LOG = structlog.get_logger(__name__)
_PAUSE_S = 10.0

LaneName = tuple[str, str, int]
"""Campaign, lane and run."""


class LostLanes:
    """Looks now and then, and has those resumed that were lost at two looks in a row.

    Args:
        open_lanes: Lanes that have not ended.
        running: Lanes whose workflow is going on in this process.
        resume: Makes a lane's workflow run again.
    """

    def __init__(
        self,
        open_lanes: Callable[[], Iterable[LaneName]],
        running: Callable[[], Collection[LaneName]],
        resume: Callable[[str, str, int], Awaitable[None]],
    ) -> None:
        self._open_lanes = open_lanes
        self._running = running
        self._resume = resume
        self._missed: set[LaneName] = set()

    async def watch(self) -> None:
        """Looks until cancelled."""
        while True:
            await asyncio.sleep(_PAUSE_S)
            await self.look()

    async def look(self) -> None:
        """Looks once. A lane that begins at this moment is missed once, and not resumed."""
        running = self._running()
        missed = {lane for lane in self._open_lanes() if lane not in running}
        for lane in sorted(missed & self._missed):
            await self._take_up(lane)
        self._missed = missed - self._missed

    async def _take_up(self, lane: LaneName) -> None:
        campaign, name, run = lane
        try:
            await self._resume(campaign, name, run)
        except Exception as error:
            _LOG.warning("a lost lane could not be resumed", campaign=campaign, lane=name, problem=str(error))
        else:
            lane_resumed()
            _LOG.warning("a lane was lost and goes on", campaign=campaign, lane=name, run=run)
