"""The meter: fed with frames, it keeps what is needed of them and no picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from firstframe.core.media import HeroPicture, PixelSize, Rgb8
from firstframe.imaging.drift import looks
from firstframe.imaging.drift.asked import Asked
from firstframe.imaging.drift.ends import CORNERS, INNER, End
from firstframe.imaging.drift.figures import Figures
from firstframe.imaging.drift.flow import CameraError, FlowMeter, fit_camera, left_over
from firstframe.imaging.drift.judged import judged
from firstframe.imaging.drift.miniature import (
    STILL,
    Affine,
    Doubles,
    Floats,
    Miniature,
    Seen,
    affine_of,
    joined,
    small_frame,
)
from firstframe.imaging.drift.moving import LIGHTS, Moving, moving_of
from firstframe.imaging.drift.rule import Measure
from firstframe.imaging.drift.series import Lasting, Trembling, Trend, Worst
from firstframe.imaging.drift.way import Points, Way
from firstframe.imaging.preflight.colour import delta_e

CELL = 2
"""Squares of the flow's blocks on a side of the cells in which what moves by itself is looked for: 16 pixels."""
_SEEN = 0.5
"""How much has to be seen of a cell's motion."""
_LEAST_CELLS = 5
_PERCENTILE = 90.0
_LIVELY = 99.9
"""Per cent of all pixels that may be at rest in a picture that lives."""
_LOST = 0.3
"""Median likeness of structure below which the frame is no longer the hero, and the camera is not followed."""
_REPAINT_PX = 0.1
"""Camera error from which the hero is painted again before light is compared."""
Frame = NDArray[np.uint8] | NDArray[np.uint16]
_FAST = 20.0
"""Frames per second from which echoes, which take a while to be told, are looked for in some frames only."""
_ECHO_EVERY = 3
"""In every third: odd, so that those of every second frame, as a poor interpolation has them, are not missed."""


class Meter:
    """Measures one clip, frame by frame; what it holds does not grow with their number.

    Args:
        hero: The still as it is animated, with its layers.
        asked: What the clip was asked to be.
        frame_rate: Frames per second.
    """

    def __init__(self, hero: HeroPicture, asked: Asked, frame_rate: Fraction) -> None:
        rate = float(frame_rate)
        self.rate, self._asked = rate, asked
        self._small = Miniature(hero)
        self._layers = len(hero.layers.layers)
        self._moving: Moving = moving_of(hero, asked, self._small.size)
        self._flow = FlowMeter(veiled=any(air.kind in LIGHTS for air in asked.airs))
        self._correction: list[Affine] = [STILL] * self._layers
        self._points = _points(self._small, self._rested())
        self.way = Way(rate, exact=asked.exact)
        self._geometry = _Geometry(rate, self._small)
        self._light = _Light(rate)
        self._content = _Content(rate, hero.image, self._small.size, self._moving.aired or not asked.exact)
        self._count = 0
        self.first: Floats | None = None
        """The first frame, small."""
        self.last: Floats | None = None
        """The newest frame, small."""
        self._liveliness = 0.0

    def feed(self, frame: Frame) -> None:
        """Takes the next frame, shape (height, width, 3), R'G'B' as encoded, 8 or 16 bits; the first is number 0."""
        small = small_frame(frame, self._small.size)
        time_s = self._count / self.rate
        asked = self._asked_views(self._count)
        seen, structure = self._follow(asked, small, time_s)
        trusted = seen.known * self._moving.still(seen)
        colours = looks.Colours(looks.lab_of(_halved(seen.rgb)), looks.lab_of(_halved(small)), _halved(trusted))
        self._light.add(time_s, colours)
        self._content.add_structure(time_s, structure, trusted, seen.subject)
        self._content.add_colours(time_s, colours, frame)
        if self._asked.airs and self.last is not None and self._count > 1:
            # Not from the still itself, which no lens of the engine has resampled, to the first frame that one has.
            self._liveliness += _livelihood(small, self.last)
        self.first = small if self.first is None else self.first
        self.last = small
        self._count += 1

    @property
    def begin(self) -> End:
        """How the clip begins.

        Raises:
            ValueError: It has had no frame.
        """
        return _end(self.first, self.way.first_speed)

    @property
    def end(self) -> End:
        """How the clip ends, as far as it has come.

        Raises:
            ValueError: It has had no frame.
        """
        return _end(self.last, self.way.speed)

    def measures(self) -> tuple[Measure, ...]:
        """What was found in all frames so far, each judged."""
        return judged(self.figures(), self._asked, self._moving)

    def figures(self) -> Figures:
        """The bare figures of all frames so far."""
        return Figures(
            frames=self._count,
            seconds=self._count / self.rate,
            way=self.way,
            judged_way=self._asked.views is not None,
            background=self._geometry.background,
            subject=self._geometry.subject,
            wobble=self._geometry.wobble(),
            flicker=self._light.flicker(),
            first=self._content.first,
            colour_slope=self._light.colour_slope(),
            unlike=self._content.unlike,
            lost=self._content.lost,
            echo=self._content.echo,
            edge=self._content.edge,
            edge_side=self._content.edge_side,
            liveliness=self._liveliness / max(self._count - 2, 1),
        )

    def _rested(self) -> list[Affine]:
        return [STILL] * self._layers

    def _asked_views(self, index: int) -> list[Affine]:
        if self._asked.views is None:
            return self._rested()
        return [affine_of(view, self._small.scale) for view in self._asked.views(index)]

    def _follow(self, asked: Sequence[Affine], small: Floats, time_s: float) -> tuple[Seen, looks.Structure]:
        """Finds where the camera really is, and gives the hero as it is seen from there, compared with the frame."""
        start = asked if self._asked.exact else self._rested()
        views = [joined(correction, view) for correction, view in zip(self._correction, start, strict=True)]
        seen = _completed(self._small.seen(views), small)
        evidence = self._flow.between(seen, small, seen.known * self._moving.still(seen))
        error = fit_camera(evidence, depth=self._small.has_depth)
        structure = looks.structure(looks.grey_of(seen.rgb), looks.grey_of(small))
        if _median(structure) < _LOST:
            error = CameraError(np.zeros_like(error.parameters))
        motion, sure = left_over(evidence, error, CELL)
        self._geometry.add(time_s, motion, sure, seen.subject)
        self._correction = [
            joined(error.of_layer(float(near)), correction)
            for near, correction in zip(self._small.nearness, self._correction, strict=True)
        ]
        views = [joined(correction, view) for correction, view in zip(self._correction, start, strict=True)]
        self.way.add(time_s, self._points.moved(asked), self._points.moved(views))
        if np.abs(error.parameters).max() > _REPAINT_PX:
            seen = _completed(self._small.seen(views), small)
            structure = looks.structure(looks.grey_of(seen.rgb), looks.grey_of(small))
        return seen, structure


