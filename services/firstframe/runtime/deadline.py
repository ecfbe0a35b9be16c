"""The deadline of the call that is being served, known to everything that happens for it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_END_S: ContextVar[float | None] = ContextVar("deadline_end_s", default=None)


@contextmanager
def bound(seconds: float | None) -> Iterator[None]:
    """Sets the deadline for the block and what it starts: `seconds` from now, or None for no deadline."""
    token = _END_S.set(None if seconds is None else time.monotonic() + seconds)
    try:
        yield
    finally:
        _END_S.reset(token)


def end_s() -> float | None:
    """When the caller stops waiting, in seconds of `time.monotonic`; None when it never does."""
    return _END_S.get()
