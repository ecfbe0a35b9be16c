"""`firstframe review`: what it shows, what its keys and options decide, and what is heard of others."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.media.v1 import check_pb2
from firstframe.cli import keyboard, reviewing
from firstframe.cli.checks import check_document, sum_words, value_words, wanted_words
from firstframe.cli.deciding import record_documents
from firstframe.cli.output import AWAITING_APPROVAL, DONE, Output
from firstframe.cli.review_screen import hero_screen, history_table
from firstframe.cli.reviewing import Desk, wanted_decisions
from firstframe.core.errors import InvalidInput, NotFound, PreconditionFailed

APPROVED, REJECTED = campaigns_pb2.DECISION_APPROVED, campaigns_pb2.DECISION_REJECTED
VARIATION = campaigns_pb2.DECISION_VARIATION
AWAITING = campaigns_pb2.LANE_STATE_AWAITING_APPROVAL
FIRST, SECOND = "bottle.1.16x9", "bottle.1.9x16"


class Orchestrator:
    """Takes decisions; asked for another still, it makes one at the next look."""

    def __init__(self, campaign: campaigns_pb2.Campaign, blobs: Any) -> None:
        self.campaign = campaign
        self.blobs = blobs
        self.taken: list[tuple[str, int, str, str]] = []
        self.refuse: list[PreconditionFailed] = []

    async def decide(
        self, _name: str, decisions: Sequence[campaigns_pb2.HeroDecision], by: str, *, request_id: str
    ) -> campaigns_pb2.Campaign:
        if self.refuse:
            raise self.refuse.pop()
        for item in decisions:
            lane = self.lane(item.lane)
            self.taken.append((item.lane, item.decision, item.note, by))
            lane.approval.decision, lane.approval.request_id = item.decision, request_id
            lane.state = campaigns_pb2.LANE_STATE_PENDING
        return self.campaign

    def lane(self, name: str) -> campaigns_pb2.Lane:
        return next(lane for lane in self.campaign.lanes if lane.lane == name)

    async def get(self, _name: str) -> campaigns_pb2.Campaign:
        return self.campaign

    async def watch(self, _name: str) -> AsyncIterator[campaigns_pb2.Campaign]:
        for lane in self.campaign.lanes:
            if lane.approval.decision == VARIATION:
                lane.hero.image.digest = self.blobs.add(self.blobs.data(lane.hero.image.digest) + b"another")
                lane.take += 1
                lane.ClearField("approval")
                lane.state = AWAITING
        yield self.campaign


@pytest.fixture
def campaign(campaign: campaigns_pb2.Campaign, blobs: Any) -> campaigns_pb2.Campaign:
    campaign.state = campaigns_pb2.CAMPAIGN_STATE_AWAITING_APPROVAL
    for lane in campaign.lanes:
        lane.state = AWAITING
        del lane.deliverables[:]
        fail = lane.preflight.checks.add(
            name="light", title="Direction of light", verdict=check_pb2.VERDICT_FAIL, value=2.25, unit="L*"
        )
        fail.pass_threshold, fail.fail_threshold, fail.higher_is_better = 10, 5, True
        fail.message, fail.remedy = "The light is flat", "light it from one side"
        fail.overlay.digest = blobs.add(b"picture of " + lane.lane.encode())
        lane.preflight.checks.add(name="noise", title="Noise", verdict=check_pb2.VERDICT_PASS, value=0.4, unit="levels")
        lane.preflight.checks.add(name="faces", title="Faces", verdict=check_pb2.VERDICT_SKIPPED, message="No model")
    return campaign


@pytest.fixture
def orchestrator(campaign: campaigns_pb2.Campaign, blobs: Any) -> Orchestrator:
    return Orchestrator(campaign, blobs)


def desk(orchestrator: Orchestrator, folder: Path, *, as_json: bool = False) -> Desk:
    stack: Any = SimpleNamespace(is_owner=True, start_stages=lambda: None)
    client: Any = orchestrator
    return Desk(client, stack, orchestrator.campaign, orchestrator.blobs, folder, "ada", Output(as_json=as_json))


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Keys and lines in the order in which they are given."""
    answers: list[str] = []

    async def answer(_choices: object = None) -> str:
        return answers.pop(0)

    monkeypatch.setattr(keyboard, "is_there", lambda: True)
    monkeypatch.setattr(keyboard, "key", answer)
    monkeypatch.setattr(keyboard, "line", answer)
    return answers


