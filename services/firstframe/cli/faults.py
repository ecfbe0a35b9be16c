"""Where the log of the stack tells more of a lane that failed by a fault of ours.

A lane says the stage and no request, and several processes do the work of a stage. Their logs have a line for each call that
ended in a fault, with its request id.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.cli.home import ORCHESTRATOR
from firstframe.cli.output import Output

MOST_LOG_BYTES = 8 * 1024 * 1024
"""How much of the end of each log is looked through."""
MOST_FAULTS = 5
"""Faults that are told of each service."""
_FAULT = b'"INTERNAL"'


@dataclass(frozen=True, slots=True)
class Fault:
    """A call that ended in a fault, or a service that had one."""

    service: str
    request_id: str
    """Empty when no log has it."""
    log: Path
    """With a `*` where it may be one of several."""

    def json(self) -> dict[str, object]:
        """The fault as one JSON object."""
        return {"event": "fault", "service": self.service, "request_id": self.request_id, "log": str(self.log)}

    def text(self) -> str:
        """The fault on one line."""
        what = f"request {self.request_id}" if self.request_id else "details"
        return f"fault of {self.service}: {what} in {self.log}"


def tell_faults(campaign: campaigns_pb2.Campaign, logs: Path | None, output: Output) -> None:
    """Tells where more stands about lanes that failed by a fault of ours, when the logs are on this machine."""
    for fault in find_faults(campaign, logs) if logs else ():
        output.event(fault.json())
        if not output.as_json:
            output.results.print(fault.text(), markup=False)


def find_faults(campaign: campaigns_pb2.Campaign, logs: Path) -> list[Fault]:
    """The last faults of each service that let a lane fail, within the time of the campaign."""
    failed = [lane.error for lane in campaign.lanes if lane.error.reason == "INTERNAL"]
    services = dict.fromkeys(_service_of(error.step) for error in failed)
    return [fault for service in services for fault in _of_service(service, campaign, logs)]


def _service_of(step: str) -> str:
    """Who did the work of a step: checks are made by the stage that makes the stills."""
    name = step.partition("/")[0] or ORCHESTRATOR
    return "imagegen" if name == "preflight" else name


def _of_service(service: str, campaign: campaigns_pb2.Campaign, logs: Path) -> list[Fault]:
    names = f"{service}.log" if service == ORCHESTRATOR else f"{service}-*.log"
    found = [
        (when, Fault(service, request_id, log))
        for log in logs.glob(names)
        for when, request_id in _calls(log)
        if _within(when, campaign)
    ]
    last = sorted(found, key=lambda item: item[0])[-MOST_FAULTS:]
    return [fault for _, fault in last] or [Fault(service, "", logs / names)]


def _within(when: datetime, campaign: campaigns_pb2.Campaign) -> bool:
    ended = campaign.end_time.ToDatetime(UTC) if campaign.HasField("end_time") else when
    return campaign.create_time.ToDatetime(UTC) <= when <= ended


def _calls(log: Path) -> Iterator[tuple[datetime, str]]:
    """Time and request id of each call in a log that ended in a fault."""
    for line in _tail(log).splitlines():
        entry = _entry(line) if _FAULT in line else {}
        if entry.get("event") == "call" and entry.get("code") == "INTERNAL":
            yield datetime.fromisoformat(entry["timestamp"]), str(entry["request_id"])


def _tail(log: Path) -> bytes:
    with log.open("rb") as stream:
        stream.seek(max(0, log.stat().st_size - MOST_LOG_BYTES))
        return stream.read()


def _entry(line: bytes) -> dict[str, Any]:
    """A line of a log; empty when it is cut or no JSON."""
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) and {"timestamp", "request_id"} <= found.keys() else {}
