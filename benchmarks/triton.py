"""What a Triton server costs and gives: the hop of one denoising step, steps of several requests in one run, loading.

The server is the real one on loopback, its Python backend runs the same ONNX graphs under the same ONNX Runtime as the
adapter in this process. Every comparison is interleaved and comes with the same measured twice (A/A).
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from firstframe.adapters.embedded import EmbeddedInference
from firstframe.adapters.triton import TritonInference
from firstframe.adapters.triton.config import Target
from firstframe.adapters.triton.repository import write_repository
from firstframe.core.models import Batching, ServedModel
from firstframe.ports.inference import Inference

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from support import tiny_models
from support.triton import RunningTriton, running_triton

LATENT = (16, 64, 64)
"""Channels, rows, columns of a latent: 256 KB."""
HOP_ROUNDS = 200
CONCURRENT = (1, 2, 4, 8)
STEPS = 8
"""Steps of each request in a round."""
ROUNDS = 5
LOADS = 5
WEIGHT_MB = 64
DEADLINE_S = 120.0
JOINED = Batching(max_size=8, delay_us=3000)

Call = Callable[[], Awaitable[Any]]


def run() -> dict[str, Any]:
    """Measures all three."""
    with _served() as (server, models):
        return asyncio.run(_measure(server, models))


def rows(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What is printed of a result: measure, figure, comparison."""
    hops = [
        (
            f"a call that computes next to nothing, {hop['bytes'] >> 10} KiB there and back",
            f"{hop['triton_ms']:.2f} ms at Triton, {hop['embedded_ms']:.2f} ms in process",
            f"the hop {hop['hop_ms']:.2f} ms, A/A {hop['a_over_a']:.2f}",
        )
        for hop in result["hop"]
    ]
    batches = [
        (
            f"steps joined against one at a time, {found['concurrent']} requests",
            f"{found['joined_per_s']:.1f} against {found['single_per_s']:.1f} steps/s",
            f"{found['ratio']:.2f}x, A/A {found['a_over_a']:.2f}, {found['samples_per_run']:.1f} samples a run",
        )
        for found in result["batching"]
    ]
    load = result["load"]
    loads = (
        f"loading {load['mb']} MB of weights",
        f"{load['triton_s']:.2f} s at Triton, {load['embedded_s']:.2f} s in process",
        f"unloading {load['triton_unload_s']:.2f} s",
    )
    return [*hops, *batches, loads]


@contextmanager
def _served() -> Iterator[tuple[RunningTriton, dict[str, ServedModel]]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        models = [
            tiny_models.step(folder, name="small"),
            tiny_models.step(folder, name="latent", shape=LATENT),
            tiny_models.denoiser(folder, LATENT, name="single", batching=Batching()),
            tiny_models.denoiser(folder, LATENT, name="joined", batching=JOINED),
            tiny_models.denoiser(folder, LATENT, name="joined-again", batching=JOINED),
            tiny_models.heavy(folder, WEIGHT_MB),
        ]
        write_repository(models, Target(), folder / "repository")
        with running_triton(folder / "repository", folder) as server:
            yield server, {model.name: model for model in models}


async def _measure(server: RunningTriton, models: dict[str, ServedModel]) -> dict[str, Any]:
    async with contextlib.AsyncExitStack() as stack:
        triton = TritonInference(server.address, models=models.values())
        embedded = EmbeddedInference(models.values())
        for one in (triton, embedded):
            stack.push_async_callback(one.close)
        return {
            "hop": [await _hop(triton, embedded, name, shape) for name, shape in (("small", (4,)), ("latent", LATENT))],
            "batching": [await _batching(server, triton, count) for count in CONCURRENT],
            "load": await _load(triton, embedded),
        }


def _inputs(shape: tuple[int, ...], seed: int = 0) -> dict[str, Any]:
    x = np.random.default_rng(seed).standard_normal((1, *shape), np.float32)
    return {"x": x, "timestep": np.array([seed + 1.0], np.float32)}


async def _hop(triton: Inference, embedded: Inference, model: str, shape: tuple[int, ...]) -> dict[str, float]:
    inputs = _inputs(shape)
    calls: dict[str, Call] = {
        "a": lambda: triton.infer(model, inputs, deadline_s=DEADLINE_S),
        "embedded": lambda: embedded.infer(model, inputs, deadline_s=DEADLINE_S),
        "b": lambda: triton.infer(model, inputs, deadline_s=DEADLINE_S),
    }
    found: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(HOP_ROUNDS):
        for name, call in calls.items():
            found[name].append(await _seconds(call))
    medians = {name: 1e3 * statistics.median(times) for name, times in found.items()}
    both = statistics.median([1e3 * one for one in found["a"] + found["b"]])
    return {
        "bytes": 4 * int(np.prod(shape)),
        "triton_ms": both,
        "embedded_ms": medians["embedded"],
        "hop_ms": both - medians["embedded"],
        "a_over_a": medians["a"] / medians["b"],
    }


async def _batching(server: RunningTriton, triton: Inference, concurrent: int) -> dict[str, float]:
    found: dict[str, list[float]] = {"joined": [], "single": [], "joined-again": []}
    before = _runs(server, "joined")
    for model in found:
        await _requests(triton, model, concurrent)
    for _ in range(ROUNDS):
        for model, times in found.items():
            times.append(await _seconds(lambda model=model: _requests(triton, model, concurrent)))  # type: ignore[misc]
    per_s = {model: STEPS * concurrent / statistics.median(times) for model, times in found.items()}
    requests, runs = (now - then for now, then in zip(_runs(server, "joined"), before, strict=True))
    return {
        "concurrent": concurrent,
        "joined_per_s": per_s["joined"],
        "single_per_s": per_s["single"],
        "ratio": per_s["joined"] / per_s["single"],
        "a_over_a": per_s["joined"] / per_s["joined-again"],
        "samples_per_run": requests / runs,
    }


def _runs(server: RunningTriton, model: str) -> tuple[int, int]:
    return server.statistics(model, 0)


async def _requests(triton: Inference, model: str, concurrent: int) -> None:
    await asyncio.gather(*(_steps(triton, model, seed) for seed in range(concurrent)))


async def _steps(triton: Inference, model: str, seed: int) -> None:
    inputs = _inputs(LATENT, seed)
    for _ in range(STEPS):
        await triton.infer(model, inputs, deadline_s=DEADLINE_S)


async def _load(triton: Inference, embedded: Inference) -> dict[str, float]:
    loads: dict[str, list[float]] = {"triton": [], "embedded": []}
    unloads = []
    await triton.unload("heavy")
    for _ in range(LOADS):
        loads["triton"].append(await _seconds(lambda: triton.load("heavy")))
        unloads.append(await _seconds(lambda: triton.unload("heavy")))
        loads["embedded"].append(await _seconds(lambda: embedded.load("heavy")))
        await embedded.unload("heavy")
    return {
        "mb": WEIGHT_MB,
        "triton_s": statistics.median(loads["triton"]),
        "triton_unload_s": statistics.median(unloads),
        "embedded_s": statistics.median(loads["embedded"]),
    }


async def _seconds(call: Call) -> float:
    began = time.perf_counter()
    await call()
    return time.perf_counter() - began
