"""Recipes as a person writes them: words and numbers in lists and groups of keys, as YAML and JSON have them.

Reading collects every fault instead of stopping at the first; writing gives the shortest form, and reading that gives the
recipe again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise
from typing import Any, TypeVar

from firstframe.core.motion import (
    MAX_AIRS,
    MAX_BLINKS,
    MAX_HEAD_DEG,
    MAX_KEYS,
    MAX_PHASES,
    MAX_SPEED,
    Air,
    Atmosphere,
    CameraMove,
    CameraPhase,
    Ease,
    Effect,
    EffectKind,
    FlickerLight,
    Heritage,
    Keyframe,
    Motion,
    Repeat,
)
from firstframe.core.nearest import did_you_mean
from firstframe.core.recipes import MAX_VERSION, Recipe, parse_reference
from firstframe.core.seeds import MAX_SEED

KEYS = ("recipe", "version", "about", "camera", "strength", "speed", "airs", "loop", "effect", "seed")
PHASE_KEYS = ("move", "amount", "share", "ease", "keys")
AIR_KEYS = ("kind", "amount", "direction", "region", "light")
EFFECT_KEYS = ("kind", "blinks", "turn", "tilt", "breath", "restore", "track")
MAX_WORDS = 200
LOOPS = {"false": Repeat.ONCE, "true": Repeat.LOOP, "ping-pong": Repeat.PING_PONG}
"""Words of `loop`; YAML's own true and false are taken for them."""
_EVEN = 1e-6
_MISSING = object()

