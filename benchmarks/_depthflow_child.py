"""Runs in DepthFlow's own environment: moves a still by its depth map, sideways.

    python _depthflow_child.py FOLDER FRAMES OFFSET

Reads still.png and depth.png of the folder; writes depthflow.png, the last frame, and depthflow.json, the processor time of
all but the first frame.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from depthflow.scene import DepthScene
from PIL import Image


def main(folder: Path, frames: int, offset: float) -> None:
    """Renders."""
    began: list[float] = []
    shown: list[Any] = []

    class Sideways(DepthScene):  # type: ignore[misc]
        def update(self) -> None:
            self.state.height, self.state.isometric, self.state.steady = 0.2, 0.6, 0.0
            self.state.offset = (offset * min(len(shown) / max(frames - 1, 1), 1.0), 0.0)

        def next(self, dt: float = 0.0) -> None:
            super().next(dt)
            shown.append(None)
            picture = self.screenshot()
            if len(shown) == 1:
                began.extend((time.process_time(), time.monotonic()))
            if len(shown) == frames:
                Image.fromarray(np.asarray(picture)[..., :3]).save(folder / "depthflow.png")

    scene = Sideways(backend="headless")
    image, depth = (np.asarray(Image.open(folder / name)) for name in ("still.png", "depth.png"))
    scene.input(image=image, depth=depth)
    size = {"width": image.shape[1], "height": image.shape[0]}
    scene.main(**size, fps=30, time=frames / 30, ssaa=1.0, subsample=1, freewheel=True)
    spent = {"cpu_s": time.process_time() - began[0], "wall_s": time.monotonic() - began[1], "frames": len(shown) - 1}
    (folder / "depthflow.json").write_text(json.dumps(spent))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
