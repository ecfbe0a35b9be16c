"""What callers see of campaigns that needed consent: nothing that was made, once a consent does not hold any more."""

from __future__ import annotations

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.core.errors import PreconditionFailed
from firstframe.orchestrator.brief import Brief
from firstframe.orchestrator.consents import Consents, Need
from firstframe.orchestrator.live import LiveCampaign


async def require_all(consents: Consents, project: str, brief: Brief) -> None:
    """Asks for the consent of everybody whom a brief shows, before anything is spent.

    Raises:
        PreconditionFailed: `NO_CONSENT`.
    """
    effect = brief.motion.motion.effect
    if effect is not None and effect.kind.needs_consent:
        for hero in brief.heroes:
            await consents.require(project, Need(effect.kind, hero.people))


async def given_out(consents: Consents, live: LiveCampaign, message: campaigns_pb2.Campaign) -> campaigns_pb2.Campaign:
    """The snapshot of a campaign without what needed a consent that does not hold any more."""
    for lane in message.lanes:
        if lane.deliverables and (need := live.need(lane.lane)):
            await _withhold(consents, lane, live.row.project, need)
    return message


async def _withhold(consents: Consents, lane: campaigns_pb2.Lane, project: str, need: Need) -> None:
    try:
        await consents.require(project, need)
    except PreconditionFailed as error:
        del lane.deliverables[:]
        lane.error.reason, lane.error.message = error.reason, error.message
