"""Runs a command's coroutine: Ctrl-C ends it in order."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from firstframe.cli.campaign_client import CampaignClient
from firstframe.cli.home import Home
from firstframe.cli.link import Link
from firstframe.cli.output import INTERRUPTED
from firstframe.cli.remote import RemoteStack, Stack
from firstframe.cli.settings import CliSettings
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
