"""What the commands about recipes tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.cli.motion_recipes import comes_along, recipe_text
from firstframe.cli.motion_words import SECONDS, Moment, described, differences, farthest, moments
from firstframe.cli.output import Output
from firstframe.cli.problems import counted
from firstframe.cli.still_recipes import read_recipes
from firstframe.cli.tables import plain_table, table_row
from firstframe.core.errors import FirstframeError, InvalidInput
from firstframe.core.nearest import did_you_mean
from firstframe.core.recipe_trees import tree_of
from firstframe.core.recipes import Recipe, parse_reference
from firstframe.orchestrator.encode import content_digest
from firstframe.orchestrator.recipes import find_recipe
from firstframe.templates import still_recipes

if TYPE_CHECKING:
    from firstframe.cli.campaign_client import CampaignClient
    from firstframe.cli.recipe_try import Trial
    from firstframe.cli.remote import Stack
    from firstframe.templates.still_recipes import StillRecipe

_MOST_USES = 10


@dataclass(frozen=True, slots=True)
class Found:
    """What a name stands for; at least one of both."""

    motion: Recipe | None
    still: StillRecipe | None


@dataclass(frozen=True, slots=True)
class Uses:
    """Which campaigns use a recipe."""

    found: tuple[campaigns_pb2.RecipeUse, ...] = ()
    unknown: str = ""
    """Why nobody could tell."""


def find_any(words: str, folder: Path, motions: Sequence[Recipe]) -> Found:
    """The motion, or else the still, of a reference.

    Raises:
        InvalidInput: There is neither; the message names the nearest.
        BriefRejected: A file is not a recipe.
    """
    named = parse_reference(words)
    stills = read_recipes(folder)
    if named and any(item.name == named[0] for item in motions):
        return Found(find_recipe(motions, words, field="NAME"), None)
    still = still_recipes.chosen(stills, *named) if named else None
    if still is not None:
        return Found(None, still)
    names = [*(item.name for item in motions), *(item.name for item in stills)]
    if named and named[0] in names:
        versions = ", ".join(str(item.version) for item in stills if item.name == named[0])
        raise InvalidInput.at("NAME", f"{named[0]} has no version {named[1]}", f"it has {versions}")
    raise InvalidInput.at("NAME", f"{words!r} is not a recipe", did_you_mean(words, sorted(set(names))))


def show_motion(recipe: Recipe, home: Path | None, output: Output) -> None:
    """One recipe of motion: its file, what it does, who uses it."""
    uses = uses_of(recipe, home, output)
    if output.as_json:
        output.document(_document(recipe, uses))
        return
    output.results.print(recipe_text(recipe).rstrip(), markup=False)
    output.results.print("")
    for aspect, words in described(recipe).items():
        output.results.print(f"{aspect}: {words}", markup=False)
    output.results.print(f"in a brief: motion: {{recipe: {recipe.reference}}}", markup=False)
    output.results.print(_use_words(recipe, uses), markup=False)


def uses_of(recipe: Recipe, home: Path | None, output: Output) -> Uses:
    """Which campaigns use a recipe; none where there has been no campaign yet, and then nothing is started."""
    from firstframe.cli.commands.connecting import ask_for, has_campaigns

    async def question(_stack: Stack, client: CampaignClient) -> list[campaigns_pb2.RecipeUse]:
        return await client.recipe_uses(recipe.name)

    if not has_campaigns(home):
        return Uses()
    try:
        return Uses(tuple(ask_for("recipe show", home, output, question)))
    except FirstframeError as error:
        return Uses(unknown=error.message)


def show_difference(one: Recipe, other: Recipe, output: Output) -> bool:
    """What is different between two motions; tells whether anything is."""
    found = differences(one, other)
    if output.as_json:
        output.document(_difference(one, other))
    elif found:
        _tell_difference(one, other, output)
    else:
        output.results.print(f"{one.reference} and {other.reference} are the same motion")
    return bool(found)


def _tell_difference(one: Recipe, other: Recipe, output: Output) -> None:
    table = plain_table("", one.reference, other.reference)
    for aspect, pair in differences(one, other).items():
        table_row(table, aspect, *pair)
    output.results.print(table)
    paths = moments(one), moments(other)
    path = plain_table("time", one.reference, other.reference)
    for before, after in zip(*paths, strict=True):
        table_row(path, f"{100 * before.at:.0f} %", _moment(before), _moment(after))
    output.results.print(
        f"\nin {SECONDS:g} s, per cent: the subject's size, to the right, up (and those of the background)"
    )
    output.results.print(path)
    output.results.print(f"farthest apart: {farthest(*paths):.2f} %")


def _moment(seen: Moment) -> str:
    behind = f"{seen.behind_larger:+.2f}  {seen.behind_right:+.2f}  {seen.behind_up:+.2f}"
    return f"{seen.larger:+.2f}  {seen.right:+.2f}  {seen.up:+.2f}  ({behind})"


def _difference(one: Recipe, other: Recipe) -> dict[str, object]:
    paths = {item.reference: moments(item) for item in (one, other)}
    recipes = [tree_of(item) | {"path": [asdict(seen) for seen in paths[item.reference]]} for item in (one, other)]
    found = differences(one, other)
    apart = farthest(moments(one), moments(other))
    return {"same": not found, "differences": found, "farthest_percent": apart, "recipes": recipes}


def tell_trials(strip: Path, trials: Sequence[Trial], output: Output) -> None:
    """What became of recipes on heroes."""
    from firstframe.cli.recipe_strip import seen_words

    if output.as_json:
        output.document({"strip": str(strip), "trials": [_trial(trial) for trial in trials]})
        return
    table = plain_table("hero", "recipe", "applied", "at the end", "film")
    for trial in trials:
        table_row(
            table,
            trial.hero,
            trial.recipe.reference,
            f"{trial.applied_strength:.2f}",
            seen_words(trial.seen[-1]),
            trial.film,
        )
    output.results.print(table)
    for trial in trials:
        for words in trial.findings:
            output.results.print(f"{trial.hero}, {trial.recipe.name}: {words}", markup=False, style="dim")
    output.results.print(f"strip: {strip}", markup=False)


def _trial(trial: Trial) -> dict[str, object]:
    seen = [None if item is None else asdict(item) for item in trial.seen]
    return {
        "hero": trial.hero,
        "recipe": trial.recipe.reference,
        "film": str(trial.film),
        "applied_strength": trial.applied_strength,
        "moments_s": trial.moments,
        "seen_percent": seen,
        "findings": trial.findings,
    }


def _document(recipe: Recipe, uses: Uses) -> dict[str, object]:
    used = [{"version": item.version, "campaign": item.campaign} for item in uses.found] if not uses.unknown else None
    return {**tree_of(recipe), "does": described(recipe), "content_digest": content_digest(recipe), "uses": used}


def _use_words(recipe: Recipe, uses: Uses) -> str:
    if uses.unknown:
        return f"used: nobody can tell; {uses.unknown}"
    mine = [use for use in uses.found if use.version == recipe.version]
    if not mine:
        may = "it comes along and never changes" if comes_along(recipe) else "it may still be changed"
        return f"used: not yet; {may}"
    names = ", ".join(use.campaign.rpartition("/")[2] for use in mine[:_MOST_USES])
    more = f" and {len(mine) - _MOST_USES} more" if len(mine) > _MOST_USES else ""
    changed = ""
    if mine[0].content_digest != content_digest(recipe):
        changed = f"; what was used is another motion than this: raise the version to {_next(recipe, uses)}"
    return f"used by {counted(len(mine), 'campaign')}: {names}{more}; it never changes now{changed}"


def _next(recipe: Recipe, uses: Uses) -> int:
    return max(recipe.version, *(use.version for use in uses.found)) + 1
