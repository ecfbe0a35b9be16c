"""Heroes to be animated, of sets and of photographs, and good clips of them: the labelled set of the drift measures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import cv2
import numpy as np

from firstframe.core.formats import Quality
from firstframe.core.media import HeroPicture, PixelSize, Rgb8
from firstframe.core.motion import Air, Atmosphere, CameraMove, Motion, single
from firstframe.imaging.drift.moving import SWAYING
from firstframe.sets.requests import SetRequest
from support.broken_clips import Shot
from support.draft_heroes import draft_set
from support.labelled_sources import SCORED, TALL, WIDE, photograph

TUNING = ("studio", "table", "water", "coffee", "chelsea")
"""Heroes on which limits were chosen."""
WIDENED = ("stone", "dune", "interior", "astronaut", "rocket")
"""Heroes by which limits were widened after they had been held out once."""
FRESH_SETS = {
    "studio-2": ("studio", "sage-noon", 4021, 1, WIDE),
    "stone-2": ("stone", "blush-dawn", 905, 2, PixelSize(450, 450)),
    "table-2": ("table", "ink-night", 77, 3, WIDE),
    "water-2": ("water", "amber-dusk", 3310, 0, TALL),
    "dune-2": ("dune", "blush-dawn", 58, 4, WIDE),
    "interior-2": ("interior", "sage-noon", 612, 5, PixelSize(360, 450)),
}
"""Sets of other seeds, palettes, stagings and shapes: scene, palette, seed, staging, size."""
FRESH = (*FRESH_SETS, "dandelion", "motorcycle", "camera", "hopper")
"""Heroes that nobody looked at before the limits stood; edges were then mended by one of them."""
SECOND_SETS = {
    "studio-3": ("studio", "ink-night", 31337, 0, WIDE),
    "water-3": ("water", "blush-dawn", 4242, 2, PixelSize(450, 450)),
}
SECOND = (*SECOND_SETS, "collins", "coins", "moon", "grass", "clock", "hubble_deep_field")
"""Heroes that nobody looked at before that."""
BROKEN = {
    "tuning": ("studio", "coffee"),
    "widened": ("stone", "dune"),
    "fresh": ("studio-2", "stone-2", "water-2", "interior-2", "dandelion", "hopper"),
    "second": (),
}
"""Heroes whose clips are broken, by group."""
SHAPES = {
    "table": TALL,
    "dune": TALL,
    "astronaut": PixelSize(360, 450),
    "chelsea": PixelSize(360, 300),
    "camera": PixelSize(450, 450),
    "hopper": PixelSize(360, 450),
    "collins": PixelSize(360, 450),
    "moon": PixelSize(450, 450),
    "coins": PixelSize(380, 300),
    "clock": PixelSize(400, 300),
}
FRAMES = 24


@dataclass(frozen=True, slots=True, eq=False)
class GoodClip:
    """A clip with nothing amiss."""

    name: str
    shot: Shot
    mezzanine: bool
    """Whether it goes through the file between stages."""


@cache
def hero(name: str) -> HeroPicture:
    """A hero by name: a set at draft quality, or a photograph taken apart as the image stage does."""
    size = SHAPES.get(name, WIDE)
    if name in SCORED.palettes:
        return draft_set(_set(name, SCORED.palettes[name], SCORED.seed, 0, size))
    if made := (FRESH_SETS | SECOND_SETS).get(name):
        return draft_set(_set(*made))
    from firstframe.adapters.pictures import decode
    from firstframe.imagegen.photograph import Known, ingest
    from firstframe.imagegen.reframe import Reframe

    return ingest(_photograph(name), size=size, reframe=Reframe.CROP, known=Known(), decode=decode)


def _set(scene: str, palette: str, seed: int, staging: int, size: PixelSize) -> SetRequest:
    words = "First Light", "morning serum"
    return SetRequest(scene, palette, *words, size, seed, Quality.DRAFT, staging=staging)


def _photograph(name: str) -> bytes:
    picture: Rgb8 = photograph(name)
    return bytes(np.asarray(cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1]).tobytes())


Plan = tuple[CameraMove, float, Atmosphere | None, int, bool]
_PLANS: tuple[Plan, ...] = (
    (CameraMove.PUSH, 0.5, None, 16, False),
    (CameraMove.PUSH, 1.0, Atmosphere.DUST, 24, True),
    (CameraMove.PULL, 0.6, Atmosphere.SNOW, 16, False),
    (CameraMove.PAN_LEFT, 0.5, None, 30, True),
    (CameraMove.PAN_RIGHT, 1.0, Atmosphere.RAIN, 24, False),
    (CameraMove.TILT_UP, 0.5, Atmosphere.MIST, 16, False),
    (CameraMove.TILT_DOWN, 0.8, Atmosphere.DUST, 12, True),
    (CameraMove.ORBIT, 0.7, None, 16, False),
    (CameraMove.ORBIT_LEFT, 0.7, Atmosphere.LIGHT_SWEEP, 24, False),
    (CameraMove.CRANE_UP, 0.6, Atmosphere.CAUSTICS, 16, False),
    (CameraMove.CRANE_DOWN, 0.6, None, 16, True),
    (CameraMove.DOLLY_ZOOM, 0.6, None, 16, False),
    (CameraMove.DOLLY_ZOOM_OUT, 0.6, Atmosphere.DUST, 24, False),
    (CameraMove.HANDHELD, 0.6, Atmosphere.FLICKER, 24, False),
    (CameraMove.LOCKED, 0.0, Atmosphere.DUST, 16, True),
    (CameraMove.LOCKED, 0.0, Atmosphere.WATER, 16, False),
    (CameraMove.LOCKED, 0.0, Atmosphere.CLOUDS, 16, False),
    (CameraMove.PUSH, 0.4, Atmosphere.FOLIAGE, 16, False),
    (CameraMove.PAN_LEFT, 0.4, Atmosphere.CLOTH, 16, False),
)
"""Move, strength, what is in the air, frames per second, and whether the clip goes through a file."""
EACH = 4
"""Good clips of a hero."""


def good_clips(names: tuple[str, ...], only: str = "") -> Iterator[GoodClip]:
    """Good clips of some heroes: each has some of the plans, in turn.

    Args:
        names: The heroes.
        only: One of them, whose clips alone are given.
    """
    for place, name in enumerate(names):
        if only not in ("", name):
            continue
        for turn in range(EACH):
            plan = _placed(_PLANS[(place * EACH + turn) % len(_PLANS)], name)
            move, strength, air, rate, mezzanine = plan
            shot = Shot(hero(name), _motion(plan), FRAMES, Fraction(rate), seed=100 + turn)
            words = f"{move.value} {strength:g}{' ' + air.value if air else ''} at {rate}"
            yield GoodClip(f"{name}: {words}", shot, mezzanine)


def base_shot(name: str) -> Shot:
    """The clip of a hero that is broken."""
    moves = (CameraMove.PUSH, CameraMove.PAN_LEFT, CameraMove.ORBIT, CameraMove.TILT_UP)
    names = (*TUNING, *WIDENED, *FRESH)
    move = moves[names.index(name) % len(moves)]
    return Shot(hero(name), single(move, 0.6), FRAMES, Fraction(16))


def _placed(plan: Plan, name: str) -> Plan:
    """The plan, without an air that has no place in the hero: a clip in which nothing moves then is not a good one."""
    move, strength, air, rate, mezzanine = plan
    if air not in SWAYING or name == "water":
        return plan
    return (
        (CameraMove.PUSH, 0.4, None, rate, mezzanine)
        if move is CameraMove.LOCKED
        else (move, strength, None, rate, mezzanine)
    )


def _motion(plan: Plan) -> Motion:
    move, strength, air, _, _ = plan
    return single(move, strength, *([Air(air)] if air else []))
