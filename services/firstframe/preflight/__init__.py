"""Preflight: is a still good enough to be moved?

Thresholds, verdicts, sentences and overlays for the measures of `firstframe.imaging.preflight`. Shared by the image stage and
the command line; sees core, ports and imaging.
"""

VERSION = "8"
"""Part of every content key: to be raised whenever the same still may be judged otherwise."""
