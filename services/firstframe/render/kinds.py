"""Names for things of the renderer, which has no static types: each variant has classes of its own."""

from __future__ import annotations

from typing import Any

Renderer = Any
"""The module `mitsuba` with a variant active."""

Values = Any
"""An array, vector, ray or surface interaction of Dr.Jit or Mitsuba: one value for each lane."""

Plugin = Any
"""An object that `mitsuba.load_dict` made."""
