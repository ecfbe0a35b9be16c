"""kill -9 of anything at any moment of `firstframe run`: it goes on, or runs again to the end, with the same bytes."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import pytest

from support.campaign_run import CampaignRun, Sightings

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]

BRIEF = """\
campaign: chaos
seed: 11
heroes:
  - name: bottle
    set: {scene: studio, palette: amber-dusk, copy: "Unbroken"}
formats: ["16:9", "1:1"]
motion: {recipe: slow-push, atmosphere: dust, seconds: 3, fps: 24}
deliver: [youtube, instagram-feed]
approval: auto
quality: draft
"""
VIDEOS = {"chaos_bottle_16x9_youtube.mp4", "chaos_bottle_1x1_instagram-feed.mp4"}
FRAMES = 72
POINTS = 20
VICTIMS = ("cli", "orchestrator", "imagegen", "animation", "upscaling", "stitching")
MOST_RUNS = 3
MOST_ATTEMPTS = 4


@dataclass(frozen=True)
class Undisturbed:
    """What a run that nobody disturbs does."""

    seconds: float
    videos: dict[str, str]
    work: set[str]


@pytest.fixture(scope="module")
def brief(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("brief") / "chaos.yaml"
    path.write_text(BRIEF)
    return path


@pytest.fixture(scope="module")
def undisturbed(brief: Path, tmp_path_factory: pytest.TempPathFactory, summary: list[str]) -> Iterator[Undisturbed]:
    run = CampaignRun(brief, tmp_path_factory.mktemp("undisturbed") / "run")
    began = time.monotonic()
    try:
        run.start()
        assert run.wait() == 0, run.log()
        found = Undisturbed(time.monotonic() - began, run.videos(), set(run.finished_work()))
    finally:
        run.close()
    assert set(found.videos) == VIDEOS
    assert len(found.work) == 10, "two lanes of four stages and the checks"
    summary.append(f"undisturbed: {found.seconds:.1f} s")
    yield found


def _victim(seed: int, point: int) -> str:
    """Whom a point hits: everybody in turn, in an order that the seed decides, so that nobody is left out."""
    turns = [*VICTIMS] * -(-POINTS // len(VICTIMS))
    random.Random(seed).shuffle(turns)
    return turns[point]


@pytest.mark.parametrize("point", range(POINTS))
def test_a_process_is_killed_at_a_random_point(
    point: int, brief: Path, undisturbed: Undisturbed, chaos_seed: int, summary: list[str], tmp_path: Path
) -> None:
    rng = random.Random(f"{chaos_seed}/{point}")
    moment_s = (point + rng.random()) / POINTS * undisturbed.seconds
    for attempt in range(MOST_ATTEMPTS):
        run = CampaignRun(brief, tmp_path / f"attempt-{attempt}")
        try:
            began = time.monotonic()
            with Sightings(run.out) as sightings:
                run.start()
                # A faster machine than a moment ago may be done before the moment comes: then again, with an earlier one.
                if not _sleep_while_running(run, moment_s):
                    moment_s *= 0.8
                    continue
                killed = run.kill(_victim(chaos_seed, point), rng)
                code = run.finish(MOST_RUNS)
            took_s = time.monotonic() - began
            summary.append(f"{point:2}: {killed} at {moment_s:.2f} s; {run.runs} runs, {took_s:.1f} s")
            assert code == 0, run.log()
            _check(run, sightings, undisturbed)
            return
        finally:
            run.close()
    pytest.fail("the campaign was always done before the moment came")


def test_the_command_is_killed_while_it_writes_the_library(
    brief: Path, undisturbed: Undisturbed, chaos_seed: int, summary: list[str], tmp_path: Path
) -> None:
    rng = random.Random(f"{chaos_seed}/library")
    run = CampaignRun(brief, tmp_path / "run")
    try:
        with Sightings(run.out) as sightings:
            for kill in range(3):
                run.start()
                while run.running and not any(run.out.glob(".partial/*")):
                    time.sleep(0.0005)
                time.sleep(rng.uniform(0, 0.02))
                if run.running:
                    run.kill("cli", rng)
                    summary.append(f"library, kill {kill}: {len(run.videos())} videos were there")
                run.wait()
                _check_library_is_consistent(run.out)
            code = run.finish(run.runs + 1)
        assert code == 0, run.log()
        _check(run, sightings, undisturbed)
    finally:
        run.close()


def _sleep_while_running(run: CampaignRun, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while run.running and (left := deadline - time.monotonic()) > 0:
        time.sleep(min(left, 0.01))
    return run.running


def _check(run: CampaignRun, sightings: Sightings, undisturbed: Undisturbed) -> None:
    assert run.videos() == undisturbed.videos, "other bytes than without a kill"
    for (name, _), digest in sightings.seen.items():
        assert digest == undisturbed.videos[name], f"{name} was seen half-written"
    for name in VIDEOS:
        with av.open(run.out / "videos" / name) as container:
            assert sum(1 for _ in container.decode(video=0)) == FRAMES
    _check_library_is_consistent(run.out)
    assert not list(run.out.glob(".partial")), "what was left aside is swept"
    work = run.finished_work()
    assert {key: count for key, count in work.items() if count > 1} == {}, "finished work was done again"
    assert set(work) <= undisturbed.work
    assert run.left_over() == []


def _check_library_is_consistent(out: Path) -> None:
    """The index, when there is one, names only files that are there."""
    if (out / "library.json").exists():
        index = json.loads((out / "library.json").read_text())
        assert [path for path in index["files"] if not (out / path).is_file()] == []
