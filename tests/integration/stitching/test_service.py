"""The stitching service over the wire, at a size that platforms take."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from fractions import Fraction
from pathlib import Path

import av
import grpc
import numpy as np
import pytest

from firstframe.adapters.video import PyavVideo
from firstframe.api.media.v1 import artifact_pb2, clip_pb2, picture_pb2
from firstframe.api.stitching.v1 import stitching_pb2, stitching_pb2_grpc
from firstframe.core.delivery import PLATFORMS
from firstframe.core.errors import InvalidInput, NotFound, PreconditionFailed
from firstframe.core.media import PixelSize
from firstframe.runtime.client import connect, translate
from firstframe.stitching.conformance import file_violations
from firstframe.stitching.rules import rules_of
from support.stage_process import StageProcess

SIZE = PixelSize(1080, 1920)
RATE = Fraction(24)
FRAMES = 36


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    with StageProcess("stitching", tmp_path_factory.mktemp("stitching")) as process:
        yield process


@pytest.fixture(scope="module")
def clip(service: StageProcess, tmp_path_factory: pytest.TempPathFactory) -> clip_pb2.Clip:
    """A second and a half of large blocks that rise, 1080 × 1920, in the store."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    blocks = np.random.default_rng(4).integers(30, 220, (41, 18, 3)).repeat(60, 0).repeat(60, 1).astype(np.uint8)
    frames = (blocks[4 * index : 4 * index + SIZE.height] for index in range(FRAMES))
    PyavVideo().write_clip(path, frames, size=SIZE, frame_rate=RATE)
    stored = service.store.put_file(path, "video/mp4")
    video = artifact_pb2.ArtifactRef(digest=stored.digest, media_type="video/mp4", size_bytes=stored.size_bytes)
    rate = clip_pb2.FrameRate(numerator=24, denominator=1)
    size = picture_pb2.PixelSize(width_px=SIZE.width, height_px=SIZE.height)
    return clip_pb2.Clip(video=video, size=size, frame_rate=rate, frame_count=FRAMES)


@pytest.fixture
async def stub(service: StageProcess) -> AsyncIterator[stitching_pb2_grpc.StitchingServiceAsyncStub]:
    async with connect(service.address) as channel:
        yield stitching_pb2_grpc.StitchingServiceStub(channel)


def request(clips: list[clip_pb2.Clip], platform: str) -> stitching_pb2.StitchDeliverableRequest:
    return stitching_pb2.StitchDeliverableRequest(clips=clips, platform=platform)


async def call(
    stub: stitching_pb2_grpc.StitchingServiceAsyncStub, message: stitching_pb2.StitchDeliverableRequest
) -> list[stitching_pb2.StitchDeliverableResponse]:
    try:
        return [event async for event in stub.StitchDeliverable(message, timeout=120)]
    except grpc.aio.AioRpcError as error:
        raise translate(error) from None


async def test_a_deliverable_for_tiktok(
    service: StageProcess, stub: stitching_pb2_grpc.StitchingServiceAsyncStub, clip: clip_pb2.Clip, tmp_path: Path
) -> None:
    events = await call(stub, request([clip, clip], "tiktok"))
    shares = [event.progress.fraction for event in events[:-1]]
    assert shares == sorted(shares)
    assert {event.progress.phase for event in events[:-1]} >= {"encoding"}
    result = events[-1].result
    path = tmp_path / "deliverable.mp4"
    service.store.fetch(result.video.file.digest, path)
    facts = PyavVideo().probe(path)
    assert list(file_violations(rules_of(PLATFORMS["tiktok"]), facts)) == []
    assert (result.video.frame_count, result.video.video_codec, result.video.audio_codec) == (72, "h264", "aac")
    assert (result.video.size.width_px, result.video.size.height_px) == (1080, 1920)
    assert result.video.file.size_bytes == path.stat().st_size
    assert facts.keyframes == (0, 12, 24, 36, 48, 60)
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray()[:1920].astype(float) for frame in container.decode(video=0)]
    assert len(frames) == 72
    assert np.abs(frames[0] - frames[36]).mean() < 1, "the second clip starts as the first"
    assert np.abs(frames[0] - frames[35]).mean() > 5, "it moves"

    again = (await call(stub, request([clip, clip], "tiktok")))[-1].result
    assert again.provenance.cached
    assert again.video == result.video
    assert list(service.scratch.iterdir()) == []


async def test_a_cancelled_call_frees_its_slot(
    stub: stitching_pb2_grpc.StitchingServiceAsyncStub, clip: clip_pb2.Clip
) -> None:
    running = stub.StitchDeliverable(request([clip] * 20, "instagram-reels"), timeout=120)
    async for event in running:
        if event.progress.phase == "encoding":
            break
    assert (await stub.GetCapabilities(stitching_pb2.GetCapabilitiesRequest())).free_slots == 0
    running.cancel()
    for _ in range(400):
        if (await stub.GetCapabilities(stitching_pb2.GetCapabilitiesRequest())).free_slots:
            return
        await asyncio.sleep(0.05)
    pytest.fail("the slot is still taken")


async def test_clips_that_the_platform_does_not_take_are_refused(
    stub: stitching_pb2_grpc.StitchingServiceAsyncStub, clip: clip_pb2.Clip
) -> None:
    with pytest.raises(PreconditionFailed, match=r"Instagram Reels: length is 1\.5 s, must be 3 to 900 s") as short:
        await call(stub, request([clip], "instagram-reels"))
    assert short.value.reason == "NOT_CONFORMANT"
    with pytest.raises(PreconditionFailed, match="frame size is 1080×1920, must be 1920×1080"):
        await call(stub, request([clip], "youtube"))


async def test_wrong_requests_are_refused_with_the_field(
    stub: stitching_pb2_grpc.StitchingServiceAsyncStub, clip: clip_pb2.Clip
) -> None:
    other_size, other_rate = clip_pb2.Clip(), clip_pb2.Clip()
    other_size.CopyFrom(clip)
    other_size.size.width_px = 1082
    other_rate.CopyFrom(clip)
    other_rate.frame_rate.numerator = 25
    engine = request([clip, clip], "tiktok")
    engine.engine = "magic"
    wrong = {
        "clips": request([], "tiktok"),
        "platform": request([clip, clip], "cinema"),
        "clips[1].size": request([clip, other_size], "tiktok"),
        "clips[1].frame_rate": request([clip, other_rate], "tiktok"),
        "engine": engine,
    }
    for field, message in wrong.items():
        with pytest.raises(InvalidInput) as caught:
            await call(stub, message)
        assert caught.value.metadata["field"] == field
    with pytest.raises(InvalidInput, match="there are 101; give 1 to 100"):
        await call(stub, request([clip] * 101, "tiktok"))


async def test_a_missing_clip_is_not_found(
    stub: stitching_pb2_grpc.StitchingServiceAsyncStub, clip: clip_pb2.Clip
) -> None:
    missing = clip_pb2.Clip()
    missing.CopyFrom(clip)
    missing.video.digest = "sha256:" + "0" * 64
    with pytest.raises(NotFound):
        await call(stub, request([clip, missing], "tiktok"))


async def test_capabilities_name_every_platform(stub: stitching_pb2_grpc.StitchingServiceAsyncStub) -> None:
    found = await stub.GetCapabilities(stitching_pb2.GetCapabilitiesRequest())
    assert list(found.platforms) == list(PLATFORMS)
    assert [engine.engine for engine in found.engines] == ["previz"]
    assert found.slots == 1
