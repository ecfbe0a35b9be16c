"""Files of strangers through the real service: the right picture or an error that names the field, within bounds."""

from __future__ import annotations

import io
import struct
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import grpc
import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from firstframe.api.imagegen.v1 import imagegen_pb2, imagegen_pb2_grpc
from firstframe.api.media.v1 import artifact_pb2, picture_pb2
from support.stage_process import StageProcess

WIDTH, HEIGHT = 320, 180
RED, GREEN, BLUE, GREY = (200, 40, 40), (40, 160, 40), (40, 40, 200), (128, 128, 128)
DEADLINE_S = 60
MEMORY = 300 << 20
"""What a file of this test may add to the service's memory at its peak."""
D50_TO_SRGB = np.array(
    [[3.1338561, -1.6168667, -0.4906146], [-0.9787684, 1.9161415, 0.0334540], [0.0719453, -0.2289914, 1.4052427]]
)
"""XYZ of D50 to linear sRGB (Lindbloom, read 2026-11)."""
P3 = np.array([[0.515102, 0.291965, 0.157153], [0.241182, 0.692236, 0.066582], [-0.001050, 0.041882, 0.784378]])
"""Linear Display P3 to XYZ of D50 (from its published primaries, adapted by Bradford)."""


@dataclass(frozen=True)
class Serving:
    stage: StageProcess
    stub: imagegen_pb2_grpc.ImageGenServiceStub


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with (
        StageProcess("imagegen", tmp_path_factory.mktemp("imagegen")) as stage,
        grpc.insecure_channel(stage.address) as channel,
    ):
        yield Serving(stage, imagegen_pb2_grpc.ImageGenServiceStub(channel))


def quarters(red: tuple[int, int, int] = RED) -> np.ndarray:
    """Four flat quarters; they tell every orientation and channel from the others."""
    picture = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    for (y, x), colour in zip(((0, 0), (0, 1), (1, 0), (1, 1)), (red, GREEN, BLUE, GREY), strict=True):
        picture[y * 90 : y * 90 + 90, x * 160 : x * 160 + 160] = colour
    return picture


