"""The command `firstframe`."""

from __future__ import annotations

import os
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from firstframe.cli.commands.approve import approve
from firstframe.cli.commands.campaigns import cancel, status, watch
from firstframe.cli.commands.check import check
from firstframe.cli.commands.consent import consent
from firstframe.cli.commands.models import models
from firstframe.cli.commands.models_bench import bench
from firstframe.cli.commands.models_build import build
from firstframe.cli.commands.models_export import export
from firstframe.cli.commands.motion import motion
from firstframe.cli.commands.motion_measure import measure
from firstframe.cli.commands.plan import plan
from firstframe.cli.commands.recipes import recipes
from firstframe.cli.commands.review import review
from firstframe.cli.commands.run import run
from firstframe.cli.commands.serve import serve
from firstframe.cli.commands.stills import stills
from firstframe.cli.commands.triton import serve_triton
from firstframe.cli.commands.up import up
from firstframe.cli.output import debugging, fault, report, write_error
from firstframe.core.errors import FirstframeError, InvalidInput

app = typer.Typer(
    name="firstframe",
    help="Lock the still, then move it: from a campaign brief to a library of finished videos.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (run, plan, stills, check, review, approve, status, watch, cancel, up):
    app.command()(command)
models.command()(export)
models.command()(build)
models.command()(bench)
models.command("serve")(serve_triton)
app.add_typer(serve, name="serve")
app.add_typer(models, name="models")
app.add_typer(consent, name="consent")
app.add_typer(recipes, name="recipe")
app.add_typer(recipes, name="recipes", hidden=True)
motion.command("measure")(measure)
app.add_typer(motion, name="motion")


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


def _tell_usage(error: BaseException | None) -> None:
    """Writes as JSON what Typer said of the arguments; by its method, because the class has no public name."""
    if format_message := getattr(error, "format_message", None):
        write_error(InvalidInput(format_message(), reason="USAGE"))


def _serves() -> bool:
    """Whether this is a service, into whose log the trace of an error belongs. The model server is started by a person."""
    return sys.argv[1:2] == ["serve"] and sys.argv[2:3] != ["triton"]


def main() -> None:
    """Runs the command that the arguments name; errors become one line and an exit code."""
    as_json = "--json" in sys.argv
    # gRPC's notes about handshakes go to standard error as well; ours say what is wrong and what to do.
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
    try:
        app()
    except SystemExit as ended:
        if as_json:
            _tell_usage(ended.__context__)
        raise
    except Exception as error:
        if debugging() or _serves():
            raise
        sys.exit(report(error if isinstance(error, FirstframeError) else fault(error), as_json=as_json))


if __name__ == "__main__":
    main()
