"""Seams: what is kept of clips' ends, and how it is measured again."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from firstframe.adapters.local_folder import LocalFolderStore
from firstframe.animation.decode import decode_seam
from firstframe.animation.encode import end_message
from firstframe.animation.seams import keep_end, measure_seam
from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.media.v1 import clip_pb2
from firstframe.core.errors import InvalidInput
from firstframe.core.motion import Air, Atmosphere, CameraMove, Motion, Window, single
from firstframe.core.verdict import Judged, Verdict
from firstframe.imaging.drift.meter import Meter
from firstframe.runtime.motion_messages import motion_message
from support.broken_clips import Shot, textured_hero

HERO, RATE = textured_hero(), 12
Request = animation_pb2.MeasureSeamRequest
PAN = single(CameraMove.PAN_LEFT, 0.8)


def part(begin: float, end: float, motion: Motion = PAN) -> Meter:
    """A part of a motion of two seconds."""
    count = round(2 * RATE * (end - begin))
    frames, asked = Shot(HERO, replace(motion, window=Window(begin, end)), count, Fraction(RATE)).take()
    meter = Meter(HERO, asked, Fraction(RATE))
    for frame in frames:
        meter.feed(frame)
    return meter


@pytest.fixture(scope="module")
def halves() -> tuple[Meter, Meter]:
    return part(0, 0.5), part(0.5, 1)


def asked(store: LocalFolderStore, before: Meter, after: Meter, motion: Motion = PAN, engine: str = "") -> Request:
    return Request(
        end=end_message(keep_end(before.end, store)),
        begin=end_message(keep_end(after.begin, store)),
        frame_rate=clip_pb2.FrameRate(numerator=RATE, denominator=1),
        motion=motion_message(motion),
        engine=engine,
    )


def found(store: LocalFolderStore, request: Request) -> dict[str, Judged]:
    return {item.name: item for item in measure_seam(decode_seam(request), store)}


def verdicts(store: LocalFolderStore, request: Request) -> dict[str, str]:
    return {name: check.verdict.name for name, check in found(store, request).items()}


GOOD = {"seam-step": "PASS", "seam-speed": "PASS", "seam-colour": "PASS"}


def test_parts_of_one_motion_join(tmp_path: Path, halves: tuple[Meter, Meter]) -> None:
    store = LocalFolderStore(tmp_path)
    checks = found(store, asked(store, *halves))
    assert verdicts(store, asked(store, *halves)) == GOOD
    assert checks["seam-step"].number == pytest.approx(0, abs=0.1)


def test_parts_that_do_not_join_fail(tmp_path: Path, halves: tuple[Meter, Meter]) -> None:
    store = LocalFolderStore(tmp_path)
    gap = asked(store, halves[0], part(0.75, 1))
    assert verdicts(store, gap)["seam-step"] == "FAIL"
    assert found(store, gap)["seam-step"].advice
    still = part(0.5, 1, single(CameraMove.LOCKED, 0))
    assert verdicts(store, asked(store, halves[0], still))["seam-speed"] == "FAIL"


def test_a_learned_model_has_a_speed_of_its_own(tmp_path: Path, halves: tuple[Meter, Meter]) -> None:
    store = LocalFolderStore(tmp_path)
    still = part(0.5, 1, single(CameraMove.LOCKED, 0))
    assert verdicts(store, asked(store, halves[0], still, engine="diffusers"))["seam-speed"] != "FAIL"


def test_light_that_was_asked_to_change_is_no_fault_of_the_seam(tmp_path: Path, halves: tuple[Meter, Meter]) -> None:
    store = LocalFolderStore(tmp_path)
    lit = single(CameraMove.PAN_LEFT, 0.8, Air(Atmosphere.FLICKER, 0.5))
    check = found(store, asked(store, *halves, motion=lit))["seam-colour"]
    assert check.verdict is Verdict.NOT_MADE
    assert "flicker" in check.says
    wide, usual = found(store, asked(store, *halves, motion=lit)), found(store, asked(store, *halves))
    assert wide["seam-step"].limits is not None
    assert usual["seam-step"].limits is not None
    assert wide["seam-step"].limits.bad > usual["seam-step"].limits.bad


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("engine", "magic", "engine"),
        ("size", 32, "begin.size"),
        ("size", 8, "begin.size.width_px"),
        ("speed", 3, "end.speed_percent_per_s"),
        ("rate", 0, "frame_rate.numerator"),
        ("nan", 0, "end.speed_percent_per_s[0]"),
    ],
)
def test_what_is_wrong_is_named(
    tmp_path: Path, halves: tuple[Meter, Meter], field: str, value: object, named: str
) -> None:
    request = asked(LocalFolderStore(tmp_path), *halves)
    match field:
        case "engine":
            request.engine = str(value)
        case "size":
            request.begin.size.width_px = int(str(value))
        case "speed":
            del request.end.speed_percent_per_s[3:]
        case "nan":
            request.end.speed_percent_per_s[0] = np.nan
        case _:
            request.frame_rate.numerator = 0
    with pytest.raises(InvalidInput) as raised:
        decode_seam(request)
    assert raised.value.metadata["field"] == named
