"""Atmospheres in a clip: what all of them keep."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest

from firstframe.animation.airs import MEDIA
from firstframe.animation.engines import ClipRequest
from firstframe.animation.engines.previz import PrevizAnimator
from firstframe.core.media import LayerImage, LayerRole, Severity
from firstframe.core.motion import Air, Atmosphere, CameraMove, Repeat, single
from firstframe.imaging.air.flash import MOST_PER_S, most_flashes
from support.airs import frames_of, garden
from support.animated_heroes import flat_hero, with_layers

LEVEL = 257
MOVING = (Atmosphere.WATER, Atmosphere.FOLIAGE, Atmosphere.CLOUDS, Atmosphere.CLOTH)
"""What moves a layer's own picture."""


def air(kind: Atmosphere, **changes: object) -> Air:
    """One that is found in the garden."""
    region = {Atmosphere.CLOTH: "reeds"}.get(kind, "")
    return Air(kind, **({"region": region} | changes))  # type: ignore[arg-type]


def test_there_is_one_of_every_kind() -> None:
    assert set(MEDIA) == set(Atmosphere)


@pytest.mark.parametrize("kind", Atmosphere)
def test_the_first_frame_is_the_hero_and_then_it_moves(kind: Atmosphere) -> None:
    hero = garden()
    frames = frames_of(hero, air(kind, amount=1.0))
    still = frames_of(hero)[-1]
    assert np.array_equal(frames[0], hero.image.astype(int) * LEVEL)
    assert np.abs(frames[1] - frames[0]).mean() < 6 * LEVEL
    assert (np.abs(frames[-1] - still) > 2 * LEVEL).mean() > 0.002
    assert all((one != other).any() for one, other in pairwise(frames[2:]))


@pytest.mark.parametrize("kind", Atmosphere)
def test_the_seed_decides_and_nothing_else(kind: Atmosphere) -> None:
    hero = garden()
    first, again = (frames_of(hero, air(kind), count=6)[-1] for _ in range(2))
    assert np.array_equal(first, again)
    if kind is not Atmosphere.CLOUDS:  # which drift as they are
        assert not np.array_equal(first, frames_of(hero, air(kind), count=6, seed=6)[-1])


@pytest.mark.parametrize("kind", Atmosphere)
def test_an_amount_of_nothing_is_nothing(kind: Atmosphere) -> None:
    hero = garden()
    nothing, still = frames_of(hero, air(kind, amount=0.0), count=8)[-1], frames_of(hero, count=8)[-1]
    assert np.abs(nothing - still).max() <= LEVEL


@pytest.mark.parametrize("kind", Atmosphere)
def test_a_loop_has_no_seam(kind: Atmosphere) -> None:
    """From the last frame to the first it changes by no more than between neighbours."""
    frames = frames_of(garden(), air(kind), count=36, repeat=Repeat.LOOP)
    still = frames_of(garden())[-1]
    changes = [np.abs(one - other).mean() for one, other in pairwise([still, *frames[1:]])]
    assert np.abs(frames[-1] - still).mean() <= 1.05 * max(changes) + 1


@pytest.mark.parametrize("kind", MOVING)
def test_what_moves_leaves_the_subject_and_all_else_alone(kind: Atmosphere) -> None:
    hero = garden()
    moved, still = frames_of(hero, air(kind, amount=1.0))[-1], frames_of(hero)[-1]
    changed = (moved != still).any(-1)
    disc = hero.layers.layers[2]
    assert disc.role is LayerRole.SUBJECT
    assert not changed[disc.rgba[12:-12, 12:-12, 3] == 255].any()
    number = {Atmosphere.WATER: 1, Atmosphere.CLOUDS: 0}.get(kind, 3)
    assert hero.objects is not None
    near = cv2.dilate((hero.objects == number).astype(np.uint8), np.ones((3, 3) if number < 2 else (41, 41), np.uint8))
    assert not changed[near == 0].any()


def test_the_subject_moves_when_it_is_asked_to() -> None:
    hero = garden()
    still = frames_of(hero)[-1]
    moved = frames_of(hero, Air(Atmosphere.FOLIAGE, 1.0, region="subject"))[-1]
    disc = hero.layers.layers[2].rgba[12:-12, 12:-12, 3] == 255
    assert (moved != still).any(-1)[disc].any()


@pytest.mark.parametrize("kind", [kind for kind in Atmosphere if kind not in MOVING])
def test_light_and_veils_keep_to_their_region(kind: Atmosphere) -> None:
    hero = garden()
    changed = np.abs(frames_of(hero, Air(kind, 1.0, region="water"))[-1] - frames_of(hero)[-1]).max(-1)
    assert hero.objects is not None
    far = cv2.dilate((hero.objects == 1).astype(np.uint8), np.ones((25, 25), np.uint8)) == 0
    assert changed.max() > 0
    assert changed[far].max() <= LEVEL // 8


