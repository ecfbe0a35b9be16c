"""What a service's process says when it cannot start."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from firstframe.core.errors import Internal, PreconditionFailed
from firstframe.runtime.boot import SETUP, run


def test_what_has_to_be_changed_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    async def main() -> None:
        raise PreconditionFailed("127.0.0.1:1 cannot be bound", reason="ADDRESS_IN_USE")

    with pytest.raises(SystemExit) as caught:
        run(main)

    assert caught.value.code == SETUP
    assert capsys.readouterr().err == "error: 127.0.0.1:1 cannot be bound [ADDRESS_IN_USE]\n"


def test_a_fault_is_not_hidden() -> None:
    async def main() -> None:
        raise Internal("broken")

    with pytest.raises(Internal):
        run(main)


@pytest.mark.parametrize("service", ["imagegen", "animation", "upscaling", "stitching", "orchestrator"])
def test_every_service_starts_without_the_command_line(service: str) -> None:
    wrong = {f"FIRSTFRAME_{service.upper()}_LISTEN": "nowhere"}
    done = subprocess.run(
        [sys.executable, "-m", f"firstframe.{service}"],
        env={**os.environ, **wrong},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == SETUP
    assert f"FIRSTFRAME_{service.upper()}_LISTEN" in done.stderr
