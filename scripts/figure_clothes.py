"""What a figure wears, cut from the helper geometry of its mesh, and which of its skin is left to be seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from figure_body import Body, Floats, Surface

_SEAM = 0.25
"""How far clothes reach over the skin that is left, decimetres."""


def shirt(body: Body, *, sleeve: float, hem: float, neck: float, thick: float) -> Surface:
    """From the hem to the neckline.

    Args:
        body: Who wears it.
        sleeve: Its length, in lengths of the arm.
        hem: Its height, decimetres.
        neck: How far from the neck's joint its neckline lies, decimetres.
        thick: How far it stands off, decimetres.
    """
    cloth = body.surface("helper-tights").finer().finer()
    field = np.minimum(cloth.rest[:, 1] - hem, _off_neck(body, cloth.rest) - neck)
    return _hemmed(_rumpled(cloth.thicker(thick), 0.012, 2.6), np.minimum(field, sleeve - _along_arm(body, cloth.rest)))


def tights(body: Body, top: float) -> Surface:
    """From the hips to the ankles, close to the skin."""
    cloth = body.surface("helper-tights").finer().finer()
    return cloth.cut(np.minimum(top - cloth.rest[:, 1], _off_arms(body, cloth.rest)))


def trousers(body: Body, top: float) -> Surface:
    """Straight ones, down over the shoes."""
    cloth = body.surface("helper-tights").finer().finer()
    hem = body.heads["foot.L"][1] - 0.10
    field = np.minimum.reduce([cloth.rest[:, 1] - hem, top - cloth.rest[:, 1], _off_arms(body, cloth.rest)])
    knee = body.heads["lowerleg01.L"][1]
    wide = np.interp(cloth.rest[:, 1], [hem, knee - 1.2, knee, 0.0, top], [0.20, 0.17, 0.13, 0.06, 0.03])
    return _hemmed(_rumpled(cloth.thicker(wide), 0.02, 1.7), field)


def skirt(body: Body, hem: float) -> Surface:
    """A skirt that falls in soft folds, cut at a height."""
    cloth = body.surface("helper-skirt").finer().finer()
    down = np.clip((0.5 - cloth.rest[:, 1]) / (0.5 - hem), 0, 1.2)
    middle = float((cloth.points[:, 2].max() + cloth.points[:, 2].min()) / 2)
    angle = np.arctan2(cloth.points[:, 0], cloth.points[:, 2] - middle)
    fold = 0.045 * np.sin(13 * angle + 1.2 * np.sin(3 * angle)) + 0.02 * np.sin(5 * angle + 1)
    wide = 1 + 0.24 * down + fold * down**0.8 - 0.025 * np.clip((cloth.rest[:, 1] - 0.3) / 0.8, 0, 1)
    points = cloth.points.copy()
    points[:, 0] *= wide
    points[:, 2] = middle + (points[:, 2] - middle) * wide
    return _hemmed(replace(cloth, points=points).thicker(0.09), cloth.rest[:, 1] - hem)


def shoes(body: Body) -> Surface:
    """Soft ones, up to the ankle."""
    cloth = body.surface("helper-tights").finer().finer()
    top = body.heads["foot.L"][1] - 0.02 + 0.12 * np.clip(0.6 - cloth.rest[:, 2], 0, 1)
    field = top - cloth.rest[:, 1]
    cloth = cloth.thicker(0.07)
    points = cloth.points.copy()
    points[:, 1] = np.maximum(points[:, 1], points[:, 1].min() + 0.06)
    return _hemmed(replace(cloth, points=points), field)


def skin(body: Body, *, sleeve: float, neck: float) -> Surface:
    """Head, neck, and the arms below the sleeves."""
    whole = body.surface("body").finer()
    above = neck + _SEAM - _off_neck(body, whole.rest)
    above = np.where(whole.rest[:, 1] > body.heads["neck01"][1], 1.0, above)
    arms = np.where(_off_arms(body, whole.rest) > 0, -1.0, 5 * (_along_arm(body, whole.rest) - sleeve) + 1.5 * _SEAM)
    return whole.cut(np.maximum(above, arms))


def _off_neck(body: Body, rest: Floats) -> Floats:
    """How far from a point before the joint of the neck, and less and less above it."""
    off = rest - (body.heads["neck01"] + (0.0, -0.05, 0.40))
    return np.asarray(np.minimum(np.linalg.norm(off, axis=1), 1.5 - 1.5 * off[:, 1]))


def _off_arms(body: Body, rest: Floats) -> Floats:
    """Below zero on the arms and hands."""
    out = 1.12 * body.heads["upperarm01.L"][0] - np.abs(rest[:, 0])
    hands = 1.5 * (0.9 - rest[:, 1]) - 1.5 * np.clip(np.abs(rest[:, 0]) - 2.4, 0, 9)
    return np.asarray(np.maximum(out, hands))


def _along_arm(body: Body, rest: Floats) -> Floats:
    """How far along the arm, 0 at the shoulder's joint and 1 at the wrist's; -1 off the arms."""
    shoulder, wrist = body.heads["upperarm01.L"], body.heads["wrist.L"]
    at = np.c_[np.abs(rest[:, 0]), rest[:, 1:]] - shoulder
    along = at @ (wrist - shoulder) / float((wrist - shoulder) @ (wrist - shoulder))
    return np.asarray(np.where(_off_arms(body, rest) > 0, -1.0, along))


def _rumpled(cloth: Surface, amount: float, often: float) -> Surface:
    """Cloth with shallow folds across the limb."""
    x, y, z = (often * cloth.rest[:, at] for at in range(3))
    bend = 0.8 * np.sin(0.9 * x + 0.7 * z) + 0.6 * np.sin(1.3 * z - 0.5 * x + 1)
    fold = np.sin(2.1 * y + 1.4 * bend) * np.sin(1.1 * x + 1.7 * z + 0.6 * y) + 0.5 * np.sin(4.3 * y - 2 * bend + x)
    return cloth.thicker(amount * fold)


def _hemmed(cloth: Surface, field: Floats, depth: float = 0.10) -> Surface:
    """Cloth where a field is above zero, its edges turned inwards, so that they look as thick as cloth is."""
    inside, cloth = cloth.thicker(-depth).cut(field), cloth.cut(field)
    sides = np.concatenate([cloth.faces[:, [0, 1]], cloth.faces[:, [1, 2]], cloth.faces[:, [2, 0]]])
    _, number, used = np.unique(np.sort(sides, axis=1), axis=0, return_inverse=True, return_counts=True)
    rim = sides[used[number.reshape(-1)] == 1]
    corners, places = np.unique(rim, return_inverse=True)
    at = places.reshape(-1, 2) + len(cloth.points)
    return Surface(
        np.concatenate([cloth.points, inside.points[corners]]),
        np.concatenate([cloth.faces, np.c_[rim[:, 1], rim[:, 0], at[:, 0]], np.c_[rim[:, 1], at[:, 0], at[:, 1]]]),
        np.concatenate([cloth.rest, cloth.rest[corners]]),
        np.concatenate([cloth.uv, cloth.uv[corners]]),
    )
