"""Stage calls of lanes: made through the dispatcher, and ended when a campaign is cancelled or a consent is taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from google.protobuf.message import Message

from firstframe.core.errors import Cancelled, PermissionDenied
from firstframe.orchestrator.consent_gate import ConsentGate
from firstframe.orchestrator.dispatcher import Dispatcher
from firstframe.orchestrator.live import LiveCampaign
from firstframe.orchestrator.work import WorkProgress


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One call of a stage."""

    stage: str
    step: str
    """Calls of one campaign with the same step are one."""
    request: Message


class StageCalls:
    """The stage calls of all lanes.

    Args:
        dispatcher: Gives work to the stages.
        consents: Knows who agreed to be moved.
        ended: Told the campaign of each call that came to a result.
    """

    def __init__(
        self, dispatcher: Dispatcher[Message, Message], consents: ConsentGate, ended: Callable[[LiveCampaign], None]
    ) -> None:
        self._dispatcher = dispatcher
        self._consents = consents
        self._ended = ended
        self._running: dict[str, dict[asyncio.Task[Message], str]] = {}
        """Calls of a campaign, each with its lane."""

    def cancel(self, campaign: str) -> None:
        """Cancels the calls of a campaign that are running or waiting."""
        for call in tuple(self._running.get(campaign, ())):
            call.cancel()

    def stop_lanes(self, campaign: str, lanes: Sequence[str]) -> None:
        """Cancels the calls of some lanes, which then ask again whether everybody agrees."""
        for call, lane in tuple(self._running.get(campaign, {}).items()):
            if lane in lanes:
                call.cancel()

    async def make(self, live: LiveCampaign, lane: str, call: Call, tell: Callable[[WorkProgress], None]) -> Message:
        """One call for a lane, with the grants that it needs; again where they expired while it waited for a slot.

        Raises:
            Cancelled: The campaign was cancelled.
            PreconditionFailed: `NO_CONSENT` or `NO_CONSENT_KEY`.
        """
        if live.row.cancelled:
            raise Cancelled("the campaign was cancelled")
        # A task from the question on: who cancels or takes a consent back meanwhile finds it and stops it.
        task = asyncio.create_task(self._granted(live, lane, call, tell))
        running = self._running.setdefault(live.row.name, {})
        running[task] = lane
        try:
            result = await task
            self._ended(live)
            return result
        except asyncio.CancelledError:
            if live.row.cancelled:
                raise Cancelled("the campaign was cancelled") from None
            await self._consents.require(live, lane)
            raise
        finally:
            running.pop(task, None)
            if not running:
                self._running.pop(live.row.name, None)

    async def _granted(
        self, live: LiveCampaign, lane: str, call: Call, tell: Callable[[WorkProgress], None]
    ) -> Message:
        key, project = f"{live.row.name}/{call.step}", live.row.project
        while True:
            request = await self._consents.granted(live, lane, call.request)
            try:
                return await self._dispatcher.run(call.stage, key, request, project=project, on_progress=tell)
            except PermissionDenied:
                if not self._consents.is_stale(request):
                    raise
