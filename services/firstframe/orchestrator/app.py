"""Wires the orchestrator: settings → database and store → dispatcher → lanes → servicer."""

from __future__ import annotations

import asyncio
from pathlib import Path

import grpc
import structlog
from google.protobuf.message import Message

import firstframe
from firstframe.adapters.clock import SystemClock
from firstframe.adapters.kubernetes import EndpointSlicePools
from firstframe.adapters.pools import FolderPools, StaticPools
from firstframe.adapters.stores import open_store
from firstframe.api.campaigns.v1 import campaigns_pb2, campaigns_pb2_grpc, consents_pb2, consents_pb2_grpc
from firstframe.orchestrator import durable
from firstframe.orchestrator.approvals import Approvals
from firstframe.orchestrator.campaign_metrics import watch_lanes
from firstframe.orchestrator.campaigns import Campaigns
from firstframe.orchestrator.consent_gate import ConsentGate
from firstframe.orchestrator.consent_servicer import ConsentServicer
from firstframe.orchestrator.consent_tables import ConsentTables
from firstframe.orchestrator.consents import Consents
from firstframe.orchestrator.dispatcher import Dispatcher
from firstframe.orchestrator.fleet import Fleet
from firstframe.orchestrator.flow import LaneFlow
from firstframe.orchestrator.gates import Gates
from firstframe.orchestrator.live import LiveCampaign
from firstframe.orchestrator.lost_lanes import LostLanes
from firstframe.orchestrator.manifest import Publisher
from firstframe.orchestrator.patience import insist, look
from firstframe.orchestrator.seals import DOMAIN, Seal
from firstframe.orchestrator.servicer import CampaignServicer
from firstframe.orchestrator.settings import OrchestratorSettings
from firstframe.orchestrator.stage_client import GrpcStageServer
from firstframe.orchestrator.tables import Tables, open_engine
from firstframe.orchestrator.trail import Trail
from firstframe.ports.blobstore import BlobStore
from firstframe.ports.pools import PoolDirectory
from firstframe.runtime.client import ClientTls
from firstframe.runtime.grants import grant_seal
from firstframe.runtime.secret_keys import key_of_file, key_of_text
from firstframe.runtime.server import serve
from firstframe.runtime.settings import load, variable

_LOG = structlog.get_logger(__name__)
_SERVICE_NAMES = (
    campaigns_pb2.DESCRIPTOR.services_by_name["CampaignService"].full_name,
    consents_pb2.DESCRIPTOR.services_by_name["ConsentService"].full_name,
)


