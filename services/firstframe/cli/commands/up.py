"""`firstframe up`: the local stack, until Ctrl-C."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from firstframe.cli.commands.options import HomeOption, JsonOption
from firstframe.cli.output import Output

if TYPE_CHECKING:
    from firstframe.cli.home import Home
    from firstframe.cli.stack import LocalStack


def up(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Runs the whole stack on this machine for other commands, until Ctrl-C."""
    from firstframe.cli.home import find_home
    from firstframe.cli.session import run_session

    output = Output(as_json=as_json)
    place = find_home(home)
    place.prepare()
    raise typer.Exit(run_session("up", lambda: _up(place, output), on_interrupt=lambda: output.say("stopped")))


async def _up(home: Home, output: Output) -> int:
    from firstframe.cli.session import while_it_lasts
    from firstframe.cli.stack import LocalStack

    async with LocalStack(home) as stack:
        await while_it_lasts(stack, _start(stack))
        _tell(stack, output)
        await stack.failed.wait()
        stack.check()
    return 0


async def _start(stack: LocalStack) -> None:
    """Starts everything and waits until every process has told its address."""
    from firstframe.core.errors import Conflict

    await stack.address()
    if not stack.is_owner:
        message = f"a stack runs already for {stack.home.folder}; use it, or stop it first"
        raise Conflict(message, reason="STACK_RUNS_ALREADY")
    stack.start_stages()
    await stack.until_up()


def _tell(stack: LocalStack, output: Output) -> None:
    from firstframe.cli.tables import processes_table

    found = stack.describe()
    if output.as_json:
        output.document({"home": str(stack.home.folder), "processes": found})
        return
    output.results.print(processes_table(found))
    output.say(f"the stack of {stack.home.folder} runs until Ctrl-C")
