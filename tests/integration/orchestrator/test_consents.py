"""No path to an effect clip without valid consent: submitting, retrying, restarting, revoking, asking for what is there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import grpc
import pytest

from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.campaigns.v1 import campaigns_pb2, consents_pb2, consents_pb2_grpc
from firstframe.core.errors import FirstframeError
from firstframe.core.motion import EffectKind
from firstframe.runtime.client import translate
from firstframe.runtime.grants import GrantGate, GrantSeal, grant_seal
from support.orchestrator import World, small_brief

SUCCEEDED = campaigns_pb2.CAMPAIGN_STATE_SUCCEEDED
FAILED = campaigns_pb2.CAMPAIGN_STATE_FAILED
AWAITING = campaigns_pb2.CAMPAIGN_STATE_AWAITING_APPROVAL
CancelledError = asyncio.CancelledError
Call = Callable[[consents_pb2_grpc.ConsentServiceStub], Awaitable[consents_pb2.Consent]]


class Now:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


@pytest.fixture
async def kissing(world: World) -> AsyncIterator[World]:
    """A world whose animation stage checks grants as the real one does."""
    key = world.folder / "consent.key"
    gate = GrantGate(grant_seal(None, key), Now())

    async def check(stage: str, request: object, context: grpc.aio.ServicerContext) -> None:
        if isinstance(request, animation_pb2.AnimateClipRequest):
            gate.require(request, EffectKind.KISS)

    world.fake.before = check
    await world.open(CONSENT_KEY_FILE=str(key))
    yield world


def kiss(approval: str = "auto") -> campaigns_pb2.Brief:
    brief = small_brief(approval=approval)
    brief.motion.recipe = "kiss"
    brief.motion.atmosphere = 0
    brief.heroes[0].people.extend(["anna", "ben"])
    return brief


class Register:
    """The consents API of a world."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def _ask(self, call: Call) -> consents_pb2.Consent:
        async with grpc.aio.insecure_channel(self._world.orchestrator.address) as channel:
            return await call(consents_pb2_grpc.ConsentServiceStub(channel))

    async def record(self, name: str, seconds: float = 3600) -> consents_pb2.Consent:
        consent = consents_pb2.Consent(
            person=name.title(), effects=[animation_pb2.EFFECT_KIND_KISS], purpose="a film", recorded_by="ada"
        )
        consent.expire_time.FromMicroseconds(int((time.time() + seconds) * 1e6))
        request = consents_pb2.RecordConsentRequest(parent="projects/local", consent_id=name, consent=consent)
        return await self._ask(lambda stub: stub.RecordConsent(request, timeout=20))

    async def revoke(self, name: str) -> consents_pb2.Consent:
        request = consents_pb2.RevokeConsentRequest(
            name=f"projects/local/consents/{name}", revoked_by=name, reason="changed my mind"
        )
        return await self._ask(lambda stub: stub.RevokeConsent(request, timeout=20))


async def refused(world: World, brief: campaigns_pb2.Brief) -> FirstframeError:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await world.create(brief)
    return translate(caught.value)


async def test_nothing_is_begun_before_everybody_has_agreed(kissing: World) -> None:
    register = Register(kissing)
    assert (await refused(kissing, kiss())).metadata["consent"] == "projects/local/consents/anna"
    await register.record("anna")
    error = await refused(kissing, kiss())
    assert (error.reason, error.metadata["consent"]) == ("NO_CONSENT", "projects/local/consents/ben")
    assert kissing.fake.calls == []

    await register.record("ben")
    done = await kissing.until((await kissing.create(kiss())).name, SUCCEEDED)
    (request,) = [item for stage, item in kissing.fake.calls if stage == "animation"]
    assert isinstance(request, animation_pb2.AnimateClipRequest)
    assert [item.consent[-4:] for item in request.motion.effect.grants] == ["anna", "/ben"]
    assert len(done.lanes[0].deliverables) == 1
    manifest = kissing.store.get_bytes(done.lanes[0].deliverables[0].manifest.digest, max_bytes=1 << 20)
    assert b"seal" not in manifest
    assert b"grants" not in manifest


async def test_what_was_finished_is_not_given_out_after_it_was_taken_back(kissing: World) -> None:
    register = Register(kissing)
    for name in ("anna", "ben"):
        await register.record(name)
    done = await kissing.until((await kissing.create(kiss())).name, SUCCEEDED)
    await register.revoke("ben")
    got = await kissing.stub().GetCampaign(campaigns_pb2.GetCampaignRequest(name=done.name), timeout=20)
    assert list(got.lanes[0].deliverables) == []
    assert got.lanes[0].error.reason == "NO_CONSENT"
    watched = await kissing.until(done.name, SUCCEEDED)
    assert list(watched.lanes[0].deliverables) == []
    assert (await refused(kissing, kiss())).reason == "NO_CONSENT"


