"""The template of a brief: what becomes of it, what stays when a row is edited, and every way in which it can be wrong."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from firstframe.cli.briefs import LoadedBrief, load_brief
from firstframe.cli.picks import Pick, picks_file, read_picks, write_picks
from firstframe.cli.problems import MOST_PROBLEMS, BriefRejected
from firstframe.core.seeds import variation_seed
from firstframe.orchestrator.plan import SetSource, StillSpec
from firstframe.orchestrator.requests import hero_request
from firstframe.runtime.keys import EngineIdentity, content_key
from firstframe.templates.expansion import Swap, swap_staging

FIFTY = """\
campaign: fifty
seed: 1207
template:
  name: serum
  set: {tagline: morning serum}
  vary:
    scene: [studio, stone]
    palette: [amber-dusk, blush-dawn, sage-noon]
    copy: [First Light, Dew]
    seeds: 5
  count: 50
formats: ["4:5"]
motion: {recipe: slow-push}
deliver: [instagram-feed]
"""

ROWS = """\
campaign: shop
template:
  name: "{{sku}}"
  rows: products.csv
  set: {scene: studio, palette: "{{palette}}", copy: "{{title}}", tagline: "{{claim}}"}
formats: ["4:5"]
motion: {recipe: slow-push}
deliver: [instagram-feed]
"""
SHEET = """\
sku,title,claim,palette
alpha,First Light,morning serum,amber-dusk
beta,Dew,,sage-noon
gamma,"Dusk, and after",night oil,ink-night
"""


def write(folder: Path, text: str, sheet: str = "") -> Path:
    file = folder / "brief.yaml"
    file.write_text(text, encoding="utf-8")
    if sheet:
        (folder / "products.csv").write_text(sheet, encoding="utf-8")
    return file


def problems(folder: Path, text: str, sheet: str = "") -> list[tuple[str, int, int, str, str]]:
    with pytest.raises(BriefRejected) as caught:
        load_brief(write(folder, text, sheet))
    return [(Path(item.file).name, item.line, item.column, item.field, item.message) for item in caught.value.problems]


def test_more_heroes_than_a_campaign_has_are_refused_before_they_are_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firstframe.cli.templates._Template._hero", lambda *_: pytest.fail("one was made"))
    text = ROWS.replace("  rows:", "  count: 1000\n  vary: {seeds: 1000}\n  rows:")
    sheet = SHEET + "delta,Moss,,sage-noon\nepsilon,Fern,,sage-noon\n"
    (problem,) = problems(tmp_path, text, sheet)
    assert problem[3] == "template.count"
    assert problem[4].startswith("5 products come to 5000 heroes; a campaign has at most 4000")


def keys(loaded: LoadedBrief) -> dict[str, str]:
    """Content key of each still, by the name of its hero: what the stage looks its work up by."""
    steps = {step.id: step.spec for step in loaded.plan.steps}
    found = {}
    for lane in loaded.plan.lanes:
        spec = steps[lane.still]
        assert isinstance(spec, StillSpec)
        found[lane.hero] = content_key("imagegen", EngineIdentity("previz", "2"), hero_request(spec))
    return found


def test_one_product_becomes_fifty_heroes_that_all_differ(tmp_path: Path) -> None:
    loaded = load_brief(write(tmp_path, FIFTY))
    heroes = loaded.message.heroes
    assert [hero.name for hero in heroes][:2] == ["serum-001", "serum-002"]
    assert len({(hero.set.scene, hero.set.palette, hero.set.copy, hero.seed) for hero in heroes}) == 50
    assert {hero.set.tagline for hero in heroes} == {"morning serum"}
    assert {hero.seed for hero in heroes} == {variation_seed(1207, take) for take in range(1, 6)}
    assert len(set(keys(loaded).values())) == 50


def test_listed_heroes_and_those_of_the_template_go_together(tmp_path: Path) -> None:
    listed = "heroes: [{name: own, set: {scene: stone, palette: ink-night, copy: Own}}]\ntemplate:\n"
    loaded = load_brief(write(tmp_path, FIFTY.replace("template:\n", listed, 1)))
    assert [hero.name for hero in loaded.message.heroes][:2] == ["own", "serum-001"]


def test_seeds_may_be_listed_and_a_template_may_have_one(tmp_path: Path) -> None:
    loaded = load_brief(write(tmp_path, FIFTY.replace("seeds: 5", "seeds: [7, 12]").replace("count: 50", "count: 24")))
    assert {hero.seed for hero in loaded.message.heroes} == {7, 12}
    fixed = FIFTY.replace("    seeds: 5\n", "").replace("  count: 50", "  seed: 0\n  count: 12")
    assert {hero.seed for hero in load_brief(write(tmp_path, fixed)).message.heroes} == {0}


def test_all_combinations_come_when_none_are_counted(tmp_path: Path) -> None:
    assert len(load_brief(write(tmp_path, FIFTY.replace("  count: 50\n", ""))).message.heroes) == 60


def test_rows_are_merged(tmp_path: Path) -> None:
    heroes = load_brief(write(tmp_path, ROWS, SHEET)).message.heroes
    assert [hero.name for hero in heroes] == ["alpha", "beta", "gamma"]
    assert [hero.set.copy for hero in heroes] == ["First Light", "Dew", "Dusk, and after"]
    assert [hero.set.tagline for hero in heroes] == ["morning serum", "", "night oil"]
    assert [hero.set.palette for hero in heroes] == ["amber-dusk", "sage-noon", "ink-night"]


def test_a_byte_order_mark_and_yaml_rows_are_read(tmp_path: Path) -> None:
    from_csv = load_brief(write(tmp_path, ROWS, "\ufeff" + SHEET)).message
    rows = """\
