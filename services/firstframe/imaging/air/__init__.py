"""What is in the air of a clip, or moves by itself: one module for each atmosphere.

All of them are a `Medium` (`base.py`): it may draw between two layers, move a layer's own picture, or throw light on the
whole. At the first frame there is nothing of any of them, so that the hero is exact.
"""
