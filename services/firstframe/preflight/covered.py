"""Check: what the platforms' interfaces cover."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from firstframe.core.delivery import PLATFORMS
from firstframe.core.media import PixelRect, PixelSize, Rgb8
from firstframe.imaging.preflight.room import Box, Rehearsal
from firstframe.preflight.drawing import COLOURS, RED, WHITE, Canvas
from firstframe.preflight.framing import NO_SUBJECT, POINT_AT_IT
from firstframe.preflight.plan import ShotPlan
from firstframe.preflight.safe_zones import COPY_MARGIN, SafeZone, zone_for
from firstframe.preflight.still import Floats, Still
from firstframe.preflight.verdict import Check, Limits, Verdict, not_made

COVERED = Limits(good=2.0, bad=15.0, unit="%", higher_is_better=False)
"""Of what has to be seen. A product's corner under a button is a blemish; with a seventh of it gone it is not recognised. Of
words, any cover is a warning and a tenth a failure: one letter is enough to change them."""
_WORDS_BAD = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """What one platform covers of one thing, at its worst during the move."""

    platform: str
    title: str
    part: str
    """Part of the interface that covers the most; empty when none does."""
    thing: str
    """`the subject`, `a face` or `the words`."""
    share: float
    """0 to 1."""

    @property
    def verdict(self) -> Verdict:
        """What that means."""
        percent = 100 * self.share
        if self.thing == "the words":
            return Verdict.PASS if percent <= 0.5 else Verdict.WARN if percent <= _WORDS_BAD else Verdict.FAIL
        return COVERED.judge(percent)


def safe_zones(still: Still, plan: ShotPlan, move: Rehearsal) -> Check:
    """Whether what has to be seen is clear of every platform's interface, in the first frame and in the last."""
    name, title = "safe-zones", "Safe zones"
    things = dict(_things(still))
    if not things:
        return not_made(name, title, f"{NO_SUBJECT.capitalize()}, so nobody knows what has to stay clear", POINT_AT_IT)
    covers = [cover for platform in plan.platforms for cover in _covers(platform, plan, things, still, move)]
    if not covers:
        names = ", ".join(PLATFORMS[name].title for name in plan.platforms) or "no platform"
        says = f"Nothing lies over the picture on {names}"
        return Check(name, title, Verdict.PASS, says, overlay=lambda: _free_picture(still))
    gravest = max(covers, key=lambda cover: (cover.verdict is Verdict.FAIL, cover.verdict is Verdict.WARN, cover.share))
    return Check(
        name=name,
        title=title,
        verdict=gravest.verdict,
        says=_words(gravest, plan),
        advice="" if gravest.verdict is Verdict.PASS else _advice(gravest),
        number=100 * gravest.share,
        limits=COVERED,
        details={f"{cover.platform}: {cover.thing}": round(100 * cover.share, 2) for cover in covers},
        overlay=lambda: _picture(still, plan, gravest, things),
    )


def _things(still: Still) -> Iterator[tuple[str, Floats]]:
    """What has to be seen: faces where there are some, since a body may go under a caption; else the subject; and words."""
    if still.faces.found:
        yield "a face", _painted(still, [face.head for face in still.faces.found])
    elif still.matte is not None:
        yield "the subject", still.matte
    words = (*still.copy, *still.printed)
    if words:
        yield "the words", _painted(still, [(rect.x, rect.y, rect.right, rect.bottom) for rect in words])


def _painted(still: Still, boxes: list[Box]) -> Floats:
    mask = np.zeros(still.image.shape[:2], np.float32)
    for left, top, right, bottom in boxes:
        mask[max(round(top), 0) : max(round(bottom), 0), max(round(left), 0) : max(round(right), 0)] = 1
    return mask


def _covers(platform: str, plan: ShotPlan, things: dict[str, Floats], still: Still, move: Rehearsal) -> Iterator[Cover]:
    zone = zone_for(platform, plan.format)
    for thing, mask in things.items():
        parts = _parts(zone, thing, still.hero.size)
        if not parts:
            continue
        shares = [_shares(mask, parts, window) for window in move.windows()]
        total, by_part = max(shares, key=lambda item: item[0])
        part = max(by_part, key=by_part.__getitem__) if total > 0 else ""
        yield Cover(platform, PLATFORMS[platform].title, part, thing, total)


