"""Mattes: soft edges where the picture has them, and colours that give the picture again."""

from __future__ import annotations

import cv2
import numpy as np

from firstframe.imaging import matting


def _disc(radius: float, size: int = 160, softness: float = 4.0) -> matting.Floats:
    y, x = np.mgrid[:size, :size].astype(np.float32) - size / 2
    return np.clip((radius - np.hypot(x, y)) / softness + 0.5, 0, 1).astype(np.float32)


def _ragged(radius: float, wobble: float, size: int = 160) -> matting.Floats:
    y, x = np.mgrid[:size, :size].astype(np.float32) - size / 2
    edge = radius + wobble * np.sin(12 * np.arctan2(y, x))
    return (np.hypot(x, y) < edge).astype(np.float32)


def _scene(alpha: matting.Floats) -> tuple[matting.Floats, matting.Floats, matting.Floats]:
    """The picture of a warm disc on a cool ground, the ground, and the disc's colour everywhere."""
    behind = np.full((*alpha.shape, 3), (0.1, 0.3, 0.5), np.float32)
    solid = np.full((*alpha.shape, 3), (0.9, 0.6, 0.2), np.float32)
    cover = alpha[..., None]
    return np.asarray(solid * cover + behind * (1 - cover), np.float32), behind, solid


def test_a_coarse_mask_snaps_to_the_edge() -> None:
    true = _disc(50)
    picture, _, _ = _scene(true)
    coarse = _ragged(50, 4)
    soft = matting.refined(coarse, picture, 10)
    assert np.abs(soft - true).mean() < 0.5 * np.abs(coarse - true).mean()
    assert np.all(soft[:20] == 0)
    assert np.all(soft[70:90, 70:90] == 1)


def test_fine_structure_is_found_by_colour() -> None:
    fine = _disc(50)
    fine[20:40, 78:82] = 1  # a hair that stands out of the disc
    picture, behind, solid = _scene(fine)
    found = matting.resolved(picture, _disc(50), behind, solid, 30)
    assert found[25:30, 79:81].min() > 0.3
    assert found[25:30, 60:70].max() < 0.05


def test_resolving_trusts_the_matte_where_colours_do_not_tell() -> None:
    alpha = _disc(50)
    same = np.full((*alpha.shape, 3), 0.5, np.float32)
    assert np.array_equal(matting.resolved(same, alpha, same, same, 10), alpha)


def test_unmixed_colours_give_the_picture_again() -> None:
    alpha = _disc(50)
    picture, behind, solid = _scene(alpha)
    picture = np.clip(picture + np.random.default_rng(1).normal(0, 0.02, picture.shape), 0, 1).astype(np.float32)
    subject, background = matting.unmixed(picture, alpha, behind, solid)
    cover = alpha[..., None]
    again = subject * cover + background * (1 - cover)
    assert np.abs(again - picture).max() < 2 / 255


def test_unmixed_edge_carries_no_background() -> None:
    alpha = _disc(50, softness=12)
    picture, behind, solid = _scene(alpha)
    subject, background = matting.unmixed(picture, alpha, behind, solid)
    thin = (alpha > 0.15) & (alpha < 0.9)
    assert np.abs(subject - solid)[thin].max() < 0.05
    assert np.abs(background - behind)[thin].max() < 0.08


def _spiky(alpha: matting.Floats, seed: int) -> matting.Floats:
    """A disc of fine noise with sparse bristles around it before an even ground."""
    rng = np.random.default_rng(seed)
    size = alpha.shape[0]
    y, x = np.mgrid[:size, :size].astype(np.float32) - size / 2
    bristles = (np.hypot(x, y) < 60) & (alpha < 0.5)
    noise = rng.random((size, size, 1), np.float32)
    picture = np.full((size, size, 3), 0.4, np.float32) + np.where((alpha > 0.5)[..., None], noise - 0.5, 0) * 0.8
    picture = np.where((bristles & (rng.random((size, size)) < 0.3))[..., None], np.float32(0.9), picture)
    return np.asarray(picture, np.float32)


def test_a_fringe_is_told_by_its_detail() -> None:
    alpha = _disc(48, softness=1)
    fringe = matting.detailed(_spiky(alpha, 1), alpha, 14)
    y, x = np.mgrid[:160, :160].astype(np.float32) - 80
    distance = np.hypot(x, y)
    assert fringe[(distance > 49) & (distance < 54)].mean() > 0.8
    assert fringe[distance > 68].max() == 0


