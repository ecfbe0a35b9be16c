"""`firstframe run`: from a brief to a library."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from firstframe.cli.commands.options import BriefArgument, HomeOption, JsonOption
from firstframe.cli.output import Output

if TYPE_CHECKING:
    from firstframe.api.campaigns.v1 import campaigns_pb2
    from firstframe.cli.briefs import LoadedBrief
    from firstframe.cli.campaign_client import CampaignClient
    from firstframe.cli.home import Home
    from firstframe.cli.library import Export
    from firstframe.cli.remote import Stack
    from firstframe.cli.settings import CliSettings
    from firstframe.ports.blobstore import BlobStore

# Text, because Typer takes an empty one for the working directory when it makes a path of it.
OutOption = Annotated[str, typer.Option(help="Folder of the library.", metavar="DIR", show_default=False)]


def run(brief: BriefArgument, out: OutOption, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Makes the videos of a brief and leaves them in a library.

    Ends with 0 when all is done, 1 when lanes failed, 2 when the input will not do, 3 when heroes wait for approval.
    Run again, it goes on where it was.
    """
    from firstframe.cli.briefs import load_brief
    from firstframe.cli.library import check_folder, chosen_folder
    from firstframe.cli.session import run_command

    output = Output(as_json=as_json)
    folder = chosen_folder(out)
    loaded = load_brief(brief)
    check_folder(folder, loaded.message.campaign)

    def work(place: Home, settings: CliSettings) -> Coroutine[Any, Any, int]:
        return _run(loaded, folder, place, settings, output)

    raise typer.Exit(run_command("run", work, output, home=home, kept="nothing finished is lost"))


async def _run(loaded: LoadedBrief, out: Path, home: Home, settings: CliSettings, output: Output) -> int:
    from firstframe.cli.library import export
    from firstframe.cli.session import connected

    store = settings.open_store(home)
    await asyncio.to_thread(keep_photographs, loaded, store)
    async with connected(home, settings) as (stack, client):
        campaign = await _carry_out(loaded, stack, client, output)
    made = await asyncio.to_thread(export, campaign, store, out)
    return _finish(campaign, made, stack.logs, output)


def keep_photographs(loaded: LoadedBrief, store: BlobStore) -> None:
    """Puts the photographs of a brief into the store."""
    for photograph in loaded.photographs:
        store.put_file(photograph.path, photograph.reference.media_type)


async def _carry_out(
    loaded: LoadedBrief, stack: Stack, client: CampaignClient, output: Output
) -> campaigns_pb2.Campaign:
    """The campaign once nothing can go on by itself. Stages are started only when there is work for them."""
    from firstframe.api.campaigns.v1 import campaigns_pb2
    from firstframe.cli.following import follow
    from firstframe.cli.session import while_it_lasts

    campaign = await while_it_lasts(stack, client.create(loaded.message))
    output.event({"event": "created", "name": campaign.name})
    if campaign.state != campaigns_pb2.CAMPAIGN_STATE_RUNNING:
        return campaign
    stack.start_stages()
    return await while_it_lasts(stack, follow(client, campaign, output))


def _finish(campaign: campaigns_pb2.Campaign, made: Export, logs: Path | None, output: Output) -> int:
    from firstframe.cli.findings import tell_warnings
    from firstframe.cli.following import rest_code, tell_rest

    code = rest_code(campaign)
    tell_rest(campaign, logs, output)
    if not output.as_json:
        _tell(made, output)
    tell_warnings(campaign.lanes, output)
    output.event({**made.json(), "campaign": campaign.name, "exit_code": code})
    return code


def _tell(made: Export, output: Output) -> None:
    from firstframe.cli.problems import counted

    videos, written = counted(made.videos, "video"), counted(len(made.written), "file")
    output.results.print(f"{videos} in {made.folder} ({written} written, {len(made.kept)} kept)")
    output.results.print(f"gallery: {made.folder / 'index.html'}")
    for path in made.stale:
        output.say(f"no longer part of the campaign: {made.folder / path}")
