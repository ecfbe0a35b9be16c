"""The engine `diffusers`: clips of a hero by a model pack."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from firstframe.animation.effects import check_made_for
from firstframe.animation.engines import ClipRequest, Work
from firstframe.animation.nominal import nominal
from firstframe.animation.scores import Score
from firstframe.core.media import Finding, HeroPicture, PixelSize, Rgb8, Severity
from firstframe.core.motion import EffectKind, Motion, Repeat
from firstframe.direction.compiler import compile_prompt
from firstframe.direction.families import physics_prompt
from firstframe.direction.words import strength_of
from firstframe.imaging.drift.asked import Asked
from firstframe.learned.clips import ClipMaker, MotionRequest
from firstframe.learned.fitting import resized
from firstframe.learned.native import format_of, native_of, native_shot
from firstframe.ports.video import Rgb16

VERSION = "3"
"""Part of every content key: to be raised whenever the same request may give other frames."""
ANCHORED_DB = 24.0
"""Likeness (PSNR) of an end of the clip and its picture below which a person is told."""
_FULL = 65535

Floats = NDArray[np.float32]


class DiffusersAnimator:
    """Makes clips with one pack.

    Args:
        maker: The pack, its modules served wherever they are.
    """

    def __init__(self, maker: ClipMaker) -> None:
        self._maker = maker

    @property
    def version(self) -> str:
        """`VERSION`, the pack with what it says of its pipeline, and its weights: others make other frames."""
        return f"{VERSION}-{self._maker.installed.version}"

    def warm(self) -> None:
        """Reads configurations and tokenizers, so that the first request does not wait for them."""
        self._maker.installed.factory.make()

    @property
    def models(self) -> frozenset[str]:
        """See `LearnedAnimator`."""
        return frozenset(self._maker.installed.pack.served_names())

    @property
    def sizes(self) -> tuple[PixelSize, ...]:
        """See `LearnedAnimator`."""
        return tuple(PixelSize(*size) for size in native_of(self._maker.installed.pack).sizes.values())

    @property
    def takes_last_frame(self) -> bool:
        """See `LearnedAnimator`."""
        return self._maker.takes_last_frame

    @property
    def effect(self) -> EffectKind | None:
        """See `LearnedAnimator`."""
        effect = self._maker.installed.pack.effect
        return EffectKind(effect.kind) if effect else None

    def version_for(self, _motion: Motion) -> str:
        """See `Animator`."""
        return self.version

    def take(self, request: ClipRequest) -> DiffusersTake:
        """See `Animator`. A pack that reads text is told of camera and physics, not of the subject; another one of strength.

        Raises:
            InvalidInput: The pack cannot do what is asked for; nothing was rendered.
        """
        pack = self._maker.installed.pack
        check_made_for(request.motion, pack.pack, self.effect)
        shot = native_shot(pack, format_of(request.hero.size, field="hero.size"), field="hero.size")
        seconds = float(request.frame_count / request.frame_rate)
        motion = MotionRequest(
            picture=request.hero.image,
            shot=shot,
            frames=request.frame_count + request.leave_out_last,
            frame_rate=request.frame_rate,
            seed=request.seed,
            prompt=self._told(request, seconds) if self._maker.prompted else "",
            negative_prompt=request.negative_prompt,
            strength=strength_of(request.motion, seconds),
            steps=request.steps,
            last=request.last,
        )
        self._maker.check(motion)
        return DiffusersTake(self._maker, motion, request)

    def _told(self, request: ClipRequest, seconds: float) -> str:
        """Camera and physics; before them, what the weights were trained to read for their effect."""
        effect = self._maker.installed.pack.effect
        words = physics_prompt(compile_prompt(request.prompt, seconds), request.motion)
        return f"{effect.words.rstrip('.')}. {words}" if effect else words


class DiffusersTake:
    """One clip, ready to be made.

    Args:
        maker: What makes it.
        request: What to make.
        clip: What was asked for.
    """

    def __init__(self, maker: ClipMaker, request: MotionRequest, clip: ClipRequest) -> None:
        self._maker = maker
        self._request = request
        self._clip = clip
        self._findings = [*maker.findings(request), *_unread(maker, clip), *_unjoined(maker, clip)]

    @property
    def size(self) -> PixelSize:
        """Of the frames: the pack's native size, trimmed to the hero's ratio."""
        return self._request.shot.size

    @property
    def frame_rate(self) -> Fraction:
        """Of the clip."""
        return self._request.frame_rate

    @property
    def scores(self) -> tuple[Score, ...]:
        """See `Take`: none."""
        return ()

    @property
    def applied_strength(self) -> float:
        """See `Take`."""
        return self._request.strength

    @property
    def hero(self) -> HeroPicture:
        """See `Take`."""
        return self._clip.hero

    @property
    def asked(self) -> Asked:
        """See `Take`: the way that the engine `previz` would take, which stands for direction and amount.

        A clip that ends at the hero goes there and comes back, as a loop does.
        """
        clip = self._clip
        if clip.last is not None and np.array_equal(clip.last, clip.hero.image):
            clip = replace(clip, motion=replace(clip.motion, repeat=Repeat.LOOP))
        return nominal(clip)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """See `Take`; complete once the frames were made."""
        return tuple(self._findings)

    @property
    def details(self) -> dict[str, str]:
        """How the clip is made, for its provenance."""
        return self._maker.details(self._request)

    def frames(self, work: Work) -> Iterator[Rgb16]:
        """Frames, shape (height, width, 3), 0 to 65535; all are made before the first is given.

        The first is the hero as the model gives it back. It is not replaced by the hero itself, which would be sharper than
        the second frame and flash; how far the two are apart is a finding.

        Raises:
            Cancelled: `work.check` said so.
        """
        made, count = self._maker.make(self._request, work), self._clip.frame_count
        self._findings += _ends(self._request, made, self.size)
        for index, frame in enumerate(made[:count]):
            work.check()
            work.progress("writing", 0.9 + 0.1 * (index + 1) / count)
            yield np.rint(np.clip(frame, 0, 1) * _FULL).astype(np.uint16)


def _unread(maker: ClipMaker, clip: ClipRequest) -> list[Finding]:
    """That a prompt was of no use to a pack which reads no text."""
    if maker.prompted or not clip.prompt:
        return []
    text = f"{maker.installed.pack.pack} reads no words: it is told how strong the motion is, and chooses the motion itself"
    return [Finding(Severity.INFO, "PROMPT_NOT_USED", text)]


def _unjoined(maker: ClipMaker, clip: ClipRequest) -> list[Finding]:
    """That a clip begins with the hero, and ends where the model comes to, where nothing is said of its end."""
    if clip.motion.repeat is Repeat.ONCE or clip.last is not None:
        return []
    why = "was given no last frame" if maker.takes_last_frame else "is given a first frame and no last one"
    text = f"{maker.installed.pack.pack} {why}, so the last frame does not join the first"
    return [Finding(Severity.WARNING, "MOTION_SIMPLIFIED", text)]


def _ends(request: MotionRequest, made: Floats, size: PixelSize) -> list[Finding]:
    """How far the ends of a clip are from the pictures that were given for them."""
    near = _likeness(request.picture, made[0], size)
    found = [
        Finding(_grave(near), "FIRST_FRAME_LIKENESS", f"The first frame is {near:.1f} dB from the hero."),
    ]
    if request.last is not None:
        near = _likeness(request.last, made[-1], size)
        text = f"The last frame is {near:.1f} dB from the picture that it was to be."
        found.append(Finding(_grave(near), "LAST_FRAME_LIKENESS", text))
    return found


def _grave(likeness: float) -> Severity:
    return Severity.INFO if likeness >= ANCHORED_DB else Severity.WARNING


def _likeness(wanted: Rgb8, frame: Floats, size: PixelSize) -> float:
    """PSNR of a frame, in decibels, at most 100."""
    aim = resized(wanted, size).astype(np.float32) / 255
    error = float(np.mean((aim - np.clip(frame, 0, 1)) ** 2))
    return float(10 * np.log10(1 / max(error, 1e-10)))
