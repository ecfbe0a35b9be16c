"""What a clip was asked to be: where the camera goes, what moves besides, and how exactly that is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from firstframe.core.media import Grey8
from firstframe.core.motion import Air, EffectKind
from firstframe.imaging.camera import Similarity

Views = Callable[[int], Sequence[Similarity]]
"""How the camera of a frame, counted from 0, sees each layer of the hero, from far to near."""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What was asked of a clip; an air that was asked for is no fault where it is."""

    views: Views | None = None
    """The camera's way; None when nothing is known of it, and then delivered motion is told but not judged."""
    exact: bool = False
    """Whether the engine applied those very poses. Else they stand for direction and amount, as of a learned model."""
    solid: bool = False
    """Whether things have a depth of their own, as where every frame is rendered anew: the hero's flat layers then tell their
    motion roughly, and limits are those of films."""
    airs: tuple[Air, ...] = ()
    masks: tuple[Grey8 | None, ...] = ()
    """What each of `airs` is bound to by a mask of the owner's, of the hero's size; empty where there are none."""
    effect: EffectKind | None = None
    """What is done to the subject; it may then move by itself."""
