"""Seeds of everything that is random."""

from __future__ import annotations

import hashlib

MAX_SEED = 2**32 - 1
"""Seeds are whole numbers from 0 to this: what every generator in use takes."""


def variation_seed(seed: int, variation: int) -> int:
    """Seed of a variation, 0 to 2³²−1: `seed` itself for the first, derived by SHA-256 for the others."""
    if variation == 1:
        return seed
    return int.from_bytes(hashlib.sha256(f"{seed}/variation/{variation}".encode()).digest()[:4]) & MAX_SEED
