"""The phases of a piece of work as spans, one after the other."""

from __future__ import annotations

import threading

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span

from firstframe.ports.spans import TRACER

MOST = 128
"""Phases of one piece of work that get a span: each step of a denoiser is one, and no more than that many have a use."""
LONGEST = 64
"""Characters of a span's name."""


class PhaseSpans:
    """Begins a span when the phase changes and ends the one before.

    Args:
        above: Context with the span of the work; without it there are no spans.
    """

    def __init__(self, above: Context | None = None) -> None:
        self._above = above
        self._phase = ""
        self._span: Span = trace.INVALID_SPAN
        self._count = 0
        self._lock = threading.Lock()

    def enter(self, phase: str) -> None:
        """Says which phase the work is in."""
        with self._lock:
            if self._above is None or phase == self._phase:
                return
            self._span.end()
            self._phase = phase
            self._count += 1
            self._span = TRACER.start_span(phase[:LONGEST], self._above) if self._count <= MOST else trace.INVALID_SPAN

    def close(self) -> None:
        """Ends the last one; there are no others."""
        with self._lock:
            self._above = None
            self._span.end()