def file(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def plain() -> Image.Image:
    return Image.fromarray(quarters())


def animated(kind: str) -> bytes:
    frames = [Image.new("RGB", (WIDTH, HEIGHT), colour) for colour in ("red", "blue")]
    return file(frames[0], kind, save_all=True, append_images=frames[1:])


def huge() -> bytes:
    """A real PNG of 30,000 × 30,000 pixels; 0.1 MB of zeros that unfold to a gigabyte."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    packer, rows = zlib.compressobj(9), bytes(1 + 30_000 // 8)
    data = b"".join(packer.compress(rows) for _ in range(30_000)) + packer.flush()
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def sixteen_bits(kind: str) -> bytes:
    deep = quarters()[..., ::-1].astype(np.uint16) * 257
    good, data = cv2.imencode(f".{kind}", deep)
    assert good
    return bytes(data)


def display_p3() -> bytes:
    """The quarters' code values in Display P3, with its profile: sRGB's own with other primaries."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for tag, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), P3.T, strict=True):
        at = profile.index(tag)
        offset = int.from_bytes(profile[at + 4 : at + 8], "big") + 8
        profile[offset : offset + 12] = struct.pack(">3i", *(round(float(value) * 65536) for value in column))
    return file(plain(), "PNG", icc_profile=bytes(profile))


def from_p3(colour: tuple[int, int, int]) -> tuple[int, ...]:
    """What a colour of Display P3 is in sRGB, by the formulas."""
    code = np.array(colour) / 255
    linear = D50_TO_SRGB @ P3 @ np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    clipped = np.clip(linear, 0, 1)
    back = np.where(clipped <= 0.0031308, 12.92 * clipped, 1.055 * clipped ** (1 / 2.4) - 0.055)
    return tuple(round(float(value) * 255) for value in back)


def turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return file(Image.fromarray(np.ascontiguousarray(np.rot90(quarters()))), "JPEG", quality=95, exif=exif)


def archive() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        packed.writestr("a.txt", "hello")
    return stream.getvalue()


def with_a_place(kind: str) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = "SECRET by EXIF"
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 29.5)
    if kind == "PNG":
        words = PngImagePlugin.PngInfo()
        words.add_text("Comment", "SECRET by text")
        return file(plain(), kind, exif=exif, pnginfo=words)
    return file(plain(), kind, quality=95, exif=exif, comment=b"SECRET by comment", xmp=b"<x>SECRET by XMP</x>")


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="640" height="360"/>'
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "no bytes": (lambda: b"", "photograph.image.size_bytes: is 0"),
    "one pixel": (lambda: file(Image.new("RGB", (1, 1)), "PNG"), "photograph.image: is 1×1 pixels"),
    "thirty thousand pixels a side": (huge, "is 30000×30000 pixels; use at most 80 megapixels"),
    "animated GIF": (lambda: animated("GIF"), "photograph.image: is a GIF; use a JPEG, PNG, WebP or TIFF photograph"),
    "animated WebP": (lambda: animated("WEBP"), "photograph.image: has 2 frames"),
    "animated PNG": (lambda: animated("PNG"), "photograph.image: has 2 frames"),
    "pages": (lambda: animated("TIFF"), "photograph.image: has 2 pages"),
    "cut off": (lambda: file(plain(), "JPEG")[:1500], "photograph.image: is cut off or damaged"),
    "cut off PNG": (lambda: file(plain(), "PNG")[:250], "photograph.image: is cut off or damaged"),
    "picture and archive": (lambda: file(plain(), "JPEG") + archive(), "is a JPEG with a ZIP archive in it"),
    "picture and program": (lambda: file(plain(), "JPEG", comment=b"<?php exit;"), "is a JPEG with a PHP program"),
    "drawing": (lambda: SVG, "photograph.image: is an SVG drawing"),
    "floating point": (lambda: file(Image.fromarray(np.zeros((90, 90), np.float32)), "TIFF"), "32 bits per channel"),
}
TAKEN: dict[str, tuple[Callable[[], bytes], tuple[tuple[int, ...], ...], int]] = {
    "plain": (lambda: file(plain(), "PNG"), (RED, GREEN, BLUE, GREY), 0),
    "CMYK": (lambda: file(plain().convert("CMYK"), "JPEG", quality=95), (RED, GREEN, BLUE, GREY), 4),
    "16 bits": (lambda: sixteen_bits("png"), (RED, GREEN, BLUE, GREY), 1),
    "profile": (display_p3, tuple(map(from_p3, (RED, GREEN, BLUE, GREY))), 2),
    "turned": (turned, (RED, GREEN, BLUE, GREY), 4),
    "place in a JPEG": (lambda: with_a_place("JPEG"), (RED, GREEN, BLUE, GREY), 4),
    "place in a PNG": (lambda: with_a_place("PNG"), (RED, GREEN, BLUE, GREY), 0),
}


@pytest.mark.parametrize("name", [*REFUSED, *TAKEN])
def test_a_strangers_file(serving: Serving, name: str) -> None:
    data = (REFUSED.get(name) or TAKEN[name])[0]()
    before = memory(serving.stage)
    if name in REFUSED:
        with pytest.raises(grpc.RpcError) as caught:
            make(serving, data)
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert REFUSED[name][1] in caught.value.details()
        assert "; " in caught.value.details()  # what to do follows
    else:
        _, colours, within = TAKEN[name]
        hero = make(serving, data)
        look(picture(serving, hero.image), colours, within)
        assert (hero.size.width_px, hero.size.height_px) == (WIDTH, HEIGHT)
        assert_clean(serving, hero)
    assert memory(serving.stage) - before < MEMORY
    assert make(serving, file(plain(), "PNG")).size.width_px == WIDTH  # and the service goes on


def test_what_is_to_be_hidden_is_there_before() -> None:
    for kind in ("JPEG", "PNG"):
        assert b"SECRET" in with_a_place(kind)
        assert Image.open(io.BytesIO(with_a_place(kind))).getexif().get_ifd(0x8825)
    assert any(abs(one - other) > 8 for one, other in zip(from_p3(RED), RED, strict=True))


