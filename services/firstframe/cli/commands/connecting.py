"""What the commands have in common that ask the orchestrator."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from firstframe.cli.campaign_client import CampaignClient
    from firstframe.cli.output import Output
    from firstframe.cli.remote import Stack


def ask(
    command: str, home: Path | None, output: Output, work: Callable[[Stack, CampaignClient], Awaitable[int]]
) -> None:
    """Runs the `work` of a command with a stack and a client of it, and ends the command with its exit code."""
    from firstframe.cli.home import find_home
    from firstframe.cli.session import connected, run_session, while_it_lasts
    from firstframe.cli.settings import load_settings

    settings = load_settings()
    place = find_home(home)
    if not settings.orchestrator:
        place.prepare()

    async def session() -> int:
        async def inner() -> int:
            return await work(stack, client)

        async with connected(place, settings) as (stack, client):
            return await while_it_lasts(stack, inner())

    raise typer.Exit(run_session(command, session, on_interrupt=lambda: output.say("interrupted")))
