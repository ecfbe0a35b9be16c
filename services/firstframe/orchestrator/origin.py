"""Where a lane comes from, for its trace."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from opentelemetry.propagate import inject

from firstframe.orchestrator.live import LiveCampaign
from firstframe.orchestrator.plan import LanePlan
from firstframe.ports.spans import Attributes
from firstframe.runtime.spans import lane_trace


@dataclass(frozen=True, slots=True)
class Origin:
    """Written down with the lane's workflow, so that its trace is the same one after a restart."""

    start_ns: int | None = None
    """When the lane began, in nanoseconds since 1970."""
    cause: dict[str, str] = field(default_factory=dict)
    """Trace context (W3C) of the call that began it."""


def here() -> Origin:
    """Now, and the call that is going on."""
    cause: dict[str, str] = {}
    inject(cause)
    return Origin(time.time_ns(), cause)


@contextmanager
def traced(live: LiveCampaign, plan: LanePlan, origin: Origin) -> Iterator[None]:
    """The trace of a lane in a run. Names are words of the brief: its trace has numbers and the brief's digest."""
    attributes: Attributes = {
        "firstframe.brief.digest": live.brief_digest,
        "firstframe.lane.format": plan.format,
        "firstframe.lane.variation": plan.variation,
        "firstframe.run": live.row.run,
    }
    key = f"{live.row.name}/{plan.id}/{live.row.run}"
    with lane_trace(key, cause=origin.cause, start_ns=origin.start_ns, attributes=attributes):
        yield
