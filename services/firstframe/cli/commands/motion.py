"""`firstframe motion`: what a motion prompt means, and what in it would distort."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from firstframe.cli.commands.options import JsonOption
from firstframe.cli.output import FAILED, Output

if TYPE_CHECKING:
    from firstframe.core.motion import EffectKind

motion = typer.Typer(help="Motion prompts: what they mean, and what in them would distort.", no_args_is_help=True)

PromptArgument = Annotated[
    str, typer.Argument(help="The prompt in quotes, or - to read it from standard input.", show_default=False)
]
SecondsOption = Annotated[float, typer.Option(help="Length of the clip, 3 to 5 s.")]


@motion.command("lint")
def lint_(
    prompt: PromptArgument,
    seconds: SecondsOption = 4.0,
    effect: Annotated[
        str, typer.Option(help="Module that the motion has: heritage, dance, kiss or hug.", show_default=False)
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Names what in a motion prompt will distort, and the nearest motion that is safe.

    Exit status: 0 when nothing will, 1 when something will, 2 when an argument is wrong.
    """
    from firstframe.cli.motion_tables import lint_document, tell_lint
    from firstframe.direction.linter import lint

    output = Output(as_json=as_json)
    found = lint(_read(prompt), _seconds(seconds), _effect(effect))
    if as_json:
        output.document(lint_document(found))
    else:
        tell_lint(found, output)
    if found.distorts:
        raise typer.Exit(FAILED)


@motion.command("compile")
def compile_(prompt: PromptArgument, seconds: SecondsOption = 4.0, as_json: JsonOption = False) -> None:
    """Shows the motion that a prompt comes to: which words were taken for what, in words and numbers.

    Exit status: 0 when nothing in it will distort, 1 when something will, 2 when an argument is wrong.
    """
    from firstframe.cli.motion_tables import compile_document, tell_compiled
    from firstframe.direction.compiler import compile_prompt
    from firstframe.direction.linter import linted

    output = Output(as_json=as_json)
    directed = compile_prompt(_read(prompt), _seconds(seconds))
    found = linted(directed)
    if as_json:
        output.document(compile_document(directed, found))
    else:
        tell_compiled(directed, found, output)
    if found.distorts:
        raise typer.Exit(FAILED)


def _read(prompt: str) -> str:
    """The prompt, on one line.

    Raises:
        InvalidInput: There is none, or it is too long.
    """
    from firstframe.core.errors import InvalidInput
    from firstframe.direction.tokens import MAX_CHARACTERS

    text = sys.stdin.read(MAX_CHARACTERS + 2) if prompt == "-" else prompt
    line = " ".join(text.split())
    if not line:
        raise InvalidInput.at("PROMPT", "is empty", "say what moves, for example `slow push in, drifting dust`")
    if len(line) > MAX_CHARACTERS:
        raise InvalidInput.at("PROMPT", "is too long", f"use at most {MAX_CHARACTERS} characters")
    return line


def _seconds(value: float) -> float:
    from firstframe.core.errors import InvalidInput

    if not 3 <= value <= 5:
        raise InvalidInput.at("--seconds", f"{value:g} is out of range", "use 3 to 5: longer takes drift")
    return value


def _effect(name: str) -> EffectKind | None:
    from firstframe.cli.problems import did_you_mean
    from firstframe.core.errors import InvalidInput
    from firstframe.core.motion import EffectKind

    if not name:
        return None
    try:
        return EffectKind(name)
    except ValueError:
        hint = did_you_mean(name, [kind.value for kind in EffectKind])
        raise InvalidInput.at("--effect", f"{name!r} is no effect", hint) from None
