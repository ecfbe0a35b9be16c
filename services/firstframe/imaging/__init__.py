"""Numeric code over arrays: render, warp, blend, metrics. No I/O."""
