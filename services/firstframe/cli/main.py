"""The command `firstframe`."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from firstframe.cli.commands.campaigns import approve, cancel, status, watch
from firstframe.cli.commands.plan import plan
from firstframe.cli.commands.run import run
from firstframe.cli.commands.serve import serve
from firstframe.cli.commands.up import up
from firstframe.cli.output import debugging, fault, report
from firstframe.core.errors import FirstframeError

app = typer.Typer(
    name="firstframe",
    help="Lock the still, then move it: from a campaign brief to a library of finished videos.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (run, plan, approve, status, watch, cancel, up, serve):
    app.command()(command)


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"firstframe {_version()}")
        raise typer.Exit


def _version() -> str:
    try:
        return version("firstframe")
    except PackageNotFoundError:
        return "from source"


@app.callback()
def common(
    _: Annotated[
        bool, typer.Option("--version", help="Tell the version.", callback=_tell_version, is_eager=True)
    ] = False,
) -> None:
    """Lock the still, then move it: from a campaign brief to a library of finished videos."""


def main() -> None:
    """Runs the command that the arguments name; errors become one line and an exit code."""
    try:
        app()
    except Exception as error:
        # The trace of a service belongs into its log.
        if debugging() or sys.argv[1:2] == ["serve"]:
            raise
        sys.exit(report(error if isinstance(error, FirstframeError) else fault(error)))


if __name__ == "__main__":
    main()
