"""Consents in the orchestrator's database; each method is one short transaction, and blocks."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from firstframe.orchestrator.metadata import METADATA

CONSENTS = sa.Table(
    "consents",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("project", sa.String, nullable=False),
    sa.Column("consent", sa.String, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("seal", sa.String, nullable=False),
    sa.UniqueConstraint("project", "consent"),
)


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """One consent as it is written."""

    project: str
    consent: str
    body: bytes
    seal: str
    """Made over the others by whoever wrote the row."""
    id: int = 0


class ConsentTables:
    """Transactions over consents."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, row: ConsentRow) -> bool:
        """Writes a consent; False where there is one of that name."""
        values = {name: value for name, value in asdict(row).items() if name != "id"}
        try:
            with self._engine.begin() as connection:
                connection.execute(sa.insert(CONSENTS).values(**values))
        except sa.exc.IntegrityError:
            return False
        return True

    def replace(self, old: ConsentRow, new: ConsentRow) -> bool:
        """Writes a consent in place of `old`; False where that has been replaced meanwhile."""
        where = sa.and_(CONSENTS.c.id == old.id, CONSENTS.c.seal == old.seal)
        with self._engine.begin() as connection:
            changed = connection.execute(sa.update(CONSENTS).where(where).values(body=new.body, seal=new.seal))
        return bool(changed.rowcount)

    def get(self, project: str, consent: str) -> ConsentRow | None:
        """One consent."""
        query = sa.select(CONSENTS).where(CONSENTS.c.project == project, CONSENTS.c.consent == consent)
        with self._engine.connect() as connection:
            row = connection.execute(query).mappings().first()
        return ConsentRow(**row) if row else None

    def page(self, project: str, *, before_id: int | None, size: int) -> list[ConsentRow]:
        """Consents of a project, the newest first."""
        query = sa.select(CONSENTS).where(CONSENTS.c.project == project)
        if before_id is not None:
            query = query.where(CONSENTS.c.id < before_id)
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(CONSENTS.c.id.desc()).limit(size)).mappings()
            return [ConsentRow(**row) for row in rows]
