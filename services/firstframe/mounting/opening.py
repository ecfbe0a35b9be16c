"""Opens the models of a stage only where there are any: their libraries take seconds to import."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firstframe.mounting.settings import ModelSettings

if TYPE_CHECKING:
    from firstframe.mounting.mount import Mount


def mounted(settings: ModelSettings, *, workers: int) -> Mount | None:
    """The models that a stage was told of; None where there are none.

    Args:
        settings: What the stage was told.
        workers: Runs at a time where the models run in this process.

    Raises:
        NotFound: `PACK_NOT_FOUND` or `PACK_NOT_INSTALLED`.
        InvalidInput: A pack file is none.
    """
    if not settings.packs:
        return None
    from firstframe.mounting.mount import Mount

    return Mount(settings, workers=workers)
