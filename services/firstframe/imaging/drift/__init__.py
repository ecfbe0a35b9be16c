"""Truth about a clip: what happened between its frames that nobody asked for, and whether what was asked for happened.

A `Meter` is fed one frame after the other and keeps a small picture of the hero beside them. For every frame it knows, or
follows, the camera; it paints the hero as that camera sees it and looks at what the frame has otherwise.
"""

VERSION = "5"
"""Of the measures and their limits; raised whenever the same frames may be judged otherwise."""
