"""What moves a layer's own picture: water, leaves, cloth and clouds."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest

from firstframe.core.media import HeroPicture, LayerImage, LayerRole
from firstframe.core.motion import Air, Atmosphere, Repeat
from firstframe.imaging.air import water
from firstframe.imaging.air.base import Sheet
from firstframe.imaging.air.looking import LEAST_CONFIDENCE, find_foliage, find_sky, find_water
from firstframe.imaging.air.regions import spread
from firstframe.imaging.air.sea import GRAVITY, Sea
from firstframe.imaging.air.surfaces import surfaces
from firstframe.imaging.air.sway import FOLIAGE, _parted, _patches, answered, gusts, root_of
from firstframe.imaging.air.whereabouts import known_regions, subject_levels, whereabouts
from support.airs import frames_of, garden


def sea(period_s: float | None = None) -> Sea:
    return Sea(64, 6.0, 3.0, (1.0, 0.0), np.random.default_rng(3), period_s, longest=0.5, shortest=0.05)


def test_waves_run_as_fast_as_gravity_has_it() -> None:
    """The phase of one component turns by √(g·k) in a second."""
    waves = sea()
    k = 2 * np.pi * 3 / 6.0
    assert waves.omega[0, 3] == pytest.approx(np.sqrt(GRAVITY * k))


def test_waves_of_a_loop_close_and_have_a_unit_of_slope() -> None:
    looped, free = sea(4.0), sea()
    for one, other in zip(looped.slopes(0.0), looped.slopes(4.0), strict=True):
        assert one == pytest.approx(other, abs=1e-4)
    assert not np.allclose(free.slopes(0.0)[0], free.slopes(4.0)[0], atol=1e-2)
    assert np.hypot(*free.slopes(0.0)).std() == pytest.approx(1, abs=1e-3)
    turns = looped.omega * 4.0 / (2 * np.pi)
    assert turns == pytest.approx(np.round(turns))


def test_a_light_wind_has_more_in_slow_gusts_and_a_twig_answers_at_its_own_pace() -> None:
    hertz = np.geomspace(0.1, 4, 200)
    assert (np.diff(gusts(hertz)) < 0).all()
    ratio = gusts(np.array([20.0])) / gusts(np.array([40.0]))
    assert float(ratio[0]) == pytest.approx(2 ** (5 / 3), rel=0.02)
    answer = answered(hertz, 1.0) / gusts(hertz)
    assert hertz[np.argmax(answer)] == pytest.approx(1.0, rel=0.05)


def test_a_piece_is_held_where_it_comes_from() -> None:
    mask = np.zeros((100, 160), bool)
    mask[30:60, 70:80] = True
    assert root_of(mask, hanging=False) == pytest.approx((74.5, 59), abs=1)
    assert root_of(mask, hanging=True) == pytest.approx((74.5, 30), abs=1)
    mask[40:44, 80:] = True
    assert root_of(mask, hanging=False) == pytest.approx((159, 41.5), abs=1.5)
    mask[60:, 70:80] = True
    assert root_of(mask, hanging=False) == pytest.approx((74.5, 99), abs=1.5)


def test_leaves_sway_more_the_farther_they_are_from_their_root() -> None:
    hero = garden()
    frames = frames_of(hero, Air(Atmosphere.FOLIAGE, 1.0), count=36)
    columns = np.arange(192)

    def middle(frame: np.ndarray, rows: slice) -> float:
        """Of the green stem, in columns."""
        green = np.clip(frame[rows, :60, 1] - frame[rows, :60, 0] - 4000, 0, None).sum(0)
        return float((green * columns[:60]).sum() / green.sum())

    upper = [middle(frame, slice(42, 50)) for frame in frames]
    lower = [middle(frame, slice(96, 104)) for frame in frames]
    assert np.ptp(upper) > 0.8
    assert np.ptp(upper) > 3 * np.ptp(lower)


def test_what_is_cut_out_and_what_is_behind_give_the_whole_again() -> None:
    rng = np.random.default_rng(1)
    rgba = np.dstack([cv2.GaussianBlur(rng.uniform(0, 255, (60, 80, 3)), (0, 0), 3), np.full((60, 80), 255.0)])
    rgba = rgba.astype(np.uint8)
    region = np.zeros((60, 80), np.float32)
    region[20:50, 30:45] = 1
    region = cv2.blur(region, (3, 3))
    behind, moving = _parted(Sheet(0, rgba), region)
    over = moving.rgba[..., 3:] / 255
    whole = moving.rgba[..., :3] * over + behind.rgba[..., :3] * (1 - over)
    assert np.abs(whole - rgba[..., :3]).max() < 12
    assert np.abs(whole - rgba[..., :3]).mean() < 0.3
    assert (behind.rgba[..., 3] == 255).all()
    alone = _parted(Sheet(0, rgba), np.ones((60, 80), np.float32))
    assert len(alone) == 1


def best_shift(one: np.ndarray, other: np.ndarray) -> int:
    """By how many columns the second is shifted to the right."""
    wide = 8
    middle = one[:, wide:-wide]
    misses = [
        np.abs(middle - other[:, wide + shift : other.shape[1] - wide + shift]).mean()
        for shift in range(-wide, wide + 1)
    ]
    return int(np.argmin(misses)) - wide


def test_a_current_carries_the_water_along_and_ripples_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without waves there is nothing but the current, and none where nobody says which way."""
    monkeypatch.setattr(water, "_THROW", 0.0)
    monkeypatch.setattr(water, "_GLINT", 0.0)
    hero = garden()

    def shift(direction: float | None, index: int) -> int:
        frames = frames_of(hero, Air(Atmosphere.WATER, 1.0, direction_deg=direction), count=24, rate=24)
        one, other = (frames[at][88:104, 110:180, 1] for at in (0, index))
        return best_shift(one, other)

    assert (shift(0.0, 4), shift(180.0, 4)) == (1, -1)
    assert shift(None, 4) == 0