def files_in(folder: Path) -> set[str]:
    return {str(path) for path in folder.rglob("*")}


async def test_without_a_terminal_it_shows_what_waits(
    orchestrator: Orchestrator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await desk(orchestrator, tmp_path).look() == AWAITING_APPROVAL
    told = capsys.readouterr().out
    assert "2 of 2 heroes wait for you" in told
    assert f"contact sheet: {tmp_path / 'contact-sheet.png'}" in told
    assert f"1/2  {FIRST}  16:9 · 128×72" in told
    assert "3 checks: 1 failed, 1 passed, 1 not made" in told
    assert "✗ Direction of light  2.2 L*, wanted at least 10 L*" in told
    assert "→ light it from one side" in told
    overlay = tmp_path / "checks" / FIRST / "light.jpg"
    assert str(overlay) in told
    assert overlay.read_bytes() == b"picture of bottle.1.16x9"
    assert orchestrator.taken == []


async def test_as_json_it_is_one_document_with_whole_paths(
    orchestrator: Orchestrator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await desk(orchestrator, tmp_path, as_json=True).look() == AWAITING_APPROVAL
    document = json.loads(capsys.readouterr().out)
    assert [lane["lane"] for lane in document["waiting"]] == [FIRST, SECOND]
    lane = document["waiting"][0]
    files = files_in(tmp_path)
    assert lane["still"] in files
    assert lane["hero_digest"] == orchestrator.lane(FIRST).hero.image.digest
    light, _, faces = lane["checks"]
    assert (light["verdict"], light["value"], light["pass_threshold"]) == ("fail", 2.25, 10)
    assert light["overlay"] in files
    assert (faces["verdict"], faces["value"], faces["overlay"]) == ("skipped", None, None)
    assert files >= {*document["contact_sheets"], document["gallery"]}


async def test_keys_decide_one_hero_after_the_other(
    orchestrator: Orchestrator, tmp_path: Path, person: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    person += ["d", "a", "r", "", "too dull"]
    assert await desk(orchestrator, tmp_path).look() == DONE
    assert orchestrator.taken == [(FIRST, APPROVED, "", "ada"), (SECOND, REJECTED, "too dull", "ada")]
    told = capsys.readouterr().out
    assert "– Faces" in told, "all checks of the first"
    assert "a reason is needed" in told
    assert f"{FIRST}: approved" in told
    assert "run the brief again to go on" in told


async def test_another_still_is_waited_for_and_shown(
    orchestrator: Orchestrator, tmp_path: Path, person: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    person += ["v", "warmer", "a", "a"]
    await desk(orchestrator, tmp_path).look()
    assert orchestrator.taken == [
        (FIRST, VARIATION, "warmer", "ada"),
        (SECOND, APPROVED, "", "ada"),
        (FIRST, APPROVED, "", "ada"),
    ]
    told = capsys.readouterr().out
    assert "making 1 other still…" in told
    assert f"1/1  {FIRST}  16:9 · 128×72 · take 2" in told


async def test_who_was_faster_is_heard_and_the_next_hero_is_shown(
    orchestrator: Orchestrator, tmp_path: Path, person: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = f"{FIRST} was rejected by bob at 2026-11-26 10:00:00 UTC; look at the campaign again"
    orchestrator.refuse.append(PreconditionFailed(words, reason="NOT_AWAITING_APPROVAL"))
    person += ["a", "q"]
    await desk(orchestrator, tmp_path).look()
    assert words in capsys.readouterr().out
    assert orchestrator.taken == []
    assert person == []


async def test_a_hero_of_which_there_is_no_other_is_asked_about_again(
    orchestrator: Orchestrator, tmp_path: Path, person: list[str]
) -> None:
    orchestrator.refuse.append(PreconditionFailed("has one take", reason="NO_OTHER_TAKE"))
    person += ["v", "", "a", "s"]
    assert await desk(orchestrator, tmp_path).look() == AWAITING_APPROVAL
    assert orchestrator.taken == [(FIRST, APPROVED, "", "ada")]


async def test_options_decide_without_looking(
    orchestrator: Orchestrator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = wanted_decisions([FIRST], [], [SECOND], "warmer")
    assert await desk(orchestrator, tmp_path, as_json=True).decide(wanted, "warmer") == DONE
    document = json.loads(capsys.readouterr().out)
    assert (document["decided"], document["before"]) == ([FIRST, SECOND], [])
    assert [item[:3] for item in orchestrator.taken] == [(FIRST, APPROVED, "warmer"), (SECOND, VARIATION, "warmer")]


async def test_lanes_that_are_not_there_or_have_no_hero_are_told(orchestrator: Orchestrator, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="there is no lane bottle"):
        await desk(orchestrator, tmp_path).decide({"bottle": APPROVED}, "")
    orchestrator.lane(FIRST).ClearField("hero")
    with pytest.raises(PreconditionFailed, match="has no hero to decide about yet"):
        await desk(orchestrator, tmp_path).decide({FIRST: APPROVED}, "")


@pytest.mark.parametrize(
    ("approve", "reject", "note", "told"),
    [([FIRST], [FIRST], "no", "in two ways"), ([], [FIRST], " ", "say why the hero is rejected")],
)
def test_contradictions_and_rejections_without_a_reason_are_refused(
    approve: list[str], reject: list[str], note: str, told: str
) -> None:
    with pytest.raises(InvalidInput, match=told):
        wanted_decisions(approve, reject, [], note)


def test_the_trail_is_told_from_the_oldest_on_and_forged_ones_stand_out() -> None:
    records = []
    for at, (kind, genuine) in enumerate([(APPROVED, False), (VARIATION, True)]):
        record = campaigns_pb2.DecisionRecord(lane=FIRST, genuine=genuine)
        record.approval.decision, record.approval.decided_by, record.approval.note = kind, "ada", f"note {at}"
        record.approval.decide_time.FromJsonString(f"2026-11-26T10:0{9 - at}:00Z")
        records.append(record)
    from rich.console import Console

    console = Console(width=160)
    with console.capture() as captured:
        console.print(history_table(records))
    _, first, second = captured.get().splitlines()
    assert "10:08:00 UTC" in first
    assert "sent back for another still" in first
    assert "not genuine: changed in the database" in second
    assert [item["decision"] for item in record_documents(records)] == ["approved", "variation"]


def test_checks_in_words(campaign: campaigns_pb2.Campaign) -> None:
    light, noise, faces = campaign.lanes[0].preflight.checks
    assert (value_words(light), wanted_words(light)) == ("2.2 L*", "at least 10 L*")
    assert (value_words(noise), wanted_words(noise)) == ("0.4 levels", "")
    assert (value_words(faces), check_document(campaign.lanes[0], faces)["wanted"]) == ("", "")
    assert sum_words(campaigns_pb2.Lane()) == ""
    for value, words in ((123.4, "123 %"), (-0.004, "0 %"), (0.05, "0.05 %"), (12.0, "12 %")):
        assert value_words(check_pb2.Check(value=value, unit="%")) == words


def test_a_lane_that_was_not_checked_says_so(campaign: campaigns_pb2.Campaign, tmp_path: Path) -> None:
    from rich.console import Console

    campaign.lanes[0].ClearField("preflight")
    console = Console(width=160)
    with console.capture() as captured:
        console.print(hero_screen(campaign.lanes[0], tmp_path, 1, 1))
    assert "no checks were made" in captured.get()


def test_it_waits_for_lanes_that_were_sent_back_alone() -> None:
    lane = campaigns_pb2.Lane(lane="a", state=AWAITING, take=1)
    lane.hero.image.digest = "of both takes"
    assert reviewing._is_back(lane, {})
    assert not reviewing._is_back(lane, {"a": 1})
    lane.take = 2
    assert reviewing._is_back(lane, {"a": 1})
    lane.state = campaigns_pb2.LANE_STATE_RUNNING
    assert not reviewing._is_back(lane, {"a": 1})
    lane.state = campaigns_pb2.LANE_STATE_FAILED
    assert reviewing._is_back(lane, {"a": 1})
