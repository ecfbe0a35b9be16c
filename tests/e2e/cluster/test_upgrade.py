"""A new version and back again while a campaign runs."""

from __future__ import annotations

import json

import pytest

from support.charts import RELEASE, SERVICES
from support.cluster_run import Run, brief, log_of, metric, videos
from support.real_cluster import Cluster, all_ready, install_local, tag_images
from support.umbrella import until

HEROES = 4
WAIT_S = 400

pytestmark = pytest.mark.timeout(1800)


def versions(cluster: Cluster) -> set[str]:
    """Tags of the services' images that run."""
    pods = [pod for service in SERVICES for pod in cluster.pods(service)]
    return {one["image"].rpartition(":")[2] for pod in pods for one in pod["spec"]["containers"]}


def test_a_campaign_goes_on_over_an_upgrade_and_a_rollback(cluster: Cluster) -> None:
    tag_images(cluster, "0.2.0")
    assert versions(cluster) == {"0.1.0"}
    run = Run(cluster, "carried", brief("carried", 21, heroes=HEROES))
    until(lambda: run.seen("still"), "the first still", 120)

    install_local(cluster, {f"{service}.image.tag": "0.2.0" for service in SERVICES}, verb="upgrade")
    until(lambda: versions(cluster) == {"0.2.0"} and all_ready(cluster), "the new version", WAIT_S)
    assert run.going_on
    assert not run.seen('"event": "library"')

    cluster.helm("rollback", RELEASE)
    until(lambda: versions(cluster) == {"0.1.0"} and all_ready(cluster), "the old version", WAIT_S)
    run.finish()

    assert len(videos(cluster, "carried")) == HEROES
    states = [one["status"] for one in json.loads(cluster.helm("history", RELEASE, "-o", "json"))]
    assert states[-1] == "deployed"


def test_a_campaign_waits_for_a_stage_that_lacks_a_call_until_it_is_upgraded(cluster: Cluster) -> None:
    install_local(cluster, {"imagegen.image.name": "test-old-imagegen"}, verb="upgrade")
    run = Run(cluster, "early", brief("early", 2, heroes=2))

    missing = 'firstframe_dispatch_missing_calls{stage="imagegen"}'
    until(lambda: metric(cluster, "orchestrator", missing) == 1, "the call that is missing", 120)
    assert run.going_on
    (told,) = [line for line in log_of(cluster, "orchestrator").splitlines() if "does not have the call" in line]
    assert json.loads(told)["method"] == "firstframe.api.imagegen.v1.ImageGenService/CheckHero"
    assert json.loads(told)["version"] == "0.0.9"

    install_local(cluster, verb="upgrade")
    run.finish()

    assert len(videos(cluster, "early")) == 2
    assert metric(cluster, "orchestrator", missing) == 0
