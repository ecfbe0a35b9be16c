"""Canonical JSON and digests: the same value gives the same bytes everywhere."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from enum import Enum
from fractions import Fraction
from typing import Any

SHA256_HEX = re.compile(r"[0-9a-f]{64}")
ARTIFACT_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
"""How artifacts are named."""


def plain(value: object) -> Any:  # noqa: ANN401  (JSON values have no common type)
    """`value` as JSON types: dataclasses become objects that name their class, enums their value, fractions `a/b`.

    Raises:
        TypeError: A value has no canonical form; floats must be finite.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {item.name: plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
        return {"kind": type(value).__name__, **fields}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    raise TypeError(f"no canonical form for {type(value).__name__}")


def canonical_json(value: object) -> bytes:
    """UTF-8 JSON with sorted keys and no spaces."""
    text = json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def digest_of(value: object) -> str:
    """SHA-256 of the canonical JSON, 64 lower-case hexadecimal digits."""
    return hashlib.sha256(canonical_json(value)).hexdigest()
