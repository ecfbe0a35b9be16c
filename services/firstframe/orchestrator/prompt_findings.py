"""What a plan says of a brief's motion prompt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from firstframe.core.media import Finding, Severity
from firstframe.core.motion import CameraMove, Motion
from firstframe.direction.account import lines_of
from firstframe.direction.codes import Code
from firstframe.direction.compiler import Directed, compile_prompt
from firstframe.direction.linter import Lint, LintFinding, linted
from firstframe.direction.words import AIRS, MOVES
from firstframe.orchestrator.brief import MotionBrief

PREFIX = "prompt-"
"""Of the names of recipes that prompts were compiled to."""


def findings_of(motion: MotionBrief) -> Iterator[Finding]:
    """What is to be said of a brief's prompt: what would distort, what was not understood, what the recipe does instead."""
    if not motion.prompt:
        return
    directed = compile_prompt(motion.prompt, motion.seconds)
    effect = motion.motion.effect
    lint = linted(directed, effect.kind if effect else None)
    if motion.recipe.name.startswith(PREFIX):
        yield Finding(Severity.INFO, "PROMPT_COMPILED", "; ".join(lines_of(directed)))
    yield from _told(lint)
    if unlike := list(_unlike(directed, motion.motion)):
        words = f"{'; '.join(unlike)}: the recipe is followed, and learned engines are told of the prompt's air as well"
        yield Finding(Severity.INFO, "PROMPT_NOT_USED", words)


def _told(lint: Lint) -> Iterator[Finding]:
    """A finding for each kind."""
    distorting = [one for one in lint.findings if one.distorts and one.code is not Code.CONTRADICTION]
    if distorting:
        words = f"{_listed(distorting)}; the nearest safe motion is `{lint.safe}`"
        yield Finding(Severity.WARNING, "MOTION_WILL_DISTORT", words)
    if found := _of(lint, Code.CONTRADICTION):
        yield Finding(Severity.WARNING, "MOTION_CONTRADICTS", f"{_listed(found)}; `{lint.safe}` does not")
    if found := _of(lint, Code.ONE_AT_A_TIME, Code.TOO_MUCH):
        yield Finding(Severity.INFO, "MOTION_SIMPLIFIED", _listed(found))
    if found := _of(lint, Code.LEARNED_ONLY):
        yield Finding(Severity.INFO, "MOTION_NEEDS_MODEL", _listed(found))
    if found := _of(lint, Code.DESCRIBES_SUBJECT):
        yield Finding(Severity.INFO, "PROMPT_DESCRIBES_SUBJECT", _listed(found))
    if found := _of(lint, Code.NOT_UNDERSTOOD, Code.NO_MOTION):
        yield Finding(Severity.INFO, "PROMPT_NOT_UNDERSTOOD", _listed(found))


def _of(lint: Lint, *codes: Code) -> list[LintFinding]:
    return [finding for finding in lint.findings if finding.code in codes]


def _listed(findings: Iterable[LintFinding]) -> str:
    """`"text": why`, those with the same reason together."""
    passages: dict[str, list[str]] = {}
    for finding in findings:
        passages.setdefault(finding.message, []).append(f'"{finding.text}"')
    return "; ".join(f"{', '.join(texts)}: {message}" for message, texts in passages.items())


def _unlike(directed: Directed, motion: Motion) -> Iterator[str]:
    """How a prompt differs from the motion that is made; what it does not speak of does not."""
    if directed.moves and _moves(directed.motion) != _moves(motion):
        yield f"the prompt says {_chain(directed.motion)}, the recipe {_chain(motion)}"
    missing = {air.kind for air in directed.motion.airs} - {air.kind for air in motion.airs}
    if missing:
        names = ", ".join(words for kind, words in AIRS.items() if kind in missing)
        yield f"the prompt says {names}, which the motion has not"


def _moves(motion: Motion) -> list[CameraMove]:
    """What the camera does, without its rests."""
    return [phase.move for phase in motion.phases if phase.move is not CameraMove.LOCKED]


def _chain(motion: Motion) -> str:
    return ", then ".join(MOVES[move] for move in _moves(motion)) or MOVES[CameraMove.LOCKED]
