"""What a caller of the motion engine is told step by step, and how soon it stops when nobody waits any more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import grpc
import numpy as np
import pytest

from firstframe.animation.engines import ClipRequest
from firstframe.animation.engines.diffusers import DiffusersAnimator
from firstframe.api.animation.v1 import animation_pb2, animation_pb2_grpc
from firstframe.api.media.v1 import artifact_pb2, clip_pb2, picture_pb2
from firstframe.core.errors import Cancelled
from firstframe.core.media import HeroPicture, LayerImage, LayerPictures, LayerRole
from firstframe.core.motion import CameraMove, single
from firstframe.learned.clips import ClipMaker
from firstframe.learned.pipelines import InstalledPipeline
from firstframe.packs.installed import InstalledPack
from firstframe.ports.inference import BlockingInference, Tensors
from firstframe.runtime.client import connect
from support.stage_process import StageProcess
from support.tiny_home import machine

STEPS = 5
Packs = Callable[[str], InstalledPack]
Serve = Callable[[str], BlockingInference]
CASES = [("svd", 3, False), ("ltx", 9, False), ("ltx", 9, True)]
"""Tiny pipeline, frames, and whether a last frame is given."""


class Watched:
    """Work that remembers what it was told, and ends after a number of denoising steps."""

    def __init__(self, steps: int = 1_000_000) -> None:
        self.told: list[tuple[str, float]] = []
        self._steps = steps

    @property
    def steps(self) -> list[str]:
        return [phase for phase, _ in self.told if "denoising" in phase]

    def progress(self, phase: str, fraction: float) -> None:
        self.told.append((phase, fraction))

    def check(self) -> None:
        if len(self.steps) >= self._steps:
            raise Cancelled("the caller went away")


class Counting:
    """Counts runs by model."""

    def __init__(self, inference: BlockingInference) -> None:
        self._inference = inference
        self.runs: dict[str, int] = {}

    def infer(self, model: str, inputs: Tensors, *, check: Callable[[], None] | None = None) -> dict[str, Any]:
        self.runs[model] = self.runs.get(model, 0) + 1
        return self._inference.infer(model, inputs, check=check)


def pattern() -> np.ndarray:
    rows, columns = np.mgrid[:54, :96]
    return np.stack([rows * 4 % 256, columns * 2 % 256, rows % 256], -1).astype(np.uint8)


def engine(name: str, packs: Packs, inference: BlockingInference) -> DiffusersAnimator:
    found = packs(name)
    assert found.pack.pipeline is not None
    pipeline = found.pack.pipeline.model_copy(update={"last_frame": True})
    known = replace(found, pack=found.pack.model_copy(update={"pipeline": pipeline}))
    return DiffusersAnimator(ClipMaker(InstalledPipeline(known, inference)))


def request(frames: int, *, ending: bool) -> ClipRequest:
    image = pattern()
    rgba = np.dstack([image, np.full(image.shape[:2], 255, np.uint8)])
    layers = LayerPictures((LayerImage(LayerRole.BACKGROUND, rgba, 2.0),), 0, 40.0, 1.0)
    hero = HeroPicture(image, layers, None, None, None)
    motion = single(CameraMove.PUSH, 0.5)
    return ClipRequest(hero, motion, frames, Fraction(7), seed=5, steps=STEPS, last=image if ending else None)


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("name", "frames", "ending"), CASES)
def test_each_denoising_step_is_told_and_then_each_frame(
    name: str, frames: int, ending: bool, packs: Packs, embedded: Serve
) -> None:
    work = Watched()
    made = list(engine(name, packs, embedded(name)).take(request(frames, ending=ending)).frames(work))

    assert len(made) == frames
    assert work.steps == [f"denoising, step {step} of {STEPS}" for step in range(1, STEPS + 1)]
    assert [phase for phase, _ in work.told].count("writing") == frames
    shares = [share for _, share in work.told]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("name", "frames", "ending"), CASES)
def test_a_cancel_stops_within_one_step_and_nothing_is_decoded(
    name: str, frames: int, ending: bool, packs: Packs, embedded: Serve
) -> None:
    counting = Counting(embedded(name))
    take = engine(name, packs, counting).take(request(frames, ending=ending))
    work = Watched(steps=2)

    with pytest.raises(Cancelled):
        next(iter(take.frames(work)))

    assert len(work.steps) == 2
    denoiser = next(model for model in counting.runs if model.endswith(("unet", "transformer")))
    assert counting.runs[denoiser] <= 3
    assert not any(model.endswith("vae-decoder") for model in counting.runs)


@pytest.mark.timeout(900)
async def test_a_caller_who_goes_away_frees_the_slot(tmp_path: Path) -> None:
    found = machine(tmp_path, ["svd"])
    with StageProcess("animation", tmp_path, **found.settings()) as stage:
        async with connect(stage.address) as channel:
            stub = animation_pb2_grpc.AnimationServiceStub(channel)
            call = stub.AnimateClip(clip_request(stage), timeout=600)
            async for event in call:
                if "denoising" in event.progress.phase:
                    break
            call.cancel()
            with pytest.raises((asyncio.CancelledError, grpc.aio.AioRpcError)):
                await call.read()
            async with asyncio.timeout(60):
                while (await stub.GetCapabilities(animation_pb2.GetCapabilitiesRequest())).free_slots == 0:
                    await asyncio.sleep(0.05)


def clip_request(stage: StageProcess) -> animation_pb2.AnimateClipRequest:
    """So many steps that only a cancel ends it soon."""

    def stored(picture: np.ndarray) -> artifact_pb2.ArtifactRef:
        blob = stage.store.put_bytes(cv2.imencode(".png", picture)[1].tobytes(), "image/png")
        return artifact_pb2.ArtifactRef(digest=blob.digest, media_type="image/png", size_bytes=blob.size_bytes)

    image = pattern()
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
        steps=200,
    )
