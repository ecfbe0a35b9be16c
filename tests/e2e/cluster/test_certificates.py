"""Certificates are renewed every half minute while calls go on, and a wrong name gets nowhere."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

import pytest

from support.charts import NAMESPACE, RELEASE, SERVICES, STAGES
from support.cluster_run import Run, brief, in_client, metric
from support.real_cluster import Cluster
from support.umbrella import Object, until

STREAM_S = 150
"""Certificates are renewed every 30 s; the kubelet looks at Secrets about once a minute."""
STREAM = """
import asyncio, json, sys, time
from pathlib import Path
from firstframe.api.campaigns.v1 import campaigns_pb2, campaigns_pb2_grpc
from firstframe.runtime.client import ClientTls, connect
from firstframe.runtime.tls import Certificates, TlsFiles

address, seconds = sys.argv[1], float(sys.argv[2])
files = TlsFiles(Path("/tls/tls.crt"), Path("/tls/tls.key"), Path("/tls/ca.crt"))
tls = ClientTls(Certificates(files, serving=False), "orchestrator.firstframe.svc")
request = campaigns_pb2.ListCampaignsRequest(parent="projects/local")
told = {"calls": 0, "failed": [], "certificates": set()}

async def call(channel):
    try:
        await campaigns_pb2_grpc.CampaignServiceStub(channel).ListCampaigns(request, timeout=20)
        told["calls"] += 1
    except Exception as error:
        told["failed"].append(repr(error)[:300])

async def main():
    end = time.monotonic() + seconds
    async with connect(address, tls) as kept:
        while time.monotonic() < end:
            told["certificates"].add(files.certificate.read_text())
            async with connect(address, tls) as fresh:
                await asyncio.gather(call(kept), call(fresh))
            await asyncio.sleep(0.2)
    print(json.dumps(told | {"certificates": len(told["certificates"])}))

asyncio.run(main())
"""
CALL_STAGE = """
import sys, grpc
read = lambda name: open(f"{sys.argv[2]}/{name}", "rb").read()
made = grpc.ssl_channel_credentials(read("ca.crt"), read("tls.key"), read("tls.crt"))
options = [("grpc.ssl_target_name_override", sys.argv[3])]
with grpc.secure_channel(sys.argv[1], made, options) as channel:
    try:
        channel.unary_unary(sys.argv[4])(b"", timeout=10)
        print("OK")
    except grpc.RpcError as error:
        print(error.code().name, error.details())
"""

METHODS = {
    "imagegen": "/firstframe.api.imagegen.v1.ImageGenService/GetCapabilities",
    "animation": "/firstframe.api.animation.v1.AnimationService/GetCapabilities",
    "upscaling": "/firstframe.api.upscaling.v1.UpscalingService/GetCapabilities",
    "stitching": "/firstframe.api.stitching.v1.StitchingService/GetCapabilities",
}

pytestmark = pytest.mark.timeout(900)


def taken(cluster: Cluster) -> dict[str, float]:
    return {one: metric(cluster, one, 'firstframe_tls_reloads_total{outcome="taken"}') for one in SERVICES}


def test_renewals_are_taken_while_calls_go_on_and_none_fails(cluster: Cluster) -> None:
    before = taken(cluster)
    requeued = metric(cluster, "orchestrator", "firstframe_dispatch_requeues_total{")
    # Stills of this seed pass the checks, so nobody has to approve them.
    run = Run(cluster, "renewed", brief("renewed", 31, heroes=3))
    address = f"{RELEASE}-orchestrator.{NAMESPACE}.svc:50051"

    streaming = cluster.start(
        "exec", "-n", NAMESPACE, f"deployment/{RELEASE}-client", "--", "python3", "-c", STREAM, address, str(STREAM_S)
    )
    # The log of what was renewed comes before.
    told = json.loads(streaming.communicate(timeout=STREAM_S + 120)[0].splitlines()[-1])
    run.finish()

    assert told["failed"] == []
    assert told["calls"] > 2 * STREAM_S
    assert told["certificates"] >= 3
    renewed = taken(cluster)
    # A server takes a certificate with the next handshake; the orchestrator shakes hands all the time.
    assert renewed["orchestrator"] - before["orchestrator"] >= 2
    assert metric(cluster, "orchestrator", "firstframe_dispatch_requeues_total{") == requeued
    assert sum(metric(cluster, one, 'firstframe_tls_reloads_total{outcome="refused"}') for one in SERVICES) == 0


@pytest.fixture(scope="module")
def stranger(cluster: Cluster) -> Iterator[str]:
    """A folder in the client's pod with a certificate of the same CA whose name has no role."""
    cluster.apply(certificate("stranger"))
    until(lambda: bool(secret(cluster, "stranger")), "the stranger's certificate")
    found = secret(cluster, "stranger")
    in_client(cluster, "mkdir", "-p", "/scratch/stranger")
    for name, data in found.items():
        write = f"open('/scratch/stranger/{name}', 'wb').write(__import__('base64').b64decode('{data}'))"
        in_client(cluster, "python3", "-c", write)
    yield "/scratch/stranger"
    cluster.kubectl("delete", "certificate", "stranger", "-n", NAMESPACE)


def certificate(name: str) -> Object:
    return {
        "apiVersion": "cert-manager.io/v1",
        "kind": "Certificate",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {
            "secretName": name,
            "dnsNames": [f"{name}.firstframe.svc"],
            "usages": ["client auth"],
            "privateKey": {"algorithm": "ECDSA", "size": 256},
            "issuerRef": {"name": f"{RELEASE}-ca", "kind": "Issuer", "group": "cert-manager.io"},
        },
    }


def secret(cluster: Cluster, name: str) -> dict[str, str]:
    found = [one for one in cluster.get("secrets") if one["metadata"]["name"] == name]
    data: dict[str, str] = found[0].get("data", {}) if found else {}
    return data if base64.b64decode(data.get("tls.crt", "")) else {}


def test_a_name_without_a_role_is_refused(cluster: Cluster, stranger: str) -> None:
    parts = {"CERTIFICATE": "tls.crt", "KEY": "tls.key", "CA": "ca.crt"}
    given = [f"FIRSTFRAME_CLI_TLS__{name}={stranger}/{file}" for name, file in parts.items()]

    refused = in_client(cluster, "env", *given, "firstframe", "status", "first", check=False)

    assert "CALLER_NOT_ALLOWED" in refused
    assert "stranger.firstframe.svc" in refused


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_is_called_by_the_orchestrator_alone_and_only_under_its_name(cluster: Cluster, stage: str) -> None:
    def call(address: str, name: str) -> str:
        return in_client(cluster, "python3", "-c", CALL_STAGE, f"{address}:50051", "/tls", name, METHODS[stage])

    host = f"{RELEASE}-{stage}.{NAMESPACE}.svc"
    assert "PERMISSION_DENIED" in call(host, f"{stage}.firstframe.svc")
    assert call(host, "orchestrator.firstframe.svc").startswith("UNAVAILABLE")
