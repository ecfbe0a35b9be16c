"""What a person is told about a reframed photograph."""

from __future__ import annotations

import pytest

from firstframe.core.media import Finding, PixelRect, PixelSize, Severity
from firstframe.imagegen import photo_findings
from firstframe.imagegen.photo_framing import Framing

PHOTO, WANTED, SUBJECT = PixelSize(3000, 2000), PixelSize(1080, 1920), PixelRect(900, 500, 700, 900)
GOOD = Framing(PixelRect(600, 0, 1124, 2000), WANTED, 40, subject_fits=True, extended=False)


def _found(framing: Framing, subject: PixelRect | None = SUBJECT, *, layered: bool = True) -> tuple[Finding, ...]:
    return photo_findings.of(framing, PHOTO, WANTED, subject, layered=layered)


def test_nothing_to_say() -> None:
    assert _found(GOOD) == ()


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
