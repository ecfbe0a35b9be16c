"""`firstframe serve triton` and `firstframe models serve`: the development Triton server over installed packs."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from firstframe.cli.commands.options import ModelsHomeOption, PacksOption
from firstframe.core.errors import Internal, InvalidInput, NotFound, PreconditionFailed

if TYPE_CHECKING:
    from firstframe.core.models import ServedModel
    from firstframe.packs.installed import InstalledPack

PARENT_VARIABLE = "FIRSTFRAME_TRITON_PARENT_PID"
"""Process with which the server ends, where it is set."""
_PR_SET_PDEATHSIG = 1
"""Option of Linux' prctl(2), kept over an exec."""

ModelOption = Annotated[
    list[str] | None,
    typer.Option(
        "--model", help="Pack or model to serve; may be repeated; else all that is installed.", show_default=False
    ),
]
RepositoryOption = Annotated[
    Path | None, typer.Option(help="Where the model repository is written; else beside the packs.", show_default=False)
]
GrpcPortOption = Annotated[int, typer.Option(min=1, max=65535, help="Port of the inference API on loopback.")]
MetricsPortOption = Annotated[int, typer.Option(min=1, max=65535, help="Port of Prometheus' metrics on loopback.")]
ArchOption = Annotated[
    str,
    typer.Option(
        help="GPU architecture, such as sm_90: the repository gets the engines of FIRSTFRAME_MODELS_STORE__…; "
        "with --write-only.",
        show_default=False,
    ),
]
WriteOnlyOption = Annotated[
    bool, typer.Option("--write-only", help="Write the repository, with copies of the weights, and start nothing.")
]


def serve_triton(
    home: ModelsHomeOption = None,
    packs: PacksOption = None,
    model: ModelOption = None,
    repository: RepositoryOption = None,
    grpc_port: GrpcPortOption = 8001,
    metrics_port: MetricsPortOption = 8002,
    write_only: WriteOnlyOption = False,
    arch: ArchOption = "",
) -> None:
    """Serves installed packs with the real Triton server on loopback, until SIGTERM. `make triton` installs the server."""
    from firstframe.cli.models_repository import write
    from firstframe.packs.shelf import find_shelf

    if arch and not write_only:
        raise InvalidInput.at("--arch", "the development server has no GPU", "add --write-only")
    shelf = find_shelf(packs, home)
    installed = shelf.installed(())
    chosen = choose(installed, model or ())
    folder = repository or shelf.home.folder / ".triton" / str(grpc_port)
    if not write_only:
        check_ports((grpc_port, metrics_port))
    names = write(installed, chosen, folder.absolute(), arch=arch, link=not write_only)
    typer.echo(f"{folder}: {', '.join(names)}", err=True)
    if not write_only:
        start(folder.absolute(), grpc_port, metrics_port)


def choose(packs: Iterable[InstalledPack], names: Sequence[str]) -> list[ServedModel]:
    """Models of these packs or of these names; all where no name is given.

    Raises:
        NotFound: `MODEL_NOT_FOUND`, neither an installed pack nor one of its models has that name.
    """
    served = [(pack.pack.pack, one) for pack in packs for one in pack.served()]
    known = {name for pack, one in served for name in (pack, one.name)}
    if unknown := sorted(set(names) - known):
        problem = (
            f"{', '.join(unknown)}: no installed pack or model has that name; there are {', '.join(sorted(known))}"
        )
        raise NotFound(problem, reason="MODEL_NOT_FOUND")
    return [one for pack, one in served if not names or {pack, one.name} & set(names)]


def check_ports(ports: Iterable[int]) -> None:
    """Holds ports against what listens already, of which the server itself tells too little.

    Raises:
        PreconditionFailed: `PORT_IN_USE`.
    """
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                problem = f"port {port} of 127.0.0.1 cannot be used ({error.strerror}); choose another"
                raise PreconditionFailed(problem, reason="PORT_IN_USE", metadata={"port": str(port)}) from None


def start(repository: Path, grpc_port: int, metrics_port: int) -> None:
    """Becomes the server.

    Raises:
        NotFound: `TRITON_NOT_FOUND`.
    """
    from firstframe.adapters.triton.server import find_server, sweep_shared_memory

    server = find_server()
    sweep_shared_memory(grpc_port)
    command = server.command(repository, grpc_port=grpc_port, metrics_port=metrics_port)
    environment = server.environment(os.environ)
    typer.echo(f"Triton serves on 127.0.0.1:{grpc_port}, its metrics on 127.0.0.1:{metrics_port}", err=True)
    end_with(os.environ.get(PARENT_VARIABLE))
    os.execve(command[0], command, environment)  # noqa: S606


def end_with(parent: str | None) -> None:
    """Asks the kernel for SIGTERM when the parent ends.

    Args:
        parent: Process identifier; nothing happens where it is missing, or is not that of our parent.

    Raises:
        Internal: The kernel refuses.
    """
    if not parent or parent != str(os.getppid()):
        return
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM) != 0:
        raise Internal(f"prctl: {os.strerror(ctypes.get_errno())}; unset {PARENT_VARIABLE}")
