"""The engine `scene` without its renderer: what it refuses, and how frames are brought to the hero."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from firstframe.animation.airs import MEDIA
from firstframe.animation.engines import ClipRequest
from firstframe.animation.engines.previz import PrevizAnimator
from firstframe.animation.engines.scene import SETTLING_S, SceneAnimator, matched, settling
from firstframe.core.errors import InvalidInput, Unsupported
from firstframe.core.formats import Quality
from firstframe.core.media import PixelRect, PixelSize
from firstframe.core.motion import (
    FILMED_AIRS,
    Air,
    Atmosphere,
    CameraMove,
    CameraPhase,
    Effect,
    EffectKind,
    Motion,
    single,
)
from firstframe.imaging.air.base import Medium
from firstframe.render import layers
from firstframe.render.variant import Variant
from firstframe.sets.requests import VERSION, SetRequest
from support.animated_heroes import layered_hero

HERO = layered_hero(320, 180, 20, subject=PixelRect(115, 45, 90, 90))
MADE = SetRequest("studio", "amber-dusk", "First Light", "", PixelSize(320, 180), 7, Quality.DRAFT)
GOOD = ClipRequest(HERO, single(CameraMove.PUSH, 0.5), 4, Fraction(12), 7, set=MADE)


def animator() -> SceneAnimator:
    return SceneAnimator(lambda: Variant("scalar_rgb", 1, "none"))


class Quiet:
    def progress(self, phase: str, fraction: float) -> None:
        pass

    def check(self) -> None:
        pass


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (replace(GOOD, set=None), "hero.scene"),
        (replace(GOOD, set=replace(MADE, size=PixelSize(640, 360))), "hero.scene"),
        (replace(GOOD, motion=single(CameraMove.PUSH, 0.5, Air(Atmosphere.CLOUDS))), "motion.airs"),
        (
            replace(GOOD, motion=Motion((CameraPhase(CameraMove.PUSH),), 0.5, effect=Effect(EffectKind.HERITAGE))),
            "motion.effect",
        ),
    ],
)
def test_what_it_cannot_do_is_refused_before_anything_is_rendered(request_: ClipRequest, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        animator().take(request_)
    assert caught.value.metadata["field"] == field


def test_what_moves_no_picture_may_be_in_the_air() -> None:
    for kind in FILMED_AIRS:
        animator().take(replace(GOOD, motion=single(CameraMove.PUSH, 0.5, Air(kind))))


def test_air_that_is_filmed_takes_hold_of_no_layer() -> None:
    layer_movers = {kind for kind, medium in MEDIA.items() if _moves_pictures(medium)}
    assert set(Atmosphere) - FILMED_AIRS == layer_movers


def _moves_pictures(medium: object) -> bool:
    return getattr(medium, "cut", Medium.cut) is not Medium.cut or getattr(medium, "__name__", "") == "Clouds"


def test_shadows_that_stay_in_their_place_do_not_hold_the_camera_back() -> None:
    hero = layered_hero(320, 180, 40, subject=PixelRect(115, 45, 90, 90), depths=(4.0, 1.25, 0.8))
    request_ = replace(GOOD, hero=hero, motion=single(CameraMove.ORBIT, 1.0))
    layered, filmed = PrevizAnimator().take(request_), animator().take(request_)
    assert [one for one in layered.findings if "shadows" in one.message]
    assert not [one for one in filmed.findings if "shadows" in one.message]
    assert filmed.applied_strength > layered.applied_strength


def test_without_llvm_it_says_so() -> None:
    with pytest.raises(Unsupported, match="use previz") as caught:
        next(iter(animator().take(GOOD).frames(Quiet())))
    assert caught.value.reason == "NO_RENDERER"


def test_the_version_follows_that_of_the_sets() -> None:
    assert animator().version == f"4-sets-{VERSION}"


def test_exposure_is_brought_to_the_heros() -> None:
    rng = np.random.default_rng(3)
    light = np.kron(rng.uniform(0.02, 0.5, (16, 24, 3)), np.ones((4, 4, 1))).astype(np.float32)
    wanted = layers.tone(light * np.array([0.7, 1.1, 1.6], np.float32))
    dark = light * np.float32(0.3)
    assert np.abs(layers.tone(dark).mean(axis=(0, 1)) - wanted.mean(axis=(0, 1))).min() > 0.1
    found = layers.tone(dark * matched(dark, wanted)).mean(axis=(0, 1))
    np.testing.assert_allclose(found, wanted.mean(axis=(0, 1)), atol=0.004)


def test_the_hero_gives_way_without_a_jerk() -> None:
    shares = [settling(SETTLING_S * step / 20) for step in range(21)]
    assert (shares[0], shares[-1], settling(9.0)) == (0.0, 1.0, 1.0)
    steps = np.diff(shares)
    assert (steps > 0).all()
    assert steps[0] < 0.01
    assert steps[-1] < 0.01


def test_the_hero_comes_back_before_a_motion_repeats() -> None:
    there = [settling(4.0 * step / 40, 4.0) for step in range(41)]
    assert there == pytest.approx(there[::-1])
    assert (there[0], there[20], there[40]) == (0.0, 1.0, 0.0)
    assert settling(3.9) == 1.0
