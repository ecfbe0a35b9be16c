"""The release on a real control plane: placement, GPUs, budgets, priorities, upgrade, rollback, uninstallation."""

from __future__ import annotations

import asyncio
import base64
import json
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from firstframe.adapters.clock import SystemClock
from firstframe.adapters.kubernetes import ApiServer, EndpointSlicePools, ServicePort
from firstframe.orchestrator.dispatcher import Dispatcher
from support.charts import NAMESPACE, RELEASE, SERVICES, STAGES
from support.stand_in import StandIn
from support.umbrella import Cluster, Object, call_ready_again, install, is_ready, simulated_cluster, until

GPU = "nvidia.com/gpu"
REPLICAS = {"imagegen": 3, "animation": 2, "upscaling": 2, "stitching": 1, "orchestrator": 1}
FIXED = tuple(f"{stage}.replicas={REPLICAS[stage]}" for stage in STAGES)

pytestmark = pytest.mark.timeout(400)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with simulated_cluster(tmp_path_factory.mktemp("kube") / "state") as found:
        found.apply(quota(gpus=12))
        yield found


@pytest.fixture
def release(cluster: Cluster) -> Iterator[Cluster]:
    install(cluster, *FIXED)
    until(lambda: settled(cluster), "the release", said=lambda: about(cluster))
    yield cluster
    cluster.helm("uninstall", RELEASE, "--wait", check=False)
    until(lambda: not cluster.pods(), "the end of all pods")


def quota(gpus: int) -> Object:
    hard = {f"requests.{GPU}": str(gpus), "pods": "40", "requests.memory": "200Gi", "limits.memory": "200Gi"}
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "firstframe", "namespace": NAMESPACE},
        "spec": {"hard": hard},
    }


def settled(cluster: Cluster) -> bool:
    call_ready_again(cluster)
    return all(
        len(pods := cluster.pods(service)) == REPLICAS[service] and all(map(is_ready, pods)) for service in SERVICES
    )


def node_of(pod: Object) -> str:
    return str(pod["spec"]["nodeName"])


def gpus_of(pod: Object) -> int:
    return sum(int(one["resources"].get("limits", {}).get(GPU, 0)) for one in pod["spec"]["containers"])


def pool_of(cluster: Cluster, node: str) -> str:
    (found,) = [one for one in cluster.get("nodes", namespace="default") if one["metadata"]["name"] == node]
    return str(found["metadata"]["labels"]["firstframe.dev/pool"])


def test_every_pod_is_on_its_own_pool_and_gpus_are_counted(release: Cluster) -> None:
    for service in SERVICES:
        wanted = "general" if service == "orchestrator" else service
        assert {pool_of(release, node_of(pod)) for pod in release.pods(service)} == {wanted}
    used = {stage: sum(map(gpus_of, release.pods(stage))) for stage in STAGES}
    assert used == {stage: REPLICAS[stage] for stage in STAGES}
    (found,) = [one for one in release.get("resourcequota") if one["metadata"]["name"] == "firstframe"]
    assert int(found["status"]["used"][f"requests.{GPU}"]) == sum(used.values())
    # Spread over both nodes, not piled on one.
    assert len({node_of(pod) for pod in release.pods("imagegen")}) == 2


def test_more_gpus_than_the_pool_has_wait(release: Cluster) -> None:
    release.kubectl("scale", "-n", NAMESPACE, f"deployment/{RELEASE}-stitching", "--replicas=3")

    def waits() -> bool:
        pods = release.pods("stitching")
        return len(pods) == 3 and sum(is_ready(pod) for pod in pods) == 2

    until(waits, "two stitching pods on two GPUs")
    (waiting,) = [pod for pod in release.pods("stitching") if not is_ready(pod)]
    (condition,) = [one for one in waiting["status"]["conditions"] if one["type"] == "PodScheduled"]
    assert condition["reason"] == "Unschedulable"
    assert f"Insufficient {GPU}" in condition["message"]


def test_the_quota_stops_what_goes_beyond_it(release: Cluster) -> None:
    release.kubectl("scale", "-n", NAMESPACE, f"deployment/{RELEASE}-animation", "--replicas=9")

    def refused() -> bool:
        events = release.get("events")
        return any("exceeded quota" in one.get("message", "") for one in events)

    until(refused, "the quota's refusal")
    assert sum(map(gpus_of, release.pods())) <= 12


def evict(cluster: Cluster, pod: Object) -> str:
    name = pod["metadata"]["name"]
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": NAMESPACE}}
    path = f"/api/v1/namespaces/{NAMESPACE}/pods/{name}/eviction"
    return cluster.kubectl("create", "--raw", path, "-f", "-", stdin=json.dumps(body), check=False)


def test_a_budget_of_none_refuses_evictions(release: Cluster) -> None:
    install(release, *FIXED, "imagegen.disruption.maxUnavailable=0", verb="upgrade")
    until(lambda: budget(release)["disruptionsAllowed"] == 0 and budget(release)["expectedPods"] == 3, "the budget")

    assert "Cannot evict pod as it would violate the pod's disruption budget" in evict(
        release, release.pods("imagegen")[0]
    )


