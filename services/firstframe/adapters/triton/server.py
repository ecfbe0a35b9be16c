"""The development server: where it is and how it is started. It is for loopback and tests; a cluster runs a current image."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from firstframe.core.errors import NotFound

VARIABLE = "FIRSTFRAME_TRITON"
FOLDER = ".venv-triton"
RECORD = "server.json"
LOOPBACK = "127.0.0.1"
_CHECKOUT = Path(__file__).parents[4]
_CLOSED = ("shared-memory", "logging", "trace")
"""Parts of the server's API that nobody of ours needs."""


@dataclass(frozen=True, slots=True)
class DevelopmentServer:
    """An environment that `make triton` made."""

    folder: Path
    program: Path
    backends: Path
    libraries: tuple[Path, ...]

    def command(
        self, repository: Path, *, grpc_port: int, metrics_port: int, models: Iterable[str] | None = None
    ) -> list[str]:
        """Arguments that serve a repository on loopback, each model loaded by name.

        Args:
            repository: Made by `write_repository`.
            grpc_port: Port of the inference API.
            metrics_port: Port of Prometheus' metrics.
            models: What is loaded at the start; all where nothing is said.
        """
        loaded = ["*"] if models is None else sorted(models)
        return [
            str(self.program),
            f"--model-repository={repository}",
            f"--backend-directory={self.backends}",
            "--model-control-mode=explicit",
            *(f"--load-model={name}" for name in loaded),
            # A model that cannot be loaded is told by the readiness of that model; the others serve.
            "--exit-on-error=false",
            "--disable-auto-complete-config",
            "--allow-http=false",
            f"--grpc-address={LOOPBACK}",
            f"--grpc-port={grpc_port}",
            f"--metrics-address={LOOPBACK}",
            f"--metrics-port={metrics_port}",
            "--allow-gpu-metrics=false",
            "--allow-cpu-metrics=false",
            f"--backend-config=python,shm-region-prefix-name={_regions(grpc_port)}",
            f"--grpc-restricted-protocol={','.join(_CLOSED)}:closed={secrets.token_hex(16)}",
        ]

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """Environment of the server: its own libraries and its own Python before all others."""
        libraries = ":".join(map(str, self.libraries))
        path = f"{self.folder / 'bin'}:{inherited.get('PATH', os.defpath)}"
        kept = {name: value for name, value in inherited.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}
        return kept | {"LD_LIBRARY_PATH": libraries, "PATH": path, "VIRTUAL_ENV": str(self.folder)}


def sweep_shared_memory(grpc_port: int, folder: Path = Path("/dev/shm")) -> None:  # noqa: S108
    """Removes the memory that a server of this port left when it was killed. Nothing may serve on the port."""
    for path in folder.glob(f"{_regions(grpc_port)}*"):
        path.unlink(missing_ok=True)


def _regions(grpc_port: int) -> str:
    return f"firstframe-{grpc_port}-"


def find_server(environment: Mapping[str, str] = os.environ) -> DevelopmentServer:
    """The server: where FIRSTFRAME_TRITON says, else `.venv-triton` of the working directory or of the checkout.

    Raises:
        NotFound: `TRITON_NOT_FOUND`; the message tells the command that makes it.
    """
    named = environment.get(VARIABLE)
    places = [Path(named)] if named else [Path(FOLDER).absolute(), _CHECKOUT / FOLDER]
    for folder in places:
        if (folder / RECORD).is_file():
            return _read(folder)
    looked = " or ".join(map(str, dict.fromkeys(places)))
    problem = f"there is no Triton server in {looked}; run `make triton`, or name its folder in {VARIABLE}"
    raise NotFound(problem, reason="TRITON_NOT_FOUND")


def _read(folder: Path) -> DevelopmentServer:
    found = json.loads((folder / RECORD).read_text("utf-8"))
    libraries = tuple(map(Path, found["libraries"]))
    server = DevelopmentServer(folder, Path(found["server"]), Path(found["backends"]), libraries)
    for path in (server.program, server.backends, *libraries):
        if not path.exists():
            problem = f"{path} is gone, which {folder / RECORD} names; remove {folder} and run `make triton`"
            raise NotFound(problem, reason="TRITON_NOT_FOUND")
    return server
