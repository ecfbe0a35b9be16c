"""Lists that are longer than a page come whole, from a server that gives two entries at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import grpc
import pytest

from firstframe.api.campaigns.v1 import campaigns_pb2, campaigns_pb2_grpc
from firstframe.cli.campaign_client import CampaignClient

NAMES = [f"projects/local/campaigns/c-{number}" for number in range(5)]
Item = TypeVar("Item")


def page(items: Sequence[Item], token: str) -> tuple[Sequence[Item], str]:
    begin = int(token or 0)
    return items[begin : begin + 2], str(begin + 2) if begin + 2 < len(items) else ""


class Lists(campaigns_pb2_grpc.CampaignServiceServicer):
    """Two entries a page; counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    async def ListCampaigns(
        self, request: campaigns_pb2.ListCampaignsRequest, _context: object
    ) -> campaigns_pb2.ListCampaignsResponse:
        self.asked.append(request)
        found, token = page([campaigns_pb2.Campaign(name=name) for name in NAMES], request.page_token)
        return campaigns_pb2.ListCampaignsResponse(campaigns=found, next_page_token=token)

    async def ListDecisions(
        self, request: campaigns_pb2.ListDecisionsRequest, _context: object
    ) -> campaigns_pb2.ListDecisionsResponse:
        self.asked.append(request)
        found, token = page([campaigns_pb2.DecisionRecord(lane=name) for name in NAMES], request.page_token)
        return campaigns_pb2.ListDecisionsResponse(decisions=found, next_page_token=token)

    async def ListRecipeUses(
        self, request: campaigns_pb2.ListRecipeUsesRequest, _context: object
    ) -> campaigns_pb2.ListRecipeUsesResponse:
        self.asked.append(request)
        found, token = page([campaigns_pb2.RecipeUse(campaign=name) for name in NAMES[:1]], request.page_token)
        return campaigns_pb2.ListRecipeUsesResponse(uses=found, next_page_token=token)


class AtAddress:
    """A stack that is there already."""

    logs: Path | None = None

    def __init__(self, address: str) -> None:
        self._address = address
        self.failed = asyncio.Event()

    async def address(self) -> str:
        return self._address

    def check(self) -> None:
        pass

    def start_stages(self) -> None:
        pass


@pytest.fixture
async def served() -> AsyncIterator[tuple[CampaignClient, Lists]]:
    lists, server = Lists(), grpc.aio.server()
    campaigns_pb2_grpc.add_CampaignServiceServicer_to_server(lists, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with CampaignClient(AtAddress(f"127.0.0.1:{port}")) as client:
        yield client, lists
    await server.stop(None)


async def test_campaigns_of_several_pages(served: tuple[CampaignClient, Lists]) -> None:
    client, lists = served
    assert [item.name for item in await client.list_all()] == NAMES
    assert [request.page_token for request in lists.asked] == ["", "2", "4"]
    assert {(request.parent, request.page_size) for request in lists.asked} == {("projects/local", 200)}


async def test_decisions_of_several_pages(served: tuple[CampaignClient, Lists]) -> None:
    client, lists = served
    assert [item.lane for item in await client.decisions(NAMES[0])] == NAMES
    assert {request.parent for request in lists.asked} == {NAMES[0]}


async def test_a_single_page_is_asked_for_once(served: tuple[CampaignClient, Lists]) -> None:
    client, lists = served
    assert [item.campaign for item in await client.recipe_uses("slow-push")] == NAMES[:1]
    assert [(request.recipe, request.page_token) for request in lists.asked] == [("slow-push", "")]
