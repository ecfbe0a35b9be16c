"""How far a pull is: a bar on a terminal, a line for each tenth elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from firstframe.cli.output import Output
from firstframe.packs.disk import megabytes
from firstframe.packs.ports import Watcher

SMALL_BYTES = 8 << 20
"""Files up to this size get no lines of their own where there is no terminal."""


@contextmanager
def watching(output: Output) -> Iterator[Watcher]:
    """Shows progress on standard error for the length of the block."""
    if not output.chatter.is_terminal:
        yield PlainLines(output)
        return
    with _bars(output.chatter) as bars:
        yield Bars(bars)


def _bars(console: Console) -> Progress:
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    return Progress(*columns, TimeRemainingColumn(), console=console, transient=True)


class Bars:
    """A bar for the file that is being fetched; see `Watcher`."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def says(self, pack: str, text: str) -> None:
        """See `Watcher.says`."""
        self._bars.console.print(f"{pack}: {text}", markup=False, highlight=False)

    def progress(self, pack: str, what: str, done: int, total: int) -> None:
        """See `Watcher.progress`."""
        task = self._tasks.get(what)
        if task is None:
            task = self._tasks[what] = self._bars.add_task(f"{pack}: {what[:40]}", total=total)
        self._bars.update(task, completed=done, visible=done < total)


class PlainLines:
    """Lines; see `Watcher`."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._tenths: dict[str, int] = {}

    def says(self, pack: str, text: str) -> None:
        """See `Watcher.says`."""
        self._output.say(f"{pack}: {text}")

    def progress(self, pack: str, what: str, done: int, total: int) -> None:
        """See `Watcher.progress`."""
        tenth = 10 * done // total
        if total > SMALL_BYTES and tenth > self._tenths.get(what, 0):
            self._tenths[what] = tenth
            self.says(pack, f"{megabytes(done)} of {megabytes(total)}")
