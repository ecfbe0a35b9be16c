"""Runs a command's coroutine: Ctrl-C ends it in order."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from firstframe.cli.campaign_client import CampaignClient
from firstframe.cli.home import Home, find_home
from firstframe.cli.link import Link
from firstframe.cli.output import INTERRUPTED, Output
from firstframe.cli.remote import RemoteStack, Stack
from firstframe.cli.settings import CliSettings, load_settings
from firstframe.cli.stack import LocalStack
from firstframe.ports.spans import spanned
from firstframe.runtime import logging, tracing

Result = TypeVar("Result")


def run_session(
    command: str, session: Callable[[], Coroutine[Any, Any, int]], *, on_interrupt: Callable[[], None]
) -> int:
    """Runs a coroutine to its exit code, or to 130 when SIGINT or SIGTERM ended it; the command is the root of its trace."""
    logging.configure("cli", level="warning", form="console")
    if tracing.wanted():
        tracing.start("cli")
    try:
        with spanned(f"firstframe {command}") as span:
            code = asyncio.run(_guarded(session, on_interrupt))
            span.set_attribute("process.exit.code", code)
            return code
    finally:
        tracing.stop()


def run_command(
    command: str,
    session: Callable[[Home, CliSettings], Coroutine[Any, Any, int]],
    output: Output,
    *,
    home: Path | None,
    kept: str,
) -> int:
    """Runs a command that works on campaigns where they are kept, to its exit code.

    Args:
        command: Its name.
        session: What it does.
        output: Where an interruption is told.
        home: Folder of the local stack that was named.
        kept: What an interruption leaves, in words.
    """
    settings = load_settings()
    place = find_home(home)
    if not settings.orchestrator:
        place.prepare()

    def interrupted() -> None:
        output.event({"event": "interrupted"})
        output.say(f"interrupted; {kept}: run the same command again to go on")

    return run_session(command, lambda: session(place, settings), on_interrupt=interrupted)


async def _guarded(session: Callable[[], Coroutine[Any, Any, int]], on_interrupt: Callable[[], None]) -> int:
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(session())
    interrupted = False

    def interrupt() -> None:
        nonlocal interrupted
        if not interrupted:
            interrupted = True
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupt)
    try:
        return await task
    except asyncio.CancelledError:
        if not interrupted:
            raise
        on_interrupt()
        return INTERRUPTED


@asynccontextmanager
async def connected(home: Home, settings: CliSettings) -> AsyncIterator[tuple[Stack, CampaignClient]]:
    """The stack of a home, or that of the settings, and a client of it; what was started for it ends with the block."""
    chosen: Stack = RemoteStack(settings.orchestrator) if settings.orchestrator else LocalStack(home)
    async with chosen as stack, CampaignClient(stack, Link(settings.tls)) as client:
        yield stack, client


async def while_it_lasts(stack: Stack, work: Coroutine[Any, Any, Result]) -> Result:
    """The result of `work`, or the failure of the stack if a part of it is given up first."""
    task = asyncio.ensure_future(work)
    failed = asyncio.ensure_future(stack.failed.wait())
    try:
        await asyncio.wait((task, failed), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            stack.check()
        return await task
    finally:
        for item in (task, failed):
            item.cancel()
        await asyncio.gather(task, failed, return_exceptions=True)
