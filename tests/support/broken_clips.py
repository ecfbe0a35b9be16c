"""Clips that are good by how they were made, and known ways to break them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.animation.engines import ClipRequest
from firstframe.animation.engines.previz import PrevizAnimator
from firstframe.core.media import HeroPicture, LayerImage, LayerPictures, LayerRole, PixelRect
from firstframe.core.motion import Air, CameraMove, Motion, single
from firstframe.imaging.drift.asked import Asked
from support.animated_heroes import Watched, composite, rgba

Frame = NDArray[np.uint16]
Frames = Iterable[Frame]
FULL = 65535

OPPOSITES = {
    CameraMove.PUSH: CameraMove.PULL,
    CameraMove.PULL: CameraMove.PUSH,
    CameraMove.PAN_LEFT: CameraMove.PAN_RIGHT,
    CameraMove.PAN_RIGHT: CameraMove.PAN_LEFT,
    CameraMove.TILT_UP: CameraMove.TILT_DOWN,
    CameraMove.TILT_DOWN: CameraMove.TILT_UP,
}


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A clip to be made by the previz engine."""

    hero: HeroPicture
    motion: Motion
    frame_count: int
    frame_rate: Fraction
    seed: int = 5

    def take(self) -> tuple[Iterator[Frame], Asked]:
        """Its frames, and what was asked."""
        request = ClipRequest(self.hero, self.motion, self.frame_count, self.frame_rate, self.seed)
        take = PrevizAnimator().take(request)
        return (frame.copy() for frame in take.frames(Watched())), take.asked


def textured_hero(width: int = 256, height: int = 144, bleed: int = 20) -> HeroPicture:
    """A plastered wall, a painted disc before it, and a stone at the right edge; each with something to hold on to."""
    rows, columns = np.mgrid[0 : height + 2 * bleed, 0 : width + 2 * bleed].astype(np.float32)
    x, y = columns - bleed - (width - 1) / 2, rows - bleed - (height - 1) / 2
    wall, paint, stone = (_plaster(x.shape, seed) for seed in (1, 2, 3))
    disc, post = np.clip(height / 3.2 - np.hypot(x, y) + 0.5, 0, 1), np.clip(x - 0.42 * width + 0.5, 0, 1)
    layers = (
        LayerImage(LayerRole.BACKGROUND, rgba(120 + wall, 110 + wall, 95 + wall, np.ones_like(x)), 2.4),
        LayerImage(LayerRole.SUBJECT, rgba(190 + paint, 90 + paint, 60 + paint, disc), 1.25),
        LayerImage(LayerRole.FOREGROUND, rgba(70 + stone, 90 + stone, 60 + stone, post), 0.8),
    )
    pictures = LayerPictures(layers, bleed, horizontal_fov_deg=30.0, confidence=1.0)
    box = PixelRect(round(width / 2 - height / 3.2), round(height * 0.19), round(height / 1.6), round(height / 1.6))
    return HeroPicture(composite(pictures), pictures, None, None, box)


def _plaster(shape: tuple[int, ...], seed: int) -> NDArray[np.float32]:
    """Irregular texture without a period, in steps of 8 bits."""
    rng = np.random.default_rng(seed)
    sizes = ((6, 30), (2.5, 16), (1.2, 9))
    total = np.zeros(shape, np.float32)
    for sigma, reach in sizes:
        noise = cv2.GaussianBlur(rng.normal(0, 1, shape).astype(np.float32), (0, 0), sigma)
        total += reach * noise / noise.std()
    return total


def shot(
    hero: HeroPicture,
    move: CameraMove = CameraMove.PUSH,
    strength: float = 0.5,
    *airs: Air,
    frames: int = 48,
    rate: int = 16,
    seed: int = 5,
) -> Shot:
    """A shot of one move."""
    return Shot(hero, single(move, strength, *airs), frames, Fraction(rate), seed)


@dataclass(frozen=True, slots=True)
class Fault:
    """A way to break a clip."""

    name: str
    strengths: tuple[float, ...]
    """From one that hardly shows to one that nobody would let pass."""
    unit: str
    breaks: Callable[[Frames, float, float], Iterator[Frame]]
    """Frames, strength, frames per second."""
    caught_by: tuple[str, ...]
    """Measures that ought to tell of it."""


def wobbled(frames: Frames, strength: float, rate: float) -> Iterator[Frame]:
    """Bends the picture like something seen through moving water; strength: amplitude in per cent of the longer side."""
    for index, frame in enumerate(frames):
        x, y = _places(frame)
        side, time_s = max(frame.shape[:2]), index / rate
        reach = strength / 100 * side * min(time_s / 0.3, 1)
        swing = reach * np.sin(2 * np.pi * (y / (0.22 * side) + 2.0 * time_s))
        yield _moved(frame, x + swing, y + 0.5 * reach * np.cos(2 * np.pi * (x / (0.3 * side) - 1.7 * time_s)))


