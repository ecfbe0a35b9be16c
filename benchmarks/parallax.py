"""Speed of layered parallax against ffmpeg's zoompan: frames per second of processor time, one thread each.

Both animate the same still at the same size for the same number of frames. The parallax moves four layers with their alpha,
resamples them with a six-tap kernel at exact positions and gives 16 bits; zoompan moves one picture at whole-pixel
positions with ffmpeg's default bicubic scaler and gives 8 bits. Runs are interleaved, so that what else the machine does
hits both; each round holds the parallax twice, and the ratio of those two (A/A) shows how much of a difference is noise.

What is counted: for the parallax, from the layers in memory to the last frame, plates included. For ffmpeg, the processor time
of its process less that of a run with one frame, so that neither side pays for starting up or for reading files.

Besides: frames per second as a clock counts them; a whole clip of 4 s at 1920×1080, encoded as the mezzanine; and the peak
memory of processes that render 30 and 300 frames.

    python -m benchmarks.parallax [--rounds 12] [--frames 150] [--size 1280x720] [--json result.json]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "services"))

from firstframe.adapters.video import PyavVideo
from firstframe.animation.engines import ClipRequest
from firstframe.animation.engines.previz import PrevizAnimator
from firstframe.core.media import HeroPicture, LayerImage, LayerPictures, LayerRole, PixelSize
from firstframe.core.motion import CameraMove, single

Floats = NDArray[np.float32]
BLEED_SHARE = 0.06
STRENGTH = 0.5
RATE = Fraction(30)
GOAL_FPS = 30
"""Frames per second at 1280×720, by the clock."""


class Quiet:
    """Work that nobody watches."""

    def progress(self, phase: str, fraction: float) -> None:
        """Tells nobody."""

    def check(self) -> None:
        """Never stops."""


def scene(size: PixelSize) -> HeroPicture:
    """A studio of four layers: wall, arch, bottle on a plinth, and a soft ball at the edge."""
    bleed = round(max(size.width, size.height) * BLEED_SHARE)
    rows, columns = np.mgrid[-bleed : size.height + bleed, -bleed : size.width + bleed].astype(np.float32)
    x, y = (columns - size.width / 2) / size.height, rows / size.height
    noise = np.random.default_rng(1).normal(0, 1.5, (*x.shape, 1)).astype(np.float32)
    layers = (
        _layer(LayerRole.BACKGROUND, 2.3, (90 + 120 * y, 70 + 90 * y, 60 + 60 * y), np.ones_like(x), noise),
        _layer(LayerRole.MIDGROUND, 1.65, (230 - 60 * y, 214 - 60 * y, 180 - 50 * y), _arch(x, y), noise),
        _layer(LayerRole.SUBJECT, 1.25, (120 + 90 * np.sin(9 * x), 60 + 40 * y, 40 + 20 * y), _bottle(x, y), noise),
        _layer(LayerRole.FOREGROUND, 0.8, (160 - 60 * y, 110 - 50 * y, 40 + 0 * y), _ball(x, y), noise),
    )
    frame = np.s_[bleed : bleed + size.height, bleed : bleed + size.width]
    hero = layers[0].rgba[frame][..., :3].astype(np.float32)
    for layer in layers[1:]:
        hero += (layer.rgba[frame][..., :3] - hero) * (layer.rgba[frame][..., 3:] / np.float32(255))
    pictures = LayerPictures(layers, bleed, horizontal_fov_deg=24.3, confidence=1.0)
    return HeroPicture(np.rint(hero).astype(np.uint8), pictures, None, None, None)


def _layer(role: LayerRole, depth_m: float, colour: Sequence[Floats], alpha: Floats, noise: Floats) -> LayerImage:
    values = np.stack([*colour, 255 * np.clip(alpha, 0, 1)], -1)
    values[..., :3] += noise
    return LayerImage(role, np.clip(np.rint(values), 0, 255).astype(np.uint8), depth_m)


def _edge(distance: Floats, softness: float) -> Floats:
    """Alpha of a shape, from the distance inside of its outline, in frame heights."""
    return np.clip(distance / softness + 0.5, 0, 1).astype(np.float32)


def _arch(x: Floats, y: Floats) -> Floats:
    across, up = np.abs(x - 0.5), np.minimum(y - 0.45, 0)
    radius = np.hypot(across, up)
    return _edge(np.minimum(np.minimum(0.32 - radius, radius - 0.2), 0.72 - y), 0.004)


def _bottle(x: Floats, y: Floats) -> Floats:
    body = np.minimum(np.minimum(0.14 - np.abs(x), y - 0.28), 0.72 - y)
    cap = np.minimum(np.minimum(0.075 - np.abs(x), y - 0.09), 0.3 - y)
    plinth = np.minimum(np.minimum(0.36 - np.abs(x), y - 0.7), 0.88 - y)
    return _edge(np.maximum(np.maximum(body, cap), plinth), 0.0025)


def _ball(x: Floats, y: Floats) -> Floats:
    return _edge(0.32 - np.hypot(x + 0.9, y - 0.9), 0.03)


def parallax_seconds(hero: HeroPicture, frames: int) -> float:
    """Processor time of a clip."""
    request = ClipRequest(hero, single(CameraMove.PUSH, STRENGTH), frames, RATE, seed=1)
    start = time.process_time()
    count = sum(1 for _ in PrevizAnimator().take(request).frames(Quiet()))
    spent = time.process_time() - start
    if count != frames:
        raise RuntimeError(f"{count} frames instead of {frames}")
    return spent


def zoompan_seconds(still: Path, size: PixelSize, frames: int) -> float:
    """Processor time of an ffmpeg process that makes a clip."""
    zoom = f"1+{0.11 * STRENGTH}*on/{frames}"
    pan = f"zoompan=z='{zoom}':x='iw/2-(iw/zoom/2)':y='ih/2-(ih/zoom/2)':d={frames}:s={size.width}x{size.height}:fps=30"
    command = ["ffmpeg", "-v", "error", "-nostdin", "-threads", "1", "-filter_threads", "1", "-i", str(still)]
    command += ["-vf", pan, "-threads", "1", "-c:v", "rawvideo", "-f", "null", "-"]
    child = subprocess.Popen(command)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"ffmpeg ended with {child.returncode}")
    return usage.ru_utime + usage.ru_stime


def clip_seconds(size: PixelSize, frames: int) -> dict[str, float]:
    """Seconds and processor time of a whole clip, from layers in memory to a file."""
    hero = scene(size)
    request = ClipRequest(hero, single(CameraMove.PUSH, STRENGTH), frames, RATE, seed=1)
    with tempfile.TemporaryDirectory() as folder:
        wall, cpu = time.monotonic(), time.process_time()
        shown = PrevizAnimator().take(request).frames(Quiet())
        PyavVideo().write_clip(Path(folder) / "clip.mp4", shown, size=size, frame_rate=RATE)
        return {"wall_s": time.monotonic() - wall, "cpu_s": time.process_time() - cpu}


def peak_mib(size: PixelSize, frames: int) -> float:
    """Peak memory of a process that renders a clip."""
    command = [sys.executable, "-m", "benchmarks.parallax", "--size", str(size).replace("×", "x")]
    command += ["--only-render", "--frames", str(frames)]
    told = subprocess.run(command, cwd=Path(__file__).resolve().parents[1], check=True, capture_output=True, text=True)
    return float(told.stdout)


def high_water_mib() -> float:
    """Peak memory of this process; `getrusage` would tell that of the one that started it where that is more."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def measure(hero: HeroPicture, frames: int, rounds: int) -> dict[str, list[float]]:
    """Frames per second of processor time, by round."""
    found: dict[str, list[float]] = {"parallax": [], "parallax_again": [], "zoompan": [], "by_the_clock": []}
    with tempfile.TemporaryDirectory() as folder:
        still = Path(folder) / "still.png"
        cv2.imwrite(str(still), cv2.cvtColor(hero.image, cv2.COLOR_RGB2BGR))
        parallax_seconds(hero, 2)
        for _ in range(rounds):
            began = time.monotonic()
            found["parallax"].append(frames / parallax_seconds(hero, frames))
            found["by_the_clock"].append(frames / (time.monotonic() - began))
            spent = zoompan_seconds(still, hero.size, frames) - zoompan_seconds(still, hero.size, 1)
            found["zoompan"].append((frames - 1) / spent)
            found["parallax_again"].append(frames / parallax_seconds(hero, frames))
    return found