def test_clouds_drift_where_they_are_told_to() -> None:
    hero = garden()
    for direction, sign in ((0.0, 1), (180.0, -1)):
        frames = frames_of(hero, Air(Atmosphere.CLOUDS, 1.0, direction_deg=direction), count=24, rate=12)
        one, other = (frames[index][4:26, 60:180, 1] for index in (0, 12))
        assert sign * best_shift(one, other) > 1


def test_a_clear_sky_gets_cirrus_slowly() -> None:
    hero = garden()
    layer = hero.layers.layers[0]
    layer.rgba[:55, :, :3] = (90, 130, 200)
    hero.image[:43] = np.where(hero.objects[:43, :, None] == 0, np.array([90, 130, 200]), hero.image[:43])  # type: ignore[index]
    frames = frames_of(hero, Air(Atmosphere.CLOUDS, 1.0), count=48)
    early, late = (np.abs(frames[index][:40] - frames[0][:40]).mean() for index in (4, 40))
    assert 0 < early < 0.3 * late
    assert 16 < late / 257 < 30, "levels: seen, and not overcast"
    assert np.abs(frames[40][60:] - frames[0][60:]).max() <= 257


def test_a_loop_of_water_goes_on_where_it_began() -> None:
    """In the middle of a loop it moves as much as at its ends: it does not calm down for the seam."""
    hero = garden()
    frames = frames_of(hero, Air(Atmosphere.WATER, 1.0), count=36, repeat=Repeat.LOOP)
    changes = [np.abs(one - other)[70:].mean() for one, other in pairwise(frames[1:])]
    assert min(changes) > 0.3 * max(changes)


