"""A user's model on a set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import Finding, LayerRole, Rgb8, Severity
from firstframe.core.sets import COLOURS, check_material
from firstframe.core.solids import Part, Solid, Surface
from firstframe.sets.cards import Card
from firstframe.sets.creases import creased
from firstframe.sets.design import Item, Plugin
from firstframe.sets.materials import painted
from firstframe.sets.palettes import Palette, linear
from firstframe.sets.products import Fit, Room, Standing, View, fitted, sampled
from firstframe.sets.shapes import Floats

UpAxis = Literal["y", "z"]
MaterialName = Literal["", "matt", "satin", "gloss", "metal"]

FINISHES: dict[str, tuple[float, float, float]] = {
    "matt": (0.9, 0.0, 0.0),
    "satin": (0.42, 0.0, 0.0),
    "gloss": (0.22, 1.0, 0.0),
    "metal": (0.2, 0.0, 1.0),
}
"""Roughness, clear coat and metallic of each named material."""
_FOOT = 0.06
"""Share of the height, from below, that counts as the foot."""
_ASIDE = 0.15
"""How far the middle of the whole may be from the middle of the stand, as a share of the width: a handle may reach out."""
_SHARP = 0.04
"""Roughness below which a mirror would show single lamps."""


@dataclass(frozen=True, slots=True)
class Finish:
    """What a model is made of, where that is not left to its file."""

    material: MaterialName = ""
    colour: str = ""
    """Name of a colour of the palette or `#RRGGBB`; empty for the material's own."""


@dataclass(frozen=True, slots=True, eq=False)
class ModelProduct:
    """A model that can be put on a stand."""

    solid: Solid
    up: UpAxis = "y"
    turn_deg: float = 0.0
    height_m: float = 0.0
    """0 for one that fits."""
    finish: Finish = Finish()

    def put(self, room: Room) -> Standing:
        """See `Product.put`."""
        upright = [_turned(part.points, self.up, self.turn_deg) for part in self.solid.parts]
        points = np.concatenate(upright)
        low, high = points.min(axis=0), points.max(axis=0)
        height = float(high[1] - low[1])
        feet = points[:, 1] <= low[1] + _FOOT * height
        centre = _stood(low, high, points[feet])
        away = np.hypot(points[:, 0] - centre[0], points[:, 2] - centre[2])
        foot = float(away[feet].max())
        fit = fitted(room, height=max(height, 1e-12), foot=foot, reach=float(away.max()), wanted_m=self.height_m)
        lift = np.array([0.0, room.foot, 0.0])
        placed = [(own - centre) * fit.scale + lift for own in upright]
        return _Standing(self, tuple(placed), fit)


@dataclass(frozen=True, slots=True, eq=False)
class _Standing:
    product: ModelProduct
    placed: tuple[Floats, ...]
    fit: Fit

    @property
    def front(self) -> float:
        return 0.7 * max(float(points[:, 2].max()) for points in self.placed)

    @property
    def points(self) -> Floats:
        return sampled(np.concatenate(self.placed))

    @property
    def findings(self) -> tuple[Finding, ...]:
        left_out = self.product.solid.library_left_out and not self.product.finish.material
        return (*self.fit.findings, *((_LIBRARY,) if left_out else ()))

    def items(self, view: View) -> list[Item]:
        made: dict[tuple[int, bool, bool], Plugin] = {}
        items = []
        for at, (part, points) in enumerate(zip(self.product.solid.parts, self.placed, strict=True)):
            key = id(part.surface), part.uv is None, part.colours is None
            if key not in made:
                made[key] = _material(self.product.finish, part, view.palette)
            items.append(self._item(f"model {at}", part, points, made[key]))
        return items

    def card(self, _view: View) -> Card | None:
        return None

    def _item(self, name: str, part: Part, points: Floats, material: Plugin) -> Item:
        mesh = creased(points, part.faces, part.uv, part.colours)
        return Item(name, LayerRole.SUBJECT, mesh, material, True)


_LIBRARY = Finding(
    Severity.WARNING,
    "MODEL_LIBRARY_LEFT_OUT",
    "The OBJ names a material library, which is another file and was not read. Say what the model is made of by "
    "`material` and `colour`, or export it as GLB, which has its materials in it.",
)


