"""Commands that need no stack: what they write where, and how they end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from firstframe.cli.main import main
from firstframe.cli.output import exit_code, report
from firstframe.core.errors import Internal, InvalidInput, NotFound, Unavailable

BRIEF = """\
campaign: first-light
heroes:
  - {name: bottle, set: {scene: studio, palette: amber-dusk, copy: "[bold]First"}}
formats: ["16:9", "9:16"]
motion: {recipe: slow-push, prompt: drifting dust}
deliver: [youtube, tiktok, instagram-reels]
"""

HEAVY = ("mitsuba", "drjit", "cv2", "numba", "av", "dbos", "sqlalchemy", "PIL", "jinja2", "grpc", "yaml")


def command(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["firstframe", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


@pytest.fixture
def brief(tmp_path: Path) -> Path:
    file = tmp_path / "brief.yaml"
    file.write_text(BRIEF)
    return file


def test_plan_tells_steps_files_and_findings(
    brief: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(monkeypatch, "plan", str(brief)) == 0
    told = capsys.readouterr().out
    assert "bottle.1.9x16" in told
    assert "1080×1920" in told
    assert "2 lanes, 7 steps, 3 videos" in told
    assert "info: the prompt says " in told


def test_plan_as_json_is_the_contracts_plan(
    brief: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(monkeypatch, "plan", str(brief), "--json") == 0
    captured = capsys.readouterr()
    plan = json.loads(captured.out)
    assert (len(plan["steps"]), [lane["lane"] for lane in plan["lanes"]]) == (7, ["bottle.1.16x9", "bottle.1.9x16"])
    assert captured.err == ""


def test_a_bad_brief_ends_with_two_and_a_line_for_each_error(
    brief: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    brief.write_text(BRIEF.replace("youtube", "yutube").replace("slow-push", "slow-pusch"))
    assert command(monkeypatch, "plan", str(brief), "--json") == 2
    captured = capsys.readouterr()
    assert [line.split(": ")[1:3] for line in captured.err.splitlines()] == [
        [f"{brief}:5", "motion.recipe"],
        [f"{brief}:6", "deliver[0]"],
    ]
    (line,) = captured.out.splitlines()
    told = json.loads(line)
    assert (told["event"], told["reason"], told["exit_code"]) == ("error", "BRIEF_REJECTED", 2)
    assert (told["file"], [(item["line"], item["field"]) for item in told["problems"]]) == (
        str(brief),
        [(5, "motion.recipe"), (6, "deliver[0]")],
    )


@pytest.mark.parametrize("words", [("plan", "--nope", "--json"), ("run", "a.yaml", "--json"), ("bogus", "--json")])
def test_wrong_arguments_are_a_json_line_too(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(monkeypatch, *words) == 2
    told = json.loads(capsys.readouterr().out)
    assert (told["event"], told["reason"], told["exit_code"]) == ("error", "USAGE", 2)


def test_without_json_errors_are_for_people_alone(
    brief: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(monkeypatch, "plan", str(brief.parent / "nope")) == 2
    assert command(monkeypatch, "plan", "--nope") == 2
    assert capsys.readouterr().out == ""


def test_a_plan_of_one_lane_is_in_the_singular(
    brief: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    brief.write_text(BRIEF.replace(', "9:16"', "").replace("[youtube, tiktok, instagram-reels]", "[youtube]"))
    assert command(monkeypatch, "plan", str(brief)) == 0
    assert "1 lane, 3 steps, 1 video; plan" in capsys.readouterr().out


def test_run_refuses_a_folder_that_it_cannot_write_before_anything_starts(
    brief: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    home = tmp_path / "home"
    out = tmp_path / "file" / "out"
    assert command(monkeypatch, "run", str(brief), "--out", str(out), "--home", str(home)) == 2
    assert capsys.readouterr().err.startswith(f"error: --out: {out} cannot be written")
    assert not home.exists()


@pytest.mark.parametrize(
    ("out", "words"),
    [
        ("", "--out: is empty; name a folder"),
        (" ", "--out: is empty; name a folder"),
        ("/", "--out: / is the root of the file system; name a folder of its own"),
        ("/tmp/..", "--out: /tmp/.. is the root of the file system; name a folder of its own"),
        ("{brief}", "--out: {brief} is a file; name a folder"),
    ],
)
def test_run_refuses_what_is_no_folder_for_a_library(
    out: str,
    words: str,
    brief: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    out, words = out.format(brief=brief), words.format(brief=brief)
    assert command(monkeypatch, "run", str(brief), "--out", out, "--home", "home") == 2
    assert capsys.readouterr().err.startswith(f"error: {words}")
    assert [path.name for path in tmp_path.iterdir()] == ["brief.yaml"]


def test_the_version(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(monkeypatch, "--version") == 0
    assert capsys.readouterr().out.startswith("firstframe ")


def test_a_service_that_is_not_there(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(monkeypatch, "serve", "rendering") == 2
    assert "serve -h" in capsys.readouterr().err


def test_a_model_server_that_cannot_start_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(monkeypatch, "serve", "triton", "--home", str(tmp_path)) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: no pack is installed in")


@pytest.mark.parametrize("service", ["imagegen", "animation", "upscaling", "stitching", "orchestrator"])
def test_the_settings_of_a_service(
    service: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(monkeypatch, "serve", service, "--help-settings") == 0
    told = capsys.readouterr().out
    assert f"| `FIRSTFRAME_{service.upper()}_LISTEN` | `127.0.0.1:0` |" in told
    assert ("_SLOTS`" in told) == (service != "orchestrator")
    assert ("_STATE_FOLDER`" in told) == (service == "orchestrator")


def test_a_fault_of_the_orchestrator_is_told_with_request_and_log(capsys: pytest.CaptureFixture[str]) -> None:
    error = Internal("a fault of the server", metadata={"request_id": "cli-7", "log": "/home/logs/orchestrator.log"})
    assert report(error, as_json=True) == 1
    captured = capsys.readouterr()
    assert captured.err == (
        "error: a fault of the server; look into /home/logs/orchestrator.log [INTERNAL, request cli-7]\n"
    )
    told = json.loads(captured.out)
    assert (told["request_id"], told["log"], told["exit_code"]) == ("cli-7", "/home/logs/orchestrator.log", 1)


@pytest.mark.parametrize("reason", ["CAMPAIGN_NOT_FOUND", "LANE_NOT_FOUND", "CONSENT_NOT_FOUND", "CONSENT_EXISTS"])
def test_a_name_that_is_not_there_is_bad_input(reason: str) -> None:
    assert exit_code(NotFound("there is none", reason=reason)) == 2
    assert exit_code(NotFound("the artifact is gone", reason="ARTIFACT_NOT_FOUND")) == 1


def test_an_error_is_one_line_with_reason_and_request(capsys: pytest.CaptureFixture[str]) -> None:
    error = Unavailable("the orchestrator is away", metadata={"request_id": "cli-7"})
    assert report(error) == 1
    assert capsys.readouterr().err == "error: the orchestrator is away [UNAVAILABLE, request cli-7]\n"
    assert report(InvalidInput.at("a", "b")) == 2


def test_a_fault_is_one_line_unless_asked_for_more(
    brief: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_: Path) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("firstframe.cli.briefs.load_brief", broken)
    monkeypatch.delenv("FIRSTFRAME_DEBUG", raising=False)
    assert command(monkeypatch, "plan", str(brief)) == 1
    assert capsys.readouterr().err.startswith("error: RuntimeError: a bug; this is a fault of firstframe")
    monkeypatch.setenv("FIRSTFRAME_DEBUG", "1")
    monkeypatch.setattr(sys, "argv", ["firstframe", "plan", str(brief)])
    with pytest.raises(RuntimeError):
        main()


def test_start_up_imports_nothing_heavy() -> None:
    code = f"import sys, firstframe.cli.main; sys.exit(' '.join(set({HEAVY!r}) & set(sys.modules)))"
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=_environment(), check=False
    )
    assert ended.stderr.strip() == ""


def _environment() -> dict[str, str]:
    return {"PYTHONPATH": ":".join(path for path in sys.path if path)}
