"""From a file to a hero: size, layers that give the hero again, findings, and nothing of the file but its pixels."""

from __future__ import annotations

import functools
import io

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from skimage import data
from skimage.metrics import structural_similarity

from firstframe.adapters.pictures import decode
from firstframe.core.errors import InvalidInput
from firstframe.core.media import HeroPicture, LayerRole, Levels, PixelRect, PixelSize, Rgb8
from firstframe.imagegen.photo_maps import checked_region
from firstframe.imagegen.photo_subject import find
from firstframe.imagegen.photograph import Known, hero_of, ingest
from firstframe.imagegen.reframe import Reframe
from firstframe.imaging.resample import shrunk
from firstframe.render import layers

WIDE, TALL, SQUARE = PixelSize(320, 180), PixelSize(180, 320), PixelSize(200, 200)


def still_life(width: int, height: int, centre: tuple[float, float], radii: tuple[float, float]) -> Rgb8:
    """A sharp, speckled, orange egg before a soft green ground."""
    rng = np.random.default_rng(6)
    ground = cv2.GaussianBlur(rng.random((height, width), np.float32), (0, 0), 25)
    picture = (0.35 + 2.0 * (ground - ground.mean()))[..., None] * np.float32([0.5, 0.9, 0.6])
    y, x = np.mgrid[:height, :width]
    egg = np.hypot((x - centre[0] * width) / radii[0], (y - centre[1] * height) / radii[1]) < 1
    speckles = cv2.GaussianBlur(rng.random((height, width), np.float32), (0, 0), 1.2)
    picture[egg] = (np.float32([0.95, 0.55, 0.2]) * (0.4 + speckles[..., None] * 1.1))[egg]
    soft = cv2.GaussianBlur(picture, (0, 0), 0.8)
    return (np.clip(soft, 0, 1) * 255).astype(np.uint8)


def _file(picture: Rgb8) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "PNG")
    return stream.getvalue()


@functools.cache
def _egg(size: PixelSize, reframe: Reframe = Reframe.CROP) -> HeroPicture:
    data = _file(still_life(720, 480, (0.45, 0.5), (62, 78)))
    return ingest(data, size=size, reframe=reframe, known=Known(), decode=decode)


@pytest.mark.parametrize("size", [WIDE, TALL, SQUARE])
def test_layers_give_the_hero_exactly(size: PixelSize) -> None:
    hero = _egg(size)
    assert hero.size == size
    stack = [layer.rgba for layer in hero.layers.layers]
    assert [layer.role for layer in hero.layers.layers] == [LayerRole.BACKGROUND, LayerRole.SUBJECT]
    assert np.array_equal(layers.composite(stack, hero.layers.bleed_px), hero.image)
    assert np.all(stack[0][..., 3] == 255)
    bleed = 2 * hero.layers.bleed_px
    assert {rgba.shape for rgba in stack} == {(size.height + bleed, size.width + bleed, 4)}
    assert hero.layers.layers[0].depth_m > hero.layers.layers[1].depth_m > 0
    assert 0.5 <= hero.layers.confidence <= 1


def test_hero_is_the_photograph() -> None:
    """The composite is the photograph's own crop, shrunk, nearly everywhere."""
    hero = _egg(SQUARE)
    x, y, width, height = (int(number) for number in hero.details["crop"].split(","))
    source = still_life(720, 480, (0.45, 0.5), (62, 78))[y : y + height, x : x + width]
    shrunk = cv2.resize(source, (hero.size.width, hero.size.height), interpolation=cv2.INTER_AREA)
    difference = np.abs(shrunk.astype(int) - hero.image)
    assert np.percentile(difference, 95) <= 8


