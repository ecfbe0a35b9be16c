"""Heroes of the generated sets at draft quality, kept on disk: they are rendered once for a machine and a version."""

from __future__ import annotations

import pickle
import tempfile
from functools import cache
from pathlib import Path

from firstframe.core.media import HeroPicture, PixelSize
from firstframe.imagegen.engines import VERSION
from support.labelled_sources import SCENES, SEED, rendered

FOLDER = Path(__file__).resolve().parents[2] / ".cache" / "draft-heroes"


@cache
def draft_hero(scene: str, width: int = 480, height: int = 270) -> HeroPicture:
    """One of them; every scene has its own palette."""
    path = FOLDER / f"{scene}-{SCENES[scene]}-{SEED}-{width}x{height}-{VERSION}.pickle"
    if not path.exists():
        _keep(path, rendered(scene, PixelSize(width, height)))
    hero: HeroPicture = pickle.loads(path.read_bytes())  # written above, by these tests
    return hero


def _keep(path: Path, hero: HeroPicture) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        pickle.dump(hero, file)
    Path(file.name).replace(path)