def test_regions_go_behind_what_hides_them_and_leave_the_subject_out() -> None:
    hero = garden()
    assert hero.objects is not None
    lake = (hero.objects == 1).astype(np.float32)
    background, plant, subject = spread(lake, hero, subject_too=False)
    assert background[-1].min() == 1
    assert background[12 + 70, 12 + 96] > 0.9, "behind the disc"
    assert plant.max() == 0
    assert not subject.any()
    assert background[:40].max() == 0


def test_what_lies_over_everything_leaves_the_subject_s_own_layer_out_unless_it_may_be_in_it() -> None:
    hero = garden()
    everywhere = np.ones(hero.image.shape[:2], np.float32)
    for subject_too in (False, True):
        *_, subject = spread(everywhere, hero, subject_too=subject_too)
        assert subject.max() == float(subject_too)


def test_places_are_found_by_name() -> None:
    hero = garden()
    assert whereabouts(Atmosphere.MIST, "", None, hero).levels is None
    for kind, region, number in (
        (Atmosphere.WATER, "", 1),
        (Atmosphere.RAIN, "hills", 2),
        (Atmosphere.FOLIAGE, "", 3),
        (Atmosphere.DUST, "sky", 0),
    ):
        levels = whereabouts(kind, region, None, hero).levels
        assert levels is not None
        inside = hero.objects == number
        assert levels[inside].mean() > 0.95
        assert levels[~inside].mean() < 0.05
    assert not whereabouts(Atmosphere.CLOTH, "body", None, hero).missing
    assert whereabouts(Atmosphere.CLOTH, "body", None, hero).subject_too
    assert whereabouts(Atmosphere.CLOTH, "", None, hero).missing.startswith(
        "no cloth was found; give a hero with cloth, a mask"
    )
    everything = np.full((108, 192), 255, np.uint8)
    levels = whereabouts(Atmosphere.WATER, "", everything, hero).levels
    assert levels is not None
    assert (levels[subject_levels(hero) == 1] == 0).all()


def test_what_the_owner_has_drawn_goes_before_what_is_found() -> None:
    left, right = np.zeros((108, 192), np.uint8), np.zeros((108, 192), np.uint8)
    left[70:, :60], right[:, 120:] = 255, 255
    hero = replace(garden(), regions={"water": left, "sky": right, "steps": right, "flicker": right, "mist": 0 * left})
    assert set(known_regions(hero)) >= {"water", "sky", "steps", "hills 0", "subject"}
    for kind, region, mask in (
        (Atmosphere.WATER, "", left),
        (Atmosphere.CLOUDS, "", right),
        (Atmosphere.RAIN, "steps", right),
        (Atmosphere.CAUSTICS, "water", left),
        (Atmosphere.DUST, "sky", right),
    ):
        levels = whereabouts(kind, region, None, hero).levels
        assert levels is not None
        assert (levels[subject_levels(hero) == 0] == (mask / 255)[subject_levels(hero) == 0]).all(), kind
    assert whereabouts(Atmosphere.FOLIAGE, "", None, hero).levels is not None, "its own name is not drawn"
    given = whereabouts(Atmosphere.WATER, "", right, hero).levels
    assert given is not None
    assert given[80, 10] == 0, "a mask of the motion's goes before the hero's"
    assert whereabouts(Atmosphere.MIST, "", None, hero).missing == "the mask is empty"


def test_light_that_is_drawn_may_fall_on_the_subject_and_what_moves_may_not() -> None:
    everything = np.full((108, 192), 255, np.uint8)
    hero = replace(garden(), regions={"flicker": everything, "water": everything})
    lamp, water = (whereabouts(kind, "", None, hero) for kind in (Atmosphere.FLICKER, Atmosphere.WATER))
    inside = subject_levels(hero) == 1
    assert lamp.levels is not None
    assert water.levels is not None
    assert (lamp.subject_too, water.subject_too) == (True, False)
    assert (lamp.levels[inside] == 1).all()
    assert (water.levels[inside] == 0).all()


