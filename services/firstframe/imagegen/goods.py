"""Products of callers: what is asked for, and how it becomes something that can stand on a set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from firstframe.core.errors import InvalidInput
from firstframe.core.media import Grey8, Rgb8
from firstframe.core.solids import Solid
from firstframe.imagegen.mattes import Mattes
from firstframe.sets.cutouts import Cutout, of_alpha, of_matte
from firstframe.sets.description import ModelNote
from firstframe.sets.product_cutout import CutoutProduct
from firstframe.sets.product_mesh import Finish, ModelProduct, UpAxis

VERSION = "3"
"""Part of the content keys of sets with such a product: to be raised when the same one may give another picture, or more."""
MODEL_FIELD = "set.model.mesh"
CUTOUT_FIELD = "set.cutout.image"
MATTE_FIELD = "set.cutout.matte"


class Matte(Enum):
    """How a product is told from its background."""

    AUTO = "auto"
    ALPHA = "alpha"
    LEARNED = "learned"


@dataclass(frozen=True, slots=True)
class ModelWish:
    """A model to put on a set; checked, but for its file."""

    digest: str
    size_bytes: int
    up: UpAxis
    turn_deg: float
    height_m: float
    finish: Finish

    field = MODEL_FIELD

    @property
    def note(self) -> ModelNote:
        """What is kept of it beside the hero."""
        return ModelNote(self.digest, self.size_bytes, self.up, self.turn_deg, self.height_m, self.finish)

    def product(self, solid: Solid) -> ModelProduct:
        """The product that the file gives."""
        return self.note.product(solid)


@dataclass(frozen=True, slots=True)
class CutoutWish:
    """A cut-out to put on a set; checked, but for its file."""

    digest: str
    size_bytes: int
    matte: Matte
    height_m: float

    field = CUTOUT_FIELD

    def product(self, picture: Rgb8, alpha: Grey8 | None, mattes: Mattes, check: Callable[[], None]) -> CutoutProduct:
        """The product that the picture gives.

        Raises:
            InvalidInput: It has no product, or nothing that tells it from its background.
            FirstframeError: See `firstframe.ports.inference.Inference`.
        """
        return CutoutProduct(self._cut(picture, alpha, mattes, check), self.height_m)

    def _cut(self, picture: Rgb8, alpha: Grey8 | None, mattes: Mattes, check: Callable[[], None]) -> Cutout:
        if alpha is not None and self.matte is not Matte.LEARNED:
            return of_alpha(picture, alpha, field=CUTOUT_FIELD)
        if self.matte is Matte.ALPHA:
            fix = "export a PNG with a transparent background, or take the learned matte"
            raise InvalidInput.at(CUTOUT_FIELD, "has no transparency", fix)
        found = mattes.matte(picture, check)
        if found is None:
            fix = "use a picture with a transparent background, or a server with the pack"
            raise InvalidInput.at(MATTE_FIELD, "is the learned one, and this server has no pack isnet-matting", fix)
        return of_matte(picture, found, field=CUTOUT_FIELD)
