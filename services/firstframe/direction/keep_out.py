"""What a learned engine is to keep out of a motion: its negative prompt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from firstframe.core.motion import CameraMove, Motion
from firstframe.direction.compiler import Directed
from firstframe.direction.lexicon.entries import Tag
from firstframe.direction.words import AIRS, MOVES

ALWAYS = ("morphing shapes", "melting", "flicker", "jump cut", "scene change", "letters that change")
"""What no clip of a still is to do."""
_STILL = ("camera movement", "zoom")
_UNSTEADY = "shaky camera"


def keep_out(directed: Directed, motion: Motion) -> str:
    """The negative prompt of a motion: what its prompt forbids, what its camera does not do, and what no clip is to do.

    Args:
        directed: The prompt as it was compiled.
        motion: What is done; what it does is never kept out, whatever the prompt says.
    """
    return ", ".join(dict.fromkeys((*_forbidden(directed, motion), *_camera(motion), *ALWAYS)))


def _forbidden(directed: Directed, motion: Motion) -> Iterator[str]:
    moves, airs = {phase.move for phase in motion.phases}, {air.kind for air in motion.airs}
    for passage in directed.reading.passages:
        if not passage.negated:
            continue
        if passage.tag is Tag.MOVE and passage.value not in moves:
            yield from (words for move, words in MOVES.items() if move is passage.value)
        elif passage.tag is Tag.AIR and passage.value not in airs:
            yield from (words for kind, words in AIRS.items() if kind is passage.value)


def _camera(motion: Motion) -> Sequence[str]:
    moves = {phase.move for phase in motion.phases}
    if moves == {CameraMove.LOCKED}:
        return (*_STILL, _UNSTEADY)
    return () if CameraMove.HANDHELD in moves else (_UNSTEADY,)
