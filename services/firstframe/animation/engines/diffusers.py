"""The engine `diffusers`: clips of a hero by a model pack."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from firstframe.animation.effects import refuse_learned
from firstframe.animation.engines import ClipRequest, Work
from firstframe.animation.nominal import nominal
from firstframe.animation.scores import Score
from firstframe.core.media import Finding, HeroPicture, PixelSize, Rgb8, Severity
from firstframe.core.motion import Motion, Repeat
from firstframe.direction.compiler import compile_prompt
from firstframe.direction.families import physics_prompt
from firstframe.direction.words import strength_of
from firstframe.imaging.drift.asked import Asked
from firstframe.learned.clips import ClipMaker, MotionRequest
from firstframe.learned.fitting import resized
from firstframe.learned.native import format_of, native_of, native_shot
from firstframe.ports.video import Rgb16

VERSION = "2"
"""Part of every content key: to be raised whenever the same request may give other frames."""
ANCHORED_DB = 24.0
"""Likeness (PSNR) of first frame and hero below which a person is told."""
_FULL = 65535


class DiffusersAnimator:
    """Makes clips with one pack.

    Args:
        maker: The pack, its modules served wherever they are.
    """

    def __init__(self, maker: ClipMaker) -> None:
        self._maker = maker

    @property
    def version(self) -> str:
        """`VERSION`, the pack and its weights: other weights make other frames."""
        installed = self._maker.installed
        return f"{VERSION}-{installed.pack.pack}-{installed.digest[:16]}"

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

    def version_for(self, _motion: Motion) -> str:
        """See `Animator`."""
        return self.version

    def take(self, request: ClipRequest) -> DiffusersTake:
        """See `Animator`. A pack that reads text is told of camera and physics, not of the subject; another one of strength.

        Raises:
            InvalidInput: The pack cannot do what is asked for; nothing was rendered.
        """
        refuse_learned(request.motion, self._maker.installed.pack.pack)
        pack = self._maker.installed.pack
        shot = native_shot(pack, format_of(request.hero.size, field="hero.size"), field="hero.size")
        seconds = float(request.frame_count / request.frame_rate)
        motion = MotionRequest(
            picture=request.hero.image,
            shot=shot,
            frames=request.frame_count,
            frame_rate=request.frame_rate,
            seed=request.seed,
            prompt=_told(request, seconds) if self._maker.prompted else "",
            negative_prompt=request.negative_prompt,
            strength=strength_of(request.motion, seconds),
            steps=request.steps,
        )
        self._maker.check(motion)
        return DiffusersTake(self._maker, motion, request)


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
        """See `Take`: the way that the engine `previz` would take, which stands for direction and amount."""
        return nominal(self._clip)

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
        made = self._maker.make(self._request, work)
        self._findings.append(_anchor(self._request.picture, made[0], self.size))
        for index, frame in enumerate(made):
            work.check()
            work.progress("writing", 0.9 + 0.1 * (index + 1) / len(made))
            yield np.rint(np.clip(frame, 0, 1) * _FULL).astype(np.uint16)


def _told(request: ClipRequest, seconds: float) -> str:
    return physics_prompt(compile_prompt(request.prompt, seconds), request.motion)


def _unread(maker: ClipMaker, clip: ClipRequest) -> list[Finding]:
    """That a prompt was of no use to a pack which reads no text."""
    if maker.prompted or not clip.prompt:
        return []
    text = f"{maker.installed.pack.pack} reads no words: it is told how strong the motion is, and chooses the motion itself"
    return [Finding(Severity.INFO, "PROMPT_NOT_USED", text)]


def _unjoined(maker: ClipMaker, clip: ClipRequest) -> list[Finding]:
    """That a clip begins with the hero, and ends where the model comes to: no pack here is given a last frame."""
    if clip.motion.repeat is Repeat.ONCE:
        return []
    text = (
        f"{maker.installed.pack.pack} is given a first frame and no last one, so the last frame does not join the first"
    )
    return [Finding(Severity.WARNING, "MOTION_SIMPLIFIED", text)]


def _anchor(hero: Rgb8, first: np.ndarray[tuple[int, ...], np.dtype[np.float32]], size: PixelSize) -> Finding:
    wanted = resized(hero, size).astype(np.float32) / 255
    error = float(np.mean((wanted - np.clip(first, 0, 1)) ** 2))
    likeness = 10 * np.log10(1 / max(error, 1e-10))
    severity = Severity.INFO if likeness >= ANCHORED_DB else Severity.WARNING
    return Finding(severity, "FIRST_FRAME_LIKENESS", f"The first frame is {likeness:.1f} dB from the hero.")
