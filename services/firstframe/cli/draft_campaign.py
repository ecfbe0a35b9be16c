"""A campaign of drafts, which lasts as long as the command that looks at them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.cli.campaign_client import ENDED, CampaignClient
from firstframe.cli.following import until_ended
from firstframe.cli.output import Output
from firstframe.cli.progress import campaign_id, campaign_word
from firstframe.cli.remote import Stack
from firstframe.cli.session import while_it_lasts
from firstframe.core.errors import FirstframeError

CANCEL_S = 10.0
"""How long is waited until cancelled drafts have ended."""


@asynccontextmanager
async def draft_campaign(
    brief: campaigns_pb2.Brief, stack: Stack, client: CampaignClient, output: Output
) -> AsyncIterator[campaigns_pb2.Campaign]:
    """The campaign of a brief for the length of a block; it is cancelled after it, also when the block is broken off.

    Args:
        brief: Of drafts that nobody approves.
        stack: Where it is made.
        client: Of the stack.
        output: Is told when the block was broken off.
    """
    # A task of its own: a call that is broken off may have made the campaign all the same.
    creating = asyncio.ensure_future(client.create(brief))
    try:
        campaign = await while_it_lasts(stack, _shielded(creating))
        yield campaign
    except BaseException:
        await _give_up(creating, client, output)
        raise
    await while_it_lasts(stack, _cancelled(campaign.name, client))


async def _shielded(creating: asyncio.Future[campaigns_pb2.Campaign]) -> campaigns_pb2.Campaign:
    return await asyncio.shield(creating)


async def _cancelled(name: str, client: CampaignClient) -> campaigns_pb2.Campaign:
    """The campaign once it is cancelled; its lanes need a moment to end, and a local orchestrator may be stopped next."""
    return await until_ended(client, await client.cancel(name), seconds=CANCEL_S)


async def _give_up(creating: asyncio.Future[campaigns_pb2.Campaign], client: CampaignClient, output: Output) -> None:
    """Cancels the campaign if there is one. What becomes of it is said; nothing is raised over the reason for it."""
    name = ""
    try:
        async with asyncio.timeout(2 * CANCEL_S):
            name = (await creating).name
            _tell_cancelled(await _cancelled(name, client), output)
    except (FirstframeError, TimeoutError):
        if name:
            word = name.rpartition("/")[2]
            output.say(f"the drafts could not be cancelled and may go on; `firstframe cancel {word}` stops them")


def _tell_cancelled(campaign: campaigns_pb2.Campaign, output: Output) -> None:
    word = campaign_word(campaign.state)
    output.event({"event": "campaign", "name": campaign.name, "state": word})
    left = "" if campaign.state in ENDED else "; `firstframe watch` shows their end"
    output.say(f"the drafts are cancelled ({campaign_id(campaign)}){left}")
