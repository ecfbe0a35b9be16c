"""What the names and versions of motion recipes stand for in each project, and which campaigns use them.

Written in the transaction that writes the campaign: of two campaigns at the same time with different contents under one name
and version, the second is refused.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from firstframe.core.errors import PreconditionFailed
from firstframe.orchestrator.metadata import METADATA

RECIPES = sa.Table(
    "recipes",
    METADATA,
    sa.Column("project", sa.String, primary_key=True),
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("digest", sa.String, nullable=False),
)
RECIPE_USES = sa.Table(
    "recipe_uses",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("project", sa.String, nullable=False, index=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("digest", sa.String, nullable=False),
    sa.Column("campaign", sa.String, nullable=False, unique=True),
    sa.Column("time", sa.Float, nullable=False),
)


@dataclass(frozen=True, slots=True)
class RecipeUse:
    """A campaign that is accepted with a recipe."""

    project: str
    name: str
    version: int
    digest: str
    """Of what the recipe does."""
    campaign: str
    time: float
    """Seconds since 1970."""
    id: int = 0


def keep(connection: sa.Connection, use: RecipeUse) -> None:
    """Writes down what a recipe stands for, unless that is known, and that the campaign uses it.

    Raises:
        PreconditionFailed: `RECIPE_CHANGED`: it stands for something else.
    """
    values = {"project": use.project, "name": use.name, "version": use.version, "digest": use.digest}
    _insert_new(connection, RECIPES, values)
    check(connection, use)
    _insert_new(connection, RECIPE_USES, {name: value for name, value in asdict(use).items() if name != "id"})


def check(connection: sa.Connection, use: RecipeUse) -> None:
    """Compares a recipe with what its name and version stand for, if anything.

    Raises:
        PreconditionFailed: `RECIPE_CHANGED`.
    """
    where = (RECIPES.c.project == use.project, RECIPES.c.name == use.name)
    known = connection.execute(sa.select(RECIPES.c.digest).where(*where, RECIPES.c.version == use.version)).scalar()
    if known in (None, use.digest):
        return
    newest = connection.execute(sa.select(sa.func.max(RECIPES.c.version)).where(*where)).scalar_one()
    text = (
        f"motion.recipe: {use.name}@{use.version} has been used with another motion, and what was used never changes;"
        f" raise the version to {newest + 1}"
    )
    raise PreconditionFailed(text, reason="RECIPE_CHANGED", metadata={"field": "motion.recipe"})


def uses(connection: sa.Connection, project: str, recipe: str, *, before_id: int | None, size: int) -> list[RecipeUse]:
    """Campaigns of a project that use a recipe, or any when its name is empty; the newest first."""
    query = sa.select(RECIPE_USES).where(RECIPE_USES.c.project == project)
    if recipe:
        query = query.where(RECIPE_USES.c.name == recipe)
    if before_id is not None:
        query = query.where(RECIPE_USES.c.id < before_id)
    rows = connection.execute(query.order_by(RECIPE_USES.c.id.desc()).limit(size)).mappings()
    return [RecipeUse(**row) for row in rows]


def _insert_new(connection: sa.Connection, table: sa.Table, values: dict[str, object]) -> None:
    """Writes a row, unless there is one of its key; waits for a transaction that is about to write that."""
    if connection.dialect.name == "sqlite":
        connection.execute(sqlite.insert(table).values(**values).on_conflict_do_nothing())
    else:
        connection.execute(postgresql.insert(table).values(**values).on_conflict_do_nothing())
