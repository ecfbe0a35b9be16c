"""`firstframe recipes`: looks that were found good, to be had again; and the motions that there are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from firstframe.cli.commands.options import HomeOption, JsonOption
from firstframe.cli.output import DONE, Output

if TYPE_CHECKING:
    from firstframe.cli.campaign_client import CampaignClient
    from firstframe.cli.remote import Stack
    from firstframe.templates.still_recipes import StillRecipe

recipes = typer.Typer(
    help="Looks that were found good: scene, palette and seed, by name and version.", no_args_is_help=True
)

FolderOption = Annotated[
    Path, typer.Option("--in", help="Folder of the briefs; their recipes are in `recipes/` of it.", metavar="DIR")
]


@recipes.command("list")
def list_(folder: FolderOption = Path(), as_json: JsonOption = False) -> None:
    """Lists recipes of stills, a project's own and those that come along, and the motions."""
    from firstframe.cli.still_recipes import read_recipes
    from firstframe.cli.tables import tell_recipes
    from firstframe.orchestrator.recipes import RECIPES

    output = Output(as_json=as_json)
    found = read_recipes(folder)
    if as_json:
        motions = [{"recipe": item.name, "version": item.version, "about": item.words} for item in RECIPES.values()]
        output.document({"stills": [_plain(item) for item in found], "motions": motions})
    else:
        tell_recipes(found, list(RECIPES.values()), output)


@recipes.command()
def show(
    name: Annotated[str, typer.Argument(help="Name, or name@version.", show_default=False)],
    folder: FolderOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Shows one recipe of stills, and how a brief names it."""
    from firstframe.cli.still_recipes import find_recipe, read_recipes

    output = Output(as_json=as_json)
    recipe = find_recipe(read_recipes(folder), name, field="NAME")
    if as_json:
        output.document(_plain(recipe))
        return
    for key, value in _plain(recipe).items():
        output.results.print(f"{key}: {value}", markup=False)
    output.results.print(f"in a brief: set: {{recipe: {recipe.reference}, copy: …}}", markup=False)


@recipes.command()
def save(
    name: Annotated[str, typer.Argument(help="Name of the recipe.", show_default=False)],
    *,
    source: Annotated[
        str, typer.Option("--from", help="A brief, or the name of a campaign.", show_default=False, metavar="CAMPAIGN")
    ],
    lane: Annotated[str, typer.Option(help="Lane whose still is good, such as serum-007.1.4x5.", show_default=False)],
    about: Annotated[str, typer.Option(help="What it looks like, in your words.", show_default=False)] = "",
    folder: Annotated[
        Path | None,
        typer.Option(
            "--in",
            help="Folder of the briefs that may name it; else that of the brief, or this one.",
            metavar="DIR",
            show_default=False,
        ),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Saves the look of a lane's still: its next version, or the one that is there when it looks the same."""
    from firstframe.cli.still_looks import look_of_brief, look_of_campaign
    from firstframe.cli.still_recipes import check_name, own_folder

    output = Output(as_json=as_json)
    check_name(name)
    if Path(source).is_file():
        _save(look_of_brief(Path(source), lane, name, about), own_folder(folder or Path(source).parent), output)
        return
    from firstframe.cli.commands.connecting import ask

    async def work(_stack: Stack, client: CampaignClient) -> int:
        _save(look_of_campaign(await client.resolve(source), lane, name, about), own_folder(folder or Path()), output)
        return DONE

    ask("recipes save", home, output, work)


def _save(recipe: StillRecipe, folder: Path, output: Output) -> None:
    from firstframe.cli.still_recipes import save_recipe

    saved, file, new = save_recipe(recipe, folder)
    if output.as_json:
        output.document({**_plain(saved), "file": str(file), "new": new})
    else:
        output.results.print(f"{saved.reference} {'saved as' if new else 'looks the same and is there as'} {file}")


def _plain(recipe: StillRecipe) -> dict[str, object]:
    return {
        "recipe": recipe.name,
        "version": recipe.version,
        "about": recipe.about,
        "scene": recipe.scene,
        "palette": recipe.palette,
        "seed": recipe.seed,
    }
