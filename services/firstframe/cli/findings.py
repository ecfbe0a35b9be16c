"""What the checks warn of, told once however many lanes it concerns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.media.v1 import picture_pb2
from firstframe.cli.output import Output
from firstframe.cli.problems import counted


@dataclass(frozen=True, slots=True)
class Warned:
    """One warning and the lanes that have it."""

    reason: str
    message: str
    lanes: tuple[str, ...]

    def json(self) -> dict[str, object]:
        """The warning as one JSON object."""
        return {"event": "warning", "reason": self.reason, "message": self.message, "lanes": list(self.lanes)}

    def text(self) -> str:
        """The warning on one line."""
        more = len(self.lanes) - 1
        others = f" and {counted(more, 'more lane')}" if more else ""
        return f"warning: {self.lanes[0]}{others}: {self.message}"


def warnings_of(lanes: Iterable[campaigns_pb2.Lane]) -> list[Warned]:
    """Each different warning about the heroes of lanes, once."""
    found: dict[tuple[str, str], list[str]] = {}
    for lane in lanes:
        for finding in lane.hero.findings:
            if finding.severity == picture_pb2.SEVERITY_WARNING:
                found.setdefault((finding.reason, finding.message), []).append(lane.lane)
    return [Warned(reason, message, tuple(names)) for (reason, message), names in found.items()]


def tell_warnings(lanes: Iterable[campaigns_pb2.Lane], output: Output) -> None:
    """Tells each different warning once, with the lanes that have it."""
    for warned in warnings_of(lanes):
        output.event(warned.json())
        if not output.as_json:
            output.results.print(warned.text(), style="yellow", markup=False)


def finding_words(lane: campaigns_pb2.Lane) -> str:
    """Findings about the hero of a lane; a warning by its reason, since its words stand once below."""
    words = [
        finding.reason if finding.severity == picture_pb2.SEVERITY_WARNING else finding.message
        for finding in lane.hero.findings
    ]
    return "; ".join(words) or "none"
