"""What learned models tell of a picture: its subject's matte, the faces in it. Without their packs nothing is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import cv2
import numpy as np

from firstframe.core.media import Rgb8
from firstframe.core.models import weights_version
from firstframe.imaging.learned_matte import INPUT, MATTING, OUTPUT, Floats, matte_of, matting_input
from firstframe.imaging.preflight.faces import DETECTOR, MESH, Face, search
from firstframe.ports.inference import BlockingInference

FACES = "face-landmarks"
PACKS = (MATTING, FACES)
"""Packs that are asked about pictures, where a server has them."""
_MODELS = {MATTING: (MATTING,), FACES: (DETECTOR, MESH)}
_FACES_PX = 1600
"""Longest side of the picture in which faces are looked for; the detector sees 128 pixels at a time."""


CUT = "2"
"""Changes whenever other layers are made of the same matte."""


class Mattes:
    """Asks the models of a server about pictures; for work in threads.

    Args:
        models: Runs the models; None where a server has none.
        digests: Digest of the weights by pack, of every pack that `models` has; others than `PACKS` are left out.
    """

    def __init__(self, models: BlockingInference | None = None, digests: Mapping[str, str] | None = None) -> None:
        known = digests if models is not None and digests else {}
        self._models = models
        self._digests = {name: known[name] for name in PACKS if name in known}

    @property
    def version(self) -> str:
        """What was asked, for the content key of whatever is made with it: `pack@digest` of each; empty without packs.

        With the pack of mattes also how layers are cut by them.
        """
        return "+".join(filter(None, (weights_version(self._digests), f"cut-{CUT}" if self.cuts() else "")))

    @property
    def models(self) -> frozenset[str]:
        """Names of the models that may be asked."""
        return frozenset(model for name in self._digests for model in _MODELS[name])

    def cuts(self) -> bool:
        """Whether `matte` has a model to ask."""
        return MATTING in self._digests

    def matte(self, picture: Rgb8, check: Callable[[], None] | None = None) -> Floats | None:
        """The subject's matte by `isnet-matting`.

        Args:
            picture: Shape (h, w, 3).
            check: Called a few times a second; raises to stop.

        Returns:
            0 to 1, shape (1024, 1024), over the whole picture stretched to a square; None without the pack.

        Raises:
            FirstframeError: See `firstframe.ports.inference.Inference`.
        """
        if self._models is None or MATTING not in self._digests:
            return None
        return matte_of(self._models.infer(MATTING, {INPUT: matting_input(picture)}, check=check)[OUTPUT])

    def faces(self, picture: Rgb8, check: Callable[[], None] | None = None) -> tuple[Face, ...] | None:
        """Faces by the models of `face-landmarks`, the surest first, in pixels of the picture; None without the pack.

        Args:
            picture: Shape (h, w, 3).
            check: Called a few times a second; raises to stop.

        Raises:
            FirstframeError: See `firstframe.ports.inference.Inference`.
        """
        if self._models is None or FACES not in self._digests:
            return None
        small, scale = _at_most(picture, _FACES_PX)
        asking = search(small)
        question = next(asking)
        while True:
            model, inputs = question
            try:
                question = asking.send(self._models.infer(model, inputs, check=check))
            except StopIteration as ended:
                found: tuple[Face, ...] = ended.value
                return tuple(_scaled(face, scale) for face in found)


def _at_most(picture: Rgb8, longest: int) -> tuple[Rgb8, float]:
    """The picture, shrunk where it is longer, and its own pixels per pixel of that."""
    scale = max(picture.shape[:2]) / longest
    if scale <= 1:
        return picture, 1.0
    size = max(round(picture.shape[1] / scale), 1), max(round(picture.shape[0] / scale), 1)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8), scale


def _scaled(face: Face, scale: float) -> Face:
    sides = {side: getattr(face, side) * scale for side in ("left", "top", "right", "bottom")}
    return replace(face, **sides)