class _Geometry:
    """What moves by itself."""

    def __init__(self, rate: float, small: Miniature) -> None:
        self._per_cent = 100 / max(small.size.width, small.size.height)
        self._smoothed = Lasting(rate)
        self._trembling = Trembling(rate)
        self._sure: Doubles | None = None
        self._subject: Doubles | None = None
        self.background = Worst()
        """Steady displacement of the background that no camera explains, per cent of the longer side."""
        self.subject = Worst()
        """The same of the subject."""

    def add(self, time_s: float, motion: Doubles, sure: Doubles, subject: Floats) -> None:
        rows, columns = sure.shape
        cover = np.asarray(cv2.resize(subject, (columns, rows), interpolation=cv2.INTER_AREA), np.float64)
        sound = motion * self._per_cent
        steady = np.hypot(*np.moveaxis(self._smoothed.add(sound), -1, 0))
        self._trembling.add(sound)
        self._sure = sure if self._sure is None else np.minimum(self._sure, sure)
        self._subject = cover if self._subject is None else np.minimum(self._subject, cover)
        for worst, inside in ((self.background, cover < _SEEN), (self.subject, cover >= _SEEN)):
            worst.add(time_s, _most(steady, (sure > _SEEN) & inside))

    def wobble(self) -> float | None:
        """Trembling of the worse of subject and background, per cent of the longer side."""
        rms = self._trembling.rms
        if rms is None or self._sure is None or self._subject is None:
            return None
        swing = np.hypot(*np.moveaxis(rms, -1, 0))
        sure = self._sure > _SEEN
        parts = [_most(swing, sure & (self._subject >= _SEEN)), _most(swing, sure & (self._subject < _SEEN))]
        known = [part for part in parts if np.isfinite(part)]
        return max(known) if known else None


class _Light:
    """How light and colour change over time."""

    def __init__(self, rate: float) -> None:
        self._trembling = Trembling(rate)
        self._trend = Trend()
        self._mean: Doubles | None = None

    def add(self, time_s: float, colours: looks.Colours) -> None:
        off = looks.tile_means(colours.found - colours.wanted, colours.trusted)
        usual = np.nanmedian(off, axis=0) if np.isfinite(off).any() else np.zeros(3)
        self._trembling.add(np.nan_to_num(off[:, 0]))
        self._trend.add(time_s, usual)
        if self._mean is None:
            self._mean = np.asarray(colours.wanted.reshape(-1, 3).mean(axis=0), np.float64)

    def flicker(self) -> float | None:
        """Swings of lightness that most tiles share or that the worst quarter has, L*."""
        rms = self._trembling.rms
        return None if rms is None else float(np.percentile(rms, 75))

    def colour_slope(self) -> float | None:
        """Change of the mean colour, ΔE00 per second."""
        slope = self._trend.slope
        if slope is None or self._mean is None:
            return None
        return float(delta_e(self._mean[None].astype(np.float32), (self._mean + slope)[None].astype(np.float32))[0])


