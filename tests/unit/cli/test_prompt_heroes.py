"""Heroes by `prompt:` in the campaign file."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from firstframe.cli.briefs import load_brief
from firstframe.cli.problems import BriefRejected

BRIEF = """\
campaign: dew
heroes:
  - name: fern
    seed: 12
    prompt:
      text: a bottle of serum on wet stone
      negative: text, watermark
      style: 85 mm
      foreground: reeds
      midground: the bottle
      background: ferns in mist
      pack: sdxl
      steps: 30
      guidance: 6.5
      reference: frame.png
      strength: 0.4
formats: ["16:9"]
motion: {recipe: slow-push}
deliver: [youtube]
"""


def write(folder: Path, text: str, size: tuple[int, int] = (640, 360)) -> Path:
    Image.new("RGB", size, "teal").save(folder / "frame.png")
    file = folder / "brief.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_every_word_reaches_the_message_and_the_picture_is_taken_along(tmp_path: Path) -> None:
    loaded = load_brief(write(tmp_path, BRIEF))
    hero = loaded.message.heroes[0]
    prompt = hero.prompt
    assert (hero.seed, prompt.text, prompt.negative_text) == (12, "a bottle of serum on wet stone", "text, watermark")
    assert (prompt.style, prompt.foreground, prompt.midground) == ("85 mm", "reeds", "the bottle")
    assert (prompt.background, prompt.pack, prompt.steps) == ("ferns in mist", "sdxl", 30)
    assert (prompt.guidance, prompt.strength) == (6.5, 0.4)
    assert [item.reference for item in loaded.photographs] == [prompt.reference]
    assert prompt.reference.media_type == "image/png"
    assert loaded.plan.steps[0].spec.size.width == 1344  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "words"),
    [
        ("text: a bottle of serum on wet stone", "text:", 6, "heroes[0].prompt.text", "is empty"),
        ("      pack: sdxl\n", "", 6, "heroes[0].prompt.pack", "one of flux-schnell, qwen-image, sdxl"),
        ("pack: sdxl", "pack: flux-schnell", 7, "heroes[0].prompt.negative", "no effect on flux-schnell"),
        ("steps: 30", "steps: 500", 13, "heroes[0].prompt.steps", "from 1 to 200"),
        ("guidance: 6.5", "guidance: 60", 14, "heroes[0].prompt.guidance", "use 0 to 50"),
        ("reference: frame.png", "reference: fram.png", 15, "heroes[0].prompt.reference", "did you mean `frame.png`"),
        ("      strength: 0.4\n", "", 5, "heroes[0].prompt.strength", "more than 0 and at most 1"),
        ("      reference: frame.png\n", "", 15, "heroes[0].prompt.strength", "give a reference"),
        ("style: 85 mm", "stile: 85 mm", 8, "heroes[0].prompt.stile", "did you mean `style`?"),
        ("    seed: 12\n", "    focus: [0.5, 0.5]\n", 4, "heroes[0].focus", "makes a picture for every format"),
        ("    seed: 12\n", "    photo: frame.png\n", 5, "heroes[0].prompt", "one of `set`, `photo` and `prompt`"),
        ('["16:9"]', '["16:9", "1:1"]', 15, "heroes[0].prompt.reference", "has not the ratio of 1:1"),
    ],
)
def test_each_error_names_line_field_and_fix(
    tmp_path: Path, old: str, new: str, line: int, field: str, words: str
) -> None:
    with pytest.raises(BriefRejected) as caught:
        load_brief(write(tmp_path, BRIEF.replace(old, new, 1)))
    found = caught.value.problems
    assert any((item.line, item.field) == (line, field) and words in item.message for item in found), found
