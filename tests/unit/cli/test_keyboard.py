"""Keys and lines from a real terminal: a pseudo-terminal whose other end the test has."""

from __future__ import annotations

import asyncio
import os
import pty
import termios
from collections.abc import Iterator
from contextlib import suppress

import pytest

from firstframe.cli import keyboard
from firstframe.core.errors import Cancelled


@pytest.fixture
def other_end(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "r", encoding="utf-8") as stream:
        monkeypatch.setattr("sys.stdin", stream)
        yield ours
    with suppress(OSError):
        os.close(ours)


async def pressed_after(task: asyncio.Task[str], other_end: int, data: bytes) -> str:
    await asyncio.sleep(0.05)
    os.write(other_end, data)
    return await asyncio.wait_for(task, 10)


async def test_the_first_key_that_is_one_of_the_choices_counts(other_end: int) -> None:
    task = asyncio.ensure_future(keyboard.key("arv"))
    await asyncio.sleep(0.05)
    os.write(other_end, b"x")
    await asyncio.sleep(0.05)
    assert not task.done()
    assert await pressed_after(task, other_end, b"R") == "r"


async def test_a_line_is_read_to_its_end_with_the_terminals_own_editing(other_end: int) -> None:
    task = asyncio.ensure_future(keyboard.line())
    assert await pressed_after(task, other_end, "  too dulll\x7f ü \n".encode()) == "too dull ü"


async def test_the_terminal_is_left_as_it_was_also_when_nobody_waits_any_more(other_end: int) -> None:
    import sys

    before = termios.tcgetattr(sys.stdin.fileno())
    task = asyncio.ensure_future(keyboard.key("a"))
    await asyncio.sleep(0.05)
    assert termios.tcgetattr(sys.stdin.fileno()) != before
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert termios.tcgetattr(sys.stdin.fileno()) == before


@pytest.mark.parametrize("ask", [lambda: keyboard.key("a"), keyboard.line])
async def test_the_end_of_the_input_is_told(other_end: int, ask: object) -> None:
    task = asyncio.ensure_future(ask())  # type: ignore[operator]
    with pytest.raises(Cancelled):
        await pressed_after(task, other_end, b"\x04")


def test_nobody_is_there_without_a_terminal() -> None:
    assert not keyboard.is_there()
