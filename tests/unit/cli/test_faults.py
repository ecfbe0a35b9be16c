"""A lane that failed by a fault of ours leads to the request and the log that tell more."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.cli.faults import find_faults, tell_faults
from firstframe.cli.output import Output


def line(minute: int, request_id: str, code: str = "INTERNAL", event: str = "call") -> str:
    entry = {"event": event, "code": code, "request_id": request_id, "timestamp": f"2026-11-23T10:{minute:02d}:00.5Z"}
    return json.dumps(entry) + "\n"


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    for name in ("animation-1", "animation-2", "imagegen-1", "orchestrator"):
        (tmp_path / f"{name}.log").write_text("Traceback (most recent call last):\n" + line(5, "ok", "OK"))
    return tmp_path


def failed(campaign: campaigns_pb2.Campaign, step: str, reason: str = "INTERNAL") -> campaigns_pb2.Campaign:
    campaign.create_time.FromJsonString("2026-11-23T10:00:00Z")
    campaign.end_time.FromJsonString("2026-11-23T10:30:00Z")
    lane = campaign.lanes[0]
    lane.state = campaigns_pb2.LANE_STATE_FAILED
    lane.error.reason, lane.error.step, lane.error.message = reason, step, "a fault of the server"
    return campaign


def test_a_fault_leads_to_its_request_and_log(
    campaign: campaigns_pb2.Campaign, logs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (logs / "animation-2.log").open("a") as log:
        log.write('{"event": "call", "code": "INTERNAL"' + "\n" + line(10, "abc7") + '["INTERNAL"]\n"cut')
    tell_faults(failed(campaign, "animation/77"), logs, Output(as_json=False))
    assert capsys.readouterr().out == f"fault of animation: request abc7 in {logs}/animation-2.log\n"
    tell_faults(campaign, logs, Output(as_json=True))
    assert json.loads(capsys.readouterr().out) == {
        "event": "fault",
        "service": "animation",
        "request_id": "abc7",
        "log": f"{logs}/animation-2.log",
    }


def test_a_fault_of_the_checks_is_one_of_the_stage_that_makes_them(
    campaign: campaigns_pb2.Campaign, logs: Path
) -> None:
    with (logs / "imagegen-1.log").open("a") as log:
        log.write(line(10, "abc8"))
    (fault,) = find_faults(failed(campaign, "preflight/bottle.1.16x9"), logs)
    assert (fault.service, fault.request_id) == ("imagegen", "abc8")


def test_only_the_last_faults_of_the_campaigns_time_are_told(campaign: campaigns_pb2.Campaign, logs: Path) -> None:
    with (logs / "animation-1.log").open("a") as log:
        log.writelines(line(minute, f"at-{minute}") for minute in (10, 11, 12, 13, 14, 15, 45))
    (logs / "animation-2.log").write_text(line(16, "at-16"))
    found = find_faults(failed(campaign, "animation/77"), logs)
    assert [fault.request_id for fault in found] == ["at-12", "at-13", "at-14", "at-15", "at-16"]


def test_a_fault_that_no_log_has_leads_to_the_logs(campaign: campaigns_pb2.Campaign, logs: Path) -> None:
    assert [fault.text() for fault in find_faults(failed(campaign, "imagegen/1"), logs)] == [
        f"fault of imagegen: details in {logs}/imagegen-*.log"
    ]
    assert [fault.text() for fault in find_faults(failed(campaign, ""), logs)] == [
        f"fault of orchestrator: details in {logs}/orchestrator.log"
    ]


def test_what_is_no_fault_of_ours_leads_nowhere(campaign: campaigns_pb2.Campaign, logs: Path) -> None:
    assert find_faults(failed(campaign, "imagegen/1", "ARTIFACT_CORRUPT"), logs) == []
