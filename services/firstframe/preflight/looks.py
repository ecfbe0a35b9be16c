"""Checks of light and depth: contrast with the background, direction of light, planes."""

from __future__ import annotations

from math import cos, radians, sin

import numpy as np

from firstframe.core.media import Rgb8
from firstframe.imaging.preflight.depth import Planes, planes_of_layers, planes_of_picture
from firstframe.imaging.preflight.focus import edge_softness
from firstframe.imaging.preflight.light import Light, light_cues
from firstframe.imaging.preflight.outline import Outline, around_outline, outline_contrast, size_of
from firstframe.preflight.drawing import AMBER, BLUE, GREEN, RED, Canvas, Colour
from firstframe.preflight.framing import NO_SUBJECT, POINT_AT_IT
from firstframe.preflight.still import CLEAR, Floats, Still
from firstframe.preflight.verdict import Check, Limits, Verdict, not_made

STANDS_OUT = 10.0
"""CIEDE2000 from which two areas are told apart at a glance; 1 is just noticeable side by side."""
CONTRAST = Limits(good=40.0, bad=20.0, unit="%", digits=0)
"""Of the outline. A third or so is lost on purpose where light falls off; with less than a fifth the shape is gone."""
LIGHT = Limits(good=10.0, bad=3.0, unit="L*")
"""Steps of lightness that all cues make together. The even light of a scanner or a ring flash stays below 5. A bottle in the
shade of a window's bars has 4.8, which is a warning and no failure: highlights, which are not measured, still shape it."""
CUE = 20.0
"""Most that one cue adds: a black shadow is no better than a dark one."""
DEPTH = Limits(good=3.0, bad=2.0, unit="planes", digits=0)
_OUT_OF_FOCUS = 0.035
"""Blur of which no edge is left, as a share of the subject's size (the root of its area)."""
_CLEAR_DIRECTION = 2.0
_DEPTH_TITLE = "Planes of depth"


def contrast(still: Still) -> Check:
    """How much of the subject's outline stands out against what is behind it."""
    name, title = "contrast", "Contrast"
    if still.matte is None:
        return not_made(name, title, f"{NO_SUBJECT.capitalize()} from the background", POINT_AT_IT)
    outline = outline_contrast(still.lab, still.matte, _softness(still, still.matte))
    if not len(outline.points):
        return not_made(name, title, "The subject fills the whole frame, so it has no outline", "take a wider picture")
    share = 100 * float((outline.difference >= STANDS_OUT).mean())
    verdict = CONTRAST.judge(share)
    advice = "light the edge or the background, or change the background's colour where the outline is red"
    return Check(
        name=name,
        title=title,
        verdict=verdict,
        says=f"{CONTRAST.shown(share)} of the subject's outline stands out clearly from the background",
        advice="" if verdict is Verdict.PASS else advice,
        number=share,
        limits=CONTRAST,
        details={"median_delta_e": round(float(np.median(outline.difference)), 2)},
        overlay=lambda: _contrast_picture(still, outline),
    )


def _softness(still: Still, matte: Floats) -> float:
    """Deviation of the blur along the outline, pixels; as of one that is clearly out of focus where no edge tells it.

    Without an edge the subject melts in or is out of focus: farther away from the outline its colours tell which.
    """
    told = edge_softness(still.image, around_outline(matte)).softness_px
    return told if told is not None else _OUT_OF_FOCUS * size_of(matte)


def _contrast_picture(still: Still, outline: Outline) -> Rgb8:
    canvas = Canvas(still.image, 0.45)
    away = np.clip(outline.difference / STANDS_OUT, 0, 1)[:, None]
    colours = np.where(away >= 1, GREEN, np.array(RED) * (1 - away) + np.array(AMBER) * away)
    canvas.dots(outline.points, np.broadcast_to((16, 16, 16), colours.shape), 4.6)
    canvas.dots(outline.points, colours, 3.0)
    canvas.label("green stands out · red melts in", (still.image.shape[1] / 2, 40 / canvas.scale))
    return canvas.picture()


def light(still: Still) -> Check:
    """How strongly light has a direction: modelling, rim and shadow."""
    name, title = "light", "Direction of light"
    if still.matte is None:
        return not_made(name, title, f"{NO_SUBJECT.capitalize()}, so light on it cannot be judged", POINT_AT_IT)
    cues = light_cues(still.lab, still.matte)
    total = sum(min(cue, CUE) for cue in (cues.modelling, cues.rim, cues.shadow))
    verdict = LIGHT.judge(total)
    matte = still.matte
    return Check(
        name=name,
        title=title,
        verdict=verdict,
        says=_light_words(cues, verdict),
        advice=""
        if verdict is Verdict.PASS
        else "light the subject from one side, or let it cast a shadow on its ground",
        number=total,
        limits=LIGHT,
        details=_light_details(cues),
        overlay=lambda: _light_picture(still, cues, matte),
    )


