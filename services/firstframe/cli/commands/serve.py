"""`firstframe serve`: one service, or the development Triton server, in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib import import_module
from typing import Annotated

import typer

from firstframe.cli.commands.triton import serve_triton

SERVICES = ("imagegen", "animation", "upscaling", "stitching", "orchestrator")
HELP = "Runs one service until SIGTERM. Its settings are environment variables, FIRSTFRAME_<SERVICE>_…."

serve = typer.Typer(help=HELP, no_args_is_help=True)


def _command(service: str) -> Callable[..., None]:
    def run(
        help_settings: Annotated[bool, typer.Option("--help-settings", help="Tell its settings and end.")] = False,
    ) -> None:
        if help_settings:
            typer.echo(_reference(service), nl=False)
            return
        asyncio.run(import_module(f"firstframe.{service}.app").main())

    run.__doc__ = f"Runs the {service} service until SIGTERM."
    return run


for _service in SERVICES:
    serve.command(_service)(_command(_service))
serve.command("triton")(serve_triton)


def _reference(service: str) -> str:
    from firstframe.runtime.settings import ServiceSettings, reference

    module = import_module(f"firstframe.{service}.settings")
    kinds = [kind for kind in vars(module).values() if isinstance(kind, type) and kind.__module__ == module.__name__]
    return reference(next(kind for kind in kinds if issubclass(kind, ServiceSettings)))
