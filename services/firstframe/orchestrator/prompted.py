"""Motion prompts of briefs that name no recipe: compiled to one.

A compiled prompt is stored with its brief as a recipe of its own, so that a campaign moves as it was planned also when a later
version reads words in another way.
"""

from __future__ import annotations

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.core.errors import InvalidInput
from firstframe.core.recipe_trees import MAX_WORDS
from firstframe.core.recipes import Recipe
from firstframe.direction.codes import Code
from firstframe.direction.compiler import compile_prompt
from firstframe.direction.linter import linted
from firstframe.direction.words import safe_prompt
from firstframe.orchestrator.brief import MAX_SECONDS, MIN_CLIP_SECONDS
from firstframe.orchestrator.encode import content_digest, recipe_message
from firstframe.orchestrator.prompt_findings import PREFIX

_NOTHING = "says nothing that moves"
_NAME_CHARACTERS = 12


def with_compiled_prompt(brief: campaigns_pb2.Brief) -> campaigns_pb2.Brief:
    """The brief; one whose motion names no recipe has that of its prompt.

    Raises:
        InvalidInput: The prompt says nothing that moves.
    """
    motion = brief.motion
    if motion.recipe or motion.HasField("own") or not motion.prompt.strip():
        return brief
    compiled = campaigns_pb2.Brief()
    compiled.CopyFrom(brief)
    compile_into(compiled.motion)
    return compiled


def compile_into(message: campaigns_pb2.MotionBrief) -> None:
    """Gives a motion the recipe of its prompt.

    Raises:
        InvalidInput: The prompt says nothing that moves.
    """
    seconds = message.seconds if message.seconds > MIN_CLIP_SECONDS else MIN_CLIP_SECONDS  # also for what is no number
    recipe = recipe_of_prompt(message.prompt, min(seconds, MAX_SECONDS))
    message.recipe = recipe.name
    message.own.CopyFrom(recipe_message(recipe))


def recipe_of_prompt(prompt: str, seconds: float) -> Recipe:
    """The motion of a prompt, named by what it does.

    Raises:
        InvalidInput: It says nothing that moves.
    """
    directed = compile_prompt(prompt, seconds)
    if any(finding.code is Code.NO_MOTION for finding in linted(directed).findings):
        fix = "say what the camera does, for example `slow push in`, or name a recipe"
        raise InvalidInput.at("motion.prompt", _NOTHING, fix)
    recipe = Recipe("prompt", 1, directed.motion, safe_prompt(directed.motion)[:MAX_WORDS])
    digest = content_digest(recipe).removeprefix("sha256:")
    return Recipe(f"{PREFIX}{digest[:_NAME_CHARACTERS]}", 1, recipe.motion, recipe.words)
