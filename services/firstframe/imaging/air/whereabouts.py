"""Where in a hero an atmosphere belongs: by the names of a generated set, by its owner's mask, or by looking at it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import Grey8, HeroPicture, LayerRole
from firstframe.core.motion import Atmosphere
from firstframe.core.regions import BACKGROUND, SKY, SUBJECT, own_region
from firstframe.imaging.air.looking import LEAST_CONFIDENCE, find_foliage, find_sky, find_water
from firstframe.imaging.air.surfaces import shown_layer

Floats = NDArray[np.float32]

LEAST_SHARE = 0.002
"""Share of the hero below which a region is not there."""

_TRACE = 0.01
"""From which a pixel has something of the subject in it; its layer tells how much."""
_KINDS = {
    Atmosphere.WATER: ("water", "sea", "lake", "river", "pool"),
    Atmosphere.FOLIAGE: ("sprig", "twigs", "tuft", "reeds", "leaf", "leaves", "grass", "plant", "tree"),
    Atmosphere.CLOTH: ("linen", "cloth", "curtain", "drape", "flag", "veil"),
    Atmosphere.CLOUDS: (SKY,),
}
"""Words by which the objects of a set are known that an atmosphere needs; others may be anywhere."""
_NAMES = {
    Atmosphere.WATER: "water",
    Atmosphere.FOLIAGE: "foliage",
    Atmosphere.CLOTH: "cloth",
    Atmosphere.CLOUDS: "sky",
}
_LOOKING = {Atmosphere.WATER: find_water, Atmosphere.FOLIAGE: find_foliage, Atmosphere.CLOUDS: find_sky}


@dataclass(frozen=True, slots=True, eq=False)
class Whereabouts:
    """Where an atmosphere is."""

    levels: Floats | None
    """Over the hero, 0 to 1, shape (height, width); None for the whole."""
    subject_too: bool = False
    """Whether it may move the subject."""
    missing: str = ""
    """What was looked for and not found, as a sentence; empty when it was found."""
    sure: float | None = None
    """How sure it is, 0 to 1, where it was found by looking."""


def known_regions(hero: HeroPicture) -> tuple[str, ...]:
    """What a region may be called in a hero."""
    return tuple(dict.fromkeys((*hero.regions, *hero.object_names, SKY, SUBJECT, BACKGROUND)))


def named(region: str, hero: HeroPicture) -> bool:
    """Whether a hero may have a region of that name."""
    return region in (SKY, SUBJECT, BACKGROUND, *hero.regions) or bool(_objects(region, hero))


def drawn(kind: Atmosphere, region: str, hero: HeroPicture) -> Grey8 | None:
    """The owner's mask of the region that an atmosphere is to be in, or else of the one of its own name; None without one."""
    names = [region] if region else [own_region(kind), *([SKY] if kind is Atmosphere.CLOUDS else [])]
    return next((hero.regions[name] for name in names if name in hero.regions), None)


def whereabouts(kind: Atmosphere, region: str, mask: Grey8 | None, hero: HeroPicture) -> Whereabouts:
    """Where an atmosphere is in a hero.

    Args:
        kind: The atmosphere.
        region: A name that the hero may have; empty for what suits it.
        mask: The owner's, of the hero's size; goes before all else, and before the hero's own regions.
        hero: The still as it was given, with all of its layers.
    """
    mask = drawn(kind, region, hero) if mask is None else mask
    if mask is not None:
        return _by_hand(kind, (mask / 255).astype(np.float32), hero)
    if region == SUBJECT:
        return _subject(hero)
    if region:
        return _region(region, hero)
    return _suiting(kind, hero) if kind in _KINDS else Whereabouts(None)


def subject_levels(hero: HeroPicture) -> Floats:
    """How much of each pixel is the subject, 0 to 1: of its layer, or else of the matte."""
    bleed, size = hero.layers.bleed_px, hero.size
    covered = np.zeros((size.height, size.width), np.float32)
    for layer in hero.layers.layers:
        alpha = layer.rgba[bleed : bleed + size.height, bleed : bleed + size.width, 3].astype(np.float32) / 255
        own = alpha if layer.role is LayerRole.SUBJECT else np.float32(0)
        covered = np.maximum(covered * (1 - alpha), own).astype(np.float32)
    if not covered.any() and hero.matte is not None:
        covered = (hero.matte / 255).astype(np.float32)
    return covered


