"""Clips between messages and values: the part of decoding and encoding that stages share."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from firstframe.api.media.v1 import artifact_pb2, clip_pb2, picture_pb2
from firstframe.core.canonical import ARTIFACT_DIGEST
from firstframe.core.errors import InvalidInput
from firstframe.core.media import MAX_SIDE_PX, MIN_SIDE_PX, ClipInfo, PixelSize
from firstframe.ports.blobstore import BlobStore, StoredArtifact

VIDEO_TYPE = "video/mp4"
MAX_FRAMES = 1_000_000


@dataclass(frozen=True, slots=True)
class ClipReference:
    """A clip in the store with what it is said to be."""

    digest: str
    size_bytes: int
    info: ClipInfo


def size_of(message: picture_pb2.PixelSize, field: str) -> PixelSize:
    """Decodes a size.

    Raises:
        InvalidInput: A side is out of range.
    """
    for name in ("width_px", "height_px"):
        side = getattr(message, name)
        if not MIN_SIDE_PX <= side <= MAX_SIDE_PX:
            raise InvalidInput.at(f"{field}.{name}", f"is {side}", f"give {MIN_SIDE_PX} to {MAX_SIDE_PX}")
    return PixelSize(message.width_px, message.height_px)


def frame_rate_of(message: clip_pb2.FrameRate, field: str) -> Fraction:
    """Decodes a frame rate.

    Raises:
        InvalidInput: It is not greater than zero.
    """
    for name in ("numerator", "denominator"):
        if getattr(message, name) <= 0:
            raise InvalidInput.at(f"{field}.{name}", f"is {getattr(message, name)}", "give a number greater than zero")
    return Fraction(message.numerator, message.denominator)


def digest_of(message: artifact_pb2.ArtifactRef, field: str) -> str:
    """Digest of an artifact.

    Raises:
        InvalidInput: It is none.
    """
    if not ARTIFACT_DIGEST.fullmatch(message.digest):
        problem = f"is {message.digest!r}"
        raise InvalidInput.at(f"{field}.digest", problem, "give sha256: and 64 lower-case hexadecimal digits")
    return message.digest


def artifact_of(message: artifact_pb2.ArtifactRef, field: str) -> tuple[str, int]:
    """Digest of an artifact, and its length in bytes.

    Raises:
        InvalidInput: One of them is not said.
    """
    digest = digest_of(message, field)
    if message.size_bytes <= 0:
        raise InvalidInput.at(f"{field}.size_bytes", f"is {message.size_bytes}", "give the file's length")
    return digest, message.size_bytes


def clip_of(message: clip_pb2.Clip, field: str) -> ClipReference:
    """Decodes a clip.

    Raises:
        InvalidInput: A field is missing or out of range.
    """
    digest, length = artifact_of(message.video, f"{field}.video")
    if not 0 < message.frame_count <= MAX_FRAMES:
        raise InvalidInput.at(f"{field}.frame_count", f"is {message.frame_count}", f"give 1 to {MAX_FRAMES}")
    size = size_of(message.size, f"{field}.size")
    rate = frame_rate_of(message.frame_rate, f"{field}.frame_rate")
    return ClipReference(digest, length, ClipInfo(size, rate, message.frame_count))


def fetch_clip(store: BlobStore, clip: ClipReference, target: Path, field: str) -> Path:
    """Brings a clip from the store to `target` and returns that.

    Raises:
        InvalidInput: It has another length than the reference says. Else raises as `BlobStore.fetch`.
    """
    store.fetch(clip.digest, target)
    length = target.stat().st_size
    if length != clip.size_bytes:
        problem = f"says {clip.size_bytes} bytes, the artifact has {length}"
        raise InvalidInput.at(f"{field}.video.size_bytes", problem, "send the reference as the stage gave it")
    return target


def size_message(size: PixelSize) -> picture_pb2.PixelSize:
    """Encodes a size."""
    return picture_pb2.PixelSize(width_px=size.width, height_px=size.height)


def frame_rate_message(rate: Fraction) -> clip_pb2.FrameRate:
    """Encodes a frame rate."""
    return clip_pb2.FrameRate(numerator=rate.numerator, denominator=rate.denominator)


def artifact_message(stored: StoredArtifact) -> artifact_pb2.ArtifactRef:
    """Encodes a reference."""
    return artifact_pb2.ArtifactRef(digest=stored.digest, media_type=stored.media_type, size_bytes=stored.size_bytes)


def clip_message(stored: StoredArtifact, info: ClipInfo) -> clip_pb2.Clip:
    """Encodes a clip."""
    return clip_pb2.Clip(
        video=artifact_message(stored),
        size=size_message(info.size),
        frame_rate=frame_rate_message(info.frame_rate),
        frame_count=info.frame_count,
    )
