"""What `run` says at its end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.media.v1 import picture_pb2
from firstframe.cli.commands.run import _finish
from firstframe.cli.home import Home
from firstframe.cli.library import Export
from firstframe.cli.output import Output

WORDS = "No libLLVM was found; run `make llvm`, then run the brief under another campaign name."


@pytest.fixture
def warned(campaign: campaigns_pb2.Campaign) -> campaigns_pb2.Campaign:
    for lane in campaign.lanes:
        lane.hero.findings.add(severity=picture_pb2.SEVERITY_WARNING, reason="LAYERS_INFERRED", message=WORDS)
    return campaign


def made(folder: Path) -> Export:
    return Export(folder, videos=1, written=("videos/a.mp4",), kept=(), stale=())


def test_a_warning_is_the_last_thing_that_is_told_and_told_once(
    warned: campaigns_pb2.Campaign, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _finish(warned, made(tmp_path), Home(tmp_path).logs, Output(as_json=False)) == 0
    told = capsys.readouterr().out
    assert told.splitlines()[-1] == f"warning: bottle.1.16x9 and 1 more lane: {WORDS}"
    assert told.count(WORDS) == 1
    assert f"1 video in {tmp_path} (1 file written, 0 kept)" in told


def test_warnings_and_faults_come_before_the_last_event(
    warned: campaigns_pb2.Campaign, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    warned.state = campaigns_pb2.CAMPAIGN_STATE_FAILED
    warned.lanes[0].error.reason, warned.lanes[0].error.step = "INTERNAL", "stitching/1"
    assert _finish(warned, made(tmp_path), Home(tmp_path).logs, Output(as_json=True)) == 1
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["event"] for event in events] == ["fault", "warning", "library"]
    assert events[0]["log"] == str(tmp_path / "logs" / "stitching-*.log")
    assert events[1]["lanes"] == ["bottle.1.16x9", "bottle.1.9x16"]


def test_logs_of_another_machine_are_not_looked_for(
    warned: campaigns_pb2.Campaign, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    warned.state = campaigns_pb2.CAMPAIGN_STATE_FAILED
    warned.lanes[0].error.reason, warned.lanes[0].error.step = "INTERNAL", "stitching/1"
    assert _finish(warned, made(tmp_path), None, Output(as_json=True)) == 1
    events = [json.loads(line)["event"] for line in capsys.readouterr().out.splitlines()]
    assert events == ["warning", "library"]
