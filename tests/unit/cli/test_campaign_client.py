"""Calls to an orchestrator that answers with a fault."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import pytest

from firstframe.api.campaigns.v1 import campaigns_pb2, campaigns_pb2_grpc
from firstframe.cli.campaign_client import CampaignClient
from firstframe.cli.home import ORCHESTRATOR, Home, StackLock, write_json
from firstframe.cli.stack import LocalStack
from firstframe.core.errors import Internal


class Broken(campaigns_pb2_grpc.CampaignServiceServicer):
    async def GetCampaign(self, request: object, context: grpc.aio.ServicerContext) -> campaigns_pb2.Campaign:
        await context.abort(grpc.StatusCode.INTERNAL, "a fault of the server")
        raise AssertionError


@asynccontextmanager
async def client_of(
    servicer: campaigns_pb2_grpc.CampaignServiceServicer, folder: Path
) -> AsyncIterator[CampaignClient]:
    """A client of a home whose orchestrator is this one."""
    home = Home(folder)
    home.prepare()
    owner = StackLock(home)
    assert owner.take()
    server = grpc.aio.server()
    campaigns_pb2_grpc.add_CampaignServiceServicer_to_server(servicer, server)
    write_json(home.address_file(ORCHESTRATOR), {"grpc": f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"})
    await server.start()
    try:
        async with LocalStack(home) as stack, CampaignClient(stack) as client:
            yield client
    finally:
        await server.stop(None)
        owner.release()


async def test_a_fault_names_the_request_and_the_orchestrators_log(tmp_path: Path) -> None:
    async with client_of(Broken(), tmp_path) as client:
        with pytest.raises(Internal) as caught:
            await client.get("projects/local/campaigns/a")
    assert caught.value.metadata["request_id"].startswith("cli-")
    assert caught.value.metadata["log"] == str(tmp_path / "logs" / "orchestrator.log")


class Stopping(campaigns_pb2_grpc.CampaignServiceServicer):
    calls = 0

    async def GetCampaign(self, request: object, context: grpc.aio.ServicerContext) -> campaigns_pb2.Campaign:
        self.calls += 1
        if self.calls == 1:
            await context.abort(grpc.StatusCode.CANCELLED, "left by a server that stopped")
        return campaigns_pb2.Campaign(name="projects/local/campaigns/a")


async def test_a_call_that_a_stopping_server_cancels_is_made_again(tmp_path: Path) -> None:
    servicer = Stopping()
    async with client_of(servicer, tmp_path) as client:
        found = await client.get("projects/local/campaigns/a")
    assert (found.name, servicer.calls) == ("projects/local/campaigns/a", 2)
