"""The `motion` of a brief: a recipe by name, and what the brief changes in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.cli.fields import Fields
from firstframe.cli.learned_fields import LEARNED_KEYS, read_learned
from firstframe.cli.motion_recipes import all_recipes, own_recipes, plain
from firstframe.cli.problems import BriefRejected
from firstframe.cli.yaml_tree import line_at
from firstframe.core.errors import InvalidInput
from firstframe.core.motion import Atmosphere, Repeat
from firstframe.core.recipe_trees import LOOPS, Fault, airs_of, words_of
from firstframe.core.recipes import Recipe, parse_reference
from firstframe.orchestrator.brief import DIFFUSERS, ENGINES, FRAME_RATES
from firstframe.orchestrator.encode import recipe_message
from firstframe.orchestrator.plan import Gate
from firstframe.orchestrator.prompted import compile_into
from firstframe.orchestrator.recipes import RECIPES, find_recipe
from firstframe.runtime.motion_messages import air_message

KEYS = (
    "recipe",
    "prompt",
    "seconds",
    "fps",
    "strength",
    "speed",
    "atmosphere",
    "airs",
    "loop",
    "engine",
    "gate",
    *LEARNED_KEYS,
)
DEFAULT_SECONDS = 4.0
DEFAULT_FRAMES_PER_SECOND = 30
NONE = "none"
_ATMOSPHERES = {NONE: animation_pb2.ATMOSPHERE_UNSPECIFIED} | {
    words: animation_pb2.Atmosphere.Value(f"ATMOSPHERE_{kind.name}") for words, kind in words_of(Atmosphere).items()
}
_GATES = {gate.value: campaigns_pb2.DriftGate.Value(f"DRIFT_GATE_{gate.name}") for gate in Gate}
_LOOPS = {words: animation_pb2.Repeat.Value(f"REPEAT_{Repeat(kind).name}") for words, kind in LOOPS.items()}


def read_motion(brief: Fields, folder: Path) -> campaigns_pb2.MotionBrief:
    """Reads the section; what is wrong is noted in it.

    Args:
        brief: The whole brief.
        folder: Where it is.
    """
    example = f"say how the heroes move, for example `motion: {{recipe: {next(iter(RECIPES))}}}`"
    fields = brief.section("motion", KEYS, required=example)
    if fields is None:
        return campaigns_pb2.MotionBrief()
    message = campaigns_pb2.MotionBrief(
        prompt=fields.text("prompt"),
        seconds=fields.number("seconds", rule="3 to 5 seconds, or 6 to 60") or DEFAULT_SECONDS,
        frames_per_second=_frame_rate(fields),
        strength=_strength(fields),
        speed_percent_per_s=fields.number("speed", rule="per cent of the frame per second, more than 0 and at most 20"),
        repeat=fields.choice("loop", _LOOPS) or animation_pb2.REPEAT_UNSPECIFIED,
        engine=fields.choice("engine", {name: name for name in ENGINES}) or "",
        gate=fields.choice("gate", _GATES) or campaigns_pb2.DRIFT_GATE_UNSPECIFIED,
    )
    _recipe(fields, folder, message)
    _airs(fields, message)
    read_learned(fields, message)
    if message.engine != DIFFUSERS:
        message.frames_per_second = message.frames_per_second or DEFAULT_FRAMES_PER_SECOND
    return message


def _recipe(fields: Fields, folder: Path, message: campaigns_pb2.MotionBrief) -> None:
    if not fields.has("recipe") and message.prompt:
        _compile(fields, message)
        return
    words = fields.text(
        "recipe",
        required=f"say in `prompt` what the camera does, or name one of {', '.join(RECIPES)}, or one of your own",
    )
    if not words:
        return
    try:
        own = own_recipes(folder)
        recipe = find_recipe(all_recipes(own), words, field="")
    except BriefRejected as error:
        file = str(error.file)
        fields.problems.extend(replace(item, file=item.file or file) for item in error.problems)
        message.recipe = next(iter(RECIPES))  # so that nobody misses one as well
    except InvalidInput as error:
        fields.problem("recipe", error.message.removeprefix(": "))
    else:
        _name(recipe, message, words, own=recipe in own)


def _compile(fields: Fields, message: campaigns_pb2.MotionBrief) -> None:
    try:
        compile_into(message)
    except InvalidInput as error:
        fields.problem("prompt", error.message.removeprefix("motion.prompt: "))
        message.recipe = next(iter(RECIPES))  # so that nobody misses one as well


def _name(recipe: Recipe, message: campaigns_pb2.MotionBrief, words: str, *, own: bool) -> None:
    message.recipe = recipe.name
    message.recipe_version = (parse_reference(words) or ("", None))[1] or 0
    if own:
        message.own.CopyFrom(recipe_message(recipe))


def _airs(fields: Fields, message: campaigns_pb2.MotionBrief) -> None:
    if fields.has("atmosphere") and fields.has("airs"):
        fields.problem("airs", "stands beside atmosphere; keep one of them")
    elif fields.has("atmosphere"):
        message.atmosphere = fields.choice("atmosphere", _ATMOSPHERES) or animation_pb2.ATMOSPHERE_UNSPECIFIED
        message.clear_air = fields.text("atmosphere") == NONE
    elif fields.has("airs"):
        faults: list[Fault] = []
        airs = airs_of(plain(fields.node_of("airs")), "airs", faults)
        message.airs.extend(air_message(air) for air in airs)
        for fault in faults:
            fields.note(line_at(fields.node, fault.field), fields.at(fault.field), fault.message)


def _strength(fields: Fields) -> float:
    rule = "more than 0 and at most 1"
    if fields.has("strength") and isinstance(value := plain(fields.node_of("strength")), (int, float)) and value == 0:
        fields.problem("strength", f"0 will not do; use {rule}, or the recipe `locked` for a camera that stands still")
        return 0.0
    return fields.number("strength", rule=rule)


def _frame_rate(fields: Fields) -> int:
    rule = f"one of {', '.join(map(str, FRAME_RATES))}"
    return fields.integer("fps", least=min(FRAME_RATES), most=max(FRAME_RATES), rule=rule)
