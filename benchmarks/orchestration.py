"""What the orchestrator costs: processor time of a lane, and makespan against the ideal.

The orchestrator is the real one in a process of its own, with SQLite in files and gRPC on loopback. The stages are one
gRPC server in this process that makes up its results, so that all time that is measured is the orchestrator's.
"""

from __future__ import annotations

import asyncio
import math
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil

from firstframe.api.campaigns.v1 import campaigns_pb2

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from support.orchestrator import World, small_brief

CPU_GOAL_MS = 60.0
MAKESPAN_GOAL = 1.15
STAGES = 4
WARM_UP_LANES = 20
CPU_LANES = 100
CPU_ROUNDS = 3
CPU_SLOTS = 8
MAKESPAN_LANES = 50
MAKESPAN_ROUNDS = 3
WORK_SECONDS = 0.1
TOTAL_SLOTS = 8
POLL_SECONDS = 0.25
TIMEOUT_SECONDS = 300


def run() -> dict[str, Any]:
    """Measures both and returns the figures with whether the goals are met."""
    cpu = asyncio.run(_measure_cpu())
    makespan = asyncio.run(_measure_makespan())
    return {"cpu_per_lane": cpu, "makespan": makespan, "goals_met": cpu["goal_met"] and makespan["goal_met"]}


def rows(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What is printed of a result: measure, figure, goal."""
    cpu, makespan = result["cpu_per_lane"], result["makespan"]
    return [
        (
            "processor time of a lane of four instant stages",
            f"{cpu['a_ms']:.1f} ms",
            f"<= {CPU_GOAL_MS:g} ms: {_verdict(cpu['goal_met'])}",
        ),
        ("the same again, interleaved (A/A)", f"{cpu['b_ms']:.1f} ms", f"ratio {cpu['a_over_b']:.3f}"),
        ("the same with a client that watches", f"{cpu['watched_ms']:.1f} ms", ""),
        (
            f"makespan of {MAKESPAN_LANES} lanes, {TOTAL_SLOTS} slots, against the pipeline's bound",
            f"{makespan['over_bound']:.3f}x of {makespan['bound_s']:.2f} s",
            f"<= {MAKESPAN_GOAL:g}x: {_verdict(makespan['goal_met'])}",
        ),
        (
            "the same against all slots busy all the time",
            f"{makespan['over_full_slots']:.3f}x of {makespan['full_slots_s']:.2f} s",
            "no schedule reaches 1x",
        ),
    ]


def pipeline_bound_s(lanes: int, slots_per_stage: int, seconds: float, stages: int = STAGES) -> float:
    """The shortest makespan that any schedule can have, in seconds.

    The last stage cannot begin before one lane has come through the others, and it then has to do all lanes:
    (⌈lanes / slots⌉ + stages − 1) · seconds.
    """
    return (math.ceil(lanes / slots_per_stage) + stages - 1) * seconds


async def _measure_cpu() -> dict[str, Any]:
    async with _world(slots=CPU_SLOTS, seconds=0.0) as world:
        await _campaign(world, "warm-up", WARM_UP_LANES)
        series: dict[str, list[float]] = {"a": [], "b": [], "watched": []}
        for number in range(CPU_ROUNDS):
            for kind, values in series.items():
                values.append(await _cpu_per_lane_ms(world, f"{kind}-{number}", watched=kind == "watched"))
    middle = {kind: statistics.median(values) for kind, values in series.items()}
    return {
        "lanes": CPU_LANES,
        "a_ms": middle["a"],
        "b_ms": middle["b"],
        "a_over_b": middle["a"] / middle["b"],
        "watched_ms": middle["watched"],
        "each_ms": series,
        "goal_ms": CPU_GOAL_MS,
        "goal_met": max(middle.values()) <= CPU_GOAL_MS,
    }


async def _cpu_per_lane_ms(world: World, name: str, *, watched: bool) -> float:
    before = _cpu_s(world)
    await _campaign(world, name, CPU_LANES, watched=watched)
    return (_cpu_s(world) - before) / CPU_LANES * 1000


async def _measure_makespan() -> dict[str, Any]:
    slots = TOTAL_SLOTS // STAGES
    async with _world(slots=slots, seconds=WORK_SECONDS) as world:
        await _campaign(world, "warm-up", WARM_UP_LANES)
        taken, cpu = [], []
        for number in range(MAKESPAN_ROUNDS):
            before = _cpu_s(world)
            taken.append(await _campaign(world, f"makespan-{number}", MAKESPAN_LANES))
            cpu.append(_cpu_s(world) - before)
    bound = pipeline_bound_s(MAKESPAN_LANES, slots, WORK_SECONDS)
    full = MAKESPAN_LANES * STAGES * WORK_SECONDS / TOTAL_SLOTS
    middle = statistics.median(taken)
    return {
        "lanes": MAKESPAN_LANES,
        "slots_per_stage": slots,
        "work_s": WORK_SECONDS,
        "makespan_s": middle,
        "each_s": taken,
        "orchestrator_cpu_s": statistics.median(cpu),
        "bound_s": bound,
        "over_bound": middle / bound,
        "full_slots_s": full,
        "over_full_slots": middle / full,
        "goal": MAKESPAN_GOAL,
        "goal_met": middle / bound <= MAKESPAN_GOAL,
    }


@asynccontextmanager
async def _world(*, slots: int, seconds: float) -> AsyncIterator[World]:
    with tempfile.TemporaryDirectory(prefix="firstframe-benchmark-") as folder:
        world = World(Path(folder))
        world.fake.slots, world.fake.seconds = slots, seconds
        try:
            yield await world.open()
        finally:
            await world.close()


def _cpu_s(world: World) -> float:
    """User and system time of the orchestrator's process so far, in seconds."""
    assert world.orchestrator.process is not None
    times = psutil.Process(world.orchestrator.process.pid).cpu_times()
    return times.user + times.system


async def _campaign(world: World, name: str, lanes: int, *, watched: bool = False) -> float:
    """Seconds from the call that creates the campaign to the end of its last lane."""
    began = time.time()
    created = await world.create(small_brief(name, heroes=lanes))
    ended = await (_watch(world, created.name) if watched else _poll(world, created.name))
    if ended.state != campaigns_pb2.CAMPAIGN_STATE_SUCCEEDED:
        raise RuntimeError(f"{name} ended in {campaigns_pb2.CampaignState.Name(ended.state)}")
    return ended.end_time.ToMicroseconds() / 1e6 - began


async def _watch(world: World, name: str) -> campaigns_pb2.Campaign:
    return await world.until(name, campaigns_pb2.CAMPAIGN_STATE_SUCCEEDED, timeout_s=TIMEOUT_SECONDS)


async def _poll(world: World, name: str) -> campaigns_pb2.Campaign:
    stub, running = world.stub(), campaigns_pb2.CAMPAIGN_STATE_RUNNING
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        found = await stub.GetCampaign(campaigns_pb2.GetCampaignRequest(name=name), timeout=30)
        if found.state != running:
            return found
        await asyncio.sleep(POLL_SECONDS)
    raise TimeoutError(f"{name} did not end within {TIMEOUT_SECONDS} s")


def _verdict(met: bool) -> str:
    return "met" if met else "missed"
