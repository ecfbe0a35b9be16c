"""Names of the parts of a picture that its owner draws, so that what moves knows its place."""

from __future__ import annotations

import re
from collections.abc import Sequence

from firstframe.core.errors import InvalidInput
from firstframe.core.motion import Atmosphere

SKY, SUBJECT, BACKGROUND = "sky", "subject", "background"
MAX_REGIONS = 16

_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")
_TAKEN = (SUBJECT, BACKGROUND)
"""What these are is known from the layers."""


def own_region(kind: Atmosphere) -> str:
    """Name of the region that an atmosphere takes by itself: `light-sweep`."""
    return kind.value.replace("_", "-")


SUITING = (*(own_region(kind) for kind in Atmosphere), SKY)
"""Names by which an atmosphere finds its place without being told."""


def check_regions(names: Sequence[str], *, field: str) -> None:
    """Checks the names of a picture's regions.

    Args:
        names: In the order in which they were given.
        field: Where they stand in the request.

    Raises:
        InvalidInput: There are more than `MAX_REGIONS`, or a name is none, is taken, or comes twice.
    """
    if len(names) > MAX_REGIONS:
        raise InvalidInput.at(field, f"there are {len(names)}", f"give at most {MAX_REGIONS}")
    for index, name in enumerate(names):
        at = f"{field}[{index}].name"
        if not _NAME.fullmatch(name):
            rule = "use 1 to 63 lower-case letters, digits and hyphens, starting with a letter"
            raise InvalidInput.at(at, f"{name!r} is not a name", rule)
        if name in _TAKEN:
            raise InvalidInput.at(at, f"{name!r} is known from the layers", "give a `matte`, or another name")
        if name in names[:index]:
            raise InvalidInput.at(at, f"{name!r} comes twice", "give each name once")
