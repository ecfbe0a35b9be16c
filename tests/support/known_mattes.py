"""Mattes without a network."""

from __future__ import annotations

from collections.abc import Callable

from firstframe.core.media import Levels, Rgb8
from firstframe.imagegen.mattes import Mattes
from firstframe.imaging.preflight.faces import Face


class Models(Mattes):
    """Models with known answers."""

    def __init__(self, matte: Levels | None, *faces: Face) -> None:
        super().__init__()
        self._matte, self._faces = matte, faces

    def matte(self, picture: Rgb8, check: Callable[[], None] | None = None) -> Levels | None:
        if check is not None:
            check()
        return self._matte

    def faces(self, picture: Rgb8, check: Callable[[], None] | None = None) -> tuple[Face, ...]:
        return self._faces
