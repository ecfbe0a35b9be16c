"""What a person should know about a reframed photograph."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import Finding, PixelRect, PixelSize, Severity
from firstframe.imagegen.photo_framing import Framing
from firstframe.imagegen.photo_subject import Cut, Found

_LARGE_EXTENSION = 0.5
_LITTLE = 0.02
"""Share of the photograph's width and height that may be cut without a word."""
_TOLD = 0.005
"""Share of a side from which what is cut there is told."""
_DOUBTED = 0.5
"""Confidence of a depth below which a person is told."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A framing and what it was made around."""

    framing: Framing
    photo: PixelSize
    wanted: PixelSize
    """Size that was asked for."""
    subject: PixelRect | None
    """In the photograph; None when no subject stands out."""
    saliency: NDArray[np.float32]
    """How much each place draws the eye, over the whole photograph."""
    found: Found

    @property
    def ratio(self) -> str:
        """The format, such as `9:16`."""
        common = gcd(self.wanted.width, self.wanted.height)
        return f"{self.wanted.width // common}:{self.wanted.height // common}"

    @property
    def faces_whole(self) -> bool:
        """Whether there are faces and the crop has all of them."""
        return bool(self.found.faces) and all(self.framing.crop.contains(face) for face in self.found.faces)


def of(seen: Seen, *, layered: bool, depth: float | None) -> tuple[Finding, ...]:
    """Findings of a framing, the gravest first.

    Args:
        seen: The framing.
        layered: Whether the subject became a layer of its own.
        depth: Confidence of the depth; None without layers.
    """
    findings = [_face_cut(seen), _cut(seen), _low_resolution(seen), _extension(seen), _unclear(seen.subject)]
    findings += [
        _flat(seen, layered=layered),
        _doubted(depth),
        _guessed(seen.found),
        _doubtful(seen.found),
        _reframed(seen),
    ]
    kept = [finding for finding in findings if finding is not None]
    order = (Severity.FAILURE, Severity.WARNING, Severity.INFO)
    return tuple(sorted(kept, key=lambda finding: order.index(finding.severity)))


def _face_cut(seen: Seen) -> Finding | None:
    if not seen.found.faces or seen.faces_whole or seen.framing.extended:
        return None
    message = (
        f"a face is cut by the {seen.ratio} crop; point at it with `focus`, give another format, or `reframe: extend`"
    )
    return Finding(Severity.FAILURE, "FACE_CUT", message)


def _cut(seen: Seen) -> Finding | None:
    framing, subject = seen.framing, seen.subject
    if framing.subject_fits or subject is None:
        return None
    crop = framing.crop
    wide = subject.width > crop.width
    extent, room, way, other = (
        (subject.width, crop.width, "wide", "wider") if wide else (subject.height, crop.height, "high", "taller")
    )
    whole = "; the face is whole" if seen.faces_whole else ""
    message = (
        f"the subject is {extent} px {way}, a {seen.ratio} crop of this photograph is {room} px{whole}; "
        f"give a {other} format, another photograph, or `reframe: extend`"
    )
    # A person who is cut at the shoulders is a portrait; a bottle that is cut is a mistake.
    return Finding(Severity.WARNING if seen.faces_whole else Severity.FAILURE, "SUBJECT_CUT", message)


def _low_resolution(seen: Seen) -> Finding | None:
    if 2 * seen.framing.size.width >= seen.wanted.width:
        return None
    message = (
        f"the {seen.ratio} crop of this photograph is {seen.framing.size} px, less than half of {seen.wanted}; "
        "give a larger photograph"
    )
    return Finding(Severity.WARNING, "LOW_RESOLUTION", message)


def _extension(seen: Seen) -> Finding | None:
    if not seen.framing.extended:
        return None
    crop, photo = seen.framing.crop, seen.photo
    added = {
        "above": -crop.y,
        "below": crop.bottom - photo.height,
        "on the left": -crop.x,
        "on the right": crop.right - photo.width,
    }
    parts = ", ".join(f"{px} px {place}" for place, px in added.items() if px > 0)
    most = max(crop.width / photo.width, crop.height / photo.height) - 1
    severity = Severity.WARNING if most > _LARGE_EXTENSION else Severity.INFO
    message = (
        f"for {seen.ratio} the background was continued beyond the photograph: {parts or 'in the bleed'}; look at it"
    )
    return Finding(severity, "EXTENDED", message)


