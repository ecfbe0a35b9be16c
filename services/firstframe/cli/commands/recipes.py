"""`firstframe recipe`: looks and motions that were found good, to be had again; `firstframe recipes` is the same."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from firstframe.cli.commands.options import HomeOption, JsonOption
from firstframe.cli.output import DONE, Output
from firstframe.core.errors import InvalidInput

if TYPE_CHECKING:
    from firstframe.cli.campaign_client import CampaignClient
    from firstframe.cli.local_models import LocalModels
    from firstframe.cli.recipe_heroes import Tried
    from firstframe.cli.recipe_try import Trial
    from firstframe.cli.remote import Stack
    from firstframe.core.recipes import Recipe
    from firstframe.templates.still_recipes import StillRecipe

recipes = typer.Typer(
    help="Looks (scene, palette, seed, staging) and motions (camera, air, strength) by name and version.",
    no_args_is_help=True,
)

FolderOption = Annotated[
    Path, typer.Option("--in", help="Folder of the briefs; their recipes are in `recipes/` of it.", metavar="DIR")
]
RecipeArgument = Annotated[str, typer.Argument(help="Name, or name@version.", show_default=False)]


@recipes.command("list")
def list_(folder: FolderOption = Path(), as_json: JsonOption = False) -> None:
    """Lists recipes of stills and of motion: a project's own and those that come along."""
    from firstframe.cli.motion_recipes import all_recipes, own_recipes
    from firstframe.cli.still_recipes import read_recipes
    from firstframe.cli.tables import tell_recipes

    output = Output(as_json=as_json)
    found, motions = read_recipes(folder), all_recipes(own_recipes(folder))
    if as_json:
        plain = [{"recipe": item.name, "version": item.version, "about": item.words} for item in motions]
        output.document({"stills": [_plain(item) for item in found], "motions": plain})
    else:
        tell_recipes(found, motions, output)


@recipes.command()
def show(
    name: RecipeArgument, folder: FolderOption = Path(), home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Shows one recipe, how a brief names it, and of a motion which campaigns use it."""
    from firstframe.cli.motion_recipes import all_recipes, own_recipes
    from firstframe.cli.recipe_show import find_any, show_motion

    output = Output(as_json=as_json)
    found = find_any(name, folder, all_recipes(own_recipes(folder)))
    if found.motion is not None:
        show_motion(found.motion, home, output)
    if found.still is not None:
        _show_still(found.still, output)


def _show_still(recipe: StillRecipe, output: Output) -> None:
    if output.as_json:
        output.document(_plain(recipe))
        return
    for key, value in _plain(recipe).items():
        output.results.print(f"{key}: {value}", markup=False)
    output.results.print(f"in a brief: set: {{recipe: {recipe.reference}, copy: …}}", markup=False)


@recipes.command()
def diff(
    one: RecipeArgument, other: RecipeArgument, folder: FolderOption = Path(), as_json: JsonOption = False
) -> None:
    """Compares two motions: camera, strength, air, and what both do to the subject. Exit status 1 when they differ."""
    from firstframe.cli.motion_recipes import all_recipes, own_recipes
    from firstframe.cli.recipe_show import show_difference
    from firstframe.orchestrator.recipes import find_recipe

    known = all_recipes(own_recipes(folder))
    first, second = (find_recipe(known, words, field=name) for words, name in ((one, "ONE"), (other, "OTHER")))
    if show_difference(first, second, Output(as_json=as_json)):
        raise typer.Exit(1)


@recipes.command("try")
def try_(
    heroes: Annotated[
        list[str],
        typer.Argument(
            metavar="HERO…",
            help="Pictures, or stills of lanes as CAMPAIGN:LANE; several are compared.",
            show_default=False,
        ),
    ],
    *,
    recipe: Annotated[
        list[str], typer.Option("--recipe", help="Name, or name@version; may be repeated.", show_default=False)
    ],
    format_name: Annotated[
        str, typer.Option("--format", help="16:9, 9:16, 1:1 or 4:5; else the nearest to each picture.")
    ] = "",
    seconds: Annotated[float, typer.Option(min=1, max=10, help="Length of a film.")] = 4.0,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Of recipes that have none of their own.")] = 0,
    out: Annotated[Path, typer.Option(help="Folder for the strip and the films.", metavar="DIR")] = Path("out/try"),
    quick: Annotated[bool, typer.Option("--quick", help="Do without installed models.")] = False,
    folder: FolderOption = Path(),
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tries motions on heroes, on this machine, in seconds: a contact strip, and a film of each.

    Everything is small and nothing is kept: a campaign makes it at full size.
    """
    from firstframe.cli.library import check_writable
    from firstframe.cli.local_models import local_models
    from firstframe.cli.motion_recipes import all_recipes, own_recipes
    from firstframe.cli.recipe_show import tell_trials
    from firstframe.cli.recipe_try import check_free
    from firstframe.orchestrator.recipes import find_recipe

    output = Output(as_json=as_json)
    known = all_recipes(own_recipes(folder))
    chosen = [find_recipe(known, words, field="--recipe") for words in recipe]
    for one in chosen:
        check_free(one)
    check_writable(out)
    with local_models(wanted=not quick) as models:
        stills = [_hero(words, format_name, home, output, models) for words in heroes]
        strip, trials = _tried(stills, chosen, seconds, seed, out, models)
    tell_trials(strip, trials, output)


def _tried(
    stills: list[Tried], chosen: list[Recipe], seconds: float, seed: int, out: Path, models: LocalModels
) -> tuple[Path, list[Trial]]:
    from firstframe.cli.recipe_strip import draw_strip, save_strip
    from firstframe.cli.recipe_try import tried

    trials = [
        tried(hero, recipe, seconds, seed, out / f"{hero.name}_{recipe.name}.{recipe.version}.mp4", models)
        for recipe in chosen
        for hero in stills
    ]
    strip = out / "strip.jpg"
    save_strip(draw_strip(trials), strip)
    return strip, trials


def _hero(words: str, format_name: str, home: Path | None, output: Output, models: LocalModels) -> Tried:
    from firstframe.cli.recipe_heroes import hero_of_file, hero_of_lane

    campaign, _, lane = words.rpartition(":")
    if not campaign or Path(words).is_file():
        return hero_of_file(Path(words), format_name, models)
    from firstframe.cli.commands.connecting import ask_for
    from firstframe.cli.home import find_home
    from firstframe.cli.settings import load_settings

    async def work(_stack: Stack, client: CampaignClient) -> Tried:
        store = load_settings().open_store(find_home(home))
        return hero_of_lane(await client.resolve(campaign), lane, store)

    return ask_for("recipe try", home, output, work)


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
    if Path(source).suffix in {".yaml", ".yml"} and not Path(source).is_file():
        raise InvalidInput.at(
            "--from", f"{source} does not exist", "name a brief, or a campaign that `firstframe status` lists"
        )
    if Path(source).is_file():
        _save(look_of_brief(Path(source), lane, name, about), own_folder(folder or Path(source).parent), output)
        return
    from firstframe.cli.commands.connecting import ask

    async def work(_stack: Stack, client: CampaignClient) -> int:
        _save(look_of_campaign(await client.resolve(source), lane, name, about), own_folder(folder or Path()), output)
        return DONE

    ask("recipe save", home, output, work)


def _save(recipe: StillRecipe, folder: Path, output: Output) -> None:
    from firstframe.cli.library import check_writable
    from firstframe.cli.still_recipes import save_recipe

    check_writable(folder, "--in")
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
        "staging": recipe.staging,
    }
