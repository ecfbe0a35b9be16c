"""Where a photograph is cropped: properties that hold for every photograph, subject and format."""

from __future__ import annotations

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from firstframe.core.media import PixelRect, PixelSize
from firstframe.imagegen.photo_framing import MOST_BLEED, Framing, frame
from firstframe.imagegen.reframe import Reframe

FLAT = np.ones((12, 16), np.float32)
WANTED = st.sampled_from(
    [PixelSize(1920, 1080), PixelSize(1080, 1920), PixelSize(1080, 1080), PixelSize(1080, 1350), PixelSize(640, 360)]
)


@st.composite
def _photo_and_subject(draw: st.DrawFn) -> tuple[PixelSize, PixelRect]:
    photo = PixelSize(draw(st.integers(64, 6000)), draw(st.integers(64, 6000)))
    left, top = draw(st.integers(0, photo.width - 1)), draw(st.integers(0, photo.height - 1))
    width, height = draw(st.integers(1, photo.width - left)), draw(st.integers(1, photo.height - top))
    return photo, PixelRect(left, top, width, height)


def _whole(photo: PixelSize) -> PixelRect:
    return PixelRect(0, 0, photo.width, photo.height)


def _with_bleed(framing: Framing) -> PixelRect:
    pad = int(framing.bleed_px * framing.scale)
    crop = framing.crop
    return PixelRect(crop.x - pad, crop.y - pad, crop.width + 2 * pad, crop.height + 2 * pad)


@settings(max_examples=300, deadline=None)
@given(_photo_and_subject(), WANTED, st.sampled_from(Reframe))
def test_size_is_even_of_the_ratio_and_never_enlarged(
    drawn: tuple[PixelSize, PixelRect], wanted: PixelSize, reframe: Reframe
) -> None:
    photo, subject = drawn
    framing = frame(photo, wanted, subject, FLAT, reframe)
    size = framing.size
    assert size.width % 2 == 0
    assert size.height % 2 == 0
    assert 2 <= size.width <= wanted.width
    assert 2 <= size.height <= wanted.height
    long, short = max(size.width, size.height), min(size.width, size.height)
    assert abs(short - long * min(wanted.width, wanted.height) / max(wanted.width, wanted.height)) <= 1
    assert framing.crop.width >= size.width
    assert framing.crop.height >= size.height
    assert 0 <= framing.bleed_px <= MOST_BLEED * long


@settings(max_examples=300, deadline=None)
@given(_photo_and_subject(), WANTED)
def test_crop_and_its_bleed_lie_in_the_photograph(drawn: tuple[PixelSize, PixelRect], wanted: PixelSize) -> None:
    photo, subject = drawn
    framing = frame(photo, wanted, subject, FLAT, Reframe.CROP)
    assert _whole(photo).contains(framing.crop)
    assert _whole(photo).contains(_with_bleed(framing))
    assert not framing.extended
    assert framing.subject_fits == framing.crop.contains(subject)


@settings(max_examples=300, deadline=None)
@given(_photo_and_subject(), WANTED)
def test_a_subject_that_fits_is_whole(drawn: tuple[PixelSize, PixelRect], wanted: PixelSize) -> None:
    photo, subject = drawn
    unit = min(photo.width / wanted.width, photo.height / wanted.height)
    # Even numbers cost up to 4 pixels of the largest crop.
    assume(subject.width <= unit * wanted.width - 4)
    assume(subject.height <= unit * wanted.height - 4)
    assert frame(photo, wanted, subject, FLAT, Reframe.CROP).subject_fits


@settings(max_examples=300, deadline=None)
@given(_photo_and_subject(), WANTED)
def test_extending_keeps_every_subject_whole(drawn: tuple[PixelSize, PixelRect], wanted: PixelSize) -> None:
    photo, subject = drawn
    framing = frame(photo, wanted, subject, FLAT, Reframe.EXTEND)
    assert framing.subject_fits
    assert framing.crop.contains(subject)
    assert framing.extended or _whole(photo).contains(_with_bleed(framing))


def test_a_small_subject_gets_a_closer_crop_when_pixels_allow() -> None:
    photo, wanted = PixelSize(8000, 6000), PixelSize(1080, 1080)
    framing = frame(photo, wanted, PixelRect(3900, 2900, 300, 300), FLAT, Reframe.CROP)
    assert framing.crop.width < 1600
    assert framing.size == wanted


