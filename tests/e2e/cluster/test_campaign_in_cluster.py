"""A campaign inside a cluster: submitted from a pod, made by pods, delivered to an S3 server, over mutual TLS."""

from __future__ import annotations

import time

import pytest

from support.charts import NAMESPACE, RELEASE
from support.cluster_run import Run, brief, in_client, log_of, videos
from support.real_cluster import Cluster, all_ready
from support.umbrella import until

TLS = [f"FIRSTFRAME_CLI_TLS__{name}" for name in ("CERTIFICATE", "KEY", "CA")]
WITHOUT_CERTIFICATE = ("env", *(part for name in TLS for part in ("-u", name)))

pytestmark = pytest.mark.timeout(2400)


def test_every_service_is_reached_by_name(cluster: Cluster) -> None:
    assert "Succeeded" in cluster.helm("test", RELEASE, "--logs")


def test_a_campaign_runs_to_finished_videos(cluster: Cluster) -> None:
    Run(cluster, "first", brief("first", 1)).finish()

    found = videos(cluster, "first")
    assert list(found) == ["first_bottle-1_9x16_tiktok.mp4"]
    width, height, frames = found["first_bottle-1_9x16_tiktok.mp4"]
    assert (width, height) == (1080, 1920)
    assert frames >= 72
    # The stages spoke with the orchestrator over TLS: without a certificate nobody is listened to.
    assert "CALLER_NOT_ALLOWED" not in log_of(cluster, "imagegen")
    assert "TLS" in in_client(cluster, *WITHOUT_CERTIFICATE, "firstframe", "status", "first", check=False)


def test_pods_that_die_delay_a_campaign_and_lose_nothing(cluster: Cluster) -> None:
    run = Run(cluster, "second", brief("second", 2))
    until(lambda: run.seen("still") or run.seen("hero"), "the hero's making", 120)

    kill(cluster, "imagegen")
    time.sleep(5)
    kill(cluster, "orchestrator")
    until(lambda: all_ready(cluster), "the return of all pods", 300)
    before = restarts(cluster)
    cluster.kubectl("exec", "-n", NAMESPACE, f"{RELEASE}-postgres-0", "--", "sh", "-c", "kill -QUIT 1", check=False)
    run.finish()

    assert list(videos(cluster, "second")) == ["second_bottle-1_9x16_tiktok.mp4"]
    assert restarts(cluster) > before


def kill(cluster: Cluster, service: str) -> None:
    """Takes a service's pod away without notice."""
    for pod in cluster.pods(service):
        cluster.kubectl("delete", "pod", pod["metadata"]["name"], "-n", NAMESPACE, "--grace-period=0", "--force")


def restarts(cluster: Cluster) -> int:
    """How often Postgres began anew in its pod."""
    return int(cluster.pods("postgres")[0]["status"]["containerStatuses"][0]["restartCount"])
