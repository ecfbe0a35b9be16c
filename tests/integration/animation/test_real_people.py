"""Real portraits through the real networks: what moves, what stays, and who is refused.

The astronaut is Eileen Collins, NASA, in the public domain; the cameraman is of scikit-image, CC0. Packs are kept where
`tests/integration/packs` keeps them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage import data

from firstframe.adapters.video import PyavVideo
from firstframe.animation.effects.people import FACES, POSE, People
from firstframe.animation.engines import ClipRequest
from firstframe.animation.engines.previz import PrevizAnimator
from firstframe.api.animation.v1 import animation_pb2, animation_pb2_grpc
from firstframe.api.media.v1 import artifact_pb2, check_pb2, clip_pb2, picture_pb2
from firstframe.cli.models_origins import LiveOrigins
from firstframe.core.errors import InvalidInput, Unavailable
from firstframe.core.media import Rgb8
from firstframe.core.motion import CameraMove, CameraPhase, Effect, EffectKind, Heritage, Motion
from firstframe.imaging.face_mesh import FaceMesh
from firstframe.imaging.portrait.likeness import STEADY, mesh_distance
from firstframe.packs.catalogue import CHECKOUT, read_catalogue
from firstframe.packs.installed import InstalledPack, ModelHome
from firstframe.packs.pull import Puller
from firstframe.runtime.client import connect
from support.animated_heroes import Watched, flat_hero
from support.inference_loops import blocking
from support.pack_files import Notes
from support.stage_process import StageProcess

KEPT = CHECKOUT.parents[1] / "build" / "models"

pytestmark = pytest.mark.timeout(600)


def pulled(name: str) -> InstalledPack:
    home = ModelHome(Path(os.environ.get("FIRSTFRAME_MODELS") or KEPT).absolute())
    try:
        return Puller(home, LiveOrigins(), Notes()).pull(read_catalogue(CHECKOUT).get(name))
    except Unavailable as error:
        pytest.skip(error.message)


@pytest.fixture(scope="module")
def people() -> Iterator[People]:
    packs = [pulled(name) for name in (FACES, POSE)]
    with blocking([model for pack in packs for model in pack.served()]) as models:
        yield People(models, {pack.pack.pack: pack.digest for pack in packs})


def astronaut() -> Rgb8:
    return np.ascontiguousarray(data.astronaut()[:400, 20:420])


def film(people: People, picture: Rgb8, asked: Heritage) -> tuple[list[np.ndarray], object]:
    motion = Motion((CameraPhase(CameraMove.LOCKED),), 1.0, effect=Effect(EffectKind.HERITAGE, asked))
    made = PrevizAnimator(people).take(ClipRequest(flat_hero(picture), motion, 24, Fraction(8), 7))
    return [frame.copy() for frame in made.frames(Watched())], made


def face_of(people: People, frame: np.ndarray) -> FaceMesh:
    return people.faces((frame >> 8).astype(np.uint8))[0]


def test_a_head_turns_and_stays_the_same_person_to_the_network(people: People) -> None:
    picture = astronaut()
    frames, made = film(people, picture, Heritage(0, turn_deg=5, tilt_deg=2, breath=0.5))
    before, after = face_of(people, frames[0]), face_of(people, frames[-1])
    assert np.array_equal(frames[0], picture.astype(np.uint16) * 257)
    nose = after.points[1, :2] - before.points[1, :2]
    assert nose[0] > 0.03 * before.width
    assert after.roll_deg - before.roll_deg == pytest.approx(float(made.details["heritage_tilt_deg"]), abs=1.0)
    assert mesh_distance(after.points[STEADY, :2], before.points[STEADY, :2], before.width) < 0.02
    assert {score.name for score in made.scores} == {"heritage-motion", "heritage-mesh", "heritage-structure"}


def test_a_blink_closes_both_eyes_to_the_network(people: People) -> None:
    frames, made = film(people, astronaut(), Heritage(1, breath=0.0))
    begin = float(made.details["heritage_blinks_s"])
    open_eyes = [eye.openness for eye in face_of(people, frames[0]).eyes]
    closest = min(
        frames[int(begin * 8) : int(begin * 8) + 5], key=lambda frame: face_of(people, frame).eyes[0].openness
    )
    closed = [eye.openness for eye in face_of(people, closest).eyes]
    assert all(now < 0.75 * before for now, before in zip(closed, open_eyes, strict=True))


async def test_the_service_moves_a_portrait_with_its_packs_and_tells_its_measures(tmp_path: Path) -> None:
    home = pulled(FACES).folder.parents[1]
    settings = {"MODELS__PACKS": json.dumps([FACES]), "MODELS__HOME": str(home)}
    with StageProcess("animation", tmp_path, **settings) as service:
        request = clip_request(service, astronaut())
        async with connect(service.address) as channel:
            stub = animation_pb2_grpc.AnimationServiceStub(channel)
            result = [event async for event in stub.AnimateClip(request, timeout=120)][-1].result
        service.store.fetch(result.clip.video.digest, tmp_path / "clip.mp4")
    frames = [frame.copy() for frame in PyavVideo().read_frames(tmp_path / "clip.mp4")]
    assert len(frames) == 12
    assert np.abs(frames[-1].astype(int) - frames[0]).max() > 40 * 257
    measures = {measure.name: measure for measure in result.measures}
    assert measures["heritage-motion"].verdict == check_pb2.VERDICT_PASS
    assert 0.01 < measures["heritage-motion"].value <= measures["heritage-motion"].fail_threshold
    assert float(result.provenance.details["heritage_turn_deg"]) == 4.0


def clip_request(service: StageProcess, picture: Rgb8) -> animation_pb2.AnimateClipRequest:
    """A turn of the head over twelve frames."""

    def stored(pixels: np.ndarray, order: int) -> artifact_pb2.ArtifactRef:
        blob = service.store.put_bytes(cv2.imencode(".png", cv2.cvtColor(pixels, order))[1].tobytes(), "image/png")
        return artifact_pb2.ArtifactRef(digest=blob.digest, media_type="image/png", size_bytes=blob.size_bytes)

    hero = flat_hero(picture)
    layer = picture_pb2.Layer(
        role=picture_pb2.LAYER_ROLE_BACKGROUND,
        image=stored(hero.layers.layers[0].rgba, cv2.COLOR_RGBA2BGRA),
        depth_m=2,
    )
    message = picture_pb2.Hero(
        image=stored(hero.image, cv2.COLOR_RGB2BGR),
        size=picture_pb2.PixelSize(width_px=hero.size.width, height_px=hero.size.height),
        layers=picture_pb2.LayerStack(layers=[layer], horizontal_fov_deg=40, confidence=1),
    )
    heritage = animation_pb2.Heritage(blinks=0, turn_deg=4)
    effect = animation_pb2.Effect(kind=animation_pb2.EFFECT_KIND_HERITAGE, heritage=heritage)
    motion = animation_pb2.Motion(camera=animation_pb2.CAMERA_MOVE_LOCKED, strength=1, effect=effect)
    rate = clip_pb2.FrameRate(numerator=12, denominator=1)
    return animation_pb2.AnimateClipRequest(hero=message, motion=motion, frame_count=12, frame_rate=rate, seed=7)


def profile() -> Rgb8:
    return np.repeat(data.camera()[..., None], 3, -1)


def nobody() -> Rgb8:
    return data.coffee()


def twins() -> Rgb8:
    half = astronaut()[:, 40:360]
    return np.hstack([half, half])


@pytest.mark.parametrize(
    ("picture", "reason"), [(nobody, "EFFECT_NO_FACE"), (profile, "EFFECT_PROFILE"), (twins, "EFFECT_FACES")]
)
def test_who_cannot_be_moved_is_refused(people: People, picture: Callable[[], Rgb8], reason: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        film(people, picture(), Heritage())
    assert caught.value.reason == reason


def test_a_portrait_does_not_dance(people: People) -> None:
    motion = Motion((CameraPhase(CameraMove.LOCKED),), 1.0, effect=Effect(EffectKind.DANCE))
    with pytest.raises(InvalidInput) as caught:
        PrevizAnimator(people).take(ClipRequest(flat_hero(astronaut()), motion, 8, Fraction(8), 7))
    assert caught.value.reason == "EFFECT_NOT_CUT_OUT"
