"""Heroes on generated sets: processor time, quality against many samples, memory, the first in a process, fifty variations.

    python -m benchmarks heroes                                   # what `make bench` runs
    python -m benchmarks.heroes --scene studio --reference 512    # with the quality, which takes many minutes

Each hero is rendered in a process of its own, at standard quality with its layers, depth, matte and objects. Rounds hold the
same hero twice (A and A again), so that the ratio of the two shows how much of a difference is noise.

The reference is another way to the same picture: camera rays through the same lens see the whole scene at once, without
layers, at full size everywhere, with as many samples as asked for; what noise is left is taken by the denoiser. Both
pictures get the same exposure and tone curve, and neither gets grain: grain is added on purpose, and differs from any
reference. SSIM is that of Wang et al. 2004 with a Gaussian window of deviation 1.5 on luma of BT.709.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "services"))

from firstframe.core.formats import Quality
from firstframe.core.media import HeroPicture, PixelRect, PixelSize
from firstframe.imagegen.engines.previz import PrevizEngine
from firstframe.render import layers
from firstframe.render.denoise import denoise
from firstframe.render.passes import Pass
from firstframe.render.scene import LAYER_ORDER, load
from firstframe.render.tracer import Tracer
from firstframe.render.variant import choose
from firstframe.sets import scenes
from firstframe.sets.palettes import PALETTES
from firstframe.sets.requests import SetRequest

Floats = NDArray[np.float32]
T = TypeVar("T")

FULL_HD = PixelSize(1920, 1080)
CPU_GOAL_S = 60.0
SSIM_GOAL = 0.98
_BATCH = 16
"""Samples of the reference in one go."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One hero in a process of its own."""

    cpu_s: float
    wall_s: float
    peak_mib: float
    start_s: float
    """Seconds from the start of the process's work to the renderer's being ready."""


class Quiet:
    """Work that nobody watches."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.scratch = Path(self._folder.name)

    def progress(self, phase: str, fraction: float) -> None:
        """Tells nobody."""

    def check(self) -> None:
        """Never stops."""


def request(scene: str, size: PixelSize, *, seed: int = 7, palette: str = "amber-dusk") -> SetRequest:
    """The hero that is measured."""
    return SetRequest(scene, palette, "AURORA", "first light serum", size, seed, Quality.STANDARD)


def one(wanted: SetRequest) -> Measured:
    """Renders a hero; to be called in a fresh process."""
    wall, cpu = time.monotonic(), time.process_time()
    engine = PrevizEngine(choose)
    engine.warm()
    ready = time.monotonic() - wall
    engine.render(wanted, Quiet())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measured(time.process_time() - cpu, time.monotonic() - wall, peak, ready)


def apart(work: Callable[..., T], *arguments: Any) -> T:  # noqa: ANN401  (whatever the work takes)
    """Runs work in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def variations(size: PixelSize, quality: Quality, count: int) -> dict[str, float]:
    """Seconds for variations of one product: seeds, palettes and scenes in turn, one process that uses all cores."""
    engine, names, moods = PrevizEngine(choose), list(scenes.SCENES), list(PALETTES)
    engine.warm()
    wall, cpu = time.monotonic(), time.process_time()
    for at in range(count):
        base = request(names[at % len(names)], size, seed=100 + at, palette=moods[at % len(moods)])
        engine.render(replace(base, quality=quality), Quiet())
    return {"count": count, "wall_s": time.monotonic() - wall, "cpu_s": time.process_time() - cpu}


def ungrained(wanted: SetRequest) -> HeroPicture:
    """The hero without its grain."""
    layers.GRAIN_LEVELS = 0.0
    return PrevizEngine(choose).render(wanted, Quiet())


def whole_frame(size: PixelSize) -> PixelRect:
    """All of it."""
    return PixelRect(0, 0, size.width, size.height)


