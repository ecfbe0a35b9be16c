from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from firstframe.sets.noise import marble, solid_noise
from firstframe.sets.shapes import Mesh, arch, joined, lathe, leaf, rounded, sweep


def facing(mesh: Mesh) -> np.ndarray:
    """Cosine between each triangle's side by its winding and its normals; degenerate triangles left out."""
    a, b, c = (mesh.points[mesh.faces[:, at]] for at in range(3))
    side = np.cross(b - a, c - a)
    size = np.linalg.norm(side, axis=1)
    mean = mesh.normals[mesh.faces].mean(axis=1)
    good = size > 1e-12
    return np.einsum("ij,ij->i", side[good] / size[good, None], mean[good])


@pytest.mark.parametrize(
    "mesh",
    [
        lathe(rounded([(0.0, 0.0, 0.0), (1.0, 0.0, 0.1), (1.0, 2.0, 0.3), (0.0, 2.0, 0.0)])),
        arch(0.3, 0.4, 0.06, 0.07),
        sweep(4.0, 1.0, -1.0, 2.0, 0.3),
    ],
    ids=["lathe", "arch", "sweep"],
)
def test_triangles_face_the_way_of_their_normals(mesh: Mesh) -> None:
    assert np.linalg.norm(mesh.normals, axis=1) == pytest.approx(1.0)
    assert facing(mesh).min() > 0.5


def test_a_lathe_turns_its_profile() -> None:
    mesh = lathe(np.array([[0.5, 0.0], [0.5, 1.0]]), segments=8)
    assert np.hypot(mesh.points[:, 0], mesh.points[:, 2]) == pytest.approx(0.5)
    half = lathe(np.array([[0.5, 0.0], [0.5, 1.0]]), segments=8, arc_deg=90)
    assert half.points[:, 2].min() == pytest.approx(0.5 * np.cos(np.pi / 4)), "the middle of an arc faces the camera"


def test_sharp_corners_stay_sharp() -> None:
    mesh = lathe(np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]), segments=4)
    assert any(np.allclose(normal, (0, -1, 0)) for normal in mesh.normals)


def test_an_arch_has_its_measures() -> None:
    low, high = arch(0.3, 0.4, 0.06, 0.08).bounds
    assert low == pytest.approx([-0.15, 0.0, -0.04])
    assert high == pytest.approx([0.15, 0.4, 0.04])


def test_meshes_move_turn_and_join() -> None:
    blade = leaf(0.1, 0.02, 0.01)
    moved = blade.moved((1.0, 2.0, 3.0), turn_deg=90)
    assert moved.points[:, 2].min() == pytest.approx(3.0 - 0.1, abs=1e-3)
    both = joined([blade, moved])
    assert len(both.points) == 2 * len(blade.points)
    assert both.faces.max() == len(both.points) - 1


def test_ply_files_hold_what_the_mesh_holds(tmp_path: Path) -> None:
    mesh = leaf(0.1, 0.02, 0.01)
    data = mesh.write_ply(tmp_path / "leaf.ply").read_bytes()
    head, body = data.split(b"end_header\n", 1)
    assert f"element vertex {len(mesh.points)}".encode() in head
    vertices = np.frombuffer(body, "<f4", len(mesh.points) * 8).reshape(-1, 8)
    assert vertices[:, :3] == pytest.approx(mesh.points, abs=1e-6)
    assert len(body) == vertices.nbytes + 13 * len(mesh.faces)


def test_noise_is_seeded_smooth_and_bounded() -> None:
    line = np.stack([np.linspace(0, 4, 4001)] * 3, -1)
    one, again, other = (solid_noise(line, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    assert np.abs(np.diff(one)).max() < 0.05
    stone = marble(line * 0.1, np.random.default_rng(1))
    assert stone.min() >= 0
    assert stone.max() <= 1
    assert stone.std() > 0.02