def test_a_subject_in_a_narrow_format_is_centred() -> None:
    photo, wanted = PixelSize(4000, 2600), PixelSize(1080, 1920)
    subject = PixelRect(2300, 800, 1100, 1200)
    crop = frame(photo, wanted, subject, FLAT, Reframe.CROP).crop
    middle = subject.x + subject.width / 2
    assert abs(crop.x + crop.width / 2 - middle) < 0.05 * crop.width


def test_a_subject_has_room_to_breathe() -> None:
    subject = PixelRect(1500, 900, 1200, 1200)
    crop = frame(PixelSize(4200, 3000), PixelSize(1080, 1080), subject, FLAT, Reframe.CROP).crop
    room = (subject.x - crop.x, subject.y - crop.y, crop.right - subject.right, crop.bottom - subject.bottom)
    assert min(room) > 0.04 * crop.width


def test_a_subject_that_is_too_wide_keeps_its_most_salient_part() -> None:
    photo, wanted = PixelSize(4000, 1000), PixelSize(1080, 1920)
    saliency = np.full((10, 40), 0.1, np.float32)
    saliency[:, 28:31] = 1.0  # at 2800 to 3100 px
    framing = frame(photo, wanted, PixelRect(400, 100, 3200, 800), saliency, Reframe.CROP)
    assert not framing.subject_fits
    assert framing.crop.x <= 2800
    assert framing.crop.right >= 3100


def test_a_photograph_of_the_ratio_is_not_extended() -> None:
    framing = frame(PixelSize(2400, 2400), PixelSize(1080, 1080), PixelRect(800, 800, 800, 800), FLAT, Reframe.EXTEND)
    assert not framing.extended
    assert framing.bleed_px > 40


def test_a_portrait_cut_by_the_lower_edge_is_not_continued_there() -> None:
    photo, portrait = PixelSize(1200, 1600), PixelRect(100, 500, 1000, 1100)
    framing = frame(photo, PixelSize(1080, 1920), portrait, FLAT, Reframe.EXTEND)
    assert framing.extended
    assert framing.crop.bottom == photo.height
    assert framing.crop.y < 0
    assert framing.bleed_px == 0


def test_nothing_is_extended_for_air_at_an_edge_that_cuts_the_subject() -> None:
    photo, portrait = PixelSize(1200, 1200), PixelRect(300, 30, 600, 1170)
    assert not frame(photo, PixelSize(1080, 1080), portrait, FLAT, Reframe.EXTEND).extended


def test_a_small_photograph_keeps_its_resolution_instead_of_bleed() -> None:
    framing = frame(PixelSize(600, 400), PixelSize(1080, 1080), PixelRect(200, 120, 160, 160), FLAT, Reframe.CROP)
    assert framing.size == PixelSize(400, 400)


@settings(max_examples=200, deadline=None)
@given(_photo_and_subject(), WANTED, st.data())
def test_a_head_that_fits_is_whole_where_the_person_is_not(
    drawn: tuple[PixelSize, PixelRect], wanted: PixelSize, data: st.DataObject
) -> None:
    photo, subject = drawn
    assume(subject.width >= 8 and subject.height >= 8)
    width, height = (data.draw(st.integers(4, max(side // 2, 4))) for side in (subject.width, subject.height))
    head = PixelRect(
        subject.x + data.draw(st.integers(0, subject.width - width)),
        subject.y + data.draw(st.integers(0, subject.height - height)),
        width,
        height,
    )
    framing = frame(photo, wanted, subject, FLAT, Reframe.CROP, [head])
    fits = head.width <= framing.crop.width and head.height <= framing.crop.height
    assert framing.subject_fits or not fits or framing.crop.contains(head)
    assert _whole(photo).contains(framing.crop)


def test_the_surest_head_comes_first_where_two_do_not_fit() -> None:
    photo, subject = PixelSize(2000, 1000), PixelRect(0, 0, 2000, 1000)
    heads = [PixelRect(1500, 100, 200, 200), PixelRect(100, 100, 200, 200)]
    framing = frame(photo, PixelSize(1080, 1920), subject, FLAT, Reframe.CROP, heads)
    assert framing.crop.contains(heads[0])
    assert not framing.crop.contains(heads[1])


def test_a_whole_photograph_is_not_cropped_nor_enlarged() -> None:
    small, aside = PixelSize(640, 360), PixelRect(40, 40, 60, 90)
    for wanted, size in ((PixelSize(320, 180), PixelSize(320, 180)), (PixelSize(1920, 1080), small)):
        framing = frame(small, wanted, aside, np.ones((9, 16)), Reframe.WHOLE)
        assert (framing.crop, framing.size) == (PixelRect(0, 0, 640, 360), size)
        assert framing.bleed_px > 0
