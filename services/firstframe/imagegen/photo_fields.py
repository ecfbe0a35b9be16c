"""Fields of a photograph in a request, for errors."""

from __future__ import annotations

MATTE = "photograph.matte"
DEPTH = "photograph.inverse_depth"
PARTNER = "photograph.partner"
REGIONS = "photograph.regions"
