"""Files of strangers: what is taken, what is refused, and what is left of it."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from firstframe.adapters import pictures
from firstframe.adapters.pictures import decode, decode_cut_out, decode_mark, inspect
from firstframe.core.errors import InvalidInput
from firstframe.core.media import PixelSize, Rgb8


def _scene(width: int = 96, height: int = 80) -> Rgb8:
    """Four flat quarters: red, green, blue, grey; they survive JPEG and tell every orientation from the others."""
    picture = np.empty((height, width, 3), np.uint8)
    picture[: height // 2, : width // 2] = (200, 40, 40)
    picture[: height // 2, width // 2 :] = (40, 160, 40)
    picture[height // 2 :, : width // 2] = (40, 40, 200)
    picture[height // 2 :, width // 2 :] = (128, 128, 128)
    return picture


def _file(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def _png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and has hardly any data."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


def _animation(kind: str) -> bytes:
    frames = [Image.new("RGB", (80, 80), colour) for colour in ("red", "blue")]
    return _file(frames[0], kind, save_all=True, append_images=frames[1:])


def _archive() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.txt", "hello")
    return stream.getvalue()


def _flat(size: tuple[int, int] = (80, 80)) -> Image.Image:
    return Image.new("RGB", size, (10, 20, 30))


HEADER = {
    "empty": (lambda: b"", "empty"),
    "text": (lambda: b"hello, I am a photograph\n" * 30, "is a text file"),
    "text of the world": (lambda: "Blütenstaub – ".encode() * 60, "is a text file"),
    "zeros": (lambda: bytes(600), "not a picture"),
    "svg": (lambda: b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
    "gif": (lambda: _file(_flat(), "GIF"), "GIF"),
    "video": (lambda: b"\0\0\0\x20ftypisom" + b"\0" * 500, "video"),
    "noise": (lambda: np.random.default_rng(1).bytes(4000), "not a picture"),
    "web page": (lambda: b"<!doctype html><html><body></body></html>", "a web page"),
    "heic": (lambda: b"\0\0\0\x18ftypheic" + b"\0" * 500, "a HEIC"),
    "sound": (lambda: b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 100, "a sound"),
    "picture and archive": (lambda: _file(_flat(), "JPEG") + _archive(), "JPEG with a ZIP archive in it"),
    "picture and program": (lambda: _file(_flat(), "JPEG", comment=b"<?php system(1);"), "a PHP program in it"),
    "picture and PDF": (lambda: _file(_flat(), "JPEG", comment=b"%PDF-1.4"), "a PDF in it"),
    "one pixel": (lambda: _file(_flat((1, 1)), "PNG"), "1×1 pixels; use a picture of at least 64"),
    "long side": (lambda: _png_header(40_000, 100), "40000×100"),
    "too many pixels": (lambda: _png_header(9_000, 9_000), "80 megapixels"),
    "bomb": (lambda: _png_header(29_999, 29_999), "80 megapixels"),
    "animated png": (lambda: _animation("PNG"), "2 (frames|pages)"),
    "animated webp": (lambda: _animation("WEBP"), "2 (frames|pages)"),
    "tiff of two pages": (lambda: _animation("TIFF"), "2 (frames|pages)"),
    "cut in its header": (lambda: _file(_flat(), "JPEG")[:30], "no valid header"),
}


@pytest.mark.parametrize("name", HEADER)
@pytest.mark.parametrize("reader", [inspect, decode])
def test_refuses_by_the_header(name: str, reader: Callable[[bytes], object]) -> None:
    make, words = HEADER[name]
    with pytest.raises(InvalidInput, match=words) as caught:
        reader(make())
    assert "; " in caught.value.message  # what to do follows the problem


def test_names_the_field() -> None:
    with pytest.raises(InvalidInput, match=r"^photograph\.image: is an empty file") as caught:
        decode(b"")
    assert caught.value.metadata == {"field": "photograph.image"}
    with pytest.raises(InvalidInput, match=r"^is an empty file"):  # the command line names the file itself
        inspect(b"")


def test_refuses_floating_point() -> None:
    with pytest.raises(InvalidInput, match="32 bits per channel"):
        decode(_file(Image.fromarray(np.zeros((80, 80), np.float32)), "TIFF"))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_refuses_what_is_cut_short(kind: str) -> None:
    noise = np.random.default_rng(2).integers(0, 256, (120, 160, 3), np.uint8)
    data = _file(Image.fromarray(noise), kind)
    with pytest.raises(InvalidInput, match=r"photograph\.image"):
        decode(data[: len(data) // 2])


def test_refuses_too_many_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MAX_BYTES", 1 << 20)
    with pytest.raises(InvalidInput, match="has 2 MiB"):
        decode(bytes(2 << 20))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_takes_each_format(kind: str) -> None:
    data = _file(Image.fromarray(_scene()), kind)
    assert inspect(data) == pictures.PictureFacts(f"image/{kind.lower()}", PixelSize(96, 80))
    _assert_like(decode(data), _scene())


def test_inspects_a_path_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "really-a-png.jpg"
    path.write_bytes(_file(Image.fromarray(_scene()), "PNG"))
    facts = inspect(path)
    assert facts == pictures.PictureFacts("image/png", PixelSize(96, 80))


def test_inspect_passes_on_that_a_path_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        inspect(tmp_path / "none.jpg")


def _assert_like(found: Rgb8, expected: Rgb8, within: int = 12) -> None:
    """Compares the middles of the quarters."""
    assert found.shape == expected.shape
    assert found.dtype == np.uint8
    height, width = expected.shape[:2]
    for y in (height // 4, 3 * height // 4):
        for x in (width // 4, 3 * width // 4):
            assert np.abs(found[y, x].astype(int) - expected[y, x]).max() <= within, (x, y, found[y, x])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_applies_the_orientation(kind: str, orientation: int) -> None:
    expected = _scene()
    stored = {
        1: expected,
        2: expected[:, ::-1],
        3: expected[::-1, ::-1],
        4: expected[::-1],
        5: expected.transpose(1, 0, 2),
        6: np.rot90(expected),
        7: expected[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(expected, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.fromarray(np.ascontiguousarray(stored))
    data = _file(image, kind, exif=exif)
    _assert_like(decode(data), expected)
    assert inspect(data).size == PixelSize(96, 80)


def test_cmyk_becomes_rgb() -> None:
    _assert_like(decode(_file(Image.fromarray(_scene()).convert("CMYK"), "JPEG", quality=95)), _scene())


def test_sixteen_bits_become_eight() -> None:
    deep = np.full((80, 96), 40_000, np.uint16)
    found = decode(_file(Image.fromarray(deep), "PNG"))
    assert found.shape == (80, 96, 3)
    assert np.all(found == 156)


def test_grey_palette_and_bilevel() -> None:
    grey = Image.fromarray(_scene()).convert("L")
    assert np.array_equal(decode(_file(grey, "PNG"))[..., 1], np.asarray(grey))
    _assert_like(decode(_file(Image.fromarray(_scene()).quantize(8), "PNG")), _scene())
    assert set(np.unique(decode(_file(grey.convert("1"), "PNG")))) <= {0, 255}


def test_alpha_lies_over_white() -> None:
    image = Image.new("RGBA", (80, 80), (0, 0, 0, 0))
    image.paste((200, 0, 0, 128), (0, 0, 40, 80))
    found = decode(_file(image, "PNG"))
    assert tuple(found[40, 60]) == (255, 255, 255)
    assert np.abs(found[40, 20].astype(int) - (227, 127, 127)).max() <= 1


def test_transparent_palette_lies_over_white() -> None:
    image = Image.new("P", (80, 80), 1)
    image.putpalette([0, 0, 0, 255, 0, 0])
    image.paste(0, (0, 0, 40, 80))
    found = decode(_file(image, "PNG", transparency=0))
    assert tuple(found[40, 20]) == (255, 255, 255)
    assert tuple(found[40, 60]) == (255, 0, 0)


def test_profile_is_converted_to_srgb() -> None:
    """In Lab, with the profile that says so, L 60 and b 40 is a warm ochre."""
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    srgb = ImageCms.createProfile("sRGB")
    image = Image.fromarray(_scene())
    stored = ImageCms.profileToProfile(image, srgb, lab, outputMode="LAB")
    assert stored is not None
    _assert_like(decode(_file(stored, "TIFF")), _scene(), within=3)


def test_profile_that_swaps_channels_is_applied() -> None:
    found = decode(_file(Image.fromarray(_scene()), "PNG", icc_profile=_swapped_profile()))
    _assert_like(found, np.ascontiguousarray(_scene()[..., ::-1]), within=4)


def _swapped_profile() -> bytes:
    """The sRGB profile with the primaries of red and blue exchanged."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = profile.index(b"rXYZ"), profile.index(b"bXYZ")
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(profile)


