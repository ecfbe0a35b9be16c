"""Arms that stand off a body: what is theirs goes along when they rise, and the armpit stays closed."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from firstframe.imaging.portrait.armpit import Armpit, with_stray
from firstframe.imaging.portrait.figure import Figure, Skeleton, Stance
from firstframe.imaging.portrait.sleeve import Sleeve, _without_slivers
from support.figures import skeleton

SHIRT, SKIN = (180, 70, 60, 255), (210, 170, 140, 255)
JOINTS = {"shoulder": (30, 96), "elbow": (52, 146), "wrist": (74, 188)}
HAND = (66, 214)
"""Bent back towards the body, off the line of the forearm."""
SIDES = (("left", -1), ("right", 1))


def standing() -> tuple[np.ndarray, Skeleton]:
    """A figure with its arms 25° away from the body and its hands bent."""
    layer = np.zeros((308, 208, 4), np.uint8)
    at = {name: place.copy() for name, place in skeleton().joints.items()}
    cv2.rectangle(layer, (80, 84), (128, 196), SHIRT, -1)
    for side, sign in SIDES:
        places = {name: (104 + sign * x, y) for name, (x, y) in {**JOINTS, "hand": HAND}.items()}
        cv2.line(layer, places["shoulder"], places["elbow"], SHIRT, 22)
        cv2.line(layer, places["elbow"], places["wrist"], SKIN, 14)
        cv2.line(layer, places["wrist"], places["hand"], SKIN, 8)
        for name in JOINTS:
            at[f"{side}_{name}"] = np.array(places[name], float)
    return layer, replace(skeleton(), joints=at)


def posed(degrees: float) -> np.ndarray:
    """Cover of the figure with both arms raised, levels of 255."""
    layer, bones = standing()
    return Figure(layer, bones).posed(Stance(left_arm=degrees, right_arm=degrees))[..., 3]


def test_a_bent_hand_goes_along_with_its_arm() -> None:
    shown = posed(50) > 100
    count, _, stats, _ = cv2.connectedComponentsWithStats(shown.astype(np.uint8))
    assert count == 2, stats[1:, cv2.CC_STAT_AREA]
    for _, sign in SIDES:
        x, y = 104 + sign * HAND[0], HAND[1]
        assert not shown[y - 10 : y + 6, x - 6 : x + 7].any()


@pytest.mark.parametrize("shift", [-9, 9])
def test_of_a_figure_that_has_gone_out_of_the_picture_nothing_is_left(shift: float) -> None:
    layer, bones = standing()
    shown = Figure(layer, bones).posed(Stance(shift=shift, left_arm=30, right_arm=30))
    assert shown[:200, :, 3].max() < 1


@pytest.mark.parametrize("degrees", [15, 30, 45, 60])
def test_nothing_opens_between_body_and_arm(degrees: float) -> None:
    """From the shoulder's joint towards the armpit, everywhere between the body and the arm where it has come to."""
    shown = posed(degrees)
    layer, bones = standing()
    for side, _ in SIDES:
        sleeve = Sleeve(layer[..., 3] / np.float32(255), bones.joints, side)
        seam = sleeve.armpit - sleeve.joint
        for angle in np.linspace(0, degrees, 7):
            for share in (0.3, 0.55, 0.8):
                turn = np.radians(sleeve.turn * angle)
                matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
                x, y = np.rint(sleeve.joint + share * matrix @ seam).astype(int)
                assert shown[y, x] > 200, (side, angle, share)


def test_the_armpit_is_where_the_arm_parts_from_the_body() -> None:
    layer, bones = standing()
    for side, sign in SIDES:
        sleeve = Sleeve(layer[..., 3] / np.float32(255), bones.joints, side)
        assert sleeve.armpit == pytest.approx([104 + sign * 26, 113], abs=6)


def test_an_arm_takes_nothing_of_the_body_s_edge_along() -> None:
    """Below the armpit the body's outline is whole, and nothing of it hangs on the arm."""
    shown = posed(55) > 100
    assert shown[124:190, 82:126].all()
    for _, sign in SIDES:
        assert not shown[126:190, 104 + sign * 29 : 104 + sign * 33 : 1 if sign > 0 else -1].any()


def test_at_rest_every_place_shows_itself() -> None:
    layer, bones = standing()
    cover = layer[..., 3] / np.float32(255)
    places = np.dstack(np.meshgrid(np.arange(208.0), np.arange(308.0))).astype(np.float32)
    armpit = Armpit(cover, Sleeve(cover, bones.joints, "left"))
    assert np.abs(armpit.sources(places, 0.0) - places).max() < 0.01
    turned = armpit.sources(places, 40.0)
    away = np.hypot(*np.moveaxis(turned - armpit._joint, -1, 0)) - np.hypot(*np.moveaxis(places - armpit._joint, -1, 0))
    assert np.abs(away).max() < 0.01
    assert np.abs(turned - places).max() > 10


def test_pieces_that_hang_on_the_body_or_on_nothing_stay() -> None:
    cover = np.zeros((60, 80), np.float32)
    cover[10:50, 10:40] = 1
    cover[20:24, 41:70] = 1
    cover[40:44, 60:70] = 1
    arm = np.zeros_like(cover)
    arm[19:25, 42:64] = 1
    found = with_stray(cover, {"right": arm, "left": np.zeros_like(cover)})
    assert found["right"][21, 66] == 1
    assert found["right"][42, 65] == 0
    assert found["right"][30, 20] == 0
    assert found["left"].max() == 0
    assert np.array_equal(with_stray(arm, {"right": arm, "left": np.zeros_like(arm)})["right"], arm)


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_cloth_goes_farther_under_the_body_than_under_the_arm(side: str) -> None:
    layer, bones = standing()
    armpit = Armpit(np.ones(layer.shape[:2], np.float32), Sleeve(layer[..., 3] / np.float32(255), bones.joints, side))
    across = armpit._turn * np.array([-armpit._seam[1], armpit._seam[0]])

    def cover(degrees: float) -> float:
        """A little farther from the joint than the armpit is."""
        angle = np.radians(degrees)
        x, y = armpit._joint + 1.04 * armpit._reach * (np.cos(angle) * armpit._seam + np.sin(angle) * across)
        return float(armpit.cover[round(y), round(x)])

    assert cover(-45) > 0.9
    assert cover(45) == 0


def test_a_sliver_beside_an_arm_is_the_body_s() -> None:
    cover, inside = np.zeros((60, 60), np.float32), np.zeros((60, 60), np.float32)
    cover[:, 20:40] = cover[:, 44:] = 1
    inside[10:50, 20:46] = 1
    y, x = np.mgrid[0:60, 0:60].astype(np.float32)
    limb = SimpleNamespace(half_px=np.full(32, 10.0), inside=lambda _x, _y: inside)
    found = _without_slivers(limb, cover, x, y)  # type: ignore[arg-type]
    assert found[20:40, 22:38].min() == 1
    assert found[:, 44:].max() == 0
    assert found[20:40, 40].min() == 1, "with the soft edge of its outline"
