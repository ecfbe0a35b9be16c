"""Real portraits through the real networks: what moves, what stays, and who is refused.

The astronaut is Eileen Collins, NASA, in the public domain; the cameraman is of scikit-image, CC0. Packs are kept where
`tests/integration/packs` keeps them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from skimage import data

from firstframe.animation.effects.people import FACES, POSE, People
from firstframe.animation.engines import ClipRequest
from firstframe.animation.engines.previz import PrevizAnimator
from firstframe.cli.models_origins import LiveOrigins
from firstframe.core.errors import InvalidInput, Unavailable
from firstframe.core.media import Rgb8
from firstframe.core.motion import CameraMove, CameraPhase, Effect, EffectKind, Heritage, Motion
from firstframe.imaging.face_mesh import FaceMesh
from firstframe.imaging.portrait.likeness import STEADY, mesh_distance
from firstframe.packs.catalogue import CHECKOUT, read_catalogue
from firstframe.packs.installed import InstalledPack, ModelHome
from firstframe.packs.pull import Puller
from support.animated_heroes import Watched, flat_hero
from support.inference_loops import blocking
from support.pack_files import Notes

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
