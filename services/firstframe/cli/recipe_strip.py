"""The contact strip of a trial: a row of frames for each hero and recipe, with what was measured under each frame."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from firstframe.cli.contact_sheet import BACKGROUND, draw_text, measure
from firstframe.cli.motion_words import described
from firstframe.cli.recipe_try import SHOWN, Seen, Trial
from firstframe.core.media import PixelRect, PixelSize

WIDTH = 2200
MARGIN, GAP, ROW_GAP = 60, 12, 44
MOST_HEIGHT = 420
"""Of a frame."""
_TITLE, _LINE = 50, 34
_WORTH = 0.05
"""Per cent that are worth a word."""
_QUALITY = 88


def draw_strip(trials: Sequence[Trial]) -> Image.Image:
    """Draws all trials, one below the other, RGB."""
    height = MARGIN + sum(_row_height(trial) + ROW_GAP for trial in trials) - ROW_GAP + MARGIN
    strip = Image.new("RGB", (WIDTH, height), BACKGROUND)
    top = MARGIN
    for trial in trials:
        _draw_row(strip, trial, top)
        top += _row_height(trial) + ROW_GAP
    return strip


def save_strip(strip: Image.Image, file: Path) -> None:
    """Writes a strip; JPEG or PNG, by the file's name."""
    file.parent.mkdir(parents=True, exist_ok=True)
    strip.save(file, quality=_QUALITY) if file.suffix.lower() in (".jpg", ".jpeg") else strip.save(file)


def seen_words(seen: Seen | None) -> str:
    """What was measured in a frame, short: `+2.1 %  left 0.4 %`."""
    if seen is None:
        return "cannot be followed"
    told = (
        (seen.larger, f"{seen.larger:+.1f} %"),
        (seen.right, f"{'right' if seen.right > 0 else 'left'} {abs(seen.right):.1f} %"),
        (seen.up, f"{'up' if seen.up > 0 else 'down'} {abs(seen.up):.1f} %"),
    )
    return "  ".join(words for much, words in told if abs(much) >= _WORTH) or "as in the hero"


def _frame_size(trial: Trial) -> PixelSize:
    height, width = trial.shown[0].shape[:2]
    wide = (WIDTH - 2 * MARGIN - (SHOWN - 1) * GAP) // SHOWN
    scale = min(wide / width, MOST_HEIGHT / height)
    return PixelSize(round(width * scale), round(height * scale))


def _row_height(trial: Trial) -> int:
    size = _frame_size(trial)
    told = [seen_words(seen) for seen in trial.seen[1:]]
    lines = max(len(_lines(f"{trial.moments[-1]:.1f} s", words, size.width)) for words in told)
    return _TITLE + _LINE + 8 + size.height + 6 + lines * _LINE


def _draw_row(strip: Image.Image, trial: Trial, top: int) -> None:
    canvas, size = ImageDraw.Draw(strip), _frame_size(trial)
    words = described(trial.recipe)
    draw_text(canvas, (MARGIN, top), f"{trial.hero}  ·  {trial.recipe.reference}", "hero")
    parts = (words.get("effect"), words["camera"], words["amount"], f"air {words['airs']}", _applied(trial))
    told = "  ·  ".join(filter(None, parts))
    draw_text(canvas, (MARGIN, top + _TITLE), told, "caption")
    top += _TITLE + _LINE + 8
    for index, levels in enumerate(trial.shown):
        left = MARGIN + index * (size.width + GAP)
        frame = Image.fromarray(levels).resize((size.width, size.height), Image.Resampling.LANCZOS)
        if trial.subject is not None:
            _mark(frame, trial.subject, size.width / levels.shape[1])
        strip.paste(frame, (left, top))
        note = seen_words(trial.seen[index]) if index else "the hero"
        for line, part in enumerate(_lines(f"{trial.moments[index]:.1f} s", note, size.width)):
            draw_text(canvas, (left, top + size.height + 6 + line * _LINE), part, "caption")


def _lines(when: str, note: str, width: int) -> list[str]:
    """One line where it fits, else one for each thing that is told."""
    whole = f"{when}   {note}"
    return [whole] if measure(whole, "caption") <= width else [when, *note.split("  ")]


def _applied(trial: Trial) -> str:
    return f"applied {trial.applied_strength:.2f}"


def _mark(frame: Image.Image, subject: PixelRect, scale: float) -> None:
    """Corners of where the subject is in the hero, so that one sees it move against them."""
    canvas = ImageDraw.Draw(frame, "RGBA")
    left, right = subject.x * scale, (subject.x + subject.width) * scale
    top, bottom = subject.y * scale, (subject.y + subject.height) * scale
    arm = max(6.0, 0.08 * min(right - left, bottom - top))
    for x, inwards in ((left, arm), (right, -arm)):
        for y, down in ((top, arm), (bottom, -arm)):
            for colour, wide in (((0, 0, 0, 170), 3), ((255, 255, 255, 230), 1)):
                canvas.line([(x, y), (x + inwards, y)], fill=colour, width=wide)
                canvas.line([(x, y), (x, y + down)], fill=colour, width=wide)
