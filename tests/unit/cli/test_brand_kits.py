"""Brand kits: what they bring into a brief, what they forbid, and how they can be wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from firstframe.cli.briefs import load_brief
from firstframe.cli.problems import BriefRejected

KIT = """\
brand: aurora
colours: {ground: "#C9D6C3", product: "#1D4E44", accent: "#B4703C", paper: "#F6F1E4", ink: "#1D4E44"}
font: manrope
logo: {file: mark.png, clear_space: 0.5}
never:
  - {scene: stone, why: "no wet products"}
  - {scene: studio, palette: ink-night}
  - {word: cheap, why: "we are not"}
"""
BRIEF = """\
campaign: a
brand: kit.yaml
heroes: [{name: b, set: {scene: studio, palette: brand-day, copy: Dew, tagline: serum}}]
formats: ["4:5"]
motion: {recipe: slow-push}
deliver: [instagram-feed]
"""


def write(folder: Path, brief: str = BRIEF, kit: str = KIT, ink: tuple[int, int, int] = (20, 60, 50)) -> Path:
    mark = np.zeros((100, 200, 4), np.uint8)
    mark[10:-10, 10:-10] = (*ink, 255)
    Image.fromarray(mark).save(folder / "mark.png")
    (folder / "kit.yaml").write_text(kit, encoding="utf-8")
    file = folder / "brief.yaml"
    file.write_text(brief, encoding="utf-8")
    return file


def problems(file: Path) -> list[tuple[str, int, str, str]]:
    with pytest.raises(BriefRejected) as caught:
        load_brief(file)
    return [(Path(item.file).name, item.line, item.field, item.message) for item in caught.value.problems]


def test_a_brand_reaches_every_set_and_its_logo_is_taken_along(tmp_path: Path) -> None:
    loaded = load_brief(write(tmp_path))
    brand = loaded.message.heroes[0].set.brand
    assert (brand.ground, brand.product, brand.accent) == ("#C9D6C3", "#1D4E44", "#B4703C")
    assert (brand.paper, brand.ink, brand.font, brand.clear_space) == ("#F6F1E4", "#1D4E44", "manrope", 0.5)
    assert [item.reference for item in loaded.photographs] == [brand.logo]
    assert brand.logo.media_type == "image/png"


def test_its_palettes_need_the_brand(tmp_path: Path) -> None:
    file = write(tmp_path, BRIEF.replace("brand: kit.yaml\n", ""))
    ((_, line, field, message),) = problems(file)
    assert (line, field) == (2, "heroes[0].set.palette")
    assert "'brand-day' is made of a brand's colours; give the brief a `brand`" in message


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        ("scene: studio", "scene: stone", "heroes[0].set.scene", "never wants the scene stone: no wet products"),
        ("brand-day", "ink-night", "heroes[0].set.scene", "the scene studio in the palette ink-night"),
        ("copy: Dew", "copy: Cheap Dew", "heroes[0].set.copy", "never wants the word 'cheap': we are not"),
        ("tagline: serum", "tagline: not cheap", "heroes[0].set.tagline", "the word 'cheap'"),
        (
            "set: {scene: studio, palette: brand-day, copy: Dew, tagline: serum}",
            "prompt: {text: a dish, style: cheap plastic, pack: sdxl}",
            "heroes[0].prompt.style",
            "the word 'cheap'",
        ),
    ],
)
def test_what_a_brand_never_wants_is_refused_with_the_reason(
    tmp_path: Path, old: str, new: str, field: str, words: str
) -> None:
    ((_, line, found, message),) = problems(write(tmp_path, BRIEF.replace(old, new, 1)))
    assert (line, found) == (3, field)
    assert words in message
    assert message.startswith("aurora never wants")


def test_a_template_passes_over_pairs_and_tells_what_is_forbidden_alone(tmp_path: Path) -> None:
    vary = "template: {name: s, set: {copy: A}, vary: {scene: [studio], palette: [brand-day, ink-night, amber-dusk]}}\n"
    brief = BRIEF.replace(BRIEF.splitlines()[2] + "\n", vary)
    made = load_brief(write(tmp_path, brief)).message.heroes
    assert sorted(hero.set.palette for hero in made) == ["amber-dusk", "brand-day"]
    found = problems(write(tmp_path, brief.replace("[studio]", "[studio, stone]")))
    assert [item[2] for item in found] == ["template.vary.scene[1]"]


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "words"),
    [
        ("brand: aurora", "brand:", 1, "brand", "is empty"),
        ('accent: "#B4703C", ', "", 2, "colours.accent", "is missing; write it as '#RRGGBB', in quotes"),
        ('"#B4703C"', "copper", 2, "colours.accent", "'copper' is not a colour"),
        ('paper: "#F6F1E4"', 'paper: "#1F5046"', 2, "colours.paper", "the label vanishes on it"),
        ("font: manrope", "font: manrop", 3, "font", "did you mean `manrope`?"),
        ("file: mark.png", "file: mrak.png", 4, "logo.file", "did you mean `mark.png`?"),
        ("file: mark.png", "file: kit.yaml", 4, "logo.file", "kit.yaml"),
        ("clear_space: 0.5", "clear_space: 3", 4, "logo.clear_space", "use at most 2"),
        ("scene: stone", "scene: stoen", 6, "never[0].scene", "did you mean `stone`?"),
        ("word: cheap, ", "", 8, "never[2]", "forbids nothing"),
        ("{word: cheap,", "{wrod: cheap,", 8, "never[2].wrod", "did you mean `word`?"),
    ],
)
def test_each_error_of_a_kit_names_its_own_line(
    tmp_path: Path, old: str, new: str, line: int, field: str, words: str
) -> None:
    found = problems(write(tmp_path, kit=KIT.replace(old, new, 1)))
    assert any(item[:3] == ("kit.yaml", line, field) and words in item[3] for item in found), found


def test_a_logo_that_cannot_be_seen_on_the_label_is_refused(tmp_path: Path) -> None:
    found = problems(write(tmp_path, ink=(240, 235, 220)))
    assert found[0][:3] == ("kit.yaml", 4, "logo.file")
    assert "contrast of 1.0" in found[0][3]


def test_another_file_is_no_kit_and_nothing_of_it_is_told(tmp_path: Path) -> None:
    found = problems(write(tmp_path, kit="password: secret\n"))
    assert found == [("kit.yaml", 1, "", "this is not a brand kit; start it with `brand: a-name`"), *found[1:]]
    assert "secret" not in repr(found)
    file = write(tmp_path, BRIEF.replace("kit.yaml", "none.yaml"))
    assert "none.yaml does not exist" in problems(file)[0][3]
