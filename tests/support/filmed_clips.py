"""Clips of the engine `scene` at draft quality, kept on disk: a frame costs seconds, so they are filmed once for a machine."""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np

from firstframe.animation.engines import ClipRequest
from firstframe.animation.engines.scene import SceneAnimator, SceneTake
from firstframe.core.formats import Quality
from firstframe.core.media import HeroPicture, PixelSize
from firstframe.core.motion import CameraMove, single
from firstframe.imagegen.engines.previz import PrevizEngine
from firstframe.imaging.drift.asked import Asked
from firstframe.render.variant import Variant, choose
from firstframe.sets.requests import VERSION as SETS
from firstframe.sets.requests import SetRequest
from support.animated_heroes import Watched
from support.broken_clips import Frame
from support.labelled_sources import TALL, WIDE, Unwatched

FOLDER = Path(__file__).resolve().parents[2] / ".cache" / "draft-films"
FRAMES, RATE = 16, Fraction(12)


@dataclass(frozen=True, slots=True)
class Film:
    """A set and how its camera goes."""

    scene: str
    palette: str
    size: PixelSize
    seed: int
    move: CameraMove
    strength: float

    @property
    def name(self) -> str:
        """For tables and files."""
        return f"{self.scene} {self.palette} {self.seed}: {self.move.value} {self.strength:g}"


TUNING = (
    Film("studio", "amber-dusk", WIDE, 1207, CameraMove.PUSH, 0.5),
    Film("water", "sage-noon", WIDE, 1207, CameraMove.ORBIT, 0.5),
    Film("table", "blush-dawn", TALL, 1207, CameraMove.PAN_LEFT, 0.4),
)
"""Films on which limits were chosen."""
HELD_OUT = (
    Film("stone", "blush-dawn", WIDE, 905, CameraMove.CRANE_UP, 0.5),
    Film("dune", "amber-dusk", WIDE, 58, CameraMove.PULL, 0.5),
    Film("interior", "sage-noon", WIDE, 612, CameraMove.TILT_UP, 0.5),
)
"""Films that nobody looked at before the limits stood."""


def filmed(film: Film) -> tuple[list[Frame], Asked, HeroPicture]:
    """Its frames, what was asked, and the still."""
    hero, made = _hero(film)
    request = ClipRequest(hero, single(film.move, film.strength), FRAMES, RATE, 5, set=made)
    take = SceneAnimator(_variant).take(request)
    frames = _kept(f"{_slug(film)}-{film.move.value}-{film.strength:g}-{FRAMES}-{SETS}", lambda: list(_frames(take)))
    return [np.asarray(frame) for frame in frames], take.asked, take.hero


def _frames(take: SceneTake) -> Iterator[Frame]:
    return (frame.copy() for frame in take.frames(Watched()))


def _hero(film: Film) -> tuple[HeroPicture, SetRequest]:
    made = SetRequest(film.scene, film.palette, "First Light", "morning serum", film.size, film.seed, Quality.DRAFT)
    with tempfile.TemporaryDirectory() as folder:
        hero = _kept(f"{_slug(film)}-hero-{SETS}", lambda: PrevizEngine(_variant).render(made, Unwatched(Path(folder))))
    return hero, made


def _slug(film: Film) -> str:
    return f"{film.scene}-{film.palette}-{film.seed}-{film.size.width}x{film.size.height}"


@cache
def _variant() -> Variant:
    return choose("auto", threads=0)


def _kept(name: str, make):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    path = FOLDER / f"{name}.pickle"
    if not path.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=FOLDER, delete=False) as file:
            pickle.dump(make(), file)
        Path(file.name).replace(path)
    return pickle.loads(path.read_bytes())  # written above, by these tests
