"""The effects that there are."""

from __future__ import annotations

from collections.abc import Mapping

from firstframe.animation.effects import EffectModule
from firstframe.animation.effects.heritage import HeritageModule
from firstframe.animation.effects.people import People
from firstframe.core.motion import EffectKind


def modules(people: People) -> Mapping[EffectKind, EffectModule]:
    """The modules, each by its kind."""
    known: tuple[EffectModule, ...] = (HeritageModule(people),)
    return {module.kind: module for module in known}
