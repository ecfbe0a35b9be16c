"""Every query of a dashboard and every alert, asked of a real Prometheus that scraped a real run."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
import yaml
from google.protobuf.message import Message

from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.imagegen.v1 import imagegen_pb2, imagegen_pb2_grpc
from firstframe.api.media.v1 import check_pb2, clip_pb2, picture_pb2
from firstframe.api.upscaling.v1 import upscaling_pb2, upscaling_pb2_grpc
from firstframe.cli.models_repository import write
from firstframe.runtime.client import ClientTls, connect
from firstframe.runtime.tls import Certificates
from support.api_server import api_server
from support.certificates import Authority, MountedSecret
from support.installed_packs import install_add
from support.metrics import registered
from support.orchestrator import World, small_brief
from support.processes import RunningService, running_service
from support.prometheus import Prometheus, running_prometheus
from support.stage_process import StageProcess
from support.triton import RunningTriton, running_triton

ROOT = Path(__file__).parents[3]
BOARDS = ROOT / "deploy" / "helm" / "dashboards"
RULES = ROOT / "deploy" / "helm" / "alerts" / "firstframe.yaml"
NAMESPACE = "campaigns"
SETTLED_S = 60
OTHERS = re.compile(r"\b(DCGM_[A-Z_]+|kube_[a-z_]+|nv_[a-z_]+)\b")
NOT_HERE = {
    "DCGM_FI_DEV_FB_USED",
    "DCGM_FI_DEV_GPU_UTIL",
    "kube_horizontalpodautoscaler_spec_max_replicas",
    "kube_horizontalpodautoscaler_status_current_replicas",
    "kube_horizontalpodautoscaler_status_desired_replicas",
}
"""Of NVIDIA's exporter and of kube-state-metrics, which the tests cannot run. The first two stand in dcgm-exporter's
`etc/default-counters.csv`, the others in kube-state-metrics' table of HorizontalPodAutoscalers (November 2026)."""
TOY = [sys.executable, str(Path(__file__).parents[2] / "support" / "toy_stage.py")]
CALLER, SERVER = "DNS:orchestrator.firstframe.svc", "toy.firstframe.svc"


class Hesitant:
    """The first call finds a server that is about to stop."""

    def __init__(self) -> None:
        self._called = False

    async def __call__(self, _stage: str, _request: Message, context: Any) -> None:
        if not self._called:
            self._called = True
            await context.abort(grpc.StatusCode.UNAVAILABLE, "about to stop")


async def run_campaign(world: World, **settings: str) -> None:
    world.fake.before = Hesitant()
    try:
        await world.open(**settings)
        campaign = await world.create(small_brief(heroes=2))
        await world.until(campaign.name, campaigns_pb2.CAMPAIGN_STATE_SUCCEEDED)
        await run_drifting(world)
        await run_let_pass(world)
        await refuse_engine(world)
    finally:
        await world.leave()


async def run_drifting(world: World) -> None:
    """A campaign of whose prompt the plan says something, and whose clips drift in every try."""
    world.fake.measures = lambda _request: [check_pb2.Check(name="flicker", verdict=check_pb2.VERDICT_FAIL)]
    brief = small_brief("drifting")
    brief.motion.prompt = "quick cuts between the rooms"
    await world.until((await world.create(brief)).name, campaigns_pb2.CAMPAIGN_STATE_FAILED)


async def run_let_pass(world: World) -> None:
    """A campaign whose clips drift and are delivered, as its brief says."""
    brief = small_brief("let-pass")
    brief.motion.gate = campaigns_pb2.DRIFT_GATE_REPORT
    await world.until((await world.create(brief)).name, campaigns_pb2.CAMPAIGN_STATE_SUCCEEDED)


async def refuse_engine(world: World) -> None:
    """A campaign for an engine that no server has."""
    brief = small_brief("filmed")
    brief.motion.engine = "scene"
    with pytest.raises(grpc.aio.AioRpcError, match="no server of the animation stage has scene; they have previz"):
        await world.create(brief)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("world"))
    try:
        asyncio.run(run_campaign(made))
        yield made
    finally:
        made.orchestrator.close()


@pytest.fixture(scope="module")
def in_a_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """An orchestrator that asks an API server for its pools."""
    folder = tmp_path_factory.mktemp("cluster")
    code = "import asyncio; from firstframe.orchestrator.app import main; asyncio.run(main())"
    with api_server(folder) as environment, pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        env = {
            "POOLS_SERVICES": '{"imagegen": "campaigns/ff-imagegen:grpc"}',
            "SERVICE_ACCOUNT": folder / "account",
            "STATE_FOLDER": folder / "state",
        }
        command, prefix = [sys.executable, "-c", code], "FIRSTFRAME_ORCHESTRATOR_"
        with running_service(command, prefix=prefix, folder=folder / "service", env=env) as made:
            yield made


@pytest.fixture(scope="module")
def triton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningTriton, Path]]:
    folder = tmp_path_factory.mktemp("models")
    pack = install_add(folder, "adder")
    write([pack], pack.served(), folder / "repository")
    with running_triton(folder / "repository", folder, models=("canary",)) as made:
        yield made, folder


