"""The image stage: makes hero stills, generated on a set or taken from a photograph, with layers, depth and matte."""