async def test_taking_it_back_stops_what_runs(kissing: World) -> None:
    register = Register(kissing)
    for name in ("anna", "ben"):
        await register.record(name)
    begun, ended = asyncio.Event(), asyncio.Event()

    async def hang(stage: str, _request: object, _context: object) -> None:
        if stage == "animation":
            begun.set()
            try:
                await asyncio.sleep(60)
            except CancelledError:
                ended.set()
                raise

    kissing.fake.before = hang
    created = await kissing.create(kiss())
    await asyncio.wait_for(begun.wait(), 30)
    await register.revoke("anna")
    failed = await kissing.until(created.name, FAILED)
    assert failed.lanes[0].error.reason == "NO_CONSENT"
    assert "was revoked" in failed.lanes[0].error.message
    await asyncio.wait_for(ended.wait(), 10)


@pytest.mark.parametrize("stage", ["upscaling", "stitching"])
async def test_taking_it_back_stops_what_comes_after_the_clip(kissing: World, stage: str) -> None:
    register = Register(kissing)
    for name in ("anna", "ben"):
        await register.record(name)

    async def revoke(running: str, _request: object, _context: object) -> None:
        if running == stage:
            await register.revoke("anna")

    kissing.fake.before = revoke
    failed = await kissing.until((await kissing.create(kiss())).name, FAILED)
    assert failed.lanes[0].error.reason == "NO_CONSENT"
    assert list(failed.lanes[0].deliverables) == []


async def test_a_queued_lane_does_not_move_after_it_was_taken_back(kissing: World) -> None:
    register = Register(kissing)
    for name in ("anna", "ben"):
        await register.record(name)
    created = await kissing.create(kiss(approval="required"))
    waiting = await kissing.until(created.name, AWAITING)
    await register.revoke("anna")
    await kissing.decide(created.name, waiting.lanes[0], campaigns_pb2.DECISION_APPROVED)
    failed = await kissing.until(created.name, FAILED)
    assert failed.lanes[0].error.reason == "NO_CONSENT"
    assert kissing.fake.count("animation") == 0


async def test_a_restart_in_between_does_not_forget_it(kissing: World) -> None:
    register = Register(kissing)
    for name in ("anna", "ben"):
        await register.record(name)
    created = await kissing.create(kiss(approval="required"))
    waiting = await kissing.until(created.name, AWAITING)
    await register.revoke("ben")
    kissing.orchestrator.kill()
    await asyncio.to_thread(kissing.orchestrator.start, CONSENT_KEY_FILE=str(kissing.folder / "consent.key"))
    await kissing.decide(created.name, waiting.lanes[0], campaigns_pb2.DECISION_APPROVED)
    failed = await kissing.until(created.name, FAILED)
    assert failed.lanes[0].error.reason == "NO_CONSENT"


async def test_its_end_ends_the_work(kissing: World) -> None:
    register = Register(kissing)
    await register.record("anna")
    await register.record("ben", seconds=4)
    created = await kissing.create(kiss(approval="required"))
    waiting = await kissing.until(created.name, AWAITING)
    await asyncio.sleep(4)
    await kissing.decide(created.name, waiting.lanes[0], campaigns_pb2.DECISION_APPROVED)
    failed = await kissing.until(created.name, FAILED)
    assert "expired" in failed.lanes[0].error.message


async def test_an_orchestrator_without_a_key_grants_nothing(world: World) -> None:
    await world.open()
    register = Register(world)
    for name in ("anna", "ben"):
        await register.record(name)
    failed = await world.until((await world.create(kiss())).name, FAILED)
    assert failed.lanes[0].error.reason == "NO_CONSENT_KEY"
    assert world.fake.count("animation") == 0


async def test_a_stage_with_another_key_refuses(kissing: World) -> None:
    register = Register(kissing)
    for name in ("anna", "ben"):
        await register.record(name)
    gate = GrantGate(GrantSeal(b"x" * 32), Now())

    async def check(stage: str, request: object, context: grpc.aio.ServicerContext) -> None:
        if isinstance(request, animation_pb2.AnimateClipRequest):
            try:
                gate.require(request, EffectKind.KISS)
            except FirstframeError as error:
                await context.abort(grpc.StatusCode.PERMISSION_DENIED, error.message)

    kissing.fake.before = check
    failed = await kissing.until((await kissing.create(kiss())).name, FAILED)
    assert "not sealed with this server's key" in failed.lanes[0].error.message
