"""What is asked of a mesh file of strangers before any library reads it: its kind, its size, that it refers to nothing."""

from __future__ import annotations

import base64
import binascii
import json
import re
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np

from firstframe.adapters.picture_kinds import HEAD_BYTES, kind_of

MAX_BYTES = 64 * 1024 * 1024
MAX_TRIANGLES = 1_000_000
MAX_POINTS = 2_000_000
MAX_PARTS = 64
MAX_NODES = 2000
MAX_PICTURES = 32

Kind = Literal["glb", "gltf", "ply", "obj"]
Json = Mapping[str, Any]

_LINE_BYTES = 4096
_JSON_BYTES = 16 * 1024 * 1024
_TRIANGLES = 4
"""The mode of a glTF primitive that is triangles, which it also is when it has none."""
_SUPPORTED = ("KHR_materials_", "KHR_lights_")
_POINT_LINE = re.compile(rb"^[ \t]*v[ \t]+[-+.\d]", re.MULTILINE)
_FACE_LINE = re.compile(rb"^[ \t]*f[ \t]([^\n]*)", re.MULTILINE)
_LONG_LINE = re.compile(rb"^[^\n]{%d}" % (_LINE_BYTES + 1), re.MULTILINE)
_SCALAR_BYTES = {
    **dict.fromkeys((b"char", b"uchar", b"int8", b"uint8"), 1),
    **dict.fromkeys((b"short", b"ushort", b"int16", b"uint16"), 2),
    **dict.fromkeys((b"int", b"uint", b"float", b"int32", b"uint32", b"float32"), 4),
    **dict.fromkeys((b"double", b"float64"), 8),
}
_COMPONENT_BYTES = {5120: 1, 5121: 1, 5122: 2, 5123: 2, 5125: 4, 5126: 4}
_COMPONENTS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}


_BROKEN = (TypeError, KeyError, IndexError, AttributeError, ValueError, OverflowError, RecursionError)
"""What Python raises where a file is not what it says."""


class Unfit(Exception):
    """A file cannot be taken: what is wrong, and what to do."""

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(problem, fix)
        self.problem = problem
        self.fix = fix


def damaged(why: str) -> Unfit:
    """The error for a file that begins well and is wrong farther on."""
    return Unfit(f"is damaged ({why})", "export the model again")


def checked_kind(data: bytes) -> Kind:
    """The kind of a mesh file, which is within all bounds and refers to no other file.

    Raises:
        Unfit: It is none, too large, damaged, or refers to others.
    """
    if not data:
        raise Unfit("is an empty file", _USE)
    if len(data) > MAX_BYTES:
        raise Unfit(f"has {len(data) / 2**20:.0f} MiB", "use a file of at most 64 MiB")
    kind = _kind(data)
    try:
        _CHECKS[kind](data)
    except _BROKEN as error:
        raise damaged(f"{type(error).__name__}: {str(error)[:80]}") from None
    return kind


def gltf_pictures(data: bytes, kind: Kind) -> list[bytes]:
    """The pictures in a glTF file that `checked_kind` has passed."""
    tree, blob = _gltf_tree(data) if kind == "glb" else (_parsed(data), b"")
    buffers = _buffers(tree, blob)
    return [_picture(tree, buffers, image) for image in _rows(tree, "images")]


def has_library(data: bytes) -> bool:
    """Whether an OBJ names a material library."""
    return re.search(rb"^[ \t]*mtllib[ \t]", data, re.MULTILINE) is not None


_USE = "use OBJ, PLY, or glTF 2.0 with everything embedded (GLB)"


def _kind(data: bytes) -> Kind:
    if data.startswith(b"glTF"):
        return "glb"
    if re.match(rb"ply\r?\n", data):
        return "ply"
    head = data[:HEAD_BYTES]
    if data.lstrip()[:1] == b"{":
        return "gltf"
    if _POINT_LINE.search(data):
        return "obj"
    raise Unfit(f"is {_other(head)}", _USE)


def _other(head: bytes) -> str:
    """Words for what a file is instead."""
    if head.startswith(b"solid") or b"facet normal" in head:
        return "an STL"
    return kind_of(head).replace("not a picture", "not a mesh")


def _check_obj(data: bytes) -> None:
    if b"\0" in data:
        raise damaged("an OBJ is text")
    if _LONG_LINE.search(data):
        raise Unfit(f"has a line of more than {_LINE_BYTES} characters", "export it with triangles")
    triangles = sum(max(len(face[1].split()) - 2, 1) for face in _FACE_LINE.finditer(data))
    _check_counts(sum(1 for _ in _POINT_LINE.finditer(data)), triangles)


