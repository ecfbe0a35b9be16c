"""CampaignService: decodes, calls the domain, encodes."""

from __future__ import annotations

from collections.abc import AsyncIterator

from firstframe.api.campaigns.v1 import campaigns_pb2, campaigns_pb2_grpc
from firstframe.core.errors import InvalidInput
from firstframe.orchestrator.approvals import Decision
from firstframe.orchestrator.campaigns import Campaigns
from firstframe.orchestrator.encode import plan_message, use_message
from firstframe.orchestrator.naming import (
    campaign_named,
    page_size,
    page_token,
    person_named,
    project_named,
    request_named,
)

_DECISIONS = (
    campaigns_pb2.DECISION_APPROVED,
    campaigns_pb2.DECISION_REJECTED,
    campaigns_pb2.DECISION_VARIATION,
)


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
        project = project_named(request.parent)
        live = await self._campaigns.create(project, request.brief, request_named(request.request_id))
        return await self._campaigns.shown(live)

    async def PlanCampaign(
        self,
        request: campaigns_pb2.PlanCampaignRequest,
        context: object,  # noqa: ARG002
    ) -> campaigns_pb2.Plan:
        """Says what would be done."""
        return plan_message(await self._campaigns.plan(project_named(request.parent), request.brief))

    async def GetCampaign(
        self,
        request: campaigns_pb2.GetCampaignRequest,
        context: object,  # noqa: ARG002
    ) -> campaigns_pb2.Campaign:
        """Reads one."""
        return await self._campaigns.shown(await self._campaigns.live(campaign_named(request.name)))

    async def ListCampaigns(
        self,
        request: campaigns_pb2.ListCampaignsRequest,
        context: object,  # noqa: ARG002
    ) -> campaigns_pb2.ListCampaignsResponse:
        """Lists a project's."""
        project = project_named(request.parent)
        size = page_size(request.page_size)
        rows = await self._campaigns.page(project, before_id=page_token(request.page_token), size=size + 1)
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
        async for snapshot in self._campaigns.watch(campaign_named(request.name)):
            yield snapshot

    async def CancelCampaign(
        self,
        request: campaigns_pb2.CancelCampaignRequest,
        context: object,  # noqa: ARG002
    ) -> campaigns_pb2.Campaign:
        """Stops one."""
        live = await self._campaigns.cancel(campaign_named(request.name), request_named(request.request_id))
        return await self._campaigns.shown(live)

    async def DecideHeroes(
        self,
        request: campaigns_pb2.DecideHeroesRequest,
        context: object,  # noqa: ARG002
    ) -> campaigns_pb2.Campaign:
        """Takes decisions."""
        live = await self._campaigns.decide(
            campaign_named(request.name),
            [_decision(item, f"decisions[{index}]") for index, item in enumerate(request.decisions)],
            by=person_named(request.decided_by, "decided_by"),
            request_id=request_named(request.request_id),
        )
        return await self._campaigns.shown(live)

    async def ListDecisions(
        self,
        request: campaigns_pb2.ListDecisionsRequest,
        context: object,  # noqa: ARG002
    ) -> campaigns_pb2.ListDecisionsResponse:
        """The audit trail."""
        name = campaign_named(request.parent, "parent")
        size = page_size(request.page_size)
        found = await self._campaigns.decisions(name, before_id=page_token(request.page_token), size=size + 1)
        response = campaigns_pb2.ListDecisionsResponse(
            decisions=[
                campaigns_pb2.DecisionRecord(lane=item.lane, approval=item.approval, genuine=item.genuine)
                for item in found[:size]
            ]
        )
        if len(found) > size:
            response.next_page_token = f"before-{found[size - 1].id}"
        return response

    async def ListRecipeUses(
        self,
        request: campaigns_pb2.ListRecipeUsesRequest,
        context: object,  # noqa: ARG002
    ) -> campaigns_pb2.ListRecipeUsesResponse:
        """Which campaigns use which recipes."""
        project = project_named(request.parent)
        size = page_size(request.page_size)
        before = page_token(request.page_token)
        found = await self._campaigns.recipe_uses(project, request.recipe, before_id=before, size=size + 1)
        response = campaigns_pb2.ListRecipeUsesResponse(uses=[use_message(item) for item in found[:size]])
        if len(found) > size:
            response.next_page_token = f"before-{found[size - 1].id}"
        return response


def _decision(message: campaigns_pb2.HeroDecision, field: str) -> Decision:
    if message.decision not in _DECISIONS:
        known = ", ".join(map(campaigns_pb2.Decision.Name, _DECISIONS))
        raise InvalidInput.at(f"{field}.decision", f"is {message.decision}", f"say one of {known}")
    if len(message.note) > 500:
        raise InvalidInput.at(f"{field}.note", f"has {len(message.note)} characters", "use at most 500")
    return Decision(message.lane, message.hero_digest, message.decision, message.note)
