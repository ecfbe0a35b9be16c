"""Heroes before they move: checked as planned, each check with its picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from firstframe.core.media import HeroPicture, PixelRect, Rgb8
from firstframe.core.references import HeroReference
from firstframe.heroes.reading import read_hero
from firstframe.imagegen.engines import Work
from firstframe.imagegen.label_place import type_area
from firstframe.imaging.preflight.faces import Face
from firstframe.ports.blobstore import BlobStore
from firstframe.preflight import VERSION
from firstframe.preflight.plan import ShotPlan
from firstframe.preflight.still import NOBODY_LOOKED, Faces
from firstframe.preflight.verdict import Check
from firstframe.sets.bottle import LABEL

ENGINE = "preflight"
JPEG_TYPE = "image/jpeg"
_QUALITY = 88
_READ, _MEASURED = 0.15, 0.5
"""Shares of the work that are done when the hero is read, and when everything is measured."""


@dataclass(frozen=True, slots=True)
class CheckPlan:
    """A hero to check, and what is planned for it; decoded."""

    hero: HeroReference
    plan: ShotPlan
    copy: tuple[PixelRect, ...]


class FaceFinder(Protocol):
    """Finds faces by a model."""

    @property
    def version(self) -> str:
        """The models and their weights; empty without any."""

    def faces(self, picture: Rgb8, check: Callable[[], None] | None = None) -> tuple[Face, ...] | None:
        """Faces in a picture, None without a model; raises what `firstframe.ports.inference.Inference` does."""


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """A check and the picture that shows it."""

    check: Check
    overlay: bytes | None
    """JPEG."""


class HeroChecker:
    """Makes the checks.

    Args:
        store: Where heroes are.
        faces: Finds faces; None where no model does.
    """

    def __init__(self, store: BlobStore, faces: FaceFinder | None = None) -> None:
        self._store = store
        self._faces = faces

    @property
    def version(self) -> str:
        """Version of the checks, and of the models that they ask: what the verdicts depend on beside the request."""
        return "+".join(filter(None, (VERSION, self._faces.version if self._faces else "")))

    def check(self, wanted: CheckPlan, work: Work) -> tuple[Checked, ...]:
        """Makes every check of a hero.

        Raises:
            InvalidInput: A picture is not what the request says. Else as the store, the models and `work.check` raise.
        """
        # Pillow's fonts and the checks' tables are loaded by the first hero, not at the start.
        from firstframe.preflight.run import examine
        from firstframe.preflight.still import still_of_hero

        work.progress("reading the hero", 0.0)
        # None of the checks has a use of depth and regions.
        hero = read_hero(replace(wanted.hero, inverse_depth=None, regions=()), self._store, work.check)
        work.progress("measuring", _READ)
        faces = self._looked(hero.image, work)
        still = still_of_hero(hero, copy=wanted.copy, printed=_printed(hero), faces=faces)
        return tuple(self._drawn(examine(still, wanted.plan).checks, work))

    def _looked(self, picture: Rgb8, work: Work) -> Faces:
        found = self._faces.faces(picture, work.check) if self._faces else None
        return NOBODY_LOOKED if found is None else Faces(found)

    def _drawn(self, checks: Sequence[Check], work: Work) -> list[Checked]:
        drawn = []
        for at, check in enumerate(checks):
            work.progress("drawing", _MEASURED + (1 - _MEASURED) * at / len(checks))
            work.check()
            drawn.append(Checked(check, jpeg(check.overlay()) if check.overlay else None))
        return drawn


def _printed(hero: HeroPicture) -> tuple[PixelRect, ...]:
    """Where the set's own label has type on it."""
    if hero.objects is None or LABEL not in hero.object_names:
        return ()
    area = type_area(hero.objects == hero.object_names.index(LABEL) + 1)
    return () if area is None else (area,)


def jpeg(picture: Rgb8) -> bytes:
    """A picture as JPEG without metadata; the same pixels give the same bytes."""
    import cv2

    _, data = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return bytes(data)
