"""The brief as a marketer writes it: YAML in, the contract's message and its plan out, and every error with its line.

What a value may be is decided in one place, `firstframe.orchestrator.decode`. This module knows the words of the file,
and points at the line that a rule speaks of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from yaml.nodes import MappingNode, Node

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.cli.brand_kits import BrandKit, read_kit
from firstframe.cli.fields import Fields, as_fields
from firstframe.cli.motion_fields import DEFAULT_SECONDS, read_motion
from firstframe.cli.photo_heroes import PHOTO_KEYS, only_for_photos, read_photo
from firstframe.cli.photographs import Photograph, is_there
from firstframe.cli.picks import Pick, picks_file, read_picks
from firstframe.cli.problems import BriefRejected, Problem, nearest
from firstframe.cli.prompt_heroes import PROMPT_KEYS, SAID, read_prompt
from firstframe.cli.set_heroes import SET_KEYS, SetReader, note_never
from firstframe.cli.template_nodes import MadeHero, Place
from firstframe.cli.templates import KEYS as TEMPLATE_KEYS
from firstframe.cli.templates import SOURCES, Expansion, expanded
from firstframe.cli.yaml_tree import NOT_A_BRIEF, entries, line_at, line_of, read_tree
from firstframe.core.delivery import PLATFORMS
from firstframe.core.errors import InvalidInput
from firstframe.core.formats import FORMATS
from firstframe.core.seeds import MAX_SEED
from firstframe.orchestrator.admission import admitted
from firstframe.orchestrator.brief import MAX_VARIATIONS
from firstframe.orchestrator.decode import decode_brief
from firstframe.orchestrator.plan import Plan
from firstframe.orchestrator.planner import plan
from firstframe.orchestrator.recipes import RECIPES
from firstframe.sets.brands import BRAND_PALETTES
from firstframe.sets.palettes import PALETTES
from firstframe.sets.scenes import SCENES

KEYS = (
    "campaign",
    "seed",
    "brand",
    "heroes",
    "template",
    "formats",
    "motion",
    "deliver",
    "approval",
    "visibility",
    "quality",
)
HERO_KEYS = ("name", "variations", "seed", "people", *SOURCES, *PHOTO_KEYS)

APPROVALS = {"auto": campaigns_pb2.APPROVAL_POLICY_AUTO, "required": campaigns_pb2.APPROVAL_POLICY_REQUIRED}
VISIBILITIES = {"private": campaigns_pb2.VISIBILITY_PRIVATE, "public": campaigns_pb2.VISIBILITY_PUBLIC}
QUALITIES = {
    "draft": imagegen_pb2.QUALITY_DRAFT,
    "standard": imagegen_pb2.QUALITY_STANDARD,
    "fine": imagegen_pb2.QUALITY_FINE,
}

_REST = campaigns_pb2.Brief(
    campaign="a",
    formats=["16:9"],
    platforms=["youtube"],
    motion=campaigns_pb2.MotionBrief(recipe=next(iter(RECIPES)), seconds=DEFAULT_SECONDS),
)
_SET = imagegen_pb2.ProductSet(scene=next(iter(SCENES)), palette=next(iter(PALETTES)), copy="a")
_RIGHT = campaigns_pb2.Brief(
    heroes=[campaigns_pb2.HeroBrief(name="a", set=_SET)],
)
_RIGHT.MergeFrom(_REST)

_HERO = re.compile(r"heroes\[(\d+)\]")
_WORDS = (
    (re.compile(r"^platforms\b"), "deliver"),
    (re.compile(r"^motion\.frames_per_second$"), "motion.fps"),
    (re.compile(r"^motion\.speed_percent_per_s$"), "motion.speed"),
    (re.compile(r"^motion\.repeat$"), "motion.loop"),
    (re.compile(r"^motion\.(own|recipe_version)\b.*$"), "motion.recipe"),
    (re.compile(r"^motion\.clear_air$"), "motion.atmosphere"),
    (re.compile(r"^(heroes\[\d+\])\.photograph\.focus(\.[xy])?$"), r"\1.focus\2"),
    (re.compile(r"^(heroes\[\d+\])\.photograph\.reframe$"), r"\1.reframe"),
    (re.compile(r"^(heroes\[\d+\])\.photograph\.matte\b.*$"), r"\1.matte"),
    (re.compile(r"^(heroes\[\d+\])\.photograph\.inverse_depth\b.*$"), r"\1.depth"),
    (re.compile(r"^(heroes\[\d+\])\.photograph\.partner\b.*$"), r"\1.partner"),
    (re.compile(r"^(heroes\[\d+\])\.photograph\.regions\b.*$"), r"\1.regions"),
    (re.compile(r"^(heroes\[\d+\])\.photograph\b.*$"), r"\1.photo"),
    (re.compile(r"\.set\.model\.(up|material|colour)$"), r".set.\1"),
    (re.compile(r"\.set\.model\.turn_deg$"), ".set.turn"),
    (re.compile(r"\.set\.cutout\.matte$"), ".set.matte"),
    (re.compile(r"\.set\.(model|cutout)\.height_m$"), ".set.height"),
    (re.compile(r"\.set\.(model|cutout)\b.*$"), r".set.\1"),
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
    expansion: Expansion
    """What became of its template; empty when it has none."""
    picks: Mapping[str, Pick]
    """Takes of the template that were replaced, by name."""
    brand: BrandKit | None
    unread: tuple[Path, ...] = ()
    """Files of products whose header alone was looked at, since there are so many, or so large ones."""


def load_brief(file: Path, *, picks: Mapping[str, Pick] | None = None) -> LoadedBrief:
    """Reads and checks a brief, its brand, its template, its photographs and its plan. Starts nothing.

    Args:
        file: The brief.
        picks: Takes of its template that are replaced; those of the file beside it when None.

    Raises:
        BriefRejected: With everything that is wrong.
    """
    root = read_tree(file)
    if not any(name in KEYS or nearest(name, KEYS) for name, _, _ in entries(root)):
        # Some other file, which may have secrets: nothing of it is told.
        raise BriefRejected(file, [Problem(line_of(root), "", NOT_A_BRIEF)])
    problems: list[Problem] = []
    chosen = read_picks(picks_file(file)) if picks is None else picks
    reader = _Reader(file.parent, problems, chosen)
    message = reader.brief(Fields(root, "", KEYS, problems))
    made = _planned(message, problems, lambda field: reader.place(root, field))
    if problems or made is None:
        raise BriefRejected(file, problems)
    return LoadedBrief(
        file=file,
        message=message,
        plan=made,
        photographs=tuple(reader.photographs),
        expansion=reader.expansion,
        picks=chosen,
        brand=reader.brand,
        unread=reader.unread,
    )


def file_path(field: str) -> str:
    """The path that a field of the contract has in the file: `platforms[2]` is `deliver[2]`."""
    for pattern, words in _WORDS:
        field = pattern.sub(words, field)
    return field


def _planned(message: campaigns_pb2.Brief, problems: list[Problem], place: Callable[[str], Place]) -> Plan | None:
    """The plan; None when a rule forbids it, which `problems` then says."""
    made: Plan | None = None
    try:
        made = plan(admitted(decode_brief(message)))
    except InvalidInput as error:
        for found in (*_wrong_parts(message), error):
            _note(found, problems, place)
    return made


def _note(error: InvalidInput, problems: list[Problem], place: Callable[[str], Place]) -> None:
    field = error.metadata.get("field", "")
    if field == "heroes" and problems:
        return  # a template that is wrong has made none
    at = place(file_path(field))
    if not any(_told(at, item) for item in problems):
        problems.append(at.problem(error.message.removeprefix(f"{field}: ")))


def _wrong_parts(message: campaigns_pb2.Brief) -> Iterator[InvalidInput]:
    """One error for each wrong part. The rules stop at the first, so each part is tried alone in a good brief."""
    for part in ("campaign", "motion"):
        brief = campaigns_pb2.Brief()
        brief.CopyFrom(_RIGHT)
        brief.ClearField(part)
        brief.MergeFrom(campaigns_pb2.Brief(**{part: getattr(message, part)}))
        # The hero of the good brief is not the caller's: what is said of it, such as whose consent is missing, is not so.
        yield from (error for error in _wrong(brief) if not error.metadata.get("field", "").startswith("heroes"))
    for index, hero in enumerate(message.heroes):
        brief = campaigns_pb2.Brief(heroes=[hero])
        brief.MergeFrom(_REST)
        for error in _wrong(brief):
            field = error.metadata.get("field", "")
            placed = field.replace("heroes[0]", f"heroes[{index}]")
            yield InvalidInput(error.message.replace(field, placed, 1), metadata={"field": placed})


def _wrong(brief: campaigns_pb2.Brief) -> list[InvalidInput]:
    try:
        admitted(decode_brief(brief))
    except InvalidInput as error:
        return [error]
    return []


def _told(place: Place, problem: Problem) -> bool:
    """Whether something is told of the same place already; in a sheet every cell counts for itself."""
    if place.file or problem.file:
        return (place.file, place.line, place.field) == (problem.file, problem.line, problem.field)
    return _related(place.field, problem.field)


def _related(one: str, other: str) -> bool:
    """Whether one path is the other or lies in it: what is wrong in the file is often missing in the message."""
    return one.startswith(other) or other.startswith(one)


class _Reader:
    """Turns the file's words into the contract's message."""

    def __init__(self, folder: Path, problems: list[Problem], picks: Mapping[str, Pick]) -> None:
        self._folder = folder
        self._problems = problems
        self._picks = picks
        self.brand: BrandKit | None = None
        self._sets = SetReader(folder, None, tuple(PALETTES))
        self._listed = 0
        self.expansion = Expansion()
        self._formats: list[str] = []
        self.photographs: list[Photograph] = []

    @property
    def unread(self) -> tuple[Path, ...]:
        """See `LoadedBrief.unread`."""
        return tuple(self._sets.products.unread)

    def brief(self, fields: Fields) -> campaigns_pb2.Brief:
        """The whole file."""
        template = fields.has("template")
        heroes = fields.items("heroes", required="" if template else "list at least one hero, or give a `template`")
        self.brand = self._read_brand(fields)
        palettes = (*BRAND_PALETTES, *PALETTES) if fields.has("brand") else tuple(PALETTES)
        self._sets = SetReader(self._folder, self.brand, palettes)
        self._listed = len(heroes)
        self._formats = [words for _, _, words in fields.texts("formats")] if fields.has("formats") else []
        return campaigns_pb2.Brief(
            campaign=fields.text("campaign", required="give the campaign a name, for example `campaign: first-light`"),
            seed=(seed := fields.integer("seed", least=0, most=MAX_SEED)),
            heroes=[*(self._hero(node, path) for path, node in heroes), *self._of_template(fields, seed)],
            formats=fields.names("formats", "format", FORMATS),
            motion=read_motion(fields, self._folder),
            platforms=fields.names("deliver", "platform", PLATFORMS),
            approval=fields.choice("approval", APPROVALS) or campaigns_pb2.APPROVAL_POLICY_REQUIRED,
            visibility=fields.choice("visibility", VISIBILITIES) or campaigns_pb2.VISIBILITY_PRIVATE,
            quality=fields.choice("quality", QUALITIES) or imagegen_pb2.QUALITY_STANDARD,
        )

    def place(self, root: MappingNode, path: str) -> Place:
        """Where a path of the message stands: in the brief, or in a sheet of its template."""
        found = _HERO.match(path)
        if found and int(found[1]) >= self._listed:
            return self.expansion.heroes[int(found[1]) - self._listed].place(path[found.end() :])
        return Place(line_at(root, path), path)

    def _of_template(self, fields: Fields, seed: int) -> list[campaigns_pb2.HeroBrief]:
        words = fields.section("template", TEMPLATE_KEYS) if fields.has("template") else None
        if words is None:
            return []
        self.expansion = expanded(
            words,
            self._folder,
            seed,
            axis_keys={"set": SET_KEYS, "prompt": PROMPT_KEYS},
            swaps={name: pick.swap for name, pick in self._picks.items()},
            never=self.brand.never if self.brand else (),
        )
        return [self._made(hero) for hero in self.expansion.heroes]

    def _made(self, hero: MadeHero) -> campaigns_pb2.HeroBrief:
        """A hero of the template; what is wrong stands where its words come from."""
        found: list[Problem] = []
        self._problems, outer = found, self._problems
        try:
            return self._hero(hero.node, "")
        finally:
            self._problems = outer
            outer.extend(hero.place(f".{item.field}" if item.field else "").problem(item.message) for item in found)

    def _read_brand(self, fields: Fields) -> BrandKit | None:
        words = fields.text("brand") if fields.has("brand") else ""
        if not words or not is_there(fields, "brand", self._folder, words):
            return None
        try:
            kit = read_kit(self._folder, words)
        except BriefRejected as error:
            file = str(self._folder / words)
            self._problems.extend(replace(item, file=item.file or file) for item in error.problems)
            return None
        self.photographs.extend([kit.logo] if kit.logo else [])
        return kit

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
        if fields.has("people"):
            hero.people.extend(words for _, _, words in fields.texts("people"))
        self._source(fields, hero)
        return hero

    def _source(self, fields: Fields, hero: campaigns_pb2.HeroBrief) -> None:
        match [name for name in SOURCES if fields.has(name)]:
            case [_, second, *_]:
                fields.problem(second, "a hero has one of `set`, `photo` and `prompt`; make two heroes of it")
            case ["photo"]:
                self.photographs.extend(read_photo(fields, self._folder, hero))
            case ["prompt"]:
                self._prompt(fields, hero)
            case _:
                only_for_photos(fields, "a set is made anew for every format")
                self.photographs.extend(self._sets.read(fields, hero))

    def _prompt(self, fields: Fields, hero: campaigns_pb2.HeroBrief) -> None:
        only_for_photos(fields, "the model makes a picture for every format")
        words = fields.section("prompt", PROMPT_KEYS)
        if words is not None:
            message, picture = read_prompt(words, self._folder, self._formats)
            hero.prompt.CopyFrom(message)
            note_never(words, self.brand, {}, {name: words.text(name) for name in SAID if words.has(name)})
            self.photographs.extend([picture] if picture else [])
