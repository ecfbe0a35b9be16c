"""How Postgres is used: few connections, none taken without a look whether it lives, and no silence that lasts."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

DRIVER = "postgresql+psycopg"
_CHECKOUT_S = 10
"""So long a call waits for a connection while all are in use."""
_RECYCLE_S = 1800
"""Connections are not kept for longer, so that they spread again after a failover."""


def normalised(url: str) -> str:
    """The URL with the driver that is installed.

    Raises:
        ValueError: It is no URL of a Postgres database. The message does not repeat it: it may hold a password.
    """
    form = "use postgresql://user:password@host:port/database"
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise ValueError(form) from None
    if parsed.drivername not in ("postgres", "postgresql", DRIVER) or not parsed.database:
        raise ValueError(form)
    return parsed.set(drivername=DRIVER).render_as_string(hide_password=False)


def engine_arguments(name: str, pool_size: int) -> dict[str, Any]:
    """Arguments of an SQLAlchemy engine.

    Args:
        name: What Postgres shows as the application (`pg_stat_activity`).
        pool_size: Most connections at the same time.
    """
    return {
        "pool_size": pool_size,
        "max_overflow": 0,
        "pool_timeout": _CHECKOUT_S,
        "pool_recycle": _RECYCLE_S,
        "pool_pre_ping": True,
        "connect_args": {
            "application_name": name,
            "connect_timeout": 5,
            # The driver would read no text from a database of another encoding, and fail at its first answer.
            "client_encoding": "utf8",
            # A server that vanished without a word is noticed within half a minute, in a query or between two.
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 25_000,
        },
    }
