"""The animation service over the wire, in a process of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import av
import cv2
import grpc
import numpy as np
import pytest
from skimage.metrics import structural_similarity

from firstframe.adapters.video import PyavVideo
from firstframe.animation.effects import VERSION as EFFECTS
from firstframe.api.animation.v1 import animation_pb2, animation_pb2_grpc
from firstframe.api.media.v1 import artifact_pb2, check_pb2, clip_pb2, picture_pb2
from firstframe.core.errors import InvalidInput, NotFound, PermissionDenied, PreconditionFailed
from firstframe.core.media import ClipInfo, LayerRole, PixelRect, PixelSize
from firstframe.core.motion import EffectKind
from firstframe.imaging.drift import VERSION as DRIFT
from firstframe.runtime.client import connect, translate
from firstframe.runtime.grants import grant, grant_seal, with_grants
from firstframe.runtime.keys import EngineIdentity, content_key
from support.animated_heroes import layered_hero
from support.stage_process import StageProcess

HERO = layered_hero(320, 180, 20, subject=PixelRect(115, 45, 90, 90))
ROLES = {
    LayerRole.BACKGROUND: picture_pb2.LAYER_ROLE_BACKGROUND,
    LayerRole.SUBJECT: picture_pb2.LAYER_ROLE_SUBJECT,
    LayerRole.FOREGROUND: picture_pb2.LAYER_ROLE_FOREGROUND,
}
Stub = animation_pb2_grpc.AnimationServiceStub


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    with StageProcess("animation", tmp_path_factory.mktemp("animation")) as process:
        yield process


@pytest.fixture
async def stub(service: StageProcess) -> AsyncIterator[Stub]:
    async with connect(service.address) as channel:
        yield animation_pb2_grpc.AnimationServiceStub(channel)


def stored(service: StageProcess, picture: np.ndarray) -> artifact_pb2.ArtifactRef:
    order = {3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}
    coded = cv2.cvtColor(picture, order[picture.shape[2]]) if picture.ndim == 3 else picture
    blob = service.store.put_bytes(cv2.imencode(".png", coded)[1].tobytes(), "image/png")
    return artifact_pb2.ArtifactRef(digest=blob.digest, media_type="image/png", size_bytes=blob.size_bytes)


@pytest.fixture
def request_message(service: StageProcess) -> animation_pb2.AnimateClipRequest:
    """A push over twelve frames with dust."""
    pictures = HERO.layers
    layers = [
        picture_pb2.Layer(role=ROLES[layer.role], image=stored(service, layer.rgba), depth_m=layer.depth_m)
        for layer in pictures.layers
    ]
    stack = picture_pb2.LayerStack(layers=layers, bleed_px=20, horizontal_fov_deg=30, confidence=1)
    size = picture_pb2.PixelSize(width_px=320, height_px=180)
    subject = picture_pb2.PixelRect(x_px=115, y_px=45, width_px=90, height_px=90)
    hero = picture_pb2.Hero(image=stored(service, HERO.image), size=size, layers=stack, subject=subject)
    motion = animation_pb2.Motion(
        camera=animation_pb2.CAMERA_MOVE_PUSH, strength=0.5, atmosphere=animation_pb2.ATMOSPHERE_DUST
    )
    rate = clip_pb2.FrameRate(numerator=24, denominator=1)
    return animation_pb2.AnimateClipRequest(hero=hero, motion=motion, frame_count=12, frame_rate=rate, seed=7)


async def call(stub: Stub, message: animation_pb2.AnimateClipRequest) -> list[animation_pb2.AnimateClipResponse]:
    try:
        return [event async for event in stub.AnimateClip(message, timeout=60)]
    except grpc.aio.AioRpcError as error:
        raise translate(error) from None


async def test_a_hero_becomes_a_clip_once(
    service: StageProcess, stub: Stub, request_message: animation_pb2.AnimateClipRequest, tmp_path: Path
) -> None:
    events = await call(stub, request_message)
    fractions = [event.progress.fraction for event in events[:-1]]
    assert fractions == sorted(fractions)
    result = events[-1].result
    assert result.applied_strength == 0.5
    assert (result.provenance.engine, result.provenance.seed, result.provenance.cached) == ("previz", 7, False)
    assert (result.clip.size.width_px, result.clip.size.height_px, result.clip.frame_count) == (320, 180, 12)

    measures = {check.name: check for check in result.measures}
    assert [name for name, check in measures.items() if check.verdict == check_pb2.VERDICT_FAIL] == []
    assert measures["motion-amount"].value == pytest.approx(100, abs=10)
    assert measures["first-frame"].verdict == check_pb2.VERDICT_PASS
    assert "drift" in result.provenance.engine_version

    path = tmp_path / "clip.mp4"
    service.store.fetch(result.clip.video.digest, path)
    assert PyavVideo().probe(path).clip == ClipInfo(PixelSize(320, 180), Fraction(24), 12)
    with av.open(str(path)) as container:
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(pictures) == 12
    first = next(PyavVideo().read_frames(path)) / 257
    assert structural_similarity(first, HERO.image.astype(float), channel_axis=-1, data_range=255) >= 0.99
    assert np.abs(pictures[-1].astype(int) - pictures[0]).mean() > 1

    again = (await call(stub, request_message))[-1].result
    assert again.provenance.cached
    assert again.clip == result.clip
    assert list(service.scratch.iterdir()) == []


async def test_limits_of_a_hero_come_as_findings(stub: Stub, request_message: animation_pb2.AnimateClipRequest) -> None:
    request_message.motion.camera = animation_pb2.CAMERA_MOVE_PULL
    request_message.motion.strength = 1.0
    result = (await call(stub, request_message))[-1].result
    assert 0 < result.applied_strength < 1
    assert [finding.reason for finding in result.findings] == ["MOTION_LIMITED"]
    assert result.findings[0].severity != picture_pb2.SEVERITY_UNSPECIFIED


async def refused(stub: Stub, message: animation_pb2.AnimateClipRequest) -> tuple[str, str]:
    with pytest.raises(InvalidInput) as caught:
        await call(stub, message)
    return caught.value.metadata["field"], caught.value.message


async def test_pictures_that_are_not_what_was_said_are_refused(
    service: StageProcess, stub: Stub, request_message: animation_pb2.AnimateClipRequest
) -> None:
    good = animation_pb2.AnimateClipRequest.FromString(request_message.SerializeToString())
    hero, layers = request_message.hero, request_message.hero.layers.layers

    layers[1].image.CopyFrom(hero.image)
    assert await refused(stub, request_message) == (
        "hero.layers.layers[1].image",
        "hero.layers.layers[1].image: is 320×180 pixels, not 360×220; check hero.size and bleed_px",
    )
    layers[1].image.CopyFrom(stored(service, HERO.layers.layers[1].rgba[..., :3]))
    assert "is not RGBA of 8 bits" in (await refused(stub, request_message))[1]
    layers[1].image.size_bytes += 1
    assert (await refused(stub, request_message))[0] == "hero.layers.layers[1].image.size_bytes"

    request_message.CopyFrom(good)
    layers = request_message.hero.layers.layers
    layers[0].image.CopyFrom(layers[1].image)
    assert "not opaque" in (await refused(stub, request_message))[1]

    request_message.CopyFrom(good)
    hero = request_message.hero
    blob = service.store.put_bytes(b"no picture at all, but text", "image/png")
    hero.image.digest, hero.image.size_bytes = blob.digest, blob.size_bytes
    assert await refused(stub, request_message) == (
        "hero.image",
        "hero.image: is not a PNG; send the reference as the stage gave it",
    )
    whole = service.store.get_bytes(good.hero.image.digest, max_bytes=10**6)
    blob = service.store.put_bytes(whole[:26], "image/png")
    hero.image.digest, hero.image.size_bytes = blob.digest, blob.size_bytes
    assert "cannot be decoded" in (await refused(stub, request_message))[1]
    hero.image.digest = "sha256:" + "0" * 64
    with pytest.raises(NotFound):
        await call(stub, request_message)


async def test_a_cancelled_call_frees_its_slot(
    service: StageProcess, stub: Stub, request_message: animation_pb2.AnimateClipRequest
) -> None:
    request_message.frame_count, request_message.seed = 600, 1234
    running = stub.AnimateClip(request_message, timeout=60)
    async for event in running:
        if event.progress.fraction > 0.1:
            break
    running.cancel()
    for _ in range(500):
        free = (await stub.GetCapabilities(animation_pb2.GetCapabilitiesRequest())).free_slots
        if free and not list(service.scratch.iterdir()):
            break
        await asyncio.sleep(0.02)
    assert free == 1
    assert list(service.scratch.iterdir()) == []


async def test_it_tells_what_it_can_do(stub: Stub) -> None:
    told = await stub.GetCapabilities(animation_pb2.GetCapabilitiesRequest())
    assert [(engine.engine, bool(engine.version)) for engine in told.engines] == [("previz", True), ("scene", True)]
    assert set(told.camera_moves) == set(animation_pb2.CameraMove.values()) - {0}
    assert told.slots == 1


KINDS = [animation_pb2.EFFECT_KIND_DANCE, animation_pb2.EFFECT_KIND_KISS, animation_pb2.EFFECT_KIND_HUG]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_direct_request_without_consent_is_refused(
    stub: Stub, request_message: animation_pb2.AnimateClipRequest, kind: animation_pb2.EffectKind.ValueType
) -> None:
    request_message.motion.effect.kind = kind
    with pytest.raises(PreconditionFailed) as caught:
        await call(stub, request_message)
    assert caught.value.reason == "NO_CONSENT_KEY"


async def test_a_clip_that_is_there_is_not_given_out_without_consent(
    request_message: animation_pb2.AnimateClipRequest, service: StageProcess, tmp_path: Path
) -> None:
    """Work that is recorded as done: given out with a grant, and neither with none nor with one that has expired."""
    key, now = tmp_path / "consent.key", datetime.now(UTC)
    request_message.motion.effect.kind = animation_pb2.EFFECT_KIND_DANCE
    settings = {"CONSENT_KEY_FILE": str(key), "STORE__FOLDER": str(service.folder / "store")}
    with StageProcess("animation", tmp_path, **settings) as process:
        seal = grant_seal(None, key)
        assert seal is not None

        def granted(seconds: float) -> animation_pb2.AnimateClipRequest:
            end = now + timedelta(seconds=seconds)
            return with_grants(
                request_message,
                [seal.sealed(grant("projects/p/consents/a", EffectKind.DANCE, request_message.hero, end))],
            )

        async with connect(process.address) as channel:
            direct = animation_pb2_grpc.AnimationServiceStub(channel)
            told = await direct.GetCapabilities(animation_pb2.GetCapabilitiesRequest(), timeout=20)
            version = f"{told.engines[0].version}+effects-{EFFECTS}+drift.{DRIFT}"
            work = content_key("animation", EngineIdentity("previz", version), request_message)
            result = animation_pb2.AnimateClipResult(applied_strength=0.25)
            result.provenance.key = work
            service.store.put_record(work, result.SerializeToString(deterministic=True))
            assert (await call(direct, granted(3600)))[-1].result.applied_strength == 0.25
            for asked in (request_message, granted(-1)):
                with pytest.raises(PermissionDenied) as caught:
                    await call(direct, asked)
                assert caught.value.reason == "NO_CONSENT"


async def test_atmospheres_go_where_the_hero_and_the_mask_say(
    service: StageProcess, stub: Stub, request_message: animation_pb2.AnimateClipRequest, tmp_path: Path
) -> None:
    hero, motion = request_message.hero, request_message.motion
    objects = np.zeros((180, 320), np.uint8)
    objects[120:] = 1
    hero.object_ids.CopyFrom(stored(service, objects))
    hero.object_names.append("water")
    hero.inverse_depth.CopyFrom(stored(service, np.full((180, 320), 20000, np.uint16)))
    mask = np.zeros((180, 320), np.uint8)
    mask[:60, 250:] = 255
    motion.camera, motion.atmosphere = animation_pb2.CAMERA_MOVE_LOCKED, animation_pb2.ATMOSPHERE_UNSPECIFIED
    motion.airs.add(kind=animation_pb2.ATMOSPHERE_WATER, amount=1.0)
    motion.airs.add(kind=animation_pb2.ATMOSPHERE_MIST, amount=1.0).mask.CopyFrom(stored(service, mask))
    motion.airs.add(kind=animation_pb2.ATMOSPHERE_CLOTH)
    result = (await call(stub, request_message))[-1].result
    left_out = [finding for finding in result.findings if finding.reason == "AIR_NOT_PLACED"]
    assert ["no cloth was found" in finding.message for finding in left_out] == [True]
    path = tmp_path / "clip.mp4"
    service.store.fetch(result.clip.video.digest, path)
    with av.open(str(path)) as container:
        pictures = [frame.to_ndarray(format="rgb24").astype(int) for frame in container.decode(video=0)]
    changed = np.abs(pictures[-1] - pictures[0]).max(-1)
    assert changed[:50, 265:].mean() > 4 * changed[:50, 120:200].mean() + 1
    assert changed[140:, 10:60].mean() > 4 * changed[70:100, 10:60].mean() + 1

    motion.airs[0].region = motion.airs[2].region = ""
    hero.regions.add(name="cloth").mask.CopyFrom(stored(service, mask))
    told = (await call(stub, request_message))[-1].result.findings
    assert "AIR_NOT_PLACED" not in {finding.reason for finding in told}, "drawn, so it need not be found"
    hero.regions[0].mask.CopyFrom(stored(service, mask[:90]))
    assert (await refused(stub, request_message))[0] == "hero.regions[0].mask"
    hero.ClearField("regions")

    motion.airs[1].mask.CopyFrom(stored(service, mask[:90]))
    assert await refused(stub, request_message) == (
        "motion.airs[1].mask",
        "motion.airs[1].mask: is 320×90 pixels, not 320×180; check hero.size and bleed_px",
    )
    motion.airs[1].mask.CopyFrom(hero.image)
    assert "is not grey of 8 bits" in (await refused(stub, request_message))[1]
    motion.airs[1].mask.CopyFrom(stored(service, mask))
    hero.inverse_depth.CopyFrom(hero.object_ids)
    assert await refused(stub, request_message) == (
        "hero.inverse_depth",
        "hero.inverse_depth: is not grey of 16 bits; convert it",
    )
