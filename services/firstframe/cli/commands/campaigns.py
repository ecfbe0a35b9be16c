"""`firstframe status`, `watch` and `cancel`: campaigns that exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from firstframe.cli.commands.connecting import ask
from firstframe.cli.commands.options import CampaignArgument, HomeOption, JsonOption
from firstframe.cli.output import DONE, Output

if TYPE_CHECKING:
    from firstframe.api.campaigns.v1 import campaigns_pb2
    from firstframe.cli.campaign_client import CampaignClient
    from firstframe.cli.remote import Stack

CANCEL_S = 20.0
"""How long `cancel` waits for running work to stop."""

OptionalCampaign = Annotated[
    str | None, typer.Argument(help="Campaign to tell about; all of them when it is left out.", show_default=False)
]


def status(campaign: OptionalCampaign = None, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Tells where campaigns stand."""
    output = Output(as_json=as_json)

    async def work(stack: Stack, client: CampaignClient) -> int:
        from firstframe.cli.faults import tell_faults
        from firstframe.cli.tables import tell_campaign, tell_campaigns

        if campaign is None:
            tell_campaigns(await client.list_all(), output)
            return DONE
        found = await client.resolve(campaign)
        tell_campaign(found, output)
        if not as_json:
            tell_faults(found, stack.logs, output)
        return DONE

    ask("status", home, output, work)


def watch(campaign: CampaignArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Shows the progress of a campaign until it has ended or waits for approval; ends with the exit codes of `run`."""
    output = Output(as_json=as_json)

    async def work(stack: Stack, client: CampaignClient) -> int:
        from firstframe.api.campaigns.v1 import campaigns_pb2
        from firstframe.cli.findings import tell_warnings
        from firstframe.cli.following import follow, rest_code, tell_rest

        found = await client.resolve(campaign)
        if found.state == campaigns_pb2.CAMPAIGN_STATE_RUNNING:
            stack.start_stages()
        found = await follow(client, found, output)
        tell_rest(found, stack.logs, output)
        tell_warnings(found.lanes, output)
        return rest_code(found)

    ask("watch", home, output, work)


def cancel(campaign: CampaignArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Stops a campaign. Finished work is kept; running its brief again goes on with it."""
    output = Output(as_json=as_json)

    async def work(_: Stack, client: CampaignClient) -> int:
        from firstframe.cli.tables import tell_campaign

        tell_campaign(await _cancel(await client.resolve(campaign), client, output), output)
        return DONE

    ask("cancel", home, output, work)


async def _cancel(found: campaigns_pb2.Campaign, client: CampaignClient, output: Output) -> campaigns_pb2.Campaign:
    """The campaign once it is cancelled, as far as that takes no longer than CANCEL_S."""
    from firstframe.cli.campaign_client import ENDED
    from firstframe.cli.following import until_ended
    from firstframe.cli.progress import campaign_id, campaign_word

    if found.state in ENDED:
        output.say(f"it had ended before: {campaign_word(found.state)}; nothing is cancelled")
        return found
    output.say("cancelling…: work that runs is stopped, what is finished is kept")
    after = await until_ended(client, await client.cancel(found.name), seconds=CANCEL_S)
    if after.state not in ENDED:
        output.say(f"it is still being cancelled; `firstframe watch {campaign_id(after)}` shows its end")
    return after
