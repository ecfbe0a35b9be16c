"""`firstframe models bench`: how fast packs run on this machine or at a server."""

from __future__ import annotations

from typing import Annotated

import typer

from firstframe.cli.commands.models import PacksArgument, open_shelf
from firstframe.cli.commands.options import JsonOption, ModelsHomeOption, PacksOption
from firstframe.cli.output import Output


def bench(
    names: PacksArgument,
    *,
    triton: Annotated[
        str, typer.Option(help="host:port of a Triton server that serves the packs; else they run in this process.")
    ] = "",
    graph: Annotated[
        list[str] | None, typer.Option(help="Graph to measure; all of the pack's when left out.", show_default=False)
    ] = None,
    axis: Annotated[
        list[str] | None,
        typer.Option(
            help="Length that differs from the first bucket's, such as height=256; may be repeated.", show_default=False
        ),
    ] = None,
    callers: Annotated[
        list[int] | None,
        typer.Option(min=1, max=256, help="How many send at a time; may be repeated.", show_default="1, 2, 4, 8"),
    ] = None,
    seconds: Annotated[float, typer.Option(min=0, help="How long each measurement begins new runs.")] = 3.0,
    reload: Annotated[
        bool,
        typer.Option("--reload", help="Load anew what a server has loaded; its other users are refused meanwhile."),
    ] = False,
    home: ModelsHomeOption = None,
    packs: PacksOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measures loading, the first run, and runs of several callers at once, on noise; the first again at the end."""
    from firstframe.cli.models_bench import bench_packs, parse_lengths, tell_bench
    from firstframe.packs.bench import CONCURRENT, BenchWishes

    output = Output(as_json=as_json)
    wishes = BenchWishes(
        graphs=tuple(graph or ()),
        lengths=parse_lengths(axis or ()),
        concurrent=tuple(callers or CONCURRENT),
        seconds=seconds,
        reload=reload,
    )
    tell_bench(bench_packs(open_shelf(packs, home).installed(names), triton, wishes, output), output)
