"""Pictures of docs/drift.md: a strip of each fault with its measures, and where good and broken clips lie."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from benchmarks import drift
from firstframe.core.verdict import Verdict
from firstframe.preflight.drawing import font
from support.broken_clips import FAULTS, Fault, Frame
from support.moving_heroes import base_shot

_TILE = (232, 130)
_SHOWN = 5
_WORDS = 250
_INK, _PALE, _GOOD, _BAD = (32, 32, 36), (140, 140, 146), (38, 130, 80), (200, 60, 40)
Picture = NDArray[np.uint8]


def draw(folder: Path, name: str = "studio") -> None:
    """Writes drift-faults.jpg to a folder: each fault at its largest strength, on one hero."""
    shot = base_shot(name)
    frames, asked = shot.take()
    kept = list(frames)
    rows = [_row("as it was made", "", kept, [])]
    for fault in FAULTS:
        strength = fault.strengths[-1]
        broken = list(fault.breaks(kept, strength, float(shot.frame_rate)))
        measures = drift.measured(broken, asked, shot.hero, shot.frame_rate)
        failed = [
            f"{item.name} {item.limits.shown(item.number)}".replace("Δ", "d")
            for item in measures
            if item.verdict is Verdict.FAIL and item.name in fault.caught_by and item.limits and item.number is not None
        ]
        rows.append(_row(fault.name, _strength(fault, strength), broken, failed))
    _save(np.concatenate(rows), folder / "drift-faults.jpg")


def _strength(fault: Fault, strength: float) -> str:
    return f"{strength:g} {fault.unit}"


def _row(title: str, strength: str, frames: list[Frame], failed: list[str]) -> Picture:
    picks = np.linspace(0, len(frames) - 1, _SHOWN).round().astype(int)
    tiles = [_tile(frames[int(index)]) for index in picks]
    page = Image.fromarray(np.full((_TILE[1], _WORDS, 3), 255, np.uint8))
    pen = ImageDraw.Draw(page)
    pen.text((12, 14), title, font=font("SemiBold", 19), fill=_INK)
    pen.text((12, 40), strength, font=font("Regular", 14), fill=_PALE)
    for line, words in enumerate(failed):
        pen.text((12, 66 + 19 * line), words, font=font("Regular", 14), fill=_BAD)
    row = np.concatenate([np.asarray(page), *tiles], axis=1)
    return np.concatenate([row, np.full((6, row.shape[1], 3), 255, np.uint8)])


def _tile(frame: Frame) -> Picture:
    small = cv2.resize((frame // 257).astype(np.uint8), (_TILE[0] - 4, _TILE[1]), interpolation=cv2.INTER_AREA)
    return np.concatenate([np.asarray(small, np.uint8), np.full((_TILE[1], 4, 3), 255, np.uint8)], axis=1)


def draw_figures(result: dict[str, Any], folder: Path) -> None:
    """Writes drift-figures.jpg: of each fault the figures at every strength, with the limits of its measure."""
    from firstframe.imaging.drift.judged import RULES

    limits = {rule.name: rule.exact for rule in RULES}
    names = list(next(iter(result["groups"].values()))["faults"])
    height, left, right = 44, 210, 1180
    page = Image.fromarray(np.full((height * len(names) + 60, 1240, 3), 255, np.uint8))
    pen = ImageDraw.Draw(page)
    for place, name in enumerate(names):
        y = 40 + height * place
        pen.text((12, y - 11), name, font=font("SemiBold", 17), fill=_INK)
        pen.line((left, y, right, y), fill=(225, 225, 228), width=1)
        for group in result["groups"].values():
            _dots(pen, group, name, limits, (left, right, y))
    pen.line(((left + right) / 2, 20, (left + right) / 2, height * len(names) + 30), fill=_INK, width=2)
    pen.text(((left + right) / 2 - 22, 2), "limit", font=font("SemiBold", 14), fill=_INK)
    note = (
        "green: good clips · red: broken, larger dots are stronger · right of the line a measure fails; "
        "each end is 100 times away"
    )
    pen.text((12, height * len(names) + 36), note, font=font("Regular", 13), fill=_PALE)
    _save(np.asarray(page), folder / "drift-figures.jpg")


def _dots(
    pen: ImageDraw.ImageDraw, group: dict[str, Any], fault: str, limits: dict[str, Any], place: tuple[int, int, int]
) -> None:
    measure = group["faults"][fault]["measures"][0]
    for figure in group["figures"].get(measure, ()):
        _dot(pen, _over(figure, limits[measure]), 3, _GOOD, place)
    for order, figures in enumerate(group["faults"][fault]["figures"].values()):
        for figure in figures:
            if figure is not None:
                _dot(pen, _over(figure, limits[measure]), 3 + 2 * order, _BAD, place)


def _over(figure: float, limits: Any) -> float:  # noqa: ANN401
    """Decades by which a figure is worse than its limit."""
    if limits.higher_is_better:
        figure, bad = 100 - figure, 100 - limits.bad
    else:
        bad = limits.bad
    return float(np.log10(max(figure, 1e-4) / bad))


def _dot(
    pen: ImageDraw.ImageDraw, decades: float, radius: int, colour: tuple[int, int, int], place: tuple[int, int, int]
) -> None:
    left, right, y = place
    x = (left + right) / 2 + np.clip(decades / 2, -1, 1) * (right - left) / 2
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), outline=colour, width=2)


def _save(picture: Picture, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path, quality=84, optimize=True)
