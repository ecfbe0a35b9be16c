"""A write that was done although its answer was lost: the caller is told to retry, and the retry finds it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from firstframe.adapters.clock import SystemClock
from firstframe.adapters.local_folder import LocalFolderStore
from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.core.errors import AlreadyExists, PreconditionFailed, Unavailable
from firstframe.orchestrator.approvals import Approvals, Decision
from firstframe.orchestrator.campaigns import Campaigns
from firstframe.orchestrator.consent_tables import ConsentTables
from firstframe.orchestrator.consents import Consents
from firstframe.orchestrator.fleet import Fleet
from firstframe.orchestrator.live import LiveCampaign
from firstframe.orchestrator.seals import Seal
from firstframe.orchestrator.tables import Tables, open_engine
from firstframe.orchestrator.trail import Trail
from support.orchestrator import small_brief

PROJECT = "projects/local"
LANE = "hero-0.1.16x9"
HERO = "sha256:" + "a" * 64


class Desk:
    """Campaigns over a database whose answers can be lost; lanes are only noted."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.tables = Tables(open_engine(f"sqlite:///{folder}/campaigns.sqlite"))
        self.tables.make()
        self.started: list[int] = []
        self.stopped: list[str] = []
        clock = SystemClock()
        self.campaigns = Campaigns(
            self.tables,
            LocalFolderStore(folder / "store"),
            Approvals(Trail(self.tables, Seal(b"k" * 32)), clock),
            clock,
            consents=Consents(ConsentTables(open_engine("sqlite://")), Seal(b"k" * 32), clock),
            fleet=Fleet(),
            start_lane=self._start,
            cancel_calls=self.stopped.append,
            stop_lanes=lambda *_: None,
        )
        self._monkeypatch = monkeypatch

    async def _start(self, _campaign: str, _lane: str, run: int) -> None:
        self.started.append(run)

    def lose_the_answer_of(self, name: str) -> None:
        whole: Callable[..., None] = getattr(self.tables, name)

        def cut(*args: Any, **kwargs: Any) -> None:
            whole(*args, **kwargs)
            self._monkeypatch.setattr(self.tables, name, whole)
            raise OperationalError("COMMIT", None, Exception("server closed the connection unexpectedly"))

        self._monkeypatch.setattr(self.tables, name, cut)

    async def create(self, request_id: str) -> LiveCampaign:
        return await self.campaigns.create(PROJECT, small_brief(approval="required"), request_id)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path, monkeypatch)


async def lost(call: Any) -> None:
    with pytest.raises(Unavailable) as caught:
        await call
    assert caught.value.reason == "DATABASE_UNAVAILABLE"


@pytest.mark.parametrize("again", ["r-1", "r-2", ""])
async def test_a_campaign_that_was_created_is_started_by_the_retry(desk: Desk, again: str) -> None:
    desk.lose_the_answer_of("put_campaign")
    await lost(desk.create("r-1"))
    assert desk.started == []
    live = await desk.create(again)
    assert (live.row.run, desk.started) == (1, [1])


@pytest.mark.parametrize("again", ["r-2", "r-3", ""])
async def test_a_new_run_is_taken_over(desk: Desk, again: str) -> None:
    old = await desk.create("r-1")
    old.lanes[LANE].state = campaigns_pb2.LANE_STATE_FAILED
    await old.save(LANE)
    desk.lose_the_answer_of("put_campaign")
    await lost(desk.create("r-2"))
    live = await desk.create(again)
    assert live.row.run == 2
    assert live.lanes[LANE].state == campaigns_pb2.LANE_STATE_PENDING
    assert desk.started == [1, 2]


@pytest.mark.parametrize("again", ["stop-1", "stop-2", ""])
async def test_a_cancelled_campaign_is_stopped_by_the_retry(desk: Desk, again: str) -> None:
    live = await desk.create("r-1")
    desk.lose_the_answer_of("cancel")
    await lost(desk.campaigns.cancel(live.row.name, "stop-1"))
    assert desk.stopped == []
    assert (await desk.campaigns.cancel(live.row.name, again)).row.cancelled
    assert desk.stopped == [live.row.name]


