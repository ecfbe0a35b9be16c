"""Draws docs/pictures/air-*.jpg: every atmosphere on a set at full size, a part of it enlarged to full size, and a photograph.

    python scripts/air_strips.py [OUT] [KIND ...] [--kept FOLDER] [--photographs FOLDER]

Shown are 0, 1.3, 2.2 and 3.3 s of a clip of 4 s. Rendering the sets takes about a minute each; they are kept in FOLDER. The
photographs are “seeding” from examples/inputs (`make inputs`) and, where a folder of the package `lomiri-wallpapers-16.04` is
named, three by Aitzol Berasategi.
"""

from __future__ import annotations

import argparse
import pickle
import sys
import tempfile
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from camera_strips import Unwatched, of_a_photograph

from firstframe.animation.engines import ClipRequest
from firstframe.animation.engines.previz import PrevizAnimator
from firstframe.core.formats import Quality
from firstframe.core.media import Grey8, HeroPicture, LayerImage, LayerRole, PixelSize, Rgb8
from firstframe.core.motion import Air, Atmosphere, CameraMove, FlickerLight, Window, single
from firstframe.imagegen.engines.previz import PrevizEngine
from firstframe.render.variant import choose
from firstframe.sets.requests import SetRequest

ROOT = Path(__file__).resolve().parents[1]
FULL, SMALL = PixelSize(1920, 1080), PixelSize(960, 540)
SECONDS, FPS = 4, 30
SHOWN_S = (0.0, 1.3, 2.2, 3.3)
TILE = PixelSize(400, 225)


@dataclass(frozen=True, slots=True)
class Strip:
    """What is shown of an atmosphere."""

    air: Air
    scene: str
    palette: str
    part: tuple[float, float]
    """Where the part at full size begins, shares of the frame."""
    photograph: str = "seeding"
    mask: str = ""
    """Of the photograph, under examples/masks."""
    photo_air: Air | None = None


STRIPS = {
    "dust": Strip(Air(Atmosphere.DUST, 0.8), "studio", "amber-dusk", (0.55, 0.15)),
    "mist": Strip(Air(Atmosphere.MIST, 0.6), "stone", "ink-night", (0.0, 0.45)),
    "rain": Strip(Air(Atmosphere.RAIN, 0.6), "stone", "ink-night", (0.35, 0.05)),
    "snow": Strip(Air(Atmosphere.SNOW, 0.6), "stone", "ink-night", (0.55, 0.05)),
    "light-sweep": Strip(Air(Atmosphere.LIGHT_SWEEP, 0.7), "studio", "amber-dusk", (0.35, 0.3)),
    "caustics": Strip(Air(Atmosphere.CAUSTICS, 0.7), "water", "sage-noon", (0.0, 0.45)),
    "water": Strip(
        Air(Atmosphere.WATER, 0.6),
        "water",
        "sage-noon",
        (0.72, 0.45),
        "life",
        "life-stream",
        Air(Atmosphere.WATER, 0.8, 260),
    ),
    "foliage": Strip(Air(Atmosphere.FOLIAGE, 0.8), "studio", "amber-dusk", (0.0, 0.0), mask="dandelion-meadow"),
    "cloth": Strip(Air(Atmosphere.CLOTH, 0.8), "interior", "blush-dawn", (0.79, 0.1), "friends", "friends-flag"),
    "clouds": Strip(Air(Atmosphere.CLOUDS, 0.9), "dune", "amber-dusk", (0.0, 0.0), "picosdeeuropa"),
    "flicker": Strip(Air(Atmosphere.FLICKER, 0.8), "interior", "blush-dawn", (0.35, 0.3)),
    "neon": Strip(
        Air(Atmosphere.FLICKER, 0.8, light=FlickerLight.NEON), "stone", "ink-night", (0.03, 0.1), photograph=""
    ),
}


def on_a_set(strip: Strip, kept: Path) -> HeroPicture:
    """A set at full size; rendered once."""
    path = kept / f"{strip.scene}.pickle"
    if not path.exists():
        with tempfile.TemporaryDirectory() as folder:
            made = SetRequest(strip.scene, strip.palette, "First Light", "morning serum", FULL, 1207, Quality.DRAFT)
            path.write_bytes(pickle.dumps(PrevizEngine(choose).render(made, Unwatched(Path(folder)))))
    hero: HeroPicture = pickle.loads(path.read_bytes())  # noqa: S301  (written above)
    return hero