def test_subject_is_whole_and_in_its_matte() -> None:
    hero = _egg(TALL)
    assert hero.subject is not None
    assert hero.matte is not None
    assert hero.inverse_depth is not None
    assert PixelRect(0, 0, 180, 320).contains(hero.subject)
    assert {finding.reason for finding in hero.findings} == {"MATTE_GUESSED", "REFRAMED"}
    inside = np.s_[hero.subject.y : hero.subject.bottom, hero.subject.x : hero.subject.right]
    assert hero.matte[inside].mean() > 0.6 * 255
    outside = hero.matte.copy()
    outside[inside] = 0
    assert outside.mean() < 5
    assert hero.inverse_depth[hero.matte == 255].mean() > 1.2 * hero.inverse_depth[hero.matte == 0].mean()


def test_background_plate_has_no_subject() -> None:
    hero = _egg(SQUARE)
    background = hero.layers.layers[0].rgba[..., :3].astype(float)
    orange = background[..., 0] - background[..., 1]
    assert orange.max() < 40
    assert (hero.image[..., 0].astype(float) - hero.image[..., 1]).max() > 80


def test_background_plate_keeps_the_surroundings() -> None:
    hero = _egg(SQUARE)
    bleed = hero.layers.bleed_px
    assert hero.matte is not None
    far = cv2.dilate(hero.matte, np.ones((15, 15), np.uint8)) == 0
    plate = hero.layers.layers[0].rgba[bleed : bleed + 200, bleed : bleed + 200, :3]
    assert np.array_equal(plate[far], hero.image[far])


def test_a_small_photograph_is_not_enlarged() -> None:
    data = _file(still_life(180, 120, (0.5, 0.5), (20, 24)))
    hero = ingest(data, size=PixelSize(1080, 1920), reframe=Reframe.CROP, known=Known(), decode=decode)
    assert hero.size.height <= 120
    assert hero.size.width % 2 == hero.size.height % 2 == 0
    assert "LOW_RESOLUTION" in {finding.reason for finding in hero.findings}


WIDE_EGG = _file(still_life(480, 240, (0.5, 0.5), (150, 60)))


def test_a_subject_that_does_not_fit_is_cut_and_said_so() -> None:
    hero = ingest(WIDE_EGG, size=TALL, reframe=Reframe.CROP, known=Known(), decode=decode)
    assert "SUBJECT_CUT" in {finding.reason for finding in hero.findings}


def test_extending_keeps_it_whole_without_a_seam() -> None:
    hero = ingest(WIDE_EGG, size=TALL, reframe=Reframe.EXTEND, known=Known(), decode=decode)
    reasons = {finding.reason for finding in hero.findings}
    assert "EXTENDED" in reasons
    assert "SUBJECT_CUT" not in reasons
    assert hero.subject is not None
    assert hero.subject.x > 0
    assert hero.subject.right < hero.size.width
    assert hero.subject.width > 2 * hero.subject.height * 0.9
    rows = hero.image.astype(float).mean(axis=(1, 2))
    above = rows[: hero.subject.y]
    assert np.abs(np.diff(above)).max() < 6


PUFF = (480, 320), 190
"""Middle and radius of the fluff ball in its picture."""


