"""Which engines the servers of the animation stage have: what none of them has is refused before a still is made."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from prometheus_client import Counter, Gauge

from firstframe.core.errors import PreconditionFailed
from firstframe.orchestrator.brief import DIFFUSERS
from firstframe.orchestrator.plan import ClipSpec, Stage

_SERVERS = Gauge(
    "firstframe_engine_servers",
    "Ready servers of the animation stage that have an engine, by its model pack where it has one.",
    ["engine", "pack"],
)
_MISSING = Counter(
    "firstframe_engine_missing_total",
    "Campaigns, plans and lanes that were refused since no ready server had the engine.",
    ["engine"],
)

Engine = tuple[str, str]
"""Engine and model pack; the pack is empty for engines without weights."""


class Fleet:
    """The engines of the animation stage, as its servers tell them when they become ready.

    Args:
        patience_s: How long a lane waits for the first server of the stage to say what it has.
    """

    def __init__(self, patience_s: float = 60) -> None:
        self._patience_s = patience_s
        self._said: dict[str, frozenset[Engine]] = {}
        self._connections: dict[str, object] = {}
        """The newest of each address: one that was replaced while it had work left closes later, and has no say then."""
        self._heard = asyncio.Event()

    def listener(self, stage: str, address: str) -> Callable[[Iterable[Engine] | None], None]:
        """What a connection tells: the engines of its server, None while the server is away."""
        if stage != Stage.ANIMATION.value:
            return lambda _: None
        self._connections[address] = connection = object()

        def told(engines: Iterable[Engine] | None) -> None:
            if self._connections[address] is not connection:
                return
            before = self._all()
            if engines is None:
                self._said.pop(address, None)
            else:
                self._said[address] = frozenset(engines)
                self._heard.set()
            self._count(before | self._all())

        return told

    def require(self, spec: ClipSpec) -> None:
        """Makes sure that a clip can be made, as far as it is known: nobody may be there yet, or be starting.

        Raises:
            PreconditionFailed: `ENGINE_MISSING`: servers are ready, and none has the engine with the pack.
        """
        wanted, found = (spec.engine, spec.pack), self._all()
        if not spec.engine or not self._said or wanted in found:
            return
        _MISSING.labels(spec.engine).inc()
        have = ", ".join(sorted({_named(*one) for one in found})) or "none"
        text = f"no server of the animation stage has {_named(*wanted)}; they have {have}. {_fix(spec)}"
        raise PreconditionFailed(text, reason="ENGINE_MISSING", metadata={"field": "motion.engine"})

    def _all(self) -> frozenset[Engine]:
        return frozenset[Engine]().union(*self._said.values())

    def _count(self, engines: Iterable[Engine]) -> None:
        for engine, pack in engines:
            _SERVERS.labels(engine, pack).set(sum((engine, pack) in said for said in self._said.values()))

    async def require_soon(self, spec: ClipSpec) -> None:
        """As `require`; where no server has said anything yet, waits for the first for a while.

        Raises:
            PreconditionFailed: `ENGINE_MISSING`.
        """
        if spec.engine and not self._said:
            self._heard.clear()
            try:
                await asyncio.wait_for(self._heard.wait(), self._patience_s)
            except TimeoutError:
                return
        self.require(spec)


def _named(engine: str, pack: str) -> str:
    return f"{engine} with {pack}" if pack else engine


def _fix(spec: ClipSpec) -> str:
    if spec.engine == DIFFUSERS:
        return (
            f"Install and export it where the stage runs (firstframe models pull {spec.pack}; firstframe models export"
            f" {spec.pack}), name it in FIRSTFRAME_ANIMATION_MODELS__PACKS, or use the engine previz"
        )
    return "Install the renderer where the stage runs (the extra `scene`), or use the engine previz"
