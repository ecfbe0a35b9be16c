"""How much of a face is still that face: distances of its mesh, and the structure of what it shows.

Both are measured after the moved face is laid on the still one by the best similarity, so that a head which merely shifts or
tilts is as like as ever: what counts is what became of its shape.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.imaging.face_mesh import LEFT_EYE_RING, POINTS, RIGHT_EYE_RING, FaceMesh, Points

Floats = NDArray[np.float32]

_LID_POINTS = (*LEFT_EYE_RING, *RIGHT_EYE_RING, 130, 25, 110, 24, 23, 22, 26, 112, 243, 190, 56, 28, 27, 29, 30, 247,
               359, 255, 339, 254, 253, 252, 256, 341, 463, 414, 286, 258, 257, 259, 260, 467)  # fmt: skip
STEADY = np.setdiff1d(np.arange(POINTS), _LID_POINTS)
"""Points that a blink does not move."""
_SIDE_PX = 112
_WINDOW = (0, 0), 1.5
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def similarity(moved: Points, still: Points) -> Points:
    """The similarity that lays points on others with the least squares, shape (2, 3).

    Source: Umeyama, "Least-Squares Estimation of Transformation Parameters Between Two Point Patterns", 1991.

    Args:
        moved: Shape (n, 2).
        still: Shape (n, 2).
    """
    from_mean, to_mean = moved.mean(axis=0), still.mean(axis=0)
    a, b = moved - from_mean, still - to_mean
    u, scale, vt = np.linalg.svd(b.T @ a)
    flip = np.diag([1.0, np.sign(np.linalg.det(u @ vt))])
    turn = (u @ flip @ vt) * float((scale * np.diag(flip)).sum() / max((a**2).sum(), 1e-12))
    return np.column_stack([turn, to_mean - turn @ from_mean])


def mesh_distance(moved: Points, still: Points, width: float) -> float:
    """How far the shape of a face is from what it was: root of the mean square of the distances, in widths of the face.

    Args:
        moved: Points of `STEADY`, shape (n, 2).
        still: The same points before.
        width: Of the face.
    """
    fit = similarity(moved, still)
    off = moved @ fit[:, :2].T + fit[:, 2] - still
    return float(np.sqrt((off**2).sum(axis=1).mean())) / width


class FaceStructure:
    """The still face, to compare others with.

    Args:
        picture: The photograph, shape (h, w, 3), levels of 255.
        mesh: Its face.
    """

    def __init__(self, picture: Floats, mesh: FaceMesh) -> None:
        low = mesh.points[:, :2].min(axis=0)
        scale = _SIDE_PX / max(mesh.width, mesh.height)
        self._place = np.array([[scale, 0, -scale * low[0]], [0, scale, -scale * low[1]]])
        self._points = mesh.points[STEADY, :2]
        self._mask = self._face(mesh)
        self._still = self._seen(picture, self._place)

    def like(self, picture: Floats, points: Points, hidden: Floats | None = None) -> float:
        """Structural similarity of a moved face, 0 to 1, outside of the eyes.

        Source: Wang et al., "Image Quality Assessment: From Error Visibility to Structural Similarity", 2004, with a window of
        a deviation of 1.5.

        Args:
            picture: Shape (h, w, 3), levels of 255.
            points: Where the points of `STEADY` are in it, shape (n, 2).
            hidden: How much of each pixel something nearer hides, 0 to 1, shape (h, w); what is hidden is not compared.
        """
        back = np.vstack([similarity(points, self._points), [0, 0, 1]])
        one, other = self._still, self._seen(picture, self._place @ back)
        mean_a, mean_b = _blur(one), _blur(other)
        var_a, var_b = _blur(one * one) - mean_a**2, _blur(other * other) - mean_b**2
        both = _blur(one * other) - mean_a * mean_b
        like = (2 * mean_a * mean_b + _C1) * (2 * both + _C2) / ((mean_a**2 + mean_b**2 + _C1) * (var_a + var_b + _C2))
        mask = self._mask
        if hidden is not None:
            mask = mask & (self._seen(np.repeat(hidden[..., None], 3, -1), self._place @ back) < 0.02)
        return float(like[mask].mean()) if mask.any() else 0.0

    def _seen(self, picture: Floats, matrix: Points) -> Floats:
        scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
        soft = cv2.GaussianBlur(picture, (0, 0), 0.5 / scale) if scale < 0.8 else picture
        small = cv2.warpAffine(
            soft, matrix, (_SIDE_PX, _SIDE_PX), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(cv2.cvtColor(np.asarray(small, np.float32), cv2.COLOR_RGB2GRAY), np.float32)

    def _face(self, mesh: FaceMesh) -> NDArray[np.bool_]:
        def own(points: Points) -> NDArray[np.int32]:
            return np.asarray(np.rint(points[:, :2] @ self._place[:, :2].T + self._place[:, 2]), np.int32)

        mask = np.zeros((_SIDE_PX, _SIDE_PX), np.uint8)
        cv2.fillConvexPoly(mask, cv2.convexHull(own(mesh.points)), 1)
        for ring in (LEFT_EYE_RING, RIGHT_EYE_RING):
            eye = np.zeros_like(mask)
            cv2.fillConvexPoly(eye, cv2.convexHull(own(mesh.points[list(ring)])), 1)
            mask[cv2.dilate(eye, np.ones((15, 15), np.uint8)) > 0] = 0
        return mask > 0


def _blur(values: Floats) -> Floats:
    return np.asarray(cv2.GaussianBlur(values, *_WINDOW), np.float32)
