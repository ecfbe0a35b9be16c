"""Options and arguments that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

HomeOption = Annotated[
    Path | None,
    typer.Option(help="Folder of the local stack; else $FIRSTFRAME_HOME, else .firstframe.", show_default=False),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON to standard output and nothing else.")]
BriefArgument = Annotated[Path, typer.Argument(help="The campaign's brief, a YAML file.", show_default=False)]
CampaignArgument = Annotated[
    str, typer.Argument(help="Full name, identifier, or the brief's name when only one has it.", show_default=False)
]
