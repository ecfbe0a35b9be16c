"""What the checks warn of, told once however many lanes it concerns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.media.v1 import picture_pb2
from firstframe.cli.checks import MARKS, flagged, word_of
from firstframe.cli.output import Output
from firstframe.cli.problems import counted


@dataclass(frozen=True, slots=True)
class Warned:
    """One warning and the lanes that have it."""

    reason: str
    message: str
    lanes: tuple[str, ...]
    verdict: str = ""
    """`warn` or `fail` of a check; empty for a finding of a stage."""

    def json(self) -> dict[str, object]:
        """The warning as one JSON object."""
        told = {"reason": self.reason, "message": self.message, "lanes": list(self.lanes)}
        return {"event": "check", "verdict": self.verdict, **told} if self.verdict else {"event": "warning", **told}

    def text(self) -> str:
        """The warning on one line."""
        more = len(self.lanes) - 1
        others = f" and {counted(more, 'more lane')}" if more else ""
        return f"{'failed check' if self.verdict == 'fail' else 'warning'}: {self.lanes[0]}{others}: {self.message}"


def warnings_of(lanes: Iterable[campaigns_pb2.Lane]) -> list[Warned]:
    """Each different warning about the heroes of lanes and about their clips, once."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for lane in lanes:
        for finding in _findings(lane):
            if finding.severity == picture_pb2.SEVERITY_WARNING:
                found.setdefault((finding.reason, finding.message), {})[lane.lane] = None
    return [Warned(reason, message, tuple(names)) for (reason, message), names in found.items()]


def _findings(lane: campaigns_pb2.Lane) -> Iterable[picture_pb2.Finding]:
    return chain(lane.hero.findings, *(step.findings for step in lane.steps))


def checks_of(lanes: Iterable[campaigns_pb2.Lane]) -> list[Warned]:
    """Each check that warns or fails, once, with the words of the first lane that has it; those that failed come first."""
    found: dict[tuple[str, str], tuple[str, list[str]]] = {}
    for lane in lanes:
        for check in flagged(lane):
            key = word_of(check), f"PREFLIGHT_{check.name.upper().replace('-', '_')}"
            remedy = f"; {check.remedy}" if check.remedy else ""
            found.setdefault(key, (f"{check.title}: {check.message}{remedy}", []))[1].append(lane.lane)
    told = [Warned(reason, text, tuple(names), word) for (word, reason), (text, names) in found.items()]
    return sorted(told, key=lambda one: one.verdict != "fail")


def tell_warnings(lanes: Iterable[campaigns_pb2.Lane], output: Output) -> None:
    """Tells each different warning once, with the lanes that have it: what stages found, then what checks found."""
    every = list(lanes)
    for warned in (*warnings_of(every), *checks_of(every)):
        output.event(warned.json())
        if not output.as_json:
            style = "red" if warned.verdict == "fail" else "yellow"
            output.results.print(warned.text(), style=style, markup=False)


def finding_words(lane: campaigns_pb2.Lane) -> str:
    """Findings about the hero of a lane; a warning by its reason, since its words stand once below, and so checks."""
    words = [f"{MARKS[word_of(check)]} {check.name}" for check in flagged(lane)]
    words += [
        finding.reason if finding.severity == picture_pb2.SEVERITY_WARNING else finding.message
        for finding in lane.hero.findings
    ]
    return "; ".join(words) or "none"
