"""Measures how still a filmed set is: what few samples get wrong against many, and how that changes from frame to frame.

Usage: measure_flicker.py SCENE [--frames 6] [--width 240]

A camera that goes sideways and keeps the subject in place, at the pace of an orbit. Prints means over the frames, in levels of
255.
"""

from __future__ import annotations

import argparse
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from firstframe.animation.engines.scene import MAX_DEPTH, SAMPLES
from firstframe.core.formats import Quality
from firstframe.core.media import PixelRect, PixelSize
from firstframe.imaging.camera import Pose
from firstframe.render import denoise, layers
from firstframe.render.filming import posed
from firstframe.render.passes import Pass
from firstframe.render.scene import load
from firstframe.render.steady import Steady
from firstframe.render.tracer import Tracer
from firstframe.render.variant import choose
from firstframe.sets import scenes
from firstframe.sets.framing import Camera
from firstframe.sets.requests import SetRequest

Floats = NDArray[np.float32]
TRUE_SAMPLES = 128
PACE = 0.0015
"""Of the distance to the subject, by which the camera goes sideways from frame to frame."""


class Set:
    """A set that is seen from many places."""

    def __init__(self, scene: str, size: PixelSize, folder: Path) -> None:
        self._size = size
        self.design = scenes.build(SetRequest(scene, "amber-dusk", "First", "", size, 1207, Quality.DRAFT))
        mi = choose("auto", threads=2).activate()
        self._tracer = Tracer(mi, load(mi, self.design, folder, bodies=True), self.design)

    def camera(self, frame: int) -> Camera:
        """Of a frame."""
        own = self.design.camera
        aside = PACE * frame * own.focus_m
        return posed(
            own, Pose(x_m=aside, film_x_px=PACE * frame * self._size.width / (own.right - own.left)), self._size.width
        )

    def light(self, camera: Camera, samples: int, seed: int) -> Floats:
        """Linear light, denoised."""
        width, height = self._size.width, self._size.height
        depth = MAX_DEPTH[Quality.DRAFT] + self.design.bounces
        whole = Pass(0, PixelRect(0, 0, width, height), width, height, samples, depth, seed)
        seen = self._tracer.whole(whole, camera, check=lambda: None)
        return denoise.denoise(seen.colour, seen.albedo, seen.normal, blurred=True)

    def inverse_depth(self, camera: Camera) -> Floats:
        """See `Tracer.geometry`."""
        return self._tracer.geometry(camera, self._size.width, self._size.height).inverse_depth


def told(name: str, frames: list[Floats], true: list[Floats]) -> str:
    """A line of figures."""
    wrong = [255 * (layers.tone(one) - layers.tone(other)) for one, other in zip(frames, true, strict=True)]
    changes = [np.abs(after - before) for before, after in pairwise(wrong)]
    mean, most = np.mean([one.mean() for one in changes]), np.mean([np.percentile(one, 99) for one in changes])
    error = np.mean([np.abs(one).mean() for one in wrong])
    return f"{name}: flicker {mean:.3f}, 99th percentile {most:.2f}; error {error:.2f}"


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scene")
    parser.add_argument("--frames", type=int, default=6)
    parser.add_argument("--width", type=int, default=240)
    arguments = parser.parse_args()
    size = PixelSize(arguments.width, round(arguments.width * 9 / 16))
    with TemporaryDirectory() as folder:
        made, steady = Set(arguments.scene, size, Path(folder)), Steady()
        bare, steadied, true = [], [], []
        for frame in range(arguments.frames):
            camera = made.camera(frame)
            bare.append(made.light(camera, SAMPLES[Quality.DRAFT], 7))
            steadied.append(steady.next(bare[-1], camera, made.inverse_depth(camera)))
            true.append(made.light(camera, TRUE_SAMPLES, 99))
    print(told("each frame alone", bare, true))  # noqa: T201
    print(told("with the frame before", steadied, true))  # noqa: T201


if __name__ == "__main__":
    main()