def budget(cluster: Cluster) -> Object:
    (found,) = [one for one in cluster.get("pdb") if one["metadata"]["name"] == f"{RELEASE}-imagegen"]
    return {"disruptionsAllowed": -1, "expectedPods": -1} | found.get("status", {})


def test_a_drained_node_gives_its_pods_to_the_pools_other_node(release: Cluster) -> None:
    until(lambda: budget(release)["disruptionsAllowed"] == 1, "the budget")
    node = node_of(release.pods("imagegen")[0])
    try:
        release.kubectl("drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=80s")
        until(lambda: settled(release), "the release after the drain")
        moved = {node_of(pod) for pod in release.pods("imagegen")}
    finally:
        release.kubectl("uncordon", node)

    assert node not in moved
    assert {pool_of(release, one) for one in moved} == {"imagegen"}


def test_in_a_shortage_ours_go_before_others(release: Cluster) -> None:
    release.apply(filler())
    until(lambda: bool([pod for pod in others(release) if is_ready(pod)]), "the other's pod")

    release.kubectl("scale", "-n", NAMESPACE, f"deployment/{RELEASE}-stitching", "--replicas=2")
    until(lambda: sum(map(is_ready, release.pods("stitching"))) == 2, "both stitching pods")

    assert not [pod for pod in others(release) if is_ready(pod)]
    release.kubectl("delete", "-n", "default", "deployment/other")


def others(cluster: Cluster) -> list[Object]:
    return cluster.get("pods", "app=other", namespace="default")


def filler() -> Object:
    """Takes the GPU that is left on the only stitching node."""
    container = {"name": "other", "image": "other", "resources": {"limits": {GPU: "1"}}}
    spec = {
        "nodeSelector": {"firstframe.dev/pool": "stitching"},
        "tolerations": [{"operator": "Exists"}],
        "containers": [container],
    }
    template = {"metadata": {"labels": {"app": "other"}}, "spec": spec}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "other", "namespace": "default"},
        "spec": {"selector": {"matchLabels": {"app": "other"}}, "template": template},
    }


def about(cluster: Cluster) -> str:
    return cluster.kubectl("get", "pods,replicasets,events", "-A", "-o", "wide")


def images(cluster: Cluster) -> set[str]:
    return {one["image"].rpartition(":")[2] for pod in cluster.pods() for one in pod["spec"]["containers"]}


def test_an_upgrade_rolls_every_service_and_a_rollback_brings_the_old_ones_back(release: Cluster) -> None:
    assert images(release) == {"0.1.0"}
    install(release, *FIXED, "global.imageTag=0.2.0", verb="upgrade")
    until(lambda: settled(release) and images(release) == {"0.2.0"}, "the new version", said=lambda: about(release))

    release.helm("rollback", RELEASE, "1")
    until(lambda: settled(release) and images(release) == {"0.1.0"}, "the old version", said=lambda: about(release))

    states = [one["status"] for one in json.loads(release.helm("history", RELEASE, "-o", "json"))]
    assert states[-1] == "deployed"
    assert len(states) == 3


def api_of(cluster: Cluster, folder: Path) -> ApiServer:
    """The API server as the release's own orchestrator may ask it."""
    (folder / "token").write_text(cluster.kubectl("create", "token", f"{RELEASE}-orchestrator", "-n", NAMESPACE))
    config = json.loads(cluster.kubectl("config", "view", "--raw", "--minify", "-o", "json"))["clusters"][0]["cluster"]
    ca = folder / "ca.crt"
    if "certificate-authority-data" in config:
        ca.write_bytes(base64.b64decode(config["certificate-authority-data"]))
    else:
        ca.write_text(Path(config["certificate-authority"]).read_text())
    return ApiServer(config["server"], folder / "token", ca)


async def test_no_request_is_lost_over_an_upgrade_and_a_rollback(release: Cluster, tmp_path: Path) -> None:
    """A real dispatcher follows the release's Services with the release's rights; stand-ins take the place of pods."""
    services = {stage: ServicePort.parse(f"{NAMESPACE}/{RELEASE}-{stage}:grpc") for stage in STAGES}
    done: Counter[str] = Counter()
    pools = EndpointSlicePools(api_of(release, tmp_path), services)
    dispatcher: Dispatcher[str, str] = Dispatcher(pools, lambda _, address: StandIn(address, done), SystemClock())
    serving = asyncio.create_task(dispatcher.serve())
    numbers, over = count(), asyncio.Event()
    results: list[str] = []

    async def customer(stage: str) -> None:
        while not over.is_set():
            key = f"{stage}-{next(numbers)}"
            assert await dispatcher.run(stage, key, key, project="p", on_progress=lambda _: None) == key
            results.append(key)

    customers = [asyncio.create_task(customer(stage)) for stage in STAGES for _ in range(3)]
    try:
        for roll in (
            lambda: install(release, *FIXED, "global.imageTag=0.2.0", verb="upgrade"),
            lambda: release.helm("rollback", RELEASE, "1"),
        ):
            await asyncio.to_thread(roll)
            await asyncio.to_thread(until, lambda: settled(release), "the release", said=lambda: about(release))
            await asyncio.sleep(2)  # by then the dispatcher knows, and what old pods had begun is over
            done.clear()
            await asyncio.sleep(2)
            assert set(done) == {f"{pod['status']['podIP']}:50051" for stage in STAGES for pod in release.pods(stage)}
    finally:
        over.set()
        _, stuck = await asyncio.wait(customers, timeout=60)
        seen = {stage: (dispatcher.slots(stage), dispatcher.backlog(stage)) for stage in STAGES}
        serving.cancel()
    assert not stuck, f"slots and backlog by stage: {seen}"
    assert len(results) == len(set(results)) == next(numbers)


