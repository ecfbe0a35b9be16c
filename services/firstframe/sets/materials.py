"""Materials as Mitsuba plugins."""

from __future__ import annotations

import numpy as np

from firstframe.core.media import Grey8, Rgb8
from firstframe.sets.design import Plugin
from firstframe.sets.palettes import linear
from firstframe.sets.shapes import Floats


def colour(hexadecimal: str) -> Plugin:
    """A constant reflectance of `#RRGGBB`."""
    return {"type": "rgb", "value": list(linear(hexadecimal))}


def painted() -> Plugin:
    """The colours of a mesh's own points."""
    return {"type": "mesh_attribute", "name": "vertex_color"}


def mixed(one: tuple[float, float, float], other: tuple[float, float, float], share: Floats) -> Floats:
    """Linear colours between two, shape (n, 3); `share` of the other has shape (n, 1)."""
    tint: Floats = (1 - share) * np.array(one) + share * np.array(other)
    return tint


def matt(reflectance: Plugin) -> Plugin:
    """Plaster or paint without gloss, seen from both sides."""
    return {"type": "twosided", "bsdf": {"type": "diffuse", "reflectance": reflectance}}


def satin(reflectance: Plugin, *, roughness: float = 0.45, clearcoat: float = 0.0) -> Plugin:
    """Stone, ceramic or lacquer; `clearcoat` puts a sharp gloss on top."""
    return {
        "type": "principled",
        "base_color": reflectance,
        "roughness": roughness,
        "specular": 0.5,
        "clearcoat": clearcoat,
        "clearcoat_gloss": 0.96,
    }


def metal(name: str, *, roughness: float = 0.13) -> Plugin:
    """A metal of Mitsuba's table of conductors."""
    return {"type": "roughconductor", "material": name, "distribution": "ggx", "alpha": roughness}


def printed(picture: Rgb8, foil: Grey8) -> Plugin:
    """Paper printed with a picture and stamped with metal foil; v runs upwards, so the rows are turned over."""
    return {
        "type": "principled",
        "base_color": {"type": "bitmap", "data": picture[::-1], "raw": False, "wrap_mode": "clamp"},
        "metallic": {"type": "bitmap", "data": foil[::-1], "raw": True, "wrap_mode": "clamp"},
        "roughness": 0.38,
        "specular": 0.4,
    }


def grained(picture: Rgb8, *, roughness: float = 0.5, clearcoat: float = 0.0) -> Plugin:
    """Wood or another surface that a picture shows, oiled or, with `clearcoat`, lacquered."""
    return satin(_texture(picture), roughness=roughness, clearcoat=clearcoat)


def woven(picture: Rgb8) -> Plugin:
    """Cloth, seen from both sides; the picture repeats."""
    return matt(_texture(picture))


def dielectric(inside: float, outside: float, tint: Floats | None = None) -> Plugin:
    """A clear boundary between two refractive indices; `tint`, linear, shape (3,), is what it lets through."""
    plugin: Plugin = {"type": "dielectric", "int_ior": inside, "ext_ior": outside}
    return plugin if tint is None else {**plugin, "specular_transmittance": colour_of(tint)}


def water(body: Floats) -> Plugin:
    """The surface of water that is deep or tinted: it mirrors by Fresnel's law over light that comes back from below.

    Args:
        body: Share of light that comes back from below, linear, shape (3,).
    """
    return {"type": "plastic", "int_ior": 1.333, "diffuse_reflectance": colour_of(body), "nonlinear": False}


def colour_of(light: Floats) -> Plugin:
    """Linear red, green and blue, shape (3,), as a spectrum of Mitsuba."""
    return {"type": "rgb", "value": [float(value) for value in light]}


def _texture(picture: Rgb8) -> Plugin:
    return {"type": "bitmap", "data": picture[::-1], "raw": False, "wrap_mode": "repeat"}
