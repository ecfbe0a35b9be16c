"""What the servers of the animation stage have, and what is refused because none of them has it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from fractions import Fraction

import pytest
from prometheus_client import REGISTRY

from firstframe.core.errors import PreconditionFailed
from firstframe.core.motion import CameraMove, single
from firstframe.orchestrator.fleet import Fleet
from firstframe.orchestrator.plan import ClipSpec

PLAIN = ClipSpec("slow-push", 1, single(CameraMove.PUSH, 0.5), "", 105, Fraction(25), 1)
LEARNED = replace(PLAIN, engine="diffusers", pack="ltx-video")
FILMED = replace(PLAIN, engine="scene")


def test_nothing_is_refused_while_nobody_has_said_anything() -> None:
    Fleet().require(LEARNED)


def test_a_pack_that_no_server_has_is_refused_with_the_way_to_have_it() -> None:
    fleet = Fleet()
    fleet.listener("animation", "a:1")([("previz", ""), ("diffusers", "wan22-5b")])

    with pytest.raises(PreconditionFailed) as caught:
        fleet.require(LEARNED)

    assert caught.value.reason == "ENGINE_MISSING"
    assert "has diffusers with ltx-video; they have diffusers with wan22-5b, previz." in caught.value.message
    assert "firstframe models export ltx-video" in caught.value.message


def test_the_renderer_is_asked_for_by_its_own_name() -> None:
    fleet = Fleet()
    fleet.listener("animation", "a:1")([("previz", "")])
    with pytest.raises(PreconditionFailed, match="the extra `scene`"):
        fleet.require(FILMED)
    fleet.require(PLAIN)


def test_one_server_that_has_it_is_enough_until_it_goes() -> None:
    fleet = Fleet()
    one, other = fleet.listener("animation", "a:1"), fleet.listener("animation", "b:1")
    one([("previz", "")])
    other([("previz", ""), ("diffusers", "ltx-video")])
    fleet.require(LEARNED)

    other(None)
    with pytest.raises(PreconditionFailed):
        fleet.require(LEARNED)


def servers(engine: str, pack: str = "") -> float:
    return REGISTRY.get_sample_value("firstframe_engine_servers", {"engine": engine, "pack": pack}) or 0.0


def test_servers_and_refusals_are_counted() -> None:
    fleet = Fleet()
    one, other = fleet.listener("animation", "a:1"), fleet.listener("animation", "b:1")
    one([("previz", ""), ("diffusers", "counted")])
    other([("previz", "")])
    assert (servers("previz"), servers("diffusers", "counted")) == (2, 1)
    one(None)
    assert (servers("previz"), servers("diffusers", "counted")) == (1, 0)
    before = REGISTRY.get_sample_value("firstframe_engine_missing_total", {"engine": "scene"}) or 0.0
    with pytest.raises(PreconditionFailed):
        fleet.require(FILMED)
    assert REGISTRY.get_sample_value("firstframe_engine_missing_total", {"engine": "scene"}) == before + 1


def test_other_stages_say_nothing_about_motion() -> None:
    fleet = Fleet()
    fleet.listener("imagegen", "a:1")([("previz", "")])
    fleet.require(LEARNED)


def test_a_connection_that_was_replaced_closes_without_a_word() -> None:
    fleet = Fleet()
    fleet.listener("animation", "b:1")([("previz", "")])
    old = fleet.listener("animation", "a:1")
    old([("scene", "")])
    fleet.listener("animation", "a:1")([("scene", "")])
    old(None)
    fleet.require(FILMED)


def test_a_server_without_any_engine_has_none() -> None:
    fleet = Fleet()
    fleet.listener("animation", "a:1")([])
    with pytest.raises(PreconditionFailed, match=r"they have none\."):
        fleet.require(FILMED)


async def test_a_lane_waits_for_the_first_server_to_say_what_it_has() -> None:
    fleet = Fleet()
    waiting = asyncio.create_task(fleet.require_soon(LEARNED))
    await asyncio.sleep(0)
    fleet.listener("animation", "a:1")([("previz", "")])
    with pytest.raises(PreconditionFailed):
        await waiting


async def test_a_lane_waits_again_where_the_first_server_has_gone() -> None:
    fleet = Fleet()
    told = fleet.listener("animation", "a:1")
    told([("previz", "")])
    told(None)
    waiting = asyncio.create_task(fleet.require_soon(LEARNED))
    await asyncio.sleep(0)
    told([("previz", "")])
    with pytest.raises(PreconditionFailed):
        await waiting


async def test_a_lane_goes_on_where_nobody_comes_and_one_that_asks_for_no_engine_at_once() -> None:
    await Fleet(patience_s=0.01).require_soon(LEARNED)
    asking = asyncio.create_task(Fleet().require_soon(PLAIN))
    await asyncio.sleep(0)
    assert asking.done()
