"""`firstframe recipe list | show | diff | try`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from firstframe.animation.effects import check_alone
from firstframe.animation.effects.modules import module_of, modules
from firstframe.animation.effects.people import People
from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.cli import recipe_show
from firstframe.cli.local_models import LocalModels
from firstframe.cli.main import app
from firstframe.cli.motion_recipes import motion_folder
from firstframe.cli.motion_words import described, differences, farthest, moments
from firstframe.cli.recipe_heroes import Tried, hero_of_file, hero_of_lane, small
from firstframe.cli.recipe_show import Uses
from firstframe.cli.recipe_try import follow
from firstframe.core.errors import FirstframeError
from firstframe.core.media import HeroPicture, LayerImage, LayerPictures, LayerRole, PixelRect, PixelSize
from firstframe.core.motion import Air, Atmosphere, CameraMove, CameraPhase, Ease, Effect, EffectKind, Heritage, Motion
from firstframe.core.recipes import Recipe
from firstframe.orchestrator.encode import content_digest
from firstframe.orchestrator.recipes import RECIPES, SHIPPED

PUSH, PULL = RECIPES["push"], RECIPES["slow-pull"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTFRAME_HOME", str(tmp_path / "home"))


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, ["recipe", *map(str, arguments)], catch_exceptions=False)


def document(*arguments: object) -> dict[str, Any]:
    result = run(*arguments, "--json")
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def picture(file: Path, size: tuple[int, int], seed: int) -> Path:
    """A speckled ball before a calm wall."""
    rng = np.random.default_rng(seed)
    width, height = size
    levels = np.full((height, width, 3), (96, 104, 112), np.float32) + rng.normal(0, 2, (height, width, 1))
    speckles = cv2.GaussianBlur(rng.uniform(0, 255, (height, width, 3)).astype(np.float32), (0, 0), 1.5)
    ball = np.zeros((height, width), np.float32)
    cv2.circle(ball, (width // 2, height // 2), height // 4, 1.0, -1, cv2.LINE_AA)
    bright = 128 + (speckles - 128) * 4 + np.array([60, 10, -60])
    levels = levels * (1 - ball[..., None]) + bright * ball[..., None]
    Image.fromarray(levels.clip(0, 255).astype(np.uint8)).save(file)
    return file


@pytest.mark.parametrize("recipe", SHIPPED, ids=lambda recipe: recipe.reference)
def test_whatever_comes_along_can_be_done(recipe: Recipe) -> None:
    if recipe.motion.effect is not None:
        check_alone(recipe.motion)
        module_of(modules(People()), recipe.motion.effect.kind)
    assert described(recipe)["path"].startswith("the subject ")


def test_both_names_of_the_group_are_the_same() -> None:
    assert run("list").stdout == CliRunner().invoke(app, ["recipes", "list"]).stdout
    assert {item["recipe"] for item in document("list")["motions"]} == set(RECIPES)


def test_show_tells_a_motion_in_words_and_numbers() -> None:
    shown = document("show", "slow-push@1")
    assert (shown["camera"], shown["strength"], shown["version"], shown["uses"]) == ("push", 0.5, 1, [])
    assert shown["does"]["path"] == "the subject grows by 5.5 %; the background shrinks by 3.7 % against it"
    assert shown["content_digest"] == content_digest(RECIPES["slow-push"])
    text = run("show", "slow-push").stdout
    assert "in a brief: motion: {recipe: slow-push@1}" in text
    assert "used: not yet; it comes along and never changes" in text


def test_show_knows_looks_too_and_names_the_nearest_of_both() -> None:
    assert document("show", "stone-at-night")["scene"] == "stone"
    with pytest.raises(FirstframeError, match="did you mean `slow-push`"):
        run("show", "slow-puhs")
    with pytest.raises(FirstframeError, match="slow-push has no version 8; it has 1"):
        run("show", "slow-push@8")
    with pytest.raises(FirstframeError, match="stone-at-night has no version 8; it has 1"):
        run("show", "stone-at-night@8")


def uses(*found: tuple[int, str, str]) -> Uses:
    made = [
        campaigns_pb2.RecipeUse(version=a, content_digest=b, campaign=f"projects/a/campaigns/{c}") for a, b, c in found
    ]
    return Uses(tuple(made))


def test_a_folder_that_cannot_be_written_and_a_brief_that_is_not_there_are_told_before_anything_is_made(
    tmp_path: Path,
) -> None:
    taken, still = tmp_path / "taken", tmp_path / "still.png"
    taken.write_text("mine")
    with pytest.raises(FirstframeError, match=r"--out: .*taken is a file; name a folder"):
        run("try", still, "--recipe", "push", "--out", taken)
    with pytest.raises(FirstframeError, match=r"--from: .*none\.yaml does not exist; name a brief"):
        run("save", "nice", "--from", tmp_path / "none.yaml", "--lane", "bottle.1.1x1")


def test_show_tells_where_a_motion_is_used_and_whether_it_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    known = content_digest(PUSH)
    monkeypatch.setattr(recipe_show, "uses_of", lambda *_: uses((1, known, "b"), (1, known, "a"), (4, "x", "c")))
    assert "used by 2 campaigns: b, a; it never changes now\n" in run("show", "push").stdout
    assert document("show", "push")["uses"][0] == {"version": 1, "campaign": "projects/a/campaigns/b"}
    monkeypatch.setattr(recipe_show, "uses_of", lambda *_: uses((1, "other", "b"), (4, "x", "c")))
    assert "what was used is another motion than this: raise the version to 5" in run("show", "push").stdout
    monkeypatch.setattr(recipe_show, "uses_of", lambda *_: Uses(unknown="it is away"))
    assert "used: nobody can tell; it is away" in run("show", "push").stdout
    assert document("show", "push")["uses"] is None


def test_diff_tells_what_is_not_the_same_and_by_how_much(tmp_path: Path) -> None:
    found = run("diff", "push", "slow-pull")
    assert found.exit_code == 1
    assert "farthest apart: 16.21 %" in found.stdout
    told = document("diff", "push", "slow-pull")
    assert set(told["differences"]) == {"camera", "amount", "path"}
    assert told["differences"]["amount"] == ["strength 1 of 1", "strength 0.5 of 1"]
    assert [round(item["path"][-1]["larger"], 1) for item in told["recipes"]] == [11.0, -5.2]
    same = run("diff", "push", "push@1")
    assert (same.exit_code, same.stdout) == (0, "push@1 and push@1 are the same motion\n")
    own = motion_folder(tmp_path)
    own.mkdir(parents=True)
    (own / "push.2.yaml").write_text("recipe: push\nversion: 2\ncamera: push\nstrength: 1\nairs: snow\nseed: 3\n")
    (own / "push.1.yaml").write_text("recipe: push\nversion: 1\ncamera: push\nstrength: 1\n")
    told = document("diff", "push@1", "push@2", "--in", tmp_path)
    assert told["differences"] == {"airs": ["clear", "snow 0.5"], "seed": ["the brief's", "3, its own"]}
    assert told["farthest_percent"] == 0


def test_the_words_tell_every_part_of_a_motion() -> None:
    phases = (CameraPhase(CameraMove.PUSH, 0.5, 0.25, Ease.IN), CameraPhase(CameraMove.PAN_LEFT, 1, 0.75, Ease.LINEAR))
    heritage = Effect(EffectKind.HERITAGE, Heritage(2, 3, -1, 0.5, restore=True))
    airs = (Air(Atmosphere.RAIN, 0.25, 250, "sky"),)
    words = described(Recipe("a", 1, Motion(phases, 0.0, airs, effect=heritage, speed=2), "", 4))
    assert words["camera"] == "push 0.5 gathering speed over 0–25 %, then pan-left at one speed over 25–100 %"
    assert words["amount"] == "2 % of the frame per second"
    assert words["airs"] == "rain 0.25 towards 250° on sky"
    assert words["effect"] == "heritage: 2 blinks, head turned 3° and tilted -1°, breath 0.5, restored"
    dance = Recipe("b", 1, Motion(phases, 0.0, airs, effect=Effect(EffectKind.DANCE, track="sway"), speed=2), "", 4)
    assert differences(Recipe("a", 1, dance.motion, "", 4), dance) == {}
    assert described(dance)["effect"] == "dance along sway"
    assert farthest(moments(PUSH), moments(PULL)) == pytest.approx(16.21, abs=0.01)


def test_try_gives_a_strip_and_films_and_the_same_feel_on_heroes_of_any_format(tmp_path: Path) -> None:
    heroes = [picture(tmp_path / "wide.png", (960, 540), 1), picture(tmp_path / "tall.png", (540, 960), 2)]
    out = tmp_path / "out"
    told = document("try", *heroes, "--recipe", "slow-push", "--seconds", 1, "--quick", "--out", out)
    ends = [trial["seen_percent"][-1]["larger"] for trial in told["trials"]]
    assert [trial["applied_strength"] for trial in told["trials"]] == [0.5, 0.5]
    assert ends == pytest.approx([5.5, 5.5], rel=0.05)
    assert {trial["seen_percent"][0]["larger"] for trial in told["trials"]} == {0}
    with Image.open(told["strip"]) as strip:
        assert strip.width == 2200
        assert np.asarray(strip).std() > 5
    sizes = []
    for trial in told["trials"]:
        with av.open(trial["film"]) as film:
            sizes.append((film.streams.video[0].width, film.streams.video[0].height))
            assert film.streams.video[0].codec_context.pix_fmt == "yuv420p"
            assert sum(1 for _ in film.decode(video=0)) == 24
    assert sizes == [(640, 360), (360, 640)]


def test_try_names_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(FirstframeError, match="does not exist"):
        run("try", tmp_path / "none.png", "--recipe", "push")
    hero = picture(tmp_path / "a.png", (320, 180), 1)
    with pytest.raises(FirstframeError, match="did you mean `push`"):
        run("try", hero, "--recipe", "psuh")
    with pytest.raises(FirstframeError, match="7:5"):
        hero_of_file(hero, "7:5", LocalModels())


@pytest.mark.parametrize("kind", ["dance", "kiss", "hug"])
def test_what_needs_consent_cannot_be_tried(tmp_path: Path, kind: str) -> None:
    own = motion_folder(tmp_path)
    own.mkdir(parents=True)
    (own / "close.1.yaml").write_text(f"recipe: close\nversion: 1\ncamera: locked\nstrength: 1\neffect: {kind}\n")
    hero = picture(tmp_path / "a.png", (320, 180), 1)
    with pytest.raises(FirstframeError, match="needs the consent of each person shown") as caught:
        run("try", hero, "--recipe", "close", "--in", tmp_path, "--quick", "--out", tmp_path / "out")
    assert caught.value.reason == "NO_CONSENT"
    assert not list((tmp_path / "out").glob("*"))


def layered(width: int, height: int, bleed: int) -> HeroPicture:
    back = np.full((height + 2 * bleed, width + 2 * bleed, 4), (200, 100, 50, 255), np.uint8)
    front = np.zeros_like(back)
    front[bleed + 100 : bleed + 300, bleed + 200 : bleed + 400] = (10, 220, 30, 255)
    image = back[bleed:-bleed, bleed:-bleed, :3].copy()
    image[100:300, 200:400] = (10, 220, 30)
    layers = (LayerImage(LayerRole.BACKGROUND, back, 6.0), LayerImage(LayerRole.SUBJECT, front, 2.0))
    return HeroPicture(image, LayerPictures(layers, bleed, 40.0, 1.0), None, None, PixelRect(200, 100, 200, 200))


def test_a_hero_is_shrunk_with_its_layers() -> None:
    hero = small(layered(1280, 720, 64))
    assert (hero.size, hero.layers.bleed_px, hero.subject) == (PixelSize(640, 360), 32, PixelRect(100, 50, 100, 100))
    assert {layer.rgba.shape for layer in hero.layers.layers} == {(424, 704, 4)}
    assert hero.image[60, 150].tolist() == [10, 220, 30]
    assert hero.image[10, 10].tolist() == [200, 100, 50]
    tiny = layered(320, 180, 16)
    assert small(tiny) is tiny


def test_a_lane_without_a_still_cannot_be_tried(tmp_path: Path) -> None:
    from firstframe.adapters.local_folder import LocalFolderStore

    store = LocalFolderStore(tmp_path)
    campaign = campaigns_pb2.Campaign(lanes=[campaigns_pb2.Lane(lane="bottle.1.16x9")])
    with pytest.raises(FirstframeError, match=r"there is no lane 'x'; use one of bottle\.1\.16x9"):
        hero_of_lane(campaign, "x", store)
    with pytest.raises(FirstframeError, match="has no still yet"):
        hero_of_lane(campaign, "bottle.1.16x9", store)


def test_the_subject_is_followed_and_nothing_else() -> None:
    hero = layered(640, 360, 16)
    near = np.zeros_like(hero.layers.layers[0].rgba)
    near[200:, 450:] = 255
    layers = (*hero.layers.layers, LayerImage(LayerRole.FOREGROUND, near, 1.0))
    rng = np.random.default_rng(3)
    first = cv2.GaussianBlur(rng.uniform(0, 255, (360, 640, 3)).astype(np.float32), (0, 0), 1.2)
    first = ((first - 128) * 3 + 128).clip(0, 255).astype(np.uint8)
    moved = first.copy()
    moved[104:304, 206:406] = first[100:300, 200:400]
    still = replace(hero, layers=replace(hero.layers, layers=layers))
    start, end = follow(Tried("a", still), [first, moved])
    assert start is not None
    assert end is not None
    assert (start.right, start.up, start.larger) == pytest.approx((0, 0, 0), abs=0.01)
    assert (end.right, end.up) == pytest.approx((100 * 6 / 640, -100 * 4 / 360), abs=0.02)
    assert end.larger == pytest.approx(0, abs=0.1)
    calm = np.full((360, 640, 3), 90, np.uint8)
    assert list(follow(Tried("a", still), [calm, calm])) == [None, None]