Kind = TypeVar("Kind", bound=Enum)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong."""

    field: str
    """Path in the tree, for example `camera[1].share`."""
    message: str
    """What is wrong, and the fix."""


def word(value: Enum) -> str:
    """How a value of an enumeration is written: `pan-left`."""
    return str(value.value).replace("_", "-")


def words_of(kinds: type[Kind]) -> dict[str, Kind]:
    """Every value of an enumeration by the word for it."""
    return {word(kind): kind for kind in kinds}


def recipe_of(tree: object, faults: list[Fault]) -> Recipe:
    """Reads a recipe; what is wrong goes to `faults`, and then the recipe is of no use.

    Args:
        tree: As `yaml.safe_load` gives it.
        faults: Where faults go.
    """
    node = _Node.of(tree, "", KEYS, faults)
    name = node.text("recipe", required="give the recipe a name")
    if name and (parse_reference(name) or ("", 0))[1] is not None:
        node.fault(
            "recipe", f"{name!r} is not a name; use lower-case letters, digits and hyphens, starting with a letter"
        )
    return Recipe(
        name=name,
        version=node.whole("version", 1, MAX_VERSION, required="write it as a whole number, from 1"),
        motion=_motion(node),
        words=node.text("about", most=MAX_WORDS),
        seed=node.whole("seed", 0, MAX_SEED) if node.has("seed") else None,
    )


def airs_of(tree: object, field: str, faults: list[Fault]) -> tuple[Air, ...]:
    """Reads what is in the air: a word, or a list of words and groups of keys."""
    items = _listed(tree, field, MAX_AIRS, faults)
    return tuple(air for path, item in items if (air := _air(item, path, faults)) is not None)


def tree_of(recipe: Recipe) -> dict[str, Any]:
    """A recipe as it is written."""
    motion = recipe.motion
    amount = {"speed": motion.speed} if motion.speed else {"strength": motion.strength}
    tree = {
        "recipe": recipe.name,
        "version": recipe.version,
        "about": recipe.words or None,
        "camera": _phases_tree(motion.phases),
        **amount,
        "airs": [_air_tree(air) for air in motion.airs] or None,
        "loop": _loop_tree(motion.repeat),
        "effect": _effect_tree(motion.effect) if motion.effect else None,
        "seed": recipe.seed,
    }
    return {key: value for key, value in tree.items() if value is not None}


def _motion(node: _Node) -> Motion:
    if node.has("speed") and node.has("strength"):
        node.fault("speed", "stands beside strength; keep one of them")
    speed = node.number("speed", 0, MAX_SPEED)
    effect = _effect(node.get("effect"), node.faults) if node.has("effect") else None
    return Motion(
        phases=_phases(node),
        strength=0.0 if speed else node.number("strength", 0, 1, default=0.5),
        airs=airs_of(node.get("airs"), "airs", node.faults) if node.has("airs") else (),
        repeat=node.choice("loop", LOOPS, Repeat.ONCE),
        effect=effect,
        speed=speed,
    )


def _phases(node: _Node) -> tuple[CameraPhase, ...]:
    if not node.has("camera"):
        node.fault("camera", f"is missing; name one of {', '.join(words_of(CameraMove))}, or list several")
        return (CameraPhase(CameraMove.LOCKED),)
    items = _listed(node.get("camera"), "camera", MAX_PHASES, node.faults)
    phases = [_phase(item, path, node.faults) for path, item in items]
    shares = [phase.share for phase in phases]
    if not any(shares):
        return tuple(replace(phase, share=1 / len(phases)) for phase in phases) or (CameraPhase(CameraMove.LOCKED),)
    if not all(shares):
        node.fault("camera", "some moves have a share and some have none; give one to all, or to none")
    elif abs(math.fsum(shares) - 1) > _EVEN:
        node.fault("camera", f"the shares come to {math.fsum(shares):g}; let them come to 1")
    return tuple(phases)


def _phase(tree: object, path: str, faults: list[Fault]) -> CameraPhase:
    """A move; its share is 0 where none is written."""
    if isinstance(tree, str):
        tree = {"move": tree}
    node = _Node.of(tree, path, PHASE_KEYS, faults)
    if node.has("keys") and node.has("ease"):
        node.fault("ease", "stands beside keys, which say it all; keep one of them")
    share = node.number("share", 0, 1)
    if node.has("share") and share <= 0:
        node.fault("share", "use more than 0 and at most 1")
    return CameraPhase(
        move=node.choice("move", words_of(CameraMove), CameraMove.LOCKED, required=True),
        amount=node.number("amount", 0, 1, default=1.0),
        share=share,
        ease=node.choice("ease", words_of(Ease), Ease.SMOOTH),
        keys=_keys(node) if node.has("keys") else (),
    )


def _keys(node: _Node) -> tuple[Keyframe, ...]:
    path = node.at("keys")
    items = _listed(node.get("keys"), path, MAX_KEYS, node.faults)
    keys = [key for at, item in items if (key := _key(item, at, node.faults)) is not None]
    for index, (one, other) in enumerate(pairwise(keys), start=1):
        if other.at <= one.at:
            node.faults.append(
                Fault(f"{path}[{index}]", f"is at {other.at:g}, not after {one.at:g}; order keys by time")
            )
    return tuple(keys)


def _key(tree: object, path: str, faults: list[Fault]) -> Keyframe | None:
    values = [value for value in tree if _is_number(value)] if isinstance(tree, list) else []
    if not isinstance(tree, list) or len(values) != 2 or len(tree) != 2:
        faults.append(Fault(path, "must be two numbers: [share of the time, share of the way]"))
    elif not (0 <= values[0] <= 1 and -1 <= values[1] <= 1):
        faults.append(Fault(path, "is out of range; use a time from 0 to 1 and a way from -1 to 1"))
    else:
        return Keyframe(float(values[0]), float(values[1]))
    return None


def _air(tree: object, path: str, faults: list[Fault]) -> Air | None:
    if isinstance(tree, str):
        tree = {"kind": tree}
    node = _Node.of(tree, path, AIR_KEYS, faults)
    kind = node.choice("kind", words_of(Atmosphere), None, required=True)
    amount = node.number("amount", 0, 1, default=0.5)
    direction = node.number("direction", -360, 360) if node.has("direction") else None
    region = node.text("region", most=63)
    light = node.choice("light", words_of(FlickerLight), FlickerLight.FLAME)
    if kind and node.has("light") and kind is not Atmosphere.FLICKER:
        node.fault("light", f"has no place in {word(kind)}; leave it out")
    return Air(kind, amount, direction, region, light=light) if kind else None


def _effect(tree: object, faults: list[Fault]) -> Effect | None:
    if isinstance(tree, str):
        tree = {"kind": tree}
    node = _Node.of(tree, "effect", EFFECT_KEYS, faults)
    kind = node.choice("kind", words_of(EffectKind), None, required=True)
    for key in EFFECT_KEYS[1:]:
        if kind and node.has(key) and kind is not (EffectKind.DANCE if key == "track" else EffectKind.HERITAGE):
            node.fault(key, f"has no place in {word(kind)}; leave it out")
    heritage = Heritage(
        blinks=node.whole("blinks", 0, MAX_BLINKS, default=1),
        turn_deg=node.number("turn", -MAX_HEAD_DEG, MAX_HEAD_DEG),
        tilt_deg=node.number("tilt", -MAX_HEAD_DEG, MAX_HEAD_DEG),
        breath=node.number("breath", 0, 1, default=0.5),
        restore=node.choice("restore", {"true": True, "false": False}, False),
    )
    track = node.text("track", most=63)
    return Effect(kind, heritage if kind is EffectKind.HERITAGE else None, track) if kind else None


def _listed(tree: object, path: str, most: int, faults: list[Fault]) -> list[tuple[str, object]]:
    """Path and tree of each item; something that is no list is its only item."""
    if not isinstance(tree, list):
        return [(path, tree)]
    if not tree:
        faults.append(Fault(path, "is empty; give at least one, or leave it out"))
    if len(tree) > most:
        faults.append(Fault(path, f"has {len(tree)} items; give at most {most}"))
    return [(f"{path}[{index}]", item) for index, item in enumerate(tree)]


class _Node:
    """One group of keys; a reading method gives the default when the entry is absent or wrong, and notes why."""

    def __init__(self, tree: Mapping[str, object], path: str, faults: list[Fault]) -> None:
        self._tree = tree
        self._path = path
        self.faults = faults

    @classmethod
    def of(cls, tree: object, path: str, known: Sequence[str], faults: list[Fault]) -> _Node:
        """The group of keys that a tree is."""
        if not isinstance(tree, Mapping):
            faults.append(Fault(path, f"must be entries such as `{known[0]}: …`, not {_shown(tree)}"))
            return cls({}, path, faults)
        node = cls({str(key): value for key, value in tree.items()}, path, faults)
        for key in node._tree:
            if key not in known:
                node.fault(key, f"is not a key of a recipe here; {did_you_mean(key, known)}")
        return node

    def at(self, key: str) -> str:
        """Path of an entry."""
        return f"{self._path}.{key}" if self._path else key

    def fault(self, key: str, message: str) -> None:
        """Notes a fault of an entry."""
        self.faults.append(Fault(self.at(key), message))

    def has(self, key: str) -> bool:
        """Whether there is such an entry."""
        return key in self._tree

    def get(self, key: str) -> object:
        """The entry."""
        return self._tree.get(key, _MISSING)

    def _missing(self, key: str, required: str) -> bool:
        if required and not self.has(key):
            self.fault(key, f"is missing; {required}")
        return not self.has(key)

    def text(self, key: str, *, required: str = "", most: int = 63) -> str:
        """A line of text."""
        if self._missing(key, required):
            return ""
        value = self.get(key)
        if not isinstance(value, str) or not value.strip() or any(ord(character) < 32 for character in value):
            self.fault(key, f"must be one line of text, not {_shown(value)}; put it in quotes")
        elif len(value) > most:
            self.fault(key, f"has {len(value)} characters; use at most {most}")
        else:
            return value.strip()
        return ""

    def number(self, key: str, least: float, most: float, *, default: float = 0.0) -> float:
        """A number."""
        if self._missing(key, ""):
            return default
        value = self.get(key)
        if not _is_number(value) or not least <= value <= most:  # type: ignore[operator]
            self.fault(key, f"{_shown(value)} will not do; use a number from {least:g} to {most:g}")
            return default
        return float(value)  # type: ignore[arg-type]

    def whole(self, key: str, least: int, most: int, *, default: int = 0, required: str = "") -> int:
        """A whole number."""
        if self._missing(key, required):
            return default
        value = self.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            self.fault(key, f"{_shown(value)} will not do; use a whole number from {least} to {most}")
            return default
        return value

    def choice(self, key: str, known: Mapping[str, Any], default: Any, *, required: bool = False) -> Any:  # noqa: ANN401
        """What a word stands for."""
        if self._missing(key, f"name one of {', '.join(known)}" if required else ""):
            return default
        value = self.get(key)
        said = str(value).lower() if isinstance(value, (str, bool)) else ""
        if said not in known:
            self.fault(key, f"{_shown(value)} is not known; {did_you_mean(said, list(known))}")
            return default
        return known[said]


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return "a group of keys"
    if isinstance(value, list):
        return "a list"
    return "nothing" if value is None or value is _MISSING else repr(value)[:60]


def _phases_tree(phases: Sequence[CameraPhase]) -> Any:  # noqa: ANN401  (a word or a list)
    if tuple(phases) == (CameraPhase(phases[0].move),):
        return word(phases[0].move)
    if len(phases) == 1:
        return _phase_tree(phases[0], with_share=False)
    even = len({phase.share for phase in phases}) == 1
    return [_phase_tree(phase, with_share=not even) for phase in phases]


def _phase_tree(phase: CameraPhase, *, with_share: bool) -> dict[str, Any]:
    tree: dict[str, Any] = {"move": word(phase.move)}
    if phase.amount != 1:
        tree["amount"] = phase.amount
    if with_share:
        tree["share"] = phase.share
    if phase.keys:
        tree["keys"] = [[key.at, key.way] for key in phase.keys]
    elif phase.ease is not Ease.SMOOTH:
        tree["ease"] = word(phase.ease)
    return tree


def _air_tree(air: Air) -> Any:  # noqa: ANN401  (a word or a group)
    if air == Air(air.kind):
        return word(air.kind)
    tree = {
        "kind": word(air.kind),
        "amount": air.amount,
        "direction": air.direction_deg,
        "region": air.region or None,
        "light": word(air.light) if air.light is not FlickerLight.FLAME else None,
    }
    return {key: value for key, value in tree.items() if value is not None}


def _loop_tree(repeat: Repeat) -> bool | str | None:
    return {Repeat.ONCE: None, Repeat.LOOP: True, Repeat.PING_PONG: "ping-pong"}[repeat]


def _effect_tree(effect: Effect) -> Any:  # noqa: ANN401  (a word or a group)
    if effect.heritage is None:
        return {"kind": word(effect.kind), "track": effect.track} if effect.track else word(effect.kind)
    own = effect.heritage
    return {
        "kind": word(effect.kind),
        "blinks": own.blinks,
        "turn": own.turn_deg,
        "tilt": own.tilt_deg,
        "breath": own.breath,
        "restore": own.restore,
    }
