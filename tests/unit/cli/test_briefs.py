"""The brief as a marketer writes it, and every way in which it can be wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image

from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.cli.briefs import file_path, load_brief
from firstframe.cli.problems import BriefRejected

GOOD = """\
campaign: first-light
seed: 1207
heroes:
  - name: bottle
    set: {scene: studio, palette: amber-dusk, copy: "First Light", tagline: No. 5}
  - name: cup
    variations: 3
    set: {
      scene: studio,
      palette: blush-dawn, copy: Cup}
formats: ["16:9", 9:16]
motion:
  recipe: slow-push
  prompt: slow cinematic push in
  seconds: 3.5
  fps: 25
  strength: 0.7
  atmosphere: dust
deliver: [youtube, tiktok]
approval: auto
visibility: public
quality: draft
"""

SHORT = """\
campaign: a
heroes: [{name: b, set: {scene: studio, palette: blush-dawn, copy: B}}]
formats: ["16:9"]
motion: {recipe: slow-push}
deliver: [youtube]
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "brief.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def problems(folder: Path, text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(BriefRejected) as caught:
        load_brief(write(folder, text))
    return [(item.line, item.field, item.message) for item in caught.value.problems]


def test_every_key_reaches_the_message(tmp_path: Path) -> None:
    brief = load_brief(write(tmp_path, GOOD)).message
    assert (brief.campaign, brief.seed, list(brief.formats), list(brief.platforms)) == (
        "first-light",
        1207,
        ["16:9", "9:16"],
        ["youtube", "tiktok"],
    )
    bottle, cup = brief.heroes
    assert (bottle.name, bottle.set.copy, bottle.set.tagline) == ("bottle", "First Light", "No. 5")
    assert (cup.variations, cup.set.scene, cup.set.palette) == (3, "studio", "blush-dawn")
    assert (brief.motion.recipe, brief.motion.prompt, brief.motion.seconds) == (
        "slow-push",
        "slow cinematic push in",
        3.5,
    )
    assert (brief.motion.frames_per_second, brief.motion.strength) == (25, 0.7)
    assert brief.motion.atmosphere == animation_pb2.ATMOSPHERE_DUST
    assert brief.approval == campaigns_pb2.APPROVAL_POLICY_AUTO
    assert brief.visibility == campaigns_pb2.VISIBILITY_PUBLIC
    assert brief.quality == imagegen_pb2.QUALITY_DRAFT


def test_what_is_left_out_has_the_careful_default(tmp_path: Path) -> None:
    brief = load_brief(write(tmp_path, SHORT)).message
    assert (brief.seed, brief.motion.seconds, brief.motion.frames_per_second) == (0, 4.0, 30)
    assert brief.approval == campaigns_pb2.APPROVAL_POLICY_REQUIRED
    assert brief.visibility == campaigns_pb2.VISIBILITY_PRIVATE
    assert brief.quality == imagegen_pb2.QUALITY_STANDARD


def test_a_plan_comes_with_it(tmp_path: Path) -> None:
    assert [lane.id for lane in load_brief(write(tmp_path, SHORT)).plan.lanes] == ["b.1.16x9"]


