"""Stitching: clips joined and encoded to a platform's rules."""
