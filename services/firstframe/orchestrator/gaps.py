"""What servers of a stage lack: in the middle of an upgrade some servers do not have a call that others have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

from firstframe.core.errors import Unsupported
from firstframe.ports.clock import Clock

_LOG = structlog.get_logger(__name__)

ASK_AGAIN_S = 10.0
"""How long a server that lacks a call is not asked for it again: behind one address another version may stand by then."""
_SHOWN = 3
"""Servers that an error names of each version."""

Server = TypeVar("Server")


class CallMissing(Exception):
    """The server is of a version that does not have the call.

    Args:
        method: Full name of the call.
        address: The server's `host:port`.
        version: What the server says that it is; empty when it does not say.
    """

    def __init__(self, method: str, address: str, version: str) -> None:
        super().__init__(f"{address} does not have {method}")
        self.method = method
        self.address = address
        self.version = version


@dataclass(frozen=True, slots=True)
class _Gap:
    found: CallMissing
    ask_again_at: float


class Gaps(Generic[Server]):
    """Which servers of one stage lack which calls; a call is named by the type of its request.

    Args:
        clock: Steady time.
        patience_s: How long all servers of a stage may lack a call until work that needs it is given up.
    """

    def __init__(self, clock: Clock, patience_s: float) -> None:
        self._clock = clock
        self._patience_s = patience_s
        self._gaps: dict[type, dict[Server, _Gap]] = defaultdict(dict)
        self._missing_since: dict[type, float] = {}

    def found(self, call: type, server: Server, missing: CallMissing, ready: Collection[Server]) -> None:
        """Notes that a server does not have a call; `ready` are the servers of the stage that are ready now."""
        if server not in ready:
            return
        if server not in self._gaps[call]:
            about = {"method": missing.method, "address": missing.address, "version": missing.version}
            _LOG.warning("a server does not have the call: it is older than the orchestrator", **about)
        now = self._clock.monotonic()
        self._gaps[call][server] = _Gap(missing, now + ASK_AGAIN_S)
        if self._somebody_may_have(call, ready):
            self._missing_since.pop(call, None)
        else:
            self._missing_since.setdefault(call, now)

    def closed(self, call: type, server: Server) -> None:
        """Notes that a server has a call."""
        self._missing_since.pop(call, None)
        self._gaps[call].pop(server, None)

    def forget(self, server: Server) -> None:
        """The server went away; at its address another version may come."""
        for call, servers in self._gaps.items():
            if servers.pop(server, None) and not servers:
                self._missing_since.pop(call, None)

    def may_ask(self, call: type, server: Server) -> bool:
        """Whether a server has the call, or may have it by now."""
        gap = self._gaps[call].get(server)
        return gap is None or gap.ask_again_at <= self._clock.monotonic()

    def missing(self, call: type) -> bool:
        """Whether no server that was ready had the call when it was asked last."""
        return call in self._missing_since

    def given_up(self, call: type) -> bool:
        """Whether the call has been missing for so long that nobody should wait for it any more."""
        since = self._missing_since.get(call)
        return since is not None and self._clock.monotonic() - since >= self._patience_s

    def error(self, stage: str, call: type) -> Unsupported:
        """`STAGE_TOO_OLD`: which servers lack the call, and what to do."""
        gaps = [gap.found for gap in self._gaps[call].values()]
        text = (
            f"no ready server of {stage} has had {gaps[0].method} for {self._patience_s:.0f} s: {_told(gaps)};"
            " bring the stage to the orchestrator's version, then run the brief again"
        )
        return Unsupported(text, reason="STAGE_TOO_OLD", metadata={"stage": stage, "method": gaps[0].method})

    def _somebody_may_have(self, call: type, ready: Iterable[Server]) -> bool:
        return any(server not in self._gaps[call] for server in ready)


def _told(gaps: Iterable[CallMissing]) -> str:
    """Versions and where they run."""
    versions: dict[str, list[str]] = defaultdict(list)
    for gap in gaps:
        versions[f"version {gap.version}" if gap.version else "a version that does not say which"].append(gap.address)
    return "; ".join(f"{_shortened(sorted(addresses))}: {version}" for version, addresses in sorted(versions.items()))


def _shortened(addresses: list[str]) -> str:
    more = len(addresses) - _SHOWN
    return ", ".join(addresses[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
