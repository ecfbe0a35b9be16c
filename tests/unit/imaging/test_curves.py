"""Eases, curves through keys, and the time of clips that repeat."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstframe.core.motion import CameraMove, CameraPhase, Ease, Keyframe, Repeat
from firstframe.imaging.curves import EASES, chain_time, curve_of, through

SHARES = np.linspace(0, 1, 481)


def speeds(way: object) -> np.ndarray:
    done = np.array([way(float(share)) for share in SHARES])  # type: ignore[operator]
    return np.diff(done) * (len(SHARES) - 1)


@pytest.mark.parametrize("ease", list(Ease))
def test_an_ease_goes_all_the_way_and_never_back(ease: Ease) -> None:
    way = EASES[ease]
    assert (way(0.0), way(1.0)) == pytest.approx((0, 1))
    assert (speeds(way) > 0).all()
    curve = curve_of(CameraPhase(CameraMove.PUSH, ease=ease))
    assert curve.begins_at_rest == (speeds(way)[0] < 0.01)
    assert curve.ends_at_rest == (speeds(way)[-1] < 0.01)
    assert curve.top_speed == pytest.approx(speeds(way).max(), rel=1e-3)
    assert np.abs(np.diff(speeds(way))).max() < 0.02


@pytest.mark.parametrize(("ease", "steady"), [(Ease.IN, slice(150, None)), (Ease.OUT, slice(0, 320))])
def test_an_ease_on_one_side_is_steady_on_the_other(ease: Ease, steady: slice) -> None:
    assert np.ptp(speeds(EASES[ease])[steady]) < 1e-9


KEYS = st.lists(
    st.tuples(st.integers(1, 100), st.floats(-1, 1)), min_size=1, max_size=16, unique_by=lambda key: key[0]
).map(lambda keys: tuple(Keyframe(at / 100, way) for at, way in sorted(keys)))


@given(KEYS)
def test_a_curve_goes_through_its_keys_and_never_beyond_them(keys: tuple[Keyframe, ...]) -> None:
    way = through(keys)
    points = [(0.0, 0.0), *((key.at, key.way) for key in keys)]
    for at, expected in points:
        assert way(at) == pytest.approx(expected, abs=1e-9)
    for (begin, low), (end, high) in pairwise(points):
        between = [way(float(share)) for share in np.linspace(begin, end, 20)]
        assert min(between) >= min(low, high) - 1e-9
        assert max(between) <= max(low, high) + 1e-9
        steps = np.diff(between) * (1 if high >= low else -1)
        assert (steps >= -1e-9).all()


def test_a_curve_is_smooth_and_begins_and_ends_at_rest() -> None:
    way = through((Keyframe(0.2, 0.1), Keyframe(0.5, 0.7), Keyframe(0.9, 1.0)))
    assert abs(speeds(way)[0]) < 0.02
    assert speeds(way)[-1] == 0
    assert np.abs(np.diff(speeds(way))).max() < 0.15
    steady = through((Keyframe(0.25, 0.25), Keyframe(0.5, 0.5), Keyframe(0.75, 0.75), Keyframe(1.0, 1.0)))
    assert steady(0.375) == pytest.approx(0.375)


def test_keys_take_the_place_of_an_ease() -> None:
    curve = curve_of(CameraPhase(CameraMove.PUSH, keys=(Keyframe(0.0, 0.0), Keyframe(0.5, 1.0), Keyframe(1.0, -0.25))))
    assert (curve.at(0.5), curve.at(1.0)) == (1.0, -0.25)
    assert (curve.lowest, curve.highest) == (-0.25, 1.0)


def test_a_clip_that_repeats_comes_back() -> None:
    assert [chain_time(share, Repeat.PING_PONG) for share in (0, 0.25, 0.5, 0.75, 1)] == [0, 0.5, 1, 0.5, 0]
    assert [chain_time(share, Repeat.LOOP) for share in (0, 0.5, 1)] == pytest.approx([0, 1, 0])
    assert chain_time(0.3, Repeat.ONCE) == 0.3
    steps = np.diff([chain_time(index / 48, Repeat.LOOP) for index in range(49)])
    assert np.abs(np.diff(steps)).max() < 0.009


@pytest.mark.parametrize(
    ("first", "last", "ease"),
    [(True, True, Ease.LINEAR), (True, False, Ease.OUT), (False, True, Ease.IN), (False, False, Ease.SMOOTH)],
)
def test_a_loop_eases_at_the_ends_of_its_chain_by_itself(first: bool, last: bool, ease: Ease) -> None:
    curve = curve_of(CameraPhase(CameraMove.PUSH), Repeat.LOOP, first=first, last=last)
    assert curve.at is EASES[ease]
    assert curve_of(CameraPhase(CameraMove.PUSH), Repeat.PING_PONG, first=first, last=last).at is EASES[Ease.SMOOTH]
