"""Keys and lines of a person at a terminal, awaited in the event loop, so that Ctrl-C ends a command at once."""

from __future__ import annotations

import asyncio
import os
import sys
import termios
import tty
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from firstframe.core.errors import Cancelled

END = "\x04"
"""Ctrl-D, and the end of what is piped in."""


def is_there() -> bool:
    """Whether a person can answer."""
    return sys.stdin.isatty() and sys.stdout.isatty()


async def key(choices: Collection[str]) -> str:
    """The first key that is one of `choices`, in lower case, without Enter; others are ignored.

    Raises:
        Cancelled: The input ended.
    """
    with _unbuffered():
        while True:
            pressed = (await _read()).decode(errors="ignore")[:1].lower()
            if pressed in ("", END):
                raise Cancelled("the input ended")
            if pressed in choices:
                return pressed


async def line() -> str:
    """One line, with the terminal's own editing, stripped.

    Raises:
        Cancelled: The input ended.
    """
    data = await _read()
    if not data:
        raise Cancelled("the input ended")
    return data.decode(errors="replace").strip()


async def _read() -> bytes:
    """What the terminal has next: a key, or in its usual mode a line."""
    loop, descriptor = asyncio.get_running_loop(), sys.stdin.fileno()
    ready = asyncio.Event()
    loop.add_reader(descriptor, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(descriptor)
    return os.read(descriptor, 4096)


@contextmanager
def _unbuffered() -> Iterator[None]:
    """Each key at once and unseen; Ctrl-C stays what it is."""
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    tty.setcbreak(descriptor)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
