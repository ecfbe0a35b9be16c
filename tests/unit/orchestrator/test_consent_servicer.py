"""The consents API: what it takes for a consent, and what it says of a wrong one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.campaigns.v1 import consents_pb2
from firstframe.core.errors import InvalidInput
from firstframe.orchestrator.consent_servicer import ConsentServicer
from firstframe.orchestrator.consent_tables import ConsentTables
from firstframe.orchestrator.consents import Consents
from firstframe.orchestrator.seals import Seal
from firstframe.orchestrator.tables import Tables, open_engine

NOW = 1_800_000_000
DAY = 86_400
Message = consents_pb2.Consent
Request = consents_pb2.RecordConsentRequest


class Noon:
    def now(self) -> datetime:
        return datetime.fromtimestamp(NOW, UTC)

    def monotonic(self) -> float:
        return 0.0


@pytest.fixture
def told() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def servicer(tmp_path: Path, told: list[tuple[str, str]]) -> ConsentServicer:
    engine = open_engine(f"sqlite:///{tmp_path}/campaigns.sqlite")
    Tables(engine).make()

    async def revoked(project: str, name: str) -> None:
        told.append((project, name))

    return ConsentServicer(Consents(ConsentTables(engine), Seal(b"k" * 32), Noon()), revoked)


def good(name: str = "anna") -> Request:
    effects = [animation_pb2.EFFECT_KIND_KISS, animation_pb2.EFFECT_KIND_DANCE]
    consent = Message(person=" Anna Berg ", effects=effects, purpose="a  film,\nfor\tmay", recorded_by="ada")
    consent.expire_time.seconds = NOW + DAY
    return Request(parent="projects/p", consent_id=name, consent=consent)


async def test_a_consent_is_recorded_read_and_taken_back(
    servicer: ConsentServicer, told: list[tuple[str, str]]
) -> None:
    made = await servicer.RecordConsent(good(), None)
    assert (made.name, made.person, made.purpose) == ("projects/p/consents/anna", "Anna Berg", "a film, for may")
    assert list(made.effects) == [animation_pb2.EFFECT_KIND_DANCE, animation_pb2.EFFECT_KIND_KISS]
    assert (made.valid, made.expire_time.seconds, made.create_time.seconds) == (True, NOW + DAY, NOW)
    assert await servicer.GetConsent(consents_pb2.GetConsentRequest(name=made.name), None) == made
    assert told == []

    request = consents_pb2.RevokeConsentRequest(name=made.name, revoked_by="Anna", reason="changed my mind")
    ended = await servicer.RevokeConsent(request, None)
    assert (ended.valid, ended.revoked_by, ended.revoke_reason) == (False, "Anna", "changed my mind")
    assert ended.revoke_time.seconds == NOW
    assert told == [("projects/p", "anna")]


async def test_a_list_comes_in_pages(servicer: ConsentServicer) -> None:
    for name in ("a", "b", "c"):
        await servicer.RecordConsent(good(name), None)
    request = consents_pb2.ListConsentsRequest(parent="projects/p", page_size=2)
    first = await servicer.ListConsents(request, None)
    request.page_token = first.next_page_token
    second = await servicer.ListConsents(request, None)
    assert [item.name[-1] for item in (*first.consents, *second.consents)] == ["c", "b", "a"]
    assert second.next_page_token == ""


WRONG: dict[str, tuple[Callable[[Request], None], str]] = {
    "no person": (lambda r: r.consent.ClearField("person"), "consent.person"),
    "nobody who records it": (lambda r: r.consent.ClearField("recorded_by"), "consent.recorded_by"),
    "no purpose": (lambda r: setattr(r.consent, "purpose", " \n"), "consent.purpose"),
    "a long purpose": (lambda r: setattr(r.consent, "purpose", "x" * 501), "consent.purpose"),
    "a purpose that rewrites a terminal": (lambda r: setattr(r.consent, "purpose", "a\x1b[2Jb"), "consent.purpose"),
    "a purpose that reads backwards": (lambda r: setattr(r.consent, "purpose", "a\u202eb"), "consent.purpose"),
    "no effect": (lambda r: r.consent.ClearField("effects"), "consent.effects"),
    "an effect twice": (lambda r: r.consent.effects.append(animation_pb2.EFFECT_KIND_KISS), "consent.effects"),
    "heritage": (lambda r: r.consent.effects.append(animation_pb2.EFFECT_KIND_HERITAGE), "consent.effects[2]"),
    "an effect of later": (lambda r: r.consent.effects.append(99), "consent.effects[2]"),  # type: ignore[arg-type]
    "no end": (lambda r: r.consent.ClearField("expire_time"), "consent.expire_time"),
    "an end that is now": (lambda r: setattr(r.consent.expire_time, "seconds", NOW), "consent.expire_time"),
    "an end too far": (lambda r: setattr(r.consent.expire_time, "seconds", NOW + 3654 * DAY), "consent.expire_time"),
    "a digest that is none": (lambda r: setattr(r.consent, "evidence_sha256", "A" * 64), "consent.evidence_sha256"),
    "a name that is none": (lambda r: setattr(r, "consent_id", "Anna"), "consent_id"),
    "a project that is none": (lambda r: setattr(r, "parent", "p"), "parent"),
    "a request id that is none": (lambda r: setattr(r, "request_id", "a b"), "request_id"),
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_is_wrong_is_named(servicer: ConsentServicer, name: str) -> None:
    change, field = WRONG[name]
    request = good()
    change(request)
    with pytest.raises(InvalidInput) as caught:
        await servicer.RecordConsent(request, None)
    assert caught.value.metadata["field"] == field
    assert not (await servicer.ListConsents(consents_pb2.ListConsentsRequest(parent="projects/p"), None)).consents


async def test_who_takes_it_back_and_why_are_checked(servicer: ConsentServicer, told: list[tuple[str, str]]) -> None:
    made = await servicer.RecordConsent(good(), None)
    for wrong in ({"revoked_by": ""}, {"reason": "\x1b[8m"}, {"reason": "x" * 501}, {"request_id": "a b"}):
        values = {"name": made.name, "revoked_by": "Anna"} | wrong
        with pytest.raises(InvalidInput):
            await servicer.RevokeConsent(consents_pb2.RevokeConsentRequest(**values), None)
    assert (await servicer.GetConsent(consents_pb2.GetConsentRequest(name=made.name), None)).valid
    assert told == []
