"""`firstframe stills`: drafts of a template side by side, without two that look alike."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from firstframe.cli.commands.options import BriefArgument, HomeOption, JsonOption
from firstframe.cli.commands.run import OutOption
from firstframe.cli.output import Output

if TYPE_CHECKING:
    from firstframe.api.campaigns.v1 import campaigns_pb2
    from firstframe.cli.briefs import LoadedBrief
    from firstframe.cli.campaign_client import CampaignClient
    from firstframe.cli.home import Home
    from firstframe.cli.remote import Stack
    from firstframe.cli.settings import CliSettings
    from firstframe.cli.stills import Looked
    from firstframe.imaging.likeness import Likeness
    from firstframe.ports.blobstore import BlobStore
    from firstframe.templates.lookalikes import Lookalike


def stills(brief: BriefArgument, out: OutOption, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Makes draft stills of a brief's template, replaces those that look alike, and leaves a sheet of all.

    What was replaced is written beside the brief, where `plan` and `run` read it. Nothing is moved.
    Ends with 0 when no two look alike, 1 when some still do or could not be made, 2 when the input will not do.
    Interrupted, it cancels the drafts that are not made yet; run again, it goes on with those that are.
    """
    from firstframe.cli.briefs import load_brief
    from firstframe.cli.library import check_writable, chosen_folder
    from firstframe.cli.session import run_command
    from firstframe.cli.stills import check_template

    output = Output(as_json=as_json)
    folder = chosen_folder(out)
    check_template(load_brief(brief, picks={}))
    check_writable(folder)

    def work(place: Home, settings: CliSettings) -> Coroutine[Any, Any, int]:
        return _stills(brief, folder, place, settings, output)

    raise typer.Exit(run_command("stills", work, output, home=home, kept="what is made is kept"))


async def _stills(brief: Path, out: Path, home: Home, settings: CliSettings, output: Output) -> int:
    from firstframe.cli.picks import picks_file, write_picks
    from firstframe.cli.session import connected
    from firstframe.cli.stills import look

    store = settings.open_store(home)
    async with connected(home, settings) as (stack, client):

        async def make(loaded: LoadedBrief) -> campaigns_pb2.Campaign:
            return await _drafts(loaded, stack, client, store, output)

        looked = await look(brief, make, store, lambda item: _tell(item, output))
    write_picks(picks_file(brief), looked.picks.values())
    await asyncio.to_thread(_write, looked, out)
    return _finish(looked, out, output)


async def _drafts(
    loaded: LoadedBrief, stack: Stack, client: CampaignClient, store: BlobStore, output: Output
) -> campaigns_pb2.Campaign:
    """The campaign of the drafts, once all are made or have failed; it is ended then, and when it is interrupted."""
    from firstframe.cli.commands.run import keep_photographs
    from firstframe.cli.draft_campaign import draft_campaign
    from firstframe.cli.following import follow
    from firstframe.cli.session import while_it_lasts
    from firstframe.cli.stills import stills_brief

    await asyncio.to_thread(keep_photographs, loaded, store)
    async with draft_campaign(stills_brief(loaded), stack, client, output) as campaign:
        stack.start_stages()
        return await while_it_lasts(stack, follow(client, campaign, output))


def _tell(item: Lookalike[Likeness], output: Output) -> None:
    swap = item.swap
    now = ", ".join(swap.now) if swap else ""
    measure = f"{item.measure.hash_bits} of 64 bits, ΔE {item.measure.colour:.1f}"
    output.event(
        {
            "event": "replaced",
            "take": item.take.name,
            "like": item.like,
            "hash_bits": item.measure.hash_bits,
            "colour": round(item.measure.colour, 1),
            "by": swap.place if swap else 0,
            "now": list(swap.now) if swap else [],
        }
    )
    output.say(f"{item.take.name} looks like {item.like} ({measure}); made anew as {now}")


def _write(looked: Looked, out: Path) -> None:
    from firstframe.cli.stills import captions
    from firstframe.cli.variations_sheet import draw_variations

    folder = out / "stills"
    folder.mkdir(parents=True, exist_ok=True)
    for name in looked.pictures:
        (folder / f"{name}.png").write_bytes(looked.pictures.file(name))
    title = looked.loaded.message.campaign
    pages = draw_variations(title, _heading(looked), captions(looked), looked.pictures)
    for number, page in enumerate(pages, start=1):
        page.save(out / ("variations.png" if number == 1 else f"variations-{number}.png"))


def _heading(looked: Looked) -> str:
    from firstframe.cli.problems import counted

    parts = (counted(len(looked.pictures), "still"), looked.loaded.message.formats[0], "draft")
    return " · ".join((*parts, f"{len(looked.picks)} replaced"))


def _finish(looked: Looked, out: Path, output: Output) -> int:
    from firstframe.cli.output import DONE, FAILED
    from firstframe.cli.tables import tell_failures

    missing = len(looked.loaded.expansion.takes) - len(looked.pictures)
    code = FAILED if missing or looked.left else DONE
    tell_failures(looked.campaign, output)
    output.event(
        {
            "event": "stills",
            "stills": len(looked.pictures),
            "missing": missing,
            "replaced": len(looked.picks),
            "alike": [item.take.name for item in looked.left],
            "rounds": looked.rounds,
            "exit_code": code,
        }
    )
    if not output.as_json:
        for item in looked.left:
            output.say(f"{item.take.name} still looks like {item.like}; give `vary` more values, or lower the count")
        output.results.print(f"{len(looked.pictures)} stills in {out}; the sheet is {out / 'variations.png'}")
    return code
