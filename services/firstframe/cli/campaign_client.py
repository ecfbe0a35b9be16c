"""The orchestrator as the commands see it: calls that outlive a restart of it."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

import grpc

from firstframe.api.campaigns.v1 import campaigns_pb2, campaigns_pb2_grpc
from firstframe.cli.home import ORCHESTRATOR
from firstframe.cli.link import PLAIN, Link
from firstframe.cli.progress import campaign_id
from firstframe.cli.remote import Stack
from firstframe.core.errors import Cancelled, FirstframeError, Internal, InvalidInput, NotFound, Unavailable
from firstframe.runtime.client import call_metadata, translate
from firstframe.runtime.spans import client_span

PROJECT = "projects/local"
CALL_TIMEOUT_S = 30.0
PATIENCE_S = 60.0
"""How long a call goes on trying while the orchestrator starts again."""
WATCH_S = 600.0
"""Length of one watching call; another follows it."""
PAUSE_S = 0.2
_SERVICE = campaigns_pb2.DESCRIPTOR.services_by_name["CampaignService"].full_name

ENDED = frozenset(
    {
        campaigns_pb2.CAMPAIGN_STATE_SUCCEEDED,
        campaigns_pb2.CAMPAIGN_STATE_FAILED,
        campaigns_pb2.CAMPAIGN_STATE_CANCELLED,
    }
)

Reply = TypeVar("Reply")


class _Paged(Protocol):
    """A request for a page."""

    page_token: str


class _HasNext(Protocol):
    """A page."""

    @property
    def next_page_token(self) -> str:
        """Of the page behind it; empty at the last."""


Page = TypeVar("Page", bound=_HasNext)

if TYPE_CHECKING:
    # The asynchronous stub is a type of the generated .pyi file alone.
    Metadata = tuple[tuple[str, str], ...]
    Call = Callable[[campaigns_pb2_grpc.CampaignServiceAsyncStub, Metadata], Awaitable[Reply]]


class CampaignClient:
    """Calls the orchestrator of a stack.

    Every call is safe to repeat, so each is repeated, at the orchestrator's new address, while it starts again.

    Args:
        stack: The stack; the orchestrator of a local one is started when nobody runs it.
        link: How it is spoken with.
    """

    def __init__(self, stack: Stack, link: Link = PLAIN) -> None:
        self._stack = stack
        self._link = link
        self._address = ""
        self._channel: grpc.aio.Channel | None = None

    async def __aenter__(self) -> CampaignClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._close()

    async def _close(self) -> None:
        if self._channel is not None:
            await self._channel.close(None)
        self._channel, self._address = None, ""

    async def _opened(self) -> grpc.aio.Channel:
        address = await self._stack.address()
        if address != self._address or self._channel is None:
            await self._close()
            self._channel, self._address = self._link.open(address), address
        return self._channel

    async def _call(self, method: str, call: Call[Reply]) -> Reply:
        return await self.send(
            f"{_SERVICE}/{method}",
            lambda channel, metadata: call(campaigns_pb2_grpc.CampaignServiceStub(channel), metadata),
        )

    async def send(
        self, method: str, call: Callable[[grpc.aio.Channel, tuple[tuple[str, str], ...]], Awaitable[Reply]]
    ) -> Reply:
        """Makes a call, again and again while the orchestrator starts.

        Args:
            method: Full name of the method.
            call: Makes it, once, on a channel with that metadata.

        Raises:
            FirstframeError: What the orchestrator answers.
        """
        request_id = _request_id()
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                channel = await self._opened()
                with client_span(method, self._address):
                    return await call(channel, call_metadata(request_id))
            except grpc.aio.AioRpcError as failure:
                error = await self._lasting(failure, request_id, time.monotonic() > deadline)
                await asyncio.sleep(error.retry_after_s or PAUSE_S)

    async def _lasting(self, failure: grpc.aio.AioRpcError, request_id: str, too_long: bool) -> FirstframeError:
        """Raises what will not pass by waiting; else gives the error to wait for."""
        error = translate(failure)
        self._stack.check()
        # CANCELLED, which nobody here asked for, is what a server leaves behind that stops in the middle of a call.
        if too_long or not isinstance(error, (Cancelled, Unavailable)):
            error.metadata.setdefault("request_id", request_id)
            if error.reason == "CALLER_NOT_ALLOWED":
                error.message += "; set FIRSTFRAME_CLI_TLS__CERTIFICATE to such a certificate"
            if isinstance(error, Internal) and self._stack.logs:
                error.metadata.setdefault("log", str(self._stack.logs / f"{ORCHESTRATOR}.log"))
            raise error from failure
        await self._link.check(self._address)
        return error

    async def create(self, brief: campaigns_pb2.Brief) -> campaigns_pb2.Campaign:
        """Creates the campaign of a brief, or resumes it."""
        request = campaigns_pb2.CreateCampaignRequest(parent=PROJECT, brief=brief, request_id=_request_id())
        return await self._call(
            "CreateCampaign",
            lambda stub, metadata: stub.CreateCampaign(request, timeout=CALL_TIMEOUT_S, metadata=metadata),
        )

    async def get(self, name: str) -> campaigns_pb2.Campaign:
        """Reads a campaign."""
        request = campaigns_pb2.GetCampaignRequest(name=name)
        return await self._call(
            "GetCampaign", lambda stub, metadata: stub.GetCampaign(request, timeout=CALL_TIMEOUT_S, metadata=metadata)
        )

    async def list_all(self) -> list[campaigns_pb2.Campaign]:
        """All campaigns without their steps, the newest first."""
        request = campaigns_pb2.ListCampaignsRequest(parent=PROJECT, page_size=200)
        pages = self._pages(
            "ListCampaigns",
            request,
            lambda stub, metadata: stub.ListCampaigns(request, timeout=CALL_TIMEOUT_S, metadata=metadata),
        )
        return [item async for page in pages for item in page.campaigns]

    async def _pages(self, method: str, request: _Paged, call: Call[Page]) -> AsyncIterator[Page]:
        """The answers to a request, page after page; the request is turned to each."""
        while True:
            page = await self._call(method, call)
            yield page
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    async def resolve(self, words: str) -> campaigns_pb2.Campaign:
        """The campaign of a full name, of the last part of it, or of a brief's name when only one has it.

        Raises:
            NotFound: There is none.
            InvalidInput: Several briefs have that name.
        """
        if words.startswith("projects/"):
            return await self.get(words)
        everyone = await self.list_all()
        exact = [item for item in everyone if campaign_id(item) == words]
        found = exact or [item for item in everyone if campaign_id(item).rpartition("-")[0] == words]
        if not found:
            fix = "`firstframe status` lists those that there are"
            raise NotFound(f"there is no campaign {words}; {fix}", reason="CAMPAIGN_NOT_FOUND")
        if len(found) > 1:
            names = ", ".join(campaign_id(item) for item in found)
            raise InvalidInput(f"{words} is the name of {len(found)} campaigns; use one of {names}")
        return await self.get(found[0].name)

    async def watch(self, name: str) -> AsyncIterator[campaigns_pb2.Campaign]:
        """Yields the campaign as it is, then at each change, until it has ended; also over restarts."""
        request_id = _request_id()
        request = campaigns_pb2.WatchCampaignRequest(name=name)
        lost_at: float | None = None
        while True:
            try:
                stub = campaigns_pb2_grpc.CampaignServiceStub(await self._opened())
                async for campaign in stub.WatchCampaign(request, timeout=WATCH_S, metadata=call_metadata(request_id)):
                    lost_at = None
                    yield campaign
                    if campaign.state in ENDED:
                        return
            except grpc.aio.AioRpcError as failure:
                if failure.code() is not grpc.StatusCode.DEADLINE_EXCEEDED:
                    lost_at = lost_at or time.monotonic()
                    await self._lasting(failure, request_id, time.monotonic() - lost_at > PATIENCE_S)
            await asyncio.sleep(PAUSE_S)

    async def cancel(self, name: str) -> campaigns_pb2.Campaign:
        """Stops a campaign."""
        request = campaigns_pb2.CancelCampaignRequest(name=name, request_id=_request_id())
        return await self._call(
            "CancelCampaign",
            lambda stub, metadata: stub.CancelCampaign(request, timeout=CALL_TIMEOUT_S, metadata=metadata),
        )

    async def decide(
        self, name: str, decisions: Sequence[campaigns_pb2.HeroDecision], decided_by: str, *, request_id: str = ""
    ) -> campaigns_pb2.Campaign:
        """Says yes or no to heroes, or asks for others."""
        request = campaigns_pb2.DecideHeroesRequest(
            name=name, decisions=decisions, decided_by=decided_by, request_id=request_id or _request_id()
        )
        return await self._call(
            "DecideHeroes", lambda stub, metadata: stub.DecideHeroes(request, timeout=CALL_TIMEOUT_S, metadata=metadata)
        )

    async def recipe_uses(self, recipe: str) -> list[campaigns_pb2.RecipeUse]:
        """Which campaigns use a recipe of motion, the newest first."""
        request = campaigns_pb2.ListRecipeUsesRequest(parent=PROJECT, recipe=recipe, page_size=200)
        pages = self._pages(
            "ListRecipeUses",
            request,
            lambda stub, metadata: stub.ListRecipeUses(request, timeout=CALL_TIMEOUT_S, metadata=metadata),
        )
        return [item async for page in pages for item in page.uses]

    async def decisions(self, name: str) -> list[campaigns_pb2.DecisionRecord]:
        """The audit trail of a campaign, the newest decision first."""
        request = campaigns_pb2.ListDecisionsRequest(parent=name, page_size=200)
        pages = self._pages(
            "ListDecisions",
            request,
            lambda stub, metadata: stub.ListDecisions(request, timeout=CALL_TIMEOUT_S, metadata=metadata),
        )
        return [item async for page in pages for item in page.decisions]


def _request_id() -> str:
    return f"cli-{uuid.uuid4().hex}"
