"""The engine `diffusers`: heroes of a prompt, or of a prompt and a picture, by a model pack."""

from __future__ import annotations

from dataclasses import replace

from firstframe.core.media import HeroPicture, PixelSize
from firstframe.imagegen.engines import PromptRequest, Work
from firstframe.imagegen.mattes import Mattes
from firstframe.imagegen.photo_subject import Known, find
from firstframe.imagegen.photograph import hero_of
from firstframe.imagegen.reframe import Reframe
from firstframe.learned.native import format_of, native_of
from firstframe.learned.stills import StillMaker, StillRequest

VERSION = "2"
"""Part of every content key: to be raised whenever the same request may give another picture."""


class DiffusersEngine:
    """Makes heroes with one pack.

    Args:
        maker: The pack, its modules served wherever they are.
        mattes: What learned models tell of what was made.
    """

    def __init__(self, maker: StillMaker, mattes: Mattes | None = None) -> None:
        self._maker = maker
        self._mattes = mattes or Mattes()

    @property
    def version(self) -> str:
        """`VERSION`, the pack with what it says of its pipeline, and its weights: others make another picture."""
        own = f"{VERSION}-{self._maker.installed.version}"
        return "+".join(filter(None, (own, self._mattes.version)))

    @property
    def models(self) -> frozenset[str]:
        """See `PromptEngine`."""
        return frozenset(self._maker.installed.pack.served_names())

    @property
    def sizes(self) -> tuple[PixelSize, ...]:
        """See `PromptEngine`."""
        return tuple(PixelSize(*size) for size in native_of(self._maker.installed.pack).sizes.values())

    def check(self, request: PromptRequest, *, from_picture: bool) -> None:
        """See `PromptEngine`."""
        self._maker.check(_still(request), from_picture=from_picture)

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
        known = Known(mattes=self._mattes, check=work.check)
        found = find(still.image, known)
        hero = hero_of(still.image, found, size=PixelSize(width, height), reframe=Reframe.CROP, known=known)
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