WRONG = [
    ("campaign: first-light", "campaign: First Light", 1, "campaign", "is not a name"),
    ("campaign: first-light", "campaign: [a]", 1, "campaign", "must be text, not a list"),
    ("campaign: first-light", "campaign:", 1, "campaign", "is empty"),
    ("seed: 1207", "seed: twelve", 2, "seed", "must be a whole number"),
    ("seed: 1207", "seed: -1", 2, "seed", "out of range"),
    ("seed: 1207", "seed: 4294967296", 2, "seed", "from 0 to 4294967295"),
    ("seed: 1207", "seed: 12:07", 2, "seed", "must be a whole number"),
    ("seed: 1207", "sede: 1207", 2, "sede", "did you mean `seed`?"),
    ("name: bottle", "name: Bottle!", 4, "heroes[0].name", "is not a name"),
    ("name: cup", "name: bottle", 6, "heroes[1]", "is there already, at heroes[0]"),
    ("scene: studio, ", "", 5, "heroes[0].set.scene", "is missing"),
    ("palette: amber-dusk", "pallete: amber-dusk", 5, "heroes[0].set.pallete", "did you mean `palette`?"),
    ("palette: blush-dawn", "palette: dawn", 10, "heroes[1].set.palette", "use one of amber-dusk, blush-dawn"),
    ("scene: studio,", "scene: studoi,", 5, "heroes[0].set.scene", "'studoi' is not a scene"),
    ('"First Light"', '"First Light and so much more"', 5, "heroes[0].set.copy", "use at most 24"),
    ("variations: 3", "variations: 0", 7, "heroes[1].variations", "from 1 to 100"),
    ("variations: 3", "variations: 101", 7, "heroes[1].variations", "from 1 to 100"),
    ("variations: 3", "focus: [0.5, 0.5]", 7, "heroes[1].focus", "is for a `photo`"),
    ("9:16]", "3:7]", 11, "formats[1]", "use one of 16:9, 9:16, 1:1, 4:5"),
    ("recipe: slow-push", "recipe: slow-pusch", 13, "motion.recipe", "is not a recipe"),
    ("seconds: 3.5", "seconds: 90", 15, "motion.seconds", "use 3 to 60"),
    ("seconds: 3.5", "seconds: .nan", 15, "motion.seconds", "will not do"),
    ("seed: 1207", "seed: 010", 2, "seed", "010 is octal to some readers of YAML; write 10"),
    ("seed: 1207", "seed: -0_017", 2, "seed", "write -17"),
    ("variations: 3", "variations: 03", 7, "heroes[1].variations", "write 3"),
    ("fps: 25", "fps: 31", 16, "motion.fps", "use one of 24, 25, 30, 50, 60"),
    ("fps: 25", "fps: 0", 16, "motion.fps", "use one of 24, 25, 30, 50, 60"),
    ("fps: 25", "fps: 29.97", 16, "motion.fps", "use one of 24, 25, 30, 50, 60"),
    ("fps: 25", "fps: 1000", 16, "motion.fps", "use one of 24, 25, 30, 50, 60"),
    ("deliver: [youtube, tiktok]", "deliver: [yuotube, tiktok]", 19, "deliver[0]", "did you mean `youtube`?"),
    ("scene: studio,", "scene: studoi,", 5, "heroes[0].set.scene", "did you mean `studio`?"),
    ("palette: amber-dusk", "palette: amber-dust", 5, "heroes[0].set.palette", "did you mean `amber-dusk`?"),
    ("recipe: slow-push", "recipe: slow-posh", 13, "motion.recipe", "did you mean `slow-push`?"),
    ("strength: 0.7", "strength: 1.5", 17, "motion.strength", "at most 1"),
    ("strength: 0.7", "strength: 0", 17, "motion.strength", "more than 0"),
    ("atmosphere: dust", "atmosphere: zzz", 18, "motion.atmosphere", "use one of none, dust"),
    ("deliver: [youtube, tiktok]", "deliver: [youtube, tiktk]", 19, "deliver[1]", "is not a platform"),
    ("deliver: [youtube, tiktok]", "deliver: [youtube]", 11, "formats[1]", "no platform of the brief takes 9:16"),
    ("tiktok]", "tiktok, instagram-feed]", 19, "deliver[2]", "takes none of the formats"),
    ("deliver: [youtube, tiktok]", "deliver: youtube", 19, "deliver", "must be a list, not 'youtube'"),
    ("approval: auto", "approval: maybe", 20, "approval", "use one of auto, required"),
    ("visibility: public", "visibility: pubic", 21, "visibility", "did you mean `public`?"),
    ("quality: draft", "seed: 3", 22, "seed", "is there twice, first on line 2"),
    ("quality: draft", "quality: {a: b}", 22, "quality", "must be a word, not a group of keys"),
]


