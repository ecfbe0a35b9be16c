"""Products of callers: cut-outs without halo, bodies behind cards, models that stand where they should."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000, rgb2lab

from firstframe.core.errors import InvalidInput
from firstframe.core.media import LayerRole, PixelSize
from firstframe.core.sets import COLOURS
from firstframe.core.solids import Part, Solid, Surface
from firstframe.imagegen.engines.cutting_in import MOST_GAIN, Lit, cut_in, decoded, gains, untoned, wrapped
from firstframe.imagegen.engines.plates import Plate
from firstframe.render import layers
from firstframe.sets import cards
from firstframe.sets.creases import creased
from firstframe.sets.cutouts import Cutout, of_alpha, of_matte
from firstframe.sets.framing import Camera
from firstframe.sets.palettes import PALETTES
from firstframe.sets.product_cutout import CutoutProduct
from firstframe.sets.product_mesh import Finish, ModelProduct, check_finish
from firstframe.sets.products import Room, View, fitted

PRODUCT = np.array([0.62, 0.16, 0.12])
ROOM = Room(height=0.19, radius=0.09, foot=0.04)
CAMERA = Camera((0.0, 0.14, 1.25), -0.2133, 0.2133, -0.12, 0.12, 1.2, 0.006)


def disc(side: int = 160, radius: float = 60.0, soft: float = 1.6) -> np.ndarray:
    rows, columns = np.mgrid[:side, :side] - (side - 1) / 2
    return np.clip((radius - np.hypot(rows, columns)) / soft + 0.5, 0, 1).astype(np.float32)


def photographed(alpha: np.ndarray, behind: float) -> np.ndarray:
    """The product before a ground, as 8 bits."""
    picture = alpha[..., None] * PRODUCT + (1 - alpha[..., None]) * behind
    return np.rint(picture * 255).astype(np.uint8)


def halo(cut: Cutout, ground: float) -> float:
    """Mean difference to the ideal composite along the edge, in levels of 255."""
    alpha = cut.alpha[..., None]
    edge = (cut.alpha > 0.02) & (cut.alpha < 0.98)
    made = alpha * cut.colour / 255 + (1 - alpha) * ground
    ideal = alpha * PRODUCT + (1 - alpha) * ground
    return float(255 * np.abs(made - ideal)[edge].mean())


@pytest.mark.parametrize("behind", [1.0, 0.0, 0.5])
@pytest.mark.parametrize("ground", [0.06, 0.9])
def test_an_edge_that_is_mixed_with_its_old_background_shows_no_halo(behind: float, ground: float) -> None:
    alpha = disc()
    mixed = photographed(alpha, behind)
    cut = of_alpha(mixed, np.rint(alpha * 255).astype(np.uint8), field="f")
    plain = Cutout(mixed[19:-19, 19:-19], alpha[19:-19, 19:-19])
    assert halo(cut, ground) < 2.0
    assert halo(plain, ground) > 4 * halo(cut, ground)


def test_a_clean_edge_stays_as_it_is() -> None:
    alpha = disc()
    picture = np.broadcast_to(np.rint(PRODUCT * 255).astype(np.uint8), (160, 160, 3)).copy()
    picture[alpha == 0] = 255  # nothing is said of what is transparent
    cut = of_alpha(picture, np.rint(alpha * 255).astype(np.uint8), field="f")
    assert halo(cut, 0.06) < 1.0
    assert halo(cut, 0.9) < 1.0


@pytest.mark.parametrize("ground", [0.06, 0.9])
def test_a_photograph_is_freed_from_its_background_by_a_matte(ground: float) -> None:
    alpha = disc()
    cut = of_matte(photographed(alpha, 0.95), alpha, field="f")
    assert halo(cut, ground) < 4.0


def test_what_is_faint_below_the_foot_does_not_lift_a_product_off_its_stand() -> None:
    alpha = np.zeros((160, 160), np.float32)
    alpha[20:120, 50:110] = 1
    alpha[120:134, 40:120] = 0.35  # a shadow that was taken along
    cut = of_alpha(photographed(alpha, 0.9), np.rint(alpha * 255).astype(np.uint8), field="f")
    assert cut.alpha.shape[0] == 101, "the product, and an empty row above it"
    assert cut.alpha[-1].max() == 1


def test_crumbs_beside_a_product_are_dropped_and_a_cut_one_is_told_of() -> None:
    alpha = disc(soft=1.0)
    alpha[2:4, 2:4] = 1
    levels = np.rint(alpha * 255).astype(np.uint8)
    cut = of_alpha(photographed(alpha, 0.0), levels, field="f")
    assert cut.alpha.shape[0] < 130
    assert cut.findings == ()
    half = of_alpha(photographed(alpha, 0.0)[:90], levels[:90], field="f")
    assert [item.reason for item in half.findings] == ["CUTOUT_CUT"]
    assert "bottom" in half.findings[0].message


@pytest.mark.parametrize(
    ("alpha", "words"),
    [
        (np.zeros((90, 90), np.float32), "nothing of it is opaque"),
        (disc(90, 20), "has a product of"),
        (np.ones((90, 90), np.float32), "has no background"),
    ],
)
def test_an_alpha_without_a_product_is_refused(alpha: np.ndarray, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as caught:
        of_alpha(np.zeros((90, 90, 3), np.uint8), np.rint(alpha * 255).astype(np.uint8), field="set.cutout.image")
    assert caught.value.metadata["field"] == "set.cutout.image"


def standing_card() -> cards.Card:
    alpha = disc()[18:-20, 18:-18]
    colour = np.broadcast_to(np.rint(PRODUCT * 255).astype(np.uint8), (*alpha.shape, 3)).copy()
    card = (
        CutoutProduct(Cutout(colour, alpha)).put(ROOM).card(View(CAMERA, PixelSize(640, 360), PALETTES["amber-dusk"]))
    )
    assert card is not None
    return card


def test_a_card_stands_on_its_stand_before_its_body() -> None:
    card = standing_card()
    assert card.bottom == ROOM.foot
    assert card.right == -card.left
    low, high = card.body.bounds
    assert card.z - 0.002 < high[2] < card.z
    assert low[2] < -0.5 * card.z
    assert low[1] == pytest.approx(card.bottom)
    assert high[0] <= card.right


@pytest.mark.parametrize(("height_px", "most"), [(90, 1.0), (360, 4.0), (1440, 4.0)])
def test_a_card_has_two_texels_for_each_pixel_up_to_four_for_its_own(height_px: int, most: float) -> None:
    alpha = disc()[18:-20, 18:-18]
    colour = np.broadcast_to(np.rint(PRODUCT * 255).astype(np.uint8), (*alpha.shape, 3)).copy()
    view = View(CAMERA, PixelSize(height_px * 16 // 9, height_px), PALETTES["amber-dusk"])
    card = CutoutProduct(Cutout(colour, alpha)).put(ROOM).card(view)
    wanted = min(2 * card.enlarged, 4.0)
    assert wanted <= most
    assert card.alpha.shape == card.colour.shape[:2]
    assert card.alpha.shape[0] == pytest.approx(wanted * alpha.shape[0], abs=1)
    assert (card.alpha.min(), card.alpha.max()) == (0, 1)


def test_a_body_is_wound_outwards() -> None:
    body = standing_card().body
    a, b, c = (body.points[body.faces[:, at]] for at in range(3))
    outward = np.einsum("ij,ij->i", np.cross(b - a, c - a), body.normals[body.faces[:, 0]])
    assert (outward >= -1e-12).mean() > 0.99


def test_a_card_is_seen_where_it_stands() -> None:
    card = standing_card()
    cover = cards.projected(card, card.alpha, CAMERA, 640, 360, alone=True)
    seen = np.argwhere(cover > 0.5)
    corners = CAMERA.project(np.array([[card.left, card.top, card.z], [card.right, card.bottom, card.z]])) * (640, 360)
    assert np.allclose(seen.min(axis=0), corners[0][::-1], atol=6)
    assert np.allclose(seen.max(axis=0), corners[1][::-1], atol=6)


def flat(value: float) -> np.ndarray:
    return np.full((90, 160, 3), value, np.float32)


def composite(light: float, ground: float) -> tuple[np.ndarray, np.ndarray]:
    """The composed colours inside of the product and the cover, for light on the card and a ground."""
    card = standing_card()
    cover = cards.projected(card, card.alpha, CAMERA, 160, 90, alone=True)
    shown = decoded(cards.projected(card, (card.colour / 255).astype(np.float32), CAMERA, 160, 90))
    none = np.zeros((90, 160), np.float32)
    plates = [
        Plate(LayerRole.BACKGROUND, flat(ground), none + 1, none),
        Plate(LayerRole.SUBJECT, flat(0.0), none, none),
    ]
    exposure = np.array([2.0, 2.0, 2.0], np.float32)
    made = cut_in(plates, card, cover, Lit(shown * light / 2, cover), CAMERA, exposure)[0][1]
    return layers.tone(made.colour * exposure), made.alpha


@pytest.mark.parametrize(("light", "bound"), [(1.0, 1.0), (0.5, 6.0), (3.0, 6.0)])
def test_a_cut_out_keeps_its_colours(light: float, bound: float) -> None:
    picture, alpha = composite(light, 0.02)
    inside = picture[alpha > 0.999][None]
    wanted = rgb2lab(np.broadcast_to(PRODUCT, inside.shape))
    assert np.median(deltaE_ciede2000(rgb2lab(inside), wanted)) < bound


def test_the_grain_of_a_cut_out_is_told_and_what_it_lacks_is_left_to_add() -> None:
    card = standing_card()
    noise = np.random.default_rng(4).normal(0, 9, (*card.alpha.shape, 1))
    rough = replace(card, colour=np.rint(np.clip(card.colour + noise + 60, 0, 255)).astype(np.uint8))
    for one, reasons in ((card, []), (rough, ["CUTOUT_NOISY"])):
        cover = cards.projected(one, one.alpha, CAMERA, 320, 180, alone=True)
        shown = decoded(cards.projected(one, (one.colour / 255).astype(np.float32), CAMERA, 320, 180))
        none = np.zeros((180, 320), np.float32)
        black = np.zeros((180, 320, 3), np.float32)
        plates = [Plate(role, black, none, none) for role in (LayerRole.BACKGROUND, LayerRole.SUBJECT)]
        made, findings = cut_in(plates, one, cover, Lit(shown, cover), CAMERA, np.ones(3, np.float32))
        assert [item.reason for item in findings] == reasons
        assert (made[1].lacking > 0.999) == (not reasons)


def test_light_from_behind_comes_round_the_edge_alone() -> None:
    cover = disc()
    dark, bright = flat_like(cover, 0.0), flat_like(cover, 0.9)
    colour = flat_like(cover, 0.1)
    assert np.array_equal(wrapped(colour, dark, cover), colour)
    lit = wrapped(colour, bright, cover)
    assert np.abs(lit - colour)[80, 80].max() == 0
    assert (lit - colour)[(cover > 0.4) & (cover < 0.6)].min() > 0.05


def flat_like(cover: np.ndarray, value: float) -> np.ndarray:
    return np.full((*cover.shape, 3), value, np.float32)


def test_light_is_taken_over_half_the_way_and_within_bounds() -> None:
    shown = flat(0.4)
    cover = np.ones((30, 50), np.float32)
    one = np.ones(3, np.float32)
    small = np.full((30, 50, 3), 0.4, np.float32)
    assert np.allclose(gains(shown, Lit(small * 1.21, cover), one), 1.1, atol=1e-3)
    assert np.allclose(gains(shown, Lit(small * 9, cover), one), MOST_GAIN)
    assert np.allclose(gains(shown, Lit(small, 0 * cover), one), 1)


def test_the_tone_curve_is_taken_back() -> None:
    wanted = np.linspace(0, 0.95, 40, dtype=np.float32)[:, None] * np.ones(3, np.float32)
    assert np.allclose(decoded(layers.tone(untoned(wanted))), wanted, atol=2e-3)


def cube(turned: bool = False) -> Solid:
    corners = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 2.0)])
    hull = np.array(
        [
            [0, 1, 3],
            [0, 3, 2],
            [4, 6, 7],
            [4, 7, 5],
            [0, 4, 5],
            [0, 5, 1],
            [2, 3, 7],
            [2, 7, 6],
            [0, 2, 6],
            [0, 6, 4],
            [1, 5, 7],
            [1, 7, 3],
        ],
        np.int32,
    )
    return Solid((Part(corners + 7, hull[:, ::-1] if turned else hull),))


def test_a_model_stands_upright_in_the_middle_of_its_stand() -> None:
    standing = ModelProduct(cube(), up="z", height_m=0.1).put(ROOM)
    low, high = standing.points.min(axis=0), standing.points.max(axis=0)
    assert high[1] - low[1] == pytest.approx(0.1)
    assert low[1] == pytest.approx(ROOM.foot)
    assert np.allclose(low[[0, 2]], -high[[0, 2]])
    turned = ModelProduct(cube(), up="z", height_m=0.1, turn_deg=45).put(ROOM)
    assert float(np.ptp(turned.points[:, 0])) == pytest.approx(0.05 * 2**0.5)


def test_a_mugs_foot_stands_in_the_middle_and_its_handle_reaches_out() -> None:
    (body,) = cube().parts
    handle = Part(body.points * (0.4, 0.2, 0.25) + (5.0, 3.5, 6.0), body.faces)
    placed = ModelProduct(Solid((body, handle)), up="z").put(ROOM).points
    feet = placed[placed[:, 1] < ROOM.foot + 1e-6]
    assert feet[:, 0].min() == pytest.approx(-feet[:, 0].max())
    assert placed[:, 0].max() > 1.1 * feet[:, 0].max()
    arm = Part(body.points * (4, 0.2, 0.25) - (20, -5.6, -7.0), body.faces)
    lamp = ModelProduct(Solid((body, arm)), up="z").put(ROOM).points
    middle, width = (lamp[:, 0].max() + lamp[:, 0].min()) / 2, float(np.ptp(lamp[:, 0]))
    assert abs(middle) == pytest.approx(0.15 * width)


def test_what_does_not_fit_its_stand_is_shown_smaller_and_told_of() -> None:
    standing = ModelProduct(cube(), height_m=0.9).put(ROOM)
    assert [item.reason for item in standing.findings] == ["PRODUCT_SHRUNK"]
    assert float(np.hypot(standing.points[:, 0], standing.points[:, 2]).max()) < ROOM.radius
    assert ModelProduct(cube()).put(ROOM).findings == ()
    assert fitted(ROOM, height=2.0, foot=0.1, reach=0.2, wanted_m=0).scale == pytest.approx(ROOM.height / 2)
    assert fitted(ROOM, height=2.0, foot=0.1, reach=2.0, wanted_m=0).scale == pytest.approx(1.5 * ROOM.radius / 2)


def test_edges_of_a_cube_are_hard_and_those_of_a_fan_are_not() -> None:
    (part,) = cube().parts
    mesh = creased(part.points, part.faces, None, None)
    assert np.allclose(np.abs(mesh.normals).max(axis=1), 1)
    fan = np.array([[0, 0, 0], [1, 0, 0.1], [0, 1, 0.1], [-1, 0, 0.1]], float)
    smooth = creased(fan, np.array([[0, 1, 2], [0, 2, 3]], np.int32), None, None)
    assert np.allclose(smooth.normals[0], smooth.normals[3])


@pytest.mark.parametrize("finish", ["", "matt", "satin", "gloss", "metal"])
def test_every_finish_has_a_material(finish: str) -> None:
    for colour in ("", *(COLOURS if finish else ())):
        product = ModelProduct(cube(), finish=check_finish(finish, colour, field="set.model"))
        (item,) = product.put(ROOM).items(View(CAMERA, PixelSize(640, 360), PALETTES["sage-noon"]))
        assert item.product
        assert item.material["bsdf"]["type"] == "principled"


def test_a_files_own_material_is_kept() -> None:
    (part,) = cube().parts
    surface = Surface((0.2, 0.4, 0.6), metallic=0.7, roughness=0.3)
    solid = Solid((Part(part.points, part.faces, surface=surface),), library_left_out=True)
    view = View(CAMERA, PixelSize(640, 360), PALETTES["sage-noon"])
    (item,) = ModelProduct(solid).put(ROOM).items(view)
    assert item.material["bsdf"]["base_color"]["value"] == [0.2, 0.4, 0.6]
    assert (item.material["bsdf"]["metallic"], item.material["bsdf"]["roughness"]) == (0.7, 0.3)
    assert [item.reason for item in ModelProduct(solid).put(ROOM).findings] == ["MODEL_LIBRARY_LEFT_OUT"]
    assert ModelProduct(solid, finish=Finish("matt")).put(ROOM).findings == ()


@pytest.mark.parametrize(
    ("material", "colour", "field"),
    [
        ("wood", "", "set.model.material"),
        ("", "ink", "set.model.colour"),
        ("matt", "mauve", "set.model.colour"),
        ("matt", "#12345g", "set.model.colour"),
    ],
)
def test_an_unknown_finish_names_its_field(material: str, colour: str, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_finish(material, colour, field="set.model")
    assert caught.value.metadata["field"] == field
