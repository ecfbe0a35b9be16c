from __future__ import annotations

import numpy as np
import pytest

from firstframe.core.errors import InvalidInput
from firstframe.core.formats import FORMATS
from firstframe.core.media import LayerRole, PixelRect, PixelSize
from firstframe.render.regions import layer_region, mask_rect, render_scale
from firstframe.render.scene import LAYER_ORDER
from firstframe.render.tracer import MAX_PADS
from firstframe.sets import scenes
from firstframe.sets.design import SetDesign
from firstframe.sets.framing import Camera, bleed_px, cylinder_points, framing_for, pixel_rect
from firstframe.sets.palettes import PALETTES
from firstframe.sets.requests import SetRequest
from firstframe.sets.shapes import Mesh
from firstframe.sets.shots import Brief, Shot

SIZES = [item.delivery_size for item in FORMATS.values()]
# The box of 1080×1920 that no platform covers with its controls.
SAFE = PixelRect(120, 288, 768, 960)


def build(size: PixelSize, seed: int, scene: str = "studio") -> SetDesign:
    from firstframe.core.formats import Quality

    return scenes.build(SetRequest(scene, "amber-dusk", "AURORA", "serum", size, seed, Quality.DRAFT))


def shot(size: PixelSize, seed: int, scene: str) -> Shot:
    return scenes.SCENES[scene].shoot(Brief(PALETTES["amber-dusk"], "AURORA", "serum", size, seed))


