"""Layers moved and painted over each other."""

from __future__ import annotations

import numpy as np
import pytest

from firstframe.core.errors import Internal
from firstframe.core.media import PixelSize
from firstframe.imaging.blend import Canvas, Rgb16
from firstframe.imaging.camera import Similarity
from firstframe.imaging.warp import MAX_STEP, MIN_STEP, kernel_table, make_plate
from support.animated_heroes import layered_hero, rgba

STILL = Similarity(1.0, 0.0, 0.0)


def painted(layers: list[np.ndarray], views: list[Similarity], size: PixelSize, bleed: int) -> Rgb16:
    plates = [make_plate(layer) for layer in layers]
    canvas = Canvas([plate for plate in plates if plate is not None], size, bleed)
    canvas.place(views)
    for index in range(len(layers)):
        canvas.paint(index)
    return canvas.frame


@pytest.mark.parametrize(("width", "height"), [(192, 108), (90, 120), (50, 37), (16, 16)])
def test_layers_that_do_not_move_give_the_hero(width: int, height: int) -> None:
    hero = layered_hero(width, height, 8)
    layers = [layer.rgba for layer in hero.layers.layers]
    frame = painted(layers, [STILL] * 3, hero.size, 8)
    assert frame.shape == (height, width, 3)
    assert frame.dtype == np.uint16
    assert np.abs(frame / 257 - hero.image).max() <= 1.01


def smooth(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return 120 + 50 * np.sin(x / 6) + 40 * np.cos(y / 5)


@pytest.mark.parametrize("step", [MIN_STEP, 0.9, 0.95, 1.0, 1.0003, 1.06, 1.1, MAX_STEP])
@pytest.mark.parametrize("shift", [(0.0, 0.0), (0.31, -0.77), (-5.5, 4.123)])
def test_a_smooth_picture_is_resampled_where_it_should_be(step: float, shift: tuple[float, float]) -> None:
    width, height, bleed = 144, 80, 24
    rows, columns = np.mgrid[0 : height + 2 * bleed, 0 : width + 2 * bleed]
    values = smooth(columns, rows)
    frame = painted([rgba(values, values, values, 1.0)], [Similarity(step, *shift)], PixelSize(width, height), bleed)
    y, x = np.mgrid[0:height, 0:width]
    middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
    expected = smooth(
        bleed + middle_x + (x - middle_x) * step + shift[0], bleed + middle_y + (y - middle_y) * step + shift[1]
    )
    assert np.abs(frame[..., 0] / 257 - expected).max() < 1.6
    assert np.abs((frame[..., 0] / 257 - expected).mean()) < 0.05


def test_an_edge_has_neither_halo_nor_dark_rim() -> None:
    """A disc of one colour over another, moved: every pixel is a mix of the two."""
    size, bleed = PixelSize(96, 96), 8
    rows, columns = np.mgrid[0:112, 0:112]
    alpha = np.clip(30.5 - np.hypot(columns - 55.3, rows - 54.8), 0, 1)
    under, over = np.array([200.0, 180.0, 160.0]), np.array([40.0, 60.0, 90.0])
    inside = (alpha > 0)[..., None] * over
    layers = [rgba(*(np.full(rows.shape, c) for c in under), 1.0), rgba(*np.moveaxis(inside, -1, 0), alpha)]
    frame = painted(layers, [STILL, Similarity(0.97, 0.37, -0.21)], size, bleed) / 257
    share = (frame - under) / (over - under)
    assert share.min() > -0.02
    assert share.max() < 1.02
    assert np.ptp(share, axis=-1).max() < 0.03


def test_what_is_hidden_does_not_shine_through() -> None:
    hero = layered_hero()
    layers = [layer.rgba.copy() for layer in hero.layers.layers]
    view = [Similarity(0.95, 1.3, 0.4), Similarity(0.9, 2.2, 0.7), Similarity(0.86, 3.1, 1.9)]
    before = painted(layers, view, hero.size, 12).copy()
    solid = layers[1][..., 3] == 255
    inner = solid & np.roll(solid, 14, 0) & np.roll(solid, -14, 0) & np.roll(solid, 14, 1) & np.roll(solid, -14, 1)
    inner[:, layers[0].shape[1] // 2 + 4 :] = False
    inner[:, : layers[0].shape[1] // 2 - 4] = False
    layers[0][inner] = (255, 0, 255, 255)
    assert inner.any()
    assert np.array_equal(painted(layers, view, hero.size, 12), before)


def test_a_layer_that_left_the_frame_paints_nothing() -> None:
    size, wall = PixelSize(64, 48), rgba(np.full((48, 64), 90), 90, 90, 1.0)
    spot = np.zeros((48, 64, 4), np.uint8)
    spot[20:24, 30:34] = 255
    for shift in ((200.0, 0.0), (-200.0, 0.0), (0.0, 200.0), (0.0, -200.0), (4000.0, 4000.0)):
        frame = painted([wall, spot], [STILL, Similarity(1.0, *shift)], size, 0)
        assert (frame == 90 * 257).all()


def test_frames_have_more_than_eight_bits() -> None:
    ramp = np.tile(np.linspace(100, 110, 128), (32, 1))
    frame = painted([rgba(ramp, ramp, ramp, 1.0)], [Similarity(0.95, 0.3, 0.0)], PixelSize(96, 16), 0)
    assert len(np.unique(frame)) > 40


def test_an_empty_layer_has_no_plate() -> None:
    assert make_plate(np.zeros((20, 30, 4), np.uint8)) is None


def test_the_kernel_keeps_brightness_and_detail_at_every_phase() -> None:
    """Text must not pulse between sharp and soft while it moves: detail of four pixels keeps its contrast."""
    table = kernel_table()
    assert np.abs(table.sum(axis=1) - 1).max() < 1e-6
    assert np.array_equal(table[0].round(6), [0, 0, 1, 0, 0, 0])
    taps = np.arange(6)
    contrast = np.abs(table @ np.exp(2j * np.pi * 0.25 * taps))
    assert contrast.min() > 0.97
    assert contrast.max() < 1.04


@pytest.mark.parametrize("step", [0.79, 1.21, float("nan")])
def test_more_than_the_kernels_can_is_refused(step: float) -> None:
    wall = rgba(np.full((48, 64), 90), 90, 90, 1.0)
    with pytest.raises(Internal, match="can be"):
        painted([wall], [Similarity(step, 0.0, 0.0)], PixelSize(64, 48), 0)
