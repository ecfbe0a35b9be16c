"""Checks of the pixels: sharpness, noise, banding, resolution."""

from __future__ import annotations

import cv2
import numpy as np

from firstframe.core.media import Rgb8
from firstframe.imaging.preflight.banding import Banding, banding
from firstframe.imaging.preflight.focus import Edges, edge_softness
from firstframe.imaging.preflight.grain import BLOCK, Noise, noise
from firstframe.imaging.preflight.room import Rehearsal
from firstframe.preflight.drawing import AMBER, COLOURS, GREEN, RED, Canvas, Colour
from firstframe.preflight.plan import ShotPlan
from firstframe.preflight.still import Still
from firstframe.preflight.verdict import Check, Limits, Verdict

SHARPNESS = Limits(good=1.1, bad=2.0, unit="px", digits=2, higher_is_better=False)
"""Deviation of the blur on the sharpest quarter of the subject's edges, at delivery size. Pictures in focus have 0.5 to 0.8
(labelled stills, docs/preflight.md), the sharpest of the shaken ones 1.14. A Gaussian of 2 px passes less than 1 % at half
of Nyquist's frequency: the frame could be half as large."""
NOISE = Limits(good=3.0, bad=7.0, unit="levels", higher_is_better=False)
"""Deviation of 255 levels in the plainest parts. Grain that is put on by choice is 1 to 3; 7 is a phone at night."""
BANDING = Limits(good=2.0, bad=3.5, unit="levels", higher_is_better=False)
"""Height of the steps in the worst fiftieth of the picture. A long ramp that is rounded to 8 bits without dither has about
1.3, as all 8-bit video; with 7 bits about 2.2, with 6 bits 4; a dithered one next to nothing."""
RESOLUTION = Limits(good=80.0, bad=50.0, unit="%", digits=0)
"""Pixels of the still per pixel of the delivered frame, where the move comes closest. The animation lets a layer be enlarged
by a quarter (`STEP_LIMITS`); at half, the upscaling stage's factor of two is used up."""
_MOST_DOTS = 12_000
INSET_PX = 300
"""Side of the enlarged part in the overlay of noise."""
_SEEN = 24, 235
"""Levels between which noise is not clipped."""


def sharpness(still: Still) -> Check:
    """Whether the subject is in focus."""
    name, title = "sharpness", "Sharpness"
    where = None if still.matte is None else still.matte > 0.3
    edges = edge_softness(still.image, where)
    what = "the picture" if still.matte is None else "the subject"
    soft = edges.softness_px
    if soft is None:
        says = f"{what.capitalize()} has next to no edges, so nothing in it is sharp"
        return Check(name, title, Verdict.WARN, says, "look at it at full size; use a sharper picture or another focus")
    verdict = SHARPNESS.judge(soft)
    return Check(
        name=name,
        title=title,
        verdict=verdict,
        says=f"The sharpest edges of {what} are {SHARPNESS.shown(soft)} soft",
        advice="" if verdict is Verdict.PASS else "use a sharper original, or sharpen or upscale it before the motion",
        number=soft,
        limits=SHARPNESS,
        details={"edges": len(edges.points)},
        overlay=lambda: _focus_picture(still, edges),
    )


