"""Direction: a motion prompt becomes a motion and an account of how it was read, or findings that say what would go wrong.

Pure functions over text: no model, no I/O, the same answer every time.
"""
