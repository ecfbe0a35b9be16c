"""Learned models behind the stages' own RPCs: what comes back, and what a caller is told when the model server fails."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import grpc
import numpy as np
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from firstframe.adapters.triton import TritonInference
from firstframe.adapters.triton.config import Target
from firstframe.adapters.triton.repository import write_repository
from firstframe.adapters.video import PyavVideo
from firstframe.api.animation.v1 import animation_pb2, animation_pb2_grpc
from firstframe.api.imagegen.v1 import imagegen_pb2, imagegen_pb2_grpc
from firstframe.api.media.v1 import artifact_pb2, clip_pb2, picture_pb2
from firstframe.cli.briefs import load_brief
from firstframe.core.errors import (
    DeadlineExceeded,
    Exhausted,
    FirstframeError,
    Internal,
    InvalidInput,
    NotFound,
    Unavailable,
)
from firstframe.orchestrator.plan import StillSpec
from firstframe.orchestrator.requests import hero_request
from firstframe.packs import canary
from firstframe.runtime.client import connect, translate
from support.stage_process import StageProcess
from support.tiny_home import Machine, machine
from support.triton import RunningTriton, running_triton
from support.triton_models import replace_script, with_faults

SIZE = picture_pb2.PixelSize(width_px=1920, height_px=1080)
LONG_S = 60
UNET = "tiny-sd-unet"
Request = imagegen_pb2.GenerateHeroRequest
Stub = imagegen_pb2_grpc.ImageGenServiceStub


@dataclass
class Serving:
    """An image stage, its Triton server, and folders whose files make models of that server fail."""

    stage: StageProcess
    triton: RunningTriton
    faults: dict[str, Path]


def write_models(found: Machine, folder: Path) -> dict[str, Path]:
    """A repository in which the denoiser and the canary can be made to fail."""
    models = [model for pack in found.packs for model in pack.served()]
    write_repository([*models, canary.make(folder)], Target(warm_up=False, threads=1), folder / "repository")
    faults = {name: folder / f"faults-{name}" for name in (UNET, canary.NAME)}
    for name, place in faults.items():
        place.mkdir()
        replace_script(folder / "repository", name, with_faults(place))
    return faults


def settings(found: Machine, triton: RunningTriton) -> dict[str, str]:
    own = found.settings(TRITON=triton.address, CANARY_PERIOD_S="0.2", CANARY_FAILURES="2", STEP_TIMEOUT_S="20")
    return own | {"SLOTS": "6"}


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    folder = tmp_path_factory.mktemp("stage")
    found = machine(folder, ["sd"])
    limit_queue(found, UNET, 1)
    faults = write_models(found, folder)
    with (
        running_triton(folder / "repository", folder) as triton,
        StageProcess("imagegen", folder, **settings(found, triton)) as stage,
    ):
        yield Serving(stage, triton, faults)


def limit_queue(found: Machine, model: str, size: int) -> None:
    """Lets only so many requests wait for a model."""
    (pack,) = found.packs
    path = pack.folder / "onnx" / "exported.json"
    record = json.loads(path.read_text())
    for graph in record["graphs"]:
        if pack.pack.pack + "-" + graph["name"] == model:
            graph["batching"] |= {"max_size": 1, "preferred": [], "queue_size": size}
    path.unlink()  # a link to the cache
    path.write_text(json.dumps(record))


@pytest.fixture
async def stub(serving: Serving) -> AsyncIterator[Stub]:
    async with connect(serving.stage.address) as channel:
        yield Stub(channel)


def asked(seed: int, text: str = "a cat", **prompt: object) -> Request:
    return Request(size=SIZE, seed=seed, prompt=imagegen_pb2.Prompt(**{"text": text, **prompt}))


async def made(stub: Stub, request: Request, timeout_s: float = LONG_S) -> imagegen_pb2.GenerateHeroResult:
    try:
        events = [event async for event in stub.GenerateHero(request, timeout=timeout_s)]
    except grpc.aio.AioRpcError as error:
        raise translate(error) from None
    return events[-1].result


async def refused(stub: Stub, request: Request, timeout_s: float = LONG_S) -> FirstframeError:
    with pytest.raises(FirstframeError) as caught:
        await made(stub, request, timeout_s)
    return caught.value


def ready(stage: StageProcess) -> bool:
    try:
        with urllib.request.urlopen(f"http://{stage.metrics}/readyz", timeout=10) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError as error:
        assert error.code == 503
        return False


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(LONG_S):
        while not await asyncio.to_thread(holds):
            await asyncio.sleep(0.05)


def picture_of(serving: Serving, reference: artifact_pb2.ArtifactRef) -> np.ndarray:
    data = serving.stage.store.get_bytes(reference.digest, max_bytes=1 << 24)
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)


async def test_words_become_a_hero_once(serving: Serving, stub: Stub) -> None:
    first = await made(stub, asked(1))
    again = await made(stub, asked(1))
    other = await made(stub, asked(2))

    assert (first.hero.size.width_px, first.hero.size.height_px) == (64, 36)
    assert first.provenance.engine == "diffusers"
    assert first.provenance.engine_version.startswith("2-tiny-sd-")
    assert first.provenance.details["pack"] == "tiny-sd"
    assert first.hero.findings[0].reason == "NATIVE_SIZE"
    assert (again.provenance.cached, again.hero.image.digest) == (True, first.hero.image.digest)
    assert other.hero.image.digest != first.hero.image.digest
    assert picture_of(serving, first.hero.image).shape == (36, 64, 3)


BRIEF = """\
campaign: words
heroes:
  - name: fern
    seed: 5
    prompt: {text: a fern on stone, background: mist, negative: text, guidance: 3, steps: 4, pack: tiny-sd}
