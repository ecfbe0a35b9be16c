"""Draws docs/pictures/models-on-sets.jpg: a mug as GLB and a vase as OBJ, turned on a lathe here, on three sets.

Usage: python scripts/models_sheet.py [OUT]       (OUT: docs/pictures/models-on-sets.jpg by default)

Drafts; takes about a minute on two cores.
"""

from __future__ import annotations

import sys
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import trimesh
from PIL import Image
from scipy.interpolate import PchipInterpolator
from trimesh.visual import TextureVisuals
from trimesh.visual.material import PBRMaterial

from firstframe.adapters.meshes import decode_mesh
from firstframe.core.formats import Quality
from firstframe.core.media import PixelSize
from firstframe.imagegen.engines.previz import PrevizEngine
from firstframe.render.variant import choose
from firstframe.sets.product_mesh import Finish, ModelProduct
from firstframe.sets.requests import SetRequest

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "pictures" / "models-on-sets.jpg"
SIZE = PixelSize(384, 480)
SEED = 5
WALL = (
    (0, 0),
    (34, 0),
    (38, 3),
    (41, 10),
    (42, 50),
    (42, 85),
    (41.5, 89.5),
    (40, 90.5),
    (38.5, 89.5),
    (38, 85),
    (37.5, 20),
)
"""Profile of the mug, millimetres from its axis and from the table."""
BOTTOM = ((33, 12), (0, 11))
BELLY = ((0, 0.2), (0.02, 0.22), (0.3, 0.37), (0.52, 0.4), (0.74, 0.27), (0.88, 0.15), (1, 0.2))
"""Radii of the vase by height."""


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
    engine = PrevizEngine(partial(choose, "auto", folder=ROOT))
    own = ModelProduct(decode_mesh(mug()), turn_deg=-35)
    glossy = ModelProduct(decode_mesh(vase()), up="z", finish=Finish("gloss"))
    cells = [
        drawn(engine, "table", "sage-noon", own),
        drawn(engine, "interior", "amber-dusk", ModelProduct(own.solid, turn_deg=-35, height_m=0.1)),
        drawn(engine, "stone", "blush-dawn", glossy),
    ]
    Image.fromarray(np.concatenate(cells, axis=1)).save(Path(arguments[0]) if arguments else OUT, quality=90)
    return 0


def drawn(engine: PrevizEngine, scene: str, palette: str, product: ModelProduct) -> np.ndarray:
    """One picture of the sheet."""
    with tempfile.TemporaryDirectory() as scratch:
        request = SetRequest(scene, palette, "", "", SIZE, SEED, Quality.DRAFT, product=product)
        return engine.render(request, Work(Path(scratch))).image


def mug() -> bytes:
    """A glazed mug with a handle of brass, as GLB."""
    body = trimesh.creation.revolve(np.array((*WALL, *BOTTOM)) / 1000, sections=96)
    body.visual = surface((28, 74, 92), 0.0, 0.25)
    handle = ring()
    handle.visual = surface((198, 142, 72), 1.0, 0.22)
    scene = trimesh.Scene({"body": body, "handle": handle})
    scene.apply_transform(trimesh.transformations.rotation_matrix(-np.pi / 2, [1, 0, 0]))
    return bytes(scene.export(file_type="glb"))


def surface(colour: tuple[int, int, int], metallic: float, rough: float) -> TextureVisuals:
    """A material of glTF."""
    paint = PBRMaterial(baseColorFactor=[*colour, 255], metallicFactor=metallic, roughnessFactor=rough)
    return TextureVisuals(material=paint)


def ring(along: int = 40, around: int = 24) -> trimesh.Trimesh:
    """Half a ring of oval section."""
    turn = np.linspace(-np.pi / 2, np.pi / 2, along)[:, None]
    angle = np.linspace(0, 2 * np.pi, around, endpoint=False)[None]
    radius = 0.027 + 0.0045 * np.cos(angle)
    across = np.broadcast_to(0.0062 * np.sin(angle), (along, around))
    points = np.stack([0.0395 + radius * np.cos(turn), across, 0.047 + radius * np.sin(turn)], -1)
    at = np.arange(along * around).reshape(along, around)
    a, b, c, d = (part.ravel() for part in (at[:-1], np.roll(at, -1, 1)[:-1], at[1:], np.roll(at, -1, 1)[1:]))
    return trimesh.Trimesh(points.reshape(-1, 3), np.concatenate([np.c_[a, b, c], np.c_[b, d, c]]), process=False)


def vase() -> bytes:
    """A fluted vase, as OBJ."""
    heights = np.linspace(0, 1, 90)
    radii = PchipInterpolator(*np.array(BELLY).T)(heights)
    outside = np.c_[radii, heights]
    turned = trimesh.creation.revolve(
        np.concatenate([[[0, 0]], outside, [[0.175, 1], [0.13, 0.88], [0.1, 0.8], [0, 0.78]]]), sections=160
    )
    x, y, z = turned.vertices.T
    flutes = 1 + 0.035 * np.cos(16 * np.arctan2(y, x) + 6 * z) * np.clip(1 - np.abs(z - 0.42) / 0.42, 0, 1)
    turned.vertices = np.c_[x * flutes, y * flutes, z]
    return str(turned.export(file_type="obj")).encode()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
