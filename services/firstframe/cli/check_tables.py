"""What `firstframe check` says: a table for people, a document for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

from firstframe.cli.problems import counted
from firstframe.cli.tables import plain_table
from firstframe.core.delivery import PLATFORMS
from firstframe.preflight.run import Report
from firstframe.preflight.still import CLEAR
from firstframe.preflight.verdict import Check, Verdict

_STYLES = {Verdict.PASS: "green", Verdict.WARN: "yellow", Verdict.FAIL: "bold red", Verdict.NOT_MADE: "dim"}
_MARKS = {Verdict.PASS: "✓", Verdict.WARN: "!", Verdict.FAIL: "✗", Verdict.NOT_MADE: "–"}
_ORIGINS = {
    "matting": "subject cut out by isnet-matting",
    "outline": "subject found by colour and sharpness, confidence {confidence:.2f}",
    "guess": "subject only guessed around the focus (confidence {confidence:.2f}): look at the pictures of --out",
    "": "no clear subject",
}


def report_table(report: Report, name: str) -> RenderableType:
    """The report for a person: what was checked, each check, what to do, and the sum of it."""
    table = plain_table("", "check", "measured", "wanted", "what it says")
    for check in report.checks:
        style = _STYLES[check.verdict]
        mark = Text(f"{_MARKS[check.verdict]} {check.verdict.value}", style=style)
        says = Text(check.says, style="dim" if check.verdict is Verdict.NOT_MADE else "")
        table.add_row(mark, Text(check.title), Text(check.shown, style=style), Text(check.wanted, style="dim"), says)
    parts: list[RenderableType] = [Text(headline(report, name), style="bold"), Text(""), table, Text("")]
    todo = [check for check in report.checks if check.advice and check.verdict in (Verdict.FAIL, Verdict.WARN)]
    if todo:
        parts += [Text("What to do", style="bold"), *(_advice(check) for check in todo), Text("")]
    return Group(*parts, Text(summary(report), style=_STYLES[report.verdict]))


def headline(report: Report, name: str) -> str:
    """What was checked, on one line."""
    still, plan = report.still, report.plan
    crop = f", the {plan.format} part of it ({still.source})" if still.crop else ""
    places = ", ".join(PLATFORMS[platform].title for platform in plan.platforms)
    guessed = still.origin == "outline" and still.confidence < CLEAR
    origin = _ORIGINS["guess" if guessed else still.origin].format(confidence=still.confidence)
    return f"{name}{crop} · {plan.format} for {places} · {plan.motion} · {origin}"


def summary(report: Report) -> str:
    """How many checks ended how."""
    counts = Counter(check.verdict for check in report.checks)
    words = {
        Verdict.FAIL: "failed",
        Verdict.WARN: "with a warning",
        Verdict.PASS: "passed",
        Verdict.NOT_MADE: "not made",
    }
    parts = [f"{counts[verdict]} {word}" for verdict, word in words.items() if counts[verdict]]
    return f"{report.verdict.value.upper()}: {counted(len(report.checks), 'check')}, {', '.join(parts)}"


def report_document(report: Report, image: Path, files: Mapping[str, Path]) -> dict[str, object]:
    """The report for programs."""
    still, plan = report.still, report.plan
    rect = still.subject
    return {
        "image": str(image),
        "verdict": report.verdict.value,
        "format": plan.format,
        "platforms": list(plan.platforms),
        "motion": plan.motion,
        "size": {"width_px": still.source.width, "height_px": still.source.height},
        "subject": None
        if rect is None
        else {
            "x": round(rect.x / still.hero.size.width, 4),
            "y": round(rect.y / still.hero.size.height, 4),
            "width": round(rect.width / still.hero.size.width, 4),
            "height": round(rect.height / still.hero.size.height, 4),
            "origin": still.origin,
            "confidence": round(still.confidence, 3),
        },
        "checks": [_check_document(check, files) for check in report.checks],
        "sheet": str(files["sheet"]) if "sheet" in files else None,
    }


def _check_document(check: Check, files: Mapping[str, Path]) -> dict[str, object]:
    limits = check.limits if check.number is not None else None
    return {
        "check": check.name,
        "title": check.title,
        "verdict": check.verdict.value.replace(" ", "_"),
        "number": None if check.number is None else round(check.number, 4),
        "unit": limits.unit if limits else "",
        "pass_at": limits.good if limits else None,
        "fail_beyond": limits.bad if limits else None,
        "higher_is_better": limits.higher_is_better if limits else None,
        "message": check.says,
        "advice": check.advice,
        "details": check.details,
        "overlay": str(files[check.name]) if check.name in files else None,
    }


def _advice(check: Check) -> Text:
    return Text.assemble((f"  {_MARKS[check.verdict]} ", _STYLES[check.verdict]), f"{check.title}: {check.advice}")
