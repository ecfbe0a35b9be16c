"""Models about pictures and people that are installed on this machine, for the stages of a local stack."""

from __future__ import annotations

import json
from importlib.util import find_spec

from firstframe.core.errors import FirstframeError
from firstframe.core.models import Runtime
from firstframe.packs.export_record import read_record
from firstframe.packs.installed import InstalledPack
from firstframe.packs.shelf import ModelShelf, find_shelf

PICTURE_PACKS = ("isnet-matting", "face-landmarks")
"""Packs that the image stage asks about photographs (`firstframe.imagegen.mattes`)."""
PEOPLE_PACKS = ("face-landmarks", "pose")
"""Packs that the animation stage asks about people (`firstframe.animation.effects.people`)."""
_CLIENT = "tritonclient"
"""Imported by whatever mounts models, though a local stack has no server."""
_LIBRARIES = {Runtime.ONNX: "onnxruntime", Runtime.TFLITE: "ai_edge_litert"}


def picture_models() -> dict[str, str]:
    """Settings of the image stage, without their prefix, that give it the installed packs; none where there are none.

    They are loaded by the first photograph: a campaign of generated sets does not pay for them.
    """
    return _settings(PICTURE_PACKS)


def motion_models() -> dict[str, str]:
    """As `picture_models`, for the animation stage: packs that find people, and packs that make clips and were exported.

    The first clip that asks for one loads it.
    """
    return _settings_of([*runnable_packs(PEOPLE_PACKS), *_clip_packs()])


def _settings(names: tuple[str, ...]) -> dict[str, str]:
    return _settings_of(runnable_packs(names))


def _settings_of(packs: list[InstalledPack]) -> dict[str, str]:
    if not packs:
        return {}
    return {
        "MODELS__PACKS": json.dumps([pack.pack.pack for pack in packs]),
        "MODELS__HOME": str(packs[0].folder.parents[1]),
        "MODELS__PRELOAD": "false",
    }


def runnable_packs(names: tuple[str, ...] = PICTURE_PACKS) -> list[InstalledPack]:
    """Packs that are installed and whose libraries are here."""
    try:
        shelf = find_shelf(None, None)
    except FirstframeError:  # an installation without a catalogue
        return []
    found = (_installed(shelf, name) for name in names)
    return [pack for pack in found if pack is not None and _libraries_are_here(pack)]


def _clip_packs() -> list[InstalledPack]:
    """Packs that make clips, where they were exported and the library that runs them is here."""
    if find_spec("diffusers") is None:
        return []
    try:
        shelf = find_shelf(None, None)
    except FirstframeError:
        return []
    names = [pack.pack for pack in shelf if pack.pipeline is not None and pack.pipeline.native.frames]
    found = [_installed(shelf, name) for name in names]
    return [pack for pack in found if pack is not None and _exported(pack) and _libraries_are_here(pack)]


def _exported(pack: InstalledPack) -> bool:
    pipeline, exported = pack.pack.pipeline, read_record(pack.folder)
    made = {graph.name for graph in exported.graphs} if exported else set()
    return pipeline is not None and set(pipeline.modules.values()) <= made


def _installed(shelf: ModelShelf, name: str) -> InstalledPack | None:
    try:
        return shelf.home.find(shelf.get(name))
    except FirstframeError:
        return None


def _libraries_are_here(pack: InstalledPack) -> bool:
    needed = {_CLIENT, *(_LIBRARIES[graph.runtime] for graph in pack.pack.graphs)}
    return all(find_spec(library) is not None for library in needed)
