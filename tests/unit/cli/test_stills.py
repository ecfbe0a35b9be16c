"""Drafts of a template: what looks alike is replaced, the same each time, and said."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from firstframe.adapters.local_folder import LocalFolderStore
from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.cli.briefs import LoadedBrief, load_brief
from firstframe.cli.main import app
from firstframe.cli.picks import picks_file, write_picks
from firstframe.cli.stills import MAX_ROUNDS, Looked, captions, check_template, look, stills_brief
from firstframe.cli.variations_sheet import draw_variations
from firstframe.core.errors import InvalidInput
from firstframe.imaging.likeness import Likeness
from firstframe.orchestrator.decode import decode_brief
from firstframe.orchestrator.planner import plan
from firstframe.templates.lookalikes import Lookalike

BRIEF = """\
campaign: eight
seed: 1207
heroes: [{name: own, set: {scene: stone, palette: ink-night, copy: Own}}]
template:
  name: serum
  set: {copy: Dew}
  vary: {scene: [studio, stone], palette: [amber-dusk, sage-noon], seeds: [1, 2, 3]}
  count: 6
formats: ["4:5", "9:16"]
motion: {recipe: slow-push}
deliver: [instagram-feed, tiktok]
approval: auto
"""


def write(folder: Path, text: str = BRIEF) -> Path:
    file = folder / "brief.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def painted(hero: campaigns_pb2.HeroBrief) -> np.ndarray:
    """A picture as the engine would make it, as far as likeness goes: seeds of one parity look the same."""
    key = f"{hero.set.scene} {hero.set.palette} {hero.seed % 2}"
    rng = np.random.default_rng(list(key.encode()))
    small = rng.uniform(0, 255, (6, 5, 3)).astype(np.float32)
    return np.clip(cv2.resize(small, (72, 90), interpolation=cv2.INTER_CUBIC), 0, 255).astype(np.uint8)


class Stage:
    """Makes the drafts of briefs, and remembers them."""

    def __init__(self, folder: Path, failing: str = "") -> None:
        self.store = LocalFolderStore(folder)
        self.briefs: list[campaigns_pb2.Brief] = []
        self._failing = failing

    async def make(self, loaded: LoadedBrief) -> campaigns_pb2.Campaign:
        brief = stills_brief(loaded)
        self.briefs.append(brief)
        made = campaigns_pb2.Campaign(brief=brief)
        for hero in brief.heroes:
            lane = made.lanes.add(lane=f"{hero.name}.1.4x5", hero_name=hero.name)
            if hero.name == self._failing:
                continue
            data = io.BytesIO()
            Image.fromarray(painted(hero)).save(data, "PNG")
            lane.hero.image.digest = self.store.put_bytes(data.getvalue(), "image/png").digest
        return made


def looked(tmp_path: Path, text: str = BRIEF, failing: str = "") -> tuple[Looked, list[Lookalike[Likeness]], Stage]:
    stage, told = Stage(tmp_path / "store", failing), []
    made = asyncio.run(look(write(tmp_path, text), stage.make, stage.store, told.append))
    return made, told, stage


def looks(loaded: LoadedBrief) -> list[tuple[str, str, int]]:
    return [
        (hero.set.scene, hero.set.palette, hero.seed % 2)
        for hero in loaded.message.heroes
        if hero.name.startswith("serum")
    ]


def test_what_looks_alike_is_replaced_until_nothing_does(tmp_path: Path) -> None:
    text = BRIEF.replace("count: 6", "count: 8")
    before = looks(load_brief(write(tmp_path, text)))
    assert len(set(before)) < 8, "the template alone has lookalikes"
    made, told, _ = looked(tmp_path, text)
    assert len(set(looks(made.loaded))) == 8
    assert made.left == []
    assert {item.take.name for item in told} == set(made.picks)
    assert all(item.measure.hash_bits == 0 for item in told)


def test_it_is_the_same_each_time_and_the_brief_keeps_it(tmp_path: Path) -> None:
    text = BRIEF.replace("count: 6", "count: 8")
    one, _, _ = looked(tmp_path, text)
    other, _, _ = looked(tmp_path, text)
    assert one.picks == other.picks
    write_picks(picks_file(tmp_path / "brief.yaml"), one.picks.values())
    assert looks(load_brief(tmp_path / "brief.yaml")) == looks(one.loaded)
    again, _, _ = looked(tmp_path, text)
    assert again.picks == one.picks, "what is written down does not count when it is looked again"


def test_more_than_there_are_looks_is_told(tmp_path: Path) -> None:
    made, _, _ = looked(tmp_path, BRIEF.replace("count: 6", "count: 12"))
    assert len(set(looks(made.loaded))) == 8
    assert len(made.left) == 4
    assert made.rounds <= MAX_ROUNDS


def test_only_the_takes_of_the_template_are_made_as_drafts_that_never_move(tmp_path: Path) -> None:
    brief = stills_brief(load_brief(write(tmp_path)))
    assert [hero.name for hero in brief.heroes] == [f"serum-00{number}" for number in range(1, 7)]
    assert (list(brief.formats), list(brief.platforms)) == (["4:5"], ["instagram-feed"])
    assert (brief.quality, brief.approval) == (
        imagegen_pb2.QUALITY_DRAFT,
        campaigns_pb2.APPROVAL_POLICY_REQUIRED,
    )
    assert brief.campaign == "eight-stills"
    assert len(plan(decode_brief(brief)).lanes) == 6


def test_a_long_name_is_cut(tmp_path: Path) -> None:
    brief = stills_brief(load_brief(write(tmp_path, BRIEF.replace("eight", "e" * 63))))
    assert len(brief.campaign) == 63
    decode_brief(brief)


def test_a_take_that_was_not_made_is_missing_and_the_others_are_compared(tmp_path: Path) -> None:
    made, _, _ = looked(tmp_path, failing="serum-002")
    assert len(made.pictures) == 5
    assert "serum-002" not in dict(captions(made))


def test_a_brief_without_a_template_is_refused(tmp_path: Path) -> None:
    a, b = BRIEF.index("template:"), BRIEF.index("formats:")
    with pytest.raises(InvalidInput, match="compares the takes of a template"):
        check_template(load_brief(write(tmp_path, BRIEF[:a] + BRIEF[b:])))


def test_a_folder_that_cannot_be_written_is_told_before_a_still_is_made(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("mine")
    words = ["stills", str(write(tmp_path)), "--out", str(taken), "--home", str(tmp_path / "home")]
    with pytest.raises(InvalidInput, match=r"--out: .*taken is a file; name a folder"):
        CliRunner().invoke(app, words, catch_exceptions=False)
    assert not (tmp_path / "home").exists()


def test_the_sheet_shows_every_still_with_what_it_is_made_of(tmp_path: Path) -> None:
    made, _, _ = looked(tmp_path)
    (page,) = draw_variations("eight", "6 stills", captions(made), made.pictures)
    assert captions(made)[0][1].count(" · ") == 1
    assert page.width == 2560
    whole = np.asarray(page).reshape(-1, 3)
    for picture in made.pictures.values():
        middle = picture[45, 36].astype(int)
        assert (np.abs(whole - middle).max(axis=1) < 6).any()


class Counting(LocalFolderStore):
    """A store that counts what is read from it, and how much of it is still held."""

    reads = 0

    def get_bytes(self, digest: str, *, max_bytes: int) -> bytes:
        self.reads += 1
        return super().get_bytes(digest, max_bytes=max_bytes)


def test_stills_are_read_one_at_a_time_and_compared_once(tmp_path: Path) -> None:
    stage = Stage(tmp_path / "store")
    stage.store = store = Counting(tmp_path / "store")
    made = asyncio.run(look(write(tmp_path, BRIEF.replace("count: 6", "count: 8")), stage.make, store, lambda _: None))
    assert len(stage.briefs) > 1
    assert store.reads == len(
        {hero.SerializeToString() for brief in stage.briefs for hero in map(look_of, brief.heroes)}
    )
    store.reads = 0
    name = next(iter(made.pictures))
    first, second = made.pictures[name], made.pictures[name]
    assert first is not second
    assert np.array_equal(first, second)
    assert made.pictures.file(name).startswith(b"\x89PNG")
    assert store.reads == 3


def look_of(hero: campaigns_pb2.HeroBrief) -> campaigns_pb2.HeroBrief:
    """What the pictures of `painted` follow from."""
    made = campaigns_pb2.HeroBrief(seed=hero.seed % 2)
    made.set.scene, made.set.palette = hero.set.scene, hero.set.palette
    return made


def test_many_stills_go_on_several_pages() -> None:
    captions_ = [
        (f"a-{number:03d}", "a very long text that no still is wide enough for, and longer") for number in range(130)
    ]
    pictures = {name: np.full((20, 36, 3), 90, np.uint8) for name, _ in captions_}
    pages = list(draw_variations("a", "b", captions_, pictures))
    assert len(pages) == 3
    assert pages[0].height > pages[2].height
