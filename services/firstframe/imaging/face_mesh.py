"""The mesh of a face: 468 points in three dimensions, with the contours of the eyes, as the pack `face-landmarks` sees them.

The mesh network wants the eyes level and the face in the middle of its square, so it is asked twice: where the detector says
that the face is, and again where the first answer says. The iris network then looks at each eye on its own. Source of the
squares and of the points' order: Kartynnik et al., "Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs",
2019, and Ablavatski et al., "Real-time Pupil Tracking from Monocular Video for Digital Puppetry", 2020.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import Rgb8
from firstframe.imaging.preflight.faces import MESH, MESH_SIDE_PX, Answer, Face, Question, search

Points = NDArray[np.float64]
Value = TypeVar("Value")

IRIS = "face-landmarks-iris"
IRIS_SIDE_PX = 64
POINTS = 468
_REACH = 1.5
"""Side of the mesh's square, in sides of the face."""
_EYE_REACH = 2.3
"""Side of the iris network's square, in widths of the eye."""

LEFT_EYE, RIGHT_EYE = (33, 133), (263, 362)
"""Outer and inner corner of the eye at the picture's left, and of the other one."""
LEFT_EYE_RING = (33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173)
RIGHT_EYE_RING = (263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398)
"""Points of the mesh around each eye, as the iris network orders its contour: nine below from the
outer corner to the inner one, then the seven above between them."""
OVAL = (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150, 136,
        172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109)  # fmt: skip
"""The edge of the face from the forehead on, clockwise in the picture."""
CHIN, FOREHEAD, NOSE_TIP, LEFT_CHEEK, RIGHT_CHEEK = 152, 10, 1, 234, 454


@dataclass(frozen=True, slots=True, eq=False)
class Eye:
    """One eye."""

    lower: Points
    """Edge of the lower lid from the outer corner to the inner one, shape (9, 2), pixels of the picture."""
    upper: Points
    """Edge of the upper lid between the same corners, both included, shape (9, 2)."""
    iris: tuple[float, float, float]
    """Centre and radius of the iris."""

    @property
    def width(self) -> float:
        """From corner to corner, pixels."""
        return float(np.hypot(*(self.lower[-1] - self.lower[0])))

    @property
    def openness(self) -> float:
        """Height over width."""
        return float(np.hypot(*(self.upper[4] - self.lower[4]))) / max(self.width, 1e-6)


@dataclass(frozen=True, slots=True, eq=False)
class FaceMesh:
    """A face in a picture."""

    box: Face
    points: Points
    """Shape (468, 3): x and y in pixels of the picture, z in pixels, smaller is nearer."""
    eyes: tuple[Eye, Eye]
    """At the picture's left and right."""

    @property
    def width(self) -> float:
        """From cheek to cheek, pixels."""
        return float(np.linalg.norm(self.points[RIGHT_CHEEK] - self.points[LEFT_CHEEK]))

    @property
    def height(self) -> float:
        """From forehead to chin, pixels."""
        return float(np.hypot(*(self.points[CHIN] - self.points[FOREHEAD])[:2]))

    @property
    def roll_deg(self) -> float:
        """How far the line of the eyes falls to the picture's right."""
        across = self.points[[263, 362], :2].mean(axis=0) - self.points[[33, 133], :2].mean(axis=0)
        return float(np.degrees(np.arctan2(across[1], across[0])))

    @property
    def yaw_deg(self) -> float:
        """How far the face is turned to the picture's right; 0 looks into the camera."""
        across = self.points[RIGHT_CHEEK] - self.points[LEFT_CHEEK]
        return float(np.degrees(np.arctan2(across[2], across[0])))


def look_at_faces(picture: Rgb8) -> Generator[Question, Answer, tuple[FaceMesh, ...]]:
    """Finds faces and their meshes, the largest first; asked as `preflight.faces.search` is."""
    faces = yield from search(picture)
    meshes = []
    for face in faces:
        meshes.append((yield from look_at_face(picture, face)))
    return tuple(sorted(meshes, key=lambda mesh: -mesh.width * mesh.height))


def look_at_face(picture: Rgb8, face: Face) -> Generator[Question, Answer, FaceMesh]:
    """The mesh of a face whose place is known."""
    side = _REACH * max(face.right - face.left, face.bottom - face.top)
    square = _Square((face.left + face.right) / 2, (face.top + face.bottom) / 2, side, 0.0, MESH_SIDE_PX)
    first = yield from _mesh(picture, square)
    points = yield from _mesh(picture, _around(first))
    left = yield from _eye(picture, points, LEFT_EYE, mirrored=False)
    right = yield from _eye(picture, points, RIGHT_EYE, mirrored=True)
    return FaceMesh(face, points, (left, right))


