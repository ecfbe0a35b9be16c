"""Whether an engine has to be built, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from firstframe.packs.build.key import EngineParts, changed_parts
from firstframe.packs.build.store import EngineRecord


class Action(StrEnum):
    """What is done."""

    REUSE = "reuse"
    REFIT = "refit"
    BUILD = "build"
    REBUILD = "rebuild"


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done, and why, for a person."""

    action: Action
    reason: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """An engine that somebody wants."""

    parts: EngineParts
    structure: str
    """Digest of the graph without its weights."""
    refittable: bool = False
    """Whether its weights can be exchanged later."""


def decide(
    wanted: Wanted, same: EngineRecord | None, latest: EngineRecord | None, *, rebuild: bool = False
) -> Decision:
    """Compares what is wanted with what is stored.

    Args:
        wanted: The engine.
        same: The record under its key.
        latest: The newest record of the same graph for the same architecture, under whatever key.
        rebuild: Whether somebody insists on a build.
    """
    if rebuild:
        return Decision(Action.REBUILD, "a rebuild was asked for")
    if same is not None:
        return _reuse(wanted, same)
    if latest is None:
        return Decision(Action.BUILD, "no engine of this graph is stored for this architecture")
    return _follow(wanted, latest)


def _reuse(wanted: Wanted, same: EngineRecord) -> Decision:
    if wanted.refittable and not same.refittable:
        return Decision(Action.REBUILD, "the stored engine's weights cannot be exchanged, and that is wanted")
    return Decision(Action.REUSE, f"an engine with this key is stored, built {same.built_at}")


def _follow(wanted: Wanted, latest: EngineRecord) -> Decision:
    changed = changed_parts(latest.parts, wanted.parts.as_json())
    told = f"changed since {latest.built_at}: {', '.join(changed)}"
    if changed != ("onnx",):
        return Decision(Action.REBUILD, told)
    if latest.structure != wanted.structure:
        return Decision(Action.REBUILD, f"{told}; the graph itself is another, not only its weights")
    if not latest.refittable:
        return Decision(Action.REBUILD, f"{told}; only weights, but the engine was built without --refittable")
    return Decision(Action.REFIT, f"{told}; only weights, and the engine takes new ones")
