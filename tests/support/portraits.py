"""A drawn portrait and the mesh of its face, so that no model is needed."""

from __future__ import annotations

import cv2
import numpy as np

from firstframe.core.media import HeroPicture, Rgb8
from firstframe.imaging.face_mesh import (
    LEFT_EYE_RING,
    OVAL,
    POINTS,
    RIGHT_EYE_RING,
    Eye,
    FaceMesh,
)
from firstframe.imaging.preflight.faces import Face
from support.animated_heroes import flat_hero

SIZE = 240, 320
"""Width and height of the drawn portrait."""
MIDDLE, HALF = (120.0, 130.0), (42.0, 52.0)
"""Middle of the face and half its width and height."""
_SKIN, _IRIS = (214, 172, 146), (60, 40, 30)
_BROWS = {70: -0.9, 63: -0.75, 105: -0.5, 66: -0.3, 107: -0.12, 46: -0.9, 53: -0.75, 52: -0.5, 65: -0.3, 55: -0.12}


def mesh(turned_deg: float = 0.0, *, scale: float = 1.0, at: tuple[float, float] = MIDDLE) -> FaceMesh:
    """A face as an ellipsoid, turned about its upright axis."""
    points = _scattered()
    for index, place in enumerate(OVAL):
        angle = -np.pi / 2 + 2 * np.pi * index / len(OVAL)
        points[place] = np.cos(angle), np.sin(angle), 0
    for ring, side in ((LEFT_EYE_RING, -1), (RIGHT_EYE_RING, 1)):
        points[list(ring)] = np.column_stack([_ring(side), np.full(16, -0.8)])
    for point, u in _BROWS.items():
        points[point] = u, -0.45 if point in (46, 53, 52, 65, 55) else -0.5, -0.7
    for point, other in zip((300, 293, 334, 296, 336, 276, 283, 282, 295, 285), _BROWS, strict=True):
        points[point] = points[other] * (-1, 1, 1)
    points[1] = 0, 0.15, -1.25
    points *= np.array([HALF[0], HALF[1], HALF[0]]) * scale
    turn = np.radians(turned_deg)
    x, z = (
        points[:, 0] * np.cos(turn) - points[:, 2] * np.sin(turn),
        points[:, 0] * np.sin(turn) + points[:, 2] * np.cos(turn),
    )
    placed = np.column_stack([x + at[0], points[:, 1] + at[1], z])
    box = Face(at[0] - HALF[0], at[1] - HALF[1], at[0] + HALF[0], at[1] + HALF[1], 0.99)
    return FaceMesh(box, placed, (_eye(placed, LEFT_EYE_RING), _eye(placed, RIGHT_EYE_RING)))


def portrait(*, grain: float = 0.0, eyes: bool = True) -> HeroPicture:
    """Head and shoulders on a plain ground."""
    picture = np.full((SIZE[1], SIZE[0], 3), (120, 130, 140), np.uint8)
    middle = (int(MIDDLE[0]), int(MIDDLE[1]))
    cv2.ellipse(picture, (middle[0], 330), (105, 120), 0, 0, 360, (60, 62, 80), -1, cv2.LINE_AA)
    cv2.rectangle(picture, (100, 160), (140, 225), (196, 156, 132), -1)
    cv2.ellipse(picture, (middle[0], middle[1] - 8), (52, 66), 0, 0, 360, (70, 48, 34), -1, cv2.LINE_AA)
    cv2.ellipse(picture, middle, (int(HALF[0]), int(HALF[1])), 0, 0, 360, _SKIN, -1, cv2.LINE_AA)
    cv2.ellipse(picture, (middle[0], middle[1] + 28), (14, 4), 0, 0, 360, (150, 70, 70), -1, cv2.LINE_AA)
    if eyes:
        _draw_eyes(picture)
    noise = np.random.default_rng(3).standard_normal(picture.shape[:2])[..., None] * grain
    return flat_hero(np.clip(np.rint(picture + noise), 0, 255).astype(np.uint8))


def _draw_eyes(picture: Rgb8) -> None:
    face = mesh()
    for eye in face.eyes:
        ring = np.rint(np.vstack([eye.upper, eye.lower[::-1]])).astype(np.int32)
        cv2.fillPoly(picture, [ring], (236, 232, 228), cv2.LINE_AA)
        cv2.circle(picture, (round(eye.iris[0]), round(eye.iris[1])), 3, _IRIS, -1, cv2.LINE_AA)
        cv2.polylines(picture, [np.rint(eye.upper).astype(np.int32)], False, (40, 24, 20), 1, cv2.LINE_AA)


def _scattered() -> np.ndarray:
    """Points all over the front of a unit ball, z towards the viewer below zero."""
    index = np.arange(POINTS) + 0.5
    radius, angle = 0.97 * np.sqrt(index / POINTS), index * np.pi * (1 + 5**0.5)
    x, y = radius * np.cos(angle), radius * np.sin(angle)
    return np.column_stack([x, y, -np.sqrt(np.maximum(1 - x * x - y * y, 0))])


def _ring(side: int) -> np.ndarray:
    """The ring of one eye: nine points below from the outer corner on, then seven above."""
    share = np.linspace(0, 1, 9)
    x = side * (0.72 - 0.44 * share)
    arc = 4 * share * (1 - share)
    below, above = np.column_stack([x, -0.2 + 0.05 * arc]), np.column_stack([x, -0.2 - 0.09 * arc])
    return np.vstack([below, above[1:-1]])


def _eye(points: np.ndarray, ring: tuple[int, ...]) -> Eye:
    own = points[list(ring), :2]
    upper = np.vstack([own[0], own[9:16], own[8]])
    middle = (upper[4] + own[4]) / 2
    return Eye(own[:9], upper, (float(middle[0]), float(middle[1]), 3.0))
