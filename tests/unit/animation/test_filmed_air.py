"""What is in the air of filmed frames: hidden by what the frame shows nearer, and by nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from firstframe.animation.engines.filmed_air import FilmedAir
from firstframe.animation.envelope import Envelope
from firstframe.core.media import PixelRect
from firstframe.imaging.air.base import Medium, Moment
from firstframe.imaging.air.cover import HALF, Cover, reduced
from firstframe.imaging.camera import Pose
from firstframe.render.scene import LAYER_ORDER
from support.animated_heroes import layered_hero

Floats = NDArray[np.float32]
WIDTH, HEIGHT = 70, 40
HERO = layered_hero(WIDTH, HEIGHT, 10, subject=PixelRect(25, 10, 20, 20))
FRAME = np.full((HEIGHT, WIDTH, 3), 20000, np.uint16)
BEHIND, BEFORE = HERO.layers.layers[1].depth_m * 1.1, HERO.layers.layers[1].depth_m * 0.5


class Sheet(Medium):
    """Adds light everywhere at one distance."""

    def __init__(self, depth_m: float) -> None:
        self._depth_m = depth_m
        self.moved: list[float] = []

    def move(self, moment: Moment) -> None:
        self.moved.append(moment.time_s)

    def between(self, out: NDArray[np.uint16], moment: Moment, nearest_m: float, farthest_m: float) -> None:
        if nearest_m < self._depth_m <= farthest_m:
            out[:, : 3 * WIDTH] += np.uint16(1000 * moment.presence)


class Veil(Medium):
    """Sets the frame to a map of the layers."""

    needs_cover = True

    def __init__(self, values: Sequence[float]) -> None:
        shape = tuple(-(-side // 4) for side in HERO.layers.layers[0].rgba.shape[:2])
        self._maps = [np.full(shape, value, np.float32) for value in values]

    def over(self, out: NDArray[np.uint16], moment: Moment, cover: Cover) -> None:
        mixed = np.repeat(np.repeat(cover.mixed(self._maps), HALF, 0), HALF, 1)[:HEIGHT, :WIDTH]
        out[:, : 3 * WIDTH] = np.repeat(mixed * 1000, 3, axis=1).astype(np.uint16)


def nearer(subject: Floats) -> Floats:
    """Shares for the layers of `LAYER_ORDER` but the farthest, where the subject is the nearest thing."""
    return np.stack([subject, subject, np.zeros_like(subject)])


def put(media: Sequence[Medium], subject: Floats, time_s: float = 2.0) -> NDArray[np.uint16]:
    air = FilmedAir(HERO, Envelope(HERO), media, duration_s=4.0, repeats=False)
    return air.put_into(FRAME, Pose(), time_s, nearer(subject)).copy()


@pytest.fixture
def subject() -> Floats:
    found = np.zeros((HEIGHT, WIDTH), np.float32)
    found[10:30, 25:45] = 1
    found[10:30, 45] = 0.25
    return found


def test_the_order_of_layers_is_what_the_shares_are_told_in() -> None:
    assert [role.value for role in LAYER_ORDER] == ["background", "midground", "subject", "foreground"]


def test_what_floats_behind_the_subject_is_hidden_where_the_frame_shows_it(subject: Floats) -> None:
    found = put([Sheet(BEHIND)], subject)
    assert (found[subject == 1] == 20000).all()
    assert (found[subject == 0] == 21000).all()
    assert (found[subject == 0.25] == 20750).all()


def test_what_floats_before_the_subject_is_hidden_by_nothing(subject: Floats) -> None:
    assert (put([Sheet(BEFORE)], subject) == 21000).all()


def test_what_floats_close_to_the_lens_is_drawn(subject: Floats) -> None:
    assert (put([Sheet(0.02)], subject) == 21000).all()


def test_a_frame_in_which_the_subject_stands_elsewhere_hides_it_there(subject: Floats) -> None:
    gone = np.zeros_like(subject)
    assert (put([Sheet(BEHIND)], gone) == 21000).all()


def test_several_things_in_the_air_are_all_drawn(subject: Floats) -> None:
    found = put([Sheet(BEHIND), Sheet(BEFORE)], subject)
    assert (found[subject == 1] == 21000).all()
    assert (found[subject == 0] == 22000).all()


def test_nothing_is_there_at_the_first_frame_and_each_is_told_the_time(subject: Floats) -> None:
    sheet = Sheet(BEFORE)
    assert (put([sheet], subject, time_s=0.0) == 20000).all()
    put([sheet], subject, time_s=1.5)
    assert sheet.moved == [0.0, 1.5]


def test_light_falls_on_each_layer_as_the_frame_shows_it(subject: Floats) -> None:
    found = put([Veil([1.0, 3.0, 9.0])], subject)[..., 0]
    inner = found[14:26, 29:41]
    assert (inner == 3000).all()
    assert (found[:8] == 1000).all()
    edge = found[16:24, 44]
    assert (edge > 1000).all()
    assert (edge < 3000).all()


def test_a_cover_that_is_told_what_is_seen_mixes_as_one_that_works_it_out() -> None:
    views = Envelope(HERO).views(Pose())
    maps = [
        np.full(reduced(layer.rgba[..., 3], 4).shape, 1.0 + at, np.float32)
        for at, layer in enumerate(HERO.layers.layers)
    ]
    worked, told = Cover(HERO.layers, HERO.size), Cover(HERO.layers, HERO.size)
    worked.place(views)
    bleed = HERO.layers.bleed_px
    alphas = [layer.rgba[bleed:-bleed, bleed:-bleed, 3].astype(np.float32) / 255 for layer in HERO.layers.layers[1:]]
    told.place_seen(views, [1 - (1 - alphas[0]) * (1 - alphas[1]), alphas[1]])
    np.testing.assert_allclose(told.mixed(maps), worked.mixed(maps), atol=0.1)
    assert np.ptp(told.mixed(maps)) == 2
