"""Follows a campaign with progress on the screen."""

from __future__ import annotations

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.cli.campaign_client import ENDED, CampaignClient
from firstframe.cli.live import Progress
from firstframe.cli.output import Output


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
