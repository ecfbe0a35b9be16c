"""Heroes of the generated sets at draft quality, kept on disk: they are rendered once for a machine and a version."""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Callable
from dataclasses import fields
from functools import cache
from hashlib import sha256
from pathlib import Path

from firstframe.core.media import HeroPicture, LayerImage, LayerPictures, PixelSize
from firstframe.imagegen.engines import VERSION
from firstframe.sets.requests import SetRequest
from support.labelled_sources import SCORED, rendered, rendered_set

FOLDER = Path(__file__).resolve().parents[2] / ".cache" / "draft-heroes"


@cache
def draft_hero(scene: str, width: int = 480, height: int = 270) -> HeroPicture:
    """One of them; every scene has its own palette."""
    path = FOLDER / f"{scene}-{SCORED.palettes[scene]}-{SCORED.seed}-{width}x{height}-{VERSION}-{_shape()}.pickle"
    return _kept(path, lambda: rendered(scene, PixelSize(width, height)))


def draft_set(made: SetRequest) -> HeroPicture:
    """A set at draft quality, of any seed, palette and staging."""
    facts = f"{made.scene}-{made.palette}-{made.seed}-{made.staging}-{made.size.width}x{made.size.height}"
    path = FOLDER / f"{facts}-{VERSION}-{_shape()}.pickle"
    return _kept(path, lambda: rendered_set(made))


def _shape() -> str:
    """What a hero consists of: one that was kept with other fields is not read."""
    names = [field.name for value in (HeroPicture, LayerPictures, LayerImage) for field in fields(value)]
    return sha256(" ".join(names).encode()).hexdigest()[:8]


def _kept(path: Path, make: Callable[[], HeroPicture]) -> HeroPicture:
    if not path.exists():
        _keep(path, make())
    hero: HeroPicture = pickle.loads(path.read_bytes())  # written above, by these tests
    return hero


def _keep(path: Path, hero: HeroPicture) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        pickle.dump(hero, file)
    Path(file.name).replace(path)