ENGINES = (
    "imagegen.models.packs={sdxl}",
    "imagegen.models.volume.existingClaim=packs",
    "imagegen.triton.enabled=true",
    "imagegen.triton.arch=sm_89",
    "imagegen.engines.enabled=true",
    "imagegen.engines.image=builder:1",
    "imagegen.engines.architectures.sm_89.topology\\.kubernetes\\.io/zone=zone-a",
)
CLAIM: Object = {
    "apiVersion": "v1",
    "kind": "PersistentVolumeClaim",
    "metadata": {"name": "packs", "namespace": NAMESPACE},
    "spec": {
        "accessModes": ["ReadWriteMany"],
        "storageClassName": "",
        "volumeName": "packs",
        "resources": {"requests": {"storage": "1Gi"}},
    },
}
VOLUME: Object = {
    "apiVersion": "v1",
    "kind": "PersistentVolume",
    "metadata": {"name": "packs"},
    "spec": {
        "accessModes": ["ReadWriteMany"],
        "capacity": {"storage": "1Gi"},
        "hostPath": {"path": "/nowhere"},
        "claimRef": {"namespace": NAMESPACE, "name": "packs"},
    },
}


def test_engines_are_built_on_the_pools_own_nodes_before_its_pods_roll(cluster: Cluster) -> None:
    cluster.apply(VOLUME, CLAIM)
    try:
        install(cluster, *FIXED, *ENGINES)
        until(lambda: settled(cluster), "the release", said=lambda: about(cluster))

        times = {one["involvedObject"]["name"]: one for one in cluster.get("events") if one["reason"] == "Scheduled"}
        (build,) = [one for name, one in times.items() if name.startswith(f"{RELEASE}-imagegen-engines-sm-89-")]
        assert " to imagegen-0" in build["message"]
        stage = {pod["metadata"]["name"]: pod for pod in cluster.pods("imagegen")}
        assert all(one["metadata"]["creationTimestamp"] >= when(build) for one in stage.values())
        # The Job has done its work and is gone.
        assert not cluster.get("jobs")
        assert all(gpus_with_sidecars(pod) == 1 for pod in stage.values())
    finally:
        cluster.helm("uninstall", RELEASE, "--wait", check=False)
        until(lambda: not cluster.pods(), "the end of all pods")
        left = cluster.get("networkpolicies,jobs", f"app.kubernetes.io/instance={RELEASE}")
        cluster.kubectl("delete", "pvc/packs", "-n", NAMESPACE, "--wait=false")
        cluster.kubectl("delete", "pv/packs", "--wait=false")
    assert left == []


def when(event: Object) -> str:
    """Time of an event, to the second, as of objects."""
    moment = str(event["eventTime"] or event["firstTimestamp"])
    return f"{moment[:19]}Z"


def gpus_with_sidecars(pod: Object) -> int:
    containers = [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]
    return sum(int(one["resources"].get("limits", {}).get(GPU, 0)) for one in containers)


def test_an_upgrade_that_changes_nothing_restarts_nothing(release: Cluster) -> None:
    before = {pod["metadata"]["uid"] for pod in release.pods()}

    install(release, *FIXED, verb="upgrade")

    until(lambda: settled(release), "the release")
    assert {pod["metadata"]["uid"] for pod in release.pods()} == before


KINDS = (
    "deployments,statefulsets,jobs,services,serviceaccounts,roles,rolebindings,secrets,configmaps,poddisruptionbudgets,"
    "networkpolicies,certificates,issuers,podmonitors,scaledobjects,persistentvolumeclaims"
)


def test_an_uninstallation_leaves_nothing(release: Cluster) -> None:
    own = "app.kubernetes.io/part-of=firstframe"
    assert len(release.get(KINDS, own)) > 30
    assert len(release.get("priorityclasses", own, namespace="default")) == len(SERVICES)

    release.helm("uninstall", RELEASE, "--wait")

    until(lambda: not release.pods(), "the end of all pods")
    assert release.get(KINDS, f"app.kubernetes.io/instance={RELEASE}") == []
    assert release.get("priorityclasses", own, namespace="default") == []
