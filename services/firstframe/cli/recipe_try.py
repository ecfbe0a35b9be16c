"""A recipe tried on a hero, in this process: a film to look at, a few of its frames, and what the camera did as measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.adapters.video import configure, whole_file
from firstframe.animation.effects.people import People
from firstframe.animation.engines import ClipRequest
from firstframe.animation.engines.previz import PrevizAnimator
from firstframe.cli.local_models import LocalModels
from firstframe.cli.recipe_heroes import Tried
from firstframe.core.errors import InvalidInput
from firstframe.core.media import LayerRole, PixelRect, PixelSize, Rgb8
from firstframe.core.recipes import Recipe
from firstframe.imaging.blend import LEVEL

FRAMES_PER_SECOND = 24
SHOWN = 6
"""Frames of a film that the strip shows, the first and the last among them."""
_ASTRAY_PX = 0.5
"""A corner that does not come back to where it was is not followed."""
_FIT_PX = 0.75
_OPTIONS = {"crf": "18", "preset": "veryfast"}


@dataclass(frozen=True, slots=True)
class Seen:
    """Where the subject is in a frame, as measured against the first one."""

    larger: float
    """By which it has grown, per cent."""
    right: float
    up: float
    """How far its middle has moved, per cent of the frame's width and height."""


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """A recipe on a hero."""

    hero: str
    recipe: Recipe
    film: Path
    shown: tuple[Rgb8, ...]
    moments: tuple[float, ...]
    """Seconds of the frames that are shown."""
    seen: tuple[Seen | None, ...]
    """What was measured in them; None where too little could be followed."""
    applied_strength: float
    findings: tuple[str, ...]
    subject: PixelRect | None
    """Where it is in the first frame."""


def tried(hero: Tried, recipe: Recipe, seconds: float, seed: int, film: Path, models: LocalModels) -> Trial:
    """Animates a hero by a recipe.

    Args:
        hero: The still.
        recipe: The motion.
        seconds: Length of the film.
        seed: Of a recipe that has none of its own.
        film: The file to write; MP4, H.264.
        models: What finds the people of an effect.

    Raises:
        InvalidInput: The engine cannot do what the recipe asks for.
        InvalidInput: `NO_CONSENT`: it needs the consent of the people shown, whom a trial does not know.
    """
    check_free(recipe)
    count = round(seconds * FRAMES_PER_SECOND)
    own = seed if recipe.seed is None else recipe.seed
    animator = PrevizAnimator(People(models.inference, models.digests))
    take = animator.take(ClipRequest(hero.picture, recipe.motion, count, Fraction(FRAMES_PER_SECOND), own))
    indices = [round(index * (count - 1) / (SHOWN - 1)) for index in range(SHOWN)]
    shown: list[Rgb8] = []
    with whole_file(film) as partial:
        _write(partial, _kept(take.frames(_Alone()), indices, shown), take.size)
    return Trial(
        hero=hero.name,
        recipe=recipe,
        film=film,
        shown=tuple(shown),
        moments=tuple(index / FRAMES_PER_SECOND for index in indices),
        seen=tuple(follow(hero, shown)),
        applied_strength=take.applied_strength,
        findings=tuple(finding.message for finding in take.findings),
        subject=hero.picture.subject,
    )


def check_free(recipe: Recipe) -> None:
    """Refuses what moves people who have to be asked.

    Raises:
        InvalidInput: `NO_CONSENT`.
    """
    effect = recipe.motion.effect
    if effect is not None and effect.kind.needs_consent:
        kind = effect.kind.value
        text = (
            f"--recipe: {recipe.reference} cannot be tried: {kind} needs the consent of each person shown, "
            f"and a trial asks nobody; "
            f"record it (`firstframe consent record`), name it in `people:` of a hero, and `firstframe run` the brief, "
            f"as in examples/campaigns/{'dance' if kind == 'dance' else 'together'}.yaml (docs/effects.md)"
        )
        raise InvalidInput(text, reason="NO_CONSENT", metadata={"field": "--recipe"})


