"""No ghost and no halo at the edge of what the envelope allows, on every generated set; slices of a depth map have both."""

from __future__ import annotations

import pytest

from firstframe.core.motion import CameraMove
from firstframe.render.llvm import find_libllvm
from support.draft_heroes import draft_hero
from support.labelled_sources import SCENES
from support.naive_parallax import sliced
from support.parallax_edge import farthest, faults, frame_at

MOST_GHOST, MOST_HALO = 0.2, 5.0
SIDEWAYS = (CameraMove.PAN_LEFT, CameraMove.PAN_RIGHT, CameraMove.ORBIT, CameraMove.ORBIT_LEFT, CameraMove.TILT_UP)

pytestmark = [
    pytest.mark.models,
    pytest.mark.skipif(find_libllvm() is None, reason="no libLLVM of version 16 or later: run `make llvm`"),
]


@pytest.mark.parametrize("scene", list(SCENES))
def test_at_the_envelopes_edge_the_subject_leaves_nothing_behind(scene: str) -> None:
    hero = draft_hero(scene)
    for move in CameraMove:
        pose = farthest(hero, move)
        found = faults(hero, pose, frame_at(hero, pose))
        assert found.ghost <= MOST_GHOST, move
        assert found.halo <= MOST_HALO, move


@pytest.mark.parametrize("scene", list(SCENES))
def test_slices_of_a_depth_map_fail(scene: str) -> None:
    hero = draft_hero(scene)
    naive = sliced(hero)
    found = {move: faults(hero, farthest(hero, move), frame_at(naive, farthest(hero, move))) for move in CameraMove}
    assert all(found[move].ghost > 1.5 * MOST_GHOST for move in SIDEWAYS)
    assert max(one.halo for one in found.values()) > MOST_HALO