class Orchestrator:
    """All parts of the orchestrator, wired but not started."""

    def __init__(self, settings: OrchestratorSettings, store: BlobStore) -> None:
        self._settings = settings
        clock = SystemClock()
        engine = open_engine(_database_url(settings, "campaigns"), pool_size=settings.database_pool_size)
        self._tables = tables = Tables(engine)
        seal = Seal(_approval_key(settings))
        self._trail = Trail(tables, seal)
        self._consents = Consents(ConsentTables(engine), seal, clock)
        approvals = Approvals(self._trail, clock)
        self._fleet = Fleet(settings.engine_patience_s)
        self.dispatcher: Dispatcher[Message, Message] = Dispatcher(
            _pools(settings),
            self._connect,
            clock,
            weights=settings.project_weights,
            patience_s=settings.missing_call_patience_s,
        )
        publisher = Publisher(store, firstframe.__version__)
        consents = ConsentGate(self._consents, grant_seal(settings.consent_key, settings.consent_key_file))
        gates = Gates(self.dispatcher, approvals, consents, publisher, self._fleet)
        self._flow = LaneFlow(self._live, gates)
        self.campaigns = Campaigns(
            tables,
            store,
            approvals,
            clock,
            consents=self._consents,
            fleet=self._fleet,
            start_lane=durable.start_lane,
            cancel_calls=gates.calls.cancel,
            stop_lanes=gates.calls.stop_lanes,
            gate=settings.drift_gate,
        )
        watch_lanes(lambda: len(self.campaigns.open.lane_names()), lambda: len(self._flow.running))
        self._taken_up = asyncio.Event()
        """Set once every campaign that has not ended is in memory, in a run of its present plan."""
        self._serving: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._looking: asyncio.Task[None] | None = None

    def register(self, server: grpc.aio.Server) -> None:
        """Adds the APIs of campaigns and consents to a server."""
        campaigns_pb2_grpc.add_CampaignServiceServicer_to_server(CampaignServicer(self.campaigns), server)
        consents = ConsentServicer(self._consents, self.campaigns.consent_ended)
        consents_pb2_grpc.add_ConsentServiceServicer_to_server(consents, server)

    async def start(self) -> None:
        """Waits for the database, starts dispatching and takes up campaigns that have not ended."""
        _tell_of_key(self._settings)
        await insist(self._tables.make)
        await insist(self._trail.adopt)
        self._serving = asyncio.create_task(self.dispatcher.serve())
        durable.launch(
            self._flow.run,
            database_url=_database_url(self._settings, "workflows"),
            executor_id=self._settings.executor_id,
            pool_size=self._settings.database_pool_size,
        )
        await self.campaigns.open.recover()
        self._taken_up.set()
        lost = LostLanes(self.campaigns.open.lane_names, lambda: self._flow.running, durable.resume_lane)
        self._watching = asyncio.create_task(lost.watch())
        self._looking = asyncio.create_task(look(self._tables.ask))

    async def stop(self) -> None:
        """Finishes the stage calls that are running and starts no others; lanes go on at the next start.

        DBOS is left as it is: what it keeps is durable at any moment, and waiting for its pollers would take a second.
        """
        await self.dispatcher.drain()
        for task in (self._serving, self._watching, self._looking):
            if task:
                task.cancel()

    def _connect(self, stage: str, address: str) -> GrpcStageServer:
        return GrpcStageServer(
            stage,
            address,
            deadline_s=self._settings.work_deadline_s,
            tls=_stage_tls(self._settings, stage),
            told=self._fleet.listener(stage, address),
        )

    async def _live(self, name: str) -> LiveCampaign:
        """The campaign of a lane, once all are taken up: DBOS also goes on with lanes of runs that are replaced then."""
        await self._taken_up.wait()
        return await self.campaigns.live(name)


def _stage_tls(settings: OrchestratorSettings, stage: str) -> ClientTls | None:
    """Every server of a stage has the stage's name in its certificate, wherever it runs."""
    certificates = settings.tls.certificates
    return ClientTls(certificates, settings.tls.names.of(stage)) if certificates else None


def _pools(settings: OrchestratorSettings) -> PoolDirectory:
    if settings.pools_services:
        return EndpointSlicePools(settings.api_server(), settings.services())
    if settings.pools_folder is not None:
        return FolderPools(settings.pools_folder)
    return StaticPools(settings.pools)


def _approval_key(settings: OrchestratorSettings) -> bytes:
    """Secret of the seals: the one that is set; else a file beside SQLite's, and with Postgres what its URL says."""
    secret = settings.approval_key or settings.database_url
    if secret is not None:
        return key_of_text(secret.get_secret_value(), DOMAIN)
    return key_of_file(settings.state_folder / "approval.key", lost="approvals are then asked for again")


def _tell_of_key(settings: OrchestratorSettings) -> None:
    """Warns where the seals' secret is one that everybody knows who has the database's password."""
    if settings.database_url is not None and settings.approval_key is None:
        _LOG.warning(
            "decisions are sealed with a key that follows from the database's URL: who knows its password can seal"
            " decisions of their own, and a new password voids those that are not carried out; set a secret of its own",
            setting=variable(OrchestratorSettings, "approval_key"),
        )


def _database_url(settings: OrchestratorSettings, name: str) -> str:
    """Postgres keeps both in one database; SQLite has one file for each, so that they do not wait for each other."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    settings.state_folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{Path(settings.state_folder, name).resolve()}.sqlite"


async def main() -> None:
    """Runs the orchestrator until it is told to stop."""
    settings = load(OrchestratorSettings)
    store = open_store(**settings.store.values())
    orchestrator = Orchestrator(settings, store)
    await serve(
        settings,
        service="orchestrator",
        register=orchestrator.register,
        service_names=_SERVICE_NAMES,
        store=store,
        on_ready=orchestrator.start,
        on_drain=orchestrator.stop,
    )
