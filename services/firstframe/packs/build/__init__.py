"""TensorRT engines of packs: profiles, keys, commands, and the store that they are found in.

An engine is tied to a GPU architecture and a TensorRT version, so it is no part of a pack: it is built where such a GPU is
and kept under a key that names all that it depends on. See docs/tensorrt.md.
"""