@pytest.mark.parametrize(("old", "new", "line", "field", "words"), WRONG)
def test_each_error_names_line_field_and_fix(
    tmp_path: Path, old: str, new: str, line: int, field: str, words: str
) -> None:
    found = problems(tmp_path, GOOD.replace(old, new, 1))
    matching = [item for item in found if item[:2] == (line, field)]
    assert len(matching) == 1, found
    assert words in matching[0][2]


def test_all_errors_are_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("first-light", "Nope").replace("seconds: 3.5", "seconds: 90").replace("9:16", "3:7")
    text = text.replace("name: cup", "name: CUP").replace("tiktok", "tiktk")
    fields = [field for _, field, _ in problems(tmp_path, text)]
    assert fields == ["campaign", "heroes[1].name", "formats[1]", "motion.seconds", "deliver[1]"]


def test_the_message_has_file_line_and_field(tmp_path: Path) -> None:
    file = write(tmp_path, SHORT.replace("[youtube]", "[nowhere]"))
    with pytest.raises(BriefRejected) as caught:
        load_brief(file)
    assert caught.value.message.startswith(f"{file}:5: deliver[0]: 'nowhere' is not a platform; use one of youtube")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("campaign: a\nheroes:\n\t- b\n", 3, "not valid YAML"),
        ("campaign: 'a\n", 2, "not valid YAML"),
        ("- a\n- b\n", 1, "this is not a brief"),
        ("", 0, "this is not a brief"),
        ("a: 1\n---\nb: 2\n", 2, "not valid YAML"),
        ("campaign: a\x00\n", 0, "not valid YAML"),
    ],
)
def test_what_is_not_yaml(tmp_path: Path, text: str, line: int, words: str) -> None:
    ((found, _, message),) = problems(tmp_path, text)
    assert (found, words in message) == (line, True), message


def test_a_brief_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BriefRejected, match="there is no such file"):
        load_brief(tmp_path / "nope.yaml")


def test_a_brief_that_is_a_folder(tmp_path: Path) -> None:
    with pytest.raises(BriefRejected, match="is a folder; give a file"):
        load_brief(tmp_path)


@pytest.mark.timeout(20)
def test_a_brief_that_is_a_pipe_or_a_device(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "brief.yaml")
    for file in (tmp_path / "brief.yaml", Path("/dev/zero")):
        with pytest.raises(BriefRejected, match="is not a regular file"):
            load_brief(file)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("[" * 10_000, 1, 17),
        (SHORT.replace("motion: {recipe: slow-push}", "motion: " + "{a: " * 2_000), 4, 66),
        ("campaign: a\n" + "\n".join(" " * depth + "a:" for depth in range(30)), 17, 16),
    ],
)
def test_a_brief_of_too_many_levels(tmp_path: Path, text: str, line: int, column: int) -> None:
    ((found, _, message),) = problems(tmp_path, text)
    assert (found, message) == (line, f"is nested too deeply at column {column}; a brief has at most 16 levels")


@pytest.mark.parametrize(
    "text",
    [
        "root:$6$hush:19000:0\nbin:$6$hush:19000:0\n",
        "root:*:hush\nb: c\n- hush\n",
        "password: hush\nhush: 1\n",
        "a: *hush\n",
        "a: !hush!x hush\n",
        """a: *don't-hush\n""",
        "a: &hush 1\nb: &hush 2\n",
    ],
)
def test_nothing_of_a_file_that_is_no_brief_is_told(tmp_path: Path, text: str) -> None:
    ((_, field, message),) = problems(tmp_path, text)
    assert "hush" not in field + message


def test_what_is_told_of_a_value_has_an_end(tmp_path: Path) -> None:
    long = "x" * 100_000
    text = SHORT.replace("studio", long).replace("deliver: [youtube]", f"deliver: [youtube]\n{long[:1000]}: 1")
    with pytest.raises(BriefRejected) as caught:
        load_brief(write(tmp_path, text))
    assert len(caught.value.problems) == 2
    assert len(caught.value.message) < 3_000


def test_a_brief_that_is_not_text(tmp_path: Path) -> None:
    file = tmp_path / "brief.yaml"
    file.write_bytes(b"campaign: a\nseed: \xff\xfe\n")
    with pytest.raises(BriefRejected, match=r":2: is not UTF-8"):
        load_brief(file)


