"""What may be wrong with a motion prompt, how grave it is, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Code(Enum):
    """One kind of finding."""

    HAND_WORK = "HAND_WORK"
    TEXT_MOVES = "TEXT_MOVES"
    CROWD = "CROWD"
    TOUCHING = "TOUCHING"
    BODY_MOVES = "BODY_MOVES"
    SPEECH = "SPEECH"
    FLUID = "FLUID"
    SCENE_CHANGE = "SCENE_CHANGE"
    MORPH = "MORPH"
    NEW_OBJECT = "NEW_OBJECT"
    SHOWS_HIDDEN = "SHOWS_HIDDEN"
    UNPROVEN = "UNPROVEN"
    TOO_LARGE = "TOO_LARGE"
    TOO_LONG = "TOO_LONG"
    CONTRADICTION = "CONTRADICTION"
    ONE_AT_A_TIME = "ONE_AT_A_TIME"
    TOO_MUCH = "TOO_MUCH"
    LEARNED_ONLY = "LEARNED_ONLY"
    DESCRIBES_SUBJECT = "DESCRIBES_SUBJECT"
    ODD_NUMBER = "ODD_NUMBER"
    NOT_UNDERSTOOD = "NOT_UNDERSTOOD"
    NO_MOTION = "NO_MOTION"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code stands for."""

    title: str
    why: str
    instead: str
    """What to do; empty where the rewritten prompt says it all."""
    distorts: bool = True
    """Whether the result will be distorted; else it is worth a look."""


MEANINGS: Mapping[Code, Meaning] = {
    Code.HAND_WORK: Meaning(
        "work of hands",
        "fingers that do something in steps lose count and grow into what they hold",
        "let the hands rest and move the camera",
    ),
    Code.TEXT_MOVES: Meaning(
        "text or a logo that moves",
        "letters are redrawn in every frame and stop being letters",
        "keep the words still and let light pass over them, or set titles in the edit",
    ),
    Code.CROWD: Meaning(
        "a crowd",
        "small faces and limbs melt into each other",
        "keep the people still, or out of focus, and move the camera",
    ),
    Code.TOUCHING: Meaning(
        "two people who touch",
        "without an effect module two bodies merge into one",
        "use the effect `kiss` or `hug`, with the consent of both",
    ),
    Code.BODY_MOVES: Meaning(
        "a body in fast or full motion",
        "limbs bend, double and vanish, since the still shows one pose alone",
        "move the camera instead; for a dance use the effect `dance`, with consent",
    ),
    Code.SPEECH: Meaning(
        "speech",
        "nothing here moves lips to words; a mouth that moves without them looks wrong",
        "let the voice be heard over a still face",
    ),
    Code.FLUID: Meaning(
        "a liquid or a blast that changes shape",
        "splashes keep no volume from frame to frame",
        "start from a still that shows the pour, and let light or steam move",
    ),
    Code.SCENE_CHANGE: Meaning(
        "a cut or another scene",
        "a clip grows out of one still; a cut inside of it becomes a morph",
        "make a clip of each still and cut between them in the edit",
    ),
    Code.MORPH: Meaning(
        "a thing that becomes another",
        "what lies between the two is distortion",
        "make two heroes and dissolve between them in the edit",
    ),
    Code.NEW_OBJECT: Meaning(
        "something that comes into the picture, or leaves it",
        "the still does not show it, so it is made up, and looks it",
        "put it into the still",
    ),
    Code.SHOWS_HIDDEN: Meaning(
        "a side or an inside that the still does not show",
        "the hidden side is made up: labels and shapes change as it turns",
        "take a small arc with the camera instead",
    ),
    Code.UNPROVEN: Meaning(
        "an action that nobody has seen to hold",
        "the still shows one moment; what comes after it is made up, and usually bends",
        "let the camera, the air or the light move instead",
    ),
    Code.TOO_LARGE: Meaning(
        "a move that is larger than a still carries",
        "beyond the edges and behind the subject there is no picture",
        "take a small move, or render a set with the engine `scene`",
    ),
    Code.TOO_LONG: Meaning(
        "a take of more than 5 s",
        "a long take drifts away from its hero",
        "make clips of 3 to 5 s and join them",
    ),
    Code.CONTRADICTION: Meaning(
        "motions that exclude each other",
        "an engine that is told both bends the picture between them",
        "choose one, or put `then` between them",
    ),
    Code.ONE_AT_A_TIME: Meaning(
        "two moves at once",
        "the camera makes one move at a time; these become a chain",
        "say which comes first, or leave one out",
        distorts=False,
    ),
    Code.TOO_MUCH: Meaning(
        "more than a clip has time for",
        "each of many moves is too short to be felt; the last ones are left out",
        "keep to two or three",
        distorts=False,
    ),
    Code.LEARNED_ONLY: Meaning(
        "motion for learned engines alone",
        "the previz engine leaves it out",
        "use the engine `diffusers`, or leave it out",
        distorts=False,
    ),
    Code.DESCRIBES_SUBJECT: Meaning(
        "a description of the picture",
        "the still gives it; told again, a learned engine draws it anew",
        "leave it out",
        distorts=False,
    ),
    Code.ODD_NUMBER: Meaning(
        "a number that is no amount",
        "an amount is more than nothing, and the words say which way; the number is left out",
        "turn the move round, `pull back 5 %` for a zoom of -5 %, or leave the number out",
        distorts=False,
    ),
    Code.NOT_UNDERSTOOD: Meaning(
        "words that were not understood",
        "no motion follows from them; learned engines are given them as they are",
        "say it in English words of camera, air and light",
        distorts=False,
    ),
    Code.NO_MOTION: Meaning(
        "nothing that moves",
        "the camera stays locked and the air empty",
        "say what the camera does",
        distorts=False,
    ),
}
"""What each code stands for."""
