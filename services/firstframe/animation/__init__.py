"""Animation: a clip of a few seconds of motion from one hero."""
