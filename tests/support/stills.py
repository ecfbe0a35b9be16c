"""Stills made for checks: one subject on a ground, with one thing right or wrong."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import HeroPicture, LayerImage, LayerPictures, LayerRole, PixelRect, PixelSize, Rgb8

Floats = NDArray[np.float32]

SIZES = (PixelSize(480, 270), PixelSize(270, 480), PixelSize(320, 320))


@dataclass(frozen=True)
class Scene:
    """A jar on a floor before a wall; shares are of the frame."""

    size: PixelSize
    centre: tuple[float, float] = (0.5, 0.45)
    half: tuple[float, float] = (0.14, 0.24)
    jar: tuple[float, float, float] = (0.62, 0.2, 0.14)
    wall: tuple[float, float, float] = (0.74, 0.68, 0.58)
    floor: tuple[float, float, float] = (0.55, 0.47, 0.38)
    shading: float = 0.45
    """Light on the jar falls by that share from one side to the other."""
    from_deg: float = 180.0
    """Where light comes from; 0 is right, 90 is above."""
    shadow: float = 0.45
    rim: float = 0.0
    grain: float = 1.0
    """Deviation of the noise, levels."""
    blur_px: float = 0.5
    seed: int = 3

    @property
    def box(self) -> PixelRect:
        """Around the jar."""
        width, height = self.size.width, self.size.height
        left, top = round((self.centre[0] - self.half[0]) * width), round((self.centre[1] - self.half[1]) * height)
        return PixelRect(left, top, round(2 * self.half[0] * width), round(2 * self.half[1] * height))

    def matte(self) -> Floats:
        """Cover of the jar, 0 to 1, shape (h, w)."""
        return _superellipse(self.size, self.box)

    def image(self) -> Rgb8:
        """The picture."""
        picture, cover = self._ground(), self.matte()
        lit = self._jar()
        mixed = picture * (1 - cover[..., None]) + lit * cover[..., None]
        soft = cv2.GaussianBlur(mixed, (0, 0), self.blur_px) if self.blur_px > 0 else mixed
        noise = np.random.default_rng(self.seed).normal(0, self.grain / 255, soft.shape) if self.grain else 0.0
        return np.rint(np.clip(soft + noise, 0, 1) * 255).astype(np.uint8)

    def hero(self, *, foreground: bool = True) -> HeroPicture:
        """The still with exact layers; the foreground is a leaf in a corner."""
        image, alpha = self.image(), np.rint(self.matte() * 255).astype(np.uint8)
        opaque = np.full_like(alpha, 255)
        layers = [
            LayerImage(LayerRole.BACKGROUND, np.dstack([image, opaque]), 3.0),
            LayerImage(LayerRole.SUBJECT, np.dstack([image, alpha]), 1.25),
        ]
        leaf = np.zeros_like(alpha)
        leaf[: self.size.height // 5, : self.size.width // 6] = 255 if foreground else 0
        layers.append(LayerImage(LayerRole.FOREGROUND, np.dstack([image, leaf]), 0.7))
        return HeroPicture(image, LayerPictures(tuple(layers), 0, 35.0, 1.0), None, alpha, self.box)

    def _ground(self) -> Floats:
        height, width = self.size.height, self.size.width
        horizon = self.box.bottom - round(0.06 * height)
        picture = np.empty((height, width, 3), np.float32)
        picture[:horizon], picture[horizon:] = self.wall, self.floor
        picture = cv2.GaussianBlur(picture, (0, 0), 0.02 * height)
        return np.asarray(picture * (1 - self.shadow * self._cast()[..., None]), np.float32)

    def _cast(self) -> Floats:
        """The jar's shadow on the floor, away from the light."""
        box = self.box
        away = -round(0.8 * box.width * cos(radians(self.from_deg)))
        flat = PixelRect(box.x + away, box.bottom - round(0.08 * box.height), box.width, round(0.16 * box.height))
        return cv2.GaussianBlur(_superellipse(self.size, flat), (0, 0), max(0.02 * box.height, 1.0))

    def _jar(self) -> Floats:
        box = self.box
        y, x = np.mgrid[: self.size.height, : self.size.width].astype(np.float32)
        across = (x - box.x - box.width / 2) / (box.width / 2), (y - box.y - box.height / 2) / (box.height / 2)
        turn = radians(self.from_deg)
        lit = 1 + self.shading * (across[0] * cos(turn) - across[1] * sin(turn))
        jar = np.asarray(self.jar, np.float32) * lit[..., None]
        label = (np.abs(across[0]) < 0.6) & (np.abs(across[1]) < 0.3)
        jar[label] = np.float32(0.9) * lit[label][:, None] / max(float(lit[label].max()), 1.0)
        lines = label & (np.abs(across[1]) < 0.2) & ((y.astype(int) // 3) % 2 == 0)
        jar[lines] *= 0.2
        edge = cv2.distanceTransform((self.matte() > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
        jar[(edge > 0) & (edge < 0.025 * box.height) & (across[0] > 0)] += self.rim
        return jar


def _superellipse(size: PixelSize, box: PixelRect) -> Floats:
    y, x = np.mgrid[: size.height, : size.width].astype(np.float32) + np.float32(0.5)
    across = np.abs((x - box.x - box.width / 2) / (box.width / 2))
    down = np.abs((y - box.y - box.height / 2) / (box.height / 2))
    reach = (across**4 + down**4) ** 0.25
    return np.asarray(np.clip((1 - reach) * min(box.width, box.height) / 2 + 0.5, 0, 1), np.float32)


def speckled_ball(size: PixelSize, centre: tuple[float, float], radius: float = 0.2) -> Rgb8:
    """A sharp, speckled ball before a soft ground, as a camera sees it, lit from the left.

    The radius is a share of the shorter side.
    """
    rng = np.random.default_rng(6)
    coarse = rng.random((9, 9), np.float32)
    ground = cv2.resize(coarse, (size.width, size.height), interpolation=cv2.INTER_CUBIC)
    picture = (0.35 + 0.2 * (ground - ground.mean()))[..., None] * np.float32([0.5, 0.9, 0.6])
    y, x = np.mgrid[: size.height, : size.width]
    away = np.hypot(x - centre[0] * size.width, y - centre[1] * size.height)
    ball = away < radius * min(size.width, size.height)
    speckles = cv2.GaussianBlur(rng.random((size.height, size.width), np.float32), (0, 0), 2.5)
    lit = 1 - 0.6 * (x - centre[0] * size.width) / (radius * min(size.width, size.height))
    picture[ball] = (np.float32([0.95, 0.55, 0.2]) * (0.4 + speckles * 1.1)[..., None] * lit[..., None])[ball]
    soft = cv2.GaussianBlur(picture, (0, 0), 0.8) + rng.normal(0, 0.004, picture.shape)
    return np.rint(np.clip(soft, 0, 1) * 255).astype(np.uint8)


def words(size: PixelSize, ink: int, paper: int) -> tuple[Rgb8, PixelRect]:
    """Letters on a plain ground, and their rectangle."""
    image = np.full((size.height, size.width, 3), 128, np.uint8)
    rect = PixelRect(size.width // 6, size.height // 3, 2 * size.width // 3, size.height // 4)
    image[rect.y : rect.bottom, rect.x : rect.right] = paper
    scale = rect.height / 60
    at = rect.x + round(0.05 * rect.width), rect.y + round(0.7 * rect.height)
    cv2.putText(image, "FIRST", at, cv2.FONT_HERSHEY_SIMPLEX, scale, (ink,) * 3, max(round(3 * scale), 1), cv2.LINE_AA)
    return image, rect
