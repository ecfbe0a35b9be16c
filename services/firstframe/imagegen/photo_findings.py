"""What a person should know about a reframed photograph."""

from __future__ import annotations

from math import gcd

from firstframe.core.media import Finding, PixelRect, PixelSize, Severity
from firstframe.imagegen.photo_framing import Framing

_LARGE_EXTENSION = 0.5


def of(
    framing: Framing, photo: PixelSize, wanted: PixelSize, subject: PixelRect | None, *, layered: bool
) -> tuple[Finding, ...]:
    """Findings of a framing, the gravest first.

    Args:
        framing: What becomes of the photograph.
        photo: Its size.
        wanted: Size that was asked for.
        subject: In the photograph; None when no subject stands out.
        layered: Whether the subject became a layer of its own.
    """
    findings = [_cut(framing, wanted, subject), _low_resolution(framing, wanted), _extension(framing, photo, wanted)]
    findings += [_unclear(subject), _flat(layered=layered)]
    return tuple(finding for finding in findings if finding is not None)


def _cut(framing: Framing, wanted: PixelSize, subject: PixelRect | None) -> Finding | None:
    if framing.subject_fits or subject is None:
        return None
    crop = framing.crop
    wide = subject.width > crop.width
    extent, room, way, other = (
        (subject.width, crop.width, "wide", "wider") if wide else (subject.height, crop.height, "high", "taller")
    )
    message = (
        f"the subject is {extent} px {way}, a {_ratio(wanted)} crop of this photograph is {room} px; "
        f"give a {other} format, another photograph, or `reframe: extend`"
    )
    return Finding(Severity.FAILURE, "SUBJECT_CUT", message)


def _low_resolution(framing: Framing, wanted: PixelSize) -> Finding | None:
    if 2 * framing.size.width >= wanted.width:
        return None
    message = (
        f"the {_ratio(wanted)} crop of this photograph is {framing.size} px, less than half of {wanted}; "
        "give a larger photograph"
    )
    return Finding(Severity.WARNING, "LOW_RESOLUTION", message)


def _extension(framing: Framing, photo: PixelSize, wanted: PixelSize) -> Finding | None:
    if not framing.extended:
        return None
    crop = framing.crop
    added = {
        "above": -crop.y,
        "below": crop.bottom - photo.height,
        "on the left": -crop.x,
        "on the right": crop.right - photo.width,
    }
    parts = ", ".join(f"{px} px {place}" for place, px in added.items() if px > 0)
    most = max(crop.width / photo.width, crop.height / photo.height) - 1
    severity = Severity.WARNING if most > _LARGE_EXTENSION else Severity.INFO
    message = f"for {_ratio(wanted)} the background was continued beyond the photograph: {parts or 'in the bleed'}; look at it"
    return Finding(severity, "EXTENDED", message)


def _unclear(subject: PixelRect | None) -> Finding | None:
    if subject is not None:
        return None
    message = "no subject stands out; the crop keeps the most salient part; point at the subject with `focus`"
    return Finding(Severity.WARNING, "SUBJECT_UNCLEAR", message)


def _flat(*, layered: bool) -> Finding | None:
    if layered:
        return None
    message = "the subject could not be cut out with confidence; the picture stays whole, with pan and zoom only"
    return Finding(Severity.INFO, "SINGLE_LAYER", message)


def _ratio(size: PixelSize) -> str:
    common = gcd(size.width, size.height)
    return f"{size.width // common}:{size.height // common}"
