"""Structured logs with request and trace ids."""

from __future__ import annotations

import logging
import sys

import structlog

from firstframe.runtime.spans import log_ids


def configure(service: str, *, level: str, form: str) -> None:
    """Sets up logs on standard error, as JSON lines or for people; they carry the ids of the trace that is going on.

    Args:
        service: Name that every line carries.
        level: Least level that is logged: debug, info, warning or error.
        form: `json` or `console`.
    """
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _named(service),
            log_ids,
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _named(service: str) -> structlog.typing.Processor:
    def add(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        event["service"] = service
        return event

    return add
