"""What lanes do beyond themselves, each behind its gate: calls of stages, the decision about a hero, publishing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from google.protobuf.message import Message

from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.orchestrator.approvals import Approvals
from firstframe.orchestrator.calls import Call, StageCalls
from firstframe.orchestrator.campaign_metrics import CampaignMetrics
from firstframe.orchestrator.consent_gate import ConsentGate
from firstframe.orchestrator.dispatcher import Dispatcher
from firstframe.orchestrator.fleet import Fleet
from firstframe.orchestrator.live import LiveCampaign
from firstframe.orchestrator.manifest import Publisher, Record, Subject
from firstframe.orchestrator.plan import ClipSpec, LanePlan
from firstframe.orchestrator.work import WorkProgress
from firstframe.ports.spans import spanned


class Gates:
    """The gates of all lanes.

    Args:
        dispatcher: Gives work to the stages.
        approvals: Says yes or no to heroes.
        consents: Knows who agreed to be moved.
        publisher: Writes manifests.
        fleet: Knows which engines there are.
    """

    def __init__(
        self,
        dispatcher: Dispatcher[Message, Message],
        approvals: Approvals,
        consents: ConsentGate,
        publisher: Publisher,
        fleet: Fleet,
    ) -> None:
        self._approvals = approvals
        self._consents = consents
        self._publisher = publisher
        self._fleet = fleet
        self.metrics = CampaignMetrics(dispatcher.slots)
        """What is counted of campaigns."""
        self.calls = StageCalls(dispatcher, consents, self.metrics.look)
        """What lanes ask of the stages."""

    async def call(self, live: LiveCampaign, lane: str, work: Call, tell: Callable[[WorkProgress], None]) -> Message:
        """One stage call through the dispatcher, which a cancelled campaign ends; motion only of an approved hero.

        Raises:
            PreconditionFailed: `NOT_APPROVED` or `NO_CONSENT`.
        """
        if isinstance(work.request, animation_pb2.AnimateClipRequest):
            await self._approvals.require(live, lane, work.request.hero.image.digest)
        return await self.calls.make(live, lane, work, tell)

    async def ready_for(self, live: LiveCampaign, clip: ClipSpec) -> None:
        """Makes sure that somebody can move a lane's hero, before it is made; a cancelled campaign waits for nobody.

        Raises:
            PreconditionFailed: `ENGINE_MISSING`.
        """
        asking = asyncio.create_task(self._fleet.require_soon(clip))
        cancelled = asyncio.create_task(live.until(lambda: live.row.cancelled))
        try:
            await asyncio.wait((asking, cancelled), return_when=asyncio.FIRST_COMPLETED)
            if asking.done():
                asking.result()
        finally:
            asking.cancel()
            cancelled.cancel()

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