def _focus_picture(still: Still, edges: Edges) -> Rgb8:
    canvas = Canvas(still.image, 0.6)
    points = edges.points[:: max(len(edges.points) // _MOST_DOTS, 1)]
    place = np.clip((points[:, 2] - SHARPNESS.good) / (SHARPNESS.bad - SHARPNESS.good), 0, 1)[:, None]
    colours = np.where(points[:, 2:3] <= SHARPNESS.good, GREEN, np.array(AMBER) * (1 - place) + np.array(RED) * place)
    canvas.dots(points[:, :2], colours, 1.6)
    canvas.label("green: sharp edge · red: soft edge", (still.image.shape[1] / 2, 40 / canvas.scale))
    return canvas.picture()


def noisiness(still: Still) -> Check:
    """Whether plain parts are clean."""
    measured = noise(still.image)
    verdict = NOISE.judge(measured.sigma)
    return Check(
        name="noise",
        title="Noise",
        verdict=verdict,
        says=_noise_words(measured),
        advice="" if verdict is Verdict.PASS else "denoise the original; moving noise flickers and eats the bit rate",
        number=measured.sigma,
        limits=NOISE,
        overlay=lambda: _noise_picture(still, COLOURS[verdict]),
    )


def _noise_words(measured: Noise) -> str:
    if not measured.told:
        return "Even the plainest parts have texture that outweighs what noise there is"
    return f"Plain parts vary by {NOISE.shown(measured.sigma)} of 255"


def _noise_picture(still: Still, colour: Colour) -> Rgb8:
    """The still with a plain place of it enlarged: there the noise can be seen as it is."""
    canvas = Canvas(still.image, 0.3)
    height, width = still.image.shape[:2]
    side = max(round(0.09 * min(height, width)), BLOCK)
    centre = plainest_place(still.image, side)
    x, y = (min(max(round(at - side / 2), 0), most - side) for at, most in zip(centre, (width, height), strict=True))
    canvas.frame((x, y, x + side, y + side), colour, 3)
    corner = ("t" if y > height / 2 else "b") + ("l" if x > width / 2 else "r")
    canvas.inset(_enlarged(np.ascontiguousarray(still.image[y : y + side, x : x + side])), corner)
    beside = (INSET_PX + 44) / canvas.scale
    at = (INSET_PX / 2 + 20) / canvas.scale
    place = at if corner[1] == "l" else width - at, beside if corner[0] == "t" else height - beside
    canvas.label("enlarged, contrast × 4", place)
    return canvas.picture()


def plainest_place(image: Rgb8, side: int) -> tuple[float, float]:
    """Middle (x, y) of a square of that side in which a picture varies the least, noise and clipped places aside."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    size = image.shape[1] // BLOCK, image.shape[0] // BLOCK
    means = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.float32)
    window = np.ones((2 * (side // BLOCK // 2) + 3,) * 2, np.uint8)
    varies = cv2.morphologyEx(means, cv2.MORPH_GRADIENT, window)
    varies[(means < _SEEN[0]) | (means > _SEEN[1])] += 255
    row, column = np.unravel_index(int(varies.argmin()), varies.shape)
    return (float(column) + 0.5) * BLOCK, (float(row) + 0.5) * BLOCK


def _enlarged(part: Rgb8) -> Rgb8:
    """A plain part with its differences four times as large."""
    large = cv2.resize(part, (INSET_PX, INSET_PX), interpolation=cv2.INTER_NEAREST).astype(np.float32)
    mean = large.mean(axis=(0, 1))
    return np.asarray(np.rint(np.clip(mean + 4 * (large - mean), 0, 255)), np.uint8)


def bands(still: Still) -> Check:
    """Whether smooth ramps have steps."""
    found = banding(still.image)
    verdict = BANDING.judge(found.score)
    says = "Smooth areas show no steps" if verdict is Verdict.PASS else "Smooth areas break into visible steps"
    return Check(
        name="banding",
        title="Banding",
        verdict=verdict,
        says=says,
        advice=""
        if verdict is Verdict.PASS
        else "export with 16 bits, or add a little grain before it is saved with 8",
        number=found.score,
        limits=BANDING,
        overlay=lambda: _band_picture(still, found),
    )


def _band_picture(still: Still, found: Banding) -> Rgb8:
    canvas = Canvas(still.image, 0.6)
    canvas.tint(np.clip(found.steps / BANDING.bad, 0, 1), RED, 0.8)
    words = "red: steps in what should be smooth" if found.score > BANDING.good else "no steps found"
    canvas.label(words, (still.image.shape[1] / 2, 40 / canvas.scale))
    return canvas.picture()


def resolution(still: Still, plan: ShotPlan, move: Rehearsal) -> Check:
    """Whether there are pixels enough for delivery, where the move comes closest."""
    wanted, have = plan.delivery, still.source
    rest = min(have.width / wanted.width, have.height / wanted.height)
    share = 100 * rest * move.move.tightest
    verdict = RESOLUTION.judge(share)
    return Check(
        name="resolution",
        title="Resolution",
        verdict=verdict,
        says=f"Of {have} pixels the closest frame has {RESOLUTION.shown(share)} a side of what {wanted} needs",
        advice="" if verdict is Verdict.PASS else "use a larger original, or a smaller format or a shorter move",
        number=share,
        limits=RESOLUTION,
        details={"width_px": have.width, "height_px": have.height},
        overlay=lambda: _size_picture(still, plan, share, COLOURS[verdict]),
    )


def _size_picture(still: Still, plan: ShotPlan, share: float, colour: Colour) -> Rgb8:
    """The delivered frame, with the still in it as large as its own pixels go."""
    canvas = Canvas(still.image, 0.3)
    height, width = still.image.shape[:2]
    side = min(share / 100, 1.0)
    box = (width * (1 - side) / 2, height * (1 - side) / 2, width * (1 + side) / 2, height * (1 + side) / 2)
    if side < 1:
        canvas.shade_outside(box, 0.55)
        canvas.frame(box, colour, 4)
    canvas.label(
        f"true pixels: {RESOLUTION.shown(share)} of {plan.delivery}", (width / 2, box[3] - 40 / canvas.scale), colour
    )
    return canvas.picture()
