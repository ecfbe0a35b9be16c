"""The drift measures on a labelled set: good clips of sets and photographs, and clips broken in known ways.

    python -m benchmarks drift                                 # what `make bench` runs
    python -m benchmarks.drift --pictures docs/pictures        # with the pictures of docs/drift.md

Limits were chosen on the heroes of `TUNING` (tests/support/moving_heroes.py) and widened by those of `WIDENED`; those of
`FRESH` were measured afterwards, and those of `SECOND` when what the former had shown was mended. A good clip that fails any
measure is a false alarm. A broken clip is caught when a measure that is meant for its fault fails; a fault is caught at the
least strength at which it is caught on every hero. The cost is processor time of the measuring as a share of that of
rendering, writing and measuring a clip of four seconds at 1920×1080.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from fractions import Fraction
from itertools import chain, repeat
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "services"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from firstframe.adapters.video import PyavVideo
from firstframe.core.media import HeroPicture, PixelSize
from firstframe.core.motion import CameraMove, single
from firstframe.core.verdict import Verdict
from firstframe.imaging.drift.asked import Asked
from firstframe.imaging.drift.meter import Meter
from firstframe.imaging.drift.rule import Measure
from firstframe.imaging.drift.rules import RULES
from support.broken_clips import FAULTS, Frame, Shot, asked_otherwise
from support.moving_heroes import BROKEN, FRESH, SECOND, TUNING, WIDENED, GoodClip, base_shot, good_clips, hero

MOST_FALSE_ALARMS = 0.05
Told = tuple[bool, str, float | None]
"""Whether a broken clip was caught, by which measure, and its figure."""
Faults = dict[str, dict[float, Told]]
"""Of one hero, by fault and strength."""
OTHERWISE = (
    ("direction", (100.0,), "% of the move", ("motion-direction",)),
    ("amount", (80.0, 60.0, 40.0), "% of the motion", ("motion-amount",)),
    ("unrest", (3.0, 6.0, 12.0), "% strength of a pan", ("rest",)),
)
"""Cameras that go otherwise: name, strengths, unit, and which measures ought to tell."""


def run(jobs: int = 1) -> dict[str, Any]:
    """The whole set, so many heroes at a time."""
    groups = {"tuning": TUNING, "widened": WIDENED, "fresh": FRESH, "second": SECOND}
    result: dict[str, Any] = {"cost": cost()}
    with ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=cv2.setNumThreads, initargs=(1,)
    ) as pool:
        good = {name: pool.map(_good_clips, heroes, repeat(heroes)) for name, heroes in groups.items()}
        faults = {name: pool.map(_faults, heroes) for name, heroes in BROKEN.items()}
        result["groups"] = {
            name: _group(heroes, dict(chain.from_iterable(good[name])), list(faults[name]))
            for name, heroes in groups.items()
        }
    result["goals_met"] = all(_met(group) for group in result["groups"].values())
    return result


def rows(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What is printed."""
    table = []
    for name, group in result["groups"].items():
        alarms = f"{group['false_alarms']} of {group['good']}"
        table.append((f"{name}: false alarms", alarms, f"at most {100 * MOST_FALSE_ALARMS:.0f} %"))
        for fault, found in group["faults"].items():
            table.append((f"{name}: {fault}", _caught_words(found), "caught at the largest"))
    table.append(("share of the clip's time", f"{100 * result['cost']['share']:.1f} %", ""))
    return table


def _caught_words(found: dict[str, Any]) -> str:
    shares = ", ".join(f"{strength}: {share[0]}/{share[1]}" for strength, share in found["caught"].items())
    return f"{shares} ({found['unit']})"


def _met(group: dict[str, Any]) -> bool:
    few = group["false_alarms"] <= MOST_FALSE_ALARMS * group["good"]
    return bool(
        few and all(found["at_all"] is not None for found in group["faults"].values() if any(found["figures"].values()))
    )


def _group(heroes: tuple[str, ...], good: dict[str, tuple[Measure, ...]], faults: list[Faults]) -> dict[str, Any]:
    alarms = {name: failed for name, measures in good.items() if (failed := _names(measures, Verdict.FAIL))}
    return {
        "heroes": heroes,
        "good": len(good),
        "false_alarms": len(alarms),
        "alarms": alarms,
        "warned": {name: some for name, measures in good.items() if (some := _names(measures, Verdict.WARN))},
        "figures": {rule.name: _figures(rule.name, good) for rule in RULES},
        "faults": _summed(faults),
    }


def _figures(measure: str, good: dict[str, tuple[Measure, ...]]) -> dict[str, float]:
    """Of each clip in which it was made."""
    return {
        clip: round(found.number, 5)
        for clip, measures in good.items()
        for found in measures
        if found.name == measure and found.number is not None
    }


def _good_clips(hero_name: str, heroes: tuple[str, ...]) -> list[tuple[str, tuple[Measure, ...]]]:
    return [(clip.name, _good(clip)) for clip in good_clips(heroes, only=hero_name)]


def _names(measures: Iterable[Measure], verdict: Verdict) -> list[str]:
    return [f"{item.name} {item.number:.3f}" for item in measures if item.verdict is verdict]


def _good(clip: GoodClip) -> tuple[Measure, ...]:
    frames, asked = clip.shot.take()
    if clip.mezzanine:
        frames = _through_a_file(frames, clip.shot)
    return measured(frames, asked, clip.shot.hero, clip.shot.frame_rate)


def _through_a_file(frames: Iterator[Frame], shot: Shot) -> Iterator[Frame]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        PyavVideo().write_clip(path, frames, size=shot.hero.size, frame_rate=shot.frame_rate)
        yield from PyavVideo().read_frames(path)