- {sku: alpha, title: First Light, claim: morning serum, palette: amber-dusk}
- {sku: beta, title: Dew, palette: sage-noon}
- {sku: gamma, title: "Dusk, and after", claim: night oil, palette: ink-night}
"""
    (tmp_path / "products.yaml").write_text(rows, encoding="utf-8")
    from_yaml = load_brief(write(tmp_path, ROWS.replace("products.csv", "products.yaml"))).message
    assert from_yaml == from_csv


def test_rows_may_vary_as_well_and_may_bring_photographs(tmp_path: Path) -> None:
    varied = ROWS.replace(', palette: "{{palette}}"', "") + ""
    varied = varied.replace("formats:", '  vary: {palette: ["{{palette}}", blush-dawn]}\n  count: 2\nformats:')
    names = [hero.name for hero in load_brief(write(tmp_path, varied, SHEET)).message.heroes]
    assert names == ["alpha-001", "alpha-002", "beta-001", "beta-002", "gamma-001", "gamma-002"]

    Image.new("RGB", (640, 640), "teal").save(tmp_path / "cup.png")
    photos = ROWS.replace(
        'set: {scene: studio, palette: "{{palette}}", copy: "{{title}}", tagline: "{{claim}}"}',
        'photo: "{{title}}.png"',
    )
    loaded = load_brief(write(tmp_path, photos, "sku,title\nalpha,cup\n"))
    assert loaded.message.heroes[0].photograph.image == loaded.photographs[0].reference


def test_an_edited_row_touches_its_own_work_alone(tmp_path: Path) -> None:
    before = keys(load_brief(write(tmp_path, ROWS, SHEET)))
    after = keys(load_brief(write(tmp_path, ROWS, SHEET.replace("Dew", "Morning Dew"))))
    assert {name for name in before if before[name] != after[name]} == {"beta"}


def test_a_new_row_and_a_larger_count_touch_no_other(tmp_path: Path) -> None:
    varied = ROWS.replace(', palette: "{{palette}}"', "")
    varied = varied.replace("formats:", "  vary: {palette: [amber-dusk, sage-noon], seeds: 6}\n  count: 5\nformats:")
    before = keys(load_brief(write(tmp_path, varied, SHEET)))
    more = SHEET.replace("beta,", "aa,New,,amber-dusk\nbeta,")
    after = keys(load_brief(write(tmp_path, varied, more)))
    assert {name: after[name] for name in before} == before
    counted = keys(load_brief(write(tmp_path, varied.replace("count: 5", "count: 9"), SHEET)))
    assert {name: counted[name] for name in before} == before
    assert len(counted) == 27


def test_two_thousand_rows(tmp_path: Path) -> None:
    sheet = "sku,title,claim,palette\n" + "".join(f"a{n},No. {n},x,amber-dusk\n" for n in range(2000))
    loaded = load_brief(write(tmp_path, ROWS, sheet))
    assert len(loaded.plan.lanes) == len(loaded.message.heroes) == 2000


WRONG_TEMPLATES = [
    ("name: serum", "name: 9", "", 4, "template.name", "makes the name '9'; begin with a letter"),
    ("name: serum\n", "title: serum\n", "", 4, "template.title", "is not a key of a brief here"),
    ("  name: serum\n", "", "", 4, "template.name", "is missing; name the heroes"),
    ("scene: [studio, stone]", "scene: [studio, stoen]", "", 7, "template.vary.scene[1]", "did you mean `stone`?"),
    ("scene: [studio, stone]", "scene: studio", "", 7, "template.vary.scene", "must be a list, not 'studio'"),
    ("scene: [studio, stone]", "scenes: [studio]", "", 7, "template.vary.scenes", "did you mean `scene`?"),
    ("copy: [First Light, Dew]", "tagline: [a]", "", 9, "template.vary.tagline", "is in `set` as well"),
    (
        "copy: [First Light, Dew]",
        "copy: [Dew, a label that is far too long]",
        "",
        9,
        "template.vary.copy[1]",
        "most 24",
    ),
    ("copy: [First Light, Dew]", 'copy: [Dew, "{{title}}"]', "", 9, "template.vary.copy[1]", "has no `rows`"),
    ("seeds: 5", "seeds: [1, x]", "", 10, "template.vary.seeds[1]", "'x' is not a seed"),
    ("seeds: 5", "seeds: 0", "", 10, "template.vary.seeds", "from 1 to 1000"),
    ("count: 50", "count: 61", "", 11, "template.count", "serum comes to 60 combinations, not to 61"),
    ("  count: 50\n", "", "seeds: 50", 6, "template.vary", "has 600 combinations; say how many you want"),
    ("  count: 50", "  variations: 3\n  count: 50", "", 11, "template.variations", "is not a key of a brief here"),
    ("palette: [", "sceen: [", "", 8, "template.vary.sceen", "did you mean `scene`?"),
    ("tagline: morning serum", "tagline: a, focus: 3", "", 5, "template.set.focus", "is not a key"),
]


@pytest.mark.parametrize(("old", "new", "seeds", "line", "field", "words"), WRONG_TEMPLATES)
def test_each_error_of_a_template_names_line_field_and_fix(
    tmp_path: Path, old: str, new: str, seeds: str, line: int, field: str, words: str
) -> None:
    text = FIFTY.replace(old, new, 1).replace("seeds: 5", seeds or "seeds: 5", 1)
    found = problems(tmp_path, text)
    assert any(item[1] == line and item[3] == field and words in item[4] for item in found), found
    assert len(found) == len(set(found)) <= 3, "each once, however many heroes there are"


WRONG_ROWS = [
    ("sku,title", "sku,titel", [("brief.yaml", 5, 0, "template.set.copy", "no column 'title'; did you mean `titel`?")]),
    ("alpha,", "alpha one,", []),
    ("beta,", "Alpha,", [("products.csv", 3, 1, "sku", "makes the name 'alpha', as line 2 does")]),
    ("beta,", "7,", [("products.csv", 3, 1, "sku", "makes the name '7'; begin with a letter")]),
    ("beta,Dew", "beta,", [("products.csv", 3, 2, "title", "is missing; give the words of the label")]),
    ("Dew", "Dew and so very much more", [("products.csv", 3, 2, "title", "has 25 characters; use at most 24")]),
    ("sage-noon", "sage-nooon", [("products.csv", 3, 4, "palette", "did you mean `sage-noon`?")]),
    ("beta,Dew,,sage-noon", "beta,Dew", [("products.csv", 3, 0, "", "has 2 columns, the first row has 4")]),
    ("beta,Dew,,sage-noon", ",,,", [("products.csv", 3, 0, "", "is an empty row; take it away")]),
    (
        "sage-noon\ngamma",
        "sage-nooon\nalpha",
        [
            ("products.csv", 3, 4, "palette", "did you mean"),
            ("products.csv", 4, 1, "sku", "as line 2 does"),
        ],
    ),
]


@pytest.mark.parametrize(("old", "new", "wanted"), WRONG_ROWS)
def test_each_error_of_a_row_names_its_cell(
    tmp_path: Path, old: str, new: str, wanted: list[tuple[str, int, int, str, str]]
) -> None:
    sheet = SHEET.replace(old, new, 1)
    if not wanted:
        load_brief(write(tmp_path, ROWS, sheet))
        return
    found = problems(tmp_path, ROWS, sheet)
    assert len(found) == len(wanted), found
    for one, (_, line, column, field, words) in zip(found, wanted, strict=True):
        assert one[1:4] == (line, column, field)
        assert words in one[4]


def test_a_place_in_a_sheet_is_told_with_line_and_column(tmp_path: Path) -> None:
    with pytest.raises(BriefRejected, match=r"products\.csv:3:2: title: has 25 characters"):
        load_brief(write(tmp_path, ROWS, SHEET.replace("Dew", "Dew and so very much more")))


def test_sheets_that_cannot_be_read(tmp_path: Path) -> None:
    assert "products.csv does not exist" in problems(tmp_path, ROWS)[0][4]
    (tmp_path / "products.csv").write_bytes("sku\nä\n".encode("latin-1"))
    assert problems(tmp_path, ROWS)[0][1::3] == (2, "is not UTF-8 text; save it as UTF-8")
    (tmp_path / "products.csv").write_bytes(b"PK\x03\x04" + bytes(2 * 1024 * 1024))
    assert "export the sheet as CSV" in problems(tmp_path, ROWS)[0][4], "a workbook that was renamed"
    (tmp_path / "products.yaml").write_text("- {sku: a}\n- {}\n- 3\n- {sku: [1], sku: b}\n", encoding="utf-8")
    found = problems(tmp_path, ROWS.replace("products.csv", "products.yaml").replace("{{palette}}", "sage-noon"))
    assert [item[1] for item in found if item[0] == "products.yaml"] == [2, 3, 4, 4]


def test_the_first_row_of_a_wrong_file_is_not_told(tmp_path: Path) -> None:
    found = problems(tmp_path, ROWS, "root:x:0:/root\nsecret\n")
    assert "check that it is the right file" in found[0][4]
    assert "root" not in repr(found)


def test_thousands_of_problems_are_counted(tmp_path: Path) -> None:
    sheet = "sku,title,claim,palette\n" + "".join(f"a{n},No. {n},x,nope\n" for n in range(300))
    found = problems(tmp_path, ROWS, sheet)
    assert len(found) == MOST_PROBLEMS + 1
    assert found[-1][4] == "and 100 problems more"


def test_picks_replace_their_takes_and_are_kept_beside_the_brief(tmp_path: Path) -> None:
    file = write(tmp_path, FIFTY)
    plain = load_brief(file)
    longer = load_brief(write(tmp_path, FIFTY.replace("count: 50", "count: 55")))
    was, now = (tuple(longer.expansion.takes[at].values.values()) for at in (2, 52))
    pick = Pick(Swap("serum-003", was, 53, now), "serum-001", 4, 2.5)
    write_picks(picks_file(write(tmp_path, FIFTY)), [pick])
    assert read_picks(picks_file(file)) == {"serum-003": pick}
    swapped = load_brief(file)
    assert {n for n, key in keys(plain).items() if key != keys(swapped)[n]} == {"serum-003"}
    assert tuple(swapped.expansion.takes[2].values.values()) == now
    assert [hero.set.staging for hero in swapped.message.heroes[:4]] == [0, 0, swap_staging(pick.swap.place), 0]
    assert keys(load_brief(file, picks={})) == keys(plain)

    write(tmp_path, FIFTY.replace("blush-dawn", "ink-night"))
    with pytest.raises(BriefRejected, match="was replaced when the template was another; run `firstframe stills`"):
        load_brief(file)
    write_picks(picks_file(file), [])
    assert not picks_file(file).exists()
    load_brief(file)


def test_a_file_of_picks_that_is_none_is_told(tmp_path: Path) -> None:
    file = write(tmp_path, FIFTY)
    picks_file(file).write_text("replaced:\n  serum-001: {was: [a], by: x}\n", encoding="utf-8")
    with pytest.raises(BriefRejected, match=r"picks\.yaml:2: replaced\.serum-001\.by: must be a whole number"):
        load_brief(file)


def test_sets_of_a_template_reach_the_plan(tmp_path: Path) -> None:
    loaded = load_brief(write(tmp_path, FIFTY))
    sources = [step.spec.source for step in loaded.plan.steps if isinstance(step.spec, StillSpec)]
    assert all(isinstance(source, SetSource) for source in sources)


EXAMPLES = Path(__file__).parents[3] / "examples" / "campaigns"


@pytest.mark.parametrize(("name", "heroes"), [("variations", 50), ("rows", 4), ("prompt", 1)])
def test_the_examples_are_good(name: str, heroes: int) -> None:
    loaded = load_brief(EXAMPLES / f"{name}.yaml", picks={})
    assert len(loaded.message.heroes) == heroes


def test_the_fifty_of_the_example_show_every_scene_and_palette_alike() -> None:
    takes = load_brief(EXAMPLES / "variations.yaml", picks={}).expansion.takes
    for axis, least, most in (("scene", 8, 9), ("palette", 8, 9), ("copy", 16, 17), ("seed", 6, 7)):
        counts = Counter(take.values[axis] for take in takes)
        assert (min(counts.values()), max(counts.values())) == (least, most), axis
    assert ("dune", "brand-night") not in {(take.values["scene"], take.values["palette"]) for take in takes}
