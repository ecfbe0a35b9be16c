"""A small finished campaign with real pictures and videos, and a store that has them."""

from __future__ import annotations

from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from firstframe.adapters.memory import MemoryStore
from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.imagegen.v1 import imagegen_pb2

SIZES = {"16:9": (128, 72), "9:16": (72, 128)}
PLATFORMS = {"16:9": ("youtube",), "9:16": ("tiktok", "instagram-reels")}
FRAMES = 12
RED_LEVELS = (40, 120, 220)
"""Red of the first, middle and last frame of the test clip."""


class Blobs(MemoryStore):
    """A store that remembers what was fetched from it."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []

    def add(self, data: bytes) -> str:
        return self.put_bytes(data, "application/octet-stream").digest

    def data(self, digest: str) -> bytes:
        return self.get_bytes(digest, max_bytes=1 << 30)

    def forget(self, digest: str) -> None:
        del self.blobs[digest.removeprefix("sha256:")]

    def fetch(self, digest: str, target: Path) -> None:
        self.fetched.append(digest)
        super().fetch(digest, target)


def still_bytes(width: int, height: int, shade: int) -> bytes:
    data = BytesIO()
    Image.new("RGB", (width, height), (shade, 60, 90)).save(data, "PNG")
    return data.getvalue()


def clip_bytes(folder: Path, width: int, height: int) -> bytes:
    path = folder / "clip.mp4"
    reds = np.linspace(RED_LEVELS[0], RED_LEVELS[2], FRAMES)
    reds[FRAMES // 2] = RED_LEVELS[1]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(
            "libx264", rate=Fraction(30), options={"preset": "ultrafast", "g": "4", "crf": "4"}
        )
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for red in reds:
            pixels = np.full((height, width, 3), (round(red), 20, 20), np.uint8)
            frame = av.VideoFrame.from_ndarray(pixels, "rgb24").reformat(format="yuv420p", dst_colorspace=1)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path.read_bytes()


@pytest.fixture
def blobs() -> Blobs:
    return Blobs()


@pytest.fixture
def campaign(blobs: Blobs, tmp_path: Path) -> campaigns_pb2.Campaign:
    made = campaigns_pb2.Campaign(
        name="projects/local/campaigns/first-light-0123456789ab",
        state=campaigns_pb2.CAMPAIGN_STATE_SUCCEEDED,
        brief=campaigns_pb2.Brief(campaign="first-light", motion=campaigns_pb2.MotionBrief(recipe="slow-push")),
    )
    hero = made.brief.heroes.add(name="bottle")
    hero.set.CopyFrom(imagegen_pb2.ProductSet(scene="studio", palette="dawn", copy="First Light"))
    for number, (name, (width, height)) in enumerate(SIZES.items()):
        slug = name.replace(":", "x")
        lane = made.lanes.add(
            lane=f"bottle.1.{slug}",
            hero_name="bottle",
            variation=1,
            format=name,
            state=campaigns_pb2.LANE_STATE_SUCCEEDED,
        )
        lane.hero.image.digest = blobs.add(still_bytes(width, height, 50 + number))
        lane.hero.size.width_px, lane.hero.size.height_px = width, height
        for platform in PLATFORMS[name]:
            item = lane.deliverables.add(file_name=f"first-light_bottle_{slug}_{platform}.mp4", platform=platform)
            video = clip_bytes(tmp_path, width, height)
            item.video.digest, item.video.size_bytes = blobs.add(video), len(video)
            item.manifest.digest = blobs.add(f'{{"platform": "{platform}"}}'.encode())
            item.size.width_px, item.size.height_px = width, height
            item.frame_rate.numerator, item.frame_rate.denominator, item.frame_count = 30, 1, FRAMES
    return made