def _check_ply(data: bytes) -> None:
    head, end, body = data[:HEAD_BYTES].partition(b"end_header")
    if not end:
        raise damaged("its header has no end")
    body = data[len(head) + len(end) :].lstrip(b"\r").removeprefix(b"\n")
    elements = list(_ply_elements(head))
    text = b"format ascii" in head
    if sum(count * (2 if text else _row_bytes(row)) for _, count, row in elements) > len(body):
        raise damaged("it is shorter than its header says")
    others = sum(count for name, count, _ in elements if name not in (b"vertex", b"face"))
    faces = sum(count for name, count, _ in elements if name == b"face")
    _check_counts(sum(count for name, count, _ in elements if name == b"vertex"), faces + others)
    corners = _words(body) if text else _corners(elements, body, "big" if b"big_endian" in head else "little")
    others = sum(count * sum(1 if whole else _COORDINATES for _, _, whole in row) for _, count, row in elements)
    _check_counts(0, corners - (others if text else 0) - 2 * faces)


_Row = list[tuple[int, int, bool]]
"""Bytes of a property's length, 0 for a plain number; bytes of each of its values; whether it is no list of coordinates."""
_COORDINATES = 7
"""Words of a list of coordinates of a triangle's three corners in a picture."""


def _ply_elements(head: bytes) -> Iterator[tuple[bytes, int, _Row]]:
    """Name, number and properties of each element."""
    found: list[tuple[bytes, int, _Row]] = []
    for words in (line.split() for line in head.splitlines()):
        if words[:1] == [b"element"]:
            found.append((words[1], _whole(words[2]), []))
        elif words[:1] == [b"property"]:
            sizes = [_SCALAR_BYTES.get(word, 1) for word in words[1:4]]
            coordinates = words[3][:1] in (b"f", b"d") if words[1] == b"list" else False
            found[-1][2].append((sizes[1], sizes[2], not coordinates) if words[1] == b"list" else (0, sizes[0], True))
    yield from found


def _row_bytes(row: _Row) -> int:
    """Least bytes of one of an element."""
    return sum(length or value for length, value, _ in row)


def _corners(elements: Sequence[tuple[bytes, int, _Row]], body: bytes, order: Literal["little", "big"]) -> int:
    """Numbers of corners in all lists. A reader may take the first list's length for that of all: that counts as well."""
    at = total = first = 0
    for _, count, row in elements:
        lists, before = any(length for length, _, _ in row), total
        for number in range(count if lists else 0):
            for length, value, whole in row:
                many = int.from_bytes(body[at : at + length], order) if length else 1
                at += length + many * value
                total += many if length and whole else 0
            first += count * (total - before) if number == 0 else 0
        at += 0 if lists else count * _row_bytes(row)
    return max(total, first)


def _words(text: bytes) -> int:
    gaps = np.frombuffer(b" " + text, np.uint8) <= ord(" ")
    return int(np.count_nonzero(gaps[:-1] & ~gaps[1:]))


def _whole(word: bytes) -> int:
    if not word.isdigit() or len(word) > 12:
        raise damaged(f"{word[:20]!r} is no number of elements")
    return int(word)


def _check_counts(points: int, triangles: int) -> None:
    if points > MAX_POINTS:
        raise Unfit(f"has {points} points", f"use at most {MAX_POINTS}")
    if triangles > MAX_TRIANGLES:
        raise Unfit(f"has {triangles} triangles", f"use at most {MAX_TRIANGLES}; a decimated model looks the same here")


def _check_glb(data: bytes) -> None:
    _check_tree(*_gltf_tree(data))


def _check_gltf(data: bytes) -> None:
    _check_tree(_parsed(data), b"")


def _gltf_tree(data: bytes) -> tuple[Json, bytes]:
    """The JSON of a GLB, and its binary chunk."""
    if len(data) < 20:
        raise damaged("it is cut off")
    version, length, json_length = struct.unpack("<4xIII4x", data[:20])
    if version != 2:
        raise Unfit(f"is glTF {version}", "export glTF 2.0")
    if length > len(data) or 20 + json_length > length:
        raise damaged("it is cut off")
    rest = data[20 + json_length : length]
    chunk = int.from_bytes(rest[:4], "little") if len(rest) >= 8 else 0
    if chunk > len(rest) - 8 and chunk:
        raise damaged("it is cut off")
    return _parsed(data[20 : 20 + json_length]), rest[8 : 8 + chunk]


def _parsed(text: bytes) -> Json:
    if len(text) > _JSON_BYTES and b'"data:' not in text:
        raise Unfit(f"has {len(text) / 2**20:.0f} MiB of JSON", "export it as GLB")
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise damaged(f"its JSON cannot be read: {str(error)[:80]}") from None
    if not isinstance(tree, dict) or not isinstance(tree.get("asset"), dict):
        raise Unfit("is JSON but no glTF", _USE)
    return tree


def _check_tree(tree: Json, blob: bytes) -> None:
    _check_references(tree)
    _check_extensions(tree)
    _check_views(tree, _buffers(tree, blob))
    _check_nodes(tree)
    _check_meshes(tree)
    _check_images(tree)


