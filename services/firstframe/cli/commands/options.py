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
ModelsHomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home",
        help="Folder of installed packs; else $FIRSTFRAME_MODELS, else ~/.cache/firstframe/models.",
        show_default=False,
    ),
]
PacksOption = Annotated[
    Path | None,
    typer.Option(
        "--packs", help="Folder of packs; else $PACKS_DIR, else models/packs of the checkout.", show_default=False
    ),
]
