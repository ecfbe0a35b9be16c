"""Where a piece of work belongs in the trace of the lane that asked for it first."""

from __future__ import annotations

from contextvars import Context, copy_context

from opentelemetry.context import get_current
from opentelemetry.trace import Span, get_current_span

from firstframe.ports.spans import TRACER


class Trail:
    """Keeps the context of whoever asked: work is started by whatever frees a slot, in a context of its own.

    Args:
        stage: Stage of the work.
    """

    def __init__(self, stage: str) -> None:
        self._asked_in = copy_context()
        self._above = get_current()
        self._stage = stage
        self._turns = 0
        self._waiting = self._wait()

    @property
    def context(self) -> Context:
        """For one attempt."""
        return self._asked_in.copy()

    def _wait(self) -> Span:
        self._turns += 1
        about: dict[str, str | int] = {"firstframe.stage": self._stage, "firstframe.dispatch.turn": self._turns}
        return TRACER.start_span("wait for a slot", self._above, attributes=about)

    def joined(self) -> None:
        """Another lane wants the same work: its trace leads here."""
        get_current_span().add_link(self._waiting.get_span_context())

    def begins(self) -> None:
        """A slot was found, or nobody wants the work any more."""
        if self._waiting.is_recording():
            self._waiting.end()

    def waits_again(self) -> None:
        """The server had no slot after all, or failed."""
        self._waiting = self._wait()
