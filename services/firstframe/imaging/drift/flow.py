"""What lies between two pictures that ought to be the same: a camera that went otherwise, and what no camera explains.

Dense flow comes from DIS (Kroeger et al., "Fast Optical Flow using Dense Inverse Search", ECCV 2016). Each vector counts along
the gradients of its surroundings only (the structure tensor: Förstner and Gülch 1987), since along an edge nothing is seen of a
motion. A camera's part is fitted as an affine map, and the parallax that inverse depth gives:
`flow(x) = A·x + b + nearness(x) · (c + d·x)`.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.imaging.drift.miniature import Affine, Doubles, Floats, Seen

BLOCK_PX = 8
"""Side of the squares over which vectors are summed before the fit."""
TEXTURE = 6.0
"""Squared grey levels per pixel at which a square's flow counts half: that of noise is well below it."""
PARAMETERS = 9
_FINE_PX = 3.0
"""Deviation of what counts as soft under a veil, pixels of a small frame."""
_CONTRAST, _LEAST_CONTRAST = 24.0, 3.0
"""Grey levels that detail is brought to, and below which it is noise."""
_ROUNDS = 4
_STEADY = 0.25
"""Pixels from which a square counts less in the fit, as something that moves by itself."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What squares of a small frame say of motion; arrays have the squares' shape (rows, columns)."""

    tensor: Doubles
    """Sums of gradient products: xx, xy, yy; shape (rows, columns, 3), grey levels squared per pixel squared."""
    pulled: Doubles
    """Tensor times flow, shape (rows, columns, 2)."""
    x: Doubles
    """Middles, pixels from the frame's middle."""
    y: Doubles
    nearness: Doubles
    weight: Doubles
    """0 where motion was asked for, or the hero is not known, to 1."""


