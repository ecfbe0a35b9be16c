"""`firstframe status`, `watch`, `approve` and `cancel`: campaigns that exist."""

from __future__ import annotations

import getpass
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from firstframe.cli.commands.options import CampaignArgument, HomeOption, JsonOption
from firstframe.cli.output import DONE, FAILED, Output

if TYPE_CHECKING:
    from firstframe.api.campaigns.v1 import campaigns_pb2
    from firstframe.cli.campaign_client import CampaignClient
    from firstframe.cli.stack import LocalStack

OptionalCampaign = Annotated[
    str | None, typer.Argument(help="Campaign to tell about; all of them when it is left out.", show_default=False)
]


def _session(home: Path | None, output: Output, work: Callable[[LocalStack, CampaignClient], Awaitable[int]]) -> None:
    """Runs `work` with a stack and a client of it, and ends the command with its exit code."""
    from firstframe.cli.home import find_home
    from firstframe.cli.session import connected, run_session, while_it_lasts

    place = find_home(home)
    place.prepare()

    async def session() -> int:
        async def inner() -> int:
            return await work(stack, client)

        async with connected(place) as (stack, client):
            return await while_it_lasts(stack, inner())

    raise typer.Exit(run_session(session, on_interrupt=lambda: output.say("interrupted")))


def status(campaign: OptionalCampaign = None, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Tells where campaigns stand."""
    output = Output(as_json=as_json)

    async def work(_: LocalStack, client: CampaignClient) -> int:
        from firstframe.cli.tables import tell_campaign, tell_campaigns

        if campaign is None:
            tell_campaigns(await client.list_all(), output)
        else:
            tell_campaign(await client.resolve(campaign), output)
        return DONE

    _session(home, output, work)


def watch(campaign: CampaignArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Shows the progress of a campaign until it has ended or waits for approval."""
    output = Output(as_json=as_json)

    async def work(stack: LocalStack, client: CampaignClient) -> int:
        from firstframe.api.campaigns.v1 import campaigns_pb2
        from firstframe.cli.following import follow
        from firstframe.cli.tables import tell_failures, tell_waiting

        found = await client.resolve(campaign)
        if found.state == campaigns_pb2.CAMPAIGN_STATE_RUNNING:
            stack.start_stages()
        found = await follow(client, found, output)
        if not as_json:
            tell_failures(found, output)
            tell_waiting(found, output)
        return FAILED if found.state == campaigns_pb2.CAMPAIGN_STATE_FAILED else DONE

    _session(home, output, work)


def cancel(campaign: CampaignArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Stops a campaign. Finished work is kept; running its brief again goes on with it."""
    output = Output(as_json=as_json)

    async def work(_: LocalStack, client: CampaignClient) -> int:
        from firstframe.cli.tables import tell_campaign

        found = await client.resolve(campaign)
        tell_campaign(await client.cancel(found.name), output)
        return DONE

    _session(home, output, work)


def approve(
    campaign: CampaignArgument,
    *,
    lane: Annotated[
        list[str] | None, typer.Option(help="Lane to decide about; all that wait when left out.", show_default=False)
    ] = None,
    reject: Annotated[bool, typer.Option("--reject", help="Say no instead of yes.")] = False,
    note: Annotated[str, typer.Option(help="Why, in your words.", show_default=False)] = "",
    by: Annotated[str, typer.Option(help="Who decides; you when left out.", show_default=False)] = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Says yes, or no, to heroes that wait for it."""
    output = Output(as_json=as_json)

    async def work(stack: LocalStack, client: CampaignClient) -> int:
        from firstframe.cli.tables import tell_campaign, tell_heroes

        found = await client.resolve(campaign)
        waiting = _waiting(found, lane)
        if not as_json:
            tell_heroes(waiting, output)
        decided = await client.decide(found.name, _decisions(waiting, reject, note), by or getpass.getuser())
        if as_json:
            tell_campaign(decided, output)
        else:
            _tell_decided(len(waiting), reject, stack.is_owner, output)
        return DONE

    _session(home, output, work)


def _waiting(campaign: campaigns_pb2.Campaign, chosen: list[str] | None) -> list[campaigns_pb2.Lane]:
    """The lanes to decide about.

    Raises:
        NotFound: There is no such lane.
        PreconditionFailed: None waits.
    """
    from firstframe.api.campaigns.v1 import campaigns_pb2
    from firstframe.cli.problems import did_you_mean
    from firstframe.core.errors import NotFound, PreconditionFailed

    names = [lane.lane for lane in campaign.lanes]
    for name in chosen or ():
        if name not in names:
            raise NotFound(f"there is no lane {name}; {did_you_mean(name, names)}", reason="LANE_NOT_FOUND")
    if chosen:
        return [lane for lane in campaign.lanes if lane.lane in chosen]
    waiting = [lane for lane in campaign.lanes if lane.state == campaigns_pb2.LANE_STATE_AWAITING_APPROVAL]
    if not waiting:
        raise PreconditionFailed("no hero waits for approval", reason="NOT_AWAITING_APPROVAL")
    return waiting


def _decisions(lanes: list[campaigns_pb2.Lane], reject: bool, note: str) -> list[campaigns_pb2.HeroDecision]:
    from firstframe.api.campaigns.v1 import campaigns_pb2

    decision = campaigns_pb2.DECISION_REJECTED if reject else campaigns_pb2.DECISION_APPROVED
    return [
        campaigns_pb2.HeroDecision(lane=lane.lane, hero_digest=lane.hero.image.digest, decision=decision, note=note)
        for lane in lanes
    ]


def _tell_decided(count: int, reject: bool, is_owner: bool, output: Output) -> None:
    words = f"{'rejected' if reject else 'approved'} {count} hero{'' if count == 1 else 'es'}"
    goes_on = "run the brief again to go on" if is_owner else "the campaign goes on"
    output.results.print(f"{words}; {goes_on}")
