"""Draws docs/pictures/cutout-sheet.jpg: the cut-out of the examples on six sets, their model on three.

Usage: python scripts/products_sheet.py [OUT]       (OUT: docs/pictures/cutout-sheet.jpg by default)

Drafts; takes about two minutes on two cores. Cells that lie in build/products-sheet are kept.
"""

from __future__ import annotations

import sys
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from firstframe.adapters.meshes import decode_mesh
from firstframe.adapters.pictures import decode_cut_out
from firstframe.core.errors import InvalidInput
from firstframe.core.formats import Quality
from firstframe.core.media import PixelSize
from firstframe.imagegen.engines.previz import PrevizEngine
from firstframe.render.variant import choose
from firstframe.sets.cutouts import of_alpha
from firstframe.sets.product_cutout import CutoutProduct
from firstframe.sets.product_mesh import Finish, ModelProduct
from firstframe.sets.products import Product
from firstframe.sets.requests import SetRequest

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "pictures" / "cutout-sheet.jpg"
CELLS = ROOT / "build" / "products-sheet"
PRODUCTS = ROOT / "examples" / "products"
SIZE = PixelSize(320, 400)
SEED = 5
SETS = (
    ("studio", "amber-dusk", None),
    ("stone", "ink-night", None),
    ("table", "sage-noon", None),
    ("water", "blush-dawn", None),
    ("dune", "amber-dusk", None),
    ("interior", "blush-dawn", None),
    ("studio", "sage-noon", Finish("metal")),
    ("table", "amber-dusk", Finish("gloss")),
    ("interior", "ink-night", Finish("satin", "paper")),
)


class Work:
    """A piece of work that nobody watches."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch

    def progress(self, phase: str, fraction: float) -> None:
        """Tells nobody."""

    def check(self) -> None:
        """Nobody stops it."""


def main(arguments: list[str]) -> int:
    """Draws the sheet; returns the exit status."""
    CELLS.mkdir(parents=True, exist_ok=True)
    engine = PrevizEngine(partial(choose, "auto", folder=ROOT))
    for at in range(len(SETS)):
        if not (CELLS / f"{at}.png").exists():
            Image.fromarray(cell(engine, at)).save(CELLS / f"{at}.png")
    cells = [np.asarray(Image.open(CELLS / f"{at}.png")) for at in range(len(SETS))]
    rows = [np.concatenate(cells[at : at + 3], axis=1) for at in range(0, len(cells), 3)]
    Image.fromarray(np.concatenate(rows)).save(Path(arguments[0]) if arguments else OUT, quality=88)
    return 0


def cell(engine: PrevizEngine, at: int) -> np.ndarray:
    """One picture of the sheet."""
    scene, palette, finish = SETS[at]
    product = cutout() if finish is None else model(finish)
    with tempfile.TemporaryDirectory() as scratch:
        request = SetRequest(scene, palette, "", "", SIZE, SEED, Quality.DRAFT, product=product)
        return engine.render(request, Work(Path(scratch))).image


def cutout() -> Product:
    """The cut-out of the examples."""
    picture, alpha = decode_cut_out((PRODUCTS / "bottle.png").read_bytes())
    if alpha is None:
        raise InvalidInput("bottle.png has no transparency")
    return CutoutProduct(of_alpha(picture, alpha, field="bottle.png"))


def model(finish: Finish) -> Product:
    """The model of the examples."""
    return ModelProduct(decode_mesh((PRODUCTS / "vase.obj").read_bytes()), finish=finish)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
