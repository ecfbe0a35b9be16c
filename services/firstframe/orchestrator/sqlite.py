"""How SQLite is run: readers never wait for a writer, a writer waits for another."""

from __future__ import annotations

from typing import Any

PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=30000", "foreign_keys=ON")


def tune(connection: Any, _record: object) -> None:  # noqa: ANN401  (a DBAPI connection has no type)
    """Sets up a new connection; a listener of SQLAlchemy's `connect`."""
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
