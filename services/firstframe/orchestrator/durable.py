"""Durable execution by DBOS: lanes are workflows, stage calls are steps.

DBOS carries durability alone; its queues are not used for capacity (that is the dispatcher's). What a step records is JSON.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, DBOSConfig, Serializer, SetWorkflowID
from sqlalchemy import event

from firstframe.orchestrator import origin, postgres, sqlite
from firstframe.orchestrator.origin import Origin

APPLICATION_VERSION = "3"
"""Version of the lane workflow, part of every workflow's id. Raised when its order of steps changes: open lanes then start
afresh at the next launch, and find finished work by its content key."""

_OPEN = frozenset({"PENDING", "ENQUEUED", "DELAYED"})

RunLane = Callable[["DurableSteps", str, str, int, Origin], Awaitable[None]]

_run_lane: RunLane | None = None


class _JsonSerializer(Serializer):
    """Plain JSON, so that records can be read by anyone and hold no code."""

    def serialize(self, data: Any) -> str:  # noqa: ANN401  (DBOS's interface)
        return json.dumps(data, default=str)

    def deserialize(self, serialized_data: str) -> Any:  # noqa: ANN401  (DBOS's interface)
        return json.loads(serialized_data)

    def name(self) -> str:
        return "firstframe_json"


class DurableSteps:
    """Steps of the workflow that is running."""

    async def run(self, name: str, body: Callable[[], Awaitable[str]]) -> str:
        """The recorded outcome of the step, or that of running `body` now."""

        async def step() -> str:
            return await body()

        return await DBOS.run_step_async({"name": name}, step)


@DBOS.workflow(name="lane")
async def _lane_workflow(campaign: str, lane: str, run: int, begun: dict[str, Any] | None = None) -> None:
    if _run_lane is None:
        raise RuntimeError("lanes run only after launch()")
    await _run_lane(DurableSteps(), campaign, lane, run, Origin(**begun or {}))


def launch(run_lane: RunLane, *, database_url: str, executor_id: str, pool_size: int) -> None:
    """Starts DBOS in the running event loop; lanes that were cut off on this executor go on by themselves.

    Args:
        run_lane: The workflow.
        database_url: SQLAlchemy's form.
        executor_id: Stable name of this process.
        pool_size: Most connections at the same time, for Postgres.
    """
    global _run_lane  # noqa: PLW0603  (DBOS registers functions by module)
    _run_lane = run_lane
    config: DBOSConfig = {
        "name": "firstframe",
        "system_database_url": database_url,
        "executor_id": executor_id,
        "application_version": APPLICATION_VERSION,
        "serializer": _JsonSerializer(),
        "log_level": "ERROR",
        "enable_otlp": False,
    }
    if database_url.startswith("sqlite"):
        config["system_database_engine"] = _sqlite_engine(database_url)
    else:
        config["db_engine_kwargs"] = postgres.engine_arguments("firstframe-workflows", pool_size)
    DBOS(config=config)
    DBOS.launch()


async def start_lane(campaign: str, lane: str, run: int) -> None:
    """Starts a lane in a run; while its workflow is open, starting it again does nothing."""
    with SetWorkflowID(await _open_id(f"{campaign}/{lane}/{run}/{APPLICATION_VERSION}")):
        await DBOS.start_workflow_async(_lane_workflow, campaign, lane, run, asdict(origin.here()))


async def resume_lane(campaign: str, lane: str, run: int) -> None:
    """Makes an open lane run that does not, whoever had it."""
    name = await _open_id(f"{campaign}/{lane}/{run}/{APPLICATION_VERSION}")
    if await DBOS.get_workflow_status_async(name):
        await DBOS.resume_workflow_async(name)
    else:
        await start_lane(campaign, lane, run)


async def _open_id(name: str) -> str:
    """The first id of that name whose workflow is new or open.

    A workflow may have ended while its lane has not, when the database was away at the wrong moment.
    """
    attempt = 1
    while (status := await DBOS.get_workflow_status_async(f"{name}/{attempt}")) and status.status not in _OPEN:
        attempt += 1
    return f"{name}/{attempt}"


def _sqlite_engine(url: str) -> sa.Engine:
    engine = sa.create_engine(url)
    event.listen(engine, "connect", _tune)
    return engine


def _tune(connection: Any, record: object) -> None:  # noqa: ANN401  (a DBAPI connection has no type)
    """Writers take the lock at once, as DBOS's own engine does."""
    connection.isolation_level = "IMMEDIATE"
    sqlite.tune(connection, record)
