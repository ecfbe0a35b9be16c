"""CampaignService: decodes, calls the domain, encodes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

from firstframe.api.campaigns.v1 import campaigns_pb2, campaigns_pb2_grpc
from firstframe.core.errors import InvalidInput
from firstframe.orchestrator.admission import admitted
from firstframe.orchestrator.approvals import Decision
from firstframe.orchestrator.campaigns import Campaigns
from firstframe.orchestrator.decode import decode_brief
from firstframe.orchestrator.encode import plan_message
from firstframe.orchestrator.planner import plan

DEFAULT_PAGE = 50
MAX_PAGE = 1000

_DECISIONS = (
    campaigns_pb2.DECISION_APPROVED,
    campaigns_pb2.DECISION_REJECTED,
    campaigns_pb2.DECISION_VARIATION,
)
_PROJECT = re.compile(r"projects/[a-z][a-z0-9-]{0,62}")
_CAMPAIGN = re.compile(r"projects/[a-z][a-z0-9-]{0,62}/campaigns/[a-z][a-z0-9-]{0,79}")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{0,64}")


class CampaignServicer(campaigns_pb2_grpc.CampaignServiceServicer):
    """The campaigns API."""

    def __init__(self, campaigns: Campaigns) -> None:
        self._campaigns = campaigns

    async def CreateCampaign(
        self,
        request: campaigns_pb2.CreateCampaignRequest,
        context: object,  # noqa: ARG002
    ) -> campaigns_pb2.Campaign:
        """Creates or resumes."""
        project = _match(_PROJECT, request.parent, "parent", "projects/{project}")
        live = await self._campaigns.create(project, request.brief, _request_id(request.request_id))
        return live.message()

    async def PlanCampaign(
        self,
        request: campaigns_pb2.PlanCampaignRequest,
        context: object,  # noqa: ARG002
    ) -> campaigns_pb2.Plan:
        """Says what would be done."""
        _match(_PROJECT, request.parent, "parent", "projects/{project}")
        return plan_message(await asyncio.to_thread(plan, admitted(decode_brief(request.brief))))

    async def GetCampaign(
        self,
        request: campaigns_pb2.GetCampaignRequest,
        context: object,  # noqa: ARG002
    ) -> campaigns_pb2.Campaign:
        """Reads one."""
        return (await self._campaigns.live(_campaign(request.name))).message()

    async def ListCampaigns(
        self,
        request: campaigns_pb2.ListCampaignsRequest,
        context: object,  # noqa: ARG002
    ) -> campaigns_pb2.ListCampaignsResponse:
        """Lists a project's."""
        project = _match(_PROJECT, request.parent, "parent", "projects/{project}")
        size = _page_size(request.page_size)
        rows = await self._campaigns.page(project, before_id=_token(request.page_token), size=size + 1)
        response = campaigns_pb2.ListCampaignsResponse(
            campaigns=[await self._campaigns.summary(row) for row in rows[:size]]
        )
        if len(rows) > size:
            response.next_page_token = f"before-{rows[size - 1].id}"
        return response

    async def WatchCampaign(
        self,
        request: campaigns_pb2.WatchCampaignRequest,
        context: object,  # noqa: ARG002
    ) -> AsyncIterator[campaigns_pb2.Campaign]:
        """Streams states."""
        async for snapshot in self._campaigns.watch(_campaign(request.name)):
            yield snapshot

    async def CancelCampaign(
        self,
        request: campaigns_pb2.CancelCampaignRequest,
        context: object,  # noqa: ARG002
    ) -> campaigns_pb2.Campaign:
        """Stops one."""
        live = await self._campaigns.cancel(_campaign(request.name), _request_id(request.request_id))
        return live.message()

    async def DecideHeroes(
        self,
        request: campaigns_pb2.DecideHeroesRequest,
        context: object,  # noqa: ARG002
    ) -> campaigns_pb2.Campaign:
        """Takes decisions."""
        live = await self._campaigns.decide(
            _campaign(request.name),
            [_decision(item, f"decisions[{index}]") for index, item in enumerate(request.decisions)],
            by=_person(request.decided_by),
            request_id=_request_id(request.request_id),
        )
        return live.message()

    async def ListDecisions(
        self,
        request: campaigns_pb2.ListDecisionsRequest,
        context: object,  # noqa: ARG002
    ) -> campaigns_pb2.ListDecisionsResponse:
        """The audit trail."""
        name = _match(_CAMPAIGN, request.parent, "parent", "projects/{project}/campaigns/{campaign}")
        size = _page_size(request.page_size)
        found = await self._campaigns.decisions(name, before_id=_token(request.page_token), size=size + 1)
        response = campaigns_pb2.ListDecisionsResponse(
            decisions=[
                campaigns_pb2.DecisionRecord(lane=item.lane, approval=item.approval, genuine=item.genuine)
                for item in found[:size]
            ]
        )
        if len(found) > size:
            response.next_page_token = f"before-{found[size - 1].id}"
        return response


def _match(pattern: re.Pattern[str], value: str, field: str, form: str) -> str:
    if not pattern.fullmatch(value):
        raise InvalidInput.at(field, f"{value!r} is not a name", f"use the form {form}")
    return value


def _campaign(name: str) -> str:
    return _match(_CAMPAIGN, name, "name", "projects/{project}/campaigns/{campaign}")


def _request_id(value: str) -> str:
    return _match(_REQUEST_ID, value, "request_id", "1 to 64 letters, digits, `-`, `_`, `.`")


def _person(value: str) -> str:
    name = value.strip()
    if not name or len(name) > 200 or any(ord(character) < 32 for character in name):
        problem = "is empty, longer than 200 characters or has control characters"
        raise InvalidInput.at("decided_by", problem, "say who decides")
    if name.lower().startswith("policy:"):
        raise InvalidInput.at(
            "decided_by", f"{name!r} is a policy, which decides by itself", "say which person decides"
        )
    return name


def _page_size(value: int) -> int:
    if not 0 <= value <= MAX_PAGE:
        raise InvalidInput.at("page_size", f"{value} is out of range", f"use 1 to {MAX_PAGE}, or 0 for {DEFAULT_PAGE}")
    return value or DEFAULT_PAGE


def _token(value: str) -> int | None:
    if not value:
        return None
    found = re.fullmatch(r"before-([1-9][0-9]{0,17})", value)
    if not found:
        raise InvalidInput.at("page_token", "is not one of ours", "use next_page_token of the page before")
    return int(found[1])


def _decision(message: campaigns_pb2.HeroDecision, field: str) -> Decision:
    if message.decision not in _DECISIONS:
        known = ", ".join(map(campaigns_pb2.Decision.Name, _DECISIONS))
        raise InvalidInput.at(f"{field}.decision", f"is {message.decision}", f"say one of {known}")
    if len(message.note) > 500:
        raise InvalidInput.at(f"{field}.note", f"has {len(message.note)} characters", "use at most 500")
    return Decision(message.lane, message.hero_digest, message.decision, message.note)
