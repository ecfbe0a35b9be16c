"""What is taken back while its work is about to begin does not begin."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from google.protobuf.message import Message

from firstframe.adapters.clock import SystemClock
from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.upscaling.v1 import upscaling_pb2
from firstframe.core.errors import Cancelled, FirstframeError
from firstframe.orchestrator.approvals import Approvals
from firstframe.orchestrator.calls import Call
from firstframe.orchestrator.consent_gate import ConsentGate
from firstframe.orchestrator.consent_tables import ConsentRow, ConsentTables
from firstframe.orchestrator.consents import Consent, Consents
from firstframe.orchestrator.fleet import Fleet
from firstframe.orchestrator.gates import Gates
from firstframe.orchestrator.seals import Seal
from firstframe.orchestrator.tables import Tables, open_engine
from firstframe.orchestrator.trail import Trail
from firstframe.runtime.grants import GrantSeal
from support.campaigns import live_campaign

LANE = "hero-0.1.16x9"


class Interrupted(ConsentTables):
    """A register in which something happens while it answers who `ben` is."""

    happens: Callable[[], None] | None = None

    def get(self, project: str, consent: str) -> ConsentRow | None:
        row = super().get(project, consent)
        if consent == "ben" and (happens := self.happens):
            self.happens = None
            happens()
        return row


class Slots:
    """Counts what is begun."""

    def __init__(self) -> None:
        self.begun: list[Message] = []

    def slots(self, _stage: str) -> int:
        return 1

    async def run(self, _stage: str, _key: str, request: Message, **_: object) -> Message:
        self.begun.append(request)
        return upscaling_pb2.UpscaleClipResult()


def kissing(brief: campaigns_pb2.Brief) -> None:
    brief.motion.recipe, brief.motion.atmosphere = "kiss", 0
    brief.heroes[0].people.extend(["anna", "ben"])


class Race:
    def __init__(self, folder: Path) -> None:
        self.live = live_campaign(change=kissing)
        engine = open_engine(f"sqlite:///{folder}/campaigns.sqlite")
        tables = Tables(engine)
        tables.make()
        self.register = Interrupted(engine)
        self.consents = Consents(self.register, Seal(b"k" * 32), SystemClock())
        self.slots = Slots()
        gate = ConsentGate(self.consents, GrantSeal(b"g" * 32))
        approvals = Approvals(Trail(tables, Seal(b"k" * 32)), SystemClock())
        self.gates = Gates(cast("Any", self.slots), approvals, gate, cast("Any", None), Fleet())

    async def agree(self) -> None:
        end = self.consents.now() + 3600
        for name in ("anna", "ben"):
            await self.consents.record(self.live.row.project, name, Consent(name, ("kiss",), "a", end, "", "ada", 0.0))

    async def call(self) -> Message:
        request = upscaling_pb2.UpscaleClipRequest()
        return await self.gates.call(self.live, LANE, Call("upscaling", "upscale", request), lambda _: None)


@pytest.fixture
async def race(tmp_path: Path) -> Race:
    made = Race(tmp_path)
    await made.agree()
    return made


async def test_work_begins_where_nothing_happens(race: Race) -> None:
    await race.call()
    assert len(race.slots.begun) == 1


async def test_what_is_taken_back_between_question_and_call_is_not_begun(race: Race) -> None:
    loop = asyncio.get_running_loop()

    async def revoke() -> None:
        await race.consents.revoke(race.live.row.project, "anna", by="Anna", reason="")
        race.gates.calls.stop_lanes(race.live.row.name, [LANE])

    race.register.happens = lambda: asyncio.run_coroutine_threadsafe(revoke(), loop).result(10)
    with pytest.raises(FirstframeError) as caught:
        await race.call()
    assert caught.value.reason == "NO_CONSENT"
    assert race.slots.begun == []


async def test_a_campaign_that_is_cancelled_between_question_and_call_begins_nothing(race: Race) -> None:
    loop = asyncio.get_running_loop()

    async def cancel() -> None:
        race.live.row = replace(race.live.row, cancelled=True)
        race.gates.calls.cancel(race.live.row.name)

    race.register.happens = lambda: asyncio.run_coroutine_threadsafe(cancel(), loop).result(10)
    with pytest.raises(Cancelled):
        await race.call()
    assert race.slots.begun == []


async def test_a_clip_that_nobody_approved_is_not_begun(race: Race) -> None:
    call = Call("animation", "clip", animation_pb2.AnimateClipRequest())
    with pytest.raises(FirstframeError) as caught:
        await race.gates.call(race.live, LANE, call, lambda _: None)
    assert caught.value.reason == "NOT_APPROVED"
    assert race.slots.begun == []
