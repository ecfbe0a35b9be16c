from __future__ import annotations

import asyncio

import pytest
from prometheus_client import REGISTRY

from firstframe.core.errors import Exhausted, Unavailable
from firstframe.runtime.slots import Slots


def gauge(name: str, stage: str) -> float | None:
    return REGISTRY.get_sample_value(name, {"stage": stage})


def test_more_than_all_slots_are_refused_with_a_retry_hint() -> None:
    slots = Slots("t1", 2)
    slots.take()
    slots.take()
    with pytest.raises(Exhausted) as caught:
        slots.take()
    assert caught.value.reason == "NO_FREE_SLOT"
    assert caught.value.retry_after_s == 0.5
    slots.give()
    slots.take()


def test_busy_and_free_are_counted_and_exported() -> None:
    slots = Slots("t2", 3)
    slots.take()
    assert (slots.busy, slots.free) == (1, 2)
    assert gauge("firstframe_slots_busy", "t2") == 1
    assert gauge("firstframe_slots", "t2") == 3
    slots.give()
    assert gauge("firstframe_slots_busy", "t2") == 0


async def test_draining_gives_out_nothing_and_waits_for_the_rest() -> None:
    slots = Slots("t3", 2)
    slots.take()
    slots.drain()
    assert slots.free == 0
    with pytest.raises(Unavailable) as caught:
        slots.take()
    assert caught.value.reason == "SERVICE_DRAINING"
    waiting = asyncio.ensure_future(slots.idle())
    await asyncio.sleep(0)
    assert not waiting.done()
    slots.give()
    await waiting
