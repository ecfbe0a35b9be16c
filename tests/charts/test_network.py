"""The edges that network policies open are exactly those of the design."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from support.charts import ENVIRONMENTS, RELEASE, SERVICES, STAGES, Object, of_kind, pod_templates, render

Edge = tuple[str, str, Any]
"""From, to, port."""
OUTSIDE_STORE, OUTSIDE_POSTGRES, API_SERVER = "store", "postgres", "api-server"


def edges_of_the_design(environment: str) -> set[Edge]:
    """DESIGN, section 2: who talks to whom."""
    local = environment == "local"
    clients = {"client"} if local else set()
    store: Edge = ("", "s3", 7070) if local else ("", OUTSIDE_STORE, 443)
    found: set[Edge] = {("orchestrator", stage, "grpc") for stage in STAGES}
    found |= {(client, "orchestrator", "grpc") for client in clients}
    found |= {(one, store[1], store[2]) for one in (*SERVICES, *clients)}
    found |= {(one, "dns", 53) for one in (*SERVICES, *clients)}
    found |= {(one, "postgres", 5432) for one in ("orchestrator", "orchestrator-migrate")}
    found.add(("orchestrator-migrate", "dns", 53))
    found |= {("orchestrator", API_SERVER, port) for port in (443, 6443)}
    if not local:
        found |= {(one, "collector", 4317) for one in SERVICES}
    if environment == "production":
        found |= {(one, "collector", 4318) for one in ("imagegen", "animation")}
        found |= {(f"{one}-engines", target, port) for one in ("imagegen", "animation")
                  for target, port in (("dns", 53), (OUTSIDE_STORE, 443), ("collector", 4317), ("packs", 443))}  # fmt: skip
    return found


def names(selector: Object) -> list[str]:
    """Services that a selector of pods means."""
    labels = selector.get("matchLabels", {})
    if "app.kubernetes.io/name" in labels:
        return [labels["app.kubernetes.io/name"]]
    for one in selector.get("matchExpressions", []):
        assert one["operator"] == "In"
        return list(one["values"])
    return ["*"]


def egress(objects: list[Object]) -> Iterator[Edge]:
    for policy in of_kind(objects, "NetworkPolicy").values():
        (source,) = names(policy["spec"]["podSelector"])
        seen_443 = False
        for rule in policy["spec"].get("egress", []):
            for port in rule["ports"]:
                for target in targets(rule, port["port"], source, again=seen_443):
                    yield source, target, port["port"]
            seen_443 = seen_443 or any(port["port"] == 443 for port in rule["ports"])


def targets(rule: Object, port: Any, source: str, *, again: bool) -> list[str]:
    if "to" not in rule:
        second = "packs" if source.endswith("-engines") else API_SERVER
        outside = {443: second if again else OUTSIDE_STORE, 5432: OUTSIDE_POSTGRES, 6443: API_SERVER}
        outside |= {4317: "collector", 4318: "collector"}
        return [outside[port]]
    (peer,) = rule["to"]
    if "namespaceSelector" in peer:
        assert peer["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": "kube-system"}
        return ["dns"]
    return names(peer["podSelector"])


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_services_reach_what_the_design_says_and_nothing_else(environment: str) -> None:
    found = {edge for edge in egress(render(environment)) if edge[0] not in {"test", "*"}}

    wanted = edges_of_the_design(environment)
    if environment == "local":
        # Without a server of one's own nothing outside is opened but the API server.
        wanted = {edge for edge in wanted if edge[1] != OUTSIDE_STORE}
        found = {(a, API_SERVER if (b, c) == (OUTSIDE_STORE, 443) else b, c) for a, b, c in found}
    assert found == wanted


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_services_take_calls_from_those_the_design_names(environment: str) -> None:
    objects = render(environment)
    found = set()
    for policy in of_kind(objects, "NetworkPolicy").values():
        (target,) = names(policy["spec"]["podSelector"])
        for rule in policy["spec"].get("ingress", []):
            for peer in rule["from"]:
                labels = peer.get("podSelector", {}).get("matchLabels", {})
                source = labels.get("app.kubernetes.io/name") or next(iter(labels), "")
                source = source or peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
                found |= {(source, target, port["port"]) for port in rule["ports"]}
    wanted = {("orchestrator", stage, "grpc") for stage in STAGES}
    wanted |= {("firstframe.dev/client", "orchestrator", "grpc")}
    wanted |= {("monitoring", service, "metrics") for service in SERVICES}
    if environment == "production":
        wanted |= {("monitoring", stage, "triton-metrics") for stage in ("imagegen", "animation")}
    if environment == "local":
        wanted |= {(one, "postgres", 5432) for one in ("orchestrator", "orchestrator-migrate")}
        wanted |= {(one, "s3", 7070) for one in (*SERVICES, "client")}
    assert found == wanted


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_whatever_has_no_policy_of_its_own_is_cut_off(environment: str) -> None:
    objects = render(environment)
    policies = of_kind(objects, "NetworkPolicy")
    deny = policies[f"{RELEASE}-default-deny"]["spec"]

    assert deny == {
        "podSelector": {"matchLabels": {"app.kubernetes.io/instance": RELEASE}},
        "policyTypes": ["Ingress", "Egress"],
    }
    for name, template in pod_templates(objects).items():
        assert template["metadata"]["labels"]["app.kubernetes.io/instance"] == RELEASE, name
    assert all(one["spec"]["policyTypes"] == ["Ingress", "Egress"] for one in policies.values())


def test_triton_has_no_port_for_inference() -> None:
    for template in pod_templates(render("production")).values():
        for one in template["spec"].get("initContainers", []):
            assert {port["name"] for port in one.get("ports", [])} <= {"triton-metrics"}


def test_a_stage_that_fetches_its_packs_itself_reaches_their_sources_and_no_other_does() -> None:
    packs = {"imagegen.models": {"packs": ["isnet-matting"]}}
    before, after = set(egress(render("staging"))), set(egress(render("staging", packs)))

    assert after - before == {("imagegen", API_SERVER, 443)}  # the second rule for 443
    kept = {"imagegen.models": {"packs": ["isnet-matting"], "volume": {"existingClaim": "packs"}}}
    assert set(egress(render("staging", kept))) == before


def test_policies_can_be_left_out_where_there_is_no_engine_for_them() -> None:
    objects = render("local", {"global.network": {"enabled": False}})

    assert not of_kind(objects, "NetworkPolicy")
