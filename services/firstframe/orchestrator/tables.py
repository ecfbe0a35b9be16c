"""The orchestrator's tables and the transactions over them.

DBOS keeps the workflows; these tables keep what people ask about: campaigns, lanes and decisions. Writes are short
transactions, made in worker threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine

from firstframe.core.errors import AlreadyExists, Conflict
from firstframe.orchestrator import postgres, recipe_book, sqlite
from firstframe.orchestrator.metadata import METADATA
from firstframe.orchestrator.recipe_book import RecipeUse

CAMPAIGNS = sa.Table(
    "campaigns",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("name", sa.String, nullable=False, unique=True),
    sa.Column("project", sa.String, nullable=False, index=True),
    sa.Column("brief", sa.LargeBinary, nullable=False),
    sa.Column("plan_digest", sa.String, nullable=False),
    sa.Column("run", sa.Integer, nullable=False),
    sa.Column("cancelled", sa.Boolean, nullable=False),
    sa.Column("create_time", sa.Float, nullable=False),
    sa.Column("update_time", sa.Float, nullable=False),
    sa.Column("end_time", sa.Float),
)
LANES = sa.Table(
    "lanes",
    METADATA,
    sa.Column("campaign", sa.String, primary_key=True),
    sa.Column("lane", sa.String, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("message", sa.LargeBinary, nullable=False),
)
DECISIONS = sa.Table(
    "decisions",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("campaign", sa.String, nullable=False, index=True),
    sa.Column("lane", sa.String, nullable=False),
    sa.Column("approval", sa.LargeBinary, nullable=False),
    sa.Column("seal", sa.String),
)
REQUESTS = sa.Table(
    "requests",
    METADATA,
    sa.Column("request_id", sa.String, primary_key=True),
    sa.Column("method", sa.String, primary_key=True),
    sa.Column("body_digest", sa.String, nullable=False),
    sa.Column("campaign", sa.String, nullable=False),
)


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """One campaign without its lanes."""

    name: str
    project: str
    brief: bytes
    plan_digest: str
    run: int
    cancelled: bool
    create_time: float
    update_time: float
    end_time: float | None
    id: int = 0


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One decision about a lane's hero."""

    campaign: str
    lane: str
    approval: bytes
    seal: str | None
    """Made over the others by whoever wrote the row; None in a database that no seals were known to."""
    id: int = 0


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A mutation that was taken."""

    request_id: str
    """`{project}/{request id}`; empty when the caller gave none, and then it is not kept."""
    method: str
    body_digest: str
    campaign: str


def open_engine(url: str, *, pool_size: int = 10) -> Engine:
    """Prepares connections to a database; none is made yet. SQLite runs in WAL mode with synchronous=NORMAL.

    Args:
        url: SQLAlchemy's form.
        pool_size: Most connections at the same time, for Postgres.
    """
    if not url.startswith("sqlite"):
        return sa.create_engine(url, **postgres.engine_arguments("firstframe-campaigns", pool_size))
    engine = sa.create_engine(url)
    event.listen(engine, "connect", sqlite.tune)
    return engine


class Tables:
    """Transactions; each method is one, and blocks."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def make(self) -> None:
        """Makes the tables that are missing."""
        METADATA.create_all(self._engine)

    def ask(self) -> None:
        """Asks for nothing, to see whether the database answers."""
        with self._engine.connect() as connection:
            connection.execute(sa.text("SELECT 1"))

    def adopt_seals(self, sign: Callable[[str, str, bytes], str]) -> None:
        """Adds the column of seals to a database of before there was one, and seals the decisions that are in it.

        Only once: what is written without a seal afterwards stays without.

        Args:
            sign: Gives the seal of campaign, lane and decision.
        """
        if any(column["name"] == "seal" for column in sa.inspect(self._engine).get_columns(DECISIONS.name)):
            return
        with self._engine.begin() as connection:
            connection.execute(sa.text(f"ALTER TABLE {DECISIONS.name} ADD COLUMN seal VARCHAR"))
            for row in connection.execute(sa.select(DECISIONS)).mappings().all():
                seal = sign(row["campaign"], row["lane"], row["approval"])
                connection.execute(sa.update(DECISIONS).where(DECISIONS.c.id == row["id"]).values(seal=seal))

    def lane_decisions(self, campaign: str, lane: str) -> list[DecisionRow]:
        """Decisions about a lane's heroes, the oldest first."""
        query = sa.select(DECISIONS).where(DECISIONS.c.campaign == campaign, DECISIONS.c.lane == lane)
        with self._engine.connect() as connection:
            return [DecisionRow(**row) for row in connection.execute(query.order_by(DECISIONS.c.id)).mappings()]

    def decisions_page(self, campaign: str, *, before_id: int | None, size: int) -> list[DecisionRow]:
        """Decisions about a campaign, the newest first."""
        query = sa.select(DECISIONS).where(DECISIONS.c.campaign == campaign)
        if before_id is not None:
            query = query.where(DECISIONS.c.id < before_id)
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(DECISIONS.c.id.desc()).limit(size)).mappings()
            return [DecisionRow(**row) for row in rows]

    def campaign(self, name: str) -> CampaignRow | None:
        """One campaign."""
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(CAMPAIGNS).where(CAMPAIGNS.c.name == name)).mappings().first()
        return CampaignRow(**row) if row else None

    def open_campaigns(self) -> list[CampaignRow]:
        """Campaigns that have not ended, the oldest first."""
        query = sa.select(CAMPAIGNS).where(CAMPAIGNS.c.end_time.is_(None)).order_by(CAMPAIGNS.c.id)
        with self._engine.connect() as connection:
            return [CampaignRow(**row) for row in connection.execute(query).mappings()]

    def page(self, project: str, *, before_id: int | None, size: int) -> list[CampaignRow]:
        """Campaigns of a project, the newest first."""
        query = sa.select(CAMPAIGNS).where(CAMPAIGNS.c.project == project)
        if before_id is not None:
            query = query.where(CAMPAIGNS.c.id < before_id)
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(CAMPAIGNS.c.id.desc()).limit(size)).mappings()
            return [CampaignRow(**row) for row in rows]

    def lanes(self, campaign: str) -> list[bytes]:
        """Lane messages in the order of the plan."""
        query = sa.select(LANES.c.message).where(LANES.c.campaign == campaign).order_by(LANES.c.position)
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def request(self, request_id: str, method: str) -> RequestRow | None:
        """A mutation that was taken before."""
        query = sa.select(REQUESTS).where(REQUESTS.c.request_id == request_id, REQUESTS.c.method == method)
        with self._engine.connect() as connection:
            row = connection.execute(query).mappings().first()
        return RequestRow(**row) if row else None

    def put_campaign(
        self,
        row: CampaignRow,
        lanes: Sequence[tuple[str, bytes]],
        request: RequestRow | None = None,
        use: RecipeUse | None = None,
    ) -> None:
        """Writes a campaign with all its lanes, in place of what was there, and that it uses a recipe.

        Raises:
            PreconditionFailed: `RECIPE_CHANGED`; nothing is written.
        """
        values = {name: getattr(row, name) for name in CAMPAIGNS.c.keys() if name != "id"}  # noqa: SIM118
        with self._engine.begin() as connection:
            updated = connection.execute(sa.update(CAMPAIGNS).where(CAMPAIGNS.c.name == row.name).values(**values))
            if not updated.rowcount:
                connection.execute(sa.insert(CAMPAIGNS).values(**values))
            connection.execute(sa.delete(LANES).where(LANES.c.campaign == row.name))
            records = [
                {"campaign": row.name, "lane": lane, "position": index, "message": message}
                for index, (lane, message) in enumerate(lanes)
            ]
            connection.execute(sa.insert(LANES), records)
            if use is not None:
                recipe_book.keep(connection, use)
            self._put_request(connection, request)

    def check_recipe(self, use: RecipeUse) -> None:
        """Compares a recipe with what its name and version stand for.

        Raises:
            PreconditionFailed: `RECIPE_CHANGED`.
        """
        with self._engine.connect() as connection:
            recipe_book.check(connection, use)

    def recipe_uses(self, project: str, recipe: str, *, before_id: int | None, size: int) -> list[RecipeUse]:
        """Which campaigns of a project use a recipe, or any when its name is empty; the newest first."""
        with self._engine.connect() as connection:
            return recipe_book.uses(connection, project, recipe, before_id=before_id, size=size)

    def put_lanes(
        self, campaign: str, run: int, lanes: Iterable[tuple[str, bytes]], *, update_time: float, end_time: float | None
    ) -> None:
        """Writes what changed of a campaign's lanes; does nothing when the run has been replaced."""
        with self._engine.begin() as connection:
            times = {"update_time": update_time, "end_time": end_time}
            if self._update_run(connection, campaign, run, times):
                self._update_lanes(connection, campaign, lanes)

    def cancel(self, campaign: str, request: RequestRow | None) -> None:
        """Marks a campaign as cancelled."""
        with self._engine.begin() as connection:
            connection.execute(sa.update(CAMPAIGNS).where(CAMPAIGNS.c.name == campaign).values(cancelled=True))
            self._put_request(connection, request)

    def decide(
        self,
        campaign: str,
        run: int,
        lanes: Iterable[tuple[str, bytes]],
        decisions: Iterable[DecisionRow],
        request: RequestRow | None,
    ) -> None:
        """Writes decisions and the lanes that they changed: all of them, or none.

        Raises:
            Conflict: The run has been replaced; nothing is written.
        """
        with self._engine.begin() as connection:
            if not self._update_run(connection, campaign, run, {"cancelled": CAMPAIGNS.c.cancelled}):
                raise Conflict(f"{campaign} was started anew meanwhile; read it again, then decide")
            self._update_lanes(connection, campaign, lanes)
            for row in decisions:
                values = {name: value for name, value in asdict(row).items() if name != "id"}
                connection.execute(sa.insert(DECISIONS).values(**values))
            self._put_request(connection, request)

    def put_request(self, request: RequestRow | None) -> None:
        """Remembers a mutation that changed nothing else."""
        with self._engine.begin() as connection:
            self._put_request(connection, request)

    def _update_run(self, connection: sa.Connection, campaign: str, run: int, values: dict[str, Any]) -> bool:
        """Updates a campaign if this is its present run."""
        where = sa.and_(CAMPAIGNS.c.name == campaign, CAMPAIGNS.c.run == run)
        return bool(connection.execute(sa.update(CAMPAIGNS).where(where).values(**values)).rowcount)

    def _update_lanes(self, connection: sa.Connection, campaign: str, lanes: Iterable[tuple[str, bytes]]) -> None:
        for lane, message in lanes:
            where = sa.and_(LANES.c.campaign == campaign, LANES.c.lane == lane)
            connection.execute(sa.update(LANES).where(where).values(message=message))

    def _put_request(self, connection: sa.Connection, request: RequestRow | None) -> None:
        if request is None or not request.request_id:
            return
        try:
            connection.execute(sa.insert(REQUESTS).values(**asdict(request)))
        except sa.exc.IntegrityError as error:
            text = "the request id was used at the same time for something else; use a new one"
            raise AlreadyExists(text, reason="REQUEST_ID_REUSED") from error
