"""Stills of a prompt, and of a prompt and a picture."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image

from firstframe.core.errors import InvalidInput
from firstframe.core.media import Finding, Rgb8, Severity
from firstframe.learned import prompts
from firstframe.learned.fitting import check_made, fitted, trimmed
from firstframe.learned.native import NativeShot, native_shot
from firstframe.learned.pipelines import InstalledPipeline
from firstframe.learned.runs import END, Work, generators, run
from firstframe.packs.spec import Pipeline

FROM_PICTURE = {
    "FluxPipeline": "FluxImg2ImgPipeline",
    "QwenImagePipeline": "QwenImageImg2ImgPipeline",
    "StableDiffusionPipeline": "StableDiffusionImg2ImgPipeline",
    "StableDiffusionXLPipeline": "StableDiffusionXLImg2ImgPipeline",
}
"""The class that starts from a picture, by the one that starts from noise; both take the same parts."""
_DISTILLED = {"FluxPipeline"}
"""Guidance is an input of the model there: nothing is compared with a negative prompt."""


@dataclass(frozen=True, slots=True, eq=False)
class StillRequest:
    """A still to make; checked for ranges."""

    prompt: str
    format_name: str
    seed: int
    negative_prompt: str = ""
    steps: int = 0
    """Denoising steps; 0 for the pack's own."""
    guidance: float | None = None
    """How closely the prompt is followed; None for the pack's own."""
    reference: Rgb8 | None = None
    """A picture to start from, of the format's ratio."""
    strength: float = 0.6
    """How much of the reference is given up: 0 none of it, 1 all."""


@dataclass(frozen=True, slots=True, eq=False)
class Still:
    """What was made."""

    image: Rgb8
    """Of the format's exact ratio, at the pack's native size."""
    details: dict[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


class StillMaker:
    """Makes stills with one pack.

    Args:
        installed: The pack.
    """

    def __init__(self, installed: InstalledPipeline) -> None:
        self.installed = installed

    def check(self, request: StillRequest, *, from_picture: bool) -> None:
        """Holds a request against the pack before any work.

        Args:
            request: Its reference need not be there yet.
            from_picture: Whether there will be one.

        Raises:
            InvalidInput: The pack cannot do what is asked for.
        """
        native_shot(self.installed.pack, request.format_name, field="size")
        own = self.installed.pipeline
        self._class_name(from_picture=from_picture)
        if from_picture:
            _check_strength(request, request.steps or own.steps)
        if request.negative_prompt:
            self._check_negative(own.guidance if request.guidance is None else request.guidance)

    def make(self, request: StillRequest, work: Work) -> Still:
        """Makes one still.

        Raises:
            InvalidInput: The pack cannot do what is asked for.
            FirstframeError: See `Inference`; or what `work.check` raises.
        """
        shot = native_shot(self.installed.pack, request.format_name, field="size")
        arguments = self._arguments(request, shot)
        class_name = self._class_name(from_picture=request.reference is not None)
        pipeline = self.installed.factory.make(work.check, class_name=class_name)
        findings = prompts.findings_of(pipeline, request.prompt, arguments)
        made = run(pipeline, work, _understood(pipeline, arguments))
        check_made(made, shot.made, 1)
        work.progress("finishing", END)
        image = np.rint(np.clip(trimmed(made[0], shot.kept), 0, 1) * 255).astype(np.uint8)
        return Still(np.ascontiguousarray(image), self._details(request, arguments), _findings(shot) + findings)

    def _class_name(self, *, from_picture: bool) -> str:
        name = self.installed.pipeline.class_name
        if not from_picture:
            return name
        if name not in FROM_PICTURE:
            problem = f"{self.installed.pack.pack} does not start from a picture"
            raise InvalidInput.at("prompt.reference", problem, "leave it out, or take another pack")
        return FROM_PICTURE[name]

    def _arguments(self, request: StillRequest, shot: NativeShot) -> dict[str, Any]:
        own = self.installed.pipeline
        guidance = own.guidance if request.guidance is None else request.guidance
        arguments: dict[str, Any] = {
            **own.arguments,
            "prompt": request.prompt,
            "width": shot.made.width,
            "height": shot.made.height,
            "num_inference_steps": request.steps or own.steps,
            own.guidance_argument: guidance,
            "generator": generators([request.seed]),
        }
        if request.negative_prompt:
            self._check_negative(guidance)
            arguments["negative_prompt"] = request.negative_prompt
        if request.reference is not None:
            arguments |= _start(request, request.reference, shot, arguments["num_inference_steps"])
        return arguments

    def _check_negative(self, guidance: float) -> None:
        if guidance <= 1 or not compares_with_negative(self.installed.pipeline):
            problem = f"has no effect on {self.installed.pack.pack} at guidance {guidance:g}"
            raise InvalidInput.at(
                "prompt.negative_text", problem, "leave it out, or raise the guidance of a pack that uses it"
            )

    def _details(self, request: StillRequest, arguments: dict[str, Any]) -> dict[str, str]:
        return {
            "pack": self.installed.pack.pack,
            "weights": self.installed.digest,
            "seed": str(request.seed),
            "steps": str(arguments["num_inference_steps"]),
            "guidance": f"{arguments[self.installed.pipeline.guidance_argument]:g}",
            "made": f"{arguments['width']}x{arguments['height']}",
            **({"strength": f"{request.strength:g}"} if request.reference is not None else {}),
        }


def compares_with_negative(pipeline: Pipeline) -> bool:
    """Whether a negative prompt can have an effect on what a pipeline makes."""
    return pipeline.class_name not in _DISTILLED or pipeline.guidance_argument != "guidance_scale"


def _check_strength(request: StillRequest, steps: int) -> None:
    if int(steps * request.strength) < 1:
        problem = f"{request.strength:g} of {steps} steps is less than one"
        raise InvalidInput.at("prompt.strength", problem, f"give at least {1 / steps:.3g}")


def _start(request: StillRequest, reference: Rgb8, shot: NativeShot, steps: int) -> dict[str, Any]:
    _check_strength(request, steps)
    picture = Image.fromarray(fitted(reference, shot, field="prompt.reference"))
    return {"image": picture, "strength": request.strength}


def _understood(pipeline: Any, arguments: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401
    # Some pipelines that start from a picture take their size from it.
    if "width" in inspect.signature(type(pipeline).__call__).parameters:
        return arguments
    return {key: value for key, value in arguments.items() if key not in ("width", "height")}


def _findings(shot: NativeShot) -> tuple[Finding, ...]:
    return tuple(Finding(Severity.INFO, "NATIVE_SIZE", reason) for reason in shot.reasons)
