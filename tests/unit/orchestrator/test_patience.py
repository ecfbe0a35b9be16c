from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from prometheus_client import REGISTRY
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoFreeConnection
from structlog.testing import capture_logs

from firstframe.core.errors import Unavailable
from firstframe.orchestrator import patience
from firstframe.orchestrator.patience import insist, look, once

AWAY = [
    OperationalError("SELECT 1", None, Exception("connection refused")),
    InterfaceError("SELECT 1", None, Exception("the connection is closed")),
    NoFreeConnection("QueuePool limit of size 10 reached"),
]


def database_up() -> float | None:
    return REGISTRY.get_sample_value("firstframe_database_up")


@pytest.fixture(autouse=True)
def in_order() -> Iterator[None]:
    patience._HEALTH.answered()
    yield
    patience._HEALTH.answered()


@pytest.mark.parametrize("error", AWAY, ids=lambda error: type(error).__name__)
async def test_a_database_that_is_away_has_a_reason_of_its_own(error: Exception) -> None:
    def call() -> None:
        raise error

    with pytest.raises(Unavailable) as caught:
        await once(call)
    assert (caught.value.reason, caught.value.retry_after_s) == ("DATABASE_UNAVAILABLE", 2)
    assert database_up() == 0


async def test_a_lane_waits_until_the_database_is_back_and_the_log_stays_short() -> None:
    problems = iter([AWAY[0], AWAY[0], AWAY[1], AWAY[0]])

    def call(word: str, *, number: int) -> str:
        for problem in problems:
            raise problem
        return word * number

    with capture_logs() as logs:
        assert await insist(call, "ab", number=2) == "abab"
    assert [(line["log_level"], line.get("problem")) for line in logs] == [
        ("error", "connection refused"),
        ("error", "the connection is closed"),
        ("info", None),
    ]
    assert database_up() == 1


async def test_other_errors_are_nobody_s_patience() -> None:
    def call() -> None:
        raise IntegrityError("INSERT", None, Exception("duplicate key"))

    with pytest.raises(IntegrityError):
        await insist(call)


async def test_pauses_grow_and_stay_short_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """An outage of an hour is over for a lane five seconds after it is over."""
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(patience.asyncio, "sleep", sleep)
    failures = iter(range(1000))

    def call() -> str:
        for _ in failures:
            raise AWAY[0]
        return "done"

    assert await insist(call) == "done"
    assert len(pauses) == 1000
    assert pauses == sorted(pauses)
    assert pauses[-1] == 5


async def test_a_database_that_goes_while_nobody_needs_it_is_noticed_and_its_return_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(patience, "_LOOK_S", 0.001)
    away = True

    def call() -> None:
        if away:
            raise AWAY[0]

    async def until(up: float) -> None:
        async with asyncio.timeout(30):
            while database_up() != up:
                await asyncio.sleep(0.001)

    looking = asyncio.create_task(look(call))
    await until(0)
    away = False
    await until(1)
    looking.cancel()
