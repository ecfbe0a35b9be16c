"""Every room has the same files, and no module has grown beyond what can be read in one go."""

from __future__ import annotations

from pathlib import Path

import pytest

import firstframe

ROOT = Path(firstframe.__file__).parent
STAGES = ("imagegen", "animation", "upscaling", "stitching")
MODULES = {
    str(path.relative_to(ROOT)): path for path in ROOT.rglob("*.py") if "api" not in path.relative_to(ROOT).parts
}
LONGEST = 480
"""A module that passes 400 is looked at for a second subject; one that passes this has it."""


@pytest.mark.parametrize("room", [*STAGES, "orchestrator"])
def test_a_room_has_the_files_of_every_room(room: str) -> None:
    names = {path.name for path in (ROOT / room).iterdir()}
    wanted = {"__main__.py", "app.py", "settings.py", "servicer.py", "README.md"}
    assert wanted <= names
    assert {"decode.py", "decode"} & names
    assert room not in STAGES or "engines" in names


def test_no_module_is_longer_than_can_be_read_in_one_go() -> None:
    assert len(MODULES) > 400
    lengths = {name: len(path.read_text().splitlines()) for name, path in MODULES.items()}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST} == {}
