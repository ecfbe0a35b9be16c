"""`firstframe check`: what it says, writes and how it ends, on picture files."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from firstframe.cli.check_arguments import nearest_format
from firstframe.cli.main import main
from firstframe.core.media import PixelSize
from support.stills import speckled_ball

VERTICAL = PixelSize(1080, 1920)


@pytest.fixture(autouse=True)
def no_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTFRAME_MODELS", str(tmp_path / "models"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good still, one without room, noise, and what is no picture."""
    place = tmp_path_factory.mktemp("stills")
    Image.fromarray(speckled_ball(VERTICAL, (0.466, 0.4))).save(place / "good.png")
    Image.fromarray(speckled_ball(VERTICAL, (0.466, 0.1))).save(place / "near.jpg", quality=97)
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (360, 640, 3), np.uint8)).save(place / "noise.png")
    (place / "words.png").write_text("no picture")
    return place


def check(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["firstframe", "check", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_a_still_without_failure_ends_with_0_and_the_table_says_why(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = (str(folder / "good.png"), "--format", "9:16", "--motion", "slow-push", "--focus", "0.466,0.4")
    assert check(monkeypatch, *words) == 0
    told = capsys.readouterr().out
    for part in ("good.png", "9:16 for", "TikTok", "Room at the edges", "at least 2.0 %", "✓ pass", "– not made"):
        assert part in told
    assert told.rstrip().splitlines()[-1] == "WARN: 12 checks, 1 with a warning, 9 passed, 2 not made"


def test_a_failed_check_ends_with_1_and_says_what_to_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = (str(folder / "near.jpg"), "--format", "9:16", "--focus", "0.466,0.1", "--platform", "tiktok")
    assert check(monkeypatch, *words) == 1
    told = capsys.readouterr().out
    assert "✗ fail" in told
    assert "What to do" in told
    assert "Instagram" not in told


def test_json_has_every_check_with_number_threshold_and_advice(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(monkeypatch, str(folder / "near.jpg"), "--focus", "0.466,0.1", "--json") == 1
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert (document["verdict"], document["format"], document["motion"]) == ("fail", "9:16", "slow-push")
    checks = {item["check"]: item for item in document["checks"]}
    assert len(checks) == 12
    room = checks["edge-room"]
    assert room["verdict"] == "fail"
    assert room["number"] < room["fail_beyond"] < room["pass_at"]
    assert room["advice"]
    assert checks["faces"] == checks["faces"] | {"verdict": "not_made", "number": None, "overlay": None}
    assert document["subject"]["x"] == pytest.approx(0.266, abs=0.02)


def test_out_holds_a_picture_of_each_check_and_one_sheet(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "deep" / "out"
    words = (str(folder / "good.png"), "--focus", "0.466,0.4", "--out", str(out), "--json", "--copy", "440,700,120,150")
    assert check(monkeypatch, *words) in (0, 1)
    document = json.loads(capsys.readouterr().out)
    files = [Path(item["overlay"]) for item in document["checks"]]
    assert sorted(files) == sorted(out.glob("[0-9]*.png"))
    assert document["sheet"] == str(out / "sheet.png")
    for path in (*files, out / "sheet.png"):
        with Image.open(path) as picture:
            assert min(picture.size) > 800
            assert len(picture.getcolors(1 << 24) or []) > 500


def test_a_picture_without_subject_is_checked_for_what_can_be_known(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(monkeypatch, str(folder / "noise.png"), "--quick", "--json") == 1
    document = json.loads(capsys.readouterr().out)
    verdicts = {item["check"]: item["verdict"] for item in document["checks"]}
    assert document["subject"] is None
    assert verdicts["noise"] == "fail"
    assert verdicts["contrast"] == "not_made"


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("none.png",), "IMAGE"),
        (("words.png",), "IMAGE"),
        ((".",), "IMAGE"),
        (("good.png", "--format", "2:1"), "--format"),
        (("good.png", "--motion", "fly"), "--motion"),
        (("good.png", "--platform", "cinema"), "--platform"),
        (("good.png", "--format", "9:16", "--platform", "youtube"), "--platform"),
        (("good.png", "--focus", "3"), "--focus"),
        (("good.png", "--focus", "3,4"), "--focus"),
        (("good.png", "--copy", "1,2,3"), "--copy"),
        (("good.png", "--copy", "1000,0,500,20"), "--copy"),
    ],
)
def test_wrong_arguments_end_with_2_and_name_the_field(
    words: tuple[str, ...],
    field: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert check(monkeypatch, str(folder / words[0]), *words[1:], "--json") == 2
    captured = capsys.readouterr()
    assert json.loads(captured.out)["field"] == field
    assert captured.err.startswith("error: ")


def test_a_folder_that_cannot_be_made_is_a_wrong_argument(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = (str(folder / "noise.png"), "--quick", "--out", str(folder / "words.png" / "out"))
    assert check(monkeypatch, *words) == 2
    assert "--out" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("width", "height", "name"), [(3000, 2000, "16:9"), (1000, 1000, "1:1"), (820, 1000, "4:5"), (500, 1000, "9:16")]
)
def test_the_nearest_format_is_taken(width: int, height: int, name: str) -> None:
    assert nearest_format(PixelSize(width, height)) == name