def with_a_sign(hero: HeroPicture) -> HeroPicture:
    """A set with a neon sign drawn on its wall, and a mask of it."""
    core = np.zeros(hero.image.shape[:2], np.uint8)
    cv2.putText(core, "open", (120, 330), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 7, 255, 16, cv2.LINE_AA)
    tube = core.astype(np.float32)[..., None] / 255
    glow = sum(share * cv2.GaussianBlur(tube, (0, 0), reach) for reach, share in ((8, 1.1), (40, 1.0), (160, 1.2)))
    colour = np.array([255, 60, 150], np.float32) / 255
    light = (hero.image / np.float32(255)) ** 2.2 + 0.6 * np.asarray(glow)[..., None] * colour**2.2
    lit = np.clip(light, 0, 1) ** (1 / 2.2) * (1 - tube) + tube * np.array([1.0, 0.88, 0.94])
    image = np.rint(255 * lit).astype(np.uint8)
    flat = LayerImage(LayerRole.BACKGROUND, np.dstack([image, np.full(core.shape, 255, np.uint8)]), 2.0)
    layers = replace(hero.layers, layers=(flat,), bleed_px=0)
    return replace(
        hero, image=image, layers=layers, inverse_depth=None, matte=None, objects=None, regions={"flicker": core}
    )


def filmed(hero: HeroPicture, air: Air, mask: Grey8 | None = None) -> list[Rgb8]:
    """Frames of a clip in a slow push, each the first of a part of it."""
    frames = []
    for at in shown_s(air):
        part = Window(at / SECONDS, at / SECONDS + 2 / (FPS * SECONDS))
        motion = replace(single(CameraMove.PUSH, 0.3, air), window=part)
        take = PrevizAnimator().take(
            ClipRequest(hero, motion, 2, Fraction(FPS), 3, masks=() if mask is None else (mask,))
        )
        frames.append((next(iter(take.frames(Unwatched(Path())))) >> 8).astype(np.uint8))
    sys.stdout.write(f"{air.kind.value}: {'; '.join(found.message for found in take.findings) or 'as asked'}\n")
    return frames


def shown_s(air: Air) -> tuple[float, ...]:
    """Moments that are shown; of a neon tube those about a failure, two frames before, on and after its begin."""
    return (0.0, 0.9, 1.0, 1.1) if air.light is FlickerLight.NEON else SHOWN_S


def row(frames: list[Rgb8], part: tuple[float, float] | None = None) -> Rgb8:
    """Frames beside each other: the whole, or a part at full size."""
    tiles = []
    for frame in frames:
        if part is None:
            tiles.append(cv2.resize(frame, (TILE.width, TILE.height), interpolation=cv2.INTER_AREA))
        else:
            left, top = round(part[0] * frame.shape[1]), round(part[1] * frame.shape[0])
            tiles.append(frame[top : top + TILE.height, left : left + TILE.width])
    return np.ascontiguousarray(np.concatenate(tiles, axis=1))


def photo_row(strip: Strip, photographs: Path | None) -> list[Rgb8]:
    """The photograph, where there is one."""
    own = ROOT / "examples" / "inputs" / "dandelion.jpg"
    path = (
        own
        if strip.photograph == "seeding"
        else next((photographs or Path()).glob(f"{strip.photograph}_by*.jpg"), None)
    )
    if not strip.photograph or path is None or not path.exists():
        return []
    hero = of_a_photograph(path, SMALL)
    mask = (
        cv2.imread(str(ROOT / "examples" / "masks" / f"{strip.mask}.png"), cv2.IMREAD_GRAYSCALE) if strip.mask else None
    )
    sized = None if mask is None else cv2.resize(mask, (hero.size.width, hero.size.height))
    return [row(filmed(hero, strip.photo_air or strip.air, sized))]


def main() -> None:
    """Draws them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", nargs="?", type=Path, default=ROOT / "docs" / "pictures")
    parser.add_argument("kinds", nargs="*", default=list(STRIPS))
    parser.add_argument("--kept", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--photographs", type=Path)
    options = parser.parse_args()
    for kind in options.kinds:
        strip = STRIPS[kind]
        hero = on_a_set(strip, options.kept)
        frames = filmed(with_a_sign(hero) if kind == "neon" else hero, strip.air)
        rows = [row(frames), row(frames, strip.part), *photo_row(strip, options.photographs)]
        path = options.out / f"air-{kind}.jpg"
        cv2.imwrite(str(path), np.concatenate(rows)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 82])
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