@pytest.fixture(scope="module")
def stage(
    triton: tuple[RunningTriton, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[RunningService, RunningTriton]]:
    """A stage with one slot, mutual TLS and a model, to which everything happens that it has a metric for."""
    server, models = triton
    folder = tmp_path_factory.mktemp("stage")
    authority, secret = Authority(folder / "authority"), MountedSecret(folder / "mounted")
    secret.put(authority.issue(folder / "server", f"DNS:{SERVER}"))
    env = {
        "SLOTS": 1,
        "TLS__CERTIFICATE": secret.files.certificate,
        "TLS__KEY": secret.files.key,
        "TLS__CA": secret.files.ca,
        "MODELS__PACKS": '["adder"]',
        "MODELS__HOME": models / "home",
        "MODELS__CATALOGUE": models / "packs",
        "MODELS__TRITON": server.address,
    }
    with running_service(TOY, prefix="FIRSTFRAME_TOY_", folder=folder / "toy", env=env) as made:
        caller = Certificates(authority.issue(folder / "caller", CALLER, usage="clientAuth"), serving=False)
        asyncio.run(use(made, ClientTls(caller, SERVER), server))
        secret.put(authority.issue(folder / "renewed", f"DNS:{SERVER}"))
        asyncio.run(call_anew(made, ClientTls(caller, SERVER)))
        yield made, server


async def use(stage: RunningService, tls: ClientTls, server: RunningTriton) -> None:
    """Work that succeeds, is found again, finds no slot, is given up, and asks a model whose server goes and comes back."""
    async with connect(stage.address, tls) as channel:
        assert await outcome(channel, "short") == await outcome(channel, "short") == "OK"
        slow = asyncio.create_task(outcome(channel, "slow"))
        await asyncio.sleep(0.5)
        assert await outcome(channel, "other") == "RESOURCE_EXHAUSTED"
        slow.cancel()
        await asyncio.gather(slow, return_exceptions=True)
        while (answer := await outcome(channel, "infer")) == "RESOURCE_EXHAUSTED":
            await asyncio.sleep(0.1)
        assert answer == "OK"
        await asyncio.to_thread(server.kill)
        again = asyncio.create_task(outcome(channel, "infer again"))
        await asyncio.sleep(0.5)
        assert await asyncio.to_thread(server.start)
        # The server has forgotten what was loaded: that it was asked again counts, not what it then said.
        await again


async def call_anew(stage: RunningService, tls: ClientTls) -> None:
    async with connect(stage.address, tls) as channel:
        await outcome(channel, "short")


async def outcome(channel: grpc.aio.Channel, what: str) -> str:
    request = upscaling_pb2.UpscaleClipRequest()
    request.clip.video.media_type = what
    stub: upscaling_pb2_grpc.UpscalingServiceAsyncStub = upscaling_pb2_grpc.UpscalingServiceStub(channel)
    try:
        async for _ in stub.UpscaleClip(request, timeout=30):
            pass
    except grpc.aio.AioRpcError as error:
        return error.code().name
    return "OK"


@pytest.fixture(scope="module")
def imagegen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    """An image stage that made a still of a thumb's size, checked it and took it for a photograph."""
    size = picture_pb2.PixelSize(width_px=160, height_px=90)
    scene = imagegen_pb2.ProductSet(scene="studio", palette="ink-night", copy="AURORA")
    still = imagegen_pb2.GenerateHeroRequest(seed=3, quality=imagegen_pb2.QUALITY_DRAFT, size=size, set=scene)
    shot = imagegen_pb2.ShotPlan(
        format="16:9",
        camera=animation_pb2.CAMERA_MOVE_PUSH,
        strength=0.5,
        frame_count=90,
        frame_rate=clip_pb2.FrameRate(numerator=30, denominator=1),
        delivery_size=size,
    )
    with (
        StageProcess("imagegen", tmp_path_factory.mktemp("imagegen")) as made,
        grpc.insecure_channel(made.address) as channel,
    ):
        stub = imagegen_pb2_grpc.ImageGenServiceStub(channel)
        hero = list(stub.GenerateHero(still))[-1].result.hero
        list(stub.CheckHero(imagegen_pb2.CheckHeroRequest(hero=hero, plan=shot)))
        again = imagegen_pb2.GenerateHeroRequest(size=size, photograph=imagegen_pb2.Photograph(image=hero.image))
        list(stub.GenerateHero(again))
        yield made


@pytest.fixture(scope="module")
def prometheus(
    world: World,
    imagegen: StageProcess,
    in_a_cluster: RunningService,
    stage: tuple[RunningService, RunningTriton],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Prometheus]:
    told = json.loads((world.folder / "orchestrator.json").read_text())
    targets = {
        "orchestrator": told["metrics"],
        "in-a-cluster": in_a_cluster.metrics,
        "stage": stage[0].metrics,
        "imagegen": imagegen.metrics,
        "triton": stage[1].metrics_address,
    }
    with running_prometheus(tmp_path_factory.mktemp("prometheus"), targets, labels={"namespace": NAMESPACE}) as made:
        end = time.monotonic() + SETTLED_S
        while len(made.query("up == 1")) < len(targets) or not made.query("firstframe_pool_ready_count > 0"):
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
    text = expressions()[name].replace("$__rate_interval", "1m").replace("$namespace", NAMESPACE).replace("$price", "2")

    prometheus.query(re.sub(r"\$stage", "toy", text))


@pytest.mark.parametrize("metric", registered(), ids=lambda one: one.name)
def test_every_metric_was_exported_by_a_running_service(prometheus: Prometheus, metric: Any) -> None:
    assert prometheus.query(metric.name + ("_count" if metric.kind == "histogram" else ""))


def foreign() -> list[str]:
    return sorted({name for text in expressions().values() for name in OTHERS.findall(text)})


@pytest.mark.parametrize("name", foreign())
def test_metrics_of_other_programs_are_theirs(prometheus: Prometheus, name: str) -> None:
    assert bool(prometheus.query(name)) != (name in NOT_HERE)
