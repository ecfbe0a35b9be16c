"""What a person is told about a reframed photograph."""

from __future__ import annotations

import numpy as np
import pytest

from firstframe.core.media import Finding, PixelRect, PixelSize, Severity
from firstframe.imagegen import photo_findings
from firstframe.imagegen.photo_framing import Framing
from firstframe.imagegen.photo_subject import Cut, Found
from firstframe.imaging.subject import Subject

PHOTO, WANTED, SUBJECT = PixelSize(3000, 2000), PixelSize(1080, 1920), PixelRect(900, 500, 700, 900)
GOOD = Framing(PixelRect(600, 0, 1124, 2000), WANTED, 40, subject_fits=True, extended=False)


SALIENCY = np.zeros((20, 30), np.float32)
SALIENCY[5:14, 9:16] = 1


def _found(
    framing: Framing,
    subject: PixelRect | None = SUBJECT,
    *,
    layered: bool = True,
    cut: Cut = Cut.MODEL,
    faces: tuple[PixelRect, ...] = (),
    depth: float | None = 0.8,
    reframed: bool = False,
) -> tuple[Finding, ...]:
    mask = np.zeros((20, 30), np.bool_)
    known = Found(Subject(mask, PixelRect(0, 0, 1, 1), SALIENCY, 0.42, SALIENCY), cut, faces)
    seen = photo_findings.Seen(framing, PHOTO, WANTED, subject, SALIENCY, known)
    told = photo_findings.of(seen, layered=layered, depth=depth)
    return tuple(finding for finding in told if reframed or finding.reason != "REFRAMED")


def test_nothing_to_say() -> None:
    assert _found(GOOD) == ()
    whole = Framing(PixelRect(0, 0, 3000, 1990), WANTED, 0, subject_fits=True, extended=False)
    assert _found(whole, reframed=True) == ()


def test_a_crop_tells_what_it_keeps_what_it_cuts_and_why() -> None:
    (finding,) = _found(GOOD, reframed=True)
    assert (finding.severity, finding.reason) == (Severity.INFO, "REFRAMED")
    assert finding.message == (
        "9:16 keeps the whole subject, 58 % from the left, where the photographer had it; "
        "cut away: 20 % of the width on the left, 43 % of the width on the right, with 0 % of what draws the eye"
    )
    middle = Framing(PixelRect(700, 0, 1124, 2000), WANTED, 40, subject_fits=True, extended=False)
    assert "the whole subject, in the middle;" in _found(middle, reframed=True)[0].message
    half = Framing(PixelRect(1250, 0, 1124, 2000), WANTED, 40, subject_fits=False, extended=False)
    message = _found(half, faces=(PixelRect(1300, 500, 100, 100),), reframed=True)[-1].message
    assert "the part of the subject that draws the eye most, the face whole;" in message
    assert "with 43 % of what draws the eye" in message
    assert "no subject stands out" in _found(GOOD, None, reframed=True)[-1].message


def test_a_person_who_is_cut_below_a_whole_face_is_a_portrait() -> None:
    framing = Framing(GOOD.crop, WANTED, 0, subject_fits=False, extended=False)
    (finding,) = _found(framing, PixelRect(100, 100, 1600, 900), faces=(PixelRect(800, 300, 300, 400),))
    assert (finding.severity, finding.reason) == (Severity.WARNING, "SUBJECT_CUT")
    assert "; the face is whole;" in finding.message


def test_a_cut_face_is_a_failure() -> None:
    first, *_ = _found(GOOD, faces=(PixelRect(500, 300, 300, 400),))
    assert (first.severity, first.reason) == (Severity.FAILURE, "FACE_CUT")


def test_a_guess_says_so_and_how_to_get_better() -> None:
    (finding,) = _found(GOOD, cut=Cut.GUESS)
    assert (finding.severity, finding.reason) == (Severity.INFO, "MATTE_GUESSED")
    assert "firstframe models pull isnet-matting" in finding.message
    (finding,) = _found(GOOD, depth=0.45)
    assert (finding.severity, finding.reason) == (Severity.INFO, "DEPTH_GUESSED")
    assert "0.45" in finding.message
    (finding,) = _found(GOOD, layered=False, depth=None)
    assert "0.42" in finding.message


@pytest.mark.parametrize(
    ("subject", "words"),
    [(PixelRect(100, 100, 1600, 900), "1600 px wide"), (PixelRect(600, 0, 900, 2300), "2300 px high")],
)
def test_a_cut_subject_is_a_failure_with_numbers(subject: PixelRect, words: str) -> None:
    framing = Framing(GOOD.crop, WANTED, 0, subject_fits=False, extended=False)
    (finding,) = _found(framing, subject)
    assert (finding.severity, finding.reason) == (Severity.FAILURE, "SUBJECT_CUT")
    assert words in finding.message
    assert "9:16" in finding.message
    assert "reframe: extend" in finding.message


def test_low_resolution() -> None:
    framing = Framing(PixelRect(0, 0, 450, 800), PixelSize(450, 800), 0, subject_fits=True, extended=False)
    (finding,) = _found(framing)
    assert (finding.severity, finding.reason) == (Severity.WARNING, "LOW_RESOLUTION")
    assert "450×800" in finding.message


@pytest.mark.parametrize("top", [200, 2000])
def test_an_extension_says_how_much_and_where(top: int) -> None:
    framing = Framing(PixelRect(600, -top, 1238, 2000 + top), WANTED, 90, subject_fits=True, extended=True)
    (finding,) = _found(framing)
    assert finding.reason == "EXTENDED"
    assert finding.severity is not Severity.FAILURE
    assert f"{top} px above" in finding.message


def test_no_subject_and_no_layers() -> None:
    reasons = {finding.reason: finding.severity for finding in _found(GOOD, None, layered=False)}
    assert reasons == {"SUBJECT_UNCLEAR": Severity.WARNING, "SINGLE_LAYER": Severity.INFO}
