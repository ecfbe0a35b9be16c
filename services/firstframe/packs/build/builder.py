"""Builds engines of a pack's graphs, or finds that they need not be built."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from firstframe.core.errors import Internal
from firstframe.core.models import BATCH
from firstframe.packs.build.cast import told
from firstframe.packs.build.commands import Command, Programs, engine_command, precision_command, refit_command
from firstframe.packs.build.decision import Action, Decision, Wanted, decide
from firstframe.packs.build.key import EngineParts
from firstframe.packs.build.onnx_files import read_onnx
from firstframe.packs.build.profiles import profiles_of
from firstframe.packs.build.run import run_command
from firstframe.packs.build.store import EngineRecord, EngineStore
from firstframe.packs.build.toolchain import Toolchain
from firstframe.packs.spec import Graph


@dataclass(frozen=True, slots=True)
class Wishes:
    """What all engines of one call have in common."""

    arch: str
    refittable: bool = False
    rebuild: bool = False
    """Whether engines are built even when their keys are stored."""
    calibration: Path | None = None
    """See `firstframe.packs.build.commands.precision_command`."""


@dataclass(frozen=True, slots=True)
class Order:
    """A graph whose engine is wanted."""

    model: str
    """Name of the graph on a server."""
    graph: Graph
    onnx: Path
    """The exported graph."""
    wishes: Wishes
    trial: Mapping[str, int] = field(default_factory=dict)
    """Lengths of a small run that the graph takes, to measure ranges with."""

    def trial_inputs(self) -> tuple[str, ...]:
        """Inputs of that run, for a command line."""
        lengths = {BATCH: 1} | dict(self.trial)
        return tuple(
            told(tensor, [lengths[axis] if isinstance(axis, str) else axis for axis in tensor.shape])
            for tensor in self.graph.inputs
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """What an order comes to."""

    order: Order
    wanted: Wanted
    decision: Decision
    latest: EngineRecord | None
    """What the weights are exchanged in."""


class Builder:
    """Builds engines on this machine.

    Args:
        engines: Where they are kept.
        toolchain: What builds them.
        folder: Folder of logs and measured kernels; made when it is not there.
        timeout_s: Seconds that each program may take.
    """

    def __init__(self, engines: EngineStore, toolchain: Toolchain, folder: Path, *, timeout_s: float) -> None:
        self._engines = engines
        self._toolchain = toolchain
        self._folder = folder
        self._timeout_s = timeout_s

    def plan(self, order: Order) -> Plan:
        """Finds out what has to be done.

        Raises:
            NotFound: `ONNX_NOT_FOUND`.
            DataCorrupted: `ONNX_UNREADABLE`.
        """
        return make_plan(order, self._toolchain.tensorrt, self._engines)

    def build(self, plan: Plan) -> EngineRecord:
        """Does what a plan says. An engine is stored whole or not at all; the log stays in either case.

        Raises:
            DeadlineExceeded: `ENGINE_BUILD_TIMEOUT`.
            Internal: `ENGINE_BUILD_FAILED`.
        """
        if plan.decision.action is Action.REUSE:
            # Somebody may remove it between plan and build: then this says so.
            return self._engines.require(plan.wanted.parts.key)
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._folder, prefix=".building-") as scratch:
            return self._build(plan, Path(scratch))

    def log_of(self, plan: Plan) -> Path:
        """Where the output of a build goes."""
        return self._folder / f"{plan.order.model}-{plan.order.wishes.arch}-{plan.wanted.parts.key[:16]}.log"

    def _build(self, plan: Plan, scratch: Path) -> EngineRecord:
        started = time.monotonic()
        files = Files.within(scratch, self._folder, plan.order.wishes.arch, self._toolchain.tensorrt)
        if plan.decision.action is Action.REFIT and plan.latest is not None:
            self._engines.fetch(plan.latest.key, files.old_engine)
        log = self.log_of(plan)
        log.unlink(missing_ok=True)
        for command in commands_of(plan.order, plan.decision.action, files, self._toolchain.programs):
            run_command(command, log=log, timeout_s=self._timeout_s)
        return self._store(plan, files.engine, log, time.monotonic() - started)

    def _store(self, plan: Plan, engine: Path, log: Path, seconds: float) -> EngineRecord:
        if not engine.is_file() or engine.stat().st_size == 0:
            text = f"the build of {plan.order.model} ended without an engine; see {log}"
            raise Internal(text, reason="ENGINE_BUILD_FAILED", metadata={"log": str(log)})
        record = EngineRecord(
            key=plan.wanted.parts.key,
            model=plan.order.model,
            parts=plan.wanted.parts.as_json(),
            structure=plan.wanted.structure,
            refittable=plan.wanted.refittable or plan.decision.action is Action.REFIT,
            blob="",
            size_bytes=0,
            seconds=round(seconds, 3),
            built_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        return self._engines.put(engine, record)


@dataclass(frozen=True, slots=True)
class Files:
    """Files of a build."""

    lowered: Path
    """The graph in its precision."""
    engine: Path
    old_engine: Path
    """The engine whose weights are exchanged."""
    timing_cache: Path

    @classmethod
    def within(cls, scratch: Path, folder: Path, arch: str, tensorrt: str) -> Files:
        """Their places. Measured kernels are kept, for one architecture and TensorRT version."""
        cache = folder / f"kernels-{arch}-{tensorrt}.cache"
        return cls(scratch / "lowered.onnx", scratch / "engine.plan", scratch / "old.plan", cache)


def make_plan(order: Order, tensorrt: str, engines: EngineStore) -> Plan:
    """Holds an order against what is stored. Raises: see `Builder.plan`."""
    digests = read_onnx(order.onnx)
    parts = EngineParts(digests.content, tensorrt, order.wishes.arch, order.graph.precision, profiles_of(order.graph))
    wanted = Wanted(parts, digests.structure, order.wishes.refittable)
    latest = engines.latest(order.model, order.wishes.arch)
    decision = decide(wanted, engines.find(parts.key), latest, rebuild=order.wishes.rebuild)
    return Plan(order, wanted, decision, latest)


def commands_of(order: Order, action: Action, files: Files, programs: Programs) -> tuple[Command, ...]:
    """The programs that an action takes, in order; none for an engine that is stored.

    Raises:
        InvalidInput: See `firstframe.packs.build.commands.precision_command`.
    """
    return tuple(_commands(order, action, files, programs))


def _commands(order: Order, action: Action, files: Files, programs: Programs) -> Iterator[Command]:
    if action is Action.REUSE:
        return
    lowered = precision_command(
        programs,
        order.graph.precision,
        order.onnx,
        files.lowered,
        inputs=order.trial_inputs(),
        calibration=order.wishes.calibration,
    )
    source = files.lowered if lowered else order.onnx
    if lowered:
        yield lowered
    if action is Action.REFIT:
        yield refit_command(programs, files.old_engine, source, files.engine)
        return
    yield engine_command(
        programs,
        source,
        files.engine,
        profiles_of(order.graph),
        timing_cache=files.timing_cache,
        refittable=order.wishes.refittable,
    )