@pytest.fixture(scope="module", params=sorted(scenes.SCENES))
def scene(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def design(scene: str) -> SetDesign:
    return build(PixelSize(640, 360), 1, scene)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_product_is_whole_with_room_above_it_in_every_format(scene: str, size: PixelSize) -> None:
    for seed in range(20):
        made = shot(size, seed, scene)
        rect = pixel_rect(made.camera, size, made.product)
        assert rect.y >= 0.08 * size.height, (seed, rect)
        assert rect.bottom <= 0.9 * size.height, (seed, rect)
        assert rect.x >= 0.1 * size.width, (seed, rect)
        assert rect.right <= 0.9 * size.width, (seed, rect)
        assert rect.height >= 0.35 * size.height, (seed, rect)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_what_it_stands_on_is_whole_too(scene: str, size: PixelSize) -> None:
    frame = PixelRect(0, 0, size.width, size.height)
    for seed in range(20):
        made = shot(size, seed, scene)
        stand = cylinder_points(made.stand.radius, 0.0, made.stand.height)
        assert frame.contains(pixel_rect(made.camera, size, stand)), seed


def test_all_that_stands_below_the_product_is_within_the_stand(scene: str, design: SetDesign) -> None:
    stand = shot(PixelSize(640, 360), 1, scene).stand
    below = [item for item in design.items if item.role is LayerRole.SUBJECT and not item.product]
    assert below
    for item in below:
        assert isinstance(item.shape, Mesh)
        assert np.abs(item.shape.points[:, 0]).max() <= stand.radius + 0.003, item.name
        assert item.shape.points[:, 1].max() <= stand.height + 0.003, item.name


def test_the_product_stands_on_the_stand(scene: str, design: SetDesign) -> None:
    stand = shot(PixelSize(640, 360), 1, scene).stand
    goods = np.concatenate(
        [item.shape.points for item in design.items if item.product and isinstance(item.shape, Mesh)]
    )
    assert goods[:, 1].min() == pytest.approx(stand.height, abs=0.002)
    top = max(
        float(item.shape.points[:, 1].max())
        for item in design.items
        if item.role is LayerRole.SUBJECT and not item.product and isinstance(item.shape, Mesh)
    )
    assert top == pytest.approx(stand.height, abs=0.0015), "nothing floats"


def test_upright_the_product_is_clear_of_the_platforms_controls(scene: str) -> None:
    for seed in range(20):
        made = shot(PixelSize(1080, 1920), seed, scene)
        assert SAFE.contains(pixel_rect(made.camera, PixelSize(1080, 1920), made.product)), seed


def test_every_scene_has_things_in_all_four_layers_one_behind_the_other(design: SetDesign) -> None:
    assert {item.role for item in design.items} == set(LayerRole)
    far_to_near = [design.depths[role] for role in LAYER_ORDER]
    assert far_to_near == sorted(far_to_near, reverse=True)
    assert far_to_near[-1] > 0


def test_no_scene_has_more_patches_of_floor_than_the_tracer_holds(design: SetDesign) -> None:
    assert sum(len(pads) for pads in design.pads.values()) <= MAX_PADS


def test_names_of_things_are_their_own(design: SetDesign) -> None:
    names = [item.name for item in design.items]
    assert len(set(names)) == len(names)


def test_seeds_differ_and_repeat() -> None:
    size = PixelSize(640, 360)
    one, again, other = build(size, 1), build(size, 1), build(size, 2)
    assert np.array_equal(one.product, again.product)
    assert one.camera == again.camera
    assert not np.array_equal(one.product, other.product)


def test_a_set_is_the_same_set_in_every_format() -> None:
    wide, tall = build(PixelSize(1920, 1080), 4), build(PixelSize(1080, 1920), 4)
    assert np.array_equal(wide.product, tall.product)
    assert wide.camera.position == tall.camera.position


@pytest.mark.parametrize("size", [PixelSize(1344, 768), PixelSize(832, 480), PixelSize(704, 1280), PixelSize(960, 960)])
def test_nearby_ratios_have_a_camera(size: PixelSize) -> None:
    framing = framing_for(size)
    assert size.ratio == pytest.approx(framing.ratio[0] / framing.ratio[1], rel=0.04)


def test_a_ratio_without_a_camera_is_refused() -> None:
    with pytest.raises(InvalidInput, match="16:9, 9:16, 1:1, 4:5"):
        framing_for(PixelSize(1000, 400))


def test_projection_of_a_shifted_camera() -> None:
    camera = Camera((0.0, 1.0, 2.0), left=-0.5, right=0.3, bottom=-0.2, top=0.6, focus_m=2.0, aperture_m=0.01)
    ahead = np.array([[0.0, 1.0, 0.0], [-1.0, 2.2, 0.0], [0.6, 0.6, 0.0]])
    assert camera.project(ahead) == pytest.approx(np.array([[0.625, 0.75], [0.0, 0.0], [1.0, 1.0]]))
    assert camera.place(0.625, 0.0) == pytest.approx(0.0)
    assert camera.place_y(0.75, -5.0) == pytest.approx(1.0)
    assert camera.horizontal_fov_deg == pytest.approx(np.degrees(2 * np.arctan(0.4)))
    assert camera.blur_px(0.0, 800) == 0
    assert camera.blur_px(1.0, 800) == pytest.approx(0.02 * 0.5 * 1000)


def test_bleed_is_six_per_cent_of_the_longer_side_and_even() -> None:
    assert bleed_px(PixelSize(1920, 1080)) == 116
    assert bleed_px(PixelSize(1080, 1920)) == 116
    assert bleed_px(PixelSize(16, 16)) % 2 == 0


def test_regions_hold_their_layers(design: SetDesign) -> None:
    size = PixelSize(1920, 1080)
    region = layer_region(design, LayerRole.SUBJECT, design.camera, size)
    assert region.contains(pixel_rect(design.camera, size, design.product))
    assert region.width * region.height < 0.7 * size.pixels
    assert layer_region(design, LayerRole.BACKGROUND, design.camera, size) == PixelRect(0, 0, 1920, 1080)


def test_only_what_is_out_of_focus_is_rendered_coarser(design: SetDesign) -> None:
    assert render_scale(design, LayerRole.SUBJECT, 1080) == 1
    assert render_scale(design, LayerRole.FOREGROUND, 1080) == 4
    assert render_scale(design, LayerRole.FOREGROUND, 120) == 1


def test_rectangle_of_a_mask() -> None:
    mask = np.zeros((20, 30), np.uint8)
    assert mask_rect(mask) is None
    mask[4:9, 7:21] = 200
    mask[15, 25] = 3
    assert mask_rect(mask) == PixelRect(7, 4, 14, 5)
