"""Masks and depth maps: their numbers as they are, from whatever editors write."""

from __future__ import annotations

import io
import tracemalloc

import numpy as np
import pytest
from PIL import Image, ImageCms

from firstframe.adapters.picture_levels import decode_levels
from firstframe.core.errors import InvalidInput
from firstframe.core.media import Levels

RAMP = np.broadcast_to(np.linspace(0, 255, 96).astype(np.uint8), (72, 96)).copy()


def file(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def levels(data: bytes, *, transparency: bool = False) -> Levels:
    return decode_levels(data, field="photograph.matte", transparency=transparency)


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_greys_are_taken_as_they_are(kind: str, mode: str) -> None:
    found = levels(file(Image.fromarray(RAMP).convert(mode), kind, **({"lossless": True} if kind == "WEBP" else {})))
    assert found.dtype == np.float32
    assert np.abs(found - RAMP / 255).max() < 1e-6


def test_jpeg_is_grey_but_for_its_own_error() -> None:
    found = levels(file(Image.fromarray(RAMP).convert("RGB"), "JPEG", quality=85))
    assert np.abs(found - RAMP / 255).max() < 0.03


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_keep_their_steps(kind: str) -> None:
    deep = np.broadcast_to(np.arange(30_000, 30_096).astype(np.uint16), (72, 96)).copy()
    found = levels(file(Image.fromarray(deep), kind))
    assert np.abs(found[0] * 65535 - deep[0]).max() < 0.01


def test_a_profile_does_not_change_them() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert np.array_equal(levels(file(Image.fromarray(RAMP), icc_profile=profile)), levels(file(Image.fromarray(RAMP))))


def test_a_cut_out_tells_by_its_transparency() -> None:
    colours = np.random.default_rng(1).integers(0, 255, (72, 96, 3), np.uint8)
    data = file(Image.fromarray(np.dstack([colours, RAMP])))
    assert np.abs(levels(data, transparency=True) - RAMP / 255).max() < 1e-6
    with pytest.raises(InvalidInput, match="a picture of colours"):
        levels(data)


def test_an_opaque_alpha_tells_nothing() -> None:
    data = file(Image.fromarray(np.dstack([RAMP, np.full_like(RAMP, 255)]), "LA"))
    assert np.abs(levels(data, transparency=True) - RAMP / 255).max() < 1e-6


def test_bilevel_and_palette() -> None:
    black_and_white = Image.fromarray(RAMP).point(lambda value: 255 if value > 127 else 0)
    for mode in ("1", "P"):
        assert set(np.unique(levels(file(black_and_white.convert(mode))))) == {0.0, 1.0}


def test_colours_are_refused_with_the_field() -> None:
    with pytest.raises(InvalidInput, match=r"photograph\.matte: is a picture of colours; give one of greys"):
        levels(file(Image.new("RGB", (96, 72), "teal")))


def test_a_photographs_own_checks_hold() -> None:
    for data, words in ((b"", "empty"), (b"words " * 100, "text file"), (file(Image.new("L", (8, 8))), "8×8")):
        with pytest.raises(InvalidInput, match=words):
            levels(data)
    with pytest.raises(InvalidInput, match="32 bits"):
        levels(file(Image.fromarray(np.zeros((72, 96), np.float32)), "TIFF"))


def test_it_is_turned_as_its_photograph_is() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    found = levels(file(Image.fromarray(RAMP), "PNG", exif=exif))
    assert found.shape == (96, 72)
    assert found[0].max() < 0.01
    assert found[-1].min() > 0.99


def test_a_large_mask_of_three_channels_takes_the_memory_of_one() -> None:
    wide = np.broadcast_to(np.linspace(0, 255, 2048).astype(np.uint8), (2048, 2048))
    data = file(Image.fromarray(wide).convert("RGB"))
    tracemalloc.start()
    found = levels(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert np.abs(found - wide / np.float32(255)).max() < 1e-6
    assert peak < 8 * wide.size


def test_colours_of_a_large_picture_are_seen_although_their_mean_is_grey() -> None:
    stripes = np.zeros((1500, 2500, 3), np.uint8)
    stripes[:, ::3, 0] = stripes[:, 1::3, 1] = stripes[:, 2::3, 2] = 255
    with pytest.raises(InvalidInput, match="a picture of colours"):
        levels(file(Image.fromarray(stripes)))
