"""`firstframe serve`: one service in this process."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from importlib import import_module
from typing import Annotated

import typer


class Service(StrEnum):
    """The services."""

    IMAGEGEN = "imagegen"
    ANIMATION = "animation"
    UPSCALING = "upscaling"
    STITCHING = "stitching"
    ORCHESTRATOR = "orchestrator"


def serve(service: Annotated[Service, typer.Argument(help="Which one.", show_default=False)]) -> None:
    """Runs one service until SIGTERM. Its settings are environment variables, FIRSTFRAME_<SERVICE>_…."""
    app = import_module(f"firstframe.{service.value}.app")
    asyncio.run(app.main())
