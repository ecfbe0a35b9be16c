from __future__ import annotations

import json
from pathlib import Path

import pytest

from firstframe.adapters.triton.server import find_server, sweep_shared_memory
from firstframe.core.errors import NotFound


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    folder = tmp_path / "venv"
    (folder / "backends").mkdir(parents=True)
    (folder / "libraries").mkdir()
    (folder / "tritonserver").touch()
    places = {"server": "tritonserver", "backends": "backends"}
    record = {name: str(folder / place) for name, place in places.items()}
    (folder / "server.json").write_text(json.dumps(record | {"libraries": [str(folder / "libraries")]}))
    return folder


def test_the_environment_names_the_server(installed: Path) -> None:
    server = find_server({"FIRSTFRAME_TRITON": str(installed)})

    assert server.program == installed / "tritonserver"


def test_the_working_directory_is_looked_into(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed.rename(installed.parent / ".venv-triton")
    record = installed.parent / ".venv-triton" / "server.json"
    record.write_text(record.read_text().replace("/venv/", "/.venv-triton/"))
    monkeypatch.chdir(installed.parent)

    assert find_server({}).folder == installed.parent / ".venv-triton"


def test_a_missing_server_tells_how_it_is_made(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        find_server({"FIRSTFRAME_TRITON": str(tmp_path)})

    assert caught.value.reason == "TRITON_NOT_FOUND"
    assert str(tmp_path) in caught.value.message
    assert "make triton" in caught.value.message


def test_a_part_that_is_gone_is_named(installed: Path) -> None:
    (installed / "tritonserver").unlink()

    with pytest.raises(NotFound, match="tritonserver is gone"):
        find_server({"FIRSTFRAME_TRITON": str(installed)})


def test_everything_listens_on_loopback_and_models_are_controlled_by_name(installed: Path) -> None:
    server = find_server({"FIRSTFRAME_TRITON": str(installed)})

    command = server.command(Path("/repository"), grpc_port=1, metrics_port=2, models=["b", "a"])

    for wanted in (
        "--grpc-address=127.0.0.1",
        "--metrics-address=127.0.0.1",
        "--allow-http=false",
        "--model-control-mode=explicit",
        "--disable-auto-complete-config",
    ):
        assert wanted in command
    assert [one for one in command if one.startswith("--load-model")] == ["--load-model=a", "--load-model=b"]
    assert "--load-model=*" in server.command(Path("/repository"), grpc_port=1, metrics_port=2)
    assert any(one.startswith("--grpc-restricted-protocol=shared-memory") for one in command)


def test_the_servers_own_python_comes_first(installed: Path) -> None:
    server = find_server({"FIRSTFRAME_TRITON": str(installed)})

    environment = server.environment({"PATH": "/usr/bin", "PYTHONPATH": "/elsewhere", "KEPT": "1"})

    assert environment == {
        "PATH": f"{installed / 'bin'}:/usr/bin",
        "KEPT": "1",
        "LD_LIBRARY_PATH": str(installed / "libraries"),
        "VIRTUAL_ENV": str(installed),
    }


def test_only_memory_of_servers_of_the_same_port_is_removed(installed: Path, tmp_path: Path) -> None:
    server = find_server({"FIRSTFRAME_TRITON": str(installed)})
    command = server.command(Path("/repository"), grpc_port=80, metrics_port=2)
    prefix = next(one.split("=")[-1] for one in command if "shm-region-prefix-name" in one)
    for name in (f"{prefix}abc", "firstframe-800-abc", "somebody-elses"):
        (tmp_path / name).touch()

    sweep_shared_memory(80, tmp_path)

    left = {path.name for path in tmp_path.iterdir() if path.is_file()}
    assert left == {"firstframe-800-abc", "somebody-elses"}
