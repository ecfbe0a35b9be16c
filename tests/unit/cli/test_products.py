"""Products in campaign files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.cli.briefs import load_brief
from firstframe.cli.problems import BriefRejected
from firstframe.orchestrator.brief import inputs_of
from firstframe.orchestrator.decode import decode_brief
from firstframe.orchestrator.plan import StillSpec
from firstframe.orchestrator.requests import hero_request

BRIEF = """campaign: own
heroes:
  - name: mine
    set: {{scene: studio, palette: sage-noon, {words}}}
formats: ["16:9"]
motion: {{recipe: slow-push}}
deliver: [youtube]
"""


def cup(grey: int = 120) -> Image.Image:
    picture = np.zeros((100, 100, 4), np.uint8)
    picture[10:90, 10:90] = (grey, grey, grey, 255)
    return Image.fromarray(picture)


def written(folder: Path, words: str) -> Path:
    (folder / "cup.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")
    (folder / "bad.obj").write_text("hello")
    cup().save(folder / "cup.png")
    file = folder / "own.yaml"
    file.write_text(BRIEF.format(words=words))
    return file


def test_a_model_reaches_the_stage_with_all_that_is_said_of_it(tmp_path: Path) -> None:
    words = 'model: cup.obj, up: z, turn: -30, height: 0.12, material: metal, colour: "#D09040"'
    loaded = load_brief(written(tmp_path, words))
    (upload,) = loaded.photographs
    assert upload.path.name == "cup.obj"
    (still,) = (item.spec for item in loaded.plan.steps if isinstance(item.spec, StillSpec))
    sent = hero_request(still).set.model
    assert sent.mesh == upload.reference
    assert (sent.up, sent.turn_deg, sent.material, sent.colour) == (imagegen_pb2.UP_AXIS_Z, -30, "metal", "#D09040")
    assert sent.height_m == pytest.approx(0.12)
    (hero,) = decode_brief(loaded.message).heroes
    assert inputs_of(hero.source) == [("set.model.mesh", upload.reference.digest)]


def test_a_cut_out_reaches_the_stage_and_changes_the_plan(tmp_path: Path) -> None:
    loaded = load_brief(written(tmp_path, "cutout: cup.png, matte: alpha, height: 0.1"))
    (still,) = (item.spec for item in loaded.plan.steps if isinstance(item.spec, StillSpec))
    sent = hero_request(still).set.cutout
    assert sent.image == loaded.photographs[0].reference
    assert sent.matte == imagegen_pb2.CUTOUT_MATTE_ALPHA
    assert "with the cut-out" in loaded.plan.steps[0].summary
    cup(121).save(tmp_path / "cup.png")
    assert load_brief(tmp_path / "own.yaml").plan.digest != loaded.plan.digest
    (hero,) = decode_brief(loaded.message).heroes
    assert inputs_of(hero.source) == [("set.cutout.image", sent.image.digest)]


@pytest.mark.parametrize(
    ("words", "field", "told"),
    [
        ("model: cap.obj", "model", "does not exist; did you mean `cup.obj`"),
        ("model: bad.obj", "model", "bad.obj is a text file"),
        ("cutout: cup.obj", "cutout", "cup.obj"),
        ("model: cup.obj, copy: Hi", "copy", "has no label"),
        ("cutout: cup.png, tagline: Hi", "tagline", "has no label"),
        ("model: cup.obj, cutout: cup.png", "cutout", "make two heroes"),
        ("model: cup.obj, matte: alpha", "matte", "not for a `model`"),
        ("cutout: cup.png, up: z", "up", "not for a `cutout`"),
        ("cutout: cup.png, matte: magic", "matte", "is not known"),
        ("model: cup.obj, up: w", "up", "is not known"),
        ("model: cup.obj, turn: 400", "turn", "out of range"),
        ("model: cup.obj, height: 3", "height", "out of range"),
        ("model: cup.obj, material: wood", "material", "is not a material"),
        ("model: cup.obj, colour: ink", "colour", "no material"),
        ("copy: Hi, height: 0.1", "height", "its own bottle"),
    ],
)
def test_what_is_wrong_is_told_at_its_line(tmp_path: Path, words: str, field: str, told: str) -> None:
    with pytest.raises(BriefRejected) as caught:
        load_brief(written(tmp_path, words))
    problems = {item.field: item for item in caught.value.problems}
    assert f"heroes[0].set.{field}" in problems, problems
    assert told in problems[f"heroes[0].set.{field}"].message
    assert problems[f"heroes[0].set.{field}"].line == 4
