"""Portraits that come alive: how a head moves, how lids close, what belongs to the paper and not to the person."""
