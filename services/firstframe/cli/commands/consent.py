"""`firstframe consent`: who agreed to be moved, for what, and until when."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from firstframe.cli.commands.connecting import ask
from firstframe.cli.commands.options import HomeOption, JsonOption
from firstframe.cli.output import DONE, Output

if TYPE_CHECKING:
    from firstframe.api.campaigns.v1 import consents_pb2
    from firstframe.cli.campaign_client import CampaignClient
    from firstframe.cli.remote import Stack

consent = typer.Typer(help="Consents of the people who are shown: kiss, hug and dance need them.", no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(help="Its name, as briefs have it: anna.", show_default=False)]


@consent.command()
def record(
    name: NameArgument,
    *,
    person: Annotated[str, typer.Option(help="Who agreed.", show_default=False)],
    effect: Annotated[list[str], typer.Option(help="What they agreed to; give it several times.", show_default=False)],
    purpose: Annotated[str, typer.Option(help="What it is for, in words.", show_default=False)],
    until: Annotated[str, typer.Option(help="Last day that it holds, in UTC.", metavar="DATE", show_default=False)],
    evidence: Annotated[
        Path | None,
        typer.Option(help="The signed form; its digest is recorded, the file stays with you.", show_default=False),
    ] = None,
    by: Annotated[str, typer.Option(help="Who records it; you when left out.", show_default=False)] = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Records that a person agreed; say who, what for and until when."""
    from firstframe.api.campaigns.v1 import consents_pb2
    from firstframe.cli.consents import ConsentClient, effects_of, end_of, evidence_of, in_options, others_of

    output = Output(as_json=as_json)
    message = consents_pb2.Consent(
        person=person,
        effects=effects_of(effect),
        purpose=purpose,
        expire_time=end_of(until),
        evidence_sha256=evidence_of(evidence),
        recorded_by=by or getpass.getuser(),
    )

    async def work(_: Stack, client: CampaignClient) -> int:
        register = ConsentClient(client)
        with in_options():
            recorded = await register.record(name, message)
        _tell(recorded, output)
        if others := others_of(recorded, await register.all()):
            output.say(f"{recorded.person} has agreed before, as {', '.join(others)}: one person, whatever the names")
        return DONE

    ask("consent record", home, output, work)


@consent.command("list")
def list_(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Lists all consents, ended ones included, the newest first."""
    from firstframe.cli.consents import ConsentClient, others_of, plain
    from firstframe.cli.tables import tell_consents

    output = Output(as_json=as_json)

    async def work(_: Stack, client: CampaignClient) -> int:
        found = await ConsentClient(client).all()
        if as_json:
            output.document({"consents": [plain(item) | {"same_person": others_of(item, found)} for item in found]})
        else:
            tell_consents(found, output)
        return DONE

    ask("consent list", home, output, work)


@consent.command()
def show(name: NameArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Shows one consent."""
    from firstframe.cli.consents import ConsentClient, in_options

    output = Output(as_json=as_json)

    async def work(_: Stack, client: CampaignClient) -> int:
        with in_options():
            found = await ConsentClient(client).get(name)
        _tell(found, output)
        return DONE

    ask("consent show", home, output, work)


@consent.command()
def revoke(
    name: NameArgument,
    *,
    reason: Annotated[str, typer.Option(help="Why, in words.", show_default=False)] = "",
    by: Annotated[str, typer.Option(help="Who takes it back; you when left out.", show_default=False)] = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Takes a consent back, for good: work that needs it stops, and what was finished is not given out any more."""
    from firstframe.cli.consents import ConsentClient, in_options

    output = Output(as_json=as_json)

    async def work(_: Stack, client: CampaignClient) -> int:
        who = by or getpass.getuser()
        with in_options():
            found = await ConsentClient(client).revoke(name, by=who, reason=reason)
        _tell(found, output)
        return DONE

    ask("consent revoke", home, output, work)


def _tell(found: consents_pb2.Consent, output: Output) -> None:
    from firstframe.cli.consents import effect_words, plain, short_name, standing

    if output.as_json:
        output.document(plain(found))
        return
    output.results.print(f"{short_name(found)}: {found.person}, {effect_words(found)}; {standing(found)}", markup=False)
    output.results.print(f"for: {found.purpose}", markup=False)
    if found.revoke_reason:
        output.results.print(f"taken back: {found.revoke_reason}", markup=False)
