"""One small campaign from its file to its library, at draft size, through `firstframe run` and every real service."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from skimage.metrics import structural_similarity

from firstframe.adapters.video import PyavVideo

ROOT = Path(__file__).parents[2]
SECONDS_FOR_A_RUN = 600
AWAITS = 3
"""Exit code of a run in which a hero waits for a person."""
EXPECTED = {
    "draft_bottle_16x9_youtube.mp4": (1920, 1080, True),
    "draft_bottle_9x16_tiktok.mp4": (1080, 1920, True),
    "draft_photo_16x9_youtube.mp4": (1920, 1080, True),
    "draft_photo_9x16_tiktok.mp4": (1080, 1920, True),
}
BRIEF = """
campaign: draft
seed: 1207
heroes:
  - name: bottle
    set: {scene: studio, palette: sage-noon, copy: "First Light"}
  - name: photo
    photo: photo.png
    reframe: extend
formats: ["16:9", "9:16"]
motion: {recipe: slow-push, atmosphere: dust, seconds: 3, fps: 24}
deliver: [youtube, tiktok]
approval: auto
quality: draft
"""


def photograph() -> np.ndarray[Any, np.dtype[np.uint8]]:
    """A vase on a table, 900×700: soft background, one clear subject."""
    rows, columns = np.mgrid[0:700, 0:900].astype(np.float32)
    picture = np.stack([90 + rows / 9, 110 + columns / 12, 140 - rows / 14], axis=-1)
    picture[500:] = (70, 90, 120)
    vase = ((columns - 450) / 90) ** 2 + ((rows - 420) / 150) ** 2 < 1
    shade = 1 - 0.5 * np.abs(columns - 430) / 90
    picture[vase] = np.stack([40 * shade, 60 * shade, 220 * shade], axis=-1)[vase]
    return cv2.GaussianBlur(np.clip(picture, 0, 255), (0, 0), 1.2).astype(np.uint8)


def run(folder: Path, *, expect: int = 0) -> dict[str, Any]:
    """`firstframe run --json`; its last event."""
    command = [sys.executable, "-m", "firstframe.cli.main", "run", str(folder / "brief.yaml")]
    command += ["--out", str(folder / "out"), "--home", str(folder / "home"), "--json"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=SECONDS_FOR_A_RUN, check=False, cwd=ROOT, env=os.environ
    )
    assert done.returncode == expect, done.stderr + done.stdout[-2000:]
    last: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return last


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the campaign was run."""
    folder = tmp_path_factory.mktemp("campaign")
    cv2.imwrite(str(folder / "photo.png"), photograph())
    (folder / "brief.yaml").write_text(BRIEF)
    run(folder)
    return folder


@pytest.mark.timeout(SECONDS_FOR_A_RUN)
def test_the_library_is_complete(library: Path) -> None:
    out = library / "out"
    assert {path.name for path in (out / "videos").iterdir()} == set(EXPECTED)
    assert {path.stem for path in (out / "manifests").iterdir()} == {Path(name).stem for name in EXPECTED}
    assert (out / "index.html").read_text().count("<video") == len(EXPECTED)
    sheet = cv2.imread(str(out / "contact-sheet.png"))
    assert sheet is not None
    assert min(sheet.shape[:2]) > 500


@pytest.mark.parametrize("name", EXPECTED)
def test_each_video_is_what_its_platform_takes(library: Path, name: str) -> None:
    width, height, sound = EXPECTED[name]
    facts = PyavVideo().probe(library / "out" / "videos" / name)
    assert (facts.size.width, facts.size.height) == (width, height)
    assert facts.frame_rate == Fraction(24)
    assert facts.frame_count == 72
    assert facts.index_first
    with av.open(library / "out" / "videos" / name) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert bool(container.streams.audio) is sound
        assert abs(float(container.duration or 0) / av.time_base - 3) < 0.05
        assert sum(1 for _ in container.decode(stream)) == 72


@pytest.mark.parametrize("name", EXPECTED)
def test_the_first_frame_is_the_hero_and_the_last_has_moved(library: Path, name: str) -> None:
    with av.open(library / "out" / "videos" / name) as container:
        frames = [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]
    _, hero_name, shape, _ = Path(name).stem.split("_")
    hero = cv2.imread(str(library / "out" / "stills" / f"{hero_name}.1.{shape}.png"))
    assert hero is not None
    size = (hero.shape[1], hero.shape[0])
    first, last = (cv2.resize(frame, size, interpolation=cv2.INTER_AREA) for frame in (frames[0], frames[-1]))

    def likeness(frame: Any) -> float:
        return float(structural_similarity(hero, frame, channel_axis=2))

    assert likeness(first) >= 0.95
    assert likeness(last) < likeness(first) - 0.02


def test_a_manifest_tells_the_whole_way(library: Path) -> None:
    path = library / "out" / "manifests" / "draft_bottle_9x16_tiktok.json"
    manifest = json.loads(path.read_text())
    video = (library / "out" / "videos" / "draft_bottle_9x16_tiktok.mp4").read_bytes()
    file = manifest["deliverable"]["video"]["file"]
    assert file["digest"] == f"sha256:{hashlib.sha256(video).hexdigest()}"
    assert [step["stage"] for step in manifest["steps"]] == ["imagegen", "animation", "upscaling", "stitching"]
    for before, after in zip(manifest["steps"], manifest["steps"][1:], strict=False):
        assert set(before["outputs"]) & set(after["inputs"])
    for step in manifest["steps"]:
        assert len(step["provenance"]["key"]) == 64
        assert step["provenance"]["engine_version"]
        assert step["provenance"]["start_time"] <= step["provenance"]["end_time"]


@pytest.mark.timeout(SECONDS_FOR_A_RUN)
def test_again_does_nothing_and_a_lost_file_comes_back(library: Path) -> None:
    out = library / "out"
    (out / "videos" / "draft_bottle_16x9_youtube.mp4").unlink()
    before = {path: path.stat().st_mtime_ns for path in (out / "videos").iterdir()}
    logs = {path: path.stat().st_size for path in (library / "home" / "logs").glob("imagegen-*")}
    run(library)
    assert {path.name for path in (out / "videos").iterdir()} == set(EXPECTED)
    assert all(path.stat().st_mtime_ns == when for path, when in before.items())
    assert {path: path.stat().st_size for path in (library / "home" / "logs").glob("imagegen-*")} == logs


@pytest.mark.timeout(SECONDS_FOR_A_RUN)
def test_an_edit_runs_only_what_it_touches(library: Path) -> None:
    brief = (library / "brief.yaml").read_text()
    (library / "brief.yaml").write_text(
        brief.replace("deliver: [youtube, tiktok]", "deliver: [youtube, instagram-reels]")
    )
    last = run(library, expect=AWAITS)  # the interface of Reels would cover the foot of the vase
    assert last["exit_code"] == AWAITS
    path = library / "out" / "manifests" / "draft_bottle_9x16_instagram-reels.json"
    steps = {step["stage"]: step["provenance"] for step in json.loads(path.read_text())["steps"]}
    old = json.loads((library / "out" / "manifests" / "draft_bottle_9x16_tiktok.json").read_text())
    for step in old["steps"]:
        same = steps[step["stage"]] == step["provenance"]
        assert same == (step["stage"] != "stitching")
