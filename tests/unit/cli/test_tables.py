"""What the commands tell a person: nothing is lost, nothing is taken for markup."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.media.v1 import check_pb2, picture_pb2
from firstframe.cli.briefs import load_brief
from firstframe.cli.findings import tell_warnings
from firstframe.cli.output import Output
from firstframe.cli.tables import tell_campaign, tell_campaigns, tell_failures, tell_takes
from firstframe.cli.templates import Expansion


def failed(campaign: campaigns_pb2.Campaign) -> campaigns_pb2.Campaign:
    campaign.state = campaigns_pb2.CAMPAIGN_STATE_FAILED
    lane = campaign.lanes[0]
    lane.state = campaigns_pb2.LANE_STATE_FAILED
    lane.error.step, lane.error.reason = "animation/77", "ARTIFACT_CORRUPT"
    lane.error.message = "[red]the layer is damaged; make it again"
    return campaign


def test_a_failed_lane_is_told_with_step_reason_and_message(
    campaign: campaigns_pb2.Campaign, capsys: pytest.CaptureFixture[str]
) -> None:
    tell_campaign(failed(campaign), Output(as_json=False))
    told = capsys.readouterr().out
    assert "first-light-0123456789ab  failed" in told
    line = next(line for line in told.splitlines() if "ARTIFACT_CORRUPT" in line)
    assert line.split(maxsplit=3) == [
        "bottle.1.16x9",
        "animation/77",
        "ARTIFACT_CORRUPT",
        "[red]the layer is damaged; make it again",
    ]


def test_a_failed_lane_as_json_is_a_line_with_its_reason(
    campaign: campaigns_pb2.Campaign, capsys: pytest.CaptureFixture[str]
) -> None:
    tell_failures(failed(campaign), Output(as_json=True))
    assert json.loads(capsys.readouterr().out) == {
        "event": "failed",
        "lane": "bottle.1.16x9",
        "step": "animation/77",
        "reason": "ARTIFACT_CORRUPT",
        "message": "[red]the layer is damaged; make it again",
    }


def test_what_an_engine_left_out_of_clips_is_told_once(
    campaign: campaigns_pb2.Campaign, capsys: pytest.CaptureFixture[str]
) -> None:
    for lane in campaign.lanes:
        for _ in range(2):  # two clips of a lane
            found = lane.steps.add().findings
            found.add(severity=picture_pb2.SEVERITY_WARNING, reason="AIR_NOT_PLACED", message="rain is left out")
            found.add(severity=picture_pb2.SEVERITY_INFO, reason="AIR_FOUND", message="water: found by looking")
    tell_warnings(campaign.lanes, Output(as_json=False))
    assert capsys.readouterr().out == "warning: bottle.1.16x9 and 1 more lane: rain is left out\n"


def test_a_hero_that_waits_is_told_with_findings_and_the_command(
    campaign: campaigns_pb2.Campaign, capsys: pytest.CaptureFixture[str]
) -> None:
    campaign.state = campaigns_pb2.CAMPAIGN_STATE_AWAITING_APPROVAL
    lane = campaign.lanes[1]
    lane.state = campaigns_pb2.LANE_STATE_AWAITING_APPROVAL
    lane.hero.findings.add(reason="SUBJECT_CUT", message="the subject is cut at the left")
    tell_campaign(campaign, Output(as_json=False))
    told = capsys.readouterr().out
    assert "waits for you" in told
    assert "72×128" in told
    assert "the subject is cut at the left" in told
    assert "firstframe approve first-light-0123456789ab\n" in told
    assert "firstframe review first-light-0123456789ab\n" in told


def test_a_warning_is_told_once_with_its_lanes(
    campaign: campaigns_pb2.Campaign, capsys: pytest.CaptureFixture[str]
) -> None:
    for lane in campaign.lanes:
        lane.state = campaigns_pb2.LANE_STATE_AWAITING_APPROVAL
        lane.hero.findings.add(
            severity=picture_pb2.SEVERITY_WARNING, reason="LAYERS_INFERRED", message="[run] make llvm"
        )
        lane.hero.findings.add(severity=picture_pb2.SEVERITY_FAILURE, reason="SUBJECT_CUT", message="it is cut")
    tell_campaign(campaign, Output(as_json=False))
    told = capsys.readouterr().out
    assert told.count("[run] make llvm") == 1
    assert told.splitlines()[-1] == "warning: bottle.1.16x9 and 1 more lane: [run] make llvm"
    assert told.count("LAYERS_INFERRED; it is cut") == 2


def test_warnings_as_json_are_a_line_each(campaign: campaigns_pb2.Campaign, capsys: pytest.CaptureFixture[str]) -> None:
    for severity in (picture_pb2.SEVERITY_WARNING, picture_pb2.SEVERITY_INFO):
        campaign.lanes[0].hero.findings.add(severity=severity, reason="A", message="words")
    tell_warnings(campaign.lanes, Output(as_json=True))
    assert json.loads(capsys.readouterr().out) == {
        "event": "warning",
        "reason": "A",
        "message": "words",
        "lanes": ["bottle.1.16x9"],
    }


def test_a_campaign_as_json_is_the_contracts_campaign(
    campaign: campaigns_pb2.Campaign, capsys: pytest.CaptureFixture[str]
) -> None:
    tell_campaign(failed(campaign), Output(as_json=True))
    captured = capsys.readouterr()
    told = json.loads(captured.out)
    assert (told["state"], told["lanes"][0]["error"]["reason"]) == ("CAMPAIGN_STATE_FAILED", "ARTIFACT_CORRUPT")
    assert captured.err == ""


def test_a_cancelled_campaign_says_how_to_go_on(
    campaign: campaigns_pb2.Campaign, capsys: pytest.CaptureFixture[str]
) -> None:
    campaign.state = campaigns_pb2.CAMPAIGN_STATE_CANCELLED
    tell_campaign(campaign, Output(as_json=False))
    assert "run its brief again to go on" in capsys.readouterr().err


def test_the_list_of_campaigns(campaign: campaigns_pb2.Campaign, capsys: pytest.CaptureFixture[str]) -> None:
    campaign.create_time.FromJsonString("2026-11-23T10:00:00Z")
    tell_campaigns([campaign], Output(as_json=False))
    assert capsys.readouterr().out.splitlines()[1].split() == [
        "first-light-0123456789ab",
        "succeeded",
        "2026-11-23",
        "10:00",
        "UTC",
    ]
    tell_campaigns([], Output(as_json=False))
    assert "there is no campaign yet" in capsys.readouterr().out


def test_a_plan_says_what_became_of_a_template(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "brief.yaml"
    file.write_text(
        "campaign: a\n"
        "template: {name: s, set: {copy: A, scene: studio}, vary: {palette: [amber-dusk, sage-noon, ink-night]}, count: 2}\n"
        'formats: ["4:5"]\nmotion: {recipe: slow-push}\ndeliver: [instagram-feed]\n'
    )
    plain = load_brief(file)
    tell_takes(plain, Output(as_json=False))
    assert "2 takes of 1 product; `firstframe stills` compares them" in " ".join(capsys.readouterr().out.split())
    tell_takes(replace(plain, picks={"s-001": object()}), Output(as_json=False))  # type: ignore[dict-item]
    assert "2 takes of 1 product; 1 in the stead of lookalikes" in " ".join(capsys.readouterr().out.split())
    tell_takes(replace(plain, expansion=Expansion()), Output(as_json=False))
    assert capsys.readouterr().out == ""


def test_a_clip_with_a_warning_and_tries_that_were_thrown_away_is_told(
    campaign: campaigns_pb2.Campaign, capsys: pytest.CaptureFixture[str]
) -> None:
    step = campaign.lanes[0].steps.add(step="animation/1", stage=campaigns_pb2.STAGE_ANIMATION)
    step.measures.add(
        name="wobble", verdict=check_pb2.VERDICT_WARN, value=0.07, unit="% of the frame", pass_threshold=0.06
    )
    step.drifted.add(change=campaigns_pb2.CLIP_CHANGE_PLANNED, strength=0.5, failed=["ghosting"])
    tell_campaign(campaign, Output(as_json=False))
    said = " ".join(capsys.readouterr().out.split())
    assert "warn wobble" in said
    assert "0.07 % of the frame" in said
    assert "0.5: ghosting" in said
