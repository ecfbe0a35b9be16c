"""ConsentService: decodes, calls the domain, encodes."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from google.protobuf.timestamp_pb2 import Timestamp

from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.campaigns.v1 import consents_pb2, consents_pb2_grpc
from firstframe.core.canonical import SHA256_HEX
from firstframe.core.errors import InvalidInput
from firstframe.core.motion import EffectKind
from firstframe.orchestrator.consents import Consent, Consents, RecordedConsent
from firstframe.orchestrator.naming import (
    CONSENT_ID,
    consent_named,
    matched,
    page_size,
    page_token,
    person_named,
    project_named,
    request_named,
)
from firstframe.runtime.grants import effect_value
from firstframe.runtime.messages import stamp

MAX_WORDS = 500
MAX_TERM = timedelta(days=3653)
_EFFECTS = {effect_value(kind): kind for kind in EffectKind if kind.needs_consent}


class ConsentServicer(consents_pb2_grpc.ConsentServiceServicer):
    """The consents API.

    Args:
        consents: The register.
        revoked: Told the project and last part of the name of a consent that was taken back.
    """

    def __init__(self, consents: Consents, revoked: Callable[[str, str], Awaitable[None]]) -> None:
        self._consents = consents
        self._revoked = revoked

    async def RecordConsent(
        self,
        request: consents_pb2.RecordConsentRequest,
        context: object,  # noqa: ARG002
    ) -> consents_pb2.Consent:
        """Records one."""
        project = project_named(request.parent)
        name = matched(
            CONSENT_ID, request.consent_id, "consent_id", "`anna-berg`: lower-case letters, digits and hyphens"
        )
        request_named(request.request_id)
        consent = _decoded(request.consent, self._consents.now())
        return self._encoded(await self._consents.record(project, name, consent))

    async def GetConsent(
        self,
        request: consents_pb2.GetConsentRequest,
        context: object,  # noqa: ARG002
    ) -> consents_pb2.Consent:
        """Reads one."""
        return self._encoded(await self._consents.get(*consent_named(request.name)))

    async def ListConsents(
        self,
        request: consents_pb2.ListConsentsRequest,
        context: object,  # noqa: ARG002
    ) -> consents_pb2.ListConsentsResponse:
        """Lists a project's."""
        project, size = project_named(request.parent), page_size(request.page_size)
        found = await self._consents.page(project, before_id=page_token(request.page_token), size=size + 1)
        response = consents_pb2.ListConsentsResponse(consents=[self._encoded(item) for item in found[:size]])
        if len(found) > size:
            response.next_page_token = f"before-{found[size - 1].id}"
        return response

    async def RevokeConsent(
        self,
        request: consents_pb2.RevokeConsentRequest,
        context: object,  # noqa: ARG002
    ) -> consents_pb2.Consent:
        """Takes one back."""
        project, name = consent_named(request.name)
        request_named(request.request_id)
        by, reason = person_named(request.revoked_by, "revoked_by"), _words(request.reason, "reason")
        found = await self._consents.revoke(project, name, by=by, reason=reason)
        await self._revoked(project, name)
        return self._encoded(found)

    def _encoded(self, found: RecordedConsent) -> consents_pb2.Consent:
        consent = found.consent
        return consents_pb2.Consent(
            name=found.name,
            person=consent.person,
            effects=[effect_value(EffectKind(value)) for value in consent.effects],
            purpose=consent.purpose,
            expire_time=stamp(consent.expire_time),
            evidence_sha256=consent.evidence_sha256,
            recorded_by=consent.recorded_by,
            create_time=stamp(consent.create_time),
            revoke_time=None if consent.revoke_time is None else stamp(consent.revoke_time),
            revoked_by=consent.revoked_by,
            revoke_reason=consent.revoke_reason,
            valid=not found.ended(self._consents.now()),
        )


def _decoded(message: consents_pb2.Consent, now: float) -> Consent:
    purpose = _words(message.purpose, "consent.purpose")
    if not purpose:
        raise InvalidInput.at("consent.purpose", "is empty", "say what it is for")
    if message.evidence_sha256 and not SHA256_HEX.fullmatch(message.evidence_sha256):
        problem = f"is {message.evidence_sha256!r}"
        raise InvalidInput.at("consent.evidence_sha256", problem, "give 64 lower-case hexadecimal digits, or none")
    return Consent(
        person=person_named(message.person, "consent.person"),
        effects=_effects(message.effects),
        purpose=purpose,
        expire_time=_end(message.expire_time, now),
        evidence_sha256=message.evidence_sha256,
        recorded_by=person_named(message.recorded_by, "consent.recorded_by"),
        create_time=now,
    )


def _effects(values: Sequence[animation_pb2.EffectKind.ValueType]) -> tuple[str, ...]:
    known = ", ".join(animation_pb2.EffectKind.Name(value) for value in _EFFECTS)
    if not values or len(set(values)) != len(values):
        raise InvalidInput.at("consent.effects", "are none, or one is there twice", f"give some of {known}")
    for index, value in enumerate(values):
        if value not in _EFFECTS:
            raise InvalidInput.at(f"consent.effects[{index}]", f"{value} needs no consent", f"use one of {known}")
    return tuple(sorted(_EFFECTS[value].value for value in values))


def _end(message: Timestamp, now: float) -> float:
    seconds = message.seconds + message.nanos / 1e9
    if seconds <= now:
        raise InvalidInput.at("consent.expire_time", "is missing or past", "say until when they agreed")
    if seconds > now + MAX_TERM.total_seconds():
        raise InvalidInput.at("consent.expire_time", "is more than ten years away", "agree on a nearer end")
    return seconds


def _words(value: str, field: str) -> str:
    words = re.sub(r"\s+", " ", value).strip()
    if len(words) > MAX_WORDS:
        raise InvalidInput.at(field, f"has {len(words)} characters", f"use at most {MAX_WORDS}")
    if not words.isprintable():
        raise InvalidInput.at(field, "has control characters", "use plain text")
    return words
