"""Who may call what: names in certificates stand for roles, and each gRPC service takes calls from some roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

Role = Literal["orchestrator", "gateway", "operator", "client"]
"""What a caller is: `operator` is a person who looks after the stages, `client` a program that submits campaigns."""

ROLES: frozenset[Role] = frozenset(get_args(Role))

_STAGE_CALLERS: frozenset[Role] = frozenset({"orchestrator", "operator"})
_CAMPAIGN_CALLERS: frozenset[Role] = frozenset({"gateway", "client"})

OPEN = frozenset({"grpc.health.v1.Health"})
"""Services that take calls from anybody with a valid certificate."""

CALLERS: Mapping[str, frozenset[Role]] = {
    "firstframe.api.imagegen.v1.ImageGenService": _STAGE_CALLERS,
    "firstframe.api.animation.v1.AnimationService": _STAGE_CALLERS,
    "firstframe.api.upscaling.v1.UpscalingService": _STAGE_CALLERS,
    "firstframe.api.stitching.v1.StitchingService": _STAGE_CALLERS,
    "firstframe.api.campaigns.v1.CampaignService": _CAMPAIGN_CALLERS,
    "grpc.reflection.v1alpha.ServerReflection": ROLES,
}
"""Roles that may call each service; a service that is not named here takes calls from nobody."""


@dataclass(frozen=True, slots=True)
class RoleNames:
    """Which names (DNS and URI SANs) stand for which role."""

    domain: str
    """`orchestrator.<domain>` is the role `orchestrator`, and so on; `imagegen.<domain>` is what that server must show."""
    others: Mapping[str, Role] = field(default_factory=dict)
    """Further names."""

    def roles(self, names: Iterable[str]) -> frozenset[Role]:
        """Roles of a certificate with these names."""
        found = (self._role(name) for name in names)
        return frozenset(role for role in found if role)

    def of(self, service: str) -> str:
        """The name that a service is known by."""
        return f"{service}.{self.domain}"

    def _role(self, name: str) -> Role | None:
        known = {self.of(role): role for role in ROLES} | dict(self.others)
        return known.get(name)