@pytest.mark.parametrize("profile", [b"nonsense", b"\0" * 200])
def test_damaged_profile_is_ignored(profile: bytes) -> None:
    _assert_like(decode(_file(Image.fromarray(_scene()), "PNG", icc_profile=profile)), _scene(), within=0)


def test_profile_of_another_kind_of_colour_is_ignored() -> None:
    grey = Image.fromarray(_scene()).convert("L")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert np.array_equal(decode(_file(grey, "PNG", icc_profile=profile))[..., 0], np.asarray(grey))


def test_telephone_picture_with_a_second_one_behind_is_taken() -> None:
    first, second = Image.fromarray(_scene()), Image.new("RGB", (96, 80), "white")
    data = _file(first, "MPO", save_all=True, append_images=[second])
    assert inspect(data).media_type == "image/jpeg"
    _assert_like(decode(data), _scene())


def test_damage_anywhere_gives_one_kind_of_error() -> None:
    """Bytes of a good file are overwritten at random: it decodes, or the error names the field."""
    rng = np.random.default_rng(3)
    refused = 0
    for kind in ("JPEG", "PNG", "WEBP", "TIFF"):
        data = _file(Image.fromarray(_scene()), kind)
        for _ in range(40):
            hurt = bytearray(data)
            for place in rng.integers(4, len(hurt), 6):
                hurt[place] = rng.integers(256)
            try:
                assert decode(bytes(hurt)).dtype == np.uint8
            except InvalidInput as error:
                refused += 1
                assert error.metadata == {"field": "photograph.image"}
    assert refused > 20


