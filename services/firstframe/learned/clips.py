"""Clips of a still."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from firstframe.core.errors import InvalidInput
from firstframe.core.media import Finding, Rgb8, Severity
from firstframe.learned import prompts
from firstframe.learned.clip_classes import class_of
from firstframe.learned.fitting import check_made, fitted, trimmed
from firstframe.learned.native import NativeShot, check_frames
from firstframe.learned.pipelines import InstalledPipeline
from firstframe.learned.runs import Work, generators, run

_MOTION_BUCKETS = 255
"""SVD was trained with motion told as a number from 1 to this."""


@dataclass(frozen=True, slots=True, eq=False)
class MotionRequest:
    """A clip to make; checked for ranges."""

    picture: Rgb8
    shot: NativeShot
    frames: int
    frame_rate: Fraction
    seed: int
    prompt: str = ""
    negative_prompt: str = ""
    strength: float = 0.5
    """How much motion there is, 0 to 1, where the pack has a way to be told."""
    steps: int = 0
    """Denoising steps; 0 for the pack's own."""
    last: Rgb8 | None = None
    """What the last frame shows, of the picture's size."""


Pictures = Mapping[str, Image.Image]
"""`first`, and `last` where the last frame is given, at the size that the pipeline makes."""


def _begun(pictures: Pictures, _: MotionRequest) -> dict[str, Any]:
    return {"image": pictures["first"]}


def _with_last_image(pictures: Pictures, _: MotionRequest) -> dict[str, Any]:
    return {"image": pictures["first"], "last_image": pictures["last"]}


def _with_conditions(pictures: Pictures, request: MotionRequest) -> dict[str, Any]:
    """As conditions: of a list of pictures without a list of clips beside it, the library takes the first alone."""
    from diffusers.pipelines.ltx.pipeline_ltx_condition import LTXVideoCondition

    places = (("first", 0), ("last", request.frames - 1))
    return {"conditions": [LTXVideoCondition(image=pictures[name], frame_index=at) for name, at in places]}


@dataclass(frozen=True, slots=True)
class _Ending:
    """How a class of pipelines is given a last frame."""

    given: Callable[[Pictures, MotionRequest], dict[str, Any]]
    class_name: str = ""
    """The class that takes it, made of the same parts; empty where it is the pack's own."""


_ENDINGS: Mapping[str, _Ending] = {
    "LTXImageToVideoPipeline": _Ending(_with_conditions, "LTXConditionPipeline"),
    "WanImageToVideoPipeline": _Ending(_with_last_image),
}


def _svd(request: MotionRequest) -> dict[str, Any]:
    bucket = 1 + round(request.strength * (_MOTION_BUCKETS - 1))
    return {"fps": round(float(request.frame_rate)), "motion_bucket_id": bucket}


def _ltx(request: MotionRequest) -> dict[str, Any]:
    return {"frame_rate": float(request.frame_rate)}


_EXTRA: Mapping[str, Callable[[MotionRequest], dict[str, Any]]] = {
    "StableVideoDiffusionPipeline": _svd,
    "LTXImageToVideoPipeline": _ltx,
}
"""What a class of pipelines is told of a request beyond what all are."""


class ClipMaker:
    """Makes clips with one pack.

    Args:
        installed: The pack.

    Raises:
        Unsupported: `MODEL_CLASS`, its pipeline makes no clips of stills, or nobody has written down how it is told to.
    """

    def __init__(self, installed: InstalledPipeline) -> None:
        self.installed = installed
        self._told = class_of(installed.pack.pack, installed.pipeline)

    @property
    def prompted(self) -> bool:
        """Whether the pack reads text."""
        return self._told.prompted

    @property
    def takes_last_frame(self) -> bool:
        """Whether the pack can be given what the last frame shows."""
        return self._told.ends and self.installed.pipeline.last_frame

    def check(self, request: MotionRequest) -> None:
        """Holds a request against the pack before any work.

        Raises:
            InvalidInput: The pack cannot do what is asked for.
        """
        check_frames(self.installed.pack, request.frames, request.frame_rate)
        for name, text in (("prompt", request.prompt), ("negative_prompt", request.negative_prompt)):
            if text and not self._told.prompted:
                raise InvalidInput.at(f"motion.{name}", f"{self.installed.pack.pack} reads no text", "leave it out")
        if request.negative_prompt and not self._told.compared:
            problem = f"has no effect on {self.installed.pack.pack}"
            raise InvalidInput.at("motion.negative_prompt", problem, "leave it out")
        if request.last is not None and not self.takes_last_frame:
            problem = f"{self.installed.pack.pack} is given a first frame and no last one"
            raise InvalidInput.at("last_frame", problem, "leave it out, or take a pack that is given one")

    def make(self, request: MotionRequest, work: Work) -> NDArray[np.float32]:
        """Makes one clip.

        Returns:
            Frames of the format's exact ratio at the pack's native size, shape (frames, height, width, 3), 0 to 1.

        Raises:
            InvalidInput: The pack cannot do what is asked for.
            FirstframeError: See `Inference`; or what `work.check` raises.
        """
        self.check(request)
        ending = self._ending(request)
        pipeline = self.installed.factory.make(work.check, class_name=ending.class_name if ending else "")
        frames: NDArray[np.float32] = run(pipeline, work, self._arguments(request))[0]
        check_made(frames, request.shot.made, request.frames)
        return trimmed(frames, request.shot.kept)

    def findings(self, request: MotionRequest) -> tuple[Finding, ...]:
        """What is to be told about a clip before it is made."""
        reasons = tuple(Finding(Severity.INFO, "NATIVE_SIZE", reason) for reason in request.shot.reasons)
        if not self.prompted:
            return reasons
        pipeline = self.installed.factory.make()
        return reasons + prompts.findings_of(pipeline, request.prompt, self.installed.pipeline.arguments)

    def details(self, request: MotionRequest) -> dict[str, str]:
        """How a clip is made, for its provenance."""
        own = self.installed.pipeline
        return {
            "pack": self.installed.pack.pack,
            "weights": self.installed.digest,
            "seed": str(request.seed),
            "steps": str(request.steps or own.steps),
            "guidance": f"{own.guidance:g}",
            "made": f"{request.shot.made.width}x{request.shot.made.height}",
        }

    def _ending(self, request: MotionRequest) -> _Ending | None:
        """How a last frame is given; None where none is to be."""
        return None if request.last is None else _ENDINGS[self.installed.pipeline.class_name]

    def _pictures(self, request: MotionRequest) -> dict[str, Any]:
        given = {"first": ("hero", request.picture), "last": ("last_frame", request.last)}
        pictures = {
            name: Image.fromarray(fitted(picture, request.shot, field=field))
            for name, (field, picture) in given.items()
            if picture is not None
        }
        ending = self._ending(request)
        return (ending.given if ending else _begun)(pictures, request)

    def _arguments(self, request: MotionRequest) -> dict[str, Any]:
        own = self.installed.pipeline
        arguments: dict[str, Any] = {
            **own.arguments,
            **self._pictures(request),
            "width": request.shot.made.width,
            "height": request.shot.made.height,
            "num_frames": request.frames,
            "num_inference_steps": request.steps or own.steps,
            own.guidance_argument: own.guidance,
            "generator": generators([request.seed]),
        }
        if extra := _EXTRA.get(self.installed.pipeline.class_name):
            arguments |= extra(request)
        if self._told.prompted:
            arguments |= {"prompt": request.prompt, "negative_prompt": request.negative_prompt or None}
        return arguments
