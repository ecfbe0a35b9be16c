"""KEDA is asked for as many pods as the backlog needs."""

from __future__ import annotations

from math import ceil

import pytest

from support.charts import RELEASE, STAGES, Object, of_kind, render


def scaled(objects: list[Object], name: str) -> Object:
    spec: Object = of_kind(objects, "ScaledObject")[f"{RELEASE}-{name}"]["spec"]
    return spec


@pytest.mark.parametrize("stage", STAGES)
def test_pods_are_the_backlog_over_the_time_that_is_left(stage: str) -> None:
    spec = scaled(render("staging"), stage)
    (trigger,) = spec["triggers"]

    assert trigger["metricType"] == "AverageValue"
    assert trigger["metadata"]["query"] == (
        f'sum(firstframe_dispatch_backlog_gpu_seconds{{stage="{stage}",namespace="campaigns"}})'
    )
    # 1000 GPU-seconds, which may wait for 300 s where a pod takes 120 s to come.
    assert ceil(1000 / float(trigger["metadata"]["threshold"])) == ceil(1000 / (300 - 120))
    assert (spec["minReplicaCount"], spec["scaleTargetRef"]) == (0, {"name": f"{RELEASE}-{stage}"})


def test_pods_come_at_once_and_go_one_by_one() -> None:
    behaviour = scaled(render("staging"), "imagegen")["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]

    assert behaviour["scaleUp"]["stabilizationWindowSeconds"] == 0
    assert behaviour["scaleDown"] == {
        "stabilizationWindowSeconds": 600,
        "policies": [{"type": "Pods", "value": 1, "periodSeconds": 120}],
    }


def test_what_keda_scales_has_no_number_of_its_own() -> None:
    objects = of_kind(render("staging"), "Deployment")
    fixed = of_kind(
        render("staging", {"imagegen.autoscaling": {"enabled": False}, "imagegen.replicas": 3}), "Deployment"
    )

    assert "replicas" not in objects[f"{RELEASE}-imagegen"]["spec"]
    assert fixed[f"{RELEASE}-imagegen"]["spec"]["replicas"] == 3


def test_spot_pods_take_what_goes_beyond_the_on_demand_ones() -> None:
    objects = render("production")
    (trigger,) = scaled(objects, "animation-spot")["triggers"]
    deployment = of_kind(objects, "Deployment")[f"{RELEASE}-animation-spot"]["spec"]

    # Eight on-demand pods, each of which carries 600 - 240 s.
    assert trigger["metadata"]["query"].startswith("clamp_min(sum(")
    assert trigger["metadata"]["query"].endswith(f" - {8 * (600 - 240)}, 0)")
    template = deployment["template"]
    assert template["spec"]["nodeSelector"] == {
        "firstframe.dev/pool": "animation",
        "firstframe.dev/capacity": "spot",
    }
    assert {"key": "firstframe.dev/capacity", "operator": "Equal", "value": "spot", "effect": "NoSchedule"} in (
        template["spec"]["tolerations"]
    )
    assert template["metadata"]["labels"]["firstframe.dev/stage"] == "animation"
    service = of_kind(objects, "Service")[f"{RELEASE}-animation"]["spec"]
    assert service["selector"].items() <= template["metadata"]["labels"].items()
