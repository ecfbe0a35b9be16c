"""A set design as a Mitsuba scene."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from firstframe.core.media import LayerRole
from firstframe.render import kinds as rendering
from firstframe.sets.design import Plugin, SetDesign
from firstframe.sets.shapes import Mesh

LAYER_ORDER = (LayerRole.BACKGROUND, LayerRole.MIDGROUND, LayerRole.SUBJECT, LayerRole.FOREGROUND)
"""From far to near."""


@dataclass(frozen=True, slots=True, eq=False)
class LoadedSet:
    """A scene with the layer of each of its shapes."""

    scene: rendering.Plugin
    """`mitsuba.Scene`."""
    shape_layers: dict[str, int]
    """Index into `LAYER_ORDER` by shape name; shapes without one are never seen by the camera."""
    products: frozenset[str]
    """Names of the shapes that are the product."""
    objects: dict[str, int]
    """Number of each object by shape name, from 1 in the order of the design's items."""


def load(mi: rendering.Renderer, design: SetDesign, folder: Path, *, bodies: bool = True) -> LoadedSet:
    """Builds the scene; meshes go through files in `folder`.

    In one order: parallel loading and merging of objects shuffle the emitters, and with them every sample, at each run.

    Args:
        mi: The renderer.
        design: The set.
        folder: An empty folder.
        bodies: Whether a card gets its body, which only a tracer that walks through it can keep out of sight.
    """
    scene: Plugin = {"type": "scene"}
    shared = _shared(mi, [item.material for item in design.items])
    for item in design.items:
        material = shared.get(id(item.material)) or with_bitmaps(mi, item.material)
        shape = _shape(item.shape, material, folder / f"{_id(item.name)}.ply", _id(item.name))
        scene[_id(item.name)] = shape if item.glow is None else {**shape, "emitter": with_bitmaps(mi, item.glow)}
    hidden = (*design.hidden, *((design.card.shade(),) if design.card and bodies else ()))
    for at, (mesh, material) in enumerate(hidden):
        scene[f"hidden_{at}"] = _shape(mesh, with_bitmaps(mi, material), folder / f"hidden_{at}.ply", f"hidden_{at}")
    for at, light in enumerate(design.lights):
        scene[f"light_{at}"] = _light(mi, light)
    return LoadedSet(
        scene=mi.load_dict(scene, parallel=False, optimize=False),
        shape_layers={_id(item.name): LAYER_ORDER.index(item.role) for item in design.items},
        products=frozenset(_id(item.name) for item in design.items if item.product),
        objects={_id(item.name): number for number, item in enumerate(design.items, start=1)},
    )


def _id(name: str) -> str:
    return name.replace(" ", "_")


def _shared(mi: rendering.Renderer, materials: list[Plugin]) -> dict[int, rendering.Plugin]:
    """Materials with pictures that several items have, made once: each would have its own copy of the pictures."""
    often = Counter(map(id, materials))
    many = {id(item): item for item in materials if often[id(item)] > 1 and _has_bitmap(item)}
    return {key: mi.load_dict(with_bitmaps(mi, item), parallel=False, optimize=False) for key, item in many.items()}


def _has_bitmap(plugin: Plugin) -> bool:
    inner = (value for value in plugin.values() if isinstance(value, dict))
    return plugin.get("type") == "bitmap" or any(map(_has_bitmap, inner))


def _shape(shape: Mesh | Plugin, material: rendering.Plugin, file: Path, name: str) -> Plugin:
    plugin = {"type": "ply", "filename": str(shape.write_ply(file))} if isinstance(shape, Mesh) else dict(shape)
    return {**plugin, "id": name, "bsdf": material}


def with_bitmaps(mi: rendering.Renderer, plugin: Plugin) -> Plugin:
    """The plugin with the arrays of its bitmaps turned into Mitsuba bitmaps."""
    result = {key: with_bitmaps(mi, value) if isinstance(value, dict) else value for key, value in plugin.items()}
    if result.get("type") == "bitmap":
        data = np.array(result.pop("data"))  # a copy: Mitsuba takes no read-only arrays
        result["bitmap"] = mi.Bitmap(data if data.ndim == 3 else data[..., None])
    return result


def _light(mi: rendering.Renderer, light: Plugin) -> Plugin:
    transform = mi.ScalarTransform4f
    if light["type"] == "envmap":
        return {"type": "envmap", "bitmap": mi.Bitmap(np.array(light["data"], np.float32))}
    if light["type"] == "sunsky":  # its own up is z
        return {**light, "to_world": transform().rotate([1, 0, 0], -90)}
    if "look_at" not in light:
        return light
    plugin = {key: value for key, value in light.items() if key not in ("look_at", "scale")}
    origin, target = light["look_at"]
    turn = transform().look_at(origin=origin, target=target, up=[0.0, 1.0, 0.01])
    plugin["to_world"] = turn @ transform().scale(light["scale"])
    return plugin
