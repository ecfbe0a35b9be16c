"""Preflight: is a still good enough to be moved?

Thresholds, verdicts, sentences and overlays for the measures of `firstframe.imaging.preflight`. Shared by the image stage and
the command line; sees core, ports and imaging.
"""
