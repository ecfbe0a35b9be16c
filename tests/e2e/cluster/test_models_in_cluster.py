"""Learned models in a pod: packs on a volume, a repository written by a step, Triton beside the stage."""

from __future__ import annotations

import base64

import pytest

from support.charts import ROOT
from support.cluster_models import with_models
from support.cluster_run import Run, in_client, metric, videos
from support.real_cluster import Cluster, all_ready, kill_container
from support.umbrella import Object, until

PHOTO = ROOT / "examples" / "inputs" / "dandelion.jpg"
BRIEF = """
campaign: photographed
seed: 9
heroes:
  - {name: dandelion, photo: /scratch/dandelion.jpg}
formats: ["1:1"]
motion: {recipe: slow-push, seconds: 3, fps: 24}
deliver: [instagram-feed]
approval: auto
quality: draft
"""

pytestmark = pytest.mark.timeout(1500)


@pytest.fixture(scope="module", autouse=True)
def release(cluster: Cluster) -> None:
    with_models(cluster)


def triton_of(cluster: Cluster) -> Object:
    (pod,) = cluster.pods("imagegen")
    found: Object = next(one for one in pod["status"]["initContainerStatuses"] if one["name"] == "triton")
    return found


def test_triton_computes_beside_the_stage_before_it_is_ready(cluster: Cluster) -> None:
    assert triton_of(cluster)["ready"]
    assert metric(cluster, "imagegen", "firstframe_model_healthy") == 1


def test_a_photograph_is_cut_out_by_the_models_of_the_pod(cluster: Cluster) -> None:
    if not PHOTO.is_file():
        pytest.skip(f"there is no {PHOTO}; `make inputs` fetches it")
    write = "import base64, sys; open('/scratch/dandelion.jpg', 'wb').write(base64.b64decode(sys.stdin.read()))"
    in_client(cluster, "python3", "-c", write, stdin=base64.b64encode(PHOTO.read_bytes()).decode())
    asked = 'firstframe_model_requests_total{code="OK"'
    before = metric(cluster, "imagegen", asked)

    Run(cluster, "photographed", BRIEF).finish()

    assert metric(cluster, "imagegen", asked) > before
    assert len(videos(cluster, "photographed")) == 1


def test_a_server_that_dies_takes_the_pod_out_of_service_until_it_computes_again(cluster: Cluster) -> None:
    before = triton_of(cluster)["restartCount"]
    kill_container(cluster, triton_of(cluster))

    until(lambda: triton_of(cluster)["restartCount"] > before, "Triton's restart", 120)
    until(lambda: all_ready(cluster), "the pod's return", 180)
    until(lambda: metric(cluster, "imagegen", "firstframe_model_healthy") == 1, "the canary's run", 60)