class FlowMeter:
    """Measures the flow from what a frame ought to show to what it shows.

    Args:
        veiled: Whether light or a veil may pass over the picture, which is soft: then fine detail alone counts.
    """

    def __init__(self, *, veiled: bool = False) -> None:
        self._see = _detail if veiled else _grey
        # At half size rather than at a quarter, as the presets for speed have it, bends of a few pixels' width show.
        self._dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        self._dis.setFinestScale(1)

    def between(self, seen: Seen, frame: Floats, trusted: Floats) -> Evidence:
        """The evidence of one frame.

        Args:
            seen: The hero under the camera.
            frame: Small frame, shape (h, w, 3), 0 to 255.
            trusted: Where motion tells something, shape (h, w), 0 to 1.
        """
        wanted, found = self._see(seen.rgb), self._see(frame)
        flow = self._flow(wanted, found)
        gx, gy = _gradients(np.asarray((wanted + found) / 2, np.float32))
        xx, xy, yy = gx * gx * trusted, gx * gy * trusted, gy * gy * trusted
        u, v = flow[..., 0], flow[..., 1]
        planes = [xx, xy, yy, xx * u + xy * v, xy * u + yy * v, seen.nearness, trusted]
        blocks = np.stack([_blocks(plane) for plane in planes], -1).astype(np.float64)
        x, y = block_middles(frame.shape[0], frame.shape[1])
        return Evidence(blocks[..., :3], blocks[..., 3:5], x, y, blocks[..., 5], blocks[..., 6])

    def _flow(self, wanted: Floats, found: Floats) -> Floats:
        start = np.zeros((*wanted.shape, 2), np.float32)
        return np.asarray(self._dis.calc(_bytes(wanted), _bytes(found), start), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class CameraError:
    """By how much a camera goes otherwise than it was thought to."""

    parameters: Doubles
    """Shape (9,): A row by row with b, then c, then d."""

    def at(self, x: Doubles, y: Doubles, nearness: Doubles) -> Doubles:
        """Flow at places, shape (..., 2), pixels."""
        return _design(x, y, nearness) @ self.parameters

    def of_layer(self, nearness: float) -> Affine:
        """What it does to a layer, as a map of small frames."""
        a, b = self.parameters[:6].reshape(2, 3), self.parameters[6:8]
        grows = np.eye(2) * self.parameters[8] * nearness
        turned = np.eye(2) + (a[:, :2] + grows) / _UNIT
        return np.concatenate([turned, (a[:, 2] + nearness * b)[:, None]], axis=1)


_UNIT = 100.0
"""Pixels that count as one in the fit, so that its figures are of one size."""


def fit_camera(evidence: Evidence, *, depth: bool) -> CameraError:
    """The camera error that explains most of the evidence, robustly; what is not seen of it stays zero.

    Args:
        evidence: Of one frame.
        depth: Whether there are layers at different distances.
    """
    design = _design(evidence.x, evidence.y, evidence.nearness).reshape(-1, 2, PARAMETERS)
    tensor = _matrices(evidence.tensor).reshape(-1, 2, 2)
    pulled = evidence.pulled.reshape(-1, 2)
    pulling = np.einsum("nik,nij->nkj", design, tensor)
    flat = design.reshape(-1, PARAMETERS)
    share = np.ones(len(design))
    solved = np.zeros(PARAMETERS)
    held = _ridge(depth)
    for _ in range(_ROUNDS):
        weighted = (share[:, None, None] * pulling).swapaxes(1, 2).reshape(-1, PARAMETERS)
        normal = weighted.T @ flat + held
        solved = np.linalg.solve(normal, flat.T @ (share[:, None] * pulled).ravel())
        off = (evidence.pulled.reshape(-1, 2) - np.einsum("nij,nj->ni", tensor, design @ solved)) / (
            evidence.tensor[..., 0] + evidence.tensor[..., 2] + TEXTURE
        ).reshape(-1, 1)
        share = 1 / (1 + (off * off).sum(axis=1) / _STEADY**2)
    return CameraError(solved)


def left_over(evidence: Evidence, error: CameraError, cell: int) -> tuple[Doubles, Doubles]:
    """Motion of cells that the camera does not explain, pulled towards zero where little is seen.

    Args:
        evidence: Of one frame.
        error: The camera's part.
        cell: Squares of a cell's side.

    Returns:
        Motion in pixels, shape (rows, columns, 2), and how much is seen of it, 0 to 1.
    """
    tensor = _matrices(evidence.tensor)
    rest = evidence.pulled - np.einsum("rcij,rcj->rci", tensor, error.at(evidence.x, evidence.y, evidence.nearness))
    sums = _pooled(np.concatenate([evidence.tensor, rest, evidence.weight[..., None]], -1), cell)
    whole = _matrices(sums[..., :3]) + TEXTURE * np.eye(2)
    motion = np.linalg.solve(whole, sums[..., 3:5, None])[..., 0]
    energy = sums[..., 0] + sums[..., 2]
    return np.asarray(motion, np.float64), sums[..., 5] * energy / (energy + 2 * TEXTURE)


def block_middles(height: int, width: int) -> tuple[Doubles, Doubles]:
    """Middles of the squares, pixels from the frame's middle, each of shape (rows, columns)."""
    rows, columns = height // BLOCK_PX, width // BLOCK_PX
    x = (np.arange(columns) + 0.5) * BLOCK_PX - 0.5 - (width - 1) / 2
    y = (np.arange(rows) + 0.5) * BLOCK_PX - 0.5 - (height - 1) / 2
    return np.broadcast_to(x, (rows, columns)), np.broadcast_to(y[:, None], (rows, columns))


def _design(x: Doubles, y: Doubles, nearness: Doubles) -> Doubles:
    u, v, zero, one = x / _UNIT, y / _UNIT, np.zeros_like(x), np.ones_like(x)
    across = np.stack([u, v, one, zero, zero, zero, nearness, zero, nearness * u], -1)
    down = np.stack([zero, zero, zero, u, v, one, zero, nearness, nearness * v], -1)
    return np.stack([across, down], -2)


def _ridge(depth: bool) -> Doubles:
    """How strongly each parameter is held at zero: what nothing is seen of is not made up."""
    held = np.full(PARAMETERS, TEXTURE)
    if not depth:
        held[6:] = 1e12
    return np.diag(held)


def _matrices(tensor: Doubles) -> Doubles:
    xx, xy, yy = np.moveaxis(tensor, -1, 0)
    return np.stack([np.stack([xx, xy], -1), np.stack([xy, yy], -1)], -2)


def _pooled(squares: Doubles, cell: int) -> Doubles:
    rows, columns = squares.shape[0] // cell, squares.shape[1] // cell
    whole = squares[: rows * cell, : columns * cell].reshape(rows, cell, columns, cell, -1)
    return np.asarray(whole.mean(axis=(1, 3)))


def _blocks(plane: Floats) -> Floats:
    rows, columns = plane.shape[0] // BLOCK_PX, plane.shape[1] // BLOCK_PX
    whole = plane[: rows * BLOCK_PX, : columns * BLOCK_PX]
    return np.asarray(cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)


def _grey(rgb: Floats) -> Floats:
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.float32)


def _detail(rgb: Floats) -> Floats:
    """Luma without what is soft in it, divided by its contrast nearby; around the middle grey."""
    grey = _grey(rgb)
    fine = grey - cv2.GaussianBlur(grey, (0, 0), _FINE_PX)
    contrast = np.sqrt(cv2.GaussianBlur(fine * fine, (0, 0), 2 * _FINE_PX))
    return np.asarray(128 + _CONTRAST * fine / (contrast + _LEAST_CONTRAST), np.float32)


def _bytes(grey: Floats) -> NDArray[np.uint8]:
    return np.asarray(np.rint(np.clip(grey, 0, 255)), np.uint8)


def _gradients(grey: Floats) -> tuple[Floats, Floats]:
    """Grey levels per pixel, a little smoothed."""
    return (
        np.asarray(cv2.Sobel(grey, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8), np.float32),
        np.asarray(cv2.Sobel(grey, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8), np.float32),
    )
