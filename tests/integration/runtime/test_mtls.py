"""Mutual TLS between a real server in a process of its own and real clients, with real certificates."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from firstframe.api.campaigns.v1 import campaigns_pb2, campaigns_pb2_grpc
from firstframe.api.upscaling.v1 import upscaling_pb2, upscaling_pb2_grpc
from firstframe.core.errors import PermissionDenied, Unavailable
from firstframe.runtime.client import ClientTls, connect, translate
from firstframe.runtime.rotating_channel import RotatingChannel
from firstframe.runtime.tls import Certificates, TlsFiles
from support.certificates import Authority, MountedSecret
from support.processes import RunningService, running_service

TOY = [sys.executable, str(Path(__file__).parents[2] / "support" / "toy_stage.py")]
SERVER = "toy.firstframe.svc"
ROTATIONS = 20
SERVING = health_pb2.HealthCheckResponse.SERVING


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


def tls_settings(files: TlsFiles) -> dict[str, object]:
    return {"TLS__CERTIFICATE": files.certificate, "TLS__KEY": files.key, "TLS__CA": files.ca}


@pytest.fixture
def secret(authority: Authority, tmp_path: Path) -> MountedSecret:
    made = MountedSecret(tmp_path / "mounted")
    made.put(authority.issue(tmp_path / "server", f"DNS:{SERVER}"))
    return made


@pytest.fixture
def toy(secret: MountedSecret, tmp_path: Path) -> Iterator[RunningService]:
    env = {"SLOTS": 8, "TLS__ROLES": json.dumps({"spiffe://example.org/sre": "operator"}), **tls_settings(secret.files)}
    with running_service(TOY, prefix="FIRSTFRAME_TOY_", folder=tmp_path / "toy", env=env) as service:
        yield service


@asynccontextmanager
async def channel_as(
    authority: Authority, toy: RunningService, folder: Path, *names: str, server: str = SERVER
) -> AsyncIterator[grpc.aio.Channel]:
    files = authority.issue(folder, *names, usage="clientAuth")
    async with connect(toy.address, ClientTls(Certificates(files, serving=False), server)) as channel:
        yield channel


async def capabilities(channel: grpc.aio.Channel) -> int:
    stub: upscaling_pb2_grpc.UpscalingServiceAsyncStub = upscaling_pb2_grpc.UpscalingServiceStub(channel)
    return int((await stub.GetCapabilities(upscaling_pb2.GetCapabilitiesRequest(), timeout=10)).slots)


def upscale(
    channel: grpc.aio.Channel, what: str = ""
) -> grpc.aio.UnaryStreamCall[upscaling_pb2.UpscaleClipRequest, upscaling_pb2.UpscaleClipResponse]:
    request = upscaling_pb2.UpscaleClipRequest()
    request.clip.video.media_type = what
    stub: upscaling_pb2_grpc.UpscalingServiceAsyncStub = upscaling_pb2_grpc.UpscalingServiceStub(channel)
    return stub.UpscaleClip(request, timeout=120)


async def events(channel: grpc.aio.Channel, what: str = "") -> list[str]:
    return [str(event.WhichOneof("event")) async for event in upscale(channel, what)]


async def health(channel: grpc.aio.Channel) -> int:
    stub = health_pb2_grpc.HealthStub(channel)
    return int((await stub.Check(health_pb2.HealthCheckRequest(), timeout=10)).status)


@pytest.mark.parametrize("name", ["DNS:orchestrator.firstframe.svc", "URI:spiffe://example.org/sre"])
async def test_a_role_that_may_call_a_stage_does(
    authority: Authority, toy: RunningService, tmp_path: Path, name: str
) -> None:
    async with channel_as(authority, toy, tmp_path / "caller", name) as channel:
        assert await capabilities(channel) == 8
        assert (await events(channel))[-1] == "result"


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (("DNS:gateway.firstframe.svc",), "gateway.firstframe.svc"),
        (("DNS:orchestrator.elsewhere.svc", "URI:spiffe://example.org/x"), "orchestrator.elsewhere.svc, spiffe://"),
        (("IP:10.0.0.1",), "no DNS or URI name"),
    ],
)
async def test_a_caller_without_the_role_may_ask_for_health_alone(
    authority: Authority, toy: RunningService, tmp_path: Path, names: tuple[str, ...], shown: str
) -> None:
    async with channel_as(authority, toy, tmp_path / "caller", *names) as channel:
        assert await health(channel) == SERVING
        for call in (capabilities, events):
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await call(channel)
            error = translate(caught.value)
            assert type(error) is PermissionDenied
            assert error.reason == "CALLER_NOT_ALLOWED"
            assert error.metadata["san"].startswith(shown)
            assert error.retry_after_s is None
    assert "caller refused" in toy.log.read_text()


async def test_reflection_is_for_those_who_have_a_role(
    authority: Authority, toy: RunningService, tmp_path: Path
) -> None:
    async with channel_as(authority, toy, tmp_path / "client", "DNS:client.firstframe.svc") as channel:
        assert "firstframe.api.upscaling.v1.UpscalingService" in await described(channel)
    async with channel_as(authority, toy, tmp_path / "stranger", "DNS:example.org") as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await described(channel)
    assert translate(caught.value).reason == "CALLER_NOT_ALLOWED"


async def described(channel: grpc.aio.Channel) -> set[str]:
    question = reflection_pb2.ServerReflectionRequest(list_services="*")
    call = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(iter([question]), timeout=10)
    return {item.name async for answer in call for item in answer.list_services_response.service}


async def test_there_is_no_reflection_where_it_is_off(
    secret: MountedSecret, authority: Authority, tmp_path: Path
) -> None:
    env = {"REFLECTION": "false", **tls_settings(secret.files)}
    with running_service(TOY, prefix="FIRSTFRAME_TOY_", folder=tmp_path / "toy", env=env) as toy:
        async with channel_as(authority, toy, tmp_path / "sre", "DNS:operator.firstframe.svc") as channel:
            # Without a question: one that is sent into a call that has ended by then fails on this side.
            call = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(iter(()), timeout=10)
            code = await call.code()
    assert code is grpc.StatusCode.UNIMPLEMENTED


async def fails_to_connect(channel: grpc.aio.Channel) -> None:
    async with channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await health(channel)
    assert type(translate(caught.value)) is Unavailable


async def test_a_caller_without_certificate_is_refused(toy: RunningService, secret: MountedSecret) -> None:
    options = (("grpc.default_authority", SERVER),)
    credentials = grpc.ssl_channel_credentials(secret.files.ca.read_bytes())
    await fails_to_connect(grpc.aio.secure_channel(toy.address, credentials, options=options))


async def test_a_caller_without_tls_is_refused(toy: RunningService) -> None:
    await fails_to_connect(connect(toy.address))


async def test_a_certificate_that_has_ended_is_refused(
    toy: RunningService, authority: Authority, tmp_path: Path
) -> None:
    old = authority.issue(tmp_path / "old", "DNS:orchestrator.firstframe.svc", valid_s=-30)
    credentials = grpc.ssl_channel_credentials(*(path.read_bytes() for path in (old.ca, old.key, old.certificate)))
    options = (("grpc.default_authority", SERVER),)
    await fails_to_connect(grpc.aio.secure_channel(toy.address, credentials, options=options))


async def test_a_certificate_of_another_authority_is_refused(
    toy: RunningService, authority: Authority, tmp_path: Path
) -> None:
    files = Authority(tmp_path / "elsewhere").issue(tmp_path / "stranger", "DNS:orchestrator.firstframe.svc")
    parts = (authority.certificate, files.key, files.certificate)
    credentials = grpc.ssl_channel_credentials(*(path.read_bytes() for path in parts))
    options = (("grpc.default_authority", SERVER),)
    await fails_to_connect(grpc.aio.secure_channel(toy.address, credentials, options=options))


async def test_a_server_with_another_name_is_not_spoken_to(
    toy: RunningService, authority: Authority, tmp_path: Path
) -> None:
    caller, other = "DNS:orchestrator.firstframe.svc", "imagegen.firstframe.svc"
    async with channel_as(authority, toy, tmp_path / "caller", caller, server=other) as channel:
        await fails_to_connect(channel)


def test_probes_and_metrics_stay_plain(toy: RunningService) -> None:
    for path in ("healthz", "readyz", "metrics"):
        with urllib.request.urlopen(f"http://{toy.metrics}/{path}", timeout=10) as response:
            assert response.status == 200


def metric(toy: RunningService, name: str) -> float:
    with urllib.request.urlopen(f"http://{toy.metrics}/metrics", timeout=10) as response:
        found = re.search(rf"^{re.escape(name)} (\S+)$", response.read().decode(), re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_the_end_of_the_certificate_is_exported(toy: RunningService) -> None:
    end_s = metric(toy, "firstframe_tls_certificate_expiry_timestamp_seconds")
    assert 3000 < end_s - time.time() < 3700


def test_a_certificate_without_the_service_s_name_is_warned_of(authority: Authority, tmp_path: Path) -> None:
    files = authority.issue(tmp_path / "server", "DNS:elsewhere.firstframe.svc")
    with running_service(TOY, prefix="FIRSTFRAME_TOY_", folder=tmp_path / "toy", env=tls_settings(files)) as toy:
        assert "the certificate lacks the name that callers look for" in toy.log.read_text()


async def test_a_broken_pair_keeps_the_old_one_and_says_which_file(
    toy: RunningService, secret: MountedSecret, authority: Authority, tmp_path: Path
) -> None:
    broken = authority.issue(tmp_path / "broken", f"DNS:{SERVER}")
    broken.key.write_bytes(broken.key.read_bytes()[:100])
    secret.put(broken)
    async with channel_as(authority, toy, tmp_path / "caller", "DNS:operator.firstframe.svc") as channel:
        assert await capabilities(channel) == 8
    warnings = [line for line in toy.log.read_text().splitlines() if "keeping the old one" in line]
    assert [json.loads(line)["level"] for line in warnings] == ["warning"]
    assert f"{secret.files.key}: " in warnings[0]


class Rotation:
    """Server and caller get certificates that live for ten seconds, again and again."""

    def __init__(self, authority: Authority, folder: Path, server: MountedSecret) -> None:
        self._authority = authority
        self._folder = folder
        self._server = server
        self.caller = MountedSecret(folder / "caller")
        self.turns = 0

    def turn(self) -> None:
        self.turns += 1
        for secret, name in ((self._server, SERVER), (self.caller, "orchestrator.firstframe.svc")):
            secret.put(self._authority.issue(self._folder / f"{name}-{self.turns}", f"DNS:{name}", valid_s=10))

    async def keep_turning(self) -> None:
        for _ in range(ROTATIONS):
            await asyncio.gather(asyncio.to_thread(self.turn), asyncio.sleep(1))


async def test_rotation_every_second_fails_no_call(secret: MountedSecret, authority: Authority, tmp_path: Path) -> None:
    rotation = Rotation(authority, tmp_path / "rotation", secret)
    rotation.turn()
    env = {"SLOTS": 8, **tls_settings(secret.files)}
    with running_service(TOY, prefix="FIRSTFRAME_TOY_", folder=tmp_path / "toy", env=env) as toy:
        tls = ClientTls(Certificates(rotation.caller.files), SERVER)
        turning = asyncio.create_task(rotation.keep_turning())
        async with connect(toy.address, tls) as channel:
            lasting = asyncio.create_task(watch_until(channel, turning))
            done = await asyncio.gather(keep_calling(channel, turning), keep_connecting(toy.address, tls, turning))
            await lasting
            assert isinstance(channel, RotatingChannel)
            assert len(channel._links) <= 3, "channels whose calls have ended are closed"
        assert min(done) > 2 * ROTATIONS
        assert metric(toy, 'firstframe_tls_reloads_total{outcome="taken"}') >= ROTATIONS / 2
        assert metric(toy, 'firstframe_tls_reloads_total{outcome="refused"}') == 0


async def keep_calling(channel: grpc.aio.Channel, turning: asyncio.Task[None]) -> int:
    """Calls that the channel does not repeat by itself, over one channel."""
    number = 0
    while not turning.done():
        assert (await events(channel, f"call-{number}"))[-1] == "result"
        assert await health(channel) == SERVING
        number += 1
    return number


async def keep_connecting(address: str, tls: ClientTls, turning: asyncio.Task[None]) -> int:
    """A new connection for each call."""
    number = 0
    while not turning.done():
        async with connect(address, tls) as channel:
            assert await health(channel) == SERVING
        number += 1
        await asyncio.sleep(0.05)
    return number


async def watch_until(channel: grpc.aio.Channel, turning: asyncio.Task[None]) -> None:
    """A call that begins with the first certificate and is still going on when that has long ended."""
    watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
    work = upscale(channel, "slow")
    assert (await watch.read()).status == SERVING
    while not turning.done():
        assert (await work.read()).WhichOneof("event") == "progress"
        await asyncio.sleep(0.2)
    assert not watch.done()
    watch.cancel()
    work.cancel()


async def test_a_server_that_starts_anew_is_reached_with_the_new_certificate(
    secret: MountedSecret, authority: Authority, tmp_path: Path
) -> None:
    """gRPC itself would go on with the certificate that the channel was made with, which has ended by then."""
    rotation = Rotation(authority, tmp_path / "rotation", secret)
    rotation.turn()
    began = time.monotonic()
    env = tls_settings(secret.files)
    with running_service(TOY, prefix="FIRSTFRAME_TOY_", folder=tmp_path / "toy", env=env) as toy:
        tls = ClientTls(Certificates(rotation.caller.files), SERVER)
        async with connect(toy.address, tls) as channel:
            assert await health(channel) == SERVING
            await asyncio.sleep(max(0, began + 11 - time.monotonic()))
            rotation.turn()
            toy.process.kill()
            await asyncio.to_thread(toy.wait)
            (tmp_path / "toy" / "address.json").unlink()
            again = {"LISTEN": toy.address, **env}
            with running_service(TOY, prefix="FIRSTFRAME_TOY_", folder=tmp_path / "toy", env=again):
                assert await health(channel) == SERVING


async def test_campaigns_take_calls_from_clients_and_not_from_stages(authority: Authority, tmp_path: Path) -> None:
    code = "import asyncio; from firstframe.orchestrator.app import main; asyncio.run(main())"
    files = authority.issue(tmp_path / "server", "DNS:orchestrator.firstframe.svc")
    env = {"POOLS_FOLDER": tmp_path / "pools", "STATE_FOLDER": tmp_path / "state", **tls_settings(files)}
    command, prefix = [sys.executable, "-c", code], "FIRSTFRAME_ORCHESTRATOR_"
    with running_service(command, prefix=prefix, folder=tmp_path / "service", env=env) as service:
        server = "orchestrator.firstframe.svc"
        async with channel_as(
            authority, service, tmp_path / "client", "DNS:client.firstframe.svc", server=server
        ) as channel:
            assert not (await listed(channel)).campaigns
        async with channel_as(
            authority, service, tmp_path / "stage", "DNS:imagegen.firstframe.svc", server=server
        ) as channel:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await listed(channel)
    assert translate(caught.value).reason == "CALLER_NOT_ALLOWED"


async def listed(channel: grpc.aio.Channel) -> campaigns_pb2.ListCampaignsResponse:
    request = campaigns_pb2.ListCampaignsRequest(parent="projects/local")
    stub: campaigns_pb2_grpc.CampaignServiceAsyncStub = campaigns_pb2_grpc.CampaignServiceStub(channel)
    return await stub.ListCampaigns(request, timeout=20)
