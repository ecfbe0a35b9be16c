"""Consents through the orchestrator's API, and as people read them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.campaigns.v1 import consents_pb2, consents_pb2_grpc
from firstframe.cli.campaign_client import CALL_TIMEOUT_S, PROJECT, CampaignClient
from firstframe.core.errors import InvalidInput
from firstframe.core.motion import EffectKind
from firstframe.core.nearest import did_you_mean
from firstframe.core.persons import same_person_key
from firstframe.runtime.grants import effect_value

_SERVICE = consents_pb2.DESCRIPTOR.services_by_name["ConsentService"].full_name
_PAGE = 1000
EFFECTS = tuple(kind.value for kind in EffectKind if kind.needs_consent)


class ConsentClient:
    """Calls the orchestrator's register of consents."""

    def __init__(self, client: CampaignClient) -> None:
        self._client = client

    async def record(self, name: str, consent: consents_pb2.Consent) -> consents_pb2.Consent:
        """Records a consent under the last part of its name."""
        request = consents_pb2.RecordConsentRequest(parent=PROJECT, consent_id=name, consent=consent)
        return await self._client.send(
            f"{_SERVICE}/RecordConsent",
            lambda channel, metadata: consents_pb2_grpc.ConsentServiceStub(channel).RecordConsent(
                request, timeout=CALL_TIMEOUT_S, metadata=metadata
            ),
        )

    async def get(self, name: str) -> consents_pb2.Consent:
        """Reads one."""
        request = consents_pb2.GetConsentRequest(name=f"{PROJECT}/consents/{name}")
        return await self._client.send(
            f"{_SERVICE}/GetConsent",
            lambda channel, metadata: consents_pb2_grpc.ConsentServiceStub(channel).GetConsent(
                request, timeout=CALL_TIMEOUT_S, metadata=metadata
            ),
        )

    async def all(self) -> list[consents_pb2.Consent]:
        """Reads all of the project, the newest first."""
        found: list[consents_pb2.Consent] = []
        token = ""
        while True:
            page = await self._page(token)
            found.extend(page.consents)
            token = page.next_page_token
            if not token:
                return found

    async def _page(self, token: str) -> consents_pb2.ListConsentsResponse:
        request = consents_pb2.ListConsentsRequest(parent=PROJECT, page_size=_PAGE, page_token=token)
        return await self._client.send(
            f"{_SERVICE}/ListConsents",
            lambda channel, metadata: consents_pb2_grpc.ConsentServiceStub(channel).ListConsents(
                request, timeout=CALL_TIMEOUT_S, metadata=metadata
            ),
        )

    async def revoke(self, name: str, *, by: str, reason: str) -> consents_pb2.Consent:
        """Takes one back."""
        full = f"{PROJECT}/consents/{name}"
        request = consents_pb2.RevokeConsentRequest(name=full, revoked_by=by, reason=reason)
        return await self._client.send(
            f"{_SERVICE}/RevokeConsent",
            lambda channel, metadata: consents_pb2_grpc.ConsentServiceStub(channel).RevokeConsent(
                request, timeout=CALL_TIMEOUT_S, metadata=metadata
            ),
        )


OPTIONS = {
    "consent_id": "NAME",
    "name": "NAME",
    "consent.person": "--person",
    "consent.effects": "--effect",
    "consent.purpose": "--purpose",
    "consent.expire_time": "--until",
    "consent.evidence_sha256": "--evidence",
    "consent.recorded_by": "--by",
    "revoked_by": "--by",
    "reason": "--reason",
}
"""Fields of the API, and what they are called here."""


@contextmanager
def in_options() -> Iterator[None]:
    """Tells what is wrong with a field by the option that it came from.

    Raises:
        InvalidInput: The same, about the option.
    """
    try:
        yield
    except InvalidInput as error:
        field = error.metadata.get("field", "")
        option = OPTIONS.get(field.partition("[")[0])
        if option is None:
            raise
        text = f"{option}{error.message.removeprefix(field)}"
        raise InvalidInput(text, reason=error.reason, metadata={**error.metadata, "field": option}) from None


def others_of(consent: consents_pb2.Consent, known: Iterable[consents_pb2.Consent]) -> list[str]:
    """Other consents of the same person that hold: names of a person may be written in many ways."""
    key = same_person_key(consent.person)
    same = [item for item in known if item.valid and item.name != consent.name and same_person_key(item.person) == key]
    return [short_name(item) for item in same]


def effects_of(names: list[str]) -> list[animation_pb2.EffectKind.ValueType]:
    """Effects as the contract has them.

    Raises:
        InvalidInput: One is none that needs consent.
    """
    for name in names:
        if name not in EFFECTS:
            raise InvalidInput.at(
                "--effect", f"{name!r} needs no consent or is not known", did_you_mean(name, list(EFFECTS))
            )
        if names.count(name) > 1:
            raise InvalidInput.at("--effect", f"{name} is there twice", "give each once")
    return [effect_value(EffectKind(name)) for name in names]


def end_of(day: str) -> Timestamp:
    """The end of a day in UTC.

    Raises:
        InvalidInput: It is no day, or past.
    """
    try:
        last = datetime.combine(date.fromisoformat(day), time(23, 59, 59), UTC)
    except ValueError:
        raise InvalidInput.at("--until", f"{day!r} is not a day", "write it as 2027-06-30") from None
    if last <= datetime.now(UTC):
        raise InvalidInput.at("--until", f"{day} is past", "say until when they agreed")
    return Timestamp(seconds=int(last.timestamp()))


def evidence_of(path: Path | None) -> str:
    """SHA-256 of the form that proves it; the form stays where it is.

    Raises:
        InvalidInput: It cannot be read.
    """
    if path is None:
        return ""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
        raise InvalidInput.at("--evidence", f"{path} {problem}", "name the signed form") from error


def short_name(consent: consents_pb2.Consent) -> str:
    """Last part of its name, as briefs have it."""
    return consent.name.rpartition("/")[2]


def effect_words(consent: consents_pb2.Consent) -> str:
    """What they agreed to."""
    names = (animation_pb2.EffectKind.Name(value) for value in consent.effects)
    return ", ".join(name.removeprefix("EFFECT_KIND_").lower() for name in names)


def standing(consent: consents_pb2.Consent) -> str:
    """Whether it holds, and since when not."""
    if consent.valid:
        return f"valid until {_day(consent.expire_time)}"
    if consent.HasField("revoke_time"):
        return f"revoked on {_day(consent.revoke_time)} by {consent.revoked_by}"
    if consent.expire_time.ToDatetime(UTC) <= datetime.now(UTC):
        return f"expired on {_day(consent.expire_time)}"
    return "not genuine: it was not written by the orchestrator"


def plain(consent: consents_pb2.Consent) -> dict[str, Any]:
    """For programs."""
    return {
        "consent": short_name(consent),
        "name": consent.name,
        "person": consent.person,
        "effects": effect_words(consent).split(", "),
        "purpose": consent.purpose,
        "valid": consent.valid,
        "expire_time": consent.expire_time.ToJsonString(),
        "evidence_sha256": consent.evidence_sha256,
        "recorded_by": consent.recorded_by,
        "create_time": consent.create_time.ToJsonString(),
        "revoke_time": consent.revoke_time.ToJsonString() if consent.HasField("revoke_time") else None,
        "revoked_by": consent.revoked_by,
        "revoke_reason": consent.revoke_reason,
    }


def _day(moment: Timestamp) -> str:
    return moment.ToDatetime(UTC).strftime("%Y-%m-%d")