@pytest.mark.parametrize("field", ["matte", "inverse_depth"])
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (file(Image.new("L", (320, 240), 255), "PNG"), "is 320×240 px, the photograph is 320×180"),
        (file(Image.new("RGB", (320, 180), "teal"), "PNG"), "is a picture of colours; give one of greys"),
        (file(Image.new("L", (320, 180), 255), "PNG"), "everywhere"),
        (SVG, "is an SVG drawing"),
        (file(plain(), "JPEG")[:1500], "is cut off or damaged"),
    ],
    ids=["ratio", "colours", "flat", "drawing", "cut off"],
)
def test_a_strangers_map(serving: Serving, field: str, data: bytes, words: str) -> None:
    request = asked(serving, file(plain(), "PNG"))
    getattr(request.photograph, field).CopyFrom(stored(serving, data))
    with pytest.raises(grpc.RpcError) as caught:
        list(serving.stub.GenerateHero(request, timeout=DEADLINE_S))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert f"photograph.{field}: " in caught.value.details()
    assert words in caught.value.details()


def test_a_map_that_fits_is_taken(serving: Serving) -> None:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[:90, :160] = 255
    request = asked(serving, file(plain(), "PNG"))
    request.photograph.matte.CopyFrom(stored(serving, file(Image.fromarray(mask), "PNG")))
    result = list(serving.stub.GenerateHero(request, timeout=DEADLINE_S))[-1].result
    assert result.provenance.details["subject_by"] == "owner"
    with urllib.request.urlopen(f"http://{serving.stage.metrics}/metrics", timeout=10) as answer:
        assert 'firstframe_photographs_total{layers="2",subject_by="owner"} 1.0' in answer.read().decode()
    assert len(result.hero.layers.layers) == 2
    matte = picture(serving, result.hero.matte)
    assert matte[45, 80] == 255
    assert matte[45, 240] == matte[135, 80] == 0


def stored(serving: Serving, data: bytes) -> artifact_pb2.ArtifactRef:
    kept = serving.stage.store.put_bytes(data, "image/png")
    return artifact_pb2.ArtifactRef(digest=kept.digest, media_type="image/png", size_bytes=len(data))


def asked(serving: Serving, data: bytes) -> imagegen_pb2.GenerateHeroRequest:
    size = picture_pb2.PixelSize(width_px=WIDTH, height_px=HEIGHT)
    return imagegen_pb2.GenerateHeroRequest(size=size, photograph=imagegen_pb2.Photograph(image=stored(serving, data)))


def make(serving: Serving, data: bytes) -> picture_pb2.Hero:
    return list(serving.stub.GenerateHero(asked(serving, data), timeout=DEADLINE_S))[-1].result.hero


def picture(serving: Serving, reference: artifact_pb2.ArtifactRef) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(serving.stage.store.get_bytes(reference.digest, max_bytes=1 << 24))))


def look(shown: np.ndarray, colours: tuple[tuple[int, ...], ...], within: int) -> None:
    for (y, x), colour in zip(((45, 80), (45, 240), (135, 80), (135, 240)), colours, strict=True):
        assert np.abs(shown[y, x].astype(int) - colour).max() <= within, (y, x, shown[y, x], colour)


def assert_clean(serving: Serving, hero: picture_pb2.Hero) -> None:
    """Every picture of a hero has nothing in it but its pixels."""
    references = [hero.image, *(layer.image for layer in hero.layers.layers)]
    references += [getattr(hero, name) for name in ("matte", "inverse_depth") if hero.HasField(name)]
    for reference in references:
        data = serving.stage.store.get_bytes(reference.digest, max_bytes=1 << 24)
        assert chunks(data) <= {b"IHDR", b"IDAT", b"IEND"}
        assert b"SECRET" not in data


def chunks(data: bytes) -> set[bytes]:
    found, at = set(), 8
    while at < len(data):
        found.add(data[at + 4 : at + 8])
        at += 12 + int.from_bytes(data[at : at + 4], "big")
    return found


def memory(stage: StageProcess) -> int:
    """The most that the service has held so far, in bytes."""
    assert stage._process is not None
    status = Path(f"/proc/{stage._process.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) << 10
