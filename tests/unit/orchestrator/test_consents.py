"""The register of consents: what is recorded holds for what was agreed, until its end, and only under a good seal."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from firstframe.core.errors import AlreadyExists, Conflict, InvalidInput, NotFound, PreconditionFailed
from firstframe.core.motion import CameraMove, CameraPhase, Effect, EffectKind, Motion
from firstframe.orchestrator.admission import admitted
from firstframe.orchestrator.brief import Brief
from firstframe.orchestrator.consent_tables import CONSENTS, ConsentTables
from firstframe.orchestrator.consents import Consent, Consents, Need, need_of
from firstframe.orchestrator.decode import decode_brief
from firstframe.orchestrator.planner import plan
from firstframe.orchestrator.seals import Seal
from firstframe.orchestrator.tables import Tables, open_engine
from support.orchestrator import small_brief

PROJECT = "projects/p"
START = 1_800_000_000.0
KISS = Need(EffectKind.KISS, ("anna", "ben"))


class Hand:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.seconds = START

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = open_engine(f"sqlite:///{tmp_path}/campaigns.sqlite")
    Tables(engine).make()
    return engine


@pytest.fixture
def consents(engine: Engine, clock: Hand) -> Consents:
    return Consents(ConsentTables(engine), Seal(b"k" * 32), clock)


def agreed(person: str = "Anna", *effects: EffectKind, days: int = 30) -> Consent:
    names = tuple(sorted(item.value for item in effects or (EffectKind.KISS,)))
    return Consent(person, names, "the spring film", START + days * 86400, "", "ada", START)


async def missing(consents: Consents, need: Need = KISS, project: str = PROJECT) -> str:
    with pytest.raises(PreconditionFailed) as caught:
        await consents.require(project, need)
    assert caught.value.reason == "NO_CONSENT"
    return caught.value.message


async def test_everybody_who_is_shown_has_to_have_agreed(consents: Consents) -> None:
    assert "projects/p/consents/anna is not recorded" in await missing(consents)
    await consents.record(PROJECT, "anna", agreed())
    assert "projects/p/consents/ben is not recorded" in await missing(consents)
    await consents.record(PROJECT, "ben", agreed("Ben"))
    assert [item.name for item in await consents.require(PROJECT, KISS)] == [
        "projects/p/consents/anna",
        "projects/p/consents/ben",
    ]
    assert "is not recorded" in await missing(consents, project="projects/other")
    assert await consents.require(PROJECT, None) == []


@pytest.mark.parametrize("written", ["Anna Berg", " anna  BERG", "Berg, Anna", "Ánna Berg"])
async def test_one_person_agrees_for_nobody_else(consents: Consents, written: str) -> None:
    await consents.record(PROJECT, "anna", agreed("Anna Berg"))
    await consents.record(PROJECT, "ben", agreed(written))
    told = await missing(consents)
    assert (
        "projects/p/consents/ben and projects/p/consents/anna are both of Anna Berg, and two people are shown" in told
    )
    assert len(await consents.require(PROJECT, Need(EffectKind.KISS, ("anna",)))) == 1


async def test_two_of_one_name_are_told_apart_by_what_more_is_said(consents: Consents) -> None:
    await consents.record(PROJECT, "anna", agreed("Anna Berg, Porto"))
    await consents.record(PROJECT, "ben", agreed("Anna Berg, Oslo"))
    assert len(await consents.require(PROJECT, KISS)) == 2


async def test_a_consent_is_for_what_was_agreed(consents: Consents) -> None:
    await consents.record(PROJECT, "anna", agreed("Anna", EffectKind.HUG, EffectKind.DANCE))
    assert "is for dance, hug, not for kiss" in await missing(consents)
    assert len(await consents.require(PROJECT, Need(EffectKind.DANCE, ("anna",)))) == 1


async def test_it_ends_on_its_day(consents: Consents, clock: Hand) -> None:
    await consents.record(PROJECT, "anna", agreed(days=1))
    need = Need(EffectKind.KISS, ("anna",))
    clock.seconds = START + 86400 - 1
    assert len(await consents.require(PROJECT, need)) == 1
    clock.seconds = START + 86400
    assert "expired at 2027-01-16 08:00 UTC" in await missing(consents, need)


async def test_it_is_taken_back_for_good(consents: Consents, clock: Hand) -> None:
    await consents.record(PROJECT, "anna", agreed())
    clock.seconds += 60
    first = await consents.revoke(PROJECT, "anna", by="Anna", reason="changed my mind")
    clock.seconds += 60
    again = await consents.revoke(PROJECT, "anna", by="somebody", reason="")
    assert again == first
    assert (first.consent.revoked_by, first.consent.revoke_reason) == ("Anna", "changed my mind")
    assert "was revoked at 2027-01-15 08:01 UTC" in await missing(consents)
    with pytest.raises(AlreadyExists, match="take another name, such as anna-2") as caught:
        await consents.record(PROJECT, "anna", agreed())
    assert caught.value.reason == "CONSENT_EXISTS"


async def test_recording_the_same_again_changes_nothing(consents: Consents, clock: Hand) -> None:
    first = await consents.record(PROJECT, "anna", agreed())
    clock.seconds += 60
    assert await consents.record(PROJECT, "anna", dataclasses.replace(agreed(), create_time=clock.seconds)) == first
    with pytest.raises(AlreadyExists):
        await consents.record(PROJECT, "anna", agreed("Another Anna"))


async def test_what_there_is_not_is_told(consents: Consents) -> None:
    for call in (consents.get(PROJECT, "anna"), consents.revoke(PROJECT, "anna", by="a", reason="")):
        with pytest.raises(NotFound) as caught:
            await call
        assert caught.value.reason == "CONSENT_NOT_FOUND"


async def test_two_who_take_it_back_at_once_do_not_overwrite_each_other(consents: Consents, engine: Engine) -> None:
    await consents.record(PROJECT, "anna", agreed())
    tables = ConsentTables(engine)
    row = tables.get(PROJECT, "anna")
    assert row is not None
    await consents.revoke(PROJECT, "anna", by="Anna", reason="")
    assert not tables.replace(row, dataclasses.replace(row, seal="0"))
    tables.get = lambda *_: row  # type: ignore[method-assign]
    with pytest.raises(Conflict):
        await Consents(tables, Seal(b"k" * 32), Hand()).revoke(PROJECT, "anna", by="b", reason="")


@pytest.mark.parametrize("column", ["project", "consent", "body", "seal"])
async def test_a_row_that_was_written_by_hand_counts_for_nothing(
    consents: Consents, engine: Engine, column: str
) -> None:
    await consents.record(PROJECT, "eve", agreed("Eve"))
    values = {
        "project": "projects/q",
        "consent": "anna",
        "body": sa.cast(sa.func.replace(CONSENTS.c.body, b"Eve", b"Ann"), sa.LargeBinary),
        "seal": "0" * 64,
    }
    with engine.begin() as connection:
        connection.execute(sa.update(CONSENTS).values(**{column: values[column]}))
    project, name = ("projects/q" if column == "project" else PROJECT), ("anna" if column == "consent" else "eve")
    assert not (await consents.get(project, name)).genuine
    assert "was not written by the orchestrator" in await missing(consents, Need(EffectKind.KISS, (name,)), project)


async def test_bytes_that_are_no_consent_are_borne(consents: Consents, engine: Engine) -> None:
    await consents.record(PROJECT, "anna", agreed())
    with engine.begin() as connection:
        connection.execute(sa.update(CONSENTS).values(body=b"\xff"))
    (found,) = await consents.page(PROJECT, before_id=None, size=10)
    assert not found.genuine


async def test_pages_go_from_the_newest_to_the_oldest(consents: Consents) -> None:
    for name in ("a", "b", "c"):
        await consents.record(PROJECT, name, agreed(name))
    await consents.record("projects/other", "d", agreed("d"))
    first = await consents.page(PROJECT, before_id=None, size=2)
    rest = await consents.page(PROJECT, before_id=first[-1].id, size=2)
    assert [item.consent.person for item in (*first, *rest)] == ["c", "b", "a"]


def moved(effect: Effect | None, *people: str) -> Brief:
    brief = decode_brief(small_brief())
    motion = Motion((CameraPhase(CameraMove.LOCKED),), 0.0, effect=effect)
    heroes = tuple(dataclasses.replace(hero, people=people) for hero in brief.heroes)
    return dataclasses.replace(brief, heroes=heroes, motion=dataclasses.replace(brief.motion, motion=motion))


@pytest.mark.parametrize(
    ("effect", "people"),
    [(EffectKind.KISS, ()), (EffectKind.HUG, ("anna",)), (EffectKind.DANCE, ("anna", "ben")), (EffectKind.DANCE, ())],
)
def test_a_brief_names_each_person_shown(effect: EffectKind, people: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput, match="from left to right") as caught:
        admitted(moved(Effect(effect), *people))
    assert caught.value.metadata["field"] == "heroes[0].people"


@pytest.mark.parametrize("effect", [None, Effect(EffectKind.HERITAGE)])
def test_a_lane_whose_effect_needs_nobody_needs_nobody(effect: Effect | None) -> None:
    solved = plan(admitted(moved(effect)))
    assert "CONSENT_NEEDED" not in {finding.reason for finding in solved.findings}
    assert need_of(solved.lanes[0], {step.id: step for step in solved.steps}, ("anna",)) is None


def test_a_lane_needs_the_people_of_its_hero() -> None:
    solved = plan(admitted(moved(Effect(EffectKind.KISS), "anna", "ben")))
    (told,) = [finding.message for finding in solved.findings if finding.reason == "CONSENT_NEEDED"]
    assert "a kiss is made with the consent of anna, ben alone" in told
    assert need_of(solved.lanes[0], {step.id: step for step in solved.steps}, ("anna", "ben")) == KISS


@pytest.mark.parametrize("people", [["Anna"], ["anna", "anna"], [""], ["a"] * 9, ["x" * 64]])
def test_names_of_consents_are_checked(people: list[str]) -> None:
    message = small_brief()
    message.heroes[0].people.extend(people)
    with pytest.raises(InvalidInput) as caught:
        decode_brief(message)
    assert caught.value.metadata["field"].startswith("heroes[0].people")
