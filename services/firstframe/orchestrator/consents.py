"""Consents: who agreed to be moved, for what, and until when. What holds is what stands here under a good seal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import combinations
from typing import Any

from firstframe.core.canonical import canonical_json
from firstframe.core.errors import AlreadyExists, Conflict, NotFound, PreconditionFailed
from firstframe.core.motion import EffectKind
from firstframe.core.persons import same_person_key
from firstframe.orchestrator.consent_tables import ConsentRow, ConsentTables
from firstframe.orchestrator.patience import once
from firstframe.orchestrator.plan import ClipSpec, LanePlan, PlanStep
from firstframe.orchestrator.seals import Seal
from firstframe.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class Consent:
    """That a person agreed; times in seconds since 1970."""

    person: str
    effects: tuple[str, ...]
    """Values of `EffectKind`, sorted."""
    purpose: str
    expire_time: float
    evidence_sha256: str
    recorded_by: str
    create_time: float
    revoke_time: float | None = None
    revoked_by: str = ""
    revoke_reason: str = ""

    def same_as(self, other: Consent) -> bool:
        """Whether both say the same, whenever it was recorded."""
        return replace(self, create_time=0.0) == replace(other, create_time=0.0)


@dataclass(frozen=True, slots=True)
class RecordedConsent:
    """A consent as it was read."""

    name: str
    """Resource name."""
    consent: Consent
    genuine: bool
    """Whether its seal is good."""
    id: int

    def ended(self, now: float) -> str:
        """Why it does not hold; empty while it does."""
        if not self.genuine:
            return "was not written by the orchestrator"
        if self.consent.revoke_time is not None:
            return f"was revoked at {_moment(self.consent.revoke_time)}"
        if now >= self.consent.expire_time:
            return f"expired at {_moment(self.consent.expire_time)}"
        return ""


@dataclass(frozen=True, slots=True)
class Need:
    """What a lane needs consent for."""

    effect: EffectKind
    people: tuple[str, ...]


class Consents:
    """The consents of all projects.

    Args:
        tables: Where they are.
        seal: Seals them.
        clock: Wall time.
    """

    def __init__(self, tables: ConsentTables, seal: Seal, clock: Clock) -> None:
        self._tables = tables
        self._seal = seal
        self._clock = clock

    def now(self) -> float:
        """Seconds since 1970."""
        return self._clock.now().timestamp()

    async def record(self, project: str, name: str, consent: Consent) -> RecordedConsent:
        """Writes a consent; one that says the same is left as it is.

        Raises:
            AlreadyExists: `CONSENT_EXISTS`.
        """
        await once(self._tables.add, self._row(project, name, consent))
        found = await self.get(project, name)
        if not found.genuine or not found.consent.same_as(consent):
            text = f"{found.name} is there and says something else; take another name, such as {name}-2"
            raise AlreadyExists(text, reason="CONSENT_EXISTS", metadata={"consent": found.name})
        return found

    async def get(self, project: str, name: str) -> RecordedConsent:
        """One consent.

        Raises:
            NotFound: `CONSENT_NOT_FOUND`.
        """
        row = await self._found(project, name)
        return self._read(row)

    async def page(self, project: str, *, before_id: int | None, size: int) -> list[RecordedConsent]:
        """Consents of a project, the newest first."""
        rows = await once(self._tables.page, project, before_id=before_id, size=size)
        return [self._read(row) for row in rows]

    async def revoke(self, project: str, name: str, *, by: str, reason: str) -> RecordedConsent:
        """Takes a consent back; one that was taken back stays as it is.

        Raises:
            NotFound: `CONSENT_NOT_FOUND`.
            Conflict: Somebody else changed it at the same time.
        """
        row = await self._found(project, name)
        found = self._read(row)
        if found.consent.revoke_time is not None:
            return found
        ended = replace(found.consent, revoke_time=self.now(), revoked_by=by, revoke_reason=reason)
        if not await once(self._tables.replace, row, self._row(project, name, ended)):
            raise Conflict(f"{found.name} was changed at the same time; read it again, then revoke it")
        return await self.get(project, name)

    async def require(self, project: str, need: Need | None) -> list[RecordedConsent]:
        """The consents of all who are shown, each another person's; none where nobody has to be asked.

        Raises:
            PreconditionFailed: `NO_CONSENT`.
        """
        found = [await self._valid(project, name, need.effect) for name in need.people] if need else []
        for one, other in combinations(found, 2):
            if same_person_key(one.consent.person) == same_person_key(other.consent.person):
                raise _missing(other.name, *_one_person(one))
        return found

    async def _valid(self, project: str, name: str, effect: EffectKind) -> RecordedConsent:
        row = await once(self._tables.get, project, name)
        if row is None:
            fix = f"record it, for example: firstframe consent record {name} --effect {effect.value} …"
            raise _missing(_named(project, name), "is not recorded", fix)
        found = self._read(row)
        if problem := found.ended(self.now()):
            raise _missing(found.name, problem, "ask the person again, and record a new one under another name")
        if effect.value not in found.consent.effects:
            problem = f"is for {', '.join(found.consent.effects)}, not for {effect.value}"
            raise _missing(found.name, problem, "ask the person, and record a new one under another name")
        return found

    def _row(self, project: str, name: str, consent: Consent) -> ConsentRow:
        body = canonical_json(asdict(consent))
        return ConsentRow(project, name, body, self._sealed(project, name, body))

    async def _found(self, project: str, name: str) -> ConsentRow:
        row = await once(self._tables.get, project, name)
        if row is None:
            text = f"there is no consent {_named(project, name)!r}; `firstframe consent list` has those that there are"
            raise NotFound(text, reason="CONSENT_NOT_FOUND")
        return row

    def _sealed(self, project: str, name: str, body: bytes) -> str:
        return self._seal.of(f"consents of {project}", name, body)

    def _read(self, row: ConsentRow) -> RecordedConsent:
        genuine = self._seal.holds(row.seal, f"consents of {row.project}", row.consent, row.body)
        return RecordedConsent(_named(row.project, row.consent), _consent(row.body), genuine, row.id)


def need_of(lane: LanePlan, steps: dict[str, PlanStep], people: Sequence[str]) -> Need | None:
    """What a lane needs consent for, if it does.

    Args:
        lane: The lane.
        steps: Steps of its plan.
        people: Consents that the brief names for its hero.
    """
    for step in lane.steps:
        spec = steps[step].spec
        if isinstance(spec, ClipSpec) and spec.motion.effect and spec.motion.effect.kind.needs_consent:
            return Need(spec.motion.effect.kind, tuple(people))
    return None


def _named(project: str, name: str) -> str:
    return f"{project}/consents/{name}"


def _consent(body: bytes) -> Consent:
    """What the bytes say; nothing when they are no consent at all, which no seal holds for."""
    try:
        values: dict[str, Any] = json.loads(body)
        return Consent(**{**values, "effects": tuple(values["effects"])})
    except (ValueError, TypeError, KeyError):
        return Consent("", (), "", 0.0, "", "", 0.0)


def _missing(consent: str, problem: str, fix: str) -> PreconditionFailed:
    text = f"the consent {consent} {problem}; {fix}"
    return PreconditionFailed(text, reason="NO_CONSENT", metadata={"consent": consent})


def _one_person(one: RecordedConsent) -> tuple[str, str]:
    """That two consents are one person's, who cannot agree for the other one in the picture."""
    problem = f"and {one.name} are both of {one.consent.person}, and two people are shown"
    fix = "record one of the other person; where two have one name, say more of each, such as a town"
    return problem, fix


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
