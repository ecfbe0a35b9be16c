"""What a build would do, told without a GPU."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from firstframe.packs.build.builder import Files, Order, commands_of, make_plan
from firstframe.packs.build.commands import Command, Programs
from firstframe.packs.build.decision import Action, Decision
from firstframe.packs.build.store import EngineStore


@dataclass(frozen=True, slots=True)
class Preview:
    """One order, as it would be carried out."""

    order: Order
    decision: Decision
    key: str
    """Key of the engine; empty where it cannot be known here."""
    commands: tuple[Command, ...]


def preview(order: Order, tensorrt: str, engines: Callable[[], EngineStore], folder: Path) -> Preview:
    """Tells decision and commands.

    Args:
        order: What is wanted.
        tensorrt: Version of TensorRT that will build; empty when it is not known.
        engines: Opens the store; not called where the key cannot be known.
        folder: See `Builder`.

    Raises:
        DataCorrupted: `ONNX_UNREADABLE`.
        InvalidInput: See `firstframe.packs.build.builder.commands_of`.
    """
    key, decision = _decide(order, tensorrt, engines)
    scratch = folder / order.model
    files = Files.within(scratch, folder, order.wishes.arch, tensorrt or "VERSION")
    commands = commands_of(order, decision.action, files, Programs())
    place = (Command("makes the folder", ("mkdir", "-p", str(scratch))),) if commands else ()
    return Preview(order, decision, key, (*place, *commands))


def _decide(order: Order, tensorrt: str, engines: Callable[[], EngineStore]) -> tuple[str, Decision]:
    unknown = "whether it is stored cannot be told"
    if not order.onnx.is_file():
        return "", Decision(Action.BUILD, f"{unknown}: there is no graph at {order.onnx} yet")
    if not tensorrt:
        return "", Decision(Action.BUILD, f"{unknown} without the version of TensorRT; give --tensorrt-version")
    plan = make_plan(order, tensorrt, engines())
    return plan.wanted.parts.key, plan.decision
