"""Draws the films of docs/heritage.md and docs/effects.md as contact strips, under docs/pictures.

Usage: python scripts/effects_sheet.py [OUT] [--only NAME…]        (OUT: docs/pictures by default)

`make portraits` must have fetched the portraits, `make figure` have rendered the figures, and the packs `isnet-matting`,
`face-landmarks` and `pose` be installed. A print of the 1920s is made here of a portrait of today. Takes three to four minutes
on two cores. With names of strips after `--only`, such as `effects-kiss`, only those whose names begin so are drawn.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from firstframe.adapters.blocking import LoopInference
from firstframe.adapters.embedded import EmbeddedInference
from firstframe.animation.effects.dance import TRACKS
from firstframe.animation.effects.people import FACES, POSE, People
from firstframe.animation.engines import ClipRequest, Take
from firstframe.animation.engines.previz import PrevizAnimator
from firstframe.core.media import HeroPicture, PixelSize, Rgb8
from firstframe.core.motion import CameraMove, CameraPhase, Effect, EffectKind, Heritage, Motion
from firstframe.imagegen.mattes import MATTING, Mattes
from firstframe.imagegen.pair import couple, find_person
from firstframe.imagegen.photo_subject import find
from firstframe.imagegen.photograph import Known, Reframe, hero_of
from firstframe.packs.shelf import find_shelf

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "pictures"
INPUTS = ROOT / "examples" / "inputs"
FPS, QUALITY = 24, 84


class Watched:
    """Work that nobody stops."""

    def check(self) -> None:
        """Goes on."""

    def progress(self, phase: str, fraction: float) -> None:
        """Says nothing."""


def main(arguments: list[str]) -> int:
    """Draws the strips; returns the exit status."""
    at = arguments.index("--only") if "--only" in arguments else len(arguments)
    wanted = tuple(arguments[at + 1 :])
    out = Path(arguments[0]) if at > 0 else OUT
    models, digests, stop = _models()
    sheet = Sheet(out, wanted, People(models, digests), Mattes(models, digests))
    sheet.heritage()
    sheet.couple("effects-hug", EffectKind.HUG, ("hopper.jpg", "collins.png"), [0, 14, 20, 26, 34, 48])
    sheet.couple("effects-kiss", EffectKind.KISS, ("man.png", "woman.png"), [0, 14, 20, 26, 34, 48])
    sheet.dance()
    stop()
    return 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """The strips, in a folder."""

    out: Path
    wanted: tuple[str, ...]
    """How the names of strips begin that are drawn; all of them where there are none."""
    people: People
    mattes: Mattes

    @property
    def animator(self) -> PrevizAnimator:
        """The engine that hosts the effects."""
        return PrevizAnimator(self.people)

    def asks(self, name: str) -> bool:
        """Whether a strip is drawn."""
        return not self.wanted or name.startswith(self.wanted)

    def heritage(self) -> None:
        """Blinks and turns of three portraits."""
        hopper, collins = (_picture(name) for name in ("hopper.jpg", "collins.png"))
        old = old_print(collins[0:282, 114:423], 2.2)
        for name, picture, asked in (
            ("heritage-print", old, Heritage(1, turn_deg=5, tilt_deg=-1.5, breath=1.0)),
            ("heritage-restored", old, Heritage(1, turn_deg=5, tilt_deg=-1.5, breath=1.0, restore=True)),
            ("heritage-portrait", hopper, Heritage(1, turn_deg=-5, tilt_deg=2, breath=1.0)),
        ):
            if not self.asks(name):
                continue
            effect = Effect(EffectKind.HERITAGE, asked)
            frames, made = _film(self.animator, _hero(picture, self.mattes), effect, 96)
            begin = round(float(made.details["heritage_blinks_s"].split()[0]) * FPS)
            _strip(self.out / f"{name}.jpg", frames, [0, begin + 2, begin + 3, begin + 5, 48, 95], 400)
            shown = [begin, begin + 1, begin + 2, begin + 3, begin + 5, begin + 7]
            _eyes(self.out / f"{name}-eyes.jpg", self.people, frames, shown)

    def couple(self, name: str, kind: EffectKind, files: tuple[str, str], shown: Sequence[int]) -> None:
        """Two portraits that come together."""
        if self.asks(name):
            left, right = (find_person(_picture(file), self.mattes, lambda: None, field=file) for file in files)
            pair = couple(left, right, PixelSize(720, 720), seed=4)
            frames, _ = _film(self.animator, pair, Effect(kind), 49)
            _strip(self.out / f"{name}.jpg", frames, shown, 400)

    def dance(self) -> None:
        """The tracks."""
        for track in TRACKS:
            if self.asks(f"effects-dance-{track}"):
                whole = _picture("figure.png")
                small = cv2.resize(whole, (648, 810), interpolation=cv2.INTER_AREA)
                frames, _ = _film(self.animator, _hero(small, self.mattes), Effect(EffectKind.DANCE, track=track), 72)
                _strip(self.out / f"effects-dance-{track}.jpg", frames, [0, 12, 24, 36, 48, 60], 440)


def _picture(name: str) -> Rgb8:
    return np.asarray(Image.open(INPUTS / name).convert("RGB"))


def _models() -> tuple[LoopInference, dict[str, str], object]:
    shelf = find_shelf(None, None)
    packs = [shelf.home.find(shelf.get(name)) for name in (MATTING, FACES, POSE)]
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    inference = EmbeddedInference([model for pack in packs for model in pack.served()])
    digests = {pack.pack.pack: pack.digest for pack in packs}
    return LoopInference(inference, loop, 300), digests, lambda: loop.call_soon_threadsafe(loop.stop)


def _hero(picture: Rgb8, mattes: Mattes) -> HeroPicture:
    known = Known(mattes=mattes)
    size = PixelSize(picture.shape[1] // 2 * 2, picture.shape[0] // 2 * 2)
    return hero_of(picture, find(picture, known), size=size, reframe=Reframe.CROP, known=known)


def _film(animator: PrevizAnimator, hero: HeroPicture, effect: Effect, count: int) -> tuple[list[Rgb8], Take]:
    motion = Motion((CameraPhase(CameraMove.LOCKED),), 1.0, effect=effect)
    made = animator.take(ClipRequest(hero, motion, count, Fraction(FPS), 7))
    frames = [(frame >> 8).astype(np.uint8) for frame in made.frames(Watched())]
    told = "; ".join(score.says for score in made.scores)
    sys.stdout.write(f"{effect.kind.value} {effect.track}: {told}\n")
    return frames, made


def _strip(target: Path, frames: Sequence[Rgb8], shown: Sequence[int], high: int) -> None:
    tiles = [_high(frames[index], high) for index in shown]
    half = len(tiles) // 2
    _save(target, np.vstack([np.hstack(tiles[:half]), np.hstack(tiles[half:])]))


def _eyes(target: Path, people: People, frames: Sequence[Rgb8], shown: Sequence[int]) -> None:
    """The eyes, enlarged."""
    face = people.faces(frames[0])[0]
    (left, top), (right, bottom) = face.points[:, :2].min(axis=0), face.points[:, :2].max(axis=0)
    rows = slice(round(top + 0.12 * (bottom - top)), round(top + 0.55 * (bottom - top)))
    tiles = [_high(frames[index][rows, round(left) : round(right)], 220) for index in shown]
    half = len(tiles) // 2
    _save(target, np.vstack([np.hstack(tiles[:half]), np.hstack(tiles[half:])]))


def _high(picture: Rgb8, high: int) -> Rgb8:
    way = cv2.INTER_AREA if picture.shape[0] > high else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, (round(picture.shape[1] * high / picture.shape[0]), high), interpolation=way))


def _save(target: Path, picture: Rgb8) -> None:
    Image.fromarray(picture).save(target, quality=QUALITY, optimize=True)


def old_print(picture: Rgb8, scale: float) -> Rgb8:
    """A portrait as a print of the 1920s: blind to red, sepia, grainy, darker at its corners, dusty and scratched."""
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    grey = np.clip(small.astype(np.float32) / 255 @ np.float32([0.2, 0.58, 0.22]), 0, 1) ** 0.9
    high, wide = grey.shape
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
    away = np.hypot((x - wide / 2) / (0.62 * wide), (y - 0.46 * high) / (0.62 * high))
    rng = np.random.default_rng(1920)
    light = 0.12 + 0.74 * grey / (1 + 2.2 * np.maximum(away - 0.55, 0) ** 2)
    for soft, amount in ((0.8, 0.028), (24.0, 0.008)):
        noise = cv2.GaussianBlur(rng.standard_normal((high, wide), np.float32), (0, 0), soft)
        light = light + noise / noise.std() * amount * (1 - np.abs(2 * light - 1) * 0.8)
    toned = np.stack([light, 0.90 * light**1.12, 0.80 * light**1.35], -1)
    out = np.ascontiguousarray(np.clip(toned * 255, 0, 255).astype(np.uint8))
    for _ in range(24):
        place = int(rng.uniform(0, wide)), int(rng.uniform(0, high))
        shade = (232, 215, 190) if rng.random() < 0.6 else (40, 30, 20)
        cv2.circle(out, place, int(rng.integers(1, 3)), shade, -1, cv2.LINE_AA)
    for start in ((0.18, 0.05), (0.62, 0.35), (0.86, 0.1)):
        begin = int(start[0] * wide), int(start[1] * high)
        end = int(begin[0] + rng.uniform(-0.02, 0.02) * high), int(begin[1] + rng.uniform(0.25, 0.45) * high)
        cv2.line(out, begin, end, (220, 200, 170), 1, cv2.LINE_AA)
    return out


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