def field(width: int = 1200, height: int = 800) -> NDArray[np.float32]:
    """Out of focus: a light sky over a dark field, a trunk that the upper edge cuts; shape (h, w, 3)."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    sky = 0.75 + 0.2 * x / width
    ground = 0.15 + 0.1 * x / width
    shade = ground + (sky - ground) / (1 + np.exp((y - 250) / 25))
    shade = shade * (1 - 0.8 * np.exp(-(((x - 250) / 22) ** 4)) * (y < 320))
    colours = shade[..., None] * np.float32([1.0, 0.95, 0.8])
    noise = np.random.default_rng(7).normal(0, 0.004, (height, width, 1))
    return np.asarray(np.clip(colours + noise, 0, 1), np.float32)


def puff() -> tuple[Rgb8, NDArray[np.float32]]:
    """A ball of light fluff before that field, and how much of each pixel it covers."""
    rng = np.random.default_rng(8)
    behind = field()
    y, x = np.mgrid[:800, :1200].astype(np.float32)
    distance, around = np.hypot(x - PUFF[0][0], y - PUFF[0][1]), np.arctan2(y - PUFF[0][1], x - PUFF[0][0])
    hairs = np.interp(around, np.linspace(-np.pi, np.pi, 721), rng.random(721)) > 0.5
    cover = np.where(distance < PUFF[1], 1.0, hairs * np.clip((PUFF[1] + 30 - distance) / 30, 0, 1))
    cover = cv2.GaussianBlur(cover.astype(np.float32), (0, 0), 0.7)
    speckles = cv2.GaussianBlur(rng.random((800, 1200), np.float32), (0, 0), 1.0)
    fluff = np.float32([0.85, 0.7, 0.45]) * (0.6 + 0.8 * speckles[..., None])
    picture = behind + (fluff - behind) * cover[..., None]
    return (np.clip(picture, 0, 1) * 255).round().astype(np.uint8), cover


@functools.cache
def _puff(size: PixelSize, reframe: Reframe) -> HeroPicture:
    return ingest(_file(puff()[0]), size=size, reframe=reframe, known=Known(), decode=decode)


def _shown(hero: HeroPicture, whole: NDArray[np.float32]) -> NDArray[np.float32]:
    """The part of something over the whole photograph that a hero's layers show; they must not be extended."""
    x, y, width, _ = (int(number) for number in hero.details["crop"].split(","))
    rows, columns = hero.layers.layers[0].rgba.shape[:2]
    scale, bleed = width / hero.size.width, hero.layers.bleed_px
    place = np.array([[scale, 0, x + (0.5 - bleed) * scale - 0.5], [0, scale, y + (0.5 - bleed) * scale - 0.5]])
    soft = cv2.GaussianBlur(whole, (0, 0), max(scale / 2, 0.1))
    return np.asarray(cv2.warpAffine(soft, place, (columns, rows), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP))