def test_an_owner_s_mask_binds_it() -> None:
    hero = garden()
    mask = np.zeros(hero.image.shape[:2], np.uint8)
    mask[80:, 120:] = 255
    changed = (frames_of(hero, Air(Atmosphere.WATER, 1.0), masks=(mask,))[-1] != frames_of(hero)[-1]).any(-1)
    assert changed[85:, 130:].any()
    assert not changed[mask == 0].any()


def found(hero: object, *airs: Air) -> list[tuple[Severity, str, str]]:
    take = PrevizAnimator().take(ClipRequest(hero, single(CameraMove.LOCKED, 0.5, *airs), 4, 12, 0))  # type: ignore[arg-type]
    return [(finding.severity, finding.reason, finding.message) for finding in take.findings]


def test_what_has_no_place_is_left_out_and_told() -> None:
    plain = flat_hero(np.full((108, 192, 3), 90, np.uint8))
    for kind in MOVING:
        (severity, reason, message), *others = found(plain, Air(kind))
        assert (severity, reason, others) == (Severity.WARNING, "AIR_NOT_PLACED", [])
        assert f"{kind.value} is left out: no " in message
        assert "a mask" in message
        assert np.array_equal(frames_of(plain, Air(kind))[-1], frames_of(plain)[-1])
    assert (
        "'lagoon' is not in this hero, which has water, hills 0"
        in found(garden(), Air(Atmosphere.RAIN, region="lagoon"))[0][2]
    )
    assert found(garden(), *(air(kind) for kind in (Atmosphere.WATER, Atmosphere.FOLIAGE, Atmosphere.CLOUDS))) == []
    assert "no subject was found" in found(plain, Air(Atmosphere.MIST, region="subject"))[0][2]


def test_what_is_found_by_looking_is_told_with_how_sure_it_is() -> None:
    rows = np.linspace(0, 1, 108)[:, None, None]
    noise = np.random.default_rng(2).normal(0, 14, (108, 192, 1)) * (rows > 0.45)
    picture = np.where(rows < 0.45, np.array([120, 160, 215]) + 60 * rows, np.array([110, 80, 50])) + noise
    photo = flat_hero(np.clip(picture, 0, 255).astype(np.uint8))
    ((severity, reason, message),) = found(photo, Air(Atmosphere.CLOUDS))
    assert (severity, reason) == (Severity.INFO, "AIR_FOUND")
    assert re.fullmatch(
        r"clouds: found by looking, 4\d % of the picture, confidence [01]\.\d\d; draw the region `clouds` .*", message
    )
    drawn = replace(photo, regions={"sky": np.full((108, 192), 255, np.uint8)})
    assert found(drawn, Air(Atmosphere.CLOUDS)) == []


def test_several_at_once_are_all_there() -> None:
    hero = garden()
    both = frames_of(hero, Air(Atmosphere.WATER, 1.0), Air(Atmosphere.MIST, 1.0))[-1]
    one, other = frames_of(hero, Air(Atmosphere.WATER, 1.0))[-1], frames_of(hero, Air(Atmosphere.MIST, 1.0))[-1]
    assert not np.array_equal(both, one)
    assert not np.array_equal(both, other)
    still, once = frames_of(hero)[-1], frames_of(hero, Air(Atmosphere.SNOW, 1.0))[-1]
    twice = frames_of(hero, Air(Atmosphere.SNOW, 1.0), Air(Atmosphere.SNOW, 1.0))[-1]
    flakes, more = ((frame - still > LEVEL // 4).any(-1).sum() for frame in (once, twice))
    assert more > 1.4 * flakes, "the flakes of the second are elsewhere"


@pytest.mark.parametrize("kind", Atmosphere)
def test_nothing_flashes(kind: Atmosphere) -> None:
    frames = frames_of(garden(), air(kind, amount=1.0), count=60, rate=30)
    assert most_flashes((frame.astype(np.uint16) for frame in frames), 30) <= MOST_PER_S
    if kind is Atmosphere.FLICKER:
        assert most_flashes((frame.astype(np.uint16) for frame in frames), 30) == 0


def test_nearer_layers_hide_what_is_behind_them() -> None:
    """A wall stands in front of all of it: no frame shows any."""
    hero = garden()
    wall = LayerImage(LayerRole.FOREGROUND, np.full((132, 216, 4), (90, 90, 90, 255), np.uint8), 0.3)
    hidden = with_layers(hero, *hero.layers.layers, wall)
    for kind in (Atmosphere.MIST, Atmosphere.RAIN, Atmosphere.SNOW):
        assert all((frame == 90 * LEVEL).all() for frame in frames_of(hidden, Air(kind, 1.0), count=12)), kind


def test_layers_that_cannot_be_trusted_still_keep_their_subject() -> None:
    hero = garden()
    flat = replace(hero, layers=replace(hero.layers, confidence=0.1))
    changed = (frames_of(flat, Air(Atmosphere.WATER, 1.0))[-1] != frames_of(flat)[-1]).any(-1)
    assert changed.any()
    assert not changed[hero.layers.layers[2].rgba[12:-12, 12:-12, 3] == 255].any()
