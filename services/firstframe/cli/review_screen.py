"""What `firstframe review` shows: heroes with their checks, the audit trail, and the same for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Group
from rich.text import Text

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.cli.checks import (
    MARKS,
    STYLES,
    check_document,
    flagged,
    gravest_first,
    overlay_path,
    sum_words,
    value_words,
    wanted_words,
    word_of,
)
from firstframe.cli.deciding import WORDS, waiting
from firstframe.cli.index import still_path
from firstframe.cli.progress import campaign_id, state_word
from firstframe.cli.tables import plain_table

KEYS = {
    "a": "approve",
    "r": "reject",
    "v": "ask for another still",
    "d": "all checks",
    "s": "skip",
    "q": "quit",
}


def heading(campaign: campaigns_pb2.Campaign, folder: Path, sheets: Sequence[str]) -> Group:
    """The campaign, how many of its heroes wait, and where the pictures are."""
    count = len(waiting(campaign))
    lines = [Text.assemble((campaign_id(campaign), "bold"), f"  {count} of {len(campaign.lanes)} heroes wait for you")]
    lines += [Text(f"contact sheet: {folder / sheet}") for sheet in sheets]
    lines.append(Text(f"gallery:       {folder / 'index.html'}"))
    return Group(*lines)


def hero_screen(lane: campaigns_pb2.Lane, folder: Path, number: int, of: int, *, every: bool = False) -> Group:
    """One hero: where its still is, and each check that failed or warns with its picture; `every` shows all checks."""
    take = f" · take {lane.take + 1}" if lane.take else ""
    size = f"{lane.hero.size.width_px}×{lane.hero.size.height_px}"
    title = Text.assemble((f"\n{number}/{of}  {lane.lane}", "bold cyan"), f"  {lane.format} · {size}{take}")
    lines = [title, Text(f"  still  {folder / still_path(lane)}")]
    lines += [Text(f"  found  {finding.message}", style="yellow") for finding in lane.hero.findings]
    lines.append(Text(f"  {sum_words(lane) or 'no checks were made'}", style="dim"))
    for check in gravest_first(lane) if every else flagged(lane):
        lines += _check_lines(lane, check, folder)
    return Group(*lines)


def _check_lines(lane: campaigns_pb2.Lane, check: Any, folder: Path) -> list[Text]:  # noqa: ANN401  (a generated message)
    word = word_of(check)
    measured, wanted = value_words(check), wanted_words(check)
    figures = f"  {measured}, wanted {wanted}" if measured and wanted else ""
    lines = [Text.assemble((f"  {MARKS[word]} {check.title}", STYLES[word]), (figures, "dim"))]
    lines.append(Text(f"    {check.message}"))
    if check.remedy and word in ("fail", "warn"):
        lines.append(Text(f"    → {check.remedy}"))
    if path := overlay_path(lane, check):
        lines.append(Text(f"    {folder / path}", style="dim"))
    return lines


def keys_line() -> Text:
    """The keys and what they do."""
    parts: list[tuple[str, str] | str] = ["  "]
    for letter, meaning in KEYS.items():
        parts += [(letter, "bold"), f" {meaning}   "]
    return Text.assemble(*parts)


def history_table(records: Sequence[campaigns_pb2.DecisionRecord]) -> Group:
    """The audit trail, the oldest first."""
    table = plain_table("when", "lane", "take", "decision", "by", "why")
    for item in reversed(records):
        approval = item.approval
        when = approval.decide_time.ToDatetime().strftime("%Y-%m-%d %H:%M:%S UTC")
        word = WORDS.get(approval.decision, "?") if item.genuine else "not genuine: changed in the database"
        cells = (when, item.lane, str(approval.take + 1), word, approval.decided_by, approval.note)
        table.add_row(*(Text(cell, style="" if item.genuine else "bold red") for cell in cells))
    return Group(table) if records else Group(Text("nobody has decided anything yet"))


def review_document(campaign: campaigns_pb2.Campaign, folder: Path, sheets: Iterable[str]) -> dict[str, Any]:
    """The heroes that wait, for programs; paths of pictures are whole."""
    return {
        "campaign": campaign.name,
        "state": campaigns_pb2.CampaignState.Name(campaign.state).removeprefix("CAMPAIGN_STATE_").lower(),
        "contact_sheets": [str(folder / sheet) for sheet in sheets],
        "gallery": str(folder / "index.html"),
        "waiting": [_lane_document(lane, folder) for lane in waiting(campaign)],
    }


def _lane_document(lane: campaigns_pb2.Lane, folder: Path) -> dict[str, Any]:
    checks = [check_document(lane, check) for check in lane.preflight.checks]
    for check in checks:
        check["overlay"] = str(folder / check["overlay"]) if check["overlay"] else None
    return {
        "lane": lane.lane,
        "format": lane.format,
        "state": state_word(lane.state),
        "take": lane.take,
        "hero_digest": lane.hero.image.digest,
        "still": str(folder / still_path(lane)),
        "findings": [finding.message for finding in lane.hero.findings],
        "checks": checks,
    }
