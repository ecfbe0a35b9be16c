"""A clip on this machine measured against its hero, and how that is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Group, RenderableType
from rich.text import Text

from firstframe.adapters.video import BT709, PIXEL_FORMAT, PyavVideo, open_video
from firstframe.cli.check_arguments import read_picture
from firstframe.cli.tables import plain_table
from firstframe.core.errors import InvalidInput
from firstframe.core.media import HeroPicture, PixelSize, same_shape
from firstframe.core.motion import Motion
from firstframe.core.verdict import Verdict, worst
from firstframe.imaging.drift.asked import Asked
from firstframe.imaging.drift.meter import Meter
from firstframe.imaging.drift.rule import Measure
from firstframe.imaging.drift.seam import seam_measures
from firstframe.ports.video import VideoFacts

LONGEST_SIDE = 960
"""Of the hero while a clip is measured; frames are measured smaller still."""
_MARKS = {Verdict.PASS: "✓", Verdict.WARN: "!", Verdict.FAIL: "✗", Verdict.NOT_MADE: "–"}
_STYLES = {Verdict.PASS: "green", Verdict.WARN: "yellow", Verdict.FAIL: "bold red", Verdict.NOT_MADE: "dim"}

Frame = NDArray[np.uint8] | NDArray[np.uint16]


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """A clip and its measures."""

    clip: Path
    facts: VideoFacts
    measures: tuple[Measure, ...]
    meter: Meter
    """As the clip left it."""

    @property
    def verdict(self) -> Verdict:
        """The gravest."""
        return worst(measure.verdict for measure in self.measures)


def measure_clip(clip: Path, picture: Path, motion: Motion | None) -> Measured:
    """Measures a clip.

    Args:
        clip: An MP4: a mezzanine, a deliverable, or of another tool.
        picture: The still that it was made from.
        motion: What was asked for; None when that is not known.

    Raises:
        InvalidInput: One of the files cannot be read, or they have not the same ratio.
    """
    if not clip.is_file():
        raise InvalidInput.at("CLIP", f"{clip} does not exist", "name an MP4 file")
    facts = PyavVideo().probe(clip)
    hero = _hero(picture, facts.size)
    meter = Meter(hero, _asked(hero, motion, facts), facts.frame_rate)
    for frame in _frames(clip):
        meter.feed(frame)
    return Measured(clip, facts, meter.measures(), meter)


def joined(one: Measured, other: Measured) -> Measured:
    """The first clip with the measures of the seam to the one that follows it.

    Raises:
        InvalidInput: They have not one size and rate.
    """
    if (one.facts.size, one.facts.frame_rate) != (other.facts.size, other.facts.frame_rate):
        raise InvalidInput.at("--next", f"has {other.facts.clip}, not {one.facts.clip}", "name clips of one piece")
    seam = seam_measures(one.meter.end, other.meter.begin, one.meter.rate)
    return replace(one, measures=(*one.measures, *seam))


def _hero(picture: Path, size: PixelSize) -> HeroPicture:
    """The still with what can be told of its depth, at most of the clip's size."""
    from firstframe.imagegen.photo_subject import Known, find
    from firstframe.imagegen.photograph import hero_of
    from firstframe.imagegen.reframe import Reframe

    photo = read_picture(picture, "--hero")
    if not same_shape(PixelSize(photo.shape[1], photo.shape[0]), size):
        problem = f"{picture} has {photo.shape[1]}×{photo.shape[0]}, the clip {size}"
        raise InvalidInput.at("--hero", problem, "name the still that the clip was made from, in the same ratio")
    scale = min(1.0, LONGEST_SIDE / max(size.width, size.height))
    small = PixelSize(2 * round(size.width * scale / 2), 2 * round(size.height * scale / 2))
    known = Known()
    return hero_of(photo, find(photo, known), size=small, reframe=Reframe.WHOLE, known=known)


def _asked(hero: HeroPicture, motion: Motion | None, facts: VideoFacts) -> Asked:
    """What was asked for: the layers are guessed from the picture, so no pose is exact."""
    if motion is None:
        return Asked()
    from firstframe.animation.engines import ClipRequest
    from firstframe.animation.nominal import nominal

    return nominal(ClipRequest(hero, motion, max(facts.frame_count, 2), facts.frame_rate, 0))


def _frames(clip: Path) -> Iterator[Frame]:
    """Frames as R'G'B': of a mezzanine at 16 bits, of others at 8."""
    with open_video(clip) as (container, stream):
        if stream.pix_fmt != PIXEL_FORMAT:
            for frame in container.decode(stream):
                # FFmpeg takes what is not tagged for BT.601, which no platform of ours shows.
                shown = frame.reformat(format="rgb24", src_colorspace=BT709, dst_colorspace=BT709)
                yield np.asarray(shown.to_ndarray(), np.uint8)
            return
    yield from PyavVideo().read_frames(clip)


def measured_table(found: Measured, picture: Path) -> RenderableType:
    """For a person: each measure, what to do, and the sum of it."""
    table = plain_table("", "measure", "measured", "wanted", "what it says")
    for measure in found.measures:
        style, limits = _STYLES[measure.verdict], measure.limits
        shown = limits.shown(measure.number) if limits and measure.number is not None else ""
        mark = Text(f"{_MARKS[measure.verdict]} {measure.verdict.value}", style=style)
        dim = "dim" if measure.verdict is Verdict.NOT_MADE else ""
        wanted = limits.wanted if limits else ""
        table.add_row(mark, measure.title, Text(shown, style=style), Text(wanted, "dim"), Text(measure.says, dim))
    head = Text(f"{found.clip.name} against {picture.name} · {found.facts.clip}", style="bold")
    todo = [
        Text(f"  {_MARKS[measure.verdict]} {measure.title}: {measure.advice}", style=_STYLES[measure.verdict])
        for measure in found.measures
        if measure.advice
    ]
    advice = [Text("What to do", style="bold"), *todo, Text("")] if todo else []
    failed = sum(measure.verdict is Verdict.FAIL for measure in found.measures)
    end = Text(
        f"{found.verdict.value.upper()}: {failed} of {len(found.measures)} measures failed", _STYLES[found.verdict]
    )
    return Group(head, Text(""), table, Text(""), *advice, end)


def measured_document(found: Measured, picture: Path) -> dict[str, Any]:
    """For programs."""
    return {
        "clip": str(found.clip),
        "hero": str(picture),
        "frame_count": found.facts.frame_count,
        "frame_rate": float(found.facts.frame_rate),
        "verdict": found.verdict.value,
        "measures": [_document(measure) for measure in found.measures],
    }


def _document(measure: Measure) -> dict[str, Any]:
    limits = measure.limits
    return {
        "measure": measure.name,
        "title": measure.title,
        "verdict": measure.verdict.value.replace(" ", "_"),
        "value": None if measure.number is None else round(measure.number, 5),
        "unit": limits.unit if limits else "",
        "pass_threshold": limits.good if limits else None,
        "fail_threshold": limits.bad if limits else None,
        "higher_is_better": limits.higher_is_better if limits else None,
        "message": measure.says,
        "remedy": measure.advice,
    }
