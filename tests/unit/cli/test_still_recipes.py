"""Recipes of stills: saved from a lane, listed, and had again on another product."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.cli.briefs import load_brief
from firstframe.cli.main import app
from firstframe.cli.problems import BriefRejected
from firstframe.cli.still_looks import look_of_campaign
from firstframe.cli.still_recipes import SHIPPED, find_recipe, read_recipe, read_recipes, save_recipe
from firstframe.core.errors import FirstframeError, InvalidInput
from firstframe.core.recipes import parse_reference
from firstframe.core.seeds import variation_seed
from firstframe.orchestrator.plan import StillSpec
from firstframe.templates.still_recipes import StillRecipe, chosen

BRIEF = """\
campaign: a
seed: 7
heroes:
  - name: first
    variations: 2
    set: {scene: stone, palette: ink-night, copy: First Light}
  - name: photo
    prompt: {text: a fern, pack: sdxl}
formats: ["4:5"]
motion: {recipe: slow-push}
deliver: [instagram-feed]
"""
OTHER = """\
campaign: b
seed: 99
heroes: [{name: other, set: {recipe: found-good, copy: Dew}}]
formats: ["4:5"]
motion: {recipe: slow-push}
deliver: [instagram-feed]
"""
LOOK = StillRecipe("found-good", 1, "stone", "ink-night", variation_seed(7, 2))


def write(folder: Path, text: str, name: str = "brief.yaml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def spec(file: Path, hero: str) -> StillSpec:
    plan = load_brief(file).plan
    lane = next(item for item in plan.lanes if item.hero == hero)
    found = next(step.spec for step in plan.steps if step.id == lane.still)
    assert isinstance(found, StillSpec)
    return found


def save(folder: Path, *arguments: str) -> dict[str, object]:
    words = ["recipes", "save", "found-good", "--from", str(folder / "brief.yaml"), "--in", str(folder), "--json"]
    done = CliRunner().invoke(app, [*words, *arguments])
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout))


def test_a_seed_found_good_is_had_again_on_another_product(tmp_path: Path) -> None:
    write(tmp_path, BRIEF)
    saved = save(tmp_path, "--lane", "first.2.4x5", "--about", "dark and wet")
    assert (saved["scene"], saved["palette"], saved["seed"]) == ("stone", "ink-night", variation_seed(7, 2))
    assert read_recipe(tmp_path / "recipes" / "found-good.1.yaml").about == "dark and wet"

    other = spec(write(tmp_path, OTHER, "other.yaml"), "other")
    again = write(tmp_path, OTHER.replace("copy: Dew", "copy: First Light"), "again.yaml")
    plan = load_brief(tmp_path / "brief.yaml").plan
    second = next(step for step in plan.steps if step.id == plan.lanes[1].still)
    assert isinstance(second.spec, StillSpec)
    assert (other.seed, other.source.scene) == (second.spec.seed, "stone")  # type: ignore[union-attr]
    assert spec(again, "other") == second.spec, "the same words on the label are the same picture"


def test_a_look_is_saved_once_and_a_new_one_is_a_new_version(tmp_path: Path) -> None:
    write(tmp_path, BRIEF)
    assert save(tmp_path, "--lane", "first.2.4x5")["new"] is True
    assert save(tmp_path, "--lane", "first.2.4x5")["new"] is False
    newer = save(tmp_path, "--lane", "first.1.4x5")
    assert (newer["version"], newer["seed"]) == (2, 7)
    assert spec(write(tmp_path, OTHER, "o.yaml"), "other").seed == 7, "the newest where none is named"
    pinned = OTHER.replace("found-good", "found-good@1")
    assert spec(write(tmp_path, pinned, "o.yaml"), "other").seed == variation_seed(7, 2)


def test_a_look_is_saved_beside_its_brief_from_wherever(tmp_path: Path) -> None:
    brief = write(tmp_path, BRIEF)
    words = ["recipes", "save", "found-good", "--from", str(brief), "--lane", "first.2.4x5"]
    assert CliRunner().invoke(app, words).exit_code == 0
    assert (tmp_path / "recipes" / "found-good.1.yaml").is_file()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    words = ["recipes", "save", "found-good", "--from", str(write(tmp_path, BRIEF)), "--lane", "first.2.4x5"]
    with pytest.raises(
        InvalidInput, match=r"--in: .*recipes cannot be written: Not a directory; choose another folder"
    ):
        CliRunner().invoke(app, [*words, "--in", str(tmp_path / "taken")], catch_exceptions=False)


def test_own_words_go_before_those_of_the_recipe(tmp_path: Path) -> None:
    save_recipe(LOOK, tmp_path / "recipes")
    changed = OTHER.replace("recipe: found-good", "recipe: found-good, palette: sage-noon")
    changed = changed.replace("name: other", "name: other, seed: 3")
    made = spec(write(tmp_path, changed), "other")
    assert (made.seed, made.source.scene, made.source.palette) == (3, "stone", "sage-noon")  # type: ignore[union-attr]


def test_a_template_may_vary_recipes(tmp_path: Path) -> None:
    template = "template: {name: s, set: {copy: A}, vary: {recipe: [arch-at-noon, stone-at-night]}}\n"
    text = OTHER.replace(OTHER.splitlines()[2] + "\n", template)
    scenes = {hero.set.scene for hero in load_brief(write(tmp_path, text)).message.heroes}
    assert scenes == {"studio", "stone"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("found-god", "'found-god' is not a recipe of stills; did you mean `found-good`?"),
        ("found-good@7", "found-good has no version 7; it has 1"),
        ("Found", "is not a recipe of stills"),
    ],
)
def test_a_recipe_that_is_not_there_is_told(tmp_path: Path, words: str, message: str) -> None:
    save_recipe(LOOK, tmp_path / "recipes")
    with pytest.raises(BriefRejected, match="recipe") as caught:
        load_brief(write(tmp_path, OTHER.replace("found-good", words)))
    (problem,) = caught.value.problems
    assert (problem.line, problem.field) == (3, "heroes[0].set.recipe")
    assert message in problem.message


def test_a_recipe_of_a_brands_palette_needs_the_brand(tmp_path: Path) -> None:
    save_recipe(StillRecipe("found-good", 1, "stone", "brand-day", 7), tmp_path / "recipes")
    with pytest.raises(BriefRejected, match=r"heroes\[0\]\.set\.recipe: 'brand-day' is made of a brand's colours"):
        load_brief(write(tmp_path, OTHER))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("scene: stone", "scene: stoen", "did you mean `stone`"),
        ("version: 1\n", "", "version: is missing"),
        ("seed: ", "sede: ", "did you mean `seed`"),
        ("recipe: found-good", "recipe: other", "name the file other.1.yaml"),
    ],
)
def test_a_file_that_is_no_recipe_is_told_with_its_line(tmp_path: Path, old: str, new: str, words: str) -> None:
    _, file, _ = save_recipe(LOOK, tmp_path / "recipes")
    file.write_text(file.read_text().replace(old, new, 1))
    with pytest.raises(BriefRejected, match=words):
        load_brief(write(tmp_path, OTHER))


def test_those_that_come_along_are_recipes_and_own_ones_go_before_them(tmp_path: Path) -> None:
    shipped = read_recipes(tmp_path)
    assert {recipe.name for recipe in shipped} == {"arch-at-noon", "stone-at-night", "room-at-dusk"}
    assert len(shipped) == len(list(SHIPPED.glob("*.yaml")))
    save_recipe(StillRecipe("stone-at-night", 1, "stone", "amber-dusk", 5), tmp_path / "recipes")
    assert find_recipe(read_recipes(tmp_path), "stone-at-night", field="x").palette == "amber-dusk"


def campaign(**still: object) -> campaigns_pb2.Campaign:
    made = campaigns_pb2.Campaign()
    hero = made.brief.heroes.add(name="first")
    hero.set.scene, hero.set.palette = "stone", "ink-night"
    lane = made.lanes.add(lane="first.1.4x5", hero_name="first")
    lane.hero.image.digest = "sha256:" + "0" * 64
    lane.steps.add(stage=campaigns_pb2.STAGE_IMAGEGEN).provenance.seed = 4711
    return made


def test_the_look_of_a_campaign_has_the_seed_that_was_used() -> None:
    found = look_of_campaign(campaign(), "first.1.4x5", "n", "a")
    assert found == StillRecipe("n", 1, "stone", "ink-night", 4711, "a")


def test_the_look_of_another_still_has_its_staging(tmp_path: Path) -> None:
    made = campaign()
    made.lanes[0].take, made.brief.heroes[0].set.staging = 3, 98
    found = look_of_campaign(made, "first.1.4x5", "found-good", "")
    assert (found.seed, found.staging) == (4711, 1)
    assert not found.looks_like(StillRecipe("found-good", 1, "stone", "ink-night", 4711))
    _, file, _ = save_recipe(found, tmp_path / "recipes")
    assert read_recipe(file).staging == 1

    other = spec(write(tmp_path, OTHER), "other")
    own = spec(write(tmp_path, OTHER.replace("copy: Dew", "copy: Dew, staging: 0"), "own.yaml"), "other")
    assert [item.source.staging for item in (other, own)] == [1, 0]  # type: ignore[union-attr]


def test_a_staging_is_in_range(tmp_path: Path) -> None:
    with pytest.raises(BriefRejected, match=r"heroes\[0\]\.set\.staging: 100 is out of range; use .* 0 to 99"):
        load_brief(write(tmp_path, BRIEF.replace("copy: First Light", "copy: First Light, staging: 100")))


def test_looks_that_cannot_be_saved() -> None:
    with pytest.raises(FirstframeError, match=r"did you mean `first\.1\.4x5`"):
        look_of_campaign(campaign(), "first.1.4x", "n", "")
    waiting = campaign()
    waiting.lanes[0].hero.image.digest = ""
    with pytest.raises(FirstframeError, match="has no still yet"):
        look_of_campaign(waiting, "first.1.4x5", "n", "")
    prompted = campaign()
    prompted.brief.heroes[0].prompt.text = "a"
    with pytest.raises(InvalidInput, match="is not a generated set"):
        look_of_campaign(prompted, "first.1.4x5", "n", "")


def test_list_and_show(tmp_path: Path) -> None:
    save_recipe(LOOK, tmp_path / "recipes")
    runner = CliRunner()
    listed = json.loads(runner.invoke(app, ["recipes", "list", "--in", str(tmp_path), "--json"]).stdout)
    assert listed["stills"][0]["recipe"] == "found-good"
    assert {item["recipe"] for item in listed["motions"]} >= {"slow-push", "locked"}
    words = runner.invoke(app, ["recipes", "list", "--in", str(tmp_path)]).stdout
    assert "found-good@1" in words
    assert [item["staging"] for item in listed["stills"]] == [0] * len(listed["stills"])
    assert "slow-push@1" in words
    shown = runner.invoke(app, ["recipes", "show", "found-good", "--in", str(tmp_path)]).stdout
    assert "set: {recipe: found-good@1, copy: …}" in shown


def test_references() -> None:
    assert parse_reference("a-b@12") == ("a-b", 12)
    assert parse_reference("a-b") == ("a-b", None)
    assert [parse_reference(text) for text in ("A", "a@0", "a@", "a@x", "")] == [None] * 5
    two = StillRecipe("a", 2, "s", "p", 1)
    assert chosen([two, StillRecipe("a", 1, "s", "p", 2)], "a", None) is two
    assert chosen([two], "a", 3) is None
