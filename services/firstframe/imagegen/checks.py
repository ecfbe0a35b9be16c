"""Heroes before they move: read back from the store, checked as planned, each check with its picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from firstframe.core.errors import InvalidInput
from firstframe.core.media import HeroPicture, LayerImage, LayerPictures, PixelRect, PixelSize, Rgb8
from firstframe.core.references import HeroReference, PictureReference
from firstframe.imagegen.engines import Work
from firstframe.imagegen.label_place import type_area
from firstframe.imaging import png
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
        hero = read_hero(wanted.hero, self._store, work.check)
        work.progress("measuring", _READ)
        printed = self._printed(wanted.hero, work)
        still = still_of_hero(hero, copy=wanted.copy, printed=printed, faces=self._looked(hero.image, work))
        return tuple(self._drawn(examine(still, wanted.plan).checks, work))

    def _printed(self, hero: HeroReference, work: Work) -> tuple[PixelRect, ...]:
        """Where the set's own label has type on it."""
        if hero.objects is None or LABEL not in hero.object_names:
            return ()
        objects = read_picture(hero.objects, hero.size, png.GREY, self._store, work.check)
        area = type_area(objects == hero.object_names.index(LABEL) + 1)
        return () if area is None else (area,)

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


def read_hero(hero: HeroReference, store: BlobStore, check: Callable[[], None]) -> HeroPicture:
    """Reads a hero's still, layers and matte.

    Args:
        hero: What to read.
        store: Where from.
        check: Called before each picture; raises to stop.

    Raises:
        InvalidInput: A picture is not the PNG that the request says it is. Else raises as `BlobStore.get_bytes`.
    """

    def read(reference: PictureReference, size: PixelSize, colour_type: int) -> Rgb8:
        return read_picture(reference, size, colour_type, store, check)

    layers = [
        LayerImage(layer.role, read(layer.picture, hero.layer_size, png.RGBA), layer.depth_m) for layer in hero.layers
    ]
    return HeroPicture(
        image=read(hero.image, hero.size, png.RGB),
        layers=LayerPictures(tuple(layers), hero.bleed_px, hero.horizontal_fov_deg, hero.confidence),
        inverse_depth=None,
        matte=None if hero.matte is None else read(hero.matte, hero.size, png.GREY),
        subject=hero.subject,
    )


def read_picture(
    picture: PictureReference, size: PixelSize, colour_type: int, store: BlobStore, check: Callable[[], None]
) -> Rgb8:
    """Reads one picture of a hero; see `read_hero`.

    Args:
        picture: What to read.
        size: Size that it must have.
        colour_type: As `firstframe.imaging.png` names it.
        store: Where from.
        check: Called first; raises to stop.
    """
    check()
    data = store.get_bytes(picture.digest, max_bytes=png.most_bytes(size, colour_type))
    if len(data) != picture.size_bytes:
        problem = f"says {picture.size_bytes} bytes, the artifact has {len(data)}"
        raise InvalidInput.at(f"{picture.field}.size_bytes", problem, "send the reference as the stage gave it")
    return png.decoded(data, picture.field, size, colour_type)


def jpeg(picture: Rgb8) -> bytes:
    """A picture as JPEG without metadata; the same pixels give the same bytes."""
    import cv2

    _, data = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return bytes(data)
