"""`firstframe motion measure`: whether a clip stayed true to its hero, and moved as it was asked to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from firstframe.cli.commands.options import JsonOption
from firstframe.cli.output import FAILED, Output


def measure(
    clip: Annotated[Path, typer.Argument(help="The clip, an MP4.", metavar="CLIP", show_default=False)],
    *,
    hero: Annotated[Path, typer.Option(help="The still that it was made from.", metavar="PICTURE", show_default=False)],
    motion: Annotated[
        str, typer.Option(help="Recipe that was asked for, as name or name@version.", metavar="RECIPE")
    ] = "",
    following: Annotated[
        Path | None,
        typer.Option(
            "--next", help="The clip that follows: the seam is measured too.", metavar="CLIP", show_default=False
        ),
    ] = None,
    folder: Annotated[
        Path, typer.Option("--in", help="Folder of the briefs; their recipes are in `recipes/` of it.", metavar="DIR")
    ] = Path(),
    as_json: JsonOption = False,
) -> None:
    """Measures a clip against its hero: drift, wobble, flicker, colour, edges, and the delivered motion.

    Exit status: 0 when no measure fails, 1 when one does, 2 when an argument is wrong.
    """
    from firstframe.cli.measured_clips import joined, measure_clip, measured_document, measured_table
    from firstframe.cli.motion_recipes import all_recipes, own_recipes
    from firstframe.core.verdict import Verdict
    from firstframe.orchestrator.recipes import find_recipe

    output = Output(as_json=as_json)
    recipe = find_recipe(all_recipes(own_recipes(folder)), motion, field="--motion") if motion else None
    asked = recipe.motion if recipe else None
    found = measure_clip(clip, hero, asked)
    if following is not None:
        found = joined(found, measure_clip(following, hero, None))
    if as_json:
        output.document(measured_document(found, hero))
    else:
        output.results.print(measured_table(found, hero))
    if found.verdict is Verdict.FAIL:
        raise typer.Exit(FAILED)