def _parts(zone: SafeZone | None, thing: str, size: PixelSize) -> tuple[tuple[str, PixelRect], ...]:
    """What may lie over a thing: the interface; for words, the margin where there is no interface."""
    if zone is not None:
        return zone.covered(size)
    if thing != "the words":
        return ()
    x, y = round(COPY_MARGIN * size.width), round(COPY_MARGIN * size.height)
    inner = size.height - 2 * y
    return (
        ("top margin", PixelRect(0, 0, size.width, y)),
        ("bottom margin", PixelRect(0, size.height - y, size.width, y)),
        ("left margin", PixelRect(0, y, x, inner)),
        ("right margin", PixelRect(size.width - x, y, x, inner)),
    )


def _shares(mask: Floats, parts: tuple[tuple[str, PixelRect], ...], window: Box) -> tuple[float, dict[str, float]]:
    """Share of a mask that is covered, in all and by each part, when the frame shows `window` of the still."""
    total = max(float(mask.sum()), 1e-6)
    hidden = np.zeros(mask.shape, np.bool_)
    by_part = {}
    for name, rect in parts:
        rows, columns = _seen_at(rect, window, mask.shape)
        by_part[name] = float(mask[rows, columns].sum()) / total
        hidden[rows, columns] = True
    return float(mask[hidden].sum()) / total, by_part


def _seen_at(rect: PixelRect, window: Box, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """What of the still lies under a part of the frame."""
    left, top, right, bottom = window
    across, down = (right - left) / shape[1], (bottom - top) / shape[0]
    rows = slice(max(round(top + rect.y * down), 0), max(round(top + rect.bottom * down), 0))
    return rows, slice(max(round(left + rect.x * across), 0), max(round(left + rect.right * across), 0))


def _words(cover: Cover, plan: ShotPlan) -> str:
    if cover.verdict is Verdict.PASS:
        names = ", ".join(PLATFORMS[name].title for name in plan.platforms)
        return f"{cover.thing.capitalize()} is clear of the interface on {names}".replace("words is", "words are")
    return f"{cover.title} covers {COVERED.shown(100 * cover.share)} of {cover.thing}, most of it at the {cover.part}"


def _advice(cover: Cover) -> str:
    away = {"top": "lower", "bottom": "higher", "left": "further right", "right": "further left"}
    way = away.get(cover.part.removesuffix(" margin"), "further left")
    return f"place {cover.thing} {way} or smaller, or leave {cover.title} out"


def _free_picture(still: Still) -> Rgb8:
    canvas = Canvas(still.image, 0.2)
    height, width = still.image.shape[:2]
    x, y = COPY_MARGIN * width, COPY_MARGIN * height
    canvas.frame((x, y, width - x, height - y), WHITE, 2)
    canvas.label("keep words inside", (width / 2, height - y - 36 / canvas.scale))
    return canvas.picture()


def _picture(still: Still, plan: ShotPlan, cover: Cover, things: dict[str, Floats]) -> Rgb8:
    canvas = Canvas(still.image, 0.2)
    parts = [rect for _, rect in _parts(zone_for(cover.platform, plan.format), cover.thing, still.hero.size)]
    canvas.hatch(parts, WHITE)
    hidden = np.zeros(still.image.shape[:2], np.float32)
    for rect in parts:
        hidden[rect.y : rect.bottom, rect.x : rect.right] = 1
    canvas.tint(things[cover.thing] * hidden, RED, 0.75)
    for _, thing in things.items():
        rows, columns = np.flatnonzero((thing > 0.5).any(1)), np.flatnonzero((thing > 0.5).any(0))
        if rows.size:
            canvas.frame((columns[0], rows[0], columns[-1] + 1, rows[-1] + 1), COLOURS[cover.verdict], 3)
    canvas.label(f"interface of {cover.title}", (still.image.shape[1] / 2, 40 / canvas.scale))
    return canvas.picture()
