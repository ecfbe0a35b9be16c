"""`firstframe review`: looks at the heroes that wait, one after the other, and decides."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from firstframe.cli.commands.connecting import ask
from firstframe.cli.commands.options import CampaignArgument, HomeOption, JsonOption
from firstframe.cli.output import DONE, Output

if TYPE_CHECKING:
    from firstframe.api.campaigns.v1 import campaigns_pb2
    from firstframe.cli.campaign_client import CampaignClient
    from firstframe.cli.remote import Stack
    from firstframe.cli.reviewing import Desk


def review(
    campaign: CampaignArgument,
    *,
    approve: Annotated[
        list[str] | None, typer.Option(metavar="LANE", help="Say yes to its hero; may be repeated.", show_default=False)
    ] = None,
    reject: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LANE", help="Say no to its hero, which needs --note; may be repeated.", show_default=False
        ),
    ] = None,
    variation: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LANE",
            help="Ask for another still of it, staged another way; may be repeated.",
            show_default=False,
        ),
    ] = None,
    note: Annotated[
        str,
        typer.Option(help="Why, in your words; for people alone, it changes no picture.", show_default=False),
    ] = "",
    by: Annotated[str, typer.Option(help="Who decides; you when left out.", show_default=False)] = "",
    history: Annotated[
        bool, typer.Option("--history", help="Show who decided what and when, and nothing else.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Folder for stills, overlays, contact sheet and gallery.", show_default=False)
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Shows each hero that waits with what the checks found; a key approves, rejects or asks for another still.

    Without a terminal, or with --json, it shows what waits; --approve, --reject and --variation decide, all of it or nothing.
    """
    from firstframe.cli.reviewing import wanted_decisions

    output = Output(as_json=as_json)
    wanted = wanted_decisions(approve or (), reject or (), variation or (), note)

    async def work(stack: Stack, client: CampaignClient) -> int:
        found = await client.resolve(campaign)
        if history:
            await _tell_history(client, found, output)
            return DONE
        desk = _desk(client, stack, found, home, out, by, output)
        if wanted:
            return await desk.decide(wanted, note)
        return await desk.look()

    ask("review", home, output, work)


def _desk(
    client: CampaignClient,
    stack: Stack,
    campaign: campaigns_pb2.Campaign,
    home: Path | None,
    out: Path | None,
    by: str,
    output: Output,
) -> Desk:
    from firstframe.cli.home import find_home
    from firstframe.cli.progress import campaign_id
    from firstframe.cli.reviewing import Desk
    from firstframe.cli.settings import load_settings

    place = find_home(home)
    folder = out or place.folder / "review" / campaign_id(campaign)
    return Desk(client, stack, campaign, load_settings().open_store(place), folder, by or getpass.getuser(), output)


async def _tell_history(client: CampaignClient, campaign: campaigns_pb2.Campaign, output: Output) -> None:
    from firstframe.cli.deciding import record_documents
    from firstframe.cli.review_screen import history_table

    records = await client.decisions(campaign.name)
    if output.as_json:
        output.document({"campaign": campaign.name, "decisions": record_documents(reversed(records))})
    else:
        output.results.print(history_table(records))
