"""A brief that has a learned model move its hero, from `firstframe run` to an MP4: the whole local stack, tiny weights."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
import yaml
from PIL import Image

from firstframe.packs.spec import Pack
from support.tiny_home import machine

FRAMES, RATE = 33, 25
"""As many as a platform's shortest video takes."""


def deliverable(pack: Pack) -> Pack:
    """The tiny LTX at a rate and a length that platforms take, and with a last frame."""
    assert pack.pipeline is not None
    native = pack.pipeline.native.model_copy(update={"fps": RATE, "default_frames": FRAMES, "max_frames": FRAMES})
    return pack.model_copy(update={"pipeline": pack.pipeline.model_copy(update={"native": native, "last_frame": True})})


def write_brief(folder: Path, **motion: object) -> Path:
    rows, columns = np.mgrid[:360, :640]
    image = np.stack([rows * 0.6, columns * 0.35, 120 + 60 * np.sin(rows / 30)], -1)
    Image.fromarray(image.astype(np.uint8)).save(folder / "slope.png")
    brief = {
        "campaign": "learned",
        "seed": 3,
        "approval": "auto",
        "quality": "draft",
        "heroes": [{"name": "slope", "photo": "slope.png"}],
        "formats": ["16:9"],
        "motion": {"recipe": "slow-push", "engine": "diffusers", "seconds": 3, "gate": "none", **motion},
        "deliver": ["youtube"],
    }
    file = folder / "learned.yaml"
    file.write_text(yaml.safe_dump(brief))
    return file


def firstframe(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    own = {
        "PACKS_DIR": str(folder / "packs"),
        "FIRSTFRAME_MODELS": str(folder / "home"),
        "FIRSTFRAME_HOME": str(folder / "stack"),
        "FIRSTFRAME_ORCHESTRATOR_ENGINE_PATIENCE_S": "300",  # a busy machine starts a stage slowly
    }
    command = [sys.executable, "-m", "firstframe.cli.main", *arguments]
    return subprocess.run(command, env=os.environ | own, capture_output=True, text=True, timeout=600, check=False)


@pytest.mark.timeout(900)
def test_a_brief_becomes_a_video_that_a_model_moved(tmp_path: Path) -> None:
    machine(tmp_path, ["ltx"], deliverable)
    brief = write_brief(tmp_path, pack="tiny-ltx", end="hero", steps=2, negative="glare")

    done = firstframe(tmp_path, "run", str(brief), "--out", str(tmp_path / "out"))

    assert done.returncode == 0, done.stdout + done.stderr
    (video,) = (tmp_path / "out" / "videos").glob("*.mp4")
    with av.open(str(video)) as film:
        assert sum(1 for _ in film.decode(video=0)) == FRAMES
        assert film.streams.video[0].average_rate == RATE
    manifest = json.loads(next((tmp_path / "out" / "manifests").glob("*.json")).read_text())
    (clip,) = [step for step in manifest["steps"] if step["stage"] == "animation"]
    asked = clip["request"]
    assert (asked["engine"], asked["pack"], asked["steps"]) == ("diffusers", "tiny-ltx", 2)
    assert asked["last_frame"]["digest"] == asked["hero"]["image"]["digest"]
    assert asked["motion"]["negative_prompt"].startswith("glare, shaky camera")


@pytest.mark.timeout(900)
def test_a_pack_that_is_not_installed_is_refused_before_a_still_is_made(tmp_path: Path) -> None:
    found = machine(tmp_path, ["ltx"], deliverable)
    brief = write_brief(tmp_path, pack="tiny-ltx")
    (tmp_path / "home").rename(tmp_path / "elsewhere")

    done = firstframe(tmp_path, "run", str(brief), "--out", str(tmp_path / "out"))

    assert done.returncode == 1, done.stdout + done.stderr
    said = " ".join((done.stdout + done.stderr).split())
    assert "no server of the animation stage has diffusers with tiny-ltx" in said
    assert "firstframe models pull tiny-ltx" in said
    assert not list((tmp_path / "stack" / "store").rglob("*.png"))
    assert found.packs


@pytest.mark.timeout(300)
def test_a_plan_reads_packs_of_ones_own_from_the_folder_of_packs(tmp_path: Path) -> None:
    machine(tmp_path, ["ltx"], deliverable)
    brief = write_brief(tmp_path, pack="tiny-ltx")
    done = firstframe(tmp_path, "plan", str(brief), "--json")
    assert done.returncode == 0, done.stderr
    (clip,) = [step for step in json.loads(done.stdout)["steps"] if step["stage"] == "STAGE_ANIMATION"]
    assert "moved by tiny-ltx: 3 steps at guidance 3, seed 3" in clip["reasons"]
    assert any("its graphs are made for 33" in reason for reason in clip["reasons"])