def landscape() -> np.ndarray:
    """Blue sky over brown ground."""
    rows = np.linspace(0, 1, 180)[:, None, None]
    picture = np.where(rows < 0.45, np.array([120, 160, 215]) + 60 * rows, np.array([110, 80, 50]))
    noise = np.random.default_rng(2).normal(0, 14, (180, 320, 1)) * (rows > 0.45)
    return np.clip(np.broadcast_to(picture, (180, 320, 3)) + noise, 0, 255).astype(np.uint8)


def test_a_sky_needs_ground_that_has_structure_is_no_brighter_and_all_along_the_lower_edge() -> None:
    """A drawing in flat colours, blue above snow, and a plain backdrop behind a thing are none."""
    picture = landscape()
    drawing = picture.copy()
    drawing[81:] = (110, 80, 50)
    snow = picture.copy()
    snow[81:] = np.clip(picture[81:].astype(int) + 150, 0, 255)
    backdrop = np.broadcast_to(picture[:1], picture.shape).copy()
    backdrop[70:, 60:260] = picture[81:120].repeat(3, 0)[:110, 60:260]
    for wrong in (drawing, snow, backdrop):
        assert find_sky(np.ascontiguousarray(wrong))[1] < LEAST_CONFIDENCE


def test_a_sky_is_found_in_a_photograph_and_a_wall_is_none() -> None:
    levels, confidence = find_sky(landscape())
    assert confidence > LEAST_CONFIDENCE
    assert levels[:70].mean() > 0.95
    assert levels[95:].mean() < 0.02
    wall = np.full((180, 320, 3), 200, np.uint8)
    wall[100:, 100:200] = 60
    assert find_sky(wall)[1] < LEAST_CONFIDENCE
    assert find_sky(landscape()[::-1].copy())[1] < LEAST_CONFIDENCE


def test_water_and_leaves_are_found_in_photographs_that_have_them() -> None:
    lake = landscape()
    rng = np.random.default_rng(5)
    lines = cv2.GaussianBlur(rng.normal(0, 60, (80, 320)), (0, 0), sigmaX=9, sigmaY=0.7)
    lake[100:] = np.clip(np.array([110, 150, 205]) + 2.2 * lines[..., None], 0, 255).astype(np.uint8)
    lake[81:100] = (60, 50, 40)
    levels, confidence = find_water(lake)
    assert confidence > LEAST_CONFIDENCE
    assert levels[110:].mean() > 0.7
    assert levels[:70].mean() < 0.02
    assert find_water(landscape())[1] < LEAST_CONFIDENCE
    meadow = landscape()
    leaves = cv2.GaussianBlur(rng.normal(0, 260, (99, 320)), (0, 0), 2.0)
    meadow[81:] = np.clip(np.array([60, 130, 30]) + leaves[..., None], 0, 255).astype(np.uint8)
    assert find_foliage(meadow)[1] > LEAST_CONFIDENCE
    assert find_foliage(landscape())[1] < LEAST_CONFIDENCE
    green_wall = np.full((180, 320, 3), (120, 150, 110), np.uint8)
    assert find_foliage(green_wall)[1] < LEAST_CONFIDENCE


def soft_garden() -> HeroPicture:
    """A garden whose plant is out of focus, with a stone in the lake that has a layer of its own and water around it."""
    hero = garden()
    assert hero.objects is not None
    background, plant, disc = hero.layers.layers
    blurred = cv2.GaussianBlur(plant.rgba[..., 3], (0, 0), 4.0)
    plant = replace(plant, rgba=np.dstack([plant.rgba[..., :3], blurred]))
    stone = background.rgba.copy()
    stone[..., 3] = 0
    stone[12 + 80 : 12 + 100, 12 + 120 : 12 + 180, 3] = 255
    objects = hero.objects.copy()
    objects[86:94, 140:160] = 5
    layers = (background, LayerImage(LayerRole.MIDGROUND, stone, 2.5), plant, disc)
    return replace(
        hero, layers=replace(hero.layers, layers=layers), objects=objects, object_names=(*hero.object_names, "stone")
    )


