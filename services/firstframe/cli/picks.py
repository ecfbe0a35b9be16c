"""The file of picks beside a brief: which takes of its template looked like others, and what is made in their stead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from yaml.nodes import MappingNode, Node

from firstframe.cli.fields import Fields, as_fields, as_number
from firstframe.cli.problems import BriefRejected, Problem
from firstframe.cli.yaml_tree import entries, read_tree
from firstframe.templates.expansion import Swap

KEYS = ("replaced",)
SWAP_KEYS = ("was", "by", "now", "like", "hash_bits", "colour")
MAX_PLACE = 1_000_000
_HEAD = (
    "# Made by `firstframe stills`: takes that looked like others, and what is made instead. Keep it with the brief.\n"
)


@dataclass(frozen=True, slots=True)
class Pick:
    """A take that was replaced, and why."""

    swap: Swap
    like: str
    """The take that it looked like."""
    hash_bits: int
    """See `firstframe.imaging.likeness.Likeness`."""
    colour: float


def picks_file(brief: Path) -> Path:
    """Where the picks of a brief are."""
    return brief.with_name(f"{brief.stem}.picks.yaml")


def read_picks(file: Path) -> Mapping[str, Pick]:
    """Picks by the name of the take that they replace; empty when there is no such file.

    Raises:
        BriefRejected: The file is not one of picks.
    """
    if not file.exists():
        return {}
    problems: list[Problem] = []
    root = Fields(read_tree(file), "", KEYS, problems)
    replaced = root.section("replaced", _names(root.node), required="run `firstframe stills` again, or delete the file")
    picks = {} if replaced is None else _picks(replaced.node, problems)
    if problems:
        raise BriefRejected(file, problems)
    return picks


def _names(node: MappingNode) -> tuple[str, ...]:
    inner = next((value for name, _, value in entries(node) if name == "replaced"), None)
    return tuple(name for name, _, _ in entries(inner)) if isinstance(inner, MappingNode) else ("a-name",)


def _picks(node: MappingNode, problems: list[Problem]) -> dict[str, Pick]:
    found = {}
    for name, _, value in entries(node):
        pick = _pick(name, value, problems)
        if pick is not None:
            found[name] = pick
    return found


def _pick(name: str, node: Node, problems: list[Problem]) -> Pick | None:
    fields = as_fields(node, f"replaced.{name}", SWAP_KEYS, problems)
    if fields is None:
        return None
    was, now = (tuple(words for _, _, words in fields.texts(key, required="is a list")) for key in ("was", "now"))
    swap = Swap(name, was, fields.integer("by", least=1, most=MAX_PLACE), now)
    colour = as_number(fields.text("colour")) or 0.0
    return Pick(swap, fields.text("like"), fields.integer("hash_bits", least=0, most=64), colour)


def write_picks(file: Path, picks: Iterable[Pick]) -> None:
    """Writes the picks; without any the file goes away."""
    replaced = {pick.swap.name: _plain(pick) for pick in picks}
    if not replaced:
        file.unlink(missing_ok=True)
        return
    text = yaml.safe_dump({"replaced": replaced}, sort_keys=False, allow_unicode=True, default_flow_style=None)
    whole = file.with_suffix(".part")
    whole.write_text(_HEAD + text, encoding="utf-8")
    whole.replace(file)


def _plain(pick: Pick) -> dict[str, object]:
    return {
        "was": list(pick.swap.was),
        "by": pick.swap.place,
        "now": list(pick.swap.now),
        "like": pick.like,
        "hash_bits": pick.hash_bits,
        "colour": round(pick.colour, 1),
    }