def _light_details(cues: Light) -> dict[str, float | str]:
    figures = {"modelling": cues.modelling, "rim": cues.rim, "shadow": cues.shadow, "from_deg": cues.from_deg}
    return {name: round(value, 1) for name, value in figures.items()}


def _light_words(cues: Light, verdict: Verdict) -> str:
    parts = [
        f"{name} {value:.0f}"
        for name, value in (("modelling", cues.modelling), ("rim", cues.rim), ("shadow", cues.shadow))
        if value >= 1
    ]
    if verdict is Verdict.FAIL:
        return f"The light is flat ({', '.join(parts) or 'no modelling, rim or shadow'})"
    place = f" from {direction(cues.from_deg)}" if cues.modelling >= _CLEAR_DIRECTION else ""
    return f"Light{place} shapes the subject{'' if verdict is Verdict.PASS else ' faintly'} ({', '.join(parts)})"


def direction(degrees: float) -> str:
    """A direction in words; 0 is right, 90 is up."""
    names = (
        "the right",
        "the upper right",
        "above",
        "the upper left",
        "the left",
        "the lower left",
        "below",
        "the lower right",
    )
    return names[round(degrees / 45) % 8]


def _light_picture(still: Still, cues: Light, matte: Floats) -> Rgb8:
    canvas = Canvas(still.image, 0.3)
    canvas.tint(cues.shadow_mask, BLUE, 0.6)
    lit = cues.rim_points[cues.rim_points[:, 2] >= (max(cues.rim, 3.0) if cues.rim >= 1 else np.inf)]
    canvas.dots(lit[:, :2], np.broadcast_to(AMBER, (len(lit), 3)), 3)
    rows, columns = np.flatnonzero((matte > 0.5).any(1)), np.flatnonzero((matte > 0.5).any(0))
    x, y = float(columns.mean()), float(rows.mean())
    if cues.modelling >= _CLEAR_DIRECTION:
        reach, turn = 0.3 * min(still.image.shape[:2]), radians(cues.from_deg)
        far, near = (reach * 1.15, reach * 0.3)
        start, end = ((x + at * cos(turn), y - at * sin(turn)) for at in (far, near))
        canvas.arrow(start, end, AMBER, 8)
    words = (
        "arrow: light" + (" · yellow: rim" if len(lit) else "") + (" · blue: shadow" if cues.shadow_mask.any() else "")
    )
    flat = cues.modelling < _CLEAR_DIRECTION and not cues.shadow_mask.any()
    canvas.label("no direction found" if flat else words, (still.image.shape[1] / 2, 40 / canvas.scale))
    return canvas.picture()


def depth(still: Still) -> Check:
    """How many of foreground, midground and background there are."""
    exact = len(still.hero.layers.layers) > 2
    if not exact and still.matte is None and still.confidence < CLEAR:
        return not_made("depth", _DEPTH_TITLE, f"{NO_SUBJECT.capitalize()}, so its plane is not known", POINT_AT_IT)
    planes = (
        planes_of_layers(still.hero.layers, still.hero.size) if exact else planes_of_picture(still.lab, still.matte)
    )
    present = planes.present
    missing = [name for name in ("foreground", "midground", "background") if name not in present]
    verdict = DEPTH.judge(len(present))
    how = "" if exact else ", judged from the picture alone"
    says = " and ".join(", ".join(present).rsplit(", ", 1))
    return Check(
        name="depth",
        title=_DEPTH_TITLE,
        verdict=verdict,
        says=f"{says.capitalize()} {'are' if len(present) > 1 else 'is'} there{how}",
        advice="" if verdict is Verdict.PASS else _depth_advice(missing),
        number=float(len(present)),
        limits=DEPTH,
        details={name: round(100 * share, 1) for name, share in planes.shares.items()},
        overlay=lambda: _depth_picture(still, planes),
    )


def _depth_advice(missing: list[str]) -> str:
    ways = {
        "foreground": "place something out of focus near the lens, or show the ground in front of the subject",
        "midground": "let one subject stand free",
        "background": "leave room behind the subject",
    }
    return f"the {missing[0]} is missing: {ways[missing[0]]}"


_PLANES: tuple[tuple[str, Colour], ...] = (("background", BLUE), ("midground", GREEN), ("foreground", AMBER))


def _depth_picture(still: Still, planes: Planes) -> Rgb8:
    canvas = Canvas(still.image, 0.6)
    for name, colour in _PLANES:
        cover: Floats = getattr(planes, name)
        canvas.tint(cover, colour, 0.42)
    for name, colour in _PLANES:
        cover = getattr(planes, name)
        if name in planes.present:
            canvas.label(name, _place(cover), colour)
    return canvas.picture()


def _place(cover: Floats) -> tuple[float, float]:
    """Where a plane's name is well placed: its widest part."""
    import cv2

    inside = cv2.distanceTransform(np.pad((cover > 0.5).astype(np.uint8), 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
    y, x = np.unravel_index(int(inside.argmax()), cover.shape)
    return float(x), float(y)
