"""Follows a campaign, with progress on the screen, to where it rests."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.cli.campaign_client import ENDED, CampaignClient
from firstframe.cli.faults import tell_faults
from firstframe.cli.live import Progress
from firstframe.cli.output import AWAITING_APPROVAL, DONE, FAILED, Output
from firstframe.cli.rejections import tell_rejected
from firstframe.cli.tables import tell_failures, tell_waiting

_CODES = {
    campaigns_pb2.CAMPAIGN_STATE_SUCCEEDED: DONE,
    campaigns_pb2.CAMPAIGN_STATE_AWAITING_APPROVAL: AWAITING_APPROVAL,
}


def rest_code(campaign: campaigns_pb2.Campaign) -> int:
    """The exit code for where a campaign rests."""
    return _CODES.get(campaign.state, FAILED)


async def follow(client: CampaignClient, campaign: campaigns_pb2.Campaign, output: Output) -> campaigns_pb2.Campaign:
    """The campaign once it has ended or nothing can go on before a person decides."""
    with Progress(campaign.brief.campaign, output) as progress:
        async for state in client.watch(campaign.name):
            campaign = state
            progress.update(state)
            if _rests(state):
                break
    return campaign


def _rests(campaign: campaigns_pb2.Campaign) -> bool:
    return campaign.state in ENDED or campaign.state == campaigns_pb2.CAMPAIGN_STATE_AWAITING_APPROVAL


def tell_rest(campaign: campaigns_pb2.Campaign, logs: Path | None, output: Output) -> None:
    """Tells what failed, where its log is, and what waits for a person."""
    tell_failures(campaign, output)
    tell_faults(campaign, logs, output)
    tell_rejected(campaign, output)
    if not output.as_json:
        tell_waiting(campaign, output)


async def until_ended(
    client: CampaignClient, campaign: campaigns_pb2.Campaign, *, seconds: float
) -> campaigns_pb2.Campaign:
    """The campaign once it has ended, or as it is after `seconds`."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            async for state in client.watch(campaign.name):
                campaign = state
    return campaign
