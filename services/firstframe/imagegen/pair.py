"""Heroes of two photographs: two people side by side before one backdrop, each a layer of their own.

What is approved is what moves: effects on two people begin with a still that shows both. They are brought to one size of face,
one light, one tone and one grain; the backdrop is what was behind the first of them, out of focus as in a studio.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.errors import InvalidInput
from firstframe.core.media import (
    Finding,
    HeroPicture,
    LayerImage,
    LayerPictures,
    LayerRole,
    PixelRect,
    PixelSize,
    Rgb8,
    Severity,
)
from firstframe.imagegen.mattes import Mattes
from firstframe.imaging import fill, matting
from firstframe.imaging.learned_matte import MATTING
from firstframe.imaging.preflight.faces import Face
from firstframe.imaging.preflight.grain import noise
from firstframe.imaging.tones import Tone, ToneMatch, toned
from firstframe.render.layers import composite

Floats = NDArray[np.float32]

NEAR_M, FAR_M, BACKDROP_M = 2.0, 2.25, 4.5
CONFIDENCE = 0.85
_FACE, _FACE_HIGH = 0.21, 0.34
"""Width of a face at most, as a share of the frame's width and of its height."""
_HIGHEST, _LOWEST = 0.40, 0.56
"""Where the middle of both faces stands, as a share of the frame's height: lower where a body would end in the frame."""
_APART = 2.05
"""From the middle of one face to the other's, in widths of the face."""
_BLEED = 0.12
"""Of the frame's longer side: hair that the frame cuts comes into it when its owner leans over."""
_BELOW = 0.03
"""How far below the frame bodies have to reach, as a share of its height."""
_LARGER = 1.35
"""How much larger than usual faces may be, so that bodies reach the lower edge."""
_COLOUR = 0.55
"""Share of its colour that the backdrop keeps."""
_LEAST_GRAIN = 0.5
"""Of the backdrop, levels of 255: less shows bands."""
_SOFT = 0.035
"""Blur of the backdrop, as a share of the frame's longer side."""
_RIVAL = 0.6
_LENS_DEG = 40.0


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """Somebody in a photograph."""

    photo: Rgb8
    cover: Floats
    """How much of each pixel is the person, 0 to 1, shape (h, w)."""
    face: Face

    @property
    def middle(self) -> tuple[float, float]:
        """Of the face."""
        return (self.face.left + self.face.right) / 2, (self.face.top + self.face.bottom) / 2

    @property
    def wide(self) -> float:
        """Width of the face."""
        return self.face.right - self.face.left


def find_person(photo: Rgb8, mattes: Mattes, check: Callable[[], None], *, field: str) -> Person:
    """The one person of a photograph.

    Raises:
        InvalidInput: There is no face, or more than one of like size, or the server has no packs to tell.
        FirstframeError: A model could not run; see `firstframe.ports.inference.Inference`.
    """
    matte, faces = mattes.matte(photo, check), mattes.faces(photo, check)
    if matte is None or faces is None:
        fix = "have isnet-matting and face-landmarks mounted in the image stage"
        raise InvalidInput.at(field, "cannot be told from its background without models", fix)
    if not faces:
        raise InvalidInput.at(field, "shows no face", "give a portrait from the front")
    largest = max(faces, key=lambda face: face.right - face.left)
    rivals = [face for face in faces if face.right - face.left > _RIVAL * (largest.right - largest.left)]
    if len(rivals) > 1:
        raise InvalidInput.at(field, f"shows {len(rivals)} faces of like size", "crop it to the one person")
    cover = cv2.resize(matte, (photo.shape[1], photo.shape[0]), interpolation=cv2.INTER_LINEAR)
    guide = photo.astype(np.float32) / np.float32(255)
    radius = max(round(1.5 * max(photo.shape[:2]) / 1024), 2)
    return Person(photo, matting.followed(np.asarray(cover, np.float32), guide, radius), largest)


def couple(left: Person, right: Person, size: PixelSize, *, seed: int) -> HeroPicture:
    """Makes a hero of two people. Same photographs, same seed, same hero.

    Args:
        left: Who stands at the left, a step behind.
        right: Who stands at the right, nearer to the camera.
        size: Of the hero; even.
        seed: Of the grain.
    """
    staging = _Staging.of(left, right, size)
    bleed = staging.bleed
    grain = max(noise(left.photo).sigma, noise(right.photo).sigma)
    rng = np.random.default_rng(seed)
    match = ToneMatch.of(_skin(left), _skin(right))
    people = [
        _placed(left, -1, staging, match.first, grain, rng),
        _placed(right, 1, staging, match.second, grain, rng),
    ]
    backdrop = _backdrop(left, staging, match.first, grain, rng)
    stack = (
        LayerImage(LayerRole.BACKGROUND, backdrop, BACKDROP_M),
        LayerImage(LayerRole.SUBJECT, people[0], FAR_M),
        LayerImage(LayerRole.SUBJECT, people[1], NEAR_M),
    )
    cover = _framed(np.maximum(people[0][..., 3], people[1][..., 3]), bleed)
    return HeroPicture(
        image=composite([layer.rgba for layer in stack], bleed),
        layers=LayerPictures(stack, bleed, _LENS_DEG, CONFIDENCE),
        inverse_depth=None,
        matte=np.ascontiguousarray(cover),
        subject=_rect(cover),
        findings=_findings(people, bleed),
        details={
            "subject_by": MATTING,
            "people": "2",
            "faces": "2",
            "layers": "two people",
            "face_width": f"{staging.wide:.0f}",
        },
    )