def reference(wanted: SetRequest, samples: int, part: PixelRect) -> Floats:
    """A part of the frame through the lens, the whole scene at once, linear light, shape (h, w, 3)."""
    work, design = Quiet(), scenes.build(wanted)
    mi = choose().activate()
    tracer = Tracer(mi, load(mi, design, work.scratch), design)
    size = wanted.size
    total = np.zeros((3, part.height, part.width, 3), np.float64)
    depth = 8 + design.bounces
    for batch in range(samples // _BATCH):
        job = Pass(
            layer=len(LAYER_ORDER) - 1,
            region=part,
            width=size.width,
            height=size.height,
            spp=_BATCH,
            max_depth=depth,
            seed=1000 + batch,
        )
        seen = tracer.whole(job, design.camera, check=work.check)
        total += np.stack([seen.colour, seen.albedo, seen.normal])
    colour, albedo, normal = np.asarray(total / (samples // _BATCH), np.float32)
    return denoise(colour, albedo, normal, blurred=True)


def exposed(light: Floats, hero: Floats) -> Floats:
    """The reference with the exposure of the hero, which shows the same: code values of 0 to 255."""
    ours = np.median(_luma(hero / 255))
    low, high = 1e-3, 1e3
    for _ in range(60):
        middle = float(np.sqrt(low * high))
        low, high = (middle, high) if np.median(_luma(layers.tone(light * middle))) < ours else (low, middle)
    return np.asarray(255 * layers.tone(light * high), np.float32)


def ssim(one_picture: Floats, other: Floats) -> float:
    """Structural similarity of two pictures in code values of 0 to 255."""
    from skimage.metrics import structural_similarity

    value = structural_similarity(
        _luma(one_picture), _luma(other), data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    return float(value)


def _luma(picture: Floats) -> Floats:
    return np.asarray(picture @ layers.BT709, np.float32)


def run(scene: str = "studio", rounds: int = 3, samples: int = 0, count: int = 6) -> dict[str, Any]:
    """Measures; `samples` of the reference, none by default."""
    wanted = request(scene, FULL_HD)
    apart(one, request(scene, PixelSize(160, 90)))  # kernels are compiled once for a machine
    a, again = [], []
    for _ in range(rounds):
        a.append(apart(one, wanted))
        again.append(apart(one, wanted))
    every = [*a, *again]
    draft = apart(variations, PixelSize(960, 540), Quality.DRAFT, count)
    result: dict[str, Any] = {
        "scene": scene,
        "cpu_s": statistics.median(item.cpu_s for item in every),
        "cpu_s_all": [item.cpu_s for item in every],
        "a_a_ratio": statistics.median(x.cpu_s / y.cpu_s for x, y in zip(a, again, strict=True)),
        "wall_s": statistics.median(item.wall_s for item in every),
        "start_s": statistics.median(item.start_s for item in every),
        "peak_mib": max(item.peak_mib for item in every),
        "variations": draft,
        "cores": len(os.sched_getaffinity(0)),
    }
    if samples:
        result["ssim"] = similarity(wanted, samples)
    result["goals_met"] = result["cpu_s"] <= CPU_GOAL_S and result.get("ssim", 1.0) >= SSIM_GOAL
    return result


def similarity(wanted: SetRequest, samples: int, part: PixelRect | None = None) -> float:
    """SSIM of a hero, or of a part of it, to its reference."""
    part = part or whole_frame(wanted.size)
    hero = apart(ungrained, wanted).image[part.y : part.bottom, part.x : part.right].astype(np.float32)
    light = apart(reference, wanted, samples, part)
    return ssim(hero, exposed(light, hero))


def rows(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What is printed."""
    draft = result["variations"]
    table = [
        (
            f"`{result['scene']}`, 1920×1080, layers, depth: CPU-seconds",
            f"{result['cpu_s']:.1f}",
            f"≤ {CPU_GOAL_S:.0f}",
        ),
        ("the same against itself (A/A)", f"{result['a_a_ratio']:.2f}", ""),
        ("seconds in a new process", f"{result['wall_s']:.1f}", ""),
        ("of these, until the renderer is ready", f"{result['start_s']:.1f}", ""),
        ("peak memory, MiB", f"{result['peak_mib']:.0f}", ""),
        (f"{draft['count']} variations, draft, 960×540: seconds each", f"{draft['wall_s'] / draft['count']:.1f}", ""),
        ("of these, CPU-seconds each", f"{draft['cpu_s'] / draft['count']:.1f}", ""),
    ]
    if "ssim" in result:
        table.append(("SSIM to the reference", f"{result['ssim']:.4f}", f"≥ {SSIM_GOAL}"))
    return table


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scene", default="studio", choices=list(scenes.SCENES))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--reference", type=int, default=0, metavar="SAMPLES", help="also compare with so many samples")
    parser.add_argument("--count", type=int, default=6, help="variations")
    parser.add_argument("--only", choices=["ssim", "variations"], help="measure one thing alone")
    parser.add_argument("--size", default="1920x1080", help="of the comparison alone")
    parser.add_argument(
        "--part",
        metavar="X,Y,WIDTH,HEIGHT",
        help="of the frame: the comparison alone, at the cost of its share of the reference",
    )
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if options.only == "ssim":
        width, height = map(int, options.size.split("x"))
        part = PixelRect(*map(int, options.part.split(","))) if options.part else None
        value = similarity(request(options.scene, PixelSize(width, height)), options.reference, part)
        result: dict[str, Any] = {
            "scene": options.scene,
            "samples": options.reference,
            "part": options.part,
            "ssim": value,
        }
    elif options.only == "variations":
        result = apart(variations, PixelSize(960, 540), Quality.DRAFT, options.count)
    else:
        result = run(options.scene, options.rounds, options.reference, options.count)
        for row in rows(result):
            print("".join(f"{cell:58}" if at == 0 else f"{cell:12}" for at, cell in enumerate(row)))
    print(json.dumps(result))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
