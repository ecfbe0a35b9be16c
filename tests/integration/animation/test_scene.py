"""The engine `scene` with its renderer: a small set is filmed, through the service that films it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from firstframe.adapters.local_folder import LocalFolderStore
from firstframe.adapters.video import PyavVideo
from firstframe.animation.engines import ClipRequest
from firstframe.animation.engines.previz import PrevizAnimator
from firstframe.animation.engines.scene import SETTLING_S, SceneAnimator
from firstframe.api.animation.v1 import animation_pb2, animation_pb2_grpc
from firstframe.api.imagegen.v1 import imagegen_pb2, imagegen_pb2_grpc
from firstframe.api.media.v1 import artifact_pb2, clip_pb2, picture_pb2
from firstframe.core.formats import Quality
from firstframe.core.media import HeroPicture, PixelSize
from firstframe.core.motion import CameraMove, Repeat, single
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
ARC = single(CameraMove.ORBIT, 0.3)
"""Little: a camera that films goes on where previz ends for its shadows."""


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
    request = ClipRequest(hero, ARC, 5, RATE, 7, set=MADE)
    take = SceneAnimator(lambda: variant).take(request)
    yield [frame.copy() for frame in take.frames(Job(tmp_path_factory.mktemp("film")))]


def moved(hero: HeroPicture) -> list[np.ndarray]:
    request = ClipRequest(hero, ARC, 5, RATE, 7)
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


def test_a_loop_comes_back_to_the_hero_without_a_jump(variant: Variant, hero: HeroPicture, tmp_path: Path) -> None:
    motion = replace(single(CameraMove.LOCKED, 0.0), repeat=Repeat.LOOP)
    request = ClipRequest(hero, motion, 12, Fraction(12), 7, set=MADE)
    frames = [frame.copy() for frame in SceneAnimator(lambda: variant).take(request).frames(Job(tmp_path))]
    rendered = off(frames[6], frames[0])
    assert off(frames[11], frames[0]) < 0.2 * rendered
    assert off(frames[9], frames[0]) < 0.9 * rendered


def crate(store: LocalFolderStore) -> artifact_pb2.ArtifactRef:
    """A box as a model of a caller."""
    corners = [(x, y, z) for x in (0, 1) for y in (0, 2) for z in (0, 1)]
    sides = [(1, 2, 4, 3), (5, 7, 8, 6), (1, 5, 6, 2), (3, 4, 8, 7), (1, 3, 7, 5), (2, 6, 8, 4)]
    lines = [f"v {x} {y} {z}" for x, y, z in corners] + ["f " + " ".join(map(str, side)) for side in sides]
    blob = store.put_bytes("\n".join(lines).encode(), "model/obj")
    return artifact_pb2.ArtifactRef(digest=blob.digest, media_type="model/obj", size_bytes=blob.size_bytes)


def hero_wanted(product: imagegen_pb2.ProductSet) -> imagegen_pb2.GenerateHeroRequest:
    wanted = imagegen_pb2.GenerateHeroRequest(set=product, seed=7, quality=imagegen_pb2.QUALITY_DRAFT)
    wanted.size.width_px, wanted.size.height_px = 96, 54
    return wanted


def clip_wanted(hero: picture_pb2.Hero, *airs: int) -> animation_pb2.AnimateClipRequest:
    request = animation_pb2.AnimateClipRequest(engine="scene", hero=hero, frame_count=3, seed=7)
    request.motion.camera, request.motion.strength = animation_pb2.CAMERA_MOVE_PUSH, 1.0
    request.frame_rate.numerator, request.frame_rate.denominator = 2, 1
    for kind in airs:
        request.motion.airs.add(kind=kind, amount=1.0)  # type: ignore[arg-type]
    return request


async def test_heroes_of_the_image_stage_are_filmed_by_the_animation_stage(tmp_path: Path) -> None:
    store = LocalFolderStore(tmp_path / "store")
    bottle = imagegen_pb2.ProductSet(scene="studio", palette="amber-dusk", copy="First Light")
    own = imagegen_pb2.ProductSet(scene="studio", palette="amber-dusk", model=imagegen_pb2.Model(mesh=crate(store)))
    with StageProcess("imagegen", tmp_path) as images:
        async with connect(images.address) as channel:
            stub = imagegen_pb2_grpc.ImageGenServiceStub(channel)
            heroes = [
                [event async for event in stub.GenerateHero(hero_wanted(product), timeout=120)][-1].result.hero
                for product in (bottle, own)
            ]
    data = store.get_bytes(heroes[0].scene.digest, max_bytes=1 << 20)
    made = described(data, field="hero.scene", read_mesh=no_mesh)
    assert (made.scene, made.copy, made.size, made.seed) == ("studio", "First Light", PixelSize(96, 54), 7)

    asked = [
        clip_wanted(heroes[0]),
        clip_wanted(heroes[0], animation_pb2.ATMOSPHERE_MIST, animation_pb2.ATMOSPHERE_SNOW),
        clip_wanted(heroes[1]),
    ]
    with StageProcess("animation", tmp_path) as animation:
        async with connect(animation.address) as channel:
            stage = animation_pb2_grpc.AnimationServiceStub(channel)
            able = await stage.GetCapabilities(animation_pb2.GetCapabilitiesRequest(), timeout=30)
            results = [
                [event async for event in stage.AnimateClip(request, timeout=120)][-1].result for request in asked
            ]
    assert [item.engine for item in able.engines] == ["previz", "scene"]
    for result in results:
        assert result.provenance.engine == "scene"
        assert result.provenance.engine_version.startswith(f"{able.engines[1].version}+")
        assert result.provenance.details["samples"] == "12"
        assert (result.clip.frame_count, result.clip.size.width_px) == (3, 96)
    bare, misty, crates = ([*frames(store, result.clip, tmp_path)] for result in results)
    heroic = cv2.imdecode(np.frombuffer(store.get_bytes(heroes[1].image.digest, max_bytes=1 << 20), np.uint8), 1)
    # Mist and snow are there after a second, and the crate stands where the hero shows it.
    assert np.abs(misty[2].astype(float) - bare[2]).mean() > 3 * 257
    assert np.abs(crates[2] / 257.0 - heroic[..., ::-1]).mean() < np.abs(bare[2] / 257.0 - heroic[..., ::-1]).mean()


def frames(store: LocalFolderStore, clip: clip_pb2.Clip, folder: Path) -> Iterator[np.ndarray]:
    path = store.fetch(clip.video.digest, folder / "clip.mp4") or folder / "clip.mp4"
    for frame in PyavVideo().read_frames(path):
        yield frame.copy()