def test_the_plate_beside_the_subject_is_the_true_background() -> None:
    hero = _puff(PixelSize(720, 480), Reframe.CROP)
    plate = hero.layers.layers[0].rgba[..., :3].astype(np.float32) / 255
    cover = _shown(hero, puff()[1])
    deep = cv2.erode((cover > 0.99).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    near = (cv2.dilate((cover > 0.01).astype(np.uint8), np.ones((25, 25), np.uint8)) > 0) & ~deep
    off = np.abs(plate - _shown(hero, field())).max(axis=2)[near]
    assert np.percentile(off, 90) < 0.05
    assert np.percentile(off, 99) < 0.13


def test_the_subject_takes_nothing_of_its_background_along() -> None:
    """Over another ground, far from the old one in colour, it is what the true subject would be."""
    hero = _puff(PixelSize(720, 480), Reframe.CROP)
    front = hero.layers.layers[1].rgba.astype(np.float32) / 255
    picture, cover = puff()
    own = picture.astype(np.float32) / 255 - field() * (1 - cover[..., None])
    true = _shown(hero, np.dstack([own, cover]))
    ground = np.float32([0.9, 0.1, 0.9])
    wanted = true[..., :3] + ground * (1 - true[..., 3:])
    seen = ground + (front[..., :3] - ground) * front[..., 3:]
    near = cv2.dilate((true[..., 3] > 0.01).astype(np.uint8), np.ones((25, 25), np.uint8)) > 0
    off = np.abs(seen - wanted).max(axis=2)[near & (true[..., 3] < 0.95)]
    assert off.mean() < 0.11
    assert np.percentile(off, 90) < 0.4


def test_the_sky_above_a_photograph_has_no_streaks() -> None:
    hero = _puff(PixelSize(400, 720), Reframe.EXTEND)
    _, y, width, _ = (int(number) for number in hero.details["crop"].split(","))
    above = -y * hero.size.width // width
    assert above > 60
    sky = cv2.blur(hero.image[: above // 2].astype(np.float32), (5, 5))
    assert np.abs(np.diff(sky, axis=1)).max() < 1.5
    rows = hero.image[: above + 40].astype(np.float32).mean(axis=(1, 2))
    assert np.abs(np.diff(rows)).max() < 2


def test_noise_stays_in_one_layer() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (150, 200, 3), np.uint8)
    hero = ingest(_file(noise), size=SQUARE, reframe=Reframe.CROP, known=Known(), decode=decode)
    assert len(hero.layers.layers) == 1
    assert hero.layers.confidence < 0.5
    assert hero.matte is None
    assert "SINGLE_LAYER" in {finding.reason for finding in hero.findings}
    bleed = hero.layers.bleed_px
    rgba = hero.layers.layers[0].rgba
    frame = rgba[bleed : rgba.shape[0] - bleed, bleed : rgba.shape[1] - bleed]
    assert np.array_equal(frame[..., :3], hero.image)


def test_a_focus_moves_the_crop() -> None:
    left = still_life(240, 160, (0.25, 0.5), (26, 30))
    data = _file(np.ascontiguousarray(np.concatenate([left[:, :120]] * 2, 1)))
    places = []
    for x in (0.25, 0.75):
        hero = ingest(data, size=TALL, reframe=Reframe.CROP, known=Known(focus=(x, 0.5)), decode=decode)
        places.append(int(hero.details["crop"].split(",")[0]))
    assert places[0] + 60 < places[1]


def test_same_bytes_same_hero() -> None:
    one, other = _egg(SQUARE), _egg.__wrapped__(SQUARE)
    assert np.array_equal(one.image, other.image)
    for first, second in zip(one.layers.layers, other.layers.layers, strict=True):
        assert np.array_equal(first.rgba, second.rgba)


def test_details_hold_nothing_of_the_file() -> None:
    """A place in its metadata, say."""
    exif = Image.Exif()
    exif[0x010E] = "SECRET"
    stream = io.BytesIO()
    Image.fromarray(still_life(180, 120, (0.5, 0.5), (20, 24))).save(stream, "JPEG", exif=exif, comment=b"SECRET")
    assert b"SECRET" in stream.getvalue()
    hero = ingest(stream.getvalue(), size=SQUARE, reframe=Reframe.CROP, known=Known(), decode=decode)
    assert "SECRET" not in repr((hero.details, hero.findings))
    assert type(hero.image) is np.ndarray


def test_what_is_not_a_picture_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"photograph\.image"):
        ingest(b"words", size=SQUARE, reframe=Reframe.CROP, known=Known(), decode=decode)


def cup() -> tuple[Rgb8, Levels]:
    """A real photograph, and a mask as somebody would paint it: the saucer, roughly."""
    photo = np.asarray(data.coffee())
    mask = np.zeros(photo.shape[:2], np.uint8)
    cv2.ellipse(mask, (280, 212), (205, 185), 0, 0, 360, 255, -1)
    return photo, np.asarray(cv2.GaussianBlur(mask, (0, 0), 2), np.float32) / np.float32(255)


@functools.cache
def _cup(*, with_depth: bool = False) -> HeroPicture:
    photo, mask = cup()
    depth = np.maximum(0.5 * mask, np.linspace(0.1, 0.5, 400, dtype=np.float32)[:, None]) if with_depth else None
    half = cv2.resize(mask, (mask.shape[1] // 2, mask.shape[0] // 2), interpolation=cv2.INTER_AREA)
    regions = {"flicker": np.rint(255 * half).astype(np.uint8), "sky": np.full(half.shape, 255, np.uint8)}
    known = Known(matte=mask, inverse_depth=depth, regions=regions)
    return hero_of(photo, find(photo, known), size=PixelSize(480, 270), reframe=Reframe.CROP, known=known)


def test_a_real_photograph_over_its_own_plate_is_the_photograph() -> None:
    hero = _cup()
    x, y, width, height = (int(number) for number in hero.details["crop"].split(","))
    wanted = np.rint(np.clip(shrunk(cup()[0], (x, y, x + width, y + height), hero.size), 0, 1) * 255).astype(np.uint8)
    again = layers.composite([layer.rgba for layer in hero.layers.layers], hero.layers.bleed_px)
    _, likeness = structural_similarity(again, wanted, channel_axis=2, full=True)
    assert hero.matte is not None
    edge = cv2.dilate(((hero.matte > 5) & (hero.matte < 250)).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    assert 0.02 < edge.mean() < 0.5
    assert likeness.mean(axis=2)[~edge].mean() >= 0.99


def test_an_owners_mask_is_taken_and_trusted() -> None:
    hero = _cup()
    assert hero.details["subject_by"] == "owner"
    assert hero.layers.confidence > 0.75
    assert "MATTE_GUESSED" not in {finding.reason for finding in hero.findings}


def test_an_owners_depth_is_taken_as_it_is() -> None:
    guessed, given = _cup(), _cup(with_depth=True)
    assert given.details["depth_confidence"] == "1.000"
    assert given.layers.confidence > guessed.layers.confidence
    assert given.inverse_depth is not None
    assert given.inverse_depth.max() == 65535
    column = given.inverse_depth[:, 5].astype(float)
    assert np.all(np.diff(column) >= -300)
    assert given.layers.layers[0].depth_m != guessed.layers.layers[0].depth_m


def test_a_narrow_crops_plate_is_made_of_what_lies_beside_it() -> None:
    """Before a red wall stands a figure that fills the crop; only beside the crop the wall is seen."""
    photo = np.full((240, 640, 3), (150, 40, 40), np.uint8)
    photo = np.clip(photo + np.random.default_rng(9).normal(0, 8, photo.shape), 0, 255).astype(np.uint8)
    mask = np.zeros((240, 640), np.float32)
    mask[20:, 240:400] = 1
    photo[mask > 0] = (40, 60, 160)
    known = Known(matte=mask)
    hero = hero_of(photo, find(photo, known), size=PixelSize(134, 238), reframe=Reframe.CROP, known=known)
    plate = hero.layers.layers[0].rgba[..., :3].astype(float)
    assert hero.matte is not None
    assert hero.matte.mean() > 200
    assert (plate[..., 0] - plate[..., 2]).min() > 30
    assert plate[..., 0].std() > 4


def test_drawn_regions_are_cropped_as_the_photograph_is() -> None:
    """A mask that is the subject's lies where the subject is, at whatever size it was drawn."""
    hero = _cup()
    assert list(hero.regions) == ["flicker", "sky"]
    assert hero.matte is not None
    assert {region.shape for region in hero.regions.values()} == {hero.matte.shape}
    assert (hero.regions["sky"] == 255).all()
    drawn, subject = hero.regions["flicker"] > 127, hero.matte > 127
    assert (drawn & subject).sum() > 0.93 * (drawn | subject).sum()


def test_a_drawn_region_has_to_show_something_and_to_have_the_photographs_ratio() -> None:
    whole = np.ones((60, 80), np.float32)
    kept = checked_region(whole, PixelSize(800, 600), "at")
    assert (kept.dtype, kept.shape, kept.min()) == (np.uint8, (60, 80), 255)
    for wrong, words in ((0 * whole, "shows nothing"), (whole[:40], "is 80×40 px, the photograph is 800×600")):
        with pytest.raises(InvalidInput, match=words) as caught:
            checked_region(wrong, PixelSize(800, 600), "photograph.regions[0].mask")
        assert caught.value.metadata["field"] == "photograph.regions[0].mask"


def test_a_drawn_region_is_kept_no_larger_than_the_photograph() -> None:
    """Sixteen of 80 megapixels in floats would be five gigabytes."""
    drawn = np.zeros((600, 800), np.float32)
    drawn[300:] = 0.6
    kept = checked_region(drawn, PixelSize(400, 300), "at")
    assert (kept.dtype, kept.shape) == (np.uint8, (300, 400))
    assert (kept[:149] == 0).all()
    assert (kept[151:] == 153).all()
