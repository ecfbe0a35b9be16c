from __future__ import annotations

import socket
from pathlib import Path

import pytest

from firstframe.cli.commands.triton import check_ports, choose, start
from firstframe.core.errors import NotFound, PreconditionFailed
from firstframe.packs.installed import InstalledPack
from support.installed_packs import install_add


@pytest.fixture
def packs(tmp_path: Path) -> list[InstalledPack]:
    return [
        install_add(tmp_path, name, graphs) for name, graphs in (("matting", ("main",)), ("face", ("mesh", "iris")))
    ]


def names(packs: list[InstalledPack], *wanted: str) -> list[str]:
    return [model.name for model in choose(packs, wanted)]


def test_packs_and_models_are_chosen_by_name(packs: list[InstalledPack]) -> None:
    assert names(packs) == ["matting", "face-mesh", "face-iris"]
    assert names(packs, "face") == ["face-mesh", "face-iris"]
    assert names(packs, "face-iris", "matting") == ["matting", "face-iris"]


def test_an_unknown_name_tells_those_there_are(packs: list[InstalledPack]) -> None:
    with pytest.raises(NotFound) as caught:
        choose(packs, ["matting", "nobody"])

    assert caught.value.reason == "MODEL_NOT_FOUND"
    assert "nobody:" in caught.value.message
    assert "face-iris" in caught.value.message


def test_a_port_that_somebody_listens_on_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PreconditionFailed) as caught:
            check_ports([port])
    assert (caught.value.reason, caught.value.metadata["port"]) == ("PORT_IN_USE", str(port))

    check_ports([port])


def test_without_the_server_the_command_tells_how_it_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTFRAME_TRITON", str(tmp_path))

    with pytest.raises(NotFound, match="make triton"):
        start(tmp_path, 1, 2)