def test_no_fringe_where_the_ground_is_as_sharp_or_no_subject_is() -> None:
    alpha = _disc(48, softness=1)
    everywhere = np.random.default_rng(2).random((160, 160, 3), np.float32)
    assert not matting.detailed(everywhere, alpha, 14).any()
    assert not matting.detailed(everywhere, np.zeros_like(alpha), 14).any()


def _dandelion(size: int = 240) -> tuple[matting.Floats, matting.Floats, matting.Floats]:
    """A light ball of fluff before a dark ground that changes slowly: the picture, how much of it is fluff, the ground."""
    rng = np.random.default_rng(5)
    y, x = np.mgrid[:size, :size].astype(np.float32) - size / 2
    distance, around = np.hypot(x, y), np.arctan2(y, x)
    hairs = np.interp(around, np.linspace(-np.pi, np.pi, 181), rng.random(181)) > 0.55
    cover = np.where(distance < 60, 1.0, hairs * np.clip((80 - distance) / 20, 0, 1)).astype(np.float32)
    ground = (0.15 + 0.1 * (x + y) / size)[..., None] * np.float32([0.7, 1.0, 0.5])
    fluff = np.float32([0.9, 0.85, 0.7]) * (0.8 + 0.2 * rng.random((size, size, 1), np.float32))
    picture = fluff * cover[..., None] + ground * (1 - cover[..., None])
    return np.asarray(picture, np.float32), cover, np.asarray(ground, np.float32)


def test_the_extent_holds_the_fluff_and_little_else() -> None:
    picture, cover, _ = _dandelion()
    blob = _disc(66, 240, 1)
    extent = matting.detailed(picture, blob, 30)
    assert extent[cover > 0.2].mean() > 0.97
    assert extent.sum() < 1.5 * (cover > 0.05).sum()
    assert not extent[:20].any()


def test_a_smooth_part_of_the_subject_is_not_lost_for_lack_of_detail() -> None:
    """Where no fine outline closes the subject off, the matte holds."""
    picture, _, ground = _dandelion()
    blob = _disc(66, 240, 1)
    smooth = np.s_[100:140, 120:]
    picture[smooth] = np.where(blob[smooth][..., None] > 0.5, 0.4, ground[smooth])
    picture[90:150, 150:200] = cv2.GaussianBlur(picture, (0, 0), 6)[90:150, 150:200]
    extent = matting.detailed(picture, blob, 30)
    assert extent[110:130, 120:180].all()


def test_a_ring_keeps_its_hole() -> None:
    rng = np.random.default_rng(9)
    distance = np.hypot(*(np.mgrid[:240, :240] - 120))
    ring = ((distance > 40) & (distance < 90)).astype(np.float32)
    picture = 0.3 + 0.5 * ring[..., None] * rng.random((240, 240, 1), np.float32)
    extent = matting.detailed(np.asarray(picture, np.float32), ring, 14)
    assert extent[(distance > 44) & (distance < 86)].all()
    assert not extent[distance < 30].any()


def test_fluff_is_cut_out_hair_by_hair() -> None:
    picture, cover, ground = _dandelion()
    distance = np.hypot(*(np.mgrid[:240, :240] - 120))
    extent = distance < 84
    matte, solid = matting.fluffy(picture, extent, ground, 30)
    assert np.abs(matte - cover)[extent].mean() < 0.08
    assert matte[~extent].max() == 0
    assert matte[(distance > 68) & (cover == 0)].mean() < 0.01
    assert np.abs(solid[extent] - np.float32([0.81, 0.765, 0.63])).max() < 0.08


def test_nothing_of_the_fluff_is_left_to_the_background() -> None:
    """Hairs brighter than any of the subject's solid parts go with the subject as well."""
    picture, cover, ground = _dandelion()
    picture = np.where((cover > 0.3)[..., None] & (cover < 1)[..., None], np.float32([1.0, 1.0, 0.2]), picture)
    matte, solid = matting.fluffy(picture, np.hypot(*(np.mgrid[:240, :240] - 120)) < 84, ground, 30)
    _, background = matting.unmixed(picture, matte, ground, solid)
    assert np.abs(background - ground).max() < 0.06