def test_water_has_no_holes_where_another_layer_has_most_of_it_or_an_edge_is_soft() -> None:
    hero = soft_garden()
    assert hero.objects is not None
    background, stone, _, _ = spread((hero.objects == 1).astype(np.float32), hero, subject_too=False)
    assert background[12 + 66 : -12, 12:-12].min() > 0.9, "all of the lake, also behind the plant and the stone"
    assert stone[12 + 81, 12 + 130] == 1
    assert stone[12 + 90, 12 + 150] == 0


def test_depth_of_what_is_out_of_focus_is_not_taken_for_what_is_behind_it() -> None:
    hero = soft_garden()
    assert hero.objects is not None
    near = np.where(hero.objects == 3, 50000, 15000).astype(np.uint16)
    background = surfaces(replace(hero, inverse_depth=near), 358.0)[0][..., 2]
    assert background.max() < 1.1 * background.min()


def test_far_water_is_thrown_less_than_near_water() -> None:
    """What is mirrored goes up and down by less than waves are high on the picture, near the horizon as well."""
    hero = garden(height=324, width=576, bleed=36)
    moved, still = frames_of(hero, Air(Atmosphere.WATER, 1.0))[-1], frames_of(hero)[-1]
    change = np.abs(moved - still).mean((1, 2))
    far, near = change[205:230].mean(), change[290:315].mean()
    assert 0 < far < 0.3 * near


def test_a_soft_region_is_parted_without_a_trace_whatever_is_beside_it() -> None:
    """A dark meadow below a white sky, its mask soft: what stands and what sways give the picture again."""
    picture = np.full((120, 160, 4), (250, 250, 250, 255), np.uint8)
    picture[40:] = (20, 60, 10, 255)
    region = np.repeat(np.clip((np.arange(120) - 30) / 30, 0, 1)[:, None], 160, 1).astype(np.float32)
    stands, sways = (sheet.rgba.astype(float) for sheet in _parted(Sheet(0, picture), region))
    alpha = sways[..., 3:] / 255
    again = stands[..., :3] * (1 - alpha) + sways[..., :3] * alpha
    assert np.abs(again - picture[..., :3]).max() < 3


@pytest.mark.parametrize("kind", [Atmosphere.WATER, Atmosphere.CLOUDS, Atmosphere.FOLIAGE, Atmosphere.CLOTH])
@pytest.mark.parametrize("pane", [True, False])
def test_what_is_seen_through_rests(kind: Atmosphere, pane: bool) -> None:
    """A pane before everything, or a window in a wall: of what is drawn there nothing can be moved by itself."""
    hero = garden()
    drawn = np.zeros(hero.image.shape[:2], np.uint8)
    drawn[60:100, 20:90] = 255
    glass = hero.layers.layers[0].rgba.copy()
    glass[..., 3] = 140 if pane else 255
    glass[12 + 50 : 12 + 106, 12 + 10 : 12 + 100, 3] = 140
    layers = (hero.layers.layers[0], LayerImage(LayerRole.MIDGROUND, glass, 2.5))
    hero = replace(hero, layers=replace(hero.layers, layers=layers), objects=None, object_names=())
    moved, still = frames_of(hero, Air(kind, 1.0), masks=(drawn,)), frames_of(hero)
    assert np.array_equal(moved[-1], still[-1])


@pytest.mark.parametrize("side", [1, 4])
def test_leaves_flutter_in_patches_of_the_picture_not_of_pixels(side: int) -> None:
    field = _patches((27 * side, 48 * side), FOLIAGE.patch * 216 * side / 8, np.random.default_rng(1))
    rough = float(np.abs(np.diff(field, axis=1)).mean()) * side
    assert rough == pytest.approx(0.24, rel=0.3)
