"""Mesh files of strangers: read within bounds by trimesh, rid of all that is not triangles and what they are made of."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firstframe.adapters import pictures
from firstframe.adapters.mesh_limits import (
    MAX_PARTS,
    MAX_TRIANGLES,
    Kind,
    Unfit,
    checked_kind,
    damaged,
    gltf_pictures,
    has_library,
)
from firstframe.core.errors import InvalidInput
from firstframe.core.media import Rgb8
from firstframe.core.solids import Floats, Part, Solid, Surface

FIELD = "set.model.mesh"
MAX_PICTURE_PIXELS = 16_777_216
MAX_ALL_PIXELS = 4 * MAX_PICTURE_PIXELS


def decode_mesh(data: bytes, *, field: str = FIELD) -> Solid:
    """Decodes OBJ, PLY or glTF 2.0, told by its bytes.

    Nothing outside of the file is read. Triangles without area are dropped, lines and points as well.

    Args:
        data: The file.
        field: Field to name in errors.

    Raises:
        InvalidInput: It is none of these, too large, damaged, refers to other files, or has nothing to show.
    """
    try:
        kind = checked_kind(data)
        if kind in ("glb", "gltf"):
            _check_pictures(data, kind, field)
        return Solid(_parts(_loaded(data, kind), kind), kind == "obj" and has_library(data))
    except Unfit as error:
        raise InvalidInput.at(field, error.problem, error.fix) from None


def inspect_mesh(data: bytes) -> str:
    """Media type of a mesh file that is within all bounds; its triangles are not read.

    Raises:
        InvalidInput: As `decode_mesh`; the caller names the file.
    """
    try:
        return _MEDIA_TYPES[checked_kind(data)]
    except Unfit as error:
        raise InvalidInput(f"{error.problem}; {error.fix}") from None


_MEDIA_TYPES = {"glb": "model/gltf-binary", "gltf": "model/gltf+json", "ply": "model/ply", "obj": "model/obj"}


def _check_pictures(data: bytes, kind: Kind, field: str) -> None:
    total = 0
    for at, picture in enumerate(gltf_pictures(data, kind)):
        size = pictures.inspect(picture, field=f"{field} (picture {at})", least_px=1).size
        if size.pixels > MAX_PICTURE_PIXELS:
            raise Unfit(f"has a picture of {size} pixels", "use at most 16 megapixels")
        total += size.pixels
    if total > MAX_ALL_PIXELS:
        raise Unfit(f"has pictures of {total / 2**20:.0f} megapixels", "use at most 64 megapixels in all")


def _loaded(data: bytes, kind: Kind) -> Any:  # noqa: ANN401 - a scene of trimesh
    import trimesh  # takes a second to import, which only models need

    try:
        # The resolver is None, so that nothing is looked for beside the file.
        return trimesh.load_scene(io.BytesIO(data), file_type=kind, resolver=None, process=False)
    except Exception as error:
        raise damaged(_why(error)) from None


def _why(error: Exception) -> str:
    if isinstance(error, IndexError):
        return "it refers to a point that it does not have"
    return f"{type(error).__name__}: {str(error)[:80]}"


def _parts(scene: Any, kind: Kind) -> tuple[Part, ...]:  # noqa: ANN401
    try:
        parts = tuple(_scene_parts(scene, kind))
    except (ValueError, IndexError, TypeError, AttributeError, KeyError, OSError) as error:
        raise damaged(_why(error)) from None
    if not parts:
        raise Unfit("has no triangles", "export a mesh with faces")
    if len(parts) > MAX_PARTS:
        raise Unfit(f"has {len(parts)} parts", f"use at most {MAX_PARTS}; join those of the same material")
    count = sum(len(part.faces) for part in parts)
    if count > MAX_TRIANGLES:
        raise Unfit(f"has {count} triangles", f"use at most {MAX_TRIANGLES}; a decimated model looks the same here")
    low, high = Solid(parts).bounds
    if not float((high - low).max()) > 0:
        raise Unfit("is a single point", "export the model again")
    return parts


def _scene_parts(scene: Any, kind: Kind) -> Iterator[Part]:  # noqa: ANN401
    import trimesh

    surfaces: dict[int, Surface | None] = {}
    for node in sorted(scene.graph.nodes_geometry):
        transform, name = scene.graph[node]
        mesh = scene.geometry[name]
        if isinstance(mesh, trimesh.Trimesh) and len(mesh.faces):
            part = _part(mesh, np.asarray(transform, np.float64), kind, _shared(mesh, surfaces))
            if len(part.faces):
                yield part


def _shared(mesh: Any, known: dict[int, Surface | None]) -> Surface | None:  # noqa: ANN401
    """The surface of a mesh: one for all that have the same material, whose pictures are large."""
    key = id(getattr(mesh.visual, "material", None))
    if key not in known:
        known[key] = _surface(mesh)
    return known[key]


def _part(mesh: Any, transform: Floats, kind: Kind, surface: Surface | None) -> Part:  # noqa: ANN401
    points = np.asarray(mesh.vertices, np.float64) @ transform[:3, :3].T + transform[:3, 3]
    if not np.isfinite(points).all() or float(np.abs(points).max(initial=0.0)) > 1e9:
        raise Unfit("has coordinates that are no numbers, or without bounds", "export the model again")
    faces = np.asarray(mesh.faces)
    if faces.min() < 0 or faces.max() >= len(points):
        raise damaged("a triangle has a corner that is not there")
    return Part(points, _with_area(points, faces), _uv(mesh.visual, len(points)), _colours(mesh.visual, kind), surface)


def _with_area(points: Floats, faces: NDArray[Any]) -> NDArray[np.int32]:
    a, b, c = (points[faces[:, at]] for at in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    least = 1e-14 * float(np.ptp(points, axis=0).max()) ** 2
    return np.ascontiguousarray(faces[area > least], np.int32)


def _uv(visual: Any, count: int) -> Floats | None:  # noqa: ANN401
    uv = getattr(visual, "uv", None)
    if uv is None or np.shape(uv) != (count, 2) or not np.isfinite(uv).all():
        return None
    return np.asarray(uv, np.float64)


def _colours(visual: Any, kind: Kind) -> Floats | None:  # noqa: ANN401
    """Colours of the points: linear light in glTF, sRGB in the others."""
    if visual.kind != "vertex":
        return None
    values = np.asarray(visual.vertex_colors, np.float64)[:, :3] / 255
    return values if kind in ("glb", "gltf") else _linear(values)


def _surface(mesh: Any) -> Surface | None:  # noqa: ANN401
    material = getattr(mesh.visual, "material", None)
    if material is None or not hasattr(material, "baseColorFactor"):
        return None
    factor = material.baseColorFactor
    colour = np.ones(3) if factor is None else np.asarray(factor, np.float64)[:3]
    metal_and_rough = _pixels(material.metallicRoughnessTexture)
    return Surface(
        colour=_triple(colour / 255 if factor is not None and np.asarray(factor).dtype == np.uint8 else colour),
        picture=_pixels(material.baseColorTexture),
        metallic=_share(material.metallicFactor),
        roughness=_share(material.roughnessFactor),
        metallic_map=None if metal_and_rough is None else np.ascontiguousarray(metal_and_rough[..., 2]),
        roughness_map=None if metal_and_rough is None else np.ascontiguousarray(metal_and_rough[..., 1]),
    )


def _pixels(picture: Any) -> Rgb8 | None:  # noqa: ANN401
    return None if picture is None else np.array(picture.convert("RGB"), np.uint8)


def _share(value: float | None) -> float:
    """A factor of glTF, which is 1 where it is not said."""
    return 1.0 if value is None else float(np.clip(value, 0, 1))


def _triple(values: Floats) -> tuple[float, float, float]:
    red, green, blue = (float(np.clip(value, 0, 1)) for value in values)
    return red, green, blue


def _linear(encoded: Floats) -> Floats:
    """Linear light of sRGB code values, 0 to 1 (IEC 61966-2-1)."""
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
