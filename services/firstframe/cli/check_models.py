"""What installed model packs tell of a picture before it is checked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from firstframe.core.errors import FirstframeError
from firstframe.core.media import Rgb8
from firstframe.imaging.learned_matte import MATTING
from firstframe.packs.installed import InstalledPack
from firstframe.packs.shelf import ModelShelf, find_shelf
from firstframe.ports.inference import Inference
from firstframe.preflight.models import FACES, find_faces, find_matte
from firstframe.preflight.still import NOBODY_LOOKED, Faces, Floats

Found = TypeVar("Found")


class CheckModels:
    """Models that may help with a check.

    Args:
        wanted: Whether they may be used at all.
    """

    def __init__(self, *, wanted: bool) -> None:
        self._shelf = _shelf() if wanted else None
        self._wanted = wanted

    def matte(self, picture: Rgb8) -> Floats | None:
        """The subject's matte; None where the pack is not installed or cannot run here."""
        pack = self._installed(MATTING)
        try:
            return None if pack is None else _asked(pack, lambda models: find_matte(picture, models))
        except FirstframeError:
            return None

    def faces(self, picture: Rgb8) -> Faces:
        """Faces, or why nobody looked for them."""
        if not self._wanted:
            return Faces(None, "faces were not looked for", "leave --quick out")
        pack = self._installed(FACES)
        if pack is None:
            return NOBODY_LOOKED
        try:
            return Faces(_asked(pack, lambda models: find_faces(picture, models)))
        except FirstframeError as error:
            return Faces(None, "the detector of faces could not run", error.message)

    def _installed(self, name: str) -> InstalledPack | None:
        if self._shelf is None:
            return None
        try:
            return self._shelf.home.find(self._shelf.get(name))
        except FirstframeError:
            return None


def _shelf() -> ModelShelf | None:
    """The packs; None where this installation has none."""
    try:
        return find_shelf(None, None)
    except FirstframeError:
        return None


def _asked(pack: InstalledPack, question: Callable[[Inference], Awaitable[Found]]) -> Found:
    from firstframe.adapters.embedded import EmbeddedInference

    async def ask() -> Found:
        models = EmbeddedInference(pack.served())
        try:
            return await question(models)
        finally:
            await models.close()

    return asyncio.run(ask())