def morphed(frames: Frames, strength: float, rate: float) -> Iterator[Frame]:
    """Lets shapes creep; strength: displacement at the end of the clip, root mean square, in per cent of the longer side."""
    kept = list(frames)
    field: NDArray[np.float32] | None = None
    for index, frame in enumerate(kept):
        field = _field(frame.shape[:2]) if field is None else field
        x, y = _places(frame)
        reach = strength / 100 * max(frame.shape[:2]) * index / (len(kept) - 1)
        yield _moved(frame, x + reach * field[0], y + reach * field[1])


def flickered(frames: Frames, strength: float, rate: float) -> Iterator[Frame]:
    """Lets exposure jump about from frame to frame; strength: standard deviation in per cent."""
    rng = np.random.default_rng(3)
    for frame in frames:
        yield _clipped(frame * (1 + strength / 100 * rng.normal()))


def pulsed(frames: Frames, strength: float, rate: float) -> Iterator[Frame]:
    """Lets exposure swing twice a second; strength: amplitude in per cent."""
    for index, frame in enumerate(frames):
        yield _clipped(frame * (1 + strength / 100 * np.sin(4 * np.pi * index / rate)))


def creeping(frames: Frames, strength: float, rate: float) -> Iterator[Frame]:
    """Lets colours turn warm; strength: steps of b* per second."""
    for index, frame in enumerate(frames):
        lab = cv2.cvtColor(frame.astype(np.float32) / FULL, cv2.COLOR_RGB2LAB)
        lab[..., 2] += strength * index / rate
        yield _clipped(np.clip(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), 0, 1) * FULL)


