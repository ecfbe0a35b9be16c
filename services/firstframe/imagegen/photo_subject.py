"""The subject of a photograph, from whoever knows best: its owner, a learned model, a depth map, or colour and sharpness."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

import numpy as np

from firstframe.core.errors import InvalidInput
from firstframe.core.media import Grey8, Levels, PixelRect, Rgb8
from firstframe.imagegen.mattes import Mattes
from firstframe.imagegen.owners_matte import trust
from firstframe.imagegen.photo_fields import MATTE
from firstframe.imagegen.photo_maps import near_part
from firstframe.imaging.preflight.faces import Face
from firstframe.imaging.saliency import Floats
from firstframe.imaging.subject import Subject, find_subject
from firstframe.imaging.subject_matte import subject_of_matte

CLEAR = 0.15
"""Confidence from which a subject counts as found."""
_DEPTHS = 0.6
"""Confidence of a subject that a depth map parts from what is behind."""
_FACE = 0.8
"""Score from which a face counts: below it round things are taken for faces."""
_IN_SUBJECT = 0.4
"""Share of a face that has to be the subject's, where a subject is found."""
_DRAWS = 3.0
"""How much a face draws the eye, where 1 is the most of anything else."""


class Cut(Enum):
    """Who told the subject."""

    OWNER = "owner"
    MODEL = "isnet-matting"
    DEPTH = "depth"
    GUESS = "colour and sharpness"


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What is known of a photograph besides its pixels."""

    focus: tuple[float, float] | None = None
    """A point on the subject, 0 to 1 from the left and from the top."""
    matte: Levels | None = None
    """Its owner's mask, checked."""
    inverse_depth: Levels | None = None
    """Its owner's map, checked."""
    regions: Mapping[str, Grey8] = field(default_factory=dict)
    """Parts that its owner has drawn, checked, by name."""
    mattes: Mattes = field(default_factory=Mattes)
    """Models that can be asked."""
    check: Callable[[], None] = lambda: None
    """Called a few times a second; raises to stop."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The subject and what draws the eye."""

    subject: Subject
    cut: Cut
    faces: tuple[PixelRect, ...] = ()
    """Heads, in the photograph, the surest first."""
    doubt: str = ""
    """What speaks against the owner's mask, and what to do; empty when nothing does."""

    @property
    def clear(self) -> bool:
        """Whether there is a subject to frame."""
        return self.subject.confidence >= CLEAR


def find(photo: Rgb8, known: Known) -> Found:
    """Finds the subject of a photograph.

    Raises:
        InvalidInput: The owner's mask has nothing at the focus.
        FirstframeError: A model could not run; see `firstframe.ports.inference.Inference`.
    """
    found = _told(photo, known) or Found(find_subject(photo, known.focus), Cut.GUESS)
    if found.cut is Cut.GUESS and known.focus is not None and not found.clear:
        # Somebody says that there is one: it is framed, though not cut out.
        found = replace(found, subject=replace(found.subject, confidence=CLEAR))
    return _with_faces(found, photo, known)


def _told(photo: Rgb8, known: Known) -> Found | None:
    """The subject where it need not be guessed."""
    if known.matte is not None:
        subject = subject_of_matte(photo, known.matte, known.focus)
        if subject is None:
            raise InvalidInput.at(MATTE, "has nothing white at the focus", "leave `focus` out, or point at the subject")
        trusted = trust(photo, subject.cover)
        return Found(replace(subject, confidence=trusted.confidence), Cut.OWNER, doubt=trusted.doubt)
    return _cut_by_model(photo, known) or _parted_by_depth(photo, known)


def _cut_by_model(photo: Rgb8, known: Known) -> Found | None:
    matte = known.mattes.matte(photo, known.check)
    if matte is None:
        return None
    subject = subject_of_matte(photo, matte, known.focus)
    if subject is not None and subject.confidence >= CLEAR:
        return Found(subject, Cut.MODEL)
    if known.focus is not None or known.inverse_depth is not None:
        return None
    # The model sees nothing that stands out; neither would colour and sharpness, reliably.
    return Found(replace(find_subject(photo), confidence=0.0), Cut.MODEL)


def _parted_by_depth(photo: Rgb8, known: Known) -> Found | None:
    near = None if known.inverse_depth is None else near_part(known.inverse_depth)
    subject = None if near is None else subject_of_matte(photo, near, known.focus)
    return None if subject is None else Found(replace(subject, confidence=_DEPTHS), Cut.DEPTH)


def _with_faces(found: Found, photo: Rgb8, known: Known) -> Found:
    seen = known.mattes.faces(photo, known.check) or ()
    heads = [_head(face, photo) for face in seen if face.score >= _FACE]
    heads = [head for head in heads if not found.clear or _share(found.subject.cover, head, photo) >= _IN_SUBJECT]
    if not heads:
        return found
    draws = found.subject.saliency.copy()
    for head in heads:
        draws[_place(head, photo, draws)] = _DRAWS
    return replace(found, subject=replace(found.subject, saliency=draws), faces=tuple(heads))


def _head(face: Face, photo: Rgb8) -> PixelRect:
    left, top, right, bottom = (round(side) for side in face.head)
    left, top = max(left, 0), max(top, 0)
    return PixelRect(left, top, min(right, photo.shape[1]) - left, min(bottom, photo.shape[0]) - top)


def _place(rect: PixelRect, photo: Rgb8, map_: Floats) -> tuple[slice, slice]:
    across, down = map_.shape[1] / photo.shape[1], map_.shape[0] / photo.shape[0]
    rows = slice(int(rect.y * down), max(int(np.ceil(rect.bottom * down)), int(rect.y * down) + 1))
    return rows, slice(int(rect.x * across), max(int(np.ceil(rect.right * across)), int(rect.x * across) + 1))


def _share(cover: Floats, rect: PixelRect, photo: Rgb8) -> float:
    part = cover[_place(rect, photo, cover)]
    return float(part.mean()) if part.size else 0.0