def answered(asking: Generator[Question, Answer, Value], infer: Callable[[str, dict[str, Any]], Answer]) -> Value:
    """Runs a dialogue of questions to models to its end.

    Args:
        asking: Such as `look_at_faces`.
        infer: Runs a model.
    """
    question = next(asking)
    while True:
        try:
            question = asking.send(infer(*question))
        except StopIteration as ended:
            value: Value = ended.value
            return value


@dataclass(frozen=True, slots=True)
class _Square:
    """A turned square of a picture, as a network is shown it."""

    x: float
    y: float
    side: float
    turn_rad: float
    """Clockwise in the picture."""
    pixels: int
    mirrored: bool = False

    @property
    def to_picture(self) -> Points:
        """From the network's pixels to the picture's, shape (2, 3)."""
        scale = self.side / self.pixels
        cos, sin = scale * np.cos(self.turn_rad), scale * np.sin(self.turn_rad)
        flip = -1 if self.mirrored else 1
        turn = np.array([[flip * cos, -sin], [flip * sin, cos]])
        middle = np.array([self.x, self.y])
        return np.column_stack([turn, middle - turn @ np.full(2, self.pixels / 2)])

    def shown(self, picture: Rgb8) -> NDArray[np.float32]:
        """What the network sees, 0 to 1, shape (1, pixels, pixels, 3)."""
        scale = self.side / self.pixels
        soft = cv2.GaussianBlur(picture, (0, 0), 0.45 * scale) if scale > 1.4 else picture
        way = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        square = cv2.warpAffine(
            soft, self.to_picture, (self.pixels, self.pixels), flags=way, borderMode=cv2.BORDER_REFLECT_101
        )
        return np.asarray(square[None], np.float32) / np.float32(255)

    def placed(self, points: Points) -> Points:
        """Points of the network, shape (n, 3), in the picture."""
        flat = points[:, :2] @ self.to_picture[:, :2].T + self.to_picture[:, 2]
        return np.column_stack([flat, points[:, 2] * self.side / self.pixels])


def _mesh(picture: Rgb8, square: _Square) -> Generator[Question, Answer, Points]:
    answer = yield MESH, {"input_1": square.shown(picture)}
    return square.placed(answer["conv2d_21"].reshape(POINTS, 3).astype(np.float64))


def _around(points: Points) -> _Square:
    """The square around a mesh, its eyes level."""
    across = points[[263, 362], :2].mean(axis=0) - points[[33, 133], :2].mean(axis=0)
    turn = float(np.arctan2(across[1], across[0]))
    cos, sin = np.cos(turn), np.sin(turn)
    level = points[:, :2] @ np.array([[cos, -sin], [sin, cos]])
    low, high = level.min(axis=0), level.max(axis=0)
    x, y = np.array([[cos, -sin], [sin, cos]]) @ ((low + high) / 2)
    return _Square(float(x), float(y), _REACH * float((high - low).max()), turn, MESH_SIDE_PX)


def _eye(
    picture: Rgb8, points: Points, corners: tuple[int, int], *, mirrored: bool
) -> Generator[Question, Answer, Eye]:
    outer, inner = points[corners[0], :2], points[corners[1], :2]
    across = (outer - inner) if mirrored else (inner - outer)
    turn, middle = float(np.arctan2(across[1], across[0])), (outer + inner) / 2
    side = _EYE_REACH * float(np.hypot(*across))
    square = _Square(float(middle[0]), float(middle[1]), side, turn, IRIS_SIDE_PX, mirrored)
    answer = yield IRIS, {"input_1": square.shown(picture)}
    ring = square.placed(answer["output_eyes_contours_and_brows"].reshape(71, 3)[:16].astype(np.float64))[:, :2]
    iris = square.placed(answer["output_iris"].reshape(5, 3).astype(np.float64))[:, :2]
    radius = float(np.hypot(*(iris[1:] - iris[0]).T).mean())
    upper = np.vstack([ring[0], ring[9:16], ring[8]])
    return Eye(ring[:9], upper, (float(iris[0][0]), float(iris[0][1]), radius))