def _unclear(subject: PixelRect | None) -> Finding | None:
    if subject is not None:
        return None
    message = "no subject stands out; the crop keeps the most salient part; point at the subject with `focus`"
    return Finding(Severity.WARNING, "SUBJECT_UNCLEAR", message)


def _flat(seen: Seen, *, layered: bool) -> Finding | None:
    if layered:
        return None
    remedy = "a better mask gives it depth" if seen.found.doubt else "a mask of the subject (`matte`) gives it depth"
    message = (
        f"the subject could not be cut out with confidence ({seen.found.subject.confidence:.2f}, 0.50 is needed); the picture "
        f"stays whole, with pan and zoom only; {remedy}"
    )
    return Finding(Severity.INFO, "SINGLE_LAYER", message)


def _doubted(depth: float | None) -> Finding | None:
    if depth is None or depth >= _DOUBTED:
        return None
    message = (
        f"how far the background is away is only guessed, with a confidence of {depth:.2f}: the camera moves less for it; "
        "a depth map (`depth`) settles it"
    )
    return Finding(Severity.INFO, "DEPTH_GUESSED", message)


def _guessed(found: Found) -> Finding | None:
    if found.cut is not Cut.GUESS:
        return None
    message = (
        "the subject was told by colour and sharpness alone; `firstframe models pull isnet-matting` installs the model that "
        "cuts it out cleanly, or give a mask (`matte`)"
    )
    return Finding(Severity.INFO, "MATTE_GUESSED", message)


def _doubtful(found: Found) -> Finding | None:
    if not found.doubt:
        return None
    message = f"the mask (`matte`) is trusted by {found.subject.confidence:.2f} only: {found.doubt}"
    return Finding(Severity.WARNING, "MATTE_DOUBTED", message)


def _reframed(seen: Seen) -> Finding | None:
    """What was kept, what was cut, and why there."""
    crop, photo = seen.framing.crop, seen.photo
    if seen.framing.extended or (1 - crop.width / photo.width < _LITTLE and 1 - crop.height / photo.height < _LITTLE):
        return None
    sides = (
        (crop.x / photo.width, "of the width on the left"),
        (1 - crop.right / photo.width, "of the width on the right"),
        (crop.y / photo.height, "of the height above"),
        (1 - crop.bottom / photo.height, "of the height below"),
    )
    parts = ", ".join(f"{100 * share:.0f} % {where}" for share, where in sides if share >= _TOLD)
    message = (
        f"{seen.ratio} keeps {_kept(seen)}; cut away: {parts}, with {100 * _lost(seen):.0f} % of what draws the eye"
    )
    return Finding(Severity.INFO, "REFRAMED", message)


def _kept(seen: Seen) -> str:
    """What the crop keeps and where it lies in it."""
    if seen.subject is None:
        return "what draws the eye most, as no subject stands out"
    faces = ", the face whole" if seen.faces_whole else ""
    if not seen.framing.subject_fits:
        return f"the part of the subject that draws the eye most{faces}"
    middle = seen.subject.x + seen.subject.width / 2 - seen.framing.crop.x
    place = middle / seen.framing.crop.width
    where = (
        "in the middle"
        if abs(place - 0.5) < 0.07
        else f"{100 * place:.0f} % from the left, where the photographer had it"
    )
    return f"the whole subject{faces}, {where}"


def _lost(seen: Seen) -> float:
    """Share of all saliency that lies outside of the crop."""
    height, width = seen.saliency.shape
    crop = seen.framing.crop
    rows = slice(max(round(crop.y * height / seen.photo.height), 0), round(crop.bottom * height / seen.photo.height))
    columns = slice(max(round(crop.x * width / seen.photo.width), 0), round(crop.right * width / seen.photo.width))
    total = float(seen.saliency.sum())
    return 1 - float(seen.saliency[rows, columns].sum()) / total if total > 0 else 0.0
