"""The orchestrator speaks mutual TLS with the stages and with its own callers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from firstframe.api.campaigns.v1 import campaigns_pb2, campaigns_pb2_grpc
from firstframe.runtime.client import ClientTls, connect
from firstframe.runtime.tls import Certificates, server_credentials
from support.certificates import Authority
from support.orchestrator import World, small_brief

STAGES = ("imagegen", "animation", "upscaling", "stitching")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path)
    try:
        yield made
    finally:
        await made.close()


async def test_a_campaign_runs_over_mutual_tls(world: World, tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    stages = authority.issue(tmp_path / "stages", *(f"DNS:{stage}.firstframe.svc" for stage in STAGES))
    own = authority.issue(tmp_path / "own", "DNS:orchestrator.firstframe.svc")
    client = authority.issue(tmp_path / "client", "DNS:client.firstframe.svc", usage="clientAuth")
    await world.start_fakes(server_credentials(Certificates(stages)))
    settings = {"TLS__CERTIFICATE": str(own.certificate), "TLS__KEY": str(own.key), "TLS__CA": str(own.ca)}
    await world.open(fakes=False, **settings)
    tls = ClientTls(Certificates(client, serving=False), "orchestrator.firstframe.svc")
    async with connect(world.orchestrator.address, tls) as channel:
        stub: campaigns_pb2_grpc.CampaignServiceAsyncStub = campaigns_pb2_grpc.CampaignServiceStub(channel)
        request = campaigns_pb2.CreateCampaignRequest(parent="projects/local", brief=small_brief())
        created = await stub.CreateCampaign(request, timeout=30)
        watch = stub.WatchCampaign(campaigns_pb2.WatchCampaignRequest(name=created.name), timeout=60)
        states = [campaign.state async for campaign in watch]
    assert states[-1] == campaigns_pb2.CAMPAIGN_STATE_SUCCEEDED
