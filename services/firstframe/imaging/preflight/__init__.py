"""Measures of a still: numbers over arrays. What is good enough is decided in `firstframe.preflight`."""