def test_a_brief_that_is_huge(tmp_path: Path) -> None:
    with pytest.raises(BriefRejected, match="larger than 1 MiB"):
        load_brief(write(tmp_path, "#" * (1024 * 1024 + 1)))


def photo_brief(photo: str, more: str = "") -> str:
    return SHORT.replace("set: {scene: studio, palette: blush-dawn, copy: B}", f"photo: {photo}{more}")


def test_a_photograph_is_named_by_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "inputs").mkdir()
    Image.new("RGB", (640, 480), "teal").save(tmp_path / "inputs" / "a.jpg")
    loaded = load_brief(write(tmp_path, photo_brief("inputs/a.jpg", ", reframe: extend, focus: [0.25, 1]")))
    photograph = loaded.message.heroes[0].photograph
    assert photograph.image == loaded.photographs[0].reference
    assert photograph.image.media_type == "image/jpeg"
    assert photograph.image.size_bytes == (tmp_path / "inputs" / "a.jpg").stat().st_size
    assert photograph.reframe == imagegen_pb2.REFRAME_EXTEND
    assert (photograph.focus.x, photograph.focus.y) == (0.25, 1.0)


def test_a_mask_and_a_depth_map_come_along(tmp_path: Path) -> None:
    for name, size in (("a.jpg", (640, 480)), ("mask.png", (320, 240)), ("depth.tif", (640, 480))):
        Image.new("L", size, 90).save(tmp_path / name)
    loaded = load_brief(write(tmp_path, photo_brief("a.jpg", ", matte: mask.png, depth: depth.tif")))
    photograph = loaded.message.heroes[0].photograph
    assert [item.path.name for item in loaded.photographs] == ["a.jpg", "mask.png", "depth.tif"]
    assert photograph.matte == loaded.photographs[1].reference
    assert photograph.inverse_depth == loaded.photographs[2].reference
    assert photograph.inverse_depth.media_type == "image/tiff"


def test_drawn_regions_come_along_and_their_names_are_known(tmp_path: Path) -> None:
    Image.new("RGB", (640, 480), 90).save(tmp_path / "a.jpg")
    for name, level in (("lake.png", 90), ("sky.png", 120)):
        Image.new("L", (320, 240), level).save(tmp_path / name)
    loaded = load_brief(write(tmp_path, photo_brief("a.jpg", ", regions: {sky: sky.png, water: lake.png}")))
    drawn = loaded.message.heroes[0].photograph.regions
    assert [item.path.name for item in loaded.photographs] == ["a.jpg", "lake.png", "sky.png"]
    assert [(region.name, region.mask) for region in drawn] == [
        ("water", loaded.photographs[1].reference),
        ("sky", loaded.photographs[2].reference),
    ]
    ((_, field, message),) = problems(tmp_path, photo_brief("a.jpg", ", regions: {watr: lake.png}"))
    assert (field, "did you mean `water`?" in message) == ("heroes[0].regions.watr", True)
    Image.new("L", (640, 360)).save(tmp_path / "wide.png")
    for words, said in (("wide.png", "export it with the photograph's ratio"), ("none.png", "does not exist")):
        ((_, field, message),) = problems(tmp_path, photo_brief("a.jpg", f", regions: {{water: {words}}}"))
        assert (field, said in message) == ("heroes[0].regions.water", True)
    ((_, field, message),) = problems(tmp_path, SHORT.replace("copy: B}", "copy: B}, regions: {water: lake.png}"))
    assert (field, "is for a `photo`" in message) == ("heroes[0].regions", True)


