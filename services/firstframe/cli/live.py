"""Live progress: a table of lanes and stages on a terminal, one line per change elsewhere, JSON lines for programs."""

from __future__ import annotations

import time
from types import TracebackType

from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.cli.checks import MARKS
from firstframe.cli.checks import STYLES as CHECK_STYLES
from firstframe.cli.output import Output
from firstframe.cli.problems import counted
from firstframe.cli.progress import COLUMNS, Cell, Row, Tracker, visible

BAR_WIDTH = 5
_WAITS = "waits for you"
_STYLES = {
    "succeeded": "green",
    "running": "yellow",
    "awaiting_approval": "cyan",
    "failed": "bold red",
    "rejected": "magenta",
    "cancelled": "dim",
    "pending": "dim",
}


def bar(fraction: float, width: int = BAR_WIDTH) -> str:
    """A bar of `width` characters, in eighths of a character."""
    eighths = round(min(max(fraction, 0.0), 1.0) * width * 8)
    full, rest = divmod(eighths, 8)
    return ("█" * full + ("▏▎▍▌▋▊▉"[rest - 1] if rest else "")).ljust(width, "·")


def cell_text(cell: Cell | None) -> Text:
    """A stage of a lane."""
    if cell is None:
        return Text("–", style="dim")
    if cell.state == "running":
        return Text.assemble((bar(cell.fraction), "yellow"), f" {cell.fraction:.0%}")
    if cell.found:
        return _found_text(cell)
    marks = {"succeeded": "✓ kept" if cell.kept else "✓", "failed": "✗ failed", "pending": "·"}
    return Text(marks.get(cell.state, cell.state.replace("_", " ")), style=_STYLES.get(cell.state, ""))


def _found_text(cell: Cell) -> Text:
    """What checks found: `✓`, `! 2 warn`, `✗ 1 fail`."""
    word = cell.found.rpartition(" ")[2]
    kept = " kept" if cell.kept and word == "pass" else ""
    return Text(f"{MARKS[word]} {cell.found}".removesuffix(" pass") + kept, style=CHECK_STYLES[word])


def lanes_table(rows: list[Row]) -> Table:
    """Lanes by stages."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("lane", no_wrap=True, overflow="ellipsis")
    for word in COLUMNS:
        table.add_column(word, no_wrap=True, min_width=BAR_WIDTH + 5)
    table.add_column("", no_wrap=True, min_width=len(_WAITS), overflow="ellipsis")
    for row in rows:
        table.add_row(row.lane, *(cell_text(cell) for cell in row.cells), _state_text(row))
    return table


def _state_text(row: Row) -> Text:
    """What is being done, or where the lane stands."""
    phase = next((cell.phase for cell in row.cells if cell is not None and cell.state == "running"), "")
    words = {"awaiting_approval": _WAITS, "running": phase or "running"}.get(row.state, row.state)
    return Text(words, style=_STYLES.get(row.state, ""))


class Progress:
    """Shows what becomes of a campaign while it is watched.

    Args:
        title: Name of the campaign.
        output: Where to; JSON lines when it is for programs.
    """

    def __init__(self, title: str, output: Output) -> None:
        self._title = title
        self._output = output
        self._tracker = Tracker()
        self._began = time.monotonic()
        self._live: Live | None = None

    def __enter__(self) -> Progress:
        if self._output.chatter.is_terminal and not self._output.as_json:
            self._live = Live(console=self._output.chatter, get_renderable=self._render, refresh_per_second=8)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def update(self, campaign: campaigns_pb2.Campaign) -> None:
        """Takes a state of the campaign."""
        before = self._tracker.state
        changes = self._tracker.update(campaign)
        for change in changes:
            self._output.event(change.json())
            if self._live is None and not self._output.as_json:
                self._output.say(change.line())
        if self._tracker.state != before:
            self._output.event({"event": "campaign", "name": campaign.name, "state": self._tracker.state})

    def _render(self) -> Group:
        rows = self._tracker.rows
        shown = visible(rows, max(self._output.chatter.height - 5, 3))
        minutes, seconds = divmod(int(time.monotonic() - self._began), 60)
        done = f"{self._tracker.done} of {counted(len(rows), 'lane')}"
        head = Text.assemble((self._title, "bold"), f"  {done}  {minutes}:{seconds:02d}")
        rest = len(rows) - len(shown)
        return Group(head, lanes_table(shown), Text(f"and {rest} more" if rest else "", style="dim"))