@pytest.mark.parametrize("again", ["yes-1", "yes-2", ""])
async def test_a_decision_reaches_the_lane_by_the_retry(desk: Desk, again: str) -> None:
    live = await desk.create("r-1")
    lane = live.lanes[LANE]
    lane.hero.image.digest = HERO
    lane.state = campaigns_pb2.LANE_STATE_AWAITING_APPROVAL
    await live.save(LANE)
    yes = [Decision(LANE, HERO, campaigns_pb2.DECISION_APPROVED, "")]
    desk.lose_the_answer_of("decide")
    await lost(desk.campaigns.decide(live.row.name, yes, by="ada", request_id="yes-1"))
    assert lane.state == campaigns_pb2.LANE_STATE_AWAITING_APPROVAL
    await desk.campaigns.decide(live.row.name, yes, by="ada", request_id=again)
    assert (lane.state, lane.approval.decided_by) == (campaigns_pb2.LANE_STATE_PENDING, "ada")


async def test_the_opposite_of_a_decision_whose_answer_was_lost_is_refused(desk: Desk) -> None:
    live = await desk.create("r-1")
    lane = live.lanes[LANE]
    lane.hero.image.digest = HERO
    lane.state = campaigns_pb2.LANE_STATE_AWAITING_APPROVAL
    await live.save(LANE)
    no = [Decision(LANE, HERO, campaigns_pb2.DECISION_REJECTED, "")]
    desk.lose_the_answer_of("decide")
    await lost(desk.campaigns.decide(live.row.name, no, by="ada", request_id="no-1"))
    yes = [Decision(LANE, HERO, campaigns_pb2.DECISION_APPROVED, "")]
    with pytest.raises(PreconditionFailed, match="was rejected by ada"):
        await desk.campaigns.decide(live.row.name, yes, by="bob", request_id="yes-1")
    assert (lane.approval.decision, lane.approval.decided_by) == (campaigns_pb2.DECISION_REJECTED, "ada")


async def test_a_repeated_decision_does_not_touch_a_lane_that_has_gone_on(desk: Desk) -> None:
    live = await desk.create("r-1")
    lane = live.lanes[LANE]
    lane.hero.image.digest = HERO
    lane.state = campaigns_pb2.LANE_STATE_AWAITING_APPROVAL
    await live.save(LANE)
    yes = [Decision(LANE, HERO, campaigns_pb2.DECISION_APPROVED, "")]
    await desk.campaigns.decide(live.row.name, yes, by="ada", request_id="yes-1")
    lane.state = campaigns_pb2.LANE_STATE_RUNNING
    await desk.campaigns.decide(live.row.name, yes, by="ada", request_id="yes-1")
    assert lane.state == campaigns_pb2.LANE_STATE_RUNNING


@pytest.mark.parametrize(("by", "note"), [("bob", "soft light"), ("ada", "hard light")])
async def test_a_request_id_belongs_to_one_person_and_one_note(desk: Desk, by: str, note: str) -> None:
    live = await desk.create("r-1")
    lane = live.lanes[LANE]
    lane.hero.image.digest = HERO
    lane.state = campaigns_pb2.LANE_STATE_AWAITING_APPROVAL
    await live.save(LANE)
    first = [Decision(LANE, HERO, campaigns_pb2.DECISION_APPROVED, "soft light")]
    await desk.campaigns.decide(live.row.name, first, by="ada", request_id="yes-1")
    other = [Decision(LANE, HERO, campaigns_pb2.DECISION_APPROVED, note)]
    with pytest.raises(AlreadyExists) as caught:
        await desk.campaigns.decide(live.row.name, other, by=by, request_id="yes-1")
    assert caught.value.reason == "REQUEST_ID_REUSED"
    assert (lane.approval.decided_by, lane.approval.note) == ("ada", "soft light")


async def test_a_new_campaign_is_in_memory_at_its_first_takes(desk: Desk) -> None:
    live = await desk.create("r-1")
    assert [lane.take for lane in live.lanes.values()] == [0] * len(live.lanes)
    assert desk.campaigns.open.all() == [live]
    assert desk.campaigns.open.known(live.row.name) is live
    assert desk.campaigns.open.lane_names() == [(live.row.name, lane, 1) for lane in live.lanes]
    desk.campaigns.open.forget(live.row.name)
    assert desk.campaigns.open.all() == []
    assert (await desk.campaigns.live(live.row.name)).row.name == live.row.name