def check_finish(material: str, colour: str, *, field: str) -> Finish:
    """A finish of names.

    Raises:
        InvalidInput: There is no such material or colour.
    """
    check_material(material, colour, field=field)
    return Finish(material, colour)  # type: ignore[arg-type]  # held against the table's names


def _turned(points: Floats, up: UpAxis, turn_deg: float) -> Floats:
    """Points with y up, turned about it."""
    if up == "z":
        points = np.stack([points[:, 0], points[:, 2], -points[:, 1]], -1)
    angle = np.radians(turn_deg)
    turn = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
    return np.asarray(points @ turn.T, np.float64)


def _stood(low: Floats, high: Floats, feet: Floats) -> Floats:
    """The point that comes to the middle of the stand: below the middle of the whole, towards that of the foot.

    Args:
        low: Least coordinates of the whole, shape (3,).
        high: Greatest ones.
        feet: Points of the foot, shape (n, 3).
    """
    whole, foot = (low + high) / 2, (feet.min(axis=0) + feet.max(axis=0)) / 2
    most = _ASIDE * (high - low)
    centre = whole + np.clip(foot - whole, -most, most)
    return np.asarray([centre[0], low[1], centre[2]], np.float64)


def _material(finish: Finish, part: Part, palette: Palette) -> Plugin:
    if finish.material:
        return _named(finish.material, _colour(finish, palette))
    if part.surface is not None:
        return _own(part.surface, with_uv=part.uv is not None)
    if part.colours is not None:
        return _principled(painted(), 0.5)
    return _named("satin", linear(palette.lacquer))


def _colour(finish: Finish, palette: Palette) -> tuple[float, float, float]:
    name = finish.colour or ("foil" if finish.material == "metal" else "lacquer")
    return linear(getattr(palette, name) if name in COLOURS else name)


def _named(material: str, colour: tuple[float, float, float]) -> Plugin:
    roughness, coat, metallic = FINISHES[material]
    return _principled({"type": "rgb", "value": list(colour)}, roughness, metallic=metallic, clearcoat=coat)


def _principled(
    colour: Plugin, roughness: float | Plugin, *, metallic: float | Plugin = 0.0, clearcoat: float = 0.0
) -> Plugin:
    """A surface that is the same from both sides: models of strangers are often wound the wrong way."""
    return {
        "type": "twosided",
        "bsdf": {
            "type": "principled",
            "base_color": colour,
            "roughness": roughness,
            "metallic": metallic,
            "specular": 0.5,
            "clearcoat": clearcoat,
            "clearcoat_gloss": 0.96,
        },
    }


def _own(surface: Surface, *, with_uv: bool) -> Plugin:
    """The file's own material; its pictures only where there are coordinates for them."""
    rough, metal = max(surface.roughness, _SHARP), surface.metallic
    return _principled(
        _picture(surface.picture, surface.colour)
        if with_uv and surface.picture is not None
        else {"type": "rgb", "value": list(surface.colour)},
        _map(surface.roughness_map, rough, least=_SHARP) if with_uv and surface.roughness_map is not None else rough,
        metallic=_map(surface.metallic_map, metal) if with_uv and surface.metallic_map is not None else metal,
    )


def _picture(picture: Rgb8, factor: tuple[float, float, float]) -> Plugin:
    levels = _scaled(picture, np.array(factor) ** (1 / 2.2))
    return {"type": "bitmap", "data": levels[::-1], "raw": False, "wrap_mode": "repeat"}


def _map(levels: NDArray[np.uint8], factor: float, *, least: float = 0.0) -> Plugin:
    data = np.maximum(_scaled(levels, factor), np.uint8(round(255 * least)))
    return {"type": "bitmap", "data": data[::-1], "raw": True, "wrap_mode": "repeat"}


def _scaled(levels: NDArray[np.uint8], factor: float | NDArray[np.float64]) -> NDArray[np.uint8]:
    return np.asarray(np.rint(np.clip(levels * factor, 0, 255)), np.uint8)
