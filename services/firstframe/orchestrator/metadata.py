"""The tables of the orchestrator's database, known to SQLAlchemy."""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData()
"""Every table is declared in it; `Tables.make` makes those that are missing."""
