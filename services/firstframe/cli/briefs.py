"""The brief as a marketer writes it: YAML in, the contract's message and its plan out, and every error with its line.

What a value may be is decided in one place, `firstframe.orchestrator.decode`. This module knows the words of the file,
and points at the line that a rule speaks of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from yaml.nodes import Node

from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.cli.fields import Fields, as_fields, as_number
from firstframe.cli.photographs import Photograph, examine
from firstframe.cli.problems import BriefRejected, Problem, did_you_mean, nearest
from firstframe.cli.prompt_heroes import PROMPT_KEYS, read_prompt
from firstframe.cli.yaml_tree import NOT_A_BRIEF, entries, line_at, line_of, read_tree
from firstframe.core.delivery import PLATFORMS
from firstframe.core.errors import InvalidInput
from firstframe.core.formats import FORMATS
from firstframe.core.seeds import MAX_SEED
from firstframe.imagegen.sets.palettes import PALETTES
from firstframe.imagegen.sets.scenes import SCENES
from firstframe.orchestrator.brief import FRAME_RATES, MAX_VARIATIONS
from firstframe.orchestrator.decode import decode_brief
from firstframe.orchestrator.plan import Plan
from firstframe.orchestrator.planner import plan
from firstframe.orchestrator.recipes import RECIPES

KEYS = ("campaign", "seed", "heroes", "formats", "motion", "deliver", "approval", "visibility", "quality")
HERO_KEYS = ("name", "variations", "seed", "set", "photo", "prompt", "reframe", "focus")
SOURCES = ("set", "photo", "prompt")
SET_KEYS = ("scene", "palette", "copy", "tagline")
MOTION_KEYS = ("recipe", "prompt", "seconds", "fps", "strength", "atmosphere")

DEFAULT_SECONDS = 4.0
DEFAULT_FRAMES_PER_SECOND = 30

APPROVALS = {"auto": campaigns_pb2.APPROVAL_POLICY_AUTO, "required": campaigns_pb2.APPROVAL_POLICY_REQUIRED}
VISIBILITIES = {"private": campaigns_pb2.VISIBILITY_PRIVATE, "public": campaigns_pb2.VISIBILITY_PUBLIC}
QUALITIES = {
    "draft": imagegen_pb2.QUALITY_DRAFT,
    "standard": imagegen_pb2.QUALITY_STANDARD,
    "fine": imagegen_pb2.QUALITY_FINE,
}
REFRAMES = {"crop": imagegen_pb2.REFRAME_CROP, "extend": imagegen_pb2.REFRAME_EXTEND}
ATMOSPHERES = {"dust": animation_pb2.ATMOSPHERE_DUST, "none": animation_pb2.ATMOSPHERE_UNSPECIFIED}

_REST = campaigns_pb2.Brief(
    campaign="a",
    formats=["16:9"],
    platforms=["youtube"],
    motion=campaigns_pb2.MotionBrief(recipe=next(iter(RECIPES)), seconds=DEFAULT_SECONDS),
)
_RIGHT = campaigns_pb2.Brief(
    heroes=[campaigns_pb2.HeroBrief(name="a", set=imagegen_pb2.ProductSet(scene="a", palette="a"))],
)
_RIGHT.MergeFrom(_REST)

_WORDS = (
    (re.compile(r"^platforms\b"), "deliver"),
    (re.compile(r"^motion\.frames_per_second$"), "motion.fps"),
    (re.compile(r"^(heroes\[\d+\])\.photograph\.focus(\.[xy])?$"), r"\1.focus\2"),
    (re.compile(r"^(heroes\[\d+\])\.photograph\.reframe$"), r"\1.reframe"),
    (re.compile(r"^(heroes\[\d+\])\.photograph\b.*$"), r"\1.photo"),
    (re.compile(r"\.prompt\.negative_text$"), ".prompt.negative"),
    (re.compile(r"\.prompt\.reference\..*$"), ".prompt.reference"),
    (re.compile(r"\.focus\.x$"), ".focus[0]"),
    (re.compile(r"\.focus\.y$"), ".focus[1]"),
)
"""From the contract's field paths to the file's."""


@dataclass(frozen=True, slots=True)
class LoadedBrief:
    """A brief that was checked as far as that is possible without doing the work."""

    file: Path
    message: campaigns_pb2.Brief
    plan: Plan
    photographs: tuple[Photograph, ...]
    """What has to be in the store before the campaign is created."""


def load_brief(file: Path) -> LoadedBrief:
    """Reads and checks a brief, its photographs and its plan. Starts nothing.

    Raises:
        BriefRejected: With everything that is wrong.
    """
    root = read_tree(file)
    if not any(name in KEYS or nearest(name, KEYS) for name, _, _ in entries(root)):
        # Some other file, which may have secrets: nothing of it is told.
        raise BriefRejected(file, [Problem(line_of(root), "", NOT_A_BRIEF)])
    problems: list[Problem] = []
    reader = _Reader(file.parent, problems)
    message = reader.brief(Fields(root, "", KEYS, problems))
    made = _planned(message, problems, lambda field: line_at(root, field))
    if problems or made is None:
        raise BriefRejected(file, problems)
    return LoadedBrief(file, message, made, tuple(reader.photographs))


def file_path(field: str) -> str:
    """The path that a field of the contract has in the file: `platforms[2]` is `deliver[2]`."""
    for pattern, words in _WORDS:
        field = pattern.sub(words, field)
    return field


def _planned(message: campaigns_pb2.Brief, problems: list[Problem], line: Callable[[str], int]) -> Plan | None:
    """The plan; None when a rule forbids it, which `problems` then says."""
    made: Plan | None = None
    try:
        made = plan(decode_brief(message))
    except InvalidInput as error:
        for found in (*_wrong_parts(message), error):
            _note(found, problems, line)
    return made


def _note(error: InvalidInput, problems: list[Problem], line: Callable[[str], int]) -> None:
    field = error.metadata.get("field", "")
    path = file_path(field)
    if not any(_related(path, item.field) for item in problems):
        problems.append(Problem(line(path), path, error.message.removeprefix(f"{field}: ")))


def _wrong_parts(message: campaigns_pb2.Brief) -> Iterator[InvalidInput]:
    """One error for each wrong part. The rules stop at the first, so each part is tried alone in a good brief."""
    for part in ("campaign", "motion"):
        brief = campaigns_pb2.Brief()
        brief.CopyFrom(_RIGHT)
        brief.ClearField(part)
        brief.MergeFrom(campaigns_pb2.Brief(**{part: getattr(message, part)}))
        yield from _wrong(brief)
    for index, hero in enumerate(message.heroes):
        brief = campaigns_pb2.Brief(heroes=[hero])
        brief.MergeFrom(_REST)
        for error in _wrong(brief):
            field = error.metadata.get("field", "")
            placed = field.replace("heroes[0]", f"heroes[{index}]")
            yield InvalidInput(error.message.replace(field, placed, 1), metadata={"field": placed})


def _wrong(brief: campaigns_pb2.Brief) -> list[InvalidInput]:
    try:
        decode_brief(brief)
    except InvalidInput as error:
        return [error]
    return []


def _related(one: str, other: str) -> bool:
    """Whether one path is the other or lies in it: what is wrong in the file is often missing in the message."""
    return one.startswith(other) or other.startswith(one)


class _Reader:
    """Turns the file's words into the contract's message."""

    def __init__(self, folder: Path, problems: list[Problem]) -> None:
        self._folder = folder
        self._problems = problems
        self._formats: list[str] = []
        self.photographs: list[Photograph] = []

    def brief(self, fields: Fields) -> campaigns_pb2.Brief:
        """The whole file."""
        heroes = fields.items("heroes", required="list at least one hero")
        self._formats = [words for _, _, words in fields.texts("formats")] if fields.has("formats") else []
        return campaigns_pb2.Brief(
            campaign=fields.text("campaign", required="give the campaign a name, for example `campaign: first-light`"),
            seed=fields.integer("seed", least=0, most=MAX_SEED),
            heroes=[self._hero(node, path) for path, node in heroes],
            formats=self._named(fields, "formats", "format", FORMATS),
            motion=self._motion(fields),
            platforms=self._named(fields, "deliver", "platform", PLATFORMS),
            approval=fields.choice("approval", APPROVALS) or campaigns_pb2.APPROVAL_POLICY_REQUIRED,
            visibility=fields.choice("visibility", VISIBILITIES) or campaigns_pb2.VISIBILITY_PRIVATE,
            quality=fields.choice("quality", QUALITIES) or imagegen_pb2.QUALITY_STANDARD,
        )

    def _named(self, fields: Fields, name: str, noun: str, known: Collection[str]) -> list[str]:
        """A list of names; all that are not known are told at once."""
        names = fields.texts(name, required=f"list one or more of {', '.join(known)}")
        for path, line, words in names:
            self._check(words, noun, known, path, line)
        return [words for _, _, words in names]

    def _one_named(self, fields: Fields, name: str, known: Collection[str]) -> str:
        """One name, of a key that is called as what it names."""
        words = fields.text(name, required=f"name one of {', '.join(known)}")
        if words:
            self._check(words, name, known, fields.at(name), fields.line(name))
        return words

    def _check(self, words: str, noun: str, known: Collection[str], path: str, line: int) -> None:
        if words not in known:
            hint = did_you_mean(words, list(known))
            self._problems.append(Problem(line, path, f"{words!r} is not a {noun}; {hint}"))

    def _hero(self, node: Node, path: str) -> campaigns_pb2.HeroBrief:
        fields = as_fields(node, path, HERO_KEYS, self._problems)
        if fields is None:
            return campaigns_pb2.HeroBrief()
        hero = campaigns_pb2.HeroBrief(
            name=fields.text("name", required="give the hero a name, for example `name: bottle`"),
            variations=fields.integer("variations", least=1, most=MAX_VARIATIONS),
        )
        if fields.has("seed"):
            hero.seed = fields.integer("seed", least=0, most=MAX_SEED)
        self._source(fields, hero)
        return hero

    def _source(self, fields: Fields, hero: campaigns_pb2.HeroBrief) -> None:
        match [name for name in SOURCES if fields.has(name)]:
            case [_, second, *_]:
                fields.problem(second, "a hero has one of `set`, `photo` and `prompt`; make two heroes of it")
            case ["photo"]:
                self._photo(fields, hero)
            case ["prompt"]:
                self._prompt(fields, hero)
            case _:
                self._set(fields, hero)

    def _prompt(self, fields: Fields, hero: campaigns_pb2.HeroBrief) -> None:
        self._only_for_photos(fields, "the model makes a picture for every format")
        words = fields.section("prompt", PROMPT_KEYS)
        if words is not None:
            message, picture = read_prompt(words, self._folder, self._formats)
            hero.prompt.CopyFrom(message)
            if picture is not None:
                self.photographs.append(picture)

    def _only_for_photos(self, fields: Fields, reason: str) -> None:
        for name in ("reframe", "focus"):
            if fields.has(name):
                fields.problem(name, f"is for a `photo`; take it away, {reason}")

    def _set(self, fields: Fields, hero: campaigns_pb2.HeroBrief) -> None:
        self._only_for_photos(fields, "a set is made anew for every format")
        words = fields.section("set", SET_KEYS, required="give the hero a `set`, a `photo` or a `prompt`")
        if words is not None:
            scene = self._one_named(words, "scene", SCENES)
            palette = self._one_named(words, "palette", PALETTES)
            copy = words.text("copy", required="give the words of the label, for example `copy: First Light`")
            tagline = words.text("tagline")
            self._letters(words, copy=copy, tagline=tagline)
            hero.set.CopyFrom(imagegen_pb2.ProductSet(scene=scene, palette=palette, copy=copy, tagline=tagline))

    def _letters(self, fields: Fields, **texts: str) -> None:
        """Whether some typeface has the letters of each text; their number is checked with the rest of the brief."""
        from firstframe.imagegen.sets.label import check_text

        for name, text in texts.items():
            try:
                check_text(text, field=name, limit=len(text), required=False)
            except InvalidInput as error:
                fields.problem(name, error.message.removeprefix(f"{name}: "))

    def _photo(self, fields: Fields, hero: campaigns_pb2.HeroBrief) -> None:
        reframe = fields.choice("reframe", REFRAMES) or imagegen_pb2.REFRAME_CROP
        focus = self._focus(fields)
        words = fields.text("photo")
        if not words:
            return
        try:
            photograph = examine(self._folder, words)
        except InvalidInput as error:
            fields.problem("photo", error.message)
            return
        self.photographs.append(photograph)
        hero.photograph.CopyFrom(imagegen_pb2.Photograph(image=photograph.reference, reframe=reframe, focus=focus))

    def _focus(self, fields: Fields) -> imagegen_pb2.FocusPoint | None:
        if not fields.has("focus"):
            return None
        numbers = [as_number(words) for _, _, words in fields.texts("focus")]
        match numbers:
            case [float() as x, float() as y]:
                return imagegen_pb2.FocusPoint(x=x, y=y)
            case _:
                fix = "two numbers from 0 to 1, from the left and from the top, for example [0.5, 0.4]"
                fields.problem("focus", f"must be {fix}")
                return None

    def _motion(self, brief: Fields) -> campaigns_pb2.MotionBrief:
        example = f"say how the heroes move, for example `motion: {{recipe: {next(iter(RECIPES))}}}`"
        fields = brief.section("motion", MOTION_KEYS, required=example)
        if fields is None:
            return campaigns_pb2.MotionBrief()
        return campaigns_pb2.MotionBrief(
            recipe=self._one_named(fields, "recipe", RECIPES),
            prompt=fields.text("prompt"),
            seconds=fields.number("seconds", rule="3 to 5 seconds") or DEFAULT_SECONDS,
            frames_per_second=self._frame_rate(fields) or DEFAULT_FRAMES_PER_SECOND,
            strength=fields.number("strength", rule="more than 0 and at most 1"),
            atmosphere=fields.choice("atmosphere", ATMOSPHERES) or animation_pb2.ATMOSPHERE_UNSPECIFIED,
        )

    def _frame_rate(self, fields: Fields) -> int:
        rule = f"one of {', '.join(map(str, FRAME_RATES))}"
        return fields.integer("fps", least=min(FRAME_RATES), most=max(FRAME_RATES), rule=rule)
