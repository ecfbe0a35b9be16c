"""The engine `diffusers`: heroes of a prompt, or of a prompt and a picture, by a model pack."""

from __future__ import annotations

from dataclasses import dataclass, replace

from firstframe.core.media import HeroPicture, PixelSize, Rgb8
from firstframe.imagegen.engines import Work
from firstframe.imagegen.photograph import Reframe, ingest
from firstframe.learned.native import format_of
from firstframe.learned.stills import StillMaker, StillRequest

NAME = "diffusers"
VERSION = "1"
"""Part of every content key: to be raised whenever the same request may give another picture."""


@dataclass(frozen=True, slots=True, eq=False)
class PromptRequest:
    """A hero to make of a prompt; checked for ranges."""

    prompt: str
    size: PixelSize
    """Tells the format; the hero has its exact ratio at the native size of the pack, which may be less."""
    seed: int
    negative_prompt: str = ""
    steps: int = 0
    """Denoising steps; 0 for the pack's own."""
    guidance: float | None = None
    """None for the pack's own."""
    reference: Rgb8 | None = None
    """A picture of the format's ratio to start from."""
    strength: float = 0.6
    """How much of the reference is given up, 0 to 1."""


class DiffusersEngine:
    """Makes heroes with one pack.

    Args:
        maker: The pack, its modules served wherever they are.
    """

    def __init__(self, maker: StillMaker) -> None:
        self._maker = maker

    @property
    def version(self) -> str:
        """`VERSION`, the pack and its weights: other weights make another picture."""
        installed = self._maker.installed
        return f"{VERSION}-{installed.pack.pack}-{installed.digest[:16]}"

    def warm(self) -> None:
        """Reads configurations and tokenizers, so that the first request does not wait for them."""
        self._maker.installed.factory.make()

    def render(self, request: PromptRequest, work: Work) -> HeroPicture:
        """Makes one hero, taken apart into layers as a photograph is.

        Raises:
            InvalidInput: The pack cannot do what is asked for.
            FirstframeError: See `Inference`; or what `work.check` raises.
        """
        still = self._maker.make(_still(request), work)
        work.check()
        work.progress("taking the picture apart", 0.92)
        height, width = still.image.shape[:2]
        hero = ingest(
            b"", size=PixelSize(width, height), reframe=Reframe.CROP, focus=None, decode=lambda _: still.image
        )
        return replace(hero, findings=still.findings + hero.findings, details=hero.details | still.details)


def _still(request: PromptRequest) -> StillRequest:
    return StillRequest(
        prompt=request.prompt,
        format_name=format_of(request.size),
        seed=request.seed,
        negative_prompt=request.negative_prompt,
        steps=request.steps,
        guidance=request.guidance,
        reference=request.reference,
        strength=request.strength,
    )
