from __future__ import annotations

import pytest

from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.api.stitching.v1 import stitching_pb2
from firstframe.api.upscaling.v1 import upscaling_pb2
from firstframe.runtime.roles import CALLERS, OPEN, RoleNames

STAGES = (imagegen_pb2, animation_pb2, upscaling_pb2, stitching_pb2)
NAMES = RoleNames("staging.svc", {"spiffe://example.org/batch": "client"})


def services(module: object) -> set[str]:
    return {service.full_name for service in module.DESCRIPTOR.services_by_name.values()}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("names", "roles"),
    [
        (["orchestrator.staging.svc"], {"orchestrator"}),
        (["imagegen.staging.svc"], set()),
        (["orchestrator.production.svc"], set()),
        (["*.staging.svc"], set()),
        (["x.orchestrator.staging.svc", "orchestrator"], set()),
        (["spiffe://example.org/batch", "operator.staging.svc"], {"client", "operator"}),
        (["spiffe://example.org/batch/more"], set()),
        ([], set()),
    ],
)
def test_names_stand_for_roles_only_when_they_are_equal(names: list[str], roles: set[str]) -> None:
    assert NAMES.roles(names) == roles


def test_a_stage_is_called_by_the_orchestrator_and_by_who_looks_after_it() -> None:
    for module in STAGES:
        for service in services(module):
            assert CALLERS[service] == {"orchestrator", "operator"}


def test_campaigns_are_submitted_through_the_gateway_or_by_a_client() -> None:
    for service in services(campaigns_pb2):
        assert CALLERS[service] == {"gateway", "client"}


def test_health_alone_is_open() -> None:
    assert list(OPEN) == ["grpc.health.v1.Health"]
    assert not OPEN & set(CALLERS)
