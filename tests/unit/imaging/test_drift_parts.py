"""The parts of the drift meter: series, ways, looks, flow, the small hero."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from firstframe.core.media import HeroPicture, PixelSize
from firstframe.core.motion import Air, Atmosphere, CameraMove, EffectKind
from firstframe.core.verdict import Limits
from firstframe.imaging.drift import looks, miniature
from firstframe.imaging.drift.asked import Asked
from firstframe.imaging.drift.flow import FlowMeter, fit_camera, left_over
from firstframe.imaging.drift.miniature import STILL, Miniature, Seen, affine_of, joined, small_frame, small_size
from firstframe.imaging.drift.moving import Moving, moving_of
from firstframe.imaging.drift.rule import widened
from firstframe.imaging.drift.series import Lasting, LongestRun, Trembling, Trend, Worst
from firstframe.imaging.drift.way import Points, Way
from support.broken_clips import shot, textured_hero

HERO = textured_hero()


def test_trembling_sees_swings_and_neither_speed_nor_rest() -> None:
    steady, shaken, slow = Trembling(24), Trembling(24), Trembling(24)
    for index in range(48):
        time_s = index / 24
        steady.add(np.array([3.0 * time_s]))
        shaken.add(np.array([np.sin(2 * np.pi * 2 * time_s)]))
        slow.add(np.array([np.sin(2 * np.pi * 0.1 * time_s)]))
    assert steady.rms == pytest.approx(0, abs=1e-9)
    assert shaken.rms == pytest.approx(1.04, abs=0.15)
    assert slow.rms is not None
    assert float(slow.rms[0]) < 0.01


def test_trembling_of_one_or_two_frames_is_not_known() -> None:
    trembling = Trembling(24)
    trembling.add(np.zeros(2))
    trembling.add(np.zeros(2))
    assert trembling.rms is None


def test_a_trend_is_the_slope_of_the_line() -> None:
    trend = Trend()
    for index in range(10):
        assert index > 2 or trend.slope is None
        trend.add(index / 5, np.array([1 + 0.7 * index / 5, -2.0]))
    assert trend.slope == pytest.approx([0.7, 0.0])


def test_what_lasts_counts_and_what_flashes_does_not() -> None:
    lasting = Lasting(10, 0.2)
    figures = [float(lasting.add(np.array(value))) for value in (0, 1, 0, 1, 1, 1, 1, 1)]
    assert figures[1] < 0.5
    assert figures[-1] > 0.8


def test_the_worst_is_kept_with_its_time_and_what_is_no_number_is_not() -> None:
    worst = Worst()
    for time_s, figure in ((0.0, 1.0), (1.0, 3.0), (2.0, float("nan")), (3.0, 2.0)):
        worst.add(time_s, figure)
    assert (worst.value, worst.time_s) == (3.0, 1.0)


def test_the_longest_run_is_found() -> None:
    run = LongestRun(10)
    for index, holds in enumerate([True, False, True, True, True, False, True]):
        run.add(index / 10, holds)
    assert run.seconds == pytest.approx(0.3)
    assert run.ended_s == pytest.approx(0.4)


def line(speed: float, frames: int = 12) -> list[np.ndarray]:
    return [np.array([[speed * index, 0.0]]) for index in range(frames)]


def walked(asked: list[np.ndarray], delivered: list[np.ndarray], *, exact: bool = True) -> Way:
    way = Way(12, exact=exact)
    for index, (one, other) in enumerate(zip(asked, delivered, strict=True)):
        way.add(index / 12, one, other)
    return way


def test_a_way_tells_amount_direction_and_distance() -> None:
    way = walked(line(0.1), line(0.05))
    assert way.amount == pytest.approx(50)
    assert way.angle_deg == pytest.approx(0, abs=1e-3)
    assert way.off.value == pytest.approx(0.55)
    assert walked(line(0.1), line(-0.1)).angle_deg == pytest.approx(180)
    assert walked(line(0.1), [np.array([[0.0, 0.1 * index]]) for index in range(12)]).angle_deg == pytest.approx(90)
    assert walked(line(0), line(0.1)).amount is None


def test_a_jump_is_a_step_that_was_not_asked_for() -> None:
    broken = line(0.1)
    for index in range(6, 12):
        broken[index] = broken[index] + 0.5
    assert walked(line(0.1), broken).jump.value == pytest.approx(np.hypot(0.5, 0.5))
    assert walked(line(0.1), broken).jump.time_s == pytest.approx(0.5)
    assert walked(line(0.1), broken, exact=False).jump.value == pytest.approx(np.hypot(0.5, 0.5))
    assert walked(line(0.1), line(0.1), exact=False).jump.value == pytest.approx(0)


def test_a_standstill_counts_only_while_motion_is_asked_for() -> None:
    stuck = [np.array([[0.1 * min(index, 4), 0.0]]) for index in range(12)]
    assert walked(line(0.1), stuck).frozen.seconds == pytest.approx(5 / 12, abs=0.1)
    assert walked(stuck, stuck).frozen.seconds == 0


def test_points_move_with_their_layer() -> None:
    points = Points((0, 1), np.array([[10.0, 0.0], [10.0, 0.0]]), 100)
    grown = np.array([[1.1, 0, 2], [0, 1.1, 0]])
    assert points.moved([STILL, grown]) == pytest.approx(np.array([[0, 0], [3, 0]]))


def test_the_small_hero_is_what_the_engine_renders() -> None:
    frames, asked = shot(HERO, CameraMove.ORBIT, 0.8, frames=12, rate=12).take()
    small = Miniature(HERO)
    assert asked.views is not None
    for index, frame in enumerate(frames):
        seen = small.seen([affine_of(view, small.scale) for view in asked.views(index)])
        off = np.abs(seen.rgb - small_frame(frame, small.size))
        assert float(off.mean()) < 1.5
    assert small.nearness == pytest.approx([0, 0.4607, 1], abs=1e-3)
    assert float(seen.subject.max()) == pytest.approx(1)
    assert float(seen.known.min()) == pytest.approx(1, abs=1e-3)


def test_small_sizes_keep_the_ratio_and_never_grow() -> None:
    assert small_size(PixelSize(1920, 1080)) == PixelSize(320, 180)
    assert small_size(PixelSize(1080, 1920)) == PixelSize(180, 320)
    assert small_size(PixelSize(200, 100)) == PixelSize(200, 100)


def moved(seen: Seen, matrix: np.ndarray) -> np.ndarray:
    """The picture under a map from the middle."""
    middle = np.array([(seen.rgb.shape[1] - 1) / 2, (seen.rgb.shape[0] - 1) / 2])
    whole = matrix.copy()
    whole[:, 2] += middle - matrix[:, :2] @ middle
    size = (seen.rgb.shape[1], seen.rgb.shape[0])
    return cv2.warpAffine(seen.rgb, whole, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)


def test_the_camera_is_found_and_what_no_camera_explains_is_left_over() -> None:
    small = Miniature(HERO)
    seen = small.seen([STILL] * 3)
    camera = np.array([[1.004, 0.002, 0.8], [-0.002, 1.004, -0.4]])
    frame = moved(seen, camera)
    evidence = FlowMeter().between(seen, frame, seen.known)
    error = fit_camera(evidence, depth=True)
    assert error.of_layer(0.0) == pytest.approx(camera, abs=0.08)
    rest, sure = left_over(evidence, error, 2)
    assert float(np.hypot(*np.moveaxis(rest, -1, 0))[sure > 0.5].max()) < 0.15

    rows, columns = frame.shape[:2]
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    bump = 1.5 * np.exp(-(((x - 55) / 20) ** 2) - ((y - 55) / 20) ** 2)
    bent = cv2.remap(frame, x - bump, y, cv2.INTER_CUBIC)
    evidence = FlowMeter().between(seen, bent, seen.known)
    rest, sure = left_over(evidence, fit_camera(evidence, depth=True), 2)
    assert rest[3, 3, 0] == pytest.approx(1.0, abs=0.35)
    assert float(np.abs(rest[-2, -4]).max()) < 0.2


def test_where_nothing_is_trusted_nothing_is_made_up() -> None:
    small = Miniature(HERO)
    seen = small.seen([STILL] * 3)
    evidence = FlowMeter().between(seen, moved(seen, np.array([[1, 0, 2.0], [0, 1, 0]])), np.zeros_like(seen.known))
    error = fit_camera(evidence, depth=True)
    assert error.parameters == pytest.approx(np.zeros(9))
    rest, sure = left_over(evidence, error, 2)
    assert float(np.abs(rest).max()) == 0
    assert float(sure.max()) == 0


def test_maps_join_in_order() -> None:
    grow, move = np.array([[2.0, 0, 0], [0, 2, 0]]), np.array([[1.0, 0, 3], [0, 1, 0]])
    assert joined(grow, move)[:, 2] == pytest.approx([6, 0])
    assert joined(move, grow)[:, 2] == pytest.approx([3, 0])


def test_structure_ignores_light_and_sees_another_picture() -> None:
    grey = looks.grey_of(HERO.image.astype(np.float32))
    same = looks.structure(grey, 0.8 * grey + 12)
    assert float(same.alike[same.told > 0.5].min()) > 0.97
    other = looks.structure(grey, np.ascontiguousarray(grey[:, ::-1]))
    assert float(np.median(other.alike[other.told > 0.5])) < 0.4


def test_tiles_average_where_there_is_weight() -> None:
    plane = np.zeros((40, 60, 1), np.float32)
    plane[:10, :10] = 5
    weight = np.ones((40, 60), np.float32)
    weight[30:, 50:] = 0
    means = looks.tile_means(plane, weight)
    assert means.shape == (24, 1)
    assert means[0, 0] == pytest.approx(5)
    assert means[1, 0] == pytest.approx(0)
    assert np.isnan(means[23, 0])


def test_a_frame_is_made_small_in_halves_as_it_is_at_once() -> None:
    rng = np.random.default_rng(4)
    frame = rng.integers(0, 65536, (360, 640, 3), np.uint16)
    size = PixelSize(80, 45)
    means = frame.reshape(45, 8, 80, 8, 3).mean(axis=(1, 3)) * (255 / 65535)
    assert small_frame(frame, size) == pytest.approx(means, abs=0.01)
    bytes_ = (frame >> 8).astype(np.uint8)
    assert small_frame(bytes_, size) == pytest.approx(bytes_.reshape(45, 8, 80, 8, 3).mean(axis=(1, 3)), abs=0.51)
    odd = small_frame(frame[:359], size)
    assert odd.shape == (45, 80, 3)


def test_a_layer_made_small_keeps_colours_that_nothing_shows_out() -> None:
    rgba = np.zeros((64, 64, 4), np.uint8)
    rgba[..., 0] = 255
    rgba[:, 32:] = (0, 40, 80, 255)
    rgba[:, 24:32] = (200, 40, 80, 128)
    small = miniature._premultiplied(rgba, (8, 8))
    assert small[:, 4:] == pytest.approx(np.broadcast_to(np.array([0, 40, 80, 1], np.float32), (8, 4, 4)), abs=0.02)
    assert small[0, 3] == pytest.approx(np.array([200, 40, 80, 1]) * 128 / 255, abs=0.02)
    assert np.all(small[:, :3] == 0)


def test_an_echo_is_as_strong_as_the_copy() -> None:
    grey = looks.grey_of(HERO.image.astype(np.float32))
    copy = np.roll(grey, (2, 7), (0, 1))
    assert looks.Echo(grey.shape, 1).add(grey, grey) < 5
    assert looks.Echo(grey.shape, 1).add(grey, 0.75 * grey + 0.25 * copy) == pytest.approx(100 / 3, abs=8)


def test_of_a_picture_without_detail_no_echo_is_told() -> None:
    black = np.zeros((144, 256), np.float32)
    assert np.isnan(looks.Echo(black.shape, 1).add(black, black))
    grey = looks.grey_of(HERO.image.astype(np.float32))
    echo = looks.Echo(grey.shape, 0.5)
    echo.add(np.zeros_like(grey), np.zeros_like(grey))
    assert echo.add(grey, grey) < 5, "what comes up out of black is told"


def test_what_is_like_itself_shifted_is_no_echo() -> None:
    x = np.arange(256, dtype=np.float32)
    panels = np.broadcast_to(128 + 60 * np.sign(np.sin(2 * np.pi * x / 12)), (144, 256)).astype(np.float32)
    fence = panels + np.random.default_rng(1).normal(0, 3, panels.shape).astype(np.float32)
    assert looks.Echo(fence.shape, 1).add(fence, fence) == pytest.approx(0, abs=1e-3)
    ghost = 0.7 * fence + 0.3 * np.roll(fence, (4, 5), (0, 1))
    assert looks.Echo(fence.shape, 1).add(fence, ghost) > 25


def moving(hero: HeroPicture, *airs: Air, exact: bool = True) -> Moving:
    return moving_of(hero, Asked(exact=exact, airs=airs), small_size(hero.size))


def test_what_may_move_is_what_the_engine_moves() -> None:
    linen = np.zeros(HERO.image.shape[:2], np.uint8)
    linen[110:, :80] = 1
    table = replace(HERO, objects=linen, object_names=("linen",))
    cloth = moving(table, Air(Atmosphere.CLOTH))
    assert cloth.region is not None
    assert cloth.region[140, 10] == 1
    assert cloth.region[10, 200] == 0
    assert not cloth.everywhere
    drawn = replace(HERO, regions={"cloth": 255 * linen})
    assert np.array_equal(moving(drawn, Air(Atmosphere.CLOTH)).region, cloth.region)  # type: ignore[arg-type]


def test_where_an_engine_finds_no_place_nothing_may_move_and_a_learned_model_may_move_anything() -> None:
    assert (moving(HERO, Air(Atmosphere.CLOTH)).region, moving(HERO, Air(Atmosphere.CLOTH)).everywhere) == (None, False)
    assert moving(HERO, Air(Atmosphere.CLOTH), exact=False).everywhere


def test_a_dancer_takes_more_of_the_picture_out_than_who_stands() -> None:
    seen, size = Miniature(HERO).seen([STILL] * 3), small_size(HERO.size)
    dance, stand = (moving_of(HERO, Asked(effect=kind), size) for kind in (EffectKind.DANCE, EffectKind.HERITAGE))
    assert dance.still(seen).mean() < 0.6 * stand.still(seen).mean()
    assert dance.still(seen)[:, 0].max() == 1


def test_edges_are_compared_with_what_ought_to_be_there() -> None:
    seen = Miniature(HERO).seen([STILL] * 3)
    lab = looks.lab_of(seen.rgb)
    broken = HERO.image.copy()
    broken[-1:] = 0
    lines = looks.outer_lines(broken, lab.shape[:2])
    found = looks.lab_of(small_frame(broken, small_size(HERO.size)))
    own = looks.own_edges(HERO.image, small_frame(HERO.image, small_size(HERO.size)))
    fault = looks.edge_fault(looks.Colours(lab, found, seen.known), lines, own)
    assert fault.side == "bottom"
    assert fault.intruding > 80
    lines = looks.outer_lines(HERO.image, lab.shape[:2])
    assert looks.edge_fault(looks.Colours(lab, lab, seen.known), lines, own).intruding == 0


def test_a_dark_border_of_the_hero_itself_is_no_fault_of_its_clip() -> None:
    scan = HERO.image.copy()
    scan[:60, 0] = 0
    small = small_frame(scan, PixelSize(64, 36))
    lab, own = looks.lab_of(small), looks.own_edges(scan, small)
    assert own["left"] == pytest.approx(60 / 144, abs=0.05)
    colours = looks.Colours(lab, lab, np.ones(lab.shape[:2], np.float32))
    assert looks.edge_fault(colours, looks.outer_lines(scan, (36, 64)), own).intruding == 0
    scan[:, 0] = 0
    assert looks.edge_fault(colours, looks.outer_lines(scan, (36, 64)), own).intruding > 40


def test_edges_that_were_drawn_out_lack_the_grain_of_the_hero() -> None:
    smear = looks.Smear(HERO.image)
    assert smear.share(HERO.image)[0] == 0
    half = HERO.image.copy()
    half[: len(half) // 2, 0] = half[: len(half) // 2, 1]
    assert smear.share(half)[0] == 0, "half of an edge is not drawn out"
    broken = HERO.image.copy()
    broken[:, :4] = broken[:, 4:5]
    assert smear.share(broken) == (100.0, "left")
    assert looks.Smear(np.full((20, 30, 3), 90, np.uint8)).share(np.full((20, 30, 3), 90, np.uint8)) == (0.0, "")


def test_limits_widen_away_from_what_is_best() -> None:
    high, low = Limits(95.0, 91.0, "%", 0, higher_is_better=True), Limits(0.1, 0.2, "%", 2, higher_is_better=False)
    assert (widened(high, 2).good, widened(high, 2).bad) == (90, 82)
    assert (widened(low, 2).good, widened(low, 2).bad) == (0.2, 0.4)
    assert widened(low, 1) is low
