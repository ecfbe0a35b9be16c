"""What the commands have in common that ask the orchestrator."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

if TYPE_CHECKING:
    from firstframe.cli.campaign_client import CampaignClient
    from firstframe.cli.output import Output
    from firstframe.cli.remote import Stack


Answer = TypeVar("Answer")


def ask(
    command: str, home: Path | None, output: Output, work: Callable[[Stack, CampaignClient], Awaitable[int]]
) -> None:
    """Runs the `work` of a command with a stack and a client of it, and ends the command with its exit code."""
    raise typer.Exit(_run(command, home, output, work))


def ask_for(
    command: str, home: Path | None, output: Output, question: Callable[[Stack, CampaignClient], Awaitable[Answer]]
) -> Answer:
    """What a stack answers; the command goes on with it, unless it is interrupted."""
    answers: list[Answer] = []

    async def work(stack: Stack, client: CampaignClient) -> int:
        answers.append(await question(stack, client))
        return 0

    if code := _run(command, home, output, work):
        raise typer.Exit(code)
    return answers[0]


def has_campaigns(home: Path | None) -> bool:
    """Whether there is anything to ask: an orchestrator elsewhere, or a local stack that was ever used."""
    from firstframe.cli.home import find_home
    from firstframe.cli.settings import load_settings

    return bool(load_settings().orchestrator) or find_home(home).state.is_dir()


def _run(
    command: str, home: Path | None, output: Output, work: Callable[[Stack, CampaignClient], Awaitable[int]]
) -> int:
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

    return run_session(command, session, on_interrupt=lambda: output.say("interrupted"))
