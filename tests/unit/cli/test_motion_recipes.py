"""Files of motion recipes, and how a brief names them."""

from __future__ import annotations

from pathlib import Path

import pytest

from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.cli.briefs import load_brief
from firstframe.cli.motion_recipes import all_recipes, motion_folder, own_recipes, read_recipe, recipe_text
from firstframe.cli.problems import BriefRejected
from firstframe.core.motion import Air, Atmosphere, CameraMove
from firstframe.orchestrator.decode.motion import decode_motion
from firstframe.orchestrator.encode import content_digest
from firstframe.orchestrator.recipes import RECIPES, SHIPPED, find_recipe

REVEAL = """\
recipe: reveal
version: 2
about: opens, then comes near
camera:
  - {move: pull, share: 0.4}
  - {move: push, share: 0.6, ease: out}
strength: 0.6
airs: [{kind: dust, amount: 0.75}]
seed: 9
"""
BRIEF = """\
campaign: first-light
heroes:
  - name: bottle
    set: {scene: studio, palette: amber-dusk, copy: "First Light"}
formats: ["16:9"]
motion: {MOTION}
deliver: [youtube]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = motion_folder(tmp_path)
    folder.mkdir(parents=True)
    (folder / "reveal.2.yaml").write_text(REVEAL)
    return tmp_path


def motion(folder: Path, words: str) -> campaigns_pb2.MotionBrief:
    file = folder / "brief.yaml"
    file.write_text(BRIEF.replace("{MOTION}", f"{{{words}}}"))
    return load_brief(file).message.motion


def problem(folder: Path, words: str) -> tuple[int, str, str]:
    with pytest.raises(BriefRejected) as caught:
        motion(folder, words)
    (found,) = caught.value.problems
    return found.line, found.field, found.message


def test_a_projects_own_recipe_travels_with_the_brief(project: Path) -> None:
    sent = motion(project, "recipe: reveal, seconds: 4")
    decoded = decode_motion(sent)
    (own,) = own_recipes(project)
    assert decoded.recipe == own
    assert (own.reference, own.seed, own.motion.airs) == ("reveal@2", 9, (Air(Atmosphere.DUST, 0.75),))
    assert motion(project, "recipe: reveal@2").own == sent.own


def test_a_recipe_that_comes_along_is_named_alone(project: Path) -> None:
    sent = motion(project, "recipe: slow-push@1")
    assert (sent.recipe, sent.recipe_version, sent.HasField("own")) == ("slow-push", 1, False)


def test_the_projects_next_version_goes_before_one_that_comes_along(project: Path) -> None:
    (motion_folder(project) / "slow-push.7.yaml").write_text("recipe: slow-push\nversion: 7\ncamera: pan-left\n")
    assert decode_motion(motion(project, "recipe: slow-push")).motion.camera is CameraMove.PAN_LEFT
    assert motion(project, "recipe: slow-push@1").HasField("own") is False
    names = [item.reference for item in all_recipes(own_recipes(project))]
    assert {"slow-push@7", "slow-push@1"} <= set(names)
    assert len(set(names)) == len(names)


def test_the_projects_own_never_takes_the_place_of_one_that_comes_along(project: Path) -> None:
    file = motion_folder(project) / "slow-push.1.yaml"
    file.write_text("recipe: slow-push\nversion: 1\ncamera: pan-left\n")
    with pytest.raises(BriefRejected) as caught:
        motion(project, "recipe: slow-push")
    (told,) = caught.value.problems
    assert (told.file, told.line, told.field) == (str(file), 1, "recipe")
    assert "slow-push@1 comes along with firstframe and is another motion" in told.message
    assert "raise the version to 2" in told.message
    file.write_text(recipe_text(find_recipe(SHIPPED, "slow-push@1", field="")))
    assert motion(project, "recipe: slow-push").recipe == "slow-push"  # the same motion, written down


def test_an_empty_file_is_no_recipe_and_is_told_once(project: Path) -> None:
    file = motion_folder(project) / "empty.1.yaml"
    file.write_text("")
    with pytest.raises(BriefRejected) as caught:
        motion(project, "recipe: slow-push")
    (told,) = caught.value.problems
    assert told.file == str(file)
    assert told.message == "is empty, or no recipe; start it with `recipe: a-name` (see docs/recipes.md)"


def test_a_brief_says_what_is_in_the_air_how_fast_and_how_it_ends(project: Path) -> None:
    sent = motion(project, "recipe: reveal, speed: 2, loop: ping-pong, airs: [mist, {kind: rain, direction: 250}]")
    assert (sent.speed_percent_per_s, sent.repeat) == (2, animation_pb2.REPEAT_PING_PONG)
    airs = decode_motion(sent).motion.airs
    assert airs == (Air(Atmosphere.MIST), Air(Atmosphere.RAIN, 0.5, 250))
    for word, value in (("retry", 1), ("report", 2), ("none", 3)):
        assert motion(project, f"recipe: reveal, gate: {word}").gate == value
    assert motion(project, "recipe: reveal").gate == 0
    assert motion(project, "recipe: reveal, loop: true").repeat == animation_pb2.REPEAT_LOOP
    assert motion(project, "recipe: reveal, loop: false").repeat == animation_pb2.REPEAT_ONCE


def test_atmosphere_none_takes_a_recipes_air_away(project: Path) -> None:
    assert decode_motion(motion(project, "recipe: reveal, atmosphere: none")).motion.airs == ()
    assert decode_motion(motion(project, "recipe: reveal")).motion.airs != ()


@pytest.mark.parametrize(
    ("words", "field", "message"),
    [
        ("recipe: revael", "motion.recipe", "'revael' is not a recipe; did you mean `reveal`?"),
        ("recipe: reveal@3", "motion.recipe", "reveal has no version 3; it has 1, 2"),
        ("recipe: reveal, atmosphere: dust, airs: [mist]", "motion.airs", "stands beside atmosphere; keep one of them"),
        ("recipe: reveal, airs: [mist, fgo]", "motion.airs[1].kind", "'fgo' is not known"),
        ("recipe: reveal, strength: 0", "motion.strength", "or the recipe `locked` for a camera that stands still"),
        ("recipe: reveal, strength: half", "motion.strength", "'half' will not do; use more than 0 and at most 1"),
        ("recipe: reveal, atmosphere: fog", "motion.atmosphere", "'fog' is not known; did you mean `mist`?"),
        ("recipe: reveal, airs: [leaves]", "motion.airs[0].kind", "'leaves' is not known; did you mean `foliage`?"),
        ("recipe: reveal, loop: boomerang", "motion.loop", "'boomerang' is not known; did you mean `ping-pong`?"),
        ("prompt: slow push, soft haze", "motion.soft haze", "put a text with a comma between quotation marks"),
        ("recipe: reveal, loop: twice", "motion.loop", "'twice' is not known"),
        ("recipe: reveal, gate: off", "motion.gate", "none"),
        ("recipe: reveal, speed: 21", "motion.speed", "use more than 0 and at most 20"),
        ("recipe: reveal, speed: 2, strength: 1", "motion.speed", "stands beside strength; keep one of them"),
        ("recipe: reveal, seconds: 5.5", "motion.seconds", "use at most 5, or at least 6"),
    ],
)
def test_what_is_wrong_in_a_brief_has_line_field_and_fix(project: Path, words: str, field: str, message: str) -> None:
    line, at, told = problem(project, words)
    assert (line, at) == (6, field)
    assert message in told


def test_what_is_wrong_in_a_recipe_has_file_line_field_and_fix(project: Path) -> None:
    file = motion_folder(project) / "reveal.2.yaml"
    file.write_text(REVEAL.replace("ease: out", "ease: fast").replace("0.6\n", "6\n"))
    with pytest.raises(BriefRejected) as caught:
        read_recipe(file)
    assert caught.value.message.splitlines() == [
        f"{file}:6: camera[1].ease: 'fast' is not known; use one of smooth, linear, in, out",
        f"{file}:7: strength: 6 will not do; use a number from 0 to 1",
    ]
    with pytest.raises(BriefRejected) as caught:
        motion(project, "recipe: reveal")
    assert [(item.file, item.line, item.field) for item in caught.value.problems] == [
        (str(file), 6, "camera[1].ease"),
        (str(file), 7, "strength"),
    ]


def test_a_files_name_says_recipe_and_version(project: Path) -> None:
    file = motion_folder(project) / "other.yaml"
    file.write_text(REVEAL)
    with pytest.raises(BriefRejected, match=r"is reveal@2; name the file reveal\.2\.yaml"):
        own_recipes(project)


@pytest.mark.parametrize("recipe", SHIPPED, ids=lambda recipe: recipe.reference)
def test_those_that_come_along_are_written_as_they_are_read(recipe: object, tmp_path: Path) -> None:
    shipped = next(item for item in SHIPPED if item is recipe)
    file = tmp_path / f"{shipped.name}.{shipped.version}.yaml"
    file.write_text(recipe_text(shipped))
    again = read_recipe(file)
    assert again == shipped
    assert content_digest(again) == content_digest(shipped)
    assert shipped.words


def test_the_nine_of_before_still_move_as_they_did() -> None:
    moves = {name: (RECIPES[name].motion.camera.value, RECIPES[name].motion.strength) for name in RECIPES}
    assert (
        moves.items()
        >= {
            "slow-push": ("push", 0.5),
            "push": ("push", 1.0),
            "slow-pull": ("pull", 0.5),
            "pan-left": ("pan_left", 0.5),
            "pan-right": ("pan_right", 0.5),
            "tilt-up": ("tilt_up", 0.5),
            "tilt-down": ("tilt_down", 0.5),
            "orbit": ("orbit", 0.5),
            "locked": ("locked", 0.0),
        }.items()
    )


def test_every_one_that_comes_along_is_in_the_documentation() -> None:
    told = (Path(__file__).parents[3] / "docs" / "recipes.md").read_text(encoding="utf-8")
    assert [recipe.name for recipe in SHIPPED if f"| `{recipe.name}` | {recipe.words} |" not in told] == []
