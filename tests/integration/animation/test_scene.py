"""The engine `scene` with its renderer: a small set is filmed, through the service that films it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from firstframe.adapters.local_folder import LocalFolderStore
from firstframe.animation.engines import ClipRequest
from firstframe.animation.engines.previz import PrevizAnimator
from firstframe.animation.engines.scene import SETTLING_S, SceneAnimator
from firstframe.api.animation.v1 import animation_pb2, animation_pb2_grpc
from firstframe.api.imagegen.v1 import imagegen_pb2, imagegen_pb2_grpc
from firstframe.core.formats import Quality
from firstframe.core.media import HeroPicture, PixelSize
from firstframe.core.motion import CameraMove, single
from firstframe.core.solids import Solid
from firstframe.imagegen.engines.previz import PrevizEngine
from firstframe.render.llvm import find_libllvm
from firstframe.render.variant import Variant, choose
from firstframe.runtime.client import connect
from firstframe.sets.description import ModelNote, described
from firstframe.sets.requests import SetRequest
from support.stage_process import StageProcess

pytestmark = pytest.mark.skipif(find_libllvm() is None, reason="no libLLVM 16 or later: `make llvm`")

MADE = SetRequest("water", "amber-dusk", "First Light", "serum", PixelSize(128, 72), 1207, Quality.DRAFT)
RATE = Fraction(5)


def no_mesh(_: ModelNote) -> Solid:
    raise AssertionError("no model stands on the set")


class Job:
    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch

    def progress(self, phase: str, fraction: float) -> None:
        pass

    def check(self) -> None:
        pass


@pytest.fixture(scope="module")
def variant() -> Variant:
    return choose("auto", threads=2)


@pytest.fixture(scope="module")
def hero(variant: Variant, tmp_path_factory: pytest.TempPathFactory) -> HeroPicture:
    return PrevizEngine(lambda: variant).render(MADE, Job(tmp_path_factory.mktemp("set")))


@pytest.fixture(scope="module")
def filmed(variant: Variant, hero: HeroPicture, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[np.ndarray]]:
    request = ClipRequest(hero, single(CameraMove.ORBIT, 1.0), 5, RATE, 7, set=MADE)
    take = SceneAnimator(lambda: variant).take(request)
    yield [frame.copy() for frame in take.frames(Job(tmp_path_factory.mktemp("film")))]


def moved(hero: HeroPicture) -> list[np.ndarray]:
    request = ClipRequest(hero, single(CameraMove.ORBIT, 1.0), 5, RATE, 7)
    return [frame.copy() for frame in PrevizAnimator().take(request).frames(Job(Path()))]


def off(one: np.ndarray, other: np.ndarray) -> float:
    """Mean difference in levels of 255."""
    return float(np.abs(one.astype(float) - other).mean() / 257)


def test_the_first_frame_is_the_hero(hero: HeroPicture, filmed: list[np.ndarray]) -> None:
    np.testing.assert_array_equal(filmed[0], hero.image.astype(np.uint16) * 257)


def test_the_camera_goes_the_way_of_previz(hero: HeroPicture, filmed: list[np.ndarray]) -> None:
    layered = moved(hero)
    assert off(filmed[-1], filmed[0]) > 4
    assert off(filmed[-1], layered[-1]) < 0.8 * off(filmed[-1], filmed[0])
    assert off(filmed[-1], layered[-1]) < 0.8 * off(filmed[-1], layered[1])


def test_a_still_camera_does_not_flicker(variant: Variant, hero: HeroPicture, tmp_path: Path) -> None:
    request = ClipRequest(hero, single(CameraMove.LOCKED, 0.0), 5, RATE, 7, set=MADE)
    frames = [frame.copy() for frame in SceneAnimator(lambda: variant).take(request).frames(Job(tmp_path))]
    assert float(3 / RATE) > SETTLING_S
    # Nothing but the grain, which is new for every frame.
    assert 0.1 < off(frames[3], frames[4]) < 1.6


async def test_a_hero_of_the_image_stage_is_filmed_by_the_animation_stage(tmp_path: Path) -> None:
    small = imagegen_pb2.ProductSet(scene="studio", palette="amber-dusk", copy="First Light")
    wanted = imagegen_pb2.GenerateHeroRequest(set=small, seed=7, quality=imagegen_pb2.QUALITY_DRAFT)
    wanted.size.width_px, wanted.size.height_px = 96, 54
    with StageProcess("imagegen", tmp_path) as images:
        async with connect(images.address) as channel:
            stub = imagegen_pb2_grpc.ImageGenServiceStub(channel)
            hero = [event async for event in stub.GenerateHero(wanted, timeout=120)][-1].result.hero
    store = LocalFolderStore(tmp_path / "store")
    made = described(store.get_bytes(hero.scene.digest, max_bytes=1 << 20), field="hero.scene", read_mesh=no_mesh)
    assert (made.scene, made.copy, made.size, made.seed) == ("studio", "First Light", PixelSize(96, 54), 7)

    request = animation_pb2.AnimateClipRequest(engine="scene", hero=hero, frame_count=3, seed=7)
    request.motion.camera, request.motion.strength = animation_pb2.CAMERA_MOVE_PUSH, 1.0
    request.frame_rate.numerator, request.frame_rate.denominator = 6, 1
    with StageProcess("animation", tmp_path) as animation:
        async with connect(animation.address) as channel:
            stage = animation_pb2_grpc.AnimationServiceStub(channel)
            able = await stage.GetCapabilities(animation_pb2.GetCapabilitiesRequest(), timeout=30)
            result = [event async for event in stage.AnimateClip(request, timeout=120)][-1].result
    assert [item.engine for item in able.engines] == ["previz", "scene"]
    assert result.provenance.engine == "scene"
    assert result.provenance.engine_version.startswith(f"{able.engines[1].version}+")
    assert result.provenance.details["samples"] == "12"
    assert (result.clip.frame_count, result.clip.size.width_px) == (3, 96)
    assert replace(made, seed=8) != made