formats: ["16:9"]
motion: {recipe: slow-push}
deliver: [youtube]
"""


async def test_a_campaign_file_by_prompt_is_what_the_stage_makes(serving: Serving, stub: Stub, tmp_path: Path) -> None:
    file = tmp_path / "brief.yaml"
    file.write_text(BRIEF)
    plan = load_brief(file).plan
    spec = plan.steps[0].spec
    assert isinstance(spec, StillSpec)
    request = hero_request(spec)
    assert "Foreground: soft shapes" in request.prompt.text
    assert "background: mist" in request.prompt.text
    assert [finding.reason for finding in plan.findings] == ["PACK_NOT_KNOWN"]

    hero = await made(stub, request)

    assert (hero.provenance.seed, hero.provenance.details["steps"]) == (5, "4")
    assert (hero.hero.size.width_px, hero.hero.size.height_px) == (64, 36)
    assert hero.hero.layers.layers


async def test_a_reference_leads_the_picture(serving: Serving, stub: Stub) -> None:
    ramp = np.tile(np.linspace(0, 255, 128).astype(np.uint8)[None, :, None], (72, 1, 3))
    data = cv2.imencode(".png", ramp)[1].tobytes()
    blob = serving.stage.store.put_bytes(data, "image/png")
    reference = artifact_pb2.ArtifactRef(digest=blob.digest, media_type="image/png", size_bytes=blob.size_bytes)

    led = await made(stub, asked(3, steps=10, reference=reference, strength=0.1))
    free = await made(stub, asked(3, steps=10))

    assert led.hero.image.digest != free.hero.image.digest
    assert led.provenance.details["strength"] == "0.1"


async def test_capabilities_tell_pack_version_sizes_and_warm_models(stub: Stub) -> None:
    answer = await stub.GetCapabilities(imagegen_pb2.GetCapabilitiesRequest())

    previz, learned = answer.engines
    assert (previz.engine, previz.pack, list(previz.models)) == ("previz", "", [])
    assert (learned.engine, learned.pack) == ("diffusers", "tiny-sd")
    assert UNET in learned.models
    assert {(size.width_px, size.height_px) for size in learned.native_sizes} == {(32, 32), (64, 48)}
    result = await made(stub, asked(1))
    assert result.provenance.engine_version == learned.version


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (asked(1, pack="sdxl"), "prompt.pack"),
        (asked(1, negative_text="blur", guidance=1.0), "prompt.negative_text"),
        (Request(size=picture_pb2.PixelSize(width_px=1080, height_px=1350), prompt={"text": "a cat"}), "size"),
        (Request(size=picture_pb2.PixelSize(width_px=640, height_px=480), prompt={"text": "a cat"}), "size"),
    ],
)
async def test_what_the_pack_cannot_do_is_refused_by_field(stub: Stub, request_: Request, field: str) -> None:
    error = await refused(stub, request_)

    assert isinstance(error, InvalidInput)
    assert error.metadata["field"] == field


async def test_a_deadline_ends_the_work(stub: Stub) -> None:
    error = await refused(stub, asked(10, steps=200), timeout_s=0.5)

    assert isinstance(error, DeadlineExceeded)


async def test_a_cancel_stops_within_a_step(serving: Serving, stub: Stub) -> None:
    call = stub.GenerateHero(asked(11, steps=200), timeout=LONG_S)
    async for event in call:
        if "denoising" in event.progress.phase:
            break
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call.read()

    async def idle() -> bool:
        answer = await stub.GetCapabilities(imagegen_pb2.GetCapabilitiesRequest())
        return bool(answer.free_slots == answer.slots)

    async with asyncio.timeout(LONG_S):
        while not await idle():
            await asyncio.sleep(0.02)
    # Of 200 steps with two samples each, the server has seen few.
    answered, _ = serving.triton.statistics(UNET, 1)
    await asyncio.sleep(0.5)
    assert serving.triton.statistics(UNET, 1)[0] == answered
    assert await made(stub, asked(12))


async def test_a_full_queue_sends_the_caller_elsewhere(stub: Stub) -> None:
    answers = await asyncio.gather(*(made(stub, asked(20 + n, steps=30)) for n in range(6)), return_exceptions=True)

    refusals = [error for error in answers if isinstance(error, FirstframeError)]
    assert refusals
    assert {(type(error), error.reason) for error in refusals} == {(Exhausted, "MODEL_QUEUE_FULL")}
    assert all(error.retry_after_s for error in refusals)
    assert len(refusals) < len(answers)


async def test_a_model_that_is_gone_is_named(serving: Serving, stub: Stub) -> None:
    operator = TritonInference(serving.triton.address)
    await operator.unload(UNET)

    error = await refused(stub, asked(30))

    assert isinstance(error, NotFound)
    assert (error.reason, error.metadata["model"]) == ("MODEL_NOT_FOUND", UNET)
    await operator.load(UNET)
    await operator.close()
    assert await made(stub, asked(30))


@pytest.mark.parametrize(("fault", "reason"), [("fail", "MODEL_FAILED"), ("empty", "EMPTY_OUTPUT")])
async def test_a_model_that_fails_is_an_error_of_its_own(serving: Serving, stub: Stub, fault: str, reason: str) -> None:
    file = serving.faults[UNET] / fault
    file.touch()

    error = await refused(stub, asked(40, fault))

    file.unlink()
    assert isinstance(error, Internal)
    assert error.reason == reason
    # The canary is well: one model's fault takes no server out.
    assert ready(serving.stage)
    assert await made(stub, asked(40, fault))


async def test_a_failing_canary_takes_the_stage_out_of_service(serving: Serving, stub: Stub) -> None:
    file = serving.faults[canary.NAME] / "fail"
    file.touch()

    await until(lambda: not ready(serving.stage))
    error = await refused(stub, asked(50))
    async with connect(serving.stage.address) as channel:
        health = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())

    assert isinstance(error, Unavailable)
    assert error.reason == "MODEL_UNHEALTHY"
    assert error.retry_after_s
    assert health.status == health_pb2.HealthCheckResponse.NOT_SERVING
    answer = await stub.GetCapabilities(imagegen_pb2.GetCapabilitiesRequest())
    assert not answer.engines[1].models

    file.unlink()
    await until(lambda: ready(serving.stage))
    assert await made(stub, asked(50))


async def test_a_killed_server_is_unavailable_until_it_is_back(serving: Serving, stub: Stub) -> None:
    serving.triton.kill()

    error = await refused(stub, asked(60))
    await until(lambda: not ready(serving.stage))

    assert isinstance(error, Unavailable)
    assert error.reason in {"MODEL_SERVER_UNAVAILABLE", "MODEL_UNHEALTHY"}
    assert error.retry_after_s
    assert serving.triton.start()
    await until(lambda: ready(serving.stage))
    assert await made(stub, asked(60))


def test_a_stage_does_not_start_on_a_server_with_other_models(tmp_path: Path) -> None:
    found = machine(tmp_path, ["sd"])
    write_models(found, tmp_path)
    config = tmp_path / "repository" / UNET / "config.pbtxt"
    text = config.read_text()
    config.write_text(text.replace("dims: 4", "dims: -1", 1))
    assert config.read_text() != text

    with (
        running_triton(tmp_path / "repository", tmp_path) as triton,
        pytest.raises(AssertionError, match="generate the repository again"),
    ):
        StageProcess("imagegen", tmp_path, **settings(found, triton)).__enter__()


def test_a_stage_waits_for_its_server(tmp_path: Path) -> None:
    found = machine(tmp_path, ["sd"])
    write_models(found, tmp_path)
    with running_triton(tmp_path / "repository", tmp_path) as triton:
        triton.kill()
        stage = StageProcess("imagegen", tmp_path, **settings(found, triton))
        begun = asyncio.run(_started_late(stage, triton, tmp_path / "imagegen.log"))
        assert begun


async def _started_late(stage: StageProcess, triton: RunningTriton, log: Path) -> bool:
    entering = asyncio.create_task(asyncio.to_thread(stage.__enter__))
    await until(lambda: log.exists() and "waiting for the model server" in log.read_text())
    waited = not entering.done()
    assert triton.start()
    await entering
    stage.__exit__(None, None, None)
    return waited


@pytest.fixture
def animating(tmp_path: Path) -> Iterator[StageProcess]:
    found = machine(tmp_path, ["svd"])
    with StageProcess("animation", tmp_path, **found.settings()) as stage:
        yield stage


async def test_a_hero_becomes_a_clip_of_a_pack(animating: StageProcess) -> None:
    rows, columns = np.mgrid[:54, :96]
    image = np.stack([rows * 4 % 256, columns * 2 % 256, rows % 256], -1).astype(np.uint8)
    request = clip_request(animating, image)

    async with connect(animating.address) as channel:
        stub = animation_pb2_grpc.AnimationServiceStub(channel)
        events = [event async for event in stub.AnimateClip(request, timeout=LONG_S)]
        capabilities = await stub.GetCapabilities(animation_pb2.GetCapabilitiesRequest())

    result = events[-1].result
    path = animating.store.fetch(result.clip.video.digest, animating.scratch.parent / "clip.mp4")
    frames = list(PyavVideo().read_frames(path or animating.scratch.parent / "clip.mp4"))
    assert len(frames) == 3
    assert frames[0].shape[0] * 16 == frames[0].shape[1] * 9
    assert result.provenance.details["pack"] == "tiny-svd"
    assert {finding.reason for finding in result.findings} == {"NATIVE_SIZE", "FIRST_FRAME_LIKENESS"}
    assert any("denoising" in event.progress.phase for event in events)
    assert "tiny-svd-unet" in capabilities.engines[1].models


def clip_request(stage: StageProcess, image: np.ndarray) -> animation_pb2.AnimateClipRequest:
    def stored(picture: np.ndarray) -> artifact_pb2.ArtifactRef:
        blob = stage.store.put_bytes(cv2.imencode(".png", picture)[1].tobytes(), "image/png")
        return artifact_pb2.ArtifactRef(digest=blob.digest, media_type="image/png", size_bytes=blob.size_bytes)

    opaque = np.dstack([image, np.full(image.shape[:2], 255, np.uint8)])
    layer = picture_pb2.Layer(role=picture_pb2.LAYER_ROLE_BACKGROUND, image=stored(opaque), depth_m=2.0)
    return animation_pb2.AnimateClipRequest(
        engine="diffusers",
        hero=picture_pb2.Hero(
            image=stored(image),
            size=picture_pb2.PixelSize(width_px=96, height_px=54),
            layers=picture_pb2.LayerStack(layers=[layer], horizontal_fov_deg=40, confidence=1),
        ),
        motion=animation_pb2.Motion(camera=animation_pb2.CAMERA_MOVE_PUSH, strength=0.25),
        frame_count=3,
        frame_rate=clip_pb2.FrameRate(numerator=7, denominator=1),
        seed=5,
    )