def test_a_partner_comes_along(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.jpg"):
        Image.new("RGB", (640, 480), (90, 80, len(name))).save(tmp_path / name, quality=80 + ord(name[0]) % 9)
    loaded = load_brief(write(tmp_path, photo_brief("a.jpg", ", partner: b.jpg")))
    assert [item.path.name for item in loaded.photographs] == ["a.jpg", "b.jpg"]
    assert loaded.message.heroes[0].photograph.partner == loaded.photographs[1].reference
    with pytest.raises(BriefRejected, match="partner"):
        load_brief(write(tmp_path, photo_brief("a.jpg", ", partner: missing.jpg")))


@pytest.mark.parametrize("key", ["matte", "depth"])
def test_a_map_of_another_ratio_is_refused(tmp_path: Path, key: str) -> None:
    Image.new("RGB", (640, 480)).save(tmp_path / "a.jpg")
    Image.new("L", (640, 360)).save(tmp_path / "map.png")
    ((line, field, message),) = problems(tmp_path, photo_brief("a.jpg", f", {key}: map.png"))
    assert (line, field) == (2, f"heroes[0].{key}")
    assert (
        message
        == "map.png is 640×360 px, a.jpg is 640×480; export it with the photograph's ratio, over the whole picture"
    )


@pytest.mark.parametrize("key", ["matte", "depth"])
def test_a_map_that_is_missing_or_of_a_set_is_told(tmp_path: Path, key: str) -> None:
    Image.new("RGB", (640, 480)).save(tmp_path / "a.jpg")
    ((_, field, message),) = problems(tmp_path, photo_brief("a.jpg", f", {key}: none.png"))
    assert field == f"heroes[0].{key}"
    assert "none.png does not exist" in message
    of_a_set = SHORT.replace("copy: B}", f"copy: B}}, {key}: a.jpg")
    assert [field for _, field, _ in problems(tmp_path, of_a_set)] == [f"heroes[0].{key}"]


def test_a_photograph_that_is_missing_gets_a_hint(tmp_path: Path) -> None:
    (tmp_path / "coffee.jpg").write_bytes(b"")
    ((line, field, message),) = problems(tmp_path, photo_brief("cofee.jpg"))
    assert (line, field) == (2, "heroes[0].photo")
    assert "did you mean `coffee.jpg`?" in message


def test_a_text_file_named_jpg(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_text("hello")
    ((line, field, message),) = problems(tmp_path, photo_brief("a.jpg"))
    assert (line, field) == (2, "heroes[0].photo")
    assert message.startswith("a.jpg: ")


def test_a_picture_of_forty_thousand_pixels(tmp_path: Path) -> None:
    Image.new("1", (40_000, 40_000)).save(tmp_path / "a.png")
    ((_, field, message),) = problems(tmp_path, photo_brief("a.png"))
    assert field == "heroes[0].photo"
    assert "40000" in message.replace(",", "").replace(" ", "")


@pytest.mark.timeout(20)
def test_a_pipe_as_photograph(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jpg")
    ((_, field, message),) = problems(tmp_path, photo_brief("a.jpg"))
    assert (field, message) == ("heroes[0].photo", "a.jpg is not a regular file; name one")


def test_the_folder_to_look_into_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, photo_brief("dandelion.jpg"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BriefRejected, match=f"dandelion.jpg does not exist; look into {tmp_path}"):
        load_brief(Path("brief.yaml"))


@pytest.mark.parametrize(
    ("name", "command"),
    [("hopper.jpg", "make portraits"), ("dandelion.jpg", "make inputs"), ("figure.png", "make figure")],
)
def test_a_picture_of_the_examples_is_missing_with_what_fetches_it(tmp_path: Path, name: str, command: str) -> None:
    campaigns = tmp_path / "examples" / "campaigns"
    campaigns.mkdir(parents=True)
    ((_, field, message),) = problems(campaigns, photo_brief(f"../inputs/{name}"))
    assert field == "heroes[0].photo"
    assert message.endswith(f"run `{command}`")


def test_a_folder_as_photograph(tmp_path: Path) -> None:
    ((_, field, message),) = problems(tmp_path, photo_brief("."))
    assert (field, message) == ("heroes[0].photo", ". is a folder; name a file in it")


def test_a_hero_has_one_source(tmp_path: Path) -> None:
    text = SHORT.replace(
        "set: {scene: studio, palette: blush-dawn, copy: B}", "set: {scene: a, palette: b}, photo: a.jpg"
    )
    assert [(field, "make two heroes of it" in message) for _, field, message in problems(tmp_path, text)] == [
        ("heroes[0].photo", True)
    ]


def test_a_hero_without_a_source(tmp_path: Path) -> None:
    ((line, field, message),) = problems(
        tmp_path, SHORT.replace(", set: {scene: studio, palette: blush-dawn, copy: B}", "")
    )
    assert (line, field) == (2, "heroes[0].set")
    assert "a `photo` or a `prompt`" in message


@pytest.mark.parametrize("focus", ["[0.5]", "[a, b]", "[0.5, 0.5, 0.5]", "0.5"])
def test_a_focus_is_two_numbers(tmp_path: Path, focus: str) -> None:
    Image.new("RGB", (64, 64)).save(tmp_path / "a.png")
    found = problems(tmp_path, photo_brief("a.png", f", focus: {focus}"))
    assert {field for _, field, _ in found} == {"heroes[0].focus"}


def test_a_focus_outside_of_the_picture(tmp_path: Path) -> None:
    Image.new("RGB", (64, 64)).save(tmp_path / "a.png")
    ((line, field, message),) = problems(tmp_path, photo_brief("a.png", ", focus: [0.5, 1.5]"))
    assert (line, field, "use 0 to 1" in message) == (2, "heroes[0].focus[1]", True)


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ("platforms[2]", "deliver[2]"),
        ("motion.frames_per_second", "motion.fps"),
        ("heroes[3].photograph.image.digest", "heroes[3].photo"),
        ("heroes[3].photograph.focus.y", "heroes[3].focus[1]"),
        ("heroes[3].photograph.regions[1].name", "heroes[3].regions"),
        ("heroes[0].set.scene", "heroes[0].set.scene"),
    ],
)
def test_fields_of_the_contract_in_words_of_the_file(field: str, path: str) -> None:
    assert file_path(field) == path


def test_letters_that_no_typeface_has(tmp_path: Path) -> None:
    ((line, field, message),) = problems(tmp_path, GOOD.replace("First Light", "日本語"))
    assert (line, field) == (5, "heroes[0].set.copy")
    assert message == "no typeface has all letters of '日本語'; use Latin letters, digits and punctuation"


def test_a_set_without_words_for_its_label(tmp_path: Path) -> None:
    ((_, field, message),) = problems(tmp_path, SHORT.replace(", copy: B", ""))
    assert field == "heroes[0].set.copy"
    assert "give the words of the label" in message


def test_a_prompt_stands_for_a_recipe(tmp_path: Path) -> None:
    text = SHORT.replace("motion: {recipe: slow-push}", "motion: {prompt: slow pan left then hold}")
    motion = load_brief(write(tmp_path, text)).message.motion
    assert motion.recipe == motion.own.name
    assert [phase.camera for phase in motion.own.motion.phases] == [
        animation_pb2.CAMERA_MOVE_PAN_LEFT,
        animation_pb2.CAMERA_MOVE_LOCKED,
    ]


def test_a_prompt_in_which_nothing_moves_is_no_recipe(tmp_path: Path) -> None:
    text = SHORT.replace("motion: {recipe: slow-push}", "motion: {prompt: a red bottle}")
    ((_, field, message),) = problems(tmp_path, text)
    assert field == "motion.prompt"
    assert message.startswith("says nothing that moves")


def test_a_motion_needs_a_recipe_or_a_prompt(tmp_path: Path) -> None:
    ((_, field, message),) = problems(tmp_path, SHORT.replace("{recipe: slow-push}", "{seconds: 4}"))
    assert field == "motion.recipe"
    assert "say in `prompt` what the camera does" in message


def test_people_who_are_named_are_not_said_to_be_missing_beside_another_fault(tmp_path: Path) -> None:
    text = """campaign: two
heroes:
  - name: pair
    photo: one.jpg
    partner: other.jpg
    people: [anna, ben]
formats: ["16:9"]
motion: {recipe: hug, seconds: 4}
deliver: [youtube]
"""
    told = {field for _, field, _ in problems(tmp_path, text)}
    assert "heroes[0].photo" in told
    assert "heroes[0].people" not in told
