"""buf lint, and buf breaking against the contract that was released."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from support.tools import require_tool

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The contract as it is, as a descriptor set."""
    path = tmp_path_factory.mktemp("buf") / "contract.binpb"
    subprocess.run([sys.executable, ROOT / "scripts" / "gen_proto.py", "--image", path], check=True)
    return path


def buf(*arguments: str | Path) -> str:
    command = [require_tool("buf"), *arguments, "--path", "firstframe", "--config", ROOT / "buf.yaml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return done.stdout + done.stderr


def test_lint_has_nothing_to_say(image: Path) -> None:
    assert buf("lint", image) == ""


def test_nothing_breaks_released_clients(image: Path) -> None:
    assert buf("breaking", image, "--against", ROOT / "proto" / "released.binpb") == ""
