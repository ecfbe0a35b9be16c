"""One recipe on five heroes: the camera's way, measured on the frames alone, is the same within five per cent."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np
import pytest

from firstframe.animation.engines import ClipRequest
from firstframe.animation.engines.previz import PrevizAnimator
from firstframe.core.media import HeroPicture, Rgb8
from firstframe.core.motion import CameraMove, single
from firstframe.render.llvm import find_libllvm
from support.animated_heroes import Watched
from support.draft_heroes import draft_hero
from support.labelled_sources import SCENES

HEROES = ("studio", "stone", "table", "dune", "interior")
FRAMES, PICKED = 24, (8, 16, 23)

pytestmark = [
    pytest.mark.models,
    pytest.mark.skipif(find_libllvm() is None, reason="no libLLVM of version 16 or later: run `make llvm`"),
]


def measured(hero: HeroPicture, frame: Rgb8) -> tuple[float, float, float]:
    """Scale of the subject less one, and how far its middle has moved, as shares of the frame: by aligning pictures."""
    assert hero.matte is not None
    assert hero.subject is not None
    still, moved = (cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (hero.image, frame))
    core = cv2.erode(hero.matte, np.ones((5, 5), np.uint8))
    steps = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 400, 1e-8)
    everywhere = np.full_like(core, 255)
    _, found = cv2.findTransformECCWithMask(
        still, moved, core, everywhere, np.eye(2, 3, dtype=np.float32), cv2.MOTION_AFFINE, steps, 5
    )
    box = hero.subject
    middle = np.array([box.x + (box.width - 1) / 2, box.y + (box.height - 1) / 2])
    shift = found[:, :2] @ middle + found[:, 2] - middle
    scale = float(np.sqrt(np.linalg.det(found[:, :2].astype(np.float64))))
    return scale - 1, float(shift[0]) / hero.size.width, float(shift[1]) / hero.size.height


def way(scene: str, move: CameraMove) -> np.ndarray:
    """Scale and shift at some moments, shape (moments, 3)."""
    hero = draft_hero(scene)
    take = PrevizAnimator().take(ClipRequest(hero, single(move, 0.5), FRAMES, Fraction(6), 1))
    frames = [np.asarray(frame >> 8, np.uint8) for frame in take.frames(Watched())]
    return np.array([measured(hero, frames[index]) for index in PICKED])


@pytest.mark.parametrize(
    ("move", "axis", "asked"),
    [(CameraMove.PUSH, 0, 0.055), (CameraMove.PAN_RIGHT, 1, -0.025), (CameraMove.TILT_UP, 2, 0.025)],
)
def test_the_camera_goes_the_same_way_on_every_hero(move: CameraMove, axis: int, asked: float) -> None:
    ways = np.array([way(scene, move) for scene in HEROES])
    assert set(HEROES) <= set(SCENES)
    told = ways[:, :, axis]
    mean = told.mean(axis=0)
    assert np.abs(told / mean - 1).max() <= 0.05, told
    assert mean[-1] == pytest.approx(asked, rel=0.05)
    others = np.delete(ways, axis, axis=2)
    assert np.abs(others).max() < 0.05 * abs(asked) + 0.002, others