def _check_references(tree: Json) -> None:
    for name in ("buffers", "images"):
        for at, row in enumerate(_rows(tree, name)):
            uri = row.get("uri", "data:")
            if not uri.startswith("data:"):
                problem = f"refers to another file, {uri[:60]!r}, in {name}[{at}]"
                raise Unfit(problem, "embed everything: export it as GLB")


def _check_extensions(tree: Json) -> None:
    for name in tree.get("extensionsRequired", []):
        if not name.startswith(_SUPPORTED):
            raise Unfit(f"needs the extension {name}, which is not read here", "export it without compression")


def _buffers(tree: Json, blob: bytes) -> list[bytes]:
    buffers = []
    for row in _rows(tree, "buffers"):
        buffers.append(_from_uri(row["uri"]) if "uri" in row else blob)
        if row["byteLength"] > len(buffers[-1]):
            raise damaged("a buffer is cut off")
    return buffers


def _from_uri(uri: str) -> bytes:
    head, _, body = uri.partition(",")
    if not head.endswith(";base64"):
        raise damaged("a data URI is not base64")
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise damaged(f"a data URI: {error}") from None


def _check_views(tree: Json, buffers: Sequence[bytes]) -> None:
    """Nothing reaches beyond a buffer, and no accessor makes more of its bytes than there are."""
    views = _rows(tree, "bufferViews")
    for view in views:
        offset, length = view.get("byteOffset", 0), view["byteLength"]
        if min(offset, length) < 0 or offset + length > len(buffers[view["buffer"]]):
            raise damaged("a buffer view reaches beyond its buffer")
    total = 0
    for row in _rows(tree, "accessors"):
        if "sparse" in row or "bufferView" not in row:
            raise Unfit("has sparse accessors, which are not read here", "export it without them")
        size = _COMPONENT_BYTES[row["componentType"]] * _COMPONENTS[row["type"]]
        if row["count"] < 0 or row["count"] * size > views[row["bufferView"]]["byteLength"]:
            raise damaged("an accessor reaches beyond its buffer view")
        total += row["count"] * size
    if total > 4 * MAX_BYTES:
        raise Unfit("reads its buffers over and over", "export it with one accessor for each array")


def _check_nodes(tree: Json) -> None:
    """Nodes are a forest: a hostile file could have one mesh a million times, or nodes without an end."""
    nodes = _rows(tree, "nodes")
    if len(nodes) > MAX_NODES:
        raise Unfit(f"has {len(nodes)} nodes", f"use at most {MAX_NODES}; join the parts")
    children = [child for node in nodes for child in node.get("children", [])]
    if len(set(children)) != len(children) or any(not 0 <= child < len(nodes) for child in children):
        raise damaged("a node has two parents")
    waiting = [at for at in range(len(nodes)) if at not in set(children)]
    reached = 0
    while waiting:
        reached += 1
        waiting += nodes[waiting.pop()].get("children", [])
    if reached != len(nodes):
        raise damaged("its nodes go round in a circle")


def _check_meshes(tree: Json) -> None:
    meshes, accessors = _rows(tree, "meshes"), _rows(tree, "accessors")
    if len(_rows(tree, "images")) > MAX_PICTURES:
        raise Unfit(f"has {len(_rows(tree, 'images'))} pictures", f"use at most {MAX_PICTURES}")
    points = triangles = parts = 0
    for node in _rows(tree, "nodes"):
        if "mesh" not in node:
            continue
        for row in meshes[node["mesh"]]["primitives"]:
            count = accessors[row["attributes"]["POSITION"]]["count"]
            corners = accessors[row["indices"]]["count"] if "indices" in row else count
            points, parts = points + count, parts + 1
            triangles += corners // 3 if row.get("mode", _TRIANGLES) == _TRIANGLES else corners
    if parts > MAX_PARTS:
        raise Unfit(f"has {parts} parts", f"use at most {MAX_PARTS}; join those of the same material")
    _check_counts(points, triangles)


def _check_images(tree: Json) -> None:
    """Each picture is in one place, so that what is looked at here is what a reader takes."""
    for at, image in enumerate(_rows(tree, "images")):
        if ("uri" in image) == ("bufferView" in image):
            raise damaged(f"images[{at}] is to be in a buffer view or in a data URI")
        if "bufferView" in image and not 0 <= image["bufferView"] < len(_rows(tree, "bufferViews")):
            raise damaged(f"images[{at}] is in no buffer view")


def _picture(tree: Json, buffers: Sequence[bytes], image: Json) -> bytes:
    if "uri" in image:
        return _from_uri(image["uri"])
    view = tree["bufferViews"][image["bufferView"]]
    start = view.get("byteOffset", 0)
    return bytes(buffers[view["buffer"]][start : start + view["byteLength"]])


def _rows(tree: Json, name: str) -> list[Any]:
    rows = tree.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise damaged(f"{name} is no list of objects")
    return rows


_CHECKS: Mapping[Kind, Callable[[bytes], None]] = {
    "glb": _check_glb,
    "gltf": _check_gltf,
    "ply": _check_ply,
    "obj": _check_obj,
}