def follow(hero: Tried, frames: list[Rgb8]) -> Iterator[Seen | None]:
    """Follows the subject from frame to frame: corners by optical flow, and the similarity that most of them agree on.

    The flow is that of Lucas and Kanade in pyramids (Bouguet, 2001), the fit RANSAC's as OpenCV has it.
    """
    greys = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in frames]
    corners = _corners(greys[0], _subject_mask(hero))
    middle = _middle(hero)
    for grey in greys:
        yield None if corners is None else _seen(greys[0], grey, corners, middle)


def _corners(grey: NDArray[Any], mask: NDArray[np.uint8] | None) -> NDArray[Any] | None:
    """What can be followed; None where there is nothing."""
    return cv2.goodFeaturesToTrack(grey, 400, 0.01, 5, mask=mask, blockSize=5)


def _seen(first: NDArray[Any], grey: NDArray[Any], corners: NDArray[Any], middle: NDArray[Any]) -> Seen | None:
    there, found = _flowed(first, grey, corners)
    back, again = _flowed(grey, first, there)
    kept = found & again & (np.abs(back - corners).max(axis=(1, 2)) < _ASTRAY_PX)
    if kept.sum() < 8:
        return None
    fit = np.asarray(cv2.estimateAffinePartial2D(corners[kept], there[kept], ransacReprojThreshold=_FIT_PX)[0])
    if fit.shape != (2, 3):
        return None
    moved = fit[:, :2] @ middle + fit[:, 2] - middle
    height, width = grey.shape
    scale = float(np.hypot(fit[0, 0], fit[1, 0]))
    return Seen(100 * (scale - 1), float(100 * moved[0] / width), float(-100 * moved[1] / height))


def _flowed(first: NDArray[Any], grey: NDArray[Any], corners: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    start = np.empty_like(corners)
    there, found, _ = cv2.calcOpticalFlowPyrLK(first, grey, corners, start, winSize=(21, 21), maxLevel=4)
    return np.asarray(there), np.asarray(found).ravel() == 1


def _subject_mask(hero: Tried) -> NDArray[np.uint8] | None:
    """The subject, without its outline; the whole picture where there is none."""
    layers, size = hero.picture.layers, hero.picture.size
    subject = next((layer for layer in layers.layers if layer.role is LayerRole.SUBJECT), None)
    if subject is None:
        return None
    bleed = layers.bleed_px
    alpha = subject.rgba[bleed : bleed + size.height, bleed : bleed + size.width, 3]
    mask = np.asarray(cv2.erode((alpha > 250).astype(np.uint8), np.ones((5, 5), np.uint8)), np.uint8)
    return mask if mask.mean() > 0.01 else None


def _middle(hero: Tried) -> NDArray[np.float64]:
    size, rect = hero.picture.size, hero.picture.subject
    if rect is None:
        return np.array([(size.width - 1) / 2, (size.height - 1) / 2])
    return np.array([rect.x + (rect.width - 1) / 2, rect.y + (rect.height - 1) / 2])


def _kept(frames: Iterator[NDArray[np.uint16]], indices: list[int], shown: list[Rgb8]) -> Iterator[Rgb8]:
    """Frames in 8 bits; copies of those at the indices are kept."""
    for index, frame in enumerate(frames):
        levels = ((frame.astype(np.uint32) + LEVEL // 2) // LEVEL).astype(np.uint8)
        if index in indices:
            shown.append(levels)
        yield levels


def _write(path: Path, frames: Iterator[Rgb8], size: PixelSize) -> None:
    import av

    rate = Fraction(FRAMES_PER_SECOND)
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=rate, options=_OPTIONS)
        configure(stream, size, rate, "yuv420p")
        for index, levels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(levels, format="rgb24").reformat(
                format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG"
            )
            frame.pts, frame.time_base = index, 1 / rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


class _Alone:
    """Work that nobody watches."""

    def progress(self, phase: str, fraction: float) -> None:
        pass

    def check(self) -> None:
        pass
