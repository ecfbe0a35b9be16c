"""What a stage is granted: for each person, until their consent ends, and anew when it waited too long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from google.protobuf.message import Message

from firstframe.adapters.clock import SystemClock
from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.upscaling.v1 import upscaling_pb2
from firstframe.core.errors import PermissionDenied, PreconditionFailed
from firstframe.core.motion import EffectKind
from firstframe.orchestrator.calls import Call, StageCalls
from firstframe.orchestrator.consent_gate import ConsentGate
from firstframe.orchestrator.consent_tables import ConsentTables
from firstframe.orchestrator.consents import Consent, Consents
from firstframe.orchestrator.dispatcher import Dispatcher
from firstframe.orchestrator.live import LiveCampaign
from firstframe.orchestrator.seals import Seal
from firstframe.orchestrator.tables import Tables, open_engine
from firstframe.ports.pools import Pools
from firstframe.runtime.grants import GRANT_FOR, GrantGate, GrantSeal, hero_digest
from support.campaigns import live_campaign

LANE = "hero-0.1.16x9"
START = 1_800_000_000.0
HERO = "sha256:" + "a" * 64
SEAL = GrantSeal(b"g" * 32)
WAIT_S = GRANT_FOR.total_seconds()


class Hand:
    """A clock that is set by hand."""

    seconds = START

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    def monotonic(self) -> float:
        return self.seconds


def kissing(brief: campaigns_pb2.Brief) -> None:
    brief.motion.recipe, brief.motion.atmosphere = "kiss", 0
    brief.heroes[0].people.extend(["anna", "ben"])


@pytest.fixture
def live() -> LiveCampaign:
    return live_campaign(change=kissing)


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
async def consents(tmp_path: Path, clock: Hand, live: LiveCampaign) -> Consents:
    """Anna agrees for a minute, Ben for a day."""
    engine = open_engine(f"sqlite:///{tmp_path}/campaigns.sqlite")
    Tables(engine).make()
    made = Consents(ConsentTables(engine), Seal(b"k" * 32), clock)
    for name, seconds in (("anna", 60), ("ben", 86400)):
        consent = Consent(name, ("kiss",), "a film", START + seconds, "", "ada", START)
        await made.record(live.row.project, name, consent)
    return made


def clip() -> animation_pb2.AnimateClipRequest:
    request = animation_pb2.AnimateClipRequest()
    request.hero.image.digest = HERO
    return request


async def granted(gate: ConsentGate, live: LiveCampaign) -> animation_pb2.AnimateClipRequest:
    request = await gate.granted(live, LANE, clip())
    assert isinstance(request, animation_pb2.AnimateClipRequest)
    return request


async def test_each_grant_is_sealed_and_ends_with_its_consent(consents: Consents, live: LiveCampaign) -> None:
    request = await granted(ConsentGate(consents, SEAL), live)
    anna, ben = request.motion.effect.grants
    assert [one.consent.rpartition("/")[2] for one in (anna, ben)] == ["anna", "ben"]
    assert [one.expire_time.seconds - START for one in (anna, ben)] == [60, WAIT_S]
    assert {one.effect for one in (anna, ben)} == {animation_pb2.EFFECT_KIND_KISS}
    assert {one.hero_digest for one in (anna, ben)} == {hero_digest(request.hero)}
    assert all(SEAL.holds(one) for one in (anna, ben))


async def test_other_stages_are_sent_no_grant(consents: Consents, live: LiveCampaign) -> None:
    request = upscaling_pb2.UpscaleClipRequest()
    assert await ConsentGate(consents, None).granted(live, LANE, request) is request
    with pytest.raises(PreconditionFailed) as caught:
        await ConsentGate(consents, None).granted(live, LANE, clip())
    assert caught.value.reason == "NO_CONSENT_KEY"


async def test_a_lane_that_needs_nobody_is_sent_as_it_is(consents: Consents) -> None:
    request = clip()
    assert await ConsentGate(consents, None).granted(live_campaign(), LANE, request) is request


async def test_a_grant_is_stale_when_any_of_it_has_expired(consents: Consents, live: LiveCampaign, clock: Hand) -> None:
    gate = ConsentGate(consents, SEAL)
    request = await granted(gate, live)
    clock.seconds = START + 59
    assert not gate.is_stale(request)
    clock.seconds = START + 60
    assert gate.is_stale(request)
    assert not gate.is_stale(clip())
    assert not gate.is_stale(upscaling_pb2.UpscaleClipRequest())


class SlowStage:
    """A stage that looks at grants as the real one does, after its queue."""

    def __init__(self, clock: Hand, *waits_s: float) -> None:
        self._clock, self._waits_s = clock, list(waits_s)
        self.asked = 0

    async def run(self, _stage: str, _key: str, request: Message, **_: object) -> Message:
        assert isinstance(request, animation_pb2.AnimateClipRequest)
        self.asked += 1
        self._clock.seconds += self._waits_s.pop(0)
        GrantGate(SEAL, self._clock).require(request, EffectKind.KISS)
        return animation_pb2.AnimateClipResult()


async def called(stage: SlowStage, gate: ConsentGate, live: LiveCampaign) -> None:
    calls = StageCalls(cast("Any", stage), gate, lambda _: None)
    await calls.make(live, LANE, Call("animation", "clip", clip()), lambda _: None)


async def test_work_that_waited_too_long_is_granted_anew(consents: Consents, live: LiveCampaign, clock: Hand) -> None:
    await consents.record(live.row.project, "eve", Consent("Eve", ("kiss",), "a film", START + 86400, "", "ada", START))
    live._people["hero-0"] = ("eve", "ben")
    stage = SlowStage(clock, WAIT_S, 0)
    await called(stage, ConsentGate(consents, SEAL), live)
    assert stage.asked == 2


async def test_a_consent_that_ends_in_the_queue_is_not_granted_anew(
    consents: Consents, live: LiveCampaign, clock: Hand
) -> None:
    stage = SlowStage(clock, 61, 0)
    with pytest.raises(PreconditionFailed, match="anna expired"):
        await called(stage, ConsentGate(consents, SEAL), live)
    assert stage.asked == 1


async def test_another_refusal_is_not_tried_again(consents: Consents, live: LiveCampaign, clock: Hand) -> None:
    stage = SlowStage(clock, 0, 0)
    with pytest.raises(PermissionDenied, match="not sealed with this server's key"):
        await called(stage, ConsentGate(consents, GrantSeal(b"x" * 32)), live)
    assert stage.asked == 1


class HeldServer:
    """A server that holds each call until it is let go, and looks at grants as the real one does."""

    def __init__(self, clock: Hand) -> None:
        self._clock = clock
        self.asked = asyncio.Event()
        self.go = asyncio.Event()

    async def watch_slots(self) -> AsyncIterator[int]:
        yield 1
        await asyncio.Event().wait()

    async def call(self, request: Message, _on_progress: object) -> Message:
        assert isinstance(request, animation_pb2.AnimateClipRequest)
        self.asked.set()
        await self.go.wait()
        GrantGate(SEAL, self._clock).require(request, EffectKind.KISS)
        return animation_pb2.AnimateClipResult()

    async def close(self) -> None:
        pass


class OneServer:
    """A directory with one server of the stage."""

    async def watch(self) -> AsyncIterator[Pools]:
        yield {"animation": frozenset({"a"})}
        await asyncio.Event().wait()


@pytest.mark.parametrize("first_goes_on", [True, False])
async def test_who_joins_with_a_fresh_grant_does_not_fail_by_the_first_one_s(
    consents: Consents, live: LiveCampaign, clock: Hand, first_goes_on: bool
) -> None:
    """The first one's grants expire while the stage is asked; after that the second joins the same step."""
    await consents.record(live.row.project, "eve", Consent("Eve", ("kiss",), "a film", START + 86400, "", "ada", START))
    live._people["hero-0"] = ("eve", "ben")
    server = HeldServer(clock)
    dispatcher: Dispatcher[Message, Message] = Dispatcher(OneServer(), lambda *_: server, SystemClock())
    serving = asyncio.create_task(dispatcher.serve())
    calls = StageCalls(dispatcher, ConsentGate(consents, SEAL), lambda _: None)
    call = Call("animation", "clip", clip())
    first = asyncio.create_task(calls.make(live, LANE, call, lambda _: None))
    await server.asked.wait()
    clock.seconds += WAIT_S
    second = asyncio.create_task(calls.make(live, LANE, call, lambda _: None))
    while not any(work.waiters == 2 for work in dispatcher._open.values()):
        await asyncio.sleep(0.001)
    if not first_goes_on:
        first.cancel()
    server.go.set()
    assert isinstance(await second, animation_pb2.AnimateClipResult)
    if first_goes_on:
        assert isinstance(await first, animation_pb2.AnimateClipResult)
    serving.cancel()
