"""Our layers against DepthFlow (github.com/BrokenSource/DepthFlow), with the same still and the same depth, in the same run.

DepthFlow moves one picture by its depth map in a fragment shader; it is run in an environment of its own, headless, on Mesa's
llvmpipe where there is no GPU:

    python3 -m venv build/depthflow && build/depthflow/bin/pip install depthflow==1.0.1
    python -m benchmarks.against_depthflow --python build/depthflow/bin/python [--picture out.png] [--json out.json]

Both move sideways until the subject has gone equally far against the background: DepthFlow's offset is found by measuring
its own frames. Faults are those of `firstframe.imaging.artefacts`. Speed is frames per second of processor time of 1280×720,
frames read back into memory on both sides, rounds interleaved, ours twice (A/A). DepthFlow is under the AGPL: nothing of it is
part of this repository.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "services"))

from benchmarks.heroes import Quiet, request
from benchmarks.parallax import parallax_seconds, scene
from firstframe.animation.engines.scenery import Scenery
from firstframe.core.formats import Quality
from firstframe.core.media import HeroPicture, LayerRole, PixelSize, Rgb8
from firstframe.core.motion import CameraMove, single
from firstframe.imagegen.engines.previz import PrevizEngine
from firstframe.imaging.artefacts import ghost, halo
from firstframe.imaging.camera import Similarity
from firstframe.imaging.envelope import Envelope
from firstframe.render.variant import choose

CHILD = Path(__file__).with_name("_depthflow_child.py")
SIZE, SPEED_SIZE = PixelSize(640, 360), PixelSize(1280, 720)


def depth_map(hero: HeroPicture) -> Rgb8:
    """The hero's inverse depth as 8 bits, 0 the farthest."""
    inverse = np.asarray(hero.inverse_depth, np.float32)
    low, high = np.percentile(inverse, (0.5, 99.5))
    return np.rint(255 * np.clip((inverse - low) / (high - low), 0, 1)).astype(np.uint8)


def depthflow(python: str, still: Rgb8, depth: NDArray[np.uint8], frames: int, offset: float) -> tuple[Rgb8, float]:
    """Its last frame, and frames per second of processor time."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cv2.imwrite(str(folder / "still.png"), still[..., ::-1])
        cv2.imwrite(str(folder / "depth.png"), depth)
        command = [python, str(CHILD), name, str(frames), str(offset)]
        environment = {**os.environ, "EGL_PLATFORM": "surfaceless"}
        environment.pop("PYTHONPATH", None)
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
        spent = json.loads((folder / "depthflow.json").read_text())
        last = cv2.imread(str(folder / "depthflow.png"))
    return np.ascontiguousarray(last[..., ::-1]), spent["frames"] / spent["cpu_s"]


def shift(still: Rgb8, frame: Rgb8, box: tuple[slice, slice]) -> float:
    """How far what is in a box has moved to the right, pixels, by phase correlation."""
    one, other = (cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)[box].astype(np.float32) for part in (still, frame))
    return float(cv2.phaseCorrelate(one, other, cv2.createHanningWindow(one.shape[::-1], cv2.CV_32F))[0][0])


def boxes(hero: HeroPicture) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """The subject, and background beside it."""
    rect = hero.subject
    if rect is None:
        raise RuntimeError("the hero has no subject")
    rows = slice(rect.y, rect.bottom)
    return (rows, slice(rect.x, rect.right)), (slice(0, rect.y + rect.height // 2), slice(0, rect.x - rect.width // 2))


def ours(hero: HeroPicture) -> tuple[Rgb8, Similarity, Similarity]:
    """The farthest frame of a move to the left, and how it sees the subject and the background."""
    envelope = Envelope(hero)
    pose = envelope.solve(single(CameraMove.PAN_LEFT, 1.0), 4.0).pose_at(1.0)
    views, layers = envelope.views(pose), hero.layers.layers
    at = next(index for index, layer in enumerate(layers) if layer.role is LayerRole.SUBJECT)
    frame = Scenery(hero, envelope, (), duration_s=4.0, repeats=False).render(pose, 4.0)
    return np.asarray(frame >> 8, np.uint8), views[at], views[0]


def alike(python: str, hero: HeroPicture, wanted: float) -> tuple[Rgb8, float, float]:
    """DepthFlow's frame in which the subject has gone that far against the background; and how far both have gone."""
    depth, (subject, behind) = depth_map(hero), boxes(hero)
    offset = 0.2
    for _ in range(4):
        frame, _ = depthflow(python, hero.image, depth, 2, offset)
        moved = shift(hero.image, frame, subject), shift(hero.image, frame, behind)
        offset *= wanted / (moved[0] - moved[1])
    return frame, *moved


def faults(python: str, hero: HeroPicture, picture: Path | None) -> dict[str, Any]:
    """Ghost and halo of both."""
    frame, near, far = ours(hero)
    wanted = near.seen_at(0, 0)[0] - far.seen_at(0, 0)[0]
    other, subject_px, behind_px = alike(python, hero, wanted)
    cover = np.asarray(hero.matte, np.float32) / 255
    if picture is not None:
        cv2.imwrite(str(picture), np.concatenate([hero.image, frame, other], 1)[..., ::-1])
    theirs = Similarity(1.0, -subject_px, 0.0), Similarity(1.0, -behind_px, 0.0)
    return {
        "parallax_px": {"ours": wanted, "depthflow": subject_px - behind_px},
        "ghost": {
            "ours": ghost(hero.image, cover, frame, near, far),
            "depthflow": ghost(hero.image, cover, other, *theirs),
        },
        "halo": {"ours": halo(hero.image, cover, frame, near), "depthflow": halo(hero.image, cover, other, theirs[0])},
    }


def speeds(python: str, rounds: int, frames: int) -> dict[str, list[float]]:
    """Frames per second of processor time, by round."""
    hero = scene(SPEED_SIZE)
    bleed = hero.layers.bleed_px
    inner = np.s_[bleed : bleed + hero.size.height, bleed : bleed + hero.size.width]
    depth = np.zeros(hero.image.shape[:2], np.uint8)
    for level, layer in zip((0, 90, 160, 255), hero.layers.layers, strict=True):
        depth[layer.rgba[inner][..., 3] > 127] = level
    found: dict[str, list[float]] = {"ours": [], "depthflow": [], "ours_again": []}
    parallax_seconds(hero, 2)
    for _ in range(rounds):
        found["ours"].append(frames / parallax_seconds(hero, frames))
        found["depthflow"].append(depthflow(python, hero.image, depth, frames, 0.2)[1])
        found["ours_again"].append(frames / parallax_seconds(hero, frames))
    return found


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", help="of the environment in which DepthFlow is installed")
    parser.add_argument("--scene", default="studio")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--frames", type=int, default=30)
    parser.add_argument("--picture", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if options.python is None:
        print("skipped: name an environment with DepthFlow by --python")
        return
    wanted = replace(request(options.scene, SIZE, palette="sage-noon"), quality=Quality.DRAFT)
    hero = PrevizEngine(choose).render(wanted, Quiet())
    found = speeds(options.python, options.rounds, options.frames)
    medians = {name: statistics.median(values) for name, values in found.items()}
    control = statistics.median(a / b for a, b in zip(found["ours"], found["ours_again"], strict=True))
    result = {
        **faults(options.python, hero, options.picture),
        "fps": medians,
        "control_ratio": control,
        "all_fps": found,
    }
    print(json.dumps(result, indent=1))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