def test_a_mark_keeps_its_transparency_and_needs_some() -> None:
    whole = np.zeros((80, 90, 4), np.uint8)
    whole[20:60, 20:70] = (200, 10, 30, 255)
    whole[20, 20:70, 3] = 128
    file = io.BytesIO()
    Image.fromarray(whole).save(file, "PNG")
    assert np.array_equal(decode_mark(file.getvalue(), field="logo"), whole)
    plain = io.BytesIO()
    Image.new("RGB", (80, 80)).save(plain, "PNG")
    with pytest.raises(InvalidInput, match="logo: has no transparency"):
        decode_mark(plain.getvalue(), field="logo")


def test_a_large_cut_out_is_shrunk_without_the_colour_of_what_is_transparent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MAX_CUT_OUT_SIDE", 100)
    whole = np.full((160, 200, 4), (255, 255, 255, 0), np.uint8)
    whole[31:, 41:161] = (200, 10, 30, 255)
    colour, alpha = decode_cut_out(_file(Image.fromarray(whole), "PNG"))
    assert colour.shape == (80, 100, 3)
    assert alpha is not None
    assert (alpha[0, 0], alpha[20, 20], alpha[40, 50]) == (0, 128, 255)
    assert np.abs(colour[alpha > 0].astype(int) - (200, 10, 30)).max() <= 2
    colour, alpha = decode_cut_out(_file(Image.new("RGB", (90, 400), "teal"), "PNG"))
    assert (colour.shape, alpha) == ((100, 22, 3), None)