def _by_hand(kind: Atmosphere, levels: Floats, hero: HeroPicture) -> Whereabouts:
    """What the owner has drawn; light may fall on the subject, what moves a picture leaves it alone."""
    if kind in _KINDS:
        return _bound(levels, "", hero, "the mask is empty where the subject is not")
    if levels.mean() < LEAST_SHARE:
        return Whereabouts(None, missing="the mask is empty")
    return Whereabouts(levels, subject_too=True)


def _subject(hero: HeroPicture) -> Whereabouts:
    levels = subject_levels(hero)
    if levels.mean() < LEAST_SHARE:
        return Whereabouts(None, missing="no subject was found; give a hero with a matte")
    return Whereabouts((levels > _TRACE).astype(np.float32), subject_too=True)


def _region(region: str, hero: HeroPicture) -> Whereabouts:
    if region == SKY:
        return _suiting(Atmosphere.CLOUDS, hero)
    if region == BACKGROUND:
        return _bound((shown_layer(hero) == 0).astype(np.float32), "", hero, "no background is seen")
    return _bound(_shown(_objects(region, hero), hero), region, hero, f"nothing is seen of {region}")


def _suiting(kind: Atmosphere, hero: HeroPicture) -> Whereabouts:
    """What an atmosphere needs, by the words of a set or by looking at a photograph."""
    name = _NAMES[kind]
    advice = f"no {name} was found; give a hero with {name}, a mask, or a region"
    if hero.objects is not None:
        words = _KINDS[kind]
        levels = _sky(hero) if kind is Atmosphere.CLOUDS else _shown(_with_words(words, hero), hero)
        return _bound(levels, "", hero, advice)
    look = _LOOKING.get(kind)
    if look is None:
        return Whereabouts(None, missing=advice)
    levels, confidence = look(hero.image)
    if confidence < LEAST_CONFIDENCE:
        return Whereabouts(None, missing=f"{advice} (confidence {confidence:.2f} of {LEAST_CONFIDENCE:.2f})")
    return replace(_bound(levels, "", hero, advice), sure=confidence)


def _bound(levels: Floats, region: str, hero: HeroPicture, missing: str) -> Whereabouts:
    """A region without the subject, unless what is named is the subject's own."""
    own = region and (levels * subject_levels(hero)).sum() > 0.9 * max(float(levels.sum()), 1.0)
    free = levels if own else levels * (1 - subject_levels(hero))
    if free.mean() < LEAST_SHARE:
        return Whereabouts(None, missing=missing)
    return Whereabouts(free.astype(np.float32), subject_too=bool(own))


def _objects(region: str, hero: HeroPicture) -> list[int]:
    """Numbers of the objects of that name, or of that name and a number."""
    pattern = re.compile(rf"{re.escape(region)}( \d+)?")
    return [index for index, name in enumerate(hero.object_names, start=1) if pattern.fullmatch(name)]


def _with_words(words: Sequence[str], hero: HeroPicture) -> list[int]:
    return [index for index, name in enumerate(hero.object_names, start=1) if set(name.split()) & set(words)]


def _shown(objects: Sequence[int], hero: HeroPicture) -> Floats:
    """Where a hero shows one of some objects."""
    if hero.objects is None:
        return np.zeros(hero.image.shape[:2], np.float32)
    return np.isin(hero.objects, objects).astype(np.float32)


def _sky(hero: HeroPicture) -> Floats:
    """What is no object of a set, and reaches its upper edge."""
    free = (np.zeros(hero.image.shape[:2]) if hero.objects is None else hero.objects == 0).astype(np.uint8)
    _, labels = cv2.connectedComponents(free)
    tops = np.unique(labels[0][free[0] > 0])
    return np.isin(labels, tops[tops > 0]).astype(np.float32)
