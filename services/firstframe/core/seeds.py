"""Seeds of everything that is random."""

MAX_SEED = 2**32 - 1
"""Seeds are whole numbers from 0 to this: what every generator in use takes."""
