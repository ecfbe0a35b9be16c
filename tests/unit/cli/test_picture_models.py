"""A local stack gives its image stage the packs about pictures that are installed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from firstframe.animation.effects.people import PACKS as ASKED_ABOUT_PEOPLE
from firstframe.cli import picture_models as module
from firstframe.cli.home import Home
from firstframe.cli.picture_models import PEOPLE_PACKS, PICTURE_PACKS, motion_models, picture_models
from firstframe.cli.stack import service_environment
from firstframe.imagegen.mattes import PACKS
from support.picture_packs import install_faces, install_matting


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "packs").mkdir()
    monkeypatch.setenv("PACKS_DIR", str(tmp_path / "packs"))
    monkeypatch.setenv("FIRSTFRAME_MODELS", str(tmp_path / "home"))
    return tmp_path


def test_names_are_those_that_the_stages_ask() -> None:
    assert PICTURE_PACKS == PACKS
    assert PEOPLE_PACKS == ASKED_ABOUT_PEOPLE


def test_without_packs_nothing_is_set(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert picture_models() == {}
    monkeypatch.setenv("PACKS_DIR", str(machine / "elsewhere"))
    assert picture_models() == {}


def test_installed_packs_are_passed_on_to_the_stages_that_ask_them(machine: Path) -> None:
    install_matting(machine)
    found = service_environment(Home(machine), "imagegen", "imagegen-1", 1)
    assert json.loads(found["FIRSTFRAME_IMAGEGEN_MODELS__PACKS"]) == ["isnet-matting"]
    assert found["FIRSTFRAME_IMAGEGEN_MODELS__HOME"] == str(machine / "home")
    assert found["FIRSTFRAME_IMAGEGEN_MODELS__PRELOAD"] == "false"
    install_faces(machine)
    assert json.loads(picture_models()["MODELS__PACKS"]) == ["isnet-matting", "face-landmarks"]
    people = service_environment(Home(machine), "animation", "animation-1", 1)
    assert json.loads(people["FIRSTFRAME_ANIMATION_MODELS__PACKS"]) == ["face-landmarks"]
    assert motion_models()["MODELS__PRELOAD"] == "false"
    assert not any("MODELS" in key for key in service_environment(Home(machine), "stitching", "stitching-1", 1))


@pytest.mark.parametrize("library", ["onnxruntime", "tritonclient"])
def test_a_pack_without_its_library_is_left_out(machine: Path, monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    install_matting(machine)
    monkeypatch.setattr(module, "find_spec", lambda name: None if name == library else name)
    assert picture_models() == {}
