"""Meshes of strangers: right ones as they are, wrong ones each with its own error."""

from __future__ import annotations

import base64
import json
import struct

import numpy as np
import pytest
import trimesh
from PIL import Image

from firstframe.adapters import mesh_limits
from firstframe.adapters.meshes import decode_mesh, inspect_mesh
from firstframe.core.errors import InvalidInput

QUAD = b"v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nf 1 2 3 4\n"


def box(**visual: object) -> trimesh.Trimesh:
    return trimesh.creation.box(extents=(1, 2, 3), **visual)


def glb() -> bytes:
    mesh = box()
    picture = Image.fromarray(np.full((4, 4, 3), (10, 200, 30), np.uint8))
    material = trimesh.visual.material.PBRMaterial(
        baseColorTexture=picture, baseColorFactor=[255, 255, 255, 255], metallicFactor=0.25, roughnessFactor=0.5
    )
    mesh.visual = trimesh.visual.TextureVisuals(uv=np.zeros((len(mesh.vertices), 2)), material=material)
    scene = trimesh.Scene()
    scene.add_geometry(mesh, transform=trimesh.transformations.translation_matrix([5, 0, 0]))
    return scene.export(file_type="glb")


def embedded(change: dict[str, object] | None = None) -> bytes:
    """A triangle as glTF with its buffer in a data URI."""
    points = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], "<f4").tobytes()
    tree: dict[str, object] = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3", "min": [0, 0, 0], "max": [1, 1, 0]}
        ],
        "bufferViews": [{"buffer": 0, "byteLength": 36}],
        "buffers": [
            {"byteLength": 36, "uri": f"data:application/octet-stream;base64,{base64.b64encode(points).decode()}"}
        ],
    }
    return json.dumps(tree | (change or {})).encode()


def test_an_obj_is_read_without_its_library() -> None:
    solid = decode_mesh(b"mtllib secret.mtl\n" + QUAD)
    assert solid.library_left_out
    (part,) = solid.parts
    assert part.faces.shape == (2, 3)
    assert part.surface is None
    assert not decode_mesh(QUAD).library_left_out


@pytest.mark.parametrize("encoding", ["ascii", "binary"])
def test_a_ply_has_its_colours_in_linear_light(encoding: str) -> None:
    mesh = box()
    mesh.visual.vertex_colors = [188, 0, 255, 255]
    (part,) = decode_mesh(mesh.export(file_type="ply", encoding=encoding)).parts
    assert part.faces.shape == (12, 3)
    assert part.colours is not None
    assert np.allclose(part.colours, (0.5029, 0.0, 1.0), atol=1e-3)


def test_a_glb_has_its_places_and_materials() -> None:
    solid = decode_mesh(glb())
    low, high = solid.bounds
    assert np.allclose((low, high), ((4.5, -1, -1.5), (5.5, 1, 1.5)))
    surface = solid.parts[0].surface
    assert surface is not None
    assert (surface.metallic, surface.roughness) == (0.25, 0.5)
    assert surface.picture is not None
    assert tuple(surface.picture[0, 0]) == (10, 200, 30)


def test_gltf_with_everything_embedded_is_read() -> None:
    (part,) = decode_mesh(embedded()).parts
    assert np.allclose(part.points.max(axis=0), (1, 1, 0))
    assert inspect_mesh(embedded()) == "model/gltf+json"


def test_triangles_without_area_are_dropped() -> None:
    (part,) = decode_mesh(QUAD + b"f 1 1 2\n").parts
    assert len(part.faces) == 2


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is an empty file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "is PNG"),
        (b"solid x\nfacet normal 0 0 1\n", "is an STL"),
        (b"hello there", "is a text file"),
        (bytes(range(256)) * 4, "is not a mesh of a known kind"),
        (b"v 0 0 0\nv 1 1 1\n", "has no triangles"),
        (b"v 0 0 0\nv 1 0 nan\nv 0 1 0\nf 1 2 3\n", "coordinates that are no numbers"),
        (b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 9\n", "refers to a point that it does not have"),
        (b"v 0 0 0\nv 1 0 0\nv 2 0 0\nf 1 2 3\n", "has no triangles"),
        (QUAD + b"f " + b"1 2 3 " * 2000 + b"\n", "has a line of more than"),
        (QUAD + b"\0", "an OBJ is text"),
        (b"ply\nformat ascii 1.0\nelement vertex 9000000\nproperty float x\nend_header\n1", "shorter than its header"),
        (b"ply\nformat ascii 1.0\nelement vertex x\nend_header\n", "is no number of elements"),
        (b"ply\nformat ascii 1.0\n", "its header has no end"),
        (b"ply\nformat ascii 1.0\nelement\nend_header\n", "is damaged (IndexError"),
        (b"ply\nformat ascii 1.0\nelement vertex " + b"9" * 5000 + b"\nend_header\n", "is no number of elements"),
        (b"ply\nformat ascii 1.0\nelement vertex 1\nproperty\nend_header\n1\n", "is damaged (IndexError"),
        (b"glTF" + struct.pack("<II", 2, 999) + bytes(16), "it is cut off"),
        (b"glTF" + struct.pack("<IIII", 1, 20, 0, 0), "is glTF 1"),
        (b'{"a": 1}', "is JSON but no glTF"),
        (b'{"asset":', "its JSON cannot be read"),
        (embedded({"buffers": [{"byteLength": 36, "uri": "http://127.0.0.1/x.bin"}]}), "refers to another file"),
        (embedded({"images": [{"uri": "../../etc/passwd"}]}), "refers to another file"),
        (embedded({"buffers": [{"byteLength": 99, "uri": "data:x;base64,AAAA"}]}), "a buffer is cut off"),
        (embedded({"extensionsRequired": ["KHR_draco_mesh_compression"]}), "KHR_draco_mesh_compression"),
        (embedded({"nodes": [{"mesh": 0, "children": [1]}, {"children": [0]}]}), "round in a circle"),
        (embedded({"nodes": [{"children": [2]}, {"children": [2]}, {"mesh": 0}]}), "two parents"),
        (embedded({"nodes": [{"mesh": 0}] * 65}), "has 65 parts"),
        (embedded({"nodes": [{}] * 2001}), "has 2001 nodes"),
        (embedded({"accessors": [{"componentType": 5126, "count": 10**9, "type": "VEC3"}]}), "sparse accessors"),
        (
            embedded({"accessors": [{"bufferView": 0, "componentType": 5126, "count": 10**9, "type": "VEC3"}]}),
            "reaches beyond its buffer view",
        ),
        (embedded({"bufferViews": [{"buffer": 0, "byteLength": 99}]}), "reaches beyond its buffer"),
        (embedded({"meshes": 7}), "meshes is no list"),
        (embedded({"images": [{"uri": "data:image/png;base64,AAAA"}]}), "set.model.mesh (picture 0)"),
        (embedded({"images": [{}]}), "images[0] is to be in a buffer view or in a data URI"),
        (embedded({"images": [{"uri": "data:;base64,AAAA", "bufferView": 0}]}), "images[0] is to be in"),
        (embedded({"images": [{"bufferView": 1}]}), "images[0] is in no buffer view"),
    ],
)
def test_what_is_wrong_is_told_and_names_the_field(data: bytes, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        decode_mesh(data)
    assert words in caught.value.message
    assert caught.value.message.startswith("set.model.mesh")


def test_there_are_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mesh_limits, "MAX_TRIANGLES", 1)
    with pytest.raises(InvalidInput, match="has 3 triangles"):
        decode_mesh(QUAD + b"f 1 2 3\n")
    monkeypatch.setattr(mesh_limits, "MAX_POINTS", 3)
    with pytest.raises(InvalidInput, match="has 4 points"):
        decode_mesh(QUAD)
    monkeypatch.setattr(mesh_limits, "MAX_BYTES", 10)
    with pytest.raises(InvalidInput, match="at most 64 MiB"):
        decode_mesh(QUAD)