def stalled(frames: Frames, strength: float, rate: float) -> Iterator[Frame]:
    """Shows one frame for a while, then goes on as if nothing had been; strength: seconds."""
    kept = list(frames)
    first = max(len(kept) // 2 - round(strength * rate / 2), 0)
    for index, frame in enumerate(kept):
        yield kept[first] if first <= index < first + round(strength * rate) else frame


def frozen(frames: Frames, strength: float, rate: float) -> Iterator[Frame]:
    """Shows the first frame all the time."""
    kept = list(frames)
    return iter(kept[:1] * len(kept))


def jumped(frames: Frames, strength: float, rate: float) -> Iterator[Frame]:
    """Moves the picture aside in the middle of the clip; strength: per cent of the longer side."""
    kept = list(frames)
    for index, frame in enumerate(kept):
        x, y = _places(frame)
        off = strength / 100 * max(frame.shape[:2]) if index >= len(kept) // 2 else 0.0
        yield _moved(frame, x + 0.8 * off, y + 0.6 * off) if off else frame


def cropped(frames: Frames, strength: float, rate: float) -> Iterator[Frame]:
    """Shows a part of the picture only; strength: per cent that it is enlarged by."""
    for frame in frames:
        x, y = _places(frame)
        middle_x, middle_y = (frame.shape[1] - 1) / 2, (frame.shape[0] - 1) / 2
        scale = 1 + strength / 100
        yield _moved(frame, (x - middle_x) / scale + middle_x, (y - middle_y) / scale + middle_y)


def ghosted(frames: Frames, strength: float, rate: float) -> Iterator[Frame]:
    """Lays a shifted copy over the picture; strength: its opacity in per cent."""
    for frame in frames:
        x, y = _places(frame)
        off = 0.02 * max(frame.shape[:2])
        yield _clipped(frame + strength / 100 * (_moved(frame, x - off, y - 0.4 * off).astype(np.float32) - frame))


def edged(frames: Frames, strength: float, rate: float) -> Iterator[Frame]:
    """Leaves a black bar at the left; strength: its width in per cent of the picture's."""
    for frame in frames:
        broken = frame.copy()
        broken[:, : max(round(strength / 100 * frame.shape[1]), 1)] = 0
        yield broken


def smeared(frames: Frames, strength: float, rate: float) -> Iterator[Frame]:
    """Draws the picture out to the right edge; strength: how far, in per cent of the picture's width."""
    for frame in frames:
        broken = frame.copy()
        wide = max(round(strength / 100 * frame.shape[1]), 1)
        broken[:, -wide:] = broken[:, -wide - 1 : -wide]
        yield broken


def replaced(frames: Frames, strength: float, rate: float) -> Iterator[Frame]:
    """Turns the middle of the picture into something else; strength: how far that goes at the end, in per cent."""
    kept = list(frames)
    for index, frame in enumerate(kept):
        height, width = frame.shape[:2]
        y, x = np.ogrid[:height, :width]
        inside = np.exp(-(((x / width - 0.5) / 0.22) ** 4) - ((y / height - 0.5) / 0.4) ** 4)[..., None]
        other = frame[::-1, ::-1].astype(np.float32)
        yield _clipped(frame + strength / 100 * index / (len(kept) - 1) * inside * (other - frame))


def cut(frames: Frames, strength: float, rate: float) -> Iterator[Frame]:
    """Changes to another picture in the middle of the clip; strength: share of the picture that changes, in per cent."""
    kept = list(frames)
    for index, frame in enumerate(kept):
        broken = frame.copy()
        rows = round(strength / 100 * frame.shape[0])
        if index >= len(kept) // 2:
            broken[:rows] = frame[:rows, ::-1]
        yield broken


FAULTS = (
    Fault("wobble", (0.1, 0.2, 0.4), "% of the frame", wobbled, ("wobble",)),
    Fault("morph", (0.2, 0.4, 0.8), "% of the frame", morphed, ("background-drift", "morph")),
    Fault("flicker", (0.5, 1, 3), "% of exposure", flickered, ("flicker",)),
    Fault("pulse", (1, 2, 5), "% of exposure", pulsed, ("flicker",)),
    Fault("colour creep", (0.4, 0.8, 2), "b* per second", creeping, ("colour-drift",)),
    Fault("stall", (0.4, 0.7, 1.2), "s", stalled, ("freeze", "jump")),
    Fault("freeze", (100,), "% of the clip", frozen, ("motion-amount", "freeze")),
    Fault("jump", (0.2, 0.4, 1), "% of the frame", jumped, ("jump",)),
    Fault("crop", (0.5, 1, 3), "% enlarged", cropped, ("framing",)),
    Fault("ghost", (15, 25, 40), "% opacity", ghosted, ("ghosting",)),
    Fault("black edge", (0.3, 1, 3), "% of the width", edged, ("edge-intrusion",)),
    Fault("smeared edge", (1.5, 3, 6), "% of the width", smeared, ("edge-intrusion",)),
    Fault("other subject", (30, 60, 100), "% blended", replaced, ("subject-identity",)),
    Fault("cut", (30, 60, 100), "% of the frame", cut, ("cut",)),
)
"""Ways to break the frames of a clip."""


def asked_otherwise(good: Shot, fault: str, strength: float) -> tuple[Iterator[Frame], Asked] | None:
    """A clip whose camera does what was not asked for: `direction`, `amount` or `unrest`; None where that means nothing.

    Args:
        good: What is asked.
        fault: `direction` goes the other way, `amount` delivers so many per cent, `unrest` moves by that strength in per cent
            where rest was asked for.
        strength: See `fault`.
    """
    move, motion = good.motion.camera, good.motion
    if fault == "unrest":
        frames, _ = Shot(
            good.hero, single(CameraMove.PAN_LEFT, strength / 100), good.frame_count, good.frame_rate
        ).take()
        return frames, Shot(good.hero, single(CameraMove.LOCKED, 0), good.frame_count, good.frame_rate).take()[1]
    if move not in OPPOSITES:
        return None
    asked = good.take()[1]
    other = OPPOSITES[move] if fault == "direction" else move
    scale = 1.0 if fault == "direction" else strength / 100
    frames, _ = Shot(good.hero, single(other, motion.strength * scale), good.frame_count, good.frame_rate).take()
    return frames, asked


def _places(frame: Frame) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    y, x = np.mgrid[: frame.shape[0], : frame.shape[1]].astype(np.float32)
    return x, y


def _moved(frame: Frame, x: NDArray[np.generic], y: NDArray[np.generic]) -> Frame:
    across, down = x.astype(np.float32), y.astype(np.float32)
    return np.asarray(cv2.remap(frame, across, down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101), np.uint16)


def _field(shape: tuple[int, ...]) -> NDArray[np.float32]:
    """A smooth field of displacements, shape (2, h, w), root mean square one."""
    rng = np.random.default_rng(8)
    noise = rng.normal(0, 1, (2, *shape)).astype(np.float32)
    smooth = np.stack([cv2.GaussianBlur(plane, (0, 0), 0.06 * max(shape)) for plane in noise])
    return np.asarray(smooth / np.sqrt((smooth**2).sum(axis=0).mean()), np.float32)


def _clipped(frame: NDArray[np.generic]) -> Frame:
    return np.asarray(np.rint(np.clip(np.asarray(frame, np.float32), 0, FULL)), np.uint16)