@dataclass(frozen=True, slots=True)
class _Staging:
    """Where people stand in a frame."""

    size: PixelSize
    bleed: int
    wide: float
    """Width of both faces, pixels."""
    row: float
    """Middle of both faces, pixels from the frame's upper edge."""

    @classmethod
    def of(cls, left: Person, right: Person, size: PixelSize) -> _Staging:
        """As large as looks well, larger where a photograph ends soon below its face, and lower where that will not do."""
        bleed = round(_BLEED * max(size.width, size.height))
        usual = min(_FACE * size.width, _FACE_HIGH * size.height)
        below = float(min((person.photo.shape[0] - person.middle[1]) / person.wide for person in (left, right)))
        end = (1 + _BELOW) * size.height
        wide = min(max(usual, (end - _HIGHEST * size.height) / below), _LARGER * usual)
        row = min(max(_HIGHEST * size.height, end - below * wide), _LOWEST * size.height)
        return cls(size, bleed, wide, row)

    @property
    def full(self) -> tuple[int, int]:
        """Width and height of a layer."""
        return self.size.width + 2 * self.bleed, self.size.height + 2 * self.bleed

    def matrix(self, person: Person, side: int) -> NDArray[np.float64]:
        """From a photograph to a layer, shape (2, 3); `side` is -1 for the left, 1 for the right."""
        scale = self.wide / person.wide
        x = self.bleed + self.size.width / 2 + side * _APART / 2 * self.wide
        return np.array(
            [[scale, 0, x - scale * person.middle[0]], [0, scale, self.bleed + self.row - scale * person.middle[1]]]
        )


def _placed(
    person: Person, side: int, staging: _Staging, tone: Tone, grain: float, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """A person's layer, shape (height + 2 bleed, width + 2 bleed, 4)."""
    matrix, scale = staging.matrix(person, side), staging.wide / person.wide
    picture = person.photo.astype(np.float32) / np.float32(255)
    solid = matting.solid_colour(picture, person.cover)
    colour = toned(np.where(person.cover[..., None] > 0.98, picture, solid).astype(np.float32), tone)
    soft = cv2.GaussianBlur(colour, (0, 0), 0.4 / scale) if scale < 0.8 else colour
    shown = cv2.warpAffine(soft, matrix, staging.full, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    cover = cv2.warpAffine(person.cover, matrix, staging.full, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    own = noise(person.photo).sigma * min(scale, 1)
    less = max(grain**2 - own**2, 0.0) ** 0.5
    return np.dstack(
        [_levels(_grained(np.asarray(shown, np.float32), less, rng)), _levels(np.asarray(cover, np.float32))]
    )


def _backdrop(
    person: Person, staging: _Staging, tone: Tone, grain: float, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """What is behind somebody, so far out of focus that nothing of it can be made out, and paler."""
    full = staging.full
    known = (matting.grown(person.cover > 0.02, max(person.photo.shape[1] // 60, 2)) == 0).astype(np.float32)
    spread = fill.push_pull(person.photo.astype(np.float32) / np.float32(255) * known[..., None], known)
    scale = max(full[0] / spread.shape[1], full[1] / spread.shape[0])
    large = cv2.resize(spread, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
    left = (large.shape[1] - full[0]) // 2
    crop = large[: full[1], left : left + full[0]]
    soft = cv2.GaussianBlur(crop, (0, 0), _SOFT * max(full), borderType=cv2.BORDER_REPLICATE)
    pale = soft.mean(axis=-1, keepdims=True) * (1 - _COLOUR) + soft * _COLOUR
    shown = toned(np.asarray(pale, np.float32), replace(tone, light=0.0, contrast=1.0, a=0.0, b=0.0))
    opaque = np.full(full[::-1], 255, np.uint8)
    return np.dstack([_levels(_grained(shown, max(grain, _LEAST_GRAIN), rng)), opaque])


def _grained(picture: Floats, levels: float, rng: np.random.Generator) -> Floats:
    return fill.grained(np.clip(picture, 0, 1), np.ones(picture.shape[:2], np.float32), levels / 255, rng)


def _skin(person: Person) -> Rgb8:
    """The middle of a face."""
    (x, y), reach = person.middle, 0.3 * person.wide
    rows = slice(max(int(y - reach), 0), int(y + reach) + 1)
    return person.photo[rows, max(int(x - reach), 0) : int(x + reach) + 1]


def _findings(people: list[NDArray[np.uint8]], bleed: int) -> tuple[Finding, ...]:
    """Tells of bodies that end above the lower edge."""
    names = [name for name, layer in zip(("left", "right"), people, strict=True) if layer[-1 - bleed, :, 3].max() < 128]
    if not names:
        return ()
    who = " and the ".join(names)
    text = f"the photograph of the person at the {who} ends above the frame's lower edge; use one that shows more"
    return (Finding(Severity.WARNING, "SUBJECT_CUT", text),)


def _rect(cover: NDArray[np.uint8]) -> PixelRect:
    rows, columns = np.flatnonzero((cover > 127).any(axis=1)), np.flatnonzero((cover > 127).any(axis=0))
    x, y = int(columns[0]), int(rows[0])
    return PixelRect(x, y, int(columns[-1]) + 1 - x, int(rows[-1]) + 1 - y)


def _framed(values: NDArray[np.uint8], bleed: int) -> NDArray[np.uint8]:
    return values[bleed : values.shape[0] - bleed, bleed : values.shape[1] - bleed]


def _levels(values: Floats) -> NDArray[np.uint8]:
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)
