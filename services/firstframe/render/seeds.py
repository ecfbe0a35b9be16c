"""Seeds of the renderer's own streams of random numbers."""

from __future__ import annotations

import numpy as np


def stream_seed(seed: int, *stream: int) -> int:
    """A seed of 32 bits for one stream of a picture, such as a layer or a sample.

    The renderer takes 32 bits; a picture's seed may use all of them, so numbers of streams are mixed in rather than
    added. NumPy promises that `SeedSequence` gives the same numbers in every release.

    Args:
        seed: The picture's seed, 0 to 2³² − 1.
        stream: Numbers that tell the stream from the picture's others, each 0 or more.
    """
    return int(np.random.SeedSequence((seed, *stream)).generate_state(1)[0])
