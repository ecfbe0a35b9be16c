"""Effects on people: what each needs, how far it goes, how its result is scored, whether those shown have to agree.

A module makes takes as an engine does; the engine `previz` hosts them. No module goes beyond its limits, whatever a recipe, a
strength or a prompt asks for; what it made is scored frame by frame, and a clip below a floor is an error, not a clip.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from firstframe.animation.engines import ClipRequest, Take
from firstframe.animation.scores import Score
from firstframe.core.errors import InvalidInput, PreconditionFailed
from firstframe.core.motion import CameraMove, CameraPhase, EffectKind, Motion, Window
from firstframe.direction.codes import Code
from firstframe.direction.compiler import compile_prompt

VERSION = "4"
"""Part of the content key of every clip with an effect; raised whenever its frames may change."""

_ON_PEOPLE = frozenset({Code.TOUCHING, Code.BODY_MOVES})
_CONSENTED = re.compile(r"kiss|smooch|ma[dk]\w* out|hug|embrac|cuddl|snuggl|danc|waltz|tango|twerk", re.IGNORECASE)
"""What people do in a dance, a kiss or a hug."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What has to be there before an effect can begin."""

    people: int
    """Number of people whom the effect shows, each of whom has to agree where consent is needed."""
    packs: tuple[str, ...]
    """Model packs that find them."""
    layers: bool = False
    """Whether each of them has to be a layer of their own."""


class EffectModule(Protocol):
    """One effect."""

    @property
    def kind(self) -> EffectKind:
        """Which one."""

    @property
    def needs(self) -> Needs:
        """What it needs."""

    def take(self, request: ClipRequest) -> Take:
        """Finds the people and plans their motion; nothing is rendered yet.

        Raises:
            InvalidInput: The hero does not show whom the effect needs, or the motion asks for what the effect cannot do.
            PreconditionFailed: `EFFECT_MODELS_MISSING`: the server lacks a model pack.
            FirstframeError: See `firstframe.ports.inference.Inference`.
        """


def check_alone(motion: Motion) -> None:
    """Refuses what an effect cannot be joined with.

    Raises:
        InvalidInput: The camera moves, something is in the air, or the clip is a part of a longer motion.
    """
    if motion.phases != (CameraPhase(motion.camera),) or motion.camera is not CameraMove.LOCKED:
        raise InvalidInput.at(
            "motion.camera", "moves, which an effect on people cannot follow", "use the camera move locked"
        )
    if motion.airs:
        raise InvalidInput.at("motion.airs", "stand beside an effect on people", "leave the air out")
    if motion.window != Window():
        raise InvalidInput.at("motion.window", "is a part of a motion; an effect is one clip", "ask for 3 to 5 s")


def check_made_for(motion: Motion, pack: str, effect: EffectKind | None) -> None:
    """Holds the effect of a motion against that for which a model pack was made.

    Args:
        motion: What is asked for.
        pack: Name of the pack.
        effect: What it was made for; None for one that moves whatever it is given.

    Raises:
        InvalidInput: `EFFECT_NO_PACK`: they are not the same. A pack that was made for an effect makes nothing else: what it
            does to people needs their consent, for which a motion without the effect does not ask.
    """
    wanted = motion.effect.kind if motion.effect else None
    if wanted is effect:
        return
    if effect is not None:
        text = (
            f"motion.effect: the pack {pack} was made for a {effect.value}; ask for that effect, or take another pack"
        )
    else:
        name = wanted.value if wanted else ""
        text = f"motion.effect: the pack {pack} knows no {name}; a learned one takes an effect pack, else use the engine previz"
    raise InvalidInput(text, reason="EFFECT_NO_PACK", metadata={"field": "motion.effect"})


def refuse_told(prompt: str) -> None:
    """Refuses words by which a learned engine would be told to do what an effect does with consent alone.

    Raises:
        InvalidInput: `EFFECT_NO_PACK`: people dance, kiss or hug in the prompt.
    """
    for risk in compile_prompt(prompt).reading.risks:
        if risk.value in _ON_PEOPLE and not risk.negated and _CONSENTED.search(risk.text):
            problem = f"{risk.text!r} needs the consent of each person shown, for which words have no place"
            text = f"motion.prompt: {problem}; leave it out, or use the effect on the engine previz"
            raise InvalidInput(text, reason="EFFECT_NO_PACK", metadata={"field": "motion.prompt"})


def rejected(scores: tuple[Score, ...], index: int) -> PreconditionFailed:
    """The error for a clip one of whose frames is beyond a limit."""
    told = "; ".join(score.says for score in scores if not score.passes)
    text = f"frame {index} of the effect is beyond its limits ({told}), so there is no clip; use less strength or another hero"
    return PreconditionFailed(text, reason="EFFECT_BELOW_FLOOR")
