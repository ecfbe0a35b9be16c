"""An orchestrator in a process of its own, with fake stages in this one."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import grpc

from firstframe.adapters.local_folder import LocalFolderStore
from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.campaigns.v1 import campaigns_pb2, campaigns_pb2_grpc
from firstframe.api.imagegen.v1 import imagegen_pb2
from support.fake_stages import FakeStages, serve_fakes

START_SECONDS = 60


def small_brief(name: str = "test", *, heroes: int = 1, approval: str = "auto", seed: int = 7) -> campaigns_pb2.Brief:
    """A brief of sets in one format for one platform."""
    policy = campaigns_pb2.APPROVAL_POLICY_AUTO if approval == "auto" else campaigns_pb2.APPROVAL_POLICY_REQUIRED
    brief = campaigns_pb2.Brief(
        campaign=name,
        seed=seed,
        formats=["16:9"],
        platforms=["youtube"],
        approval=policy,
        quality=imagegen_pb2.QUALITY_DRAFT,
    )
    brief.motion.recipe = "slow-push"
    brief.motion.seconds = 3
    brief.motion.atmosphere = animation_pb2.ATMOSPHERE_DUST
    for number in range(heroes):
        hero = brief.heroes.add(name=f"hero-{number}")
        hero.set.scene, hero.set.palette, hero.set.copy = "studio", "amber-dusk", f"Copy {number}"
    return brief


class OrchestratorProcess:
    """One orchestrator over a state folder; it can be killed and started again.

    Args:
        folder: For its state, store, addresses and log.
        pools: Where stages announce themselves.
        settings: More settings, of every start.
    """

    def __init__(self, folder: Path, pools: Path, settings: Mapping[str, str] | None = None) -> None:
        self._folder = folder
        self._pools = pools
        self._settings = dict(settings or {})
        self._log: IO[bytes] = (folder / "orchestrator.log").open("ab")
        self.process: subprocess.Popen[bytes] | None = None
        self.address = ""
        self.prelude = ""
        """Code that runs before it: makes it another release."""

    def start(self, **settings: str) -> None:
        """Starts it and waits until it serves."""
        announced = self._folder / "orchestrator.json"
        announced.unlink(missing_ok=True)
        values = {
            "STATE_FOLDER": self._folder / "state",
            "POOLS_FOLDER": self._pools,
            "STORE__FOLDER": self._folder / "store",
            "ADDRESS_FILE": announced,
            "PARENT_PID": str(os.getpid()),
            **self._settings,
            **settings,
        }
        environment = os.environ | {f"FIRSTFRAME_ORCHESTRATOR_{name}": str(value) for name, value in values.items()}
        code = f"{self.prelude}\nimport asyncio; from firstframe.orchestrator.app import main; asyncio.run(main())"
        self.process = subprocess.Popen(
            [sys.executable, "-c", code], env=environment, stdout=self._log, stderr=self._log
        )
        deadline = time.monotonic() + START_SECONDS
        while not announced.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the orchestrator did not start:\n{self.log()}")
            time.sleep(0.05)
        self.address = json.loads(announced.read_text())["grpc"]

    def log(self) -> str:
        """What it logged."""
        return (self._folder / "orchestrator.log").read_text()[-4000:]

    def kill(self) -> None:
        """SIGKILL."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM; its exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int:
        if self.process is None:
            return 0
        self.process.send_signal(number)
        code = self.process.wait(timeout=30)
        self.process = None
        return code

    def close(self) -> None:
        """Stops whatever runs."""
        if self.process is not None:
            self.kill()
        self._log.close()


class World:
    """Fake stages here, an orchestrator there, one store; `settings` are the orchestrator's at every start."""

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.pools = folder / "pools"
        self.pools.mkdir()
        self.store = LocalFolderStore(folder / "store")
        self.fake = FakeStages(self.store)
        self.orchestrator = OrchestratorProcess(folder, self.pools, settings)
        self._server: grpc.aio.Server | None = None
        self._channels: list[grpc.aio.Channel] = []

    async def open(self, *, fakes: bool = True, **settings: str) -> World:
        """Starts both."""
        if fakes:
            await self.start_fakes()
        await asyncio.to_thread(self.orchestrator.start, **settings)
        return self

    async def start_fakes(self, credentials: grpc.ServerCredentials | None = None) -> None:
        """Starts the stages and announces them."""
        self._server, address = await serve_fakes(self.fake, credentials=credentials)
        for stage in ("imagegen", "animation", "upscaling", "stitching"):
            (self.pools / f"{stage}-0.json").write_text(json.dumps({"grpc": address}))

    async def decide(
        self, name: str, lane: campaigns_pb2.Lane, decision: int, *, by: str = "ada", note: str = ""
    ) -> campaigns_pb2.Campaign:
        """DecideHeroes about the hero that a lane had when it was read."""
        item = campaigns_pb2.HeroDecision(
            lane=lane.lane,
            hero_digest=lane.hero.image.digest,
            decision=campaigns_pb2.Decision.Name(decision),
            note=note,
        )
        request = campaigns_pb2.DecideHeroesRequest(name=name, decisions=[item], decided_by=by)
        return await self.stub().DecideHeroes(request, timeout=30)

    def stub(self) -> campaigns_pb2_grpc.CampaignServiceAsyncStub:
        """A client of the orchestrator as it runs now."""
        channel = grpc.aio.insecure_channel(self.orchestrator.address)
        self._channels.append(channel)
        return campaigns_pb2_grpc.CampaignServiceStub(channel)

    async def create(self, brief: campaigns_pb2.Brief, request_id: str = "") -> campaigns_pb2.Campaign:
        """CreateCampaign."""
        request = campaigns_pb2.CreateCampaignRequest(parent="projects/local", brief=brief, request_id=request_id)
        return await self.stub().CreateCampaign(request, timeout=30)

    async def until(self, name: str, *states: int, timeout_s: float = 60) -> campaigns_pb2.Campaign:
        """Watches a campaign until it has one of the states."""
        request = campaigns_pb2.WatchCampaignRequest(name=name)
        async for campaign in self.stub().WatchCampaign(request, timeout=timeout_s):
            if campaign.state in states:
                return campaign
        raise AssertionError(f"{name} ended in another state\n{self.orchestrator.log()}")

    async def leave(self) -> None:
        """Stops what lives on this loop; the orchestrator goes on."""
        for channel in self._channels:
            await channel.close()
        if self._server:
            await self._server.stop(None)

    async def close(self) -> None:
        """Stops everything."""
        self.orchestrator.close()
        await self.leave()
