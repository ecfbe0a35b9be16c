"""Draws docs/pictures/motion-camera-*.jpg: all camera moves on a set and on a photograph, chains, one recipe on five sets.

    python scripts/camera_strips.py [OUT] [--photograph examples/inputs/dandelion.jpg] [--width 480]

Rendering the sets takes about ten seconds each; they are kept in FOLDER (--kept).
"""

from __future__ import annotations

import argparse
import asyncio
import pickle
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from firstframe.adapters.blocking import LoopInference
from firstframe.adapters.embedded import EmbeddedInference
from firstframe.adapters.pictures import decode
from firstframe.animation.engines import ClipRequest
from firstframe.animation.engines.previz import PrevizAnimator
from firstframe.core.errors import FirstframeError
from firstframe.core.formats import Quality
from firstframe.core.media import HeroPicture, PixelSize, Rgb8
from firstframe.core.motion import CameraMove, CameraPhase, Ease, Motion, Repeat, single
from firstframe.imagegen.engines.previz import PrevizEngine
from firstframe.imagegen.mattes import MATTING, Mattes
from firstframe.imagegen.photograph import Known, Reframe, ingest
from firstframe.packs.shelf import find_shelf
from firstframe.render.variant import choose
from firstframe.sets.requests import SetRequest

ROOT = Path(__file__).resolve().parents[1]
FRAMES, SHOWN = 48, (0, 7, 14, 20, 27, 34, 40, 47)
WIDE = 220
"""Of a frame in a strip, pixels."""
SETS = {
    "studio": "amber-dusk",
    "stone": "ink-night",
    "table": "blush-dawn",
    "dune": "amber-dusk",
    "interior": "blush-dawn",
}
"""Scenes and their palettes."""
CHAINS = {
    "push, then settle": Motion(
        (CameraPhase(CameraMove.PUSH, 0.9, 0.65), CameraPhase(CameraMove.PULL, 0.15, 0.35)), 1.0
    ),
    "orbit, ping-pong": Motion((CameraPhase(CameraMove.ORBIT),), 0.7, repeat=Repeat.PING_PONG),
    "pan, loop": Motion((CameraPhase(CameraMove.PAN_LEFT),), 0.7, repeat=Repeat.LOOP),
    "push in, crane out": Motion(
        (CameraPhase(CameraMove.PUSH, 0.6, 0.5, Ease.IN), CameraPhase(CameraMove.CRANE_UP, 0.6, 0.5, Ease.OUT)), 1.0
    ),
}


class Unwatched:
    """Work that nobody waits for."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch

    def progress(self, phase: str, fraction: float) -> None:
        """Tells nobody."""

    def check(self) -> None:
        """Never stops."""


def on_a_set(name: str, palette: str, size: PixelSize, kept: Path) -> HeroPicture:
    """A draft; rendered once for a folder."""
    path = kept / f"{name}-{size.width}.pickle"
    if not path.exists():
        with tempfile.TemporaryDirectory() as folder:
            request = SetRequest(name, palette, "First Light", "morning serum", size, 1207, Quality.DRAFT)
            path.write_bytes(pickle.dumps(PrevizEngine(choose).render(request, Unwatched(Path(folder)))))
    hero: HeroPicture = pickle.loads(path.read_bytes())  # noqa: S301  (written above)
    return hero


def of_a_photograph(path: Path, size: PixelSize) -> HeroPicture:
    """As the image stage makes one; its subject is cut out by the pack `isnet-matting` where that is installed."""
    mattes, stop = _mattes()
    try:
        return ingest(
            path.read_bytes(),
            size=size,
            reframe=Reframe.CROP,
            known=Known(mattes=mattes),
            decode=lambda data: decode(data, field="image"),
        )
    finally:
        stop()


def _mattes() -> tuple[Mattes, Callable[[], object]]:
    shelf = find_shelf(None, None)
    try:
        pack = shelf.home.find(shelf.get(MATTING))
    except FirstframeError:
        return Mattes(), lambda: None
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    inference = LoopInference(EmbeddedInference(list(pack.served())), loop, 300)
    return Mattes(inference, {pack.pack.pack: pack.digest}), lambda: loop.call_soon_threadsafe(loop.stop)


def row(title: str, hero: HeroPicture, motion: Motion) -> Rgb8:
    """Frames of a clip beside each other."""
    take = PrevizAnimator().take(ClipRequest(hero, motion, FRAMES, Fraction(12), 3))
    told = "; ".join(found.message.split(";")[0] for found in take.findings)
    sys.stdout.write(f"{title:20} strength {take.applied_strength:.2f}  {told}\n")
    frames = [np.asarray(frame >> 8, np.uint8) for frame in take.frames(Unwatched(Path()))]
    high = round(WIDE * hero.size.height / hero.size.width)
    small = [cv2.resize(frames[index], (WIDE, high), interpolation=cv2.INTER_AREA) for index in SHOWN]
    strip = np.ascontiguousarray(np.concatenate(small, axis=1))
    strip[:22, : 20 + 9 * len(title)] //= 3
    cv2.putText(strip, title, (6, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (255, 255, 255), 1, cv2.LINE_AA)
    return strip


def sheets(size: PixelSize, photograph: Path, kept: Path) -> Iterator[tuple[str, list[Rgb8]]]:
    """Name and rows of every picture."""
    heroes = {name: on_a_set(name, palette, size, kept) for name, palette in SETS.items()}
    moves = {move.value.replace("_", " "): single(move, 1.0) for move in CameraMove if move is not CameraMove.LOCKED}
    photo = of_a_photograph(photograph, size)
    yield "set", [row(title, heroes["studio"], motion) for title, motion in moves.items()]
    yield "photograph", [row(title, photo, motion) for title, motion in moves.items()]
    yield "chains", [row(title, heroes["interior"], motion) for title, motion in CHAINS.items()]
    yield "recipe", [row(name, hero, single(CameraMove.PUSH, 0.5)) for name, hero in heroes.items()]


def main() -> None:
    """Draws them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", nargs="?", type=Path, default=ROOT / "docs" / "pictures")
    parser.add_argument("--photograph", type=Path, default=ROOT / "examples" / "inputs" / "dandelion.jpg")
    parser.add_argument("--width", type=int, default=480)
    parser.add_argument("--kept", type=Path, default=Path(tempfile.gettempdir()), help="folder of the rendered sets")
    options = parser.parse_args()
    size = PixelSize(options.width, 2 * round(options.width * 9 / 32))
    for name, rows in sheets(size, options.photograph, options.kept):
        path = options.out / f"motion-camera-{name}.jpg"
        cv2.imwrite(str(path), np.concatenate(rows)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 70])
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
