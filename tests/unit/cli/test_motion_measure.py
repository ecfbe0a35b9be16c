"""`firstframe motion measure`: a clip on disk against its still."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from firstframe.adapters.video import PyavVideo
from firstframe.cli.main import main
from firstframe.core.motion import CameraMove
from support.animated_heroes import flat_hero
from support.broken_clips import frozen, shot, textured_hero, wobbled

HERO = flat_hero(textured_hero().image, bleed=0)
PUSH = shot(HERO, CameraMove.PUSH, 0.5, frames=14, rate=12)


def measure(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["firstframe", "motion", "measure", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


@pytest.fixture
def still(tmp_path: Path) -> Path:
    file = tmp_path / "hero.png"
    cv2.imwrite(str(file), np.ascontiguousarray(HERO.image[..., ::-1]))
    return file


def written(folder: Path, frames: object) -> Path:
    file = folder / "clip.mp4"
    PyavVideo().write_clip(file, frames, size=HERO.size, frame_rate=PUSH.frame_rate)  # type: ignore[arg-type]
    return file


def test_a_good_clip_passes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, still: Path
) -> None:
    clip = written(tmp_path, PUSH.take()[0])
    assert measure(monkeypatch, str(clip), "--hero", str(still), "--motion", "slow-push", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    by_name = {item["measure"]: item for item in told["measures"]}
    assert told["verdict"] in ("pass", "warn")
    assert by_name["motion-amount"]["verdict"] == "pass"
    assert by_name["first-frame"]["value"] < 1


def test_a_still_whose_subject_is_small_and_aside_is_not_cropped_around_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    picture = cv2.GaussianBlur(HERO.image, (0, 0), 5)
    height, width = picture.shape[:2]
    picture[height // 4 : height // 2, width // 8 : width // 4] = (200, 30, 20)
    large = cv2.resize(picture, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)  # enough pixels for a closer crop
    cv2.imwrite(str(tmp_path / "hero.png"), np.ascontiguousarray(large[..., ::-1]))
    clip = written(tmp_path, shot(flat_hero(picture, bleed=0), CameraMove.PUSH, 0.5, frames=14, rate=12).take()[0])
    measure(monkeypatch, str(clip), "--hero", str(tmp_path / "hero.png"), "--motion", "slow-push", "--json")
    by_name = {item["measure"]: item for item in json.loads(capsys.readouterr().out)["measures"]}
    assert by_name["first-frame"]["value"] < 1
    assert by_name["framing"]["value"] < 0.1


def test_a_wobbling_clip_fails_with_1_and_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, still: Path
) -> None:
    clip = written(tmp_path, wobbled(PUSH.take()[0], 0.9, 12))
    assert measure(monkeypatch, str(clip), "--hero", str(still)) == 1
    said = capsys.readouterr().out
    assert "Wobble" in said
    assert "What to do" in said


def test_a_frozen_clip_fails_where_a_motion_was_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, still: Path
) -> None:
    clip = written(tmp_path, frozen(PUSH.take()[0], 100, 12))
    assert measure(monkeypatch, str(clip), "--hero", str(still), "--motion", "slow-push") == 1
    assert measure(monkeypatch, str(clip), "--hero", str(still)) == 0


def test_another_ratio_and_a_missing_clip_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, still: Path
) -> None:
    clip = written(tmp_path, PUSH.take()[0])
    square = tmp_path / "square.png"
    cv2.imwrite(str(square), np.zeros((100, 100, 3), np.uint8))
    assert measure(monkeypatch, str(clip), "--hero", str(square)) == 2
    assert "--hero" in capsys.readouterr().err
    assert measure(monkeypatch, str(tmp_path / "none.mp4"), "--hero", str(still)) == 2
    capsys.readouterr()
    assert measure(monkeypatch, str(clip), "--hero", str(clip)) == 2
    assert "--hero: is a video" in capsys.readouterr().err
