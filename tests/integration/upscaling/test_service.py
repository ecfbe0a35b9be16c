"""The upscaling service over the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from fractions import Fraction
from pathlib import Path

import grpc
import numpy as np
import pytest

from firstframe.adapters.video import PyavVideo
from firstframe.api.media.v1 import artifact_pb2, clip_pb2, picture_pb2
from firstframe.api.upscaling.v1 import upscaling_pb2, upscaling_pb2_grpc
from firstframe.core.errors import InvalidInput, NotFound
from firstframe.core.media import ClipInfo, PixelSize
from firstframe.runtime.client import connect, translate
from support.stage_process import StageProcess

RATE = Fraction(24)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageProcess]:
    with StageProcess("upscaling", tmp_path_factory.mktemp("upscaling")) as process:
        yield process


@pytest.fixture(scope="module")
def clip(service: StageProcess, tmp_path_factory: pytest.TempPathFactory) -> clip_pb2.Clip:
    """Six frames of 160 × 90 in the store."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    frames = (np.full((90, 160, 3), 40 + 20 * index, np.uint8) for index in range(6))
    info = PyavVideo().write_clip(path, frames, size=PixelSize(160, 90), frame_rate=RATE)
    stored = service.store.put_file(path, "video/mp4")
    video = artifact_pb2.ArtifactRef(digest=stored.digest, media_type="video/mp4", size_bytes=stored.size_bytes)
    rate = clip_pb2.FrameRate(numerator=24, denominator=1)
    size = picture_pb2.PixelSize(width_px=160, height_px=90)
    return clip_pb2.Clip(video=video, size=size, frame_rate=rate, frame_count=info.frame_count)


@pytest.fixture
async def stub(service: StageProcess) -> AsyncIterator[upscaling_pb2_grpc.UpscalingServiceAsyncStub]:
    async with connect(service.address) as channel:
        yield upscaling_pb2_grpc.UpscalingServiceStub(channel)


def request(clip: clip_pb2.Clip, width: int = 320, height: int = 180) -> upscaling_pb2.UpscaleClipRequest:
    size = picture_pb2.PixelSize(width_px=width, height_px=height)
    return upscaling_pb2.UpscaleClipRequest(clip=clip, size=size)


async def call(
    stub: upscaling_pb2_grpc.UpscalingServiceAsyncStub, message: upscaling_pb2.UpscaleClipRequest
) -> list[upscaling_pb2.UpscaleClipResponse]:
    try:
        return [event async for event in stub.UpscaleClip(message, timeout=60)]
    except grpc.aio.AioRpcError as error:
        raise translate(error) from None


async def test_a_clip_is_enlarged_once(
    service: StageProcess, stub: upscaling_pb2_grpc.UpscalingServiceAsyncStub, clip: clip_pb2.Clip, tmp_path: Path
) -> None:
    events = await call(stub, request(clip))
    assert all(event.HasField("progress") for event in events[:-1])
    result = events[-1].result
    service.store.fetch(result.clip.video.digest, tmp_path / "large.mp4")
    facts = PyavVideo().probe(tmp_path / "large.mp4")
    assert facts.clip == ClipInfo(PixelSize(320, 180), RATE, 6)
    assert (result.clip.size.width_px, result.clip.size.height_px, result.clip.frame_count) == (320, 180, 6)
    assert result.clip.video.size_bytes == facts.size_bytes
    assert (result.provenance.engine, result.provenance.cached) == ("previz", False)

    again = (await call(stub, request(clip)))[-1].result
    assert again.provenance.cached
    assert again.clip == result.clip
    assert list(service.scratch.iterdir()) == []


async def test_a_clip_of_that_size_is_returned_as_it_is(
    stub: upscaling_pb2_grpc.UpscalingServiceAsyncStub, clip: clip_pb2.Clip
) -> None:
    assert (await call(stub, request(clip, 160, 90)))[-1].result.clip == clip
    with pytest.raises(InvalidInput, match="said to be 9 frames"):
        await call(stub, request(changed(clip, frame_count=9), 160, 90))


def changed(clip: clip_pb2.Clip, **values: object) -> clip_pb2.Clip:
    other = clip_pb2.Clip()
    other.CopyFrom(clip)
    for path, value in values.items():
        *parents, name = path.split("__")
        target: object = other
        for parent in parents:
            target = getattr(target, parent)
        setattr(target, name, value)
    return other


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("clip.video.digest", {"video__digest": "sha256:123"}),
        ("clip.video.size_bytes", {"video__size_bytes": 0}),
        ("clip.video.size_bytes", {"video__size_bytes": 77}),
        ("clip.size.width_px", {"size__width_px": 8}),
        ("clip.frame_rate.denominator", {"frame_rate__denominator": 0}),
        ("clip.frame_count", {"frame_count": 0}),
        ("clip", {"frame_count": 7}),
    ],
)
async def test_wrong_clips_are_refused_with_the_field(
    stub: upscaling_pb2_grpc.UpscalingServiceAsyncStub, clip: clip_pb2.Clip, field: str, values: dict[str, object]
) -> None:
    with pytest.raises(InvalidInput) as caught:
        await call(stub, request(changed(clip, **values)))
    assert caught.value.metadata["field"] == field


@pytest.mark.parametrize(("width", "height"), [(80, 46), (320, 320), (321, 180), (320, 9000)])
async def test_wrong_sizes_are_refused(
    stub: upscaling_pb2_grpc.UpscalingServiceAsyncStub, clip: clip_pb2.Clip, width: int, height: int
) -> None:
    with pytest.raises(InvalidInput) as caught:
        await call(stub, request(clip, width, height))
    assert caught.value.metadata["field"].startswith("size")


async def test_an_unknown_engine_is_refused(
    stub: upscaling_pb2_grpc.UpscalingServiceAsyncStub, clip: clip_pb2.Clip
) -> None:
    message = request(clip)
    message.engine = "magic"
    with pytest.raises(InvalidInput, match="use previz"):
        await call(stub, message)


async def test_a_missing_clip_is_not_found(
    stub: upscaling_pb2_grpc.UpscalingServiceAsyncStub, clip: clip_pb2.Clip
) -> None:
    with pytest.raises(NotFound) as caught:
        await call(stub, request(changed(clip, video__digest="sha256:" + "0" * 64)))
    assert caught.value.reason == "ARTIFACT_NOT_FOUND"


async def test_bytes_that_are_no_video_are_refused(
    service: StageProcess, stub: upscaling_pb2_grpc.UpscalingServiceAsyncStub, clip: clip_pb2.Clip
) -> None:
    stored = service.store.put_bytes(b"no video at all", "video/mp4")
    wrong = changed(clip, video__digest=stored.digest, video__size_bytes=stored.size_bytes)
    with pytest.raises(InvalidInput) as caught:
        await call(stub, request(wrong))
    assert caught.value.metadata["field"] == "clip"


async def test_capabilities(stub: upscaling_pb2_grpc.UpscalingServiceAsyncStub) -> None:
    found = await stub.GetCapabilities(upscaling_pb2.GetCapabilitiesRequest())
    assert [engine.engine for engine in found.engines] == ["previz"]
    assert (found.slots, found.free_slots) == (1, 1)
