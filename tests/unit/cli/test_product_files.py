"""Broken files of products are told by `plan`, with the brief, the line and the field."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image
from typer.testing import CliRunner

from firstframe.cli.briefs import load_brief
from firstframe.cli.main import app
from firstframe.cli.problems import BriefRejected
from firstframe.cli.product_files import ProductFiles
from firstframe.core.errors import InvalidInput

BRIEF = """campaign: own
heroes:
  - name: mine
    set: {{scene: studio, palette: sage-noon, {words}}}
formats: ["16:9"]
motion: {{recipe: slow-push}}
deliver: [youtube]
"""
TRIANGLE = "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"


def png(picture: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()


def cut_out() -> np.ndarray:
    picture = np.random.default_rng(2).integers(0, 255, (120, 90, 4), np.uint8)
    picture[..., 3] = 0
    picture[10:-10, 10:-10, 3] = 255
    return picture


def faint() -> np.ndarray:
    picture = cut_out()
    picture[..., 3] //= 4
    return picture


def glb() -> bytes:
    return bytes(trimesh.creation.box(extents=(1, 2, 1)).export(file_type="glb"))


BROKEN: dict[str, tuple[str, bytes, str]] = {
    "no triangles": ("model: it.obj", b"v 0 0 0\nv 1 0 0\n", "it.obj "),
    "a face without its point": ("model: it.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 9\n", "it.obj "),
    "flat": ("model: it.obj", b"v 0 0 0\nv 1 0 0\nv 2 0 0\nf 1 2 3\n", "it.obj "),
    "cut off": ("model: it.glb", glb()[:-40], "it.glb "),
    "pixels cut off": ("cutout: it.png", png(cut_out())[:-4000], "it.png "),
    "nothing opaque": ("cutout: it.png", png(faint()), "it.png shows no product"),
    "no transparency": ("cutout: it.png, matte: alpha", png(cut_out()[..., :3]), "it.png has no transparency"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_told_by_the_plan(tmp_path: Path, name: str) -> None:
    words, data, told = BROKEN[name]
    (tmp_path / words.split(",")[0].split(": ")[1]).write_bytes(data)
    file = tmp_path / "own.yaml"
    file.write_text(BRIEF.format(words=words))
    done = CliRunner().invoke(app, ["plan", str(file)])
    field = words.split(":", maxsplit=1)[0]
    assert isinstance(done.exception, BriefRejected)
    assert f"own.yaml:4: heroes[0].set.{field}: {told}" in str(done.exception)
    assert "; " in str(done.exception), "it says what to do"


@pytest.mark.parametrize(
    ("words", "data"),
    [
        ("model: it.obj", TRIANGLE.encode()),
        ("model: it.glb", glb()),
        ("cutout: it.png", png(cut_out())),
        ("cutout: it.png, matte: learned", png(faint())),
        ("cutout: it.png", png(cut_out()[..., :3])),
    ],
)
def test_a_file_that_will_do_is_taken(tmp_path: Path, words: str, data: bytes) -> None:
    (tmp_path / words.split(",", maxsplit=1)[0].split(": ")[1]).write_bytes(data)
    (tmp_path / "own.yaml").write_text(BRIEF.format(words=words))
    assert load_brief(tmp_path / "own.yaml").unread == ()


def test_a_file_that_many_heroes_show_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "it.obj").write_text("v 0 0 0\nv 1 0 0\n")
    files = ProductFiles(tmp_path, most_bytes=20)
    for _ in range(3):
        with pytest.raises(InvalidInput, match=r"it\.obj"):
            files.model("it.obj")
    assert files.unread == []


def test_files_are_read_up_to_a_bound(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.obj").write_text(f"# {number}\n{TRIANGLE}")
    files = ProductFiles(tmp_path, most_bytes=100)
    found = [files.model(f"{number}.obj") for number in range(3)]
    assert [item.reference.size_bytes for item in found] == [36, 36, 36]
    assert [path.name for path in files.unread] == ["2.obj"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("brand: nope.yaml\n", "own.yaml:8: brand: nope.yaml does not exist"),
        (
            "template: {name: a, rows: nope.csv, set: {scene: studio, palette: sage-noon, copy: Hi}}\n",
            "own.yaml:8: template.rows: nope.csv does not exist",
        ),
    ],
)
def test_a_file_that_is_not_there_is_told_where_the_brief_names_it(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(BRIEF.format(words="copy: Hi") + text)
    with pytest.raises(BriefRejected) as caught:
        load_brief(file)
    assert told in str(caught.value)
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            "palette: brand-day, copy: Hi",
            "set.palette: 'brand-day' is made of a brand's colours; give the brief a `brand`",
        ),
        ("palette: sage-noon, model: it.obj, colour: '#12'", "'#12' is not a colour; use one of lacquer"),
        ("palette: sage-noon, model: it.obj, colour: '#12'", "or #RRGGBB, with a `material` to colour"),
        ("palette: sage-noon, model: it.obj, colour: foil", "has no material to colour"),
    ],
)
def test_colours_are_told_in_full(tmp_path: Path, words: str, told: str) -> None:
    (tmp_path / "it.obj").write_text(TRIANGLE)
    file = tmp_path / "own.yaml"
    file.write_text(BRIEF.replace("palette: sage-noon, ", "").format(words=words))
    with pytest.raises(BriefRejected) as caught:
        load_brief(file)
    assert told in str(caught.value)


def test_the_plan_shows_what_is_on_the_label(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(BRIEF.format(words="copy: First Light, tagline: morning serum"))
    assert "with “First Light” and “morning serum” at" in load_brief(file).plan.steps[0].summary
    file.write_text(BRIEF.format(words="copy: First Light"))
    assert "with “First Light” at" in load_brief(file).plan.steps[0].summary