def summary(found: dict[str, list[float]]) -> dict[str, dict[str, float]]:
    """Median and quartiles of the speeds and of the ratios within rounds."""
    ours = [(a + b) / 2 for a, b in zip(found["parallax"], found["parallax_again"], strict=True)]
    return {
        "parallax_fps": _spread(ours),
        "zoompan_fps": _spread(found["zoompan"]),
        "ratio": _spread([a / b for a, b in zip(ours, found["zoompan"], strict=True)]),
        "by_the_clock_fps": _spread(found["by_the_clock"]),
        "control_ratio": _spread([a / b for a, b in zip(found["parallax"], found["parallax_again"], strict=True)]),
    }


def _spread(values: list[float]) -> dict[str, float]:
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return {"min": min(values), "q1": low, "median": middle, "q3": high, "max": max(values)}


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--frames", type=int, default=150)
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--json", type=Path, help="also write the result there")
    parser.add_argument("--only-render", action="store_true", help="render one clip and measure nothing")
    options = parser.parse_args()
    width, height = map(int, options.size.split("x"))
    if options.only_render:
        parallax_seconds(scene(PixelSize(width, height)), options.frames)
        print(f"{high_water_mib():.1f}")
        return
    if shutil.which("ffmpeg") is None:
        parser.error("ffmpeg is not on the PATH; install it (Debian: apt-get install ffmpeg)")
    cv2.setNumThreads(1)
    result = summary(measure(scene(PixelSize(width, height)), options.frames, options.rounds))
    print(json.dumps(result))
    print(f"{'':16}{'min':>9}{'q1':>9}{'median':>9}{'q3':>9}{'max':>9}")
    for name, spread in result.items():
        print(f"{name:16}" + "".join(f"{value:9.2f}" for value in spread.values()))
    clip = clip_seconds(PixelSize(1920, 1080), 120)
    peaks = {str(frames): peak_mib(PixelSize(width, height), frames) for frames in (30, 300)}
    met = result["ratio"]["median"] >= 1 and result["by_the_clock_fps"]["median"] >= GOAL_FPS
    print(f"4 s at 1080p: {clip['wall_s']:.1f} s, {clip['cpu_s']:.1f} CPU-seconds; peaks {peaks} MiB; goals met: {met}")
    if options.json:
        options.json.write_text(
            json.dumps(
                {"size": options.size, "frames": options.frames, **result, "clip_1080p_4s": clip, "peak_mib": peaks},
                indent=1,
            )
            + "\n"
        )
    if not met:
        sys.exit(1)


if __name__ == "__main__":
    main()
