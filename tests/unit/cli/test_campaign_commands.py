"""`watch`, `cancel` and `approve`: what they say and how they end, with a client that has one campaign."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.cli.campaign_client import CampaignClient
from firstframe.cli.home import Home
from firstframe.cli.main import main

RUNNING = campaigns_pb2.CAMPAIGN_STATE_RUNNING
AWAITING = campaigns_pb2.CAMPAIGN_STATE_AWAITING_APPROVAL
SUCCEEDED = campaigns_pb2.CAMPAIGN_STATE_SUCCEEDED
FAILED = campaigns_pb2.CAMPAIGN_STATE_FAILED
CANCELLED = campaigns_pb2.CAMPAIGN_STATE_CANCELLED
LANE = "bottle.1.16x9"


class OneCampaign(CampaignClient):
    """A client that has one campaign; `after` are the states that a watcher sees."""

    def __init__(self, campaign: campaigns_pb2.Campaign) -> None:
        self.campaign = campaign
        self.after: list[campaigns_pb2.CampaignState.ValueType] = []
        self.calls: list[str] = []
        self.faster = ""

    async def list_all(self) -> list[campaigns_pb2.Campaign]:
        return [self.campaign]

    async def get(self, name: str) -> campaigns_pb2.Campaign:
        return self.campaign

    async def watch(self, name: str) -> AsyncIterator[campaigns_pb2.Campaign]:
        for state in self.after:
            self.campaign.state = state
            yield self.campaign

    async def cancel(self, name: str) -> campaigns_pb2.Campaign:
        self.calls.append("cancel")
        return self.campaign

    async def decide(
        self,
        name: str,
        decisions: Sequence[campaigns_pb2.HeroDecision],
        decided_by: str,
        *,
        request_id: str = "",
    ) -> campaigns_pb2.Campaign:
        """Takes decisions as the orchestrator does; `faster` is who was faster."""
        self.calls.append(f"decide as {decided_by}")
        for item in decisions:
            lane = next(lane for lane in self.campaign.lanes if lane.lane == item.lane)
            lane.approval.decision, lane.approval.note = item.decision, item.note
            lane.approval.decided_by = self.faster or decided_by
            lane.approval.request_id = "" if self.faster else request_id
            lane.approval.decide_time.FromJsonString("2026-11-26T10:00:00Z")
            lane.state = campaigns_pb2.LANE_STATE_PENDING
        return self.campaign


@pytest.fixture
def client(campaign: campaigns_pb2.Campaign, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OneCampaign:
    made = OneCampaign(campaign)

    @asynccontextmanager
    async def connected(home: Home, settings: object) -> AsyncIterator[tuple[object, OneCampaign]]:
        yield SimpleNamespace(logs=home.logs, is_owner=True, start_stages=lambda: None), made

    async def alone(stack: object, work: object) -> object:
        return await work  # type: ignore[misc]

    monkeypatch.setattr("firstframe.cli.session.connected", connected)
    monkeypatch.setattr("firstframe.cli.session.while_it_lasts", alone)
    monkeypatch.setenv("FIRSTFRAME_HOME", str(tmp_path / "home"))
    return made


def command(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["firstframe", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def decided(campaign: campaigns_pb2.Campaign, decision: campaigns_pb2.Decision.ValueType) -> None:
    lane = campaign.lanes[0]
    lane.approval.decision, lane.approval.decided_by = decision, "ada"
    lane.approval.hero_digest = lane.hero.image.digest


@pytest.mark.parametrize(("state", "code"), [(SUCCEEDED, 0), (FAILED, 1), (CANCELLED, 1), (AWAITING, 3)])
def test_watch_ends_as_run_does(
    state: campaigns_pb2.CampaignState.ValueType, code: int, client: OneCampaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.campaign.state, client.after = RUNNING, [RUNNING, state]
    assert command(monkeypatch, "watch", "first-light") == code
    assert command(monkeypatch, "watch", "first-light", "--json") == code


@pytest.mark.parametrize("words", [("watch",), ("cancel",), ("approve",), ("status",)])
def test_a_campaign_that_is_not_there_is_bad_input(
    words: tuple[str, ...], client: OneCampaign, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(monkeypatch, *words, "second-light") == 2
    assert "there is no campaign second-light" in capsys.readouterr().err


def test_cancel_waits_for_the_end(
    client: OneCampaign, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    client.campaign.state, client.after = RUNNING, [RUNNING, CANCELLED]
    assert command(monkeypatch, "cancel", "first-light") == 0
    captured = capsys.readouterr()
    assert captured.err.splitlines() == [
        "cancelling…: work that runs is stopped, what is finished is kept",
        "the campaign was cancelled; run its brief again to go on",
    ]
    assert "first-light-0123456789ab  cancelled" in captured.out


def test_cancel_that_takes_long_says_how_to_see_the_end(
    client: OneCampaign, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    client.campaign.state, client.after = RUNNING, [RUNNING]
    assert command(monkeypatch, "cancel", "first-light") == 0
    assert "`firstframe watch first-light-0123456789ab` shows its end" in capsys.readouterr().err


def test_cancel_says_that_a_campaign_has_ended(
    client: OneCampaign, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(monkeypatch, "cancel", "first-light") == 0
    assert "it had ended before: succeeded; nothing is cancelled" in capsys.readouterr().err
    assert client.calls == []


def test_a_lane_that_is_not_there_is_bad_input(
    client: OneCampaign, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(monkeypatch, "approve", "first-light", "--lane", "botle.1.16x9") == 2
    assert "did you mean `bottle.1.16x9`?" in capsys.readouterr().err


def test_a_rejection_ends_the_lane(
    client: OneCampaign, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    client.campaign.lanes[0].state = campaigns_pb2.LANE_STATE_AWAITING_APPROVAL
    assert command(monkeypatch, "approve", "first-light", "--reject", "--by", "ada") == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "rejected 1 hero: its lane ends here" in told
    assert "a rejection holds for this brief" in told
    assert "run the brief again" not in told
    assert client.calls == ["decide as ada"]


def test_who_was_faster_is_told(
    client: OneCampaign, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    client.campaign.lanes[0].state = campaigns_pb2.LANE_STATE_AWAITING_APPROVAL
    client.faster = "bob"
    assert command(monkeypatch, "approve", "first-light", "--by", "ada") == 0
    captured = capsys.readouterr()
    assert f"{LANE} was approved by bob at 2026-11-26 10:00:00 UTC before; nothing is changed" in captured.err
    assert "approved 1 hero" not in captured.out


def test_a_second_rejection_changes_nothing_and_says_so(
    client: OneCampaign, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    decided(client.campaign, campaigns_pb2.DECISION_REJECTED)
    client.campaign.lanes[0].state = campaigns_pb2.LANE_STATE_REJECTED
    assert command(monkeypatch, "approve", "first-light", "--reject", "--lane", LANE) == 0
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", f"{LANE} was rejected before, by ada; nothing is changed\n")
    assert command(monkeypatch, "approve", "first-light", "--reject") == 1
    assert "no hero waits for approval (1 rejected before)" in capsys.readouterr().err
    assert client.calls == []


@pytest.mark.parametrize(
    ("decision", "words", "told"),
    [
        (campaigns_pb2.DECISION_REJECTED, (), "was rejected by ada; a rejection holds for this brief"),
        (campaigns_pb2.DECISION_APPROVED, ("--reject",), "was approved by ada; to stop the whole campaign: firstframe"),
        (campaigns_pb2.DECISION_UNSPECIFIED, (), "is pending and has no hero to decide about"),
    ],
)
def test_a_lane_that_does_not_wait(
    decision: campaigns_pb2.Decision.ValueType,
    words: tuple[str, ...],
    told: str,
    client: OneCampaign,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lane = client.campaign.lanes[0]
    lane.state = campaigns_pb2.LANE_STATE_PENDING
    if decision:
        decided(client.campaign, decision)
    else:
        lane.ClearField("hero")
    assert command(monkeypatch, "approve", "first-light", "--lane", LANE, *words) == 1
    assert f"{LANE} {told}" in capsys.readouterr().err
    assert client.calls == []


def test_a_fault_of_a_stage_is_told_by_watch(
    client: OneCampaign, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    campaign = client.campaign
    campaign.state, client.after = FAILED, [FAILED]
    campaign.lanes[0].state = campaigns_pb2.LANE_STATE_FAILED
    campaign.lanes[0].error.reason, campaign.lanes[0].error.step = "INTERNAL", "animation/77"
    assert command(monkeypatch, "watch", "first-light", "--json") == 1
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert events[-1]["event"] == "fault"
    assert events[-1]["log"] == str(tmp_path / "home" / "logs" / "animation-*.log")
