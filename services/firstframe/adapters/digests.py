"""Names of blobs and records, checked before they become paths or object keys, and the bound on records."""

from __future__ import annotations

from firstframe.core.canonical import ARTIFACT_DIGEST, SHA256_HEX
from firstframe.core.errors import InvalidInput

MAX_RECORD_BYTES = 1 << 20


def digest_hex(digest: str) -> str:
    """The 64 hexadecimal digits of `sha256:…`.

    Raises:
        InvalidInput: It is not a digest.
    """
    found = ARTIFACT_DIGEST.fullmatch(digest)
    if not found:
        raise InvalidInput.at(
            "digest", f"{digest!r} is not a digest", "use sha256: and 64 lower-case hexadecimal digits"
        )
    return found[1]


def record_key(key: str) -> str:
    """A content key, checked.

    Raises:
        InvalidInput: It is not one.
    """
    if not SHA256_HEX.fullmatch(key):
        raise InvalidInput.at("key", f"{key!r} is not a content key", "use 64 lower-case hexadecimal digits")
    return key


def check_record(data: bytes) -> None:
    """Bounds a record.

    Raises:
        InvalidInput: It is longer than `MAX_RECORD_BYTES`.
    """
    if len(data) > MAX_RECORD_BYTES:
        raise InvalidInput.at("record", f"has {len(data)} bytes", f"at most {MAX_RECORD_BYTES} are kept")
