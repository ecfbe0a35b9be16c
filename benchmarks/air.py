"""Speed of each atmosphere: frames per second of processor time, one thread, parallax and everything else of a frame included.

The still is that of `benchmarks.parallax`: four layers at 1280×720. What moves a layer's picture does so where a mask says:
water in the lower third, a sky in the upper, leaves and cloth in the left one. Two cores make two clips at a time, so a frame
that takes 1/30 s of processor time is made twice in that time.

    python -m benchmarks.air [--frames 60] [--rounds 3] [--size 1280x720] [--json result.json]
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from benchmarks.parallax import STRENGTH, Quiet, scene
from firstframe.animation.engines import ClipRequest
from firstframe.animation.engines.previz import PrevizAnimator
from firstframe.core.media import Grey8, HeroPicture, PixelSize
from firstframe.core.motion import Air, Atmosphere, CameraMove, single

RATE = Fraction(30)
GOAL = 30.0
"""Frames per second on two cores, of which each does half."""


def mask_of(kind: Atmosphere, size: PixelSize) -> Grey8 | None:
    """Where it is; None for the whole."""
    mask = np.zeros((size.height, size.width), np.uint8)
    if kind is Atmosphere.WATER:
        mask[2 * size.height // 3 :] = 255
    elif kind is Atmosphere.CLOUDS:
        mask[: size.height // 3] = 255
    elif kind in (Atmosphere.FOLIAGE, Atmosphere.CLOTH):
        mask[size.height // 4 :, : size.width // 3] = 255
    return mask if mask.any() else None


def frames_per_second(hero: HeroPicture, kind: Atmosphere | None, frames: int) -> float:
    """Of processor time; what is made once for the clip is counted in."""
    airs = () if kind is None else (Air(kind),)
    masks = () if kind is None else (mask_of(kind, hero.size),)
    request = ClipRequest(hero, single(CameraMove.PUSH, STRENGTH, *airs), frames, RATE, seed=1, masks=masks)
    start = time.process_time()
    for _ in PrevizAnimator().take(request).frames(Quiet()):
        pass
    return frames / (time.process_time() - start)


def measure(hero: HeroPicture, frames: int, rounds: int) -> dict[str, float]:
    """Median by atmosphere, and without any; rounds are interleaved."""
    kinds = [None, *Atmosphere]
    found: dict[str, list[float]] = {}
    for _ in range(rounds):
        for kind in kinds:
            name = kind.value if kind else "none"
            found.setdefault(name, []).append(frames_per_second(hero, kind, frames))
    return {name: statistics.median(speeds) for name, speeds in found.items()}


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--json", type=Path, help="also write the result there")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    width, height = map(int, options.size.split("x"))
    speeds = measure(scene(PixelSize(width, height)), options.frames, options.rounds)
    for name, speed in speeds.items():
        print(f"{name:12}{speed:8.1f} per core{'' if 2 * speed >= GOAL else '   below the goal'}")
    if options.json:
        options.json.write_text(json.dumps({"size": options.size, "frames": options.frames, **speeds}, indent=1) + "\n")


if __name__ == "__main__":
    main()
