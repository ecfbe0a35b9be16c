"""Pictures of docs/drift.md: a strip of each fault with its measures, and where good and broken clips lie."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from benchmarks import drift
from firstframe.core.motion import Atmosphere
from firstframe.core.verdict import Limits, Verdict
from firstframe.imaging.drift.rule import SLACK, Rule
from firstframe.imaging.drift.rules import RULES
from firstframe.preflight.drawing import font
from support.broken_clips import FAULTS, Fault, Frame
from support.moving_heroes import base_shot

_TILE = (232, 130)
_SHOWN = 5
_WORDS = 250
_INK, _PALE, _GOOD, _BAD = (32, 32, 36), (110, 110, 116), (38, 130, 80), (200, 60, 40)
_WARN = (222, 170, 40)
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


_ROW, _LEFT, _RIGHT, _WIDE = 50, 240, 1190, 1240
_PASSING = [kind.value for kind in SLACK if kind is not Atmosphere.DUST]
"""Airs under which limits are wider than those that are drawn."""
_DECADES = 1.5
"""How many powers of ten are shown on each side of a limit."""


def draw_figures(result: dict[str, Any], folder: Path) -> None:
    """Writes drift-figures.jpg: for each measure where good and broken clips lie beside its limits."""
    rules = [rule for rule in RULES if _broken(result, rule.name)]
    below = 44 + _ROW * len(rules)
    page = Image.fromarray(np.full((below + 44, _WIDE, 3), 255, np.uint8))
    pen = ImageDraw.Draw(page)
    middle = (_LEFT + _RIGHT) // 2
    pen.text((middle + 8, 8), "a clip fails", font=font("SemiBold", 16), fill=_INK)
    for row, rule in enumerate(rules):
        _row_of(pen, result, rule, 44 + _ROW * row + _ROW // 2)
    pen.line((middle, 8, middle, below), fill=_INK, width=2)
    words = "good clips without passing air: green; broken ones: red, larger where broken more; yellow: it warns"
    pen.text((12, below + 14), words, font=font("Regular", 15), fill=_INK)
    _save(np.asarray(page), folder / "drift-figures.jpg")


def _row_of(pen: ImageDraw.ImageDraw, result: dict[str, Any], rule: Rule, y: int) -> None:
    limits = rule.exact
    pen.text((12, y - 20), rule.name, font=font("SemiBold", 17), fill=_INK)
    words = f"{limits.bad:g} {limits.unit}".replace("Δ", "d")
    pen.text((12, y + 2), words, font=font("Regular", 14), fill=_PALE)
    pen.line((_LEFT, y, _RIGHT, y), fill=(225, 225, 228), width=1)
    warns = _across(limits.good, limits)
    pen.line((warns, y - 16, warns, y + 16), fill=_WARN, width=3)
    for group in result["groups"].values():
        for clip, figure in group["figures"].get(rule.name, {}).items():
            if not any(air in clip for air in _PASSING):
                _dot(pen, _across(figure, limits), y + 9, 4, _GOOD)
    for order, figure in _broken(result, rule.name):
        _dot(pen, _across(figure, limits), y - 9, 3 + 2 * order, _BAD)


def _broken(result: dict[str, Any], measure: str) -> list[tuple[int, float]]:
    """Figures of a measure in clips that were broken, each with the order of its strength."""
    return [
        (order, number)
        for group in result["groups"].values()
        for fault in group["faults"].values()
        for order, told in enumerate(fault["figures"].values())
        for name, number in told
        if name == measure and number is not None
    ]


def _across(figure: float, limits: Limits) -> float:
    """Where a figure is drawn: the limit is in the middle, what is worse to the right."""
    if limits.higher_is_better:
        figure, bad = 100 - figure, 100 - limits.bad
    else:
        bad = limits.bad
    decades = np.clip(np.log10(max(figure, 1e-6) / bad) / _DECADES, -1, 1)
    return float((_LEFT + _RIGHT) / 2 + decades * (_RIGHT - _LEFT) / 2)


def _dot(pen: ImageDraw.ImageDraw, x: float, y: float, radius: int, colour: tuple[int, int, int]) -> None:
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), outline=colour, width=2)


def _save(picture: Picture, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path, quality=84, optimize=True)