def polygons(kind: str, corners: int) -> bytes:
    """Ten polygons of so many corners each."""
    points = b"0 0 0\n1 0 0\n1 1 0\n0 1 0\n"
    if kind == "obj":
        return QUAD + (b"f" + b" 1 2 3 4" * (corners // 4) + b"\n") * 10
    head = b"ply\nformat %s 1.0\nelement vertex 4\nproperty float x\nproperty float y\nproperty float z\n"
    head += b"element face 10\nproperty list uchar uchar vertex_indices\nend_header\n"
    if kind == "ascii":
        return head % b"ascii" + points + (b"%d" % corners + b" 0 1 2 3" * (corners // 4) + b"\n") * 10
    bare = np.array(points.split(), "<f4").tobytes()
    rows = [bytes([corners]) + bytes([0, 1, 2, 3]) * (corners // 4)] * 10
    if kind == "first":  # a reader that takes the first length for all would read the zeros as corners
        rows[1:] = [bytes(corners + 1)] * 9
    return head % b"binary_little_endian" + bare + b"".join(rows)


@pytest.mark.parametrize("kind", ["obj", "ascii", "binary", "first"])
def test_triangles_of_polygons_are_counted_before_they_are_made(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    mesh_limits.checked_kind(polygons(kind, 200))
    monkeypatch.setattr(mesh_limits, "MAX_TRIANGLES", 1500)
    with pytest.raises(mesh_limits.Unfit, match="triangles"):
        mesh_limits.checked_kind(polygons(kind, 200))


def test_triangles_of_a_whole_ply_are_counted_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mesh_limits, "MAX_TRIANGLES", 12)
    for encoding in ("ascii", "binary"):
        assert mesh_limits.checked_kind(box().export(file_type="ply", encoding=encoding)) == "ply"
    monkeypatch.setattr(mesh_limits, "MAX_TRIANGLES", 11)
    for encoding in ("ascii", "binary"):
        with pytest.raises(mesh_limits.Unfit, match="has 12 triangles"):
            mesh_limits.checked_kind(box().export(file_type="ply", encoding=encoding))


def test_parts_of_one_material_share_its_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = trimesh.load_scene(trimesh.util.wrap_as_stream(glb()), file_type="glb")
    (name,) = scene.geometry
    scene.graph.update("twin", geometry=name, matrix=trimesh.transformations.translation_matrix([9, 0, 0]))
    first, second = (part.surface for part in decode_mesh(scene.export(file_type="glb")).parts)
    assert first is not None
    assert first is second
    monkeypatch.setattr("firstframe.adapters.meshes.MAX_ALL_PIXELS", 15)
    with pytest.raises(InvalidInput, match="in all"):
        decode_mesh(glb())


@pytest.mark.parametrize("seed", range(40))
def test_damaged_files_end_in_an_answer_or_an_error_of_ours(seed: int) -> None:
    rng = np.random.default_rng(seed)
    data = bytearray([glb(), box().export(file_type="ply"), QUAD, embedded()][seed % 4])
    for at in rng.integers(0, len(data), 6):
        data[at] = rng.integers(256)
    try:
        solid = decode_mesh(bytes(data[: rng.integers(len(data) // 2, len(data))]))
    except InvalidInput:
        return
    assert all(np.isfinite(part.points).all() and part.faces.max() < len(part.points) for part in solid.parts)
