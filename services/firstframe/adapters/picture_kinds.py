"""What a file is, by its first and last bytes; its name does not matter."""

from __future__ import annotations

import codecs

HEAD_BYTES = 64 * 1024

_ZIP_END = b"PK\x05\x06"
_ZIP_END_BYTES = 22

_SIGNATURES = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"II+\x00", "TIFF"),
    (b"MM\x00+", "TIFF"),
    (b"GIF8", "a GIF"),
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"BM", "a BMP"),
    (b"8BPS", "a Photoshop file"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"\x1f\x8b", "a gzip archive"),
)
_BRANDS = {b"avif": "an AVIF", b"heic": "a HEIC", b"heix": "a HEIC", b"mif1": "a HEIF", b"jxl ": "a JPEG XL"}
_HIDDEN = (
    (b"<?php", "a PHP program"),
    (b"<script", "a web page"),
    (b"<html", "a web page"),
    (b"<!doctype html", "a web page"),
    (b"rar!\x1a\x07", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
)


def kind_of(head: bytes) -> str:
    """JPEG, PNG, WEBP or TIFF, or words for what else the file is.

    Args:
        head: The first bytes of the file, a few hundred at least where it has them.
    """
    for start, name in _SIGNATURES:
        if head.startswith(start):
            return name
    if head[:4] == b"RIFF":
        return "WEBP" if head[8:12] == b"WEBP" else "a sound or a video"
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "a video")
    return _text(head)


def _text(head: bytes) -> str:
    start = head[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"<svg") or (start.startswith(b"<?xml") and b"<svg" in head[:4096].lower()):
        return "an SVG drawing"
    if start.startswith(b"<"):
        return "a web page or XML"
    try:
        # In steps, because a character may be cut off at the end.
        words = codecs.getincrementaldecoder("utf-8")().decode(head[:512])
    except UnicodeDecodeError:
        return "not a picture of a known kind"
    return "not a picture of a known kind" if "\0" in words else "a text file"


def foreign(head: bytes, tail: bytes) -> str:
    """What else the file is at the same time (a polyglot), in words; empty when it is only a picture.

    A picture that other programs would run or unpack is refused, although only its pixels would be kept. What cameras
    append (a second view, a short video) is fine.

    Args:
        head: The first bytes of the file, at most HEAD_BYTES.
        tail: The last ones.
    """
    if b"%PDF-" in head[:1024]:  # readers of PDF look that far
        return "a PDF"
    if _ends_as_zip(tail):
        return "a ZIP archive"
    small = head.lower(), tail.lower()
    return next((name for mark, name in _HIDDEN if any(mark in part for part in small)), "")


def _ends_as_zip(tail: bytes) -> bool:
    """Whether an archive's directory ends just where the file ends, its comment included."""
    at = tail.rfind(_ZIP_END)
    if at < 0 or len(tail) < at + _ZIP_END_BYTES:
        return False
    comment = int.from_bytes(tail[at + 20 : at + 22], "little")
    return at + _ZIP_END_BYTES + comment == len(tail)