def measured(frames: Iterable[Frame], asked: Asked, still: HeroPicture, rate: Fraction) -> tuple[Measure, ...]:
    """The measures of some frames."""
    meter = Meter(still, asked, rate)
    for frame in frames:
        meter.feed(frame)
    return meter.measures()


def _faults(name: str) -> Faults:
    """What becomes of the clip of a hero, broken in every way."""
    found: Faults = {}
    shot = base_shot(name)
    frames, asked = shot.take()
    kept = list(frames)
    for fault in FAULTS:
        for strength in fault.strengths:
            broken = fault.breaks(kept, strength, float(shot.frame_rate))
            measures = measured(broken, asked, shot.hero, shot.frame_rate)
            found.setdefault(fault.name, {})[strength] = _caught(measures, fault.caught_by)
    for otherwise, strengths, _, caught_by in OTHERWISE:
        for strength in strengths:
            taken = asked_otherwise(shot, otherwise, strength)
            if taken is not None:
                measures = measured(*taken, shot.hero, shot.frame_rate)
                found.setdefault(otherwise, {})[strength] = _caught(measures, caught_by)
    return found


def _caught(measures: Sequence[Measure], names: tuple[str, ...]) -> Told:
    """Whether one of some measures fails, and the first that does, or that was made."""
    told = [item for item in measures if item.name in names]
    failed = [item for item in told if item.verdict is Verdict.FAIL]
    numbers = [(item.name, item.number) for item in (failed or told) if item.number is not None]
    return (bool(failed), *numbers[0]) if numbers else (bool(failed), names[0], None)


def _summed(heroes: list[Faults]) -> dict[str, Any]:
    """Each fault over the heroes of a group."""
    known = [(fault.name, fault.unit, fault.caught_by, fault.strengths) for fault in FAULTS]
    known += [(name, unit, caught_by, strengths) for name, strengths, unit, caught_by in OTHERWISE]
    return {
        name: _fault([found[name] for found in heroes if name in found], unit, by, strengths)
        for name, unit, by, strengths in known
    }


def _fault(
    heroes: list[dict[float, Told]], unit: str, by: tuple[str, ...], strengths: tuple[float, ...]
) -> dict[str, Any]:
    caught = {strength: (sum(found[strength][0] for found in heroes), len(heroes)) for strength in strengths}
    whole = [strength for strength, (hits, count) in caught.items() if hits == count]
    return {
        "unit": unit,
        "measures": by,
        "caught": caught,
        "at_all": whole[0] if whole else None,
        "figures": {strength: [found[strength][1:] for found in heroes] for strength in strengths},
    }


def cost(frames: int = 24) -> dict[str, float]:
    """Processor time of measuring, and of making the same clip at 1920×1080, milliseconds per frame.

    What measuring costs at the start, when the hero is made small, is shared by the frames of a clip of four seconds.
    """
    size = PixelSize(1920, 1080)
    shot = Shot(_enlarged(hero("studio"), size), single(CameraMove.PUSH, 0.5), frames, Fraction(24))
    measured(shot.take()[0], shot.take()[1], shot.hero, shot.frame_rate)
    began = time.process_time()
    taken, asked = shot.take()
    kept = list(taken)
    rendered = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        PyavVideo().write_clip(Path(folder) / "clip.mp4", kept, size=size, frame_rate=shot.frame_rate)
    written = time.process_time()
    meter = Meter(shot.hero, asked, shot.frame_rate)
    started = time.process_time()
    for frame in kept:
        meter.feed(frame)
    meter.measures()
    done = time.process_time()
    each = 1000 / frames
    making = (written - began) * each
    measuring = (done - started) * each + 1000 * (started - written) / (4 * float(shot.frame_rate))
    return {
        "render_ms": (rendered - began) * each,
        "write_ms": (written - rendered) * each,
        "start_ms": 1000 * (started - written),
        "measure_ms": measuring,
        "share": measuring / (making + measuring),
    }


def _enlarged(small: HeroPicture, size: PixelSize) -> HeroPicture:
    """A hero at another size: what it shows does not matter for the cost."""
    scale = size.width / small.size.width
    bleed = round(small.layers.bleed_px * scale)
    whole = (size.width + 2 * bleed, size.height + 2 * bleed)
    layers = tuple(
        replace(layer, rgba=np.asarray(cv2.resize(layer.rgba, whole, interpolation=cv2.INTER_CUBIC), np.uint8))
        for layer in small.layers.layers
    )
    image = np.asarray(cv2.resize(small.image, (size.width, size.height), interpolation=cv2.INTER_CUBIC), np.uint8)
    return replace(
        small,
        image=image,
        layers=replace(small.layers, layers=layers, bleed_px=bleed),
        matte=None,
        inverse_depth=None,
        objects=None,
        subject=None,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs it alone."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="where the figures go")
    parser.add_argument("--pictures", type=Path, help="folder for the pictures of docs/drift.md")
    parser.add_argument("--jobs", type=int, default=1, help="heroes that are measured at a time")
    chosen = parser.parse_args(arguments)
    result = run(chosen.jobs)
    if chosen.pictures:
        from benchmarks._drift_pictures import draw, draw_figures

        draw(chosen.pictures)
        draw_figures(result, chosen.pictures)
    text = json.dumps(result, indent=1)
    print(text if chosen.json is None else "\n".join(" · ".join(row) for row in rows(result)))
    if chosen.json:
        chosen.json.write_text(text + "\n")
    return 0 if result["goals_met"] else 1


if __name__ == "__main__":
    sys.exit(main())
