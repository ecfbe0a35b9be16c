"""Every query of a dashboard and every alert, asked of a real Prometheus that scraped a real run."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from firstframe.api.campaigns.v1 import campaigns_pb2
from support.metrics import registered
from support.orchestrator import World, small_brief
from support.prometheus import Prometheus, running_prometheus
from support.stage_process import StageProcess

ROOT = Path(__file__).parents[3]
BOARDS = ROOT / "deploy" / "helm" / "dashboards"
RULES = ROOT / "deploy" / "helm" / "alerts" / "firstframe.yaml"
NAMESPACE = "campaigns"
SETTLED_S = 60
NOT_IN_THIS_RUN = {
    "firstframe_model_healthy": "no models are mounted",
    "firstframe_model_request_seconds": "no models are mounted",
    "firstframe_model_requests_total": "no models are mounted",
    "firstframe_model_retries_total": "no models are mounted",
    "firstframe_pool_ready_count": "pools are folders, not a cluster",
    "firstframe_pool_watch_failures_total": "pools are folders, not a cluster",
    "firstframe_tls_reloads_total": "services speak plain gRPC",
    "firstframe_dispatch_requeues_total": "nothing failed",
    "firstframe_stage_rejected_total": "no server was full",
    "firstframe_stage_work_seconds": "the stages of this run are stand-ins; the real one had no work",
}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    with StageProcess("stitching", tmp_path_factory.mktemp("stage")) as made:
        yield made


async def run_campaign(world: World) -> None:
    try:
        await world.open()
        campaign = await world.create(small_brief(heroes=2))
        await world.until(campaign.name, campaigns_pb2.CAMPAIGN_STATE_SUCCEEDED)
    finally:
        await world.leave()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("world"))
    try:
        asyncio.run(run_campaign(made))
        yield made
    finally:
        made.orchestrator.close()


@pytest.fixture(scope="module")
def prometheus(world: World, stage: StageProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    told = json.loads((world.folder / "orchestrator.json").read_text())
    targets = {"orchestrator": told["metrics"], "stitching": stage.metrics}
    with running_prometheus(tmp_path_factory.mktemp("prometheus"), targets, labels={"namespace": NAMESPACE}) as made:
        end = time.monotonic() + SETTLED_S
        while len(made.query("firstframe_rpc_total") or []) == 0 or len(made.query("up == 1")) < len(targets):
            assert time.monotonic() < end
            time.sleep(0.2)
        yield made


def expressions() -> dict[str, str]:
    found = {}
    for path in sorted(BOARDS.glob("*.json")):
        for panel in json.loads(path.read_text())["panels"]:
            for target in panel["targets"]:
                found[f"{path.stem}: {panel['title']}: {target['refId']}"] = target["expr"]
    rules: list[dict[str, Any]] = [
        rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]
    ]
    return found | {rule.get("alert") or rule["record"]: rule["expr"] for rule in rules}


@pytest.mark.parametrize("name", expressions())
def test_prometheus_answers_every_query(prometheus: Prometheus, name: str) -> None:
    text = expressions()[name].replace("$__rate_interval", "1m").replace("$namespace", NAMESPACE)

    prometheus.query(re.sub(r"\$stage", "stitching", text))


@pytest.mark.parametrize("metric", registered(), ids=lambda one: one.name)
def test_every_metric_was_exported_by_a_running_service(prometheus: Prometheus, metric: Any) -> None:
    name = metric.name + ("_count" if metric.kind == "histogram" else "")

    found = prometheus.query(name)

    assert bool(found) != (metric.name in NOT_IN_THIS_RUN), NOT_IN_THIS_RUN.get(metric.name, "nobody exported it")
