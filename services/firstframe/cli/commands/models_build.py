"""`firstframe models build`: TensorRT engines of a pack's graphs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from firstframe.cli.commands.options import JsonOption
from firstframe.cli.output import Output


class Target(StrEnum):
    """What can be built."""

    TENSORRT = "tensorrt"


def build(
    name: Annotated[str, typer.Argument(help="Name of a pack.", show_default=False)],
    *,
    arch: Annotated[str, typer.Option(help="GPU architecture, such as sm_90 for an H100.", show_default=False)],
    target: Annotated[Target, typer.Option(help="What to build.")] = Target.TENSORRT,
    graph: Annotated[
        list[str] | None, typer.Option(help="Graph to build, all of the pack's when left out.", show_default=False)
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the commands and why; needs no GPU.")] = False,
    onnx: Annotated[
        Path | None,
        typer.Option(help="Folder of the exported graphs; else that of the installed pack.", show_default=False),
    ] = None,
    tensorrt_version: Annotated[
        str, typer.Option(help="For --dry-run: the version that will build, such as 11.1.0.106.", show_default=False)
    ] = "",
    refittable: Annotated[
        bool, typer.Option("--refittable", help="Let weights be exchanged later; slower kernels may be the price.")
    ] = False,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Build even when the engine is stored.")] = False,
    calibration: Annotated[
        Path | None, typer.Option(help="NumPy archive of inputs, for fp8 and int8.", show_default=False)
    ] = None,
    timeout_minutes: Annotated[float, typer.Option(min=0.01, help="What each program may take.")] = 120,
    home: Annotated[
        Path | None, typer.Option(help="Folder of installed packs; else $FIRSTFRAME_MODELS.", show_default=False)
    ] = None,
    packs: Annotated[Path | None, typer.Option(help="Folder of packs; else $PACKS_DIR.", show_default=False)] = None,
    as_json: JsonOption = False,
) -> None:
    """Builds TensorRT engines and keeps them in the store of FIRSTFRAME_MODELS_STORE__…; what is stored is not built."""
    from firstframe.cli.models_engines import build_engines, orders_of, tell_previews
    from firstframe.packs.build.architectures import parse_architecture
    from firstframe.packs.build.builder import Wishes
    from firstframe.packs.shelf import find_shelf

    del target  # there is but one
    wishes = Wishes(parse_architecture(arch), refittable, rebuild, calibration)
    shelf = find_shelf(packs, home)
    pack = shelf.get(name)
    orders = orders_of(pack, graph or (), onnx or shelf.home.place(pack), wishes)
    folder, output = shelf.home.folder / ".builds", Output(as_json=as_json)
    if dry_run:
        tell_previews(orders, tensorrt_version, folder, output)
    else:
        build_engines(orders, folder, timeout_minutes * 60, output)
