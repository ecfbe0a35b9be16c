"""Installed models, run in this process for a command that works in the main thread."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread

from firstframe.cli.picture_models import PEOPLE_PACKS, PICTURE_PACKS, runnable_packs
from firstframe.ports.inference import BlockingInference

_DEADLINE_S = 120.0


@dataclass(frozen=True, slots=True)
class LocalModels:
    """Models that can be asked."""

    inference: BlockingInference | None = None
    """None where there are none."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """Of the weights, by pack."""


@contextmanager
def local_models(*, wanted: bool) -> Iterator[LocalModels]:
    """The models about pictures and people that are installed here; a model is loaded when it is asked first."""
    packs = runnable_packs(tuple(dict.fromkeys((*PICTURE_PACKS, *PEOPLE_PACKS)))) if wanted else []
    if not packs:
        yield LocalModels()
        return
    from firstframe.adapters.blocking import LoopInference
    from firstframe.adapters.embedded import EmbeddedInference

    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="models", daemon=True)
    thread.start()
    models = EmbeddedInference([model for pack in packs for model in pack.served()])
    try:
        yield LocalModels(LoopInference(models, loop, _DEADLINE_S), {pack.pack.pack: pack.digest for pack in packs})
    finally:
        asyncio.run_coroutine_threadsafe(models.close(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
