"""`firstframe models`: weights, where they come from, and whether they work."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from firstframe.cli.commands.options import JsonOption, ModelsHomeOption, PacksOption
from firstframe.cli.output import FAILED, Output

if TYPE_CHECKING:
    from firstframe.packs.shelf import ModelShelf

models = typer.Typer(
    help="Model packs: weights with licence, sources, digests, and runs whose results are known.", no_args_is_help=True
)

PackArgument = Annotated[str, typer.Argument(help="Name of a pack.", show_default=False)]
PacksArgument = Annotated[list[str], typer.Argument(help="Names of packs.", show_default=False)]


def open_shelf(packs: Path | None, home: Path | None) -> ModelShelf:
    """The packs and where they are installed, from options and environment."""
    from firstframe.packs.shelf import find_shelf

    return find_shelf(packs, home)


@models.command("list")
def list_packs(home: ModelsHomeOption = None, packs: PacksOption = None, as_json: JsonOption = False) -> None:
    """Lists all packs: licence, size, and whether they are installed."""
    from firstframe.cli.models_tables import tell_packs

    tell_packs(open_shelf(packs, home), Output(as_json=as_json))


@models.command()
def show(
    name: PackArgument, home: ModelsHomeOption = None, packs: PacksOption = None, as_json: JsonOption = False
) -> None:
    """Shows a pack: purpose, licence, sources, files, graphs."""
    from firstframe.cli.models_tables import tell_pack

    shelf = open_shelf(packs, home)
    tell_pack(shelf, shelf.get(name), Output(as_json=as_json))


@models.command()
def pull(
    names: PacksArgument,
    accept_licence: Annotated[
        list[str] | None,
        typer.Option(help="SPDX identifier of a licence whose terms you accept; may be repeated.", show_default=False),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Make packs again that are installed.")] = False,
    home: ModelsHomeOption = None,
    packs: PacksOption = None,
) -> None:
    """Fetches packs, checks every byte of them and installs them. What was cut off goes on where it stopped."""
    from firstframe.cli.models_extras import told_extras
    from firstframe.cli.models_origins import LiveOrigins
    from firstframe.cli.models_progress import watching
    from firstframe.packs.pull import Puller

    shelf, output = open_shelf(packs, home), Output(as_json=False)
    chosen = [shelf.get(name) for name in dict.fromkeys(names)]
    for pack in chosen:
        had = shelf.home.has(pack) and not again
        with told_extras(), watching(output) as watcher:
            installed = Puller(shelf.home, LiveOrigins(), watcher).pull(
                pack, accepted=accept_licence or (), again=again
            )
        output.results.print(
            f"{pack.pack} {'was installed' if had else 'installed'} in {installed.folder}", markup=False
        )


@models.command()
def verify(
    names: Annotated[
        list[str] | None, typer.Argument(help="Names of packs; all that are installed.", show_default=False)
    ] = None,
    triton: Annotated[
        str, typer.Option(help="host:port of a Triton server that serves the packs; else they run in this process.")
    ] = "",
    home: ModelsHomeOption = None,
    packs: PacksOption = None,
    as_json: JsonOption = False,
) -> None:
    """Reads every file of installed packs, and runs what has a known result."""
    from firstframe.cli.models_checks import verify_packs
    from firstframe.cli.models_tables import tell_checks

    shelf = open_shelf(packs, home)
    checks = verify_packs(shelf.installed(names or ()), triton)
    tell_checks(checks, Output(as_json=as_json))
    if not all(check.passes for check in checks):
        raise typer.Exit(FAILED)


@models.command()
def golden(
    name: PackArgument,
    seed: Annotated[int, typer.Option(help="Seed of the input noise.")] = 1,
    cells: Annotated[int, typer.Option(help="Values along each longer axis, in blocks; 0 for grain.")] = 0,
    atol: Annotated[float, typer.Option(help="Largest difference that still passes.")] = 1e-3,
    home: ModelsHomeOption = None,
    packs: PacksOption = None,
) -> None:
    """Prints the `goldens` of a pack as this machine computes them, for its author."""
    from firstframe.cli.models_checks import measure_goldens

    installed = open_shelf(packs, home).installed((name,))[0]
    typer.echo(measure_goldens(installed, seed=seed, cells=cells, atol=atol), nl=False)


@models.command()
def lock(name: PackArgument, packs: PacksOption = None) -> None:
    """Asks a pack's hub for sizes and digests, and writes models/locks/NAME.json, without which it cannot be pulled."""
    from firstframe.cli.models_origins import open_hub
    from firstframe.packs.lock import make_lock, write_lock

    shelf = open_shelf(packs, None)
    made = make_lock(shelf.unlocked(name), open_hub())
    path = write_lock(made, shelf.locks)
    size = sum(file.size_bytes for file in made.files) / 1e9
    typer.echo(f"{path}: {len(made.files)} files, {size:.2f} GB, commit {made.commit}")