class _Content:
    """Whether frames still show the hero."""

    def __init__(self, rate: float, hero: Rgb8, size: PixelSize, aired: bool) -> None:
        self._smear, self._aired = looks.Smear(hero), aired
        self._own_edges = looks.own_edges(hero, _halved(small_frame(hero, size)))
        self._count = 0
        self._echo_every = _ECHO_EVERY if rate >= _FAST else 1
        self._echo = looks.Echo((size.height, size.width), 1 - float(np.exp(-self._echo_every / (0.3 * rate))))
        self._smoothed = Lasting(rate)
        self._edges = Lasting(rate, 0.1)
        self._first: float | None = None
        self.unlike = Worst()
        """Structure that the subject has lost, per cent."""
        self.lost = Worst()
        """Share of what has structure that is another picture, per cent."""
        self.echo = Worst()
        """Strength of a second, shifted picture, per cent."""
        self.edge = Worst()
        """Share of the worst edge that is wrong, per cent."""
        self.edge_side = ""

    @property
    def first(self) -> float | None:
        """Mean ΔE00 of the first frame and the hero."""
        return self._first

    def add_structure(self, time_s: float, structure: looks.Structure, trusted: Floats, subject: Floats) -> None:
        told = structure.told * trusted
        on_subject = told * subject
        there, everywhere = float(on_subject.sum()), float(told.sum())
        if there > 20:
            unlike = np.vdot(on_subject, 1 - structure.alike) / there
            self.unlike.add(time_s, 100 * float(self._smoothed.add(np.asarray(unlike))))
        if everywhere > 50:
            self.lost.add(time_s, 100 * float(told[structure.alike < _LOST].sum() / everywhere))
        if self._count % self._echo_every == 0:
            # What moves by itself looks like a shifted copy.
            found = structure.wanted + trusted * (structure.found - structure.wanted)
            self.echo.add(time_s, self._echo.add(structure.wanted, found))
        self._count += 1

    def add_colours(self, time_s: float, colours: looks.Colours, frame: Frame) -> None:
        if self._first is None:
            self._first = float(delta_e(colours.wanted, colours.found).mean())
        outer = looks.outer_lines(frame, colours.trusted.shape)
        fault = looks.edge_fault(colours, outer, self._own_edges, aired=self._aired)
        if not self._aired:
            fault = max(fault, looks.EdgeFault(*self._smear.share(frame)), key=lambda one: one.intruding)
        self._edge(time_s, fault)

    def _edge(self, time_s: float, fault: looks.EdgeFault) -> None:
        lasting = float(self._edges.add(np.array(fault.intruding)))
        if self.edge.value is None or lasting > self.edge.value:
            self.edge_side = fault.side
        self.edge.add(time_s, lasting)


@dataclass(frozen=True, slots=True)
class _Box:
    left: float
    top: float
    right: float
    bottom: float


def _end(frame: Floats | None, speed: Doubles) -> End:
    if frame is None:
        raise ValueError("the meter has to be fed with its clip")
    return End(frame, speed[:CORNERS])


def _points(small: Miniature, rested: Sequence[Affine]) -> Points:
    """Four points of the background, and four corners of the subject's box where it is a layer of its own."""
    half_x, half_y = INNER * small.size.width, INNER * small.size.height
    places = [(x, y) for x in (-half_x, half_x) for y in (-half_y, half_y)]
    layers = [0] * CORNERS
    if small.subject_layer:
        box = _subject_box(small, rested)
        places += [(x, y) for x in (box.left, box.right) for y in (box.top, box.bottom)]
        layers += [small.subject_layer] * 4
    side = max(small.size.width, small.size.height)
    return Points(tuple(layers), np.asarray(places, np.float64), side)


def _subject_box(small: Miniature, rested: Sequence[Affine]) -> _Box:
    cover = small.seen(rested).subject > 0.5
    if not cover.any():
        return _Box(-1.0, -1.0, 1.0, 1.0)
    rows, columns = np.flatnonzero(cover.any(axis=1)), np.flatnonzero(cover.any(axis=0))
    middle_x, middle_y = (small.size.width - 1) / 2, (small.size.height - 1) / 2
    return _Box(columns[0] - middle_x, rows[0] - middle_y, columns[-1] - middle_x, rows[-1] - middle_y)


def _completed(seen: Seen, small: Floats) -> Seen:
    """The hero under a camera; beyond its layers, where nothing is known, the frame itself."""
    rest = (1 - seen.known)[..., None]
    return Seen(seen.rgb + small * rest, seen.nearness, seen.subject, seen.known) if rest.any() else seen


def _most(figures: Doubles, inside: NDArray[np.bool_]) -> float:
    """What the worst tenth of some cells has; no number where there are few."""
    return float(np.percentile(figures[inside], _PERCENTILE)) if inside.sum() >= _LEAST_CELLS else float("nan")


def _median(structure: looks.Structure) -> float:
    there = structure.alike[structure.told > _SEEN]
    return float(np.median(there)) if there.size > 50 else 1.0


def _halved(picture: Floats) -> Floats:
    """At half the size: light and colour need no more."""
    size = max(picture.shape[1] // 2, 1), max(picture.shape[0] // 2, 1)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)


def _livelihood(small: Floats, last: Floats) -> float:
    """Change of the liveliest places from one frame to the next, levels of 255."""
    red, green, blue = cv2.split(cv2.absdiff(small, last))
    return float(np.percentile(cv2.max(cv2.max(red, green), blue), _LIVELY))
