"""The effects that there are."""

from __future__ import annotations

from collections.abc import Mapping

from firstframe.animation.effects import EffectModule
from firstframe.animation.effects.couple import HUG, KISS, CoupleModule
from firstframe.animation.effects.dance import DanceModule
from firstframe.animation.effects.heritage import HeritageModule
from firstframe.animation.effects.people import People
from firstframe.core.errors import InvalidInput
from firstframe.core.motion import EffectKind


def modules(people: People) -> Mapping[EffectKind, EffectModule]:
    """The modules, each by its kind."""
    known: tuple[EffectModule, ...] = (
        HeritageModule(people),
        DanceModule(people),
        CoupleModule(people, KISS),
        CoupleModule(people, HUG),
    )
    return {module.kind: module for module in known}


def module_of(known: Mapping[EffectKind, EffectModule], kind: EffectKind) -> EffectModule:
    """The module of a kind.

    Raises:
        InvalidInput: There is none.
    """
    if kind not in known:
        names = ", ".join(sorted(one.value for one in known))
        raise InvalidInput.at("motion.effect.kind", f"{kind.value} is not there", f"use one of {names}")
    return known[kind]
