"""Kiss and hug: two people come together, stay two, and stay themselves."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
import pytest

from firstframe.animation.effects import couple
from firstframe.animation.effects.couple import HUG, KISS, CoupleModule, CoupleTake, Manner
from firstframe.animation.engines import ClipRequest
from firstframe.core.errors import InvalidInput, PreconditionFailed
from firstframe.core.media import HeroPicture, LayerImage, LayerPictures, LayerRole
from firstframe.core.motion import CameraMove, CameraPhase, Effect, EffectKind, Motion, Repeat
from firstframe.imaging.face_mesh import FaceMesh
from support.animated_heroes import Watched, composite
from support.portraits import MIDDLE, SIZE, mesh, portrait

WIDE, BLEED = 400, 8
LEFT, RIGHT = 120.0, 280.0


def hero() -> HeroPicture:
    """Two drawn portraits before a wall, the right one nearer."""
    wall = np.full((SIZE[1] + 2 * BLEED, WIDE + 2 * BLEED, 4), (90, 110, 120, 255), np.uint8)
    person = portrait().image
    cover = (np.abs(person.astype(int) - person[0, 0]).max(axis=-1) > 3).astype(np.uint8) * 255
    layers = [LayerImage(LayerRole.BACKGROUND, wall, 4.0)]
    for middle, depth, shade in ((LEFT, 2.3, 0), (RIGHT, 2.0, 20)):
        layer = np.zeros_like(wall)
        x = BLEED + int(middle - MIDDLE[0])
        part = layer[BLEED : BLEED + SIZE[1], x : x + SIZE[0]]
        part[..., :3] = np.where(cover[..., None] > 0, person - np.minimum(person, shade), person[0, 0])
        part[..., 3] = cover
        layers.append(LayerImage(LayerRole.SUBJECT, layer, depth))
    pictures = LayerPictures(tuple(layers), BLEED, 40.0, 0.85)
    return HeroPicture(composite(pictures), pictures, None, None, None)


def faces() -> tuple[FaceMesh, FaceMesh]:
    return mesh(at=(LEFT, MIDDLE[1])), mesh(at=(RIGHT, MIDDLE[1]))


def request(manner: Manner, strength: float = 1.0, *, frames: int = 10, **changes: object) -> ClipRequest:
    motion = Motion((CameraPhase(CameraMove.LOCKED),), strength, effect=Effect(manner.kind))
    return ClipRequest(hero(), replace(motion, **changes), frames, Fraction(5), 3)


def take(manner: Manner, strength: float = 1.0, **changes: object) -> CoupleTake:
    return CoupleTake(request(manner, strength, **changes), manner, (1, 2), faces())


def rendered(made: CoupleTake) -> list[np.ndarray]:
    return [frame.copy() for frame in made.frames(Watched())]


class Finder:
    """Finds the faces that it is told."""

    def __init__(self, *found: FaceMesh) -> None:
        self.found = found

    def faces(self, _picture: np.ndarray) -> tuple[FaceMesh, ...]:
        return self.found


@pytest.mark.parametrize("manner", [KISS, HUG])
def test_two_people_come_together_and_stay_two(manner: Manner) -> None:
    made = take(manner)
    frames = rendered(made)
    assert len(frames) == 10
    assert np.array_equal(frames[0], made.hero.image.astype(np.uint16) * 257)
    scores = {score.name.split("-")[1]: score for score in made.scores}
    assert all(score.passes for score in scores.values())
    assert scores["overlap"].value <= couple.HIDDEN
    assert scores["eyes"].value == 0
    assert scores["mesh"].value <= couple.MESH
    far, near = (body.carried(pose) for body, pose in zip(made._bodies, made._poses(1.0), strict=True))
    apart = near[:, 0].mean() - far[:, 0].mean()
    assert apart < 0.85 * (RIGHT - LEFT)
    assert apart > 0.6 * faces()[0].width * made._apart


def test_the_nearer_one_passes_in_front_and_nothing_is_blended() -> None:
    """Where both are whole, the frame shows the nearer one alone."""
    made = take(HUG)
    poses = made._poses(1.0)
    picture, near = made._composed(poses)
    own = made._bodies[1].posed(poses[1])
    whole = near > 0.999
    assert whole.sum() > 1000
    assert np.abs(picture[whole] - own[whole][:, :3]).max() < 0.6


@pytest.mark.parametrize("manner", [KISS, HUG])
def test_the_wall_and_the_lower_corners_stay(manner: Manner) -> None:
    frames = rendered(take(manner))
    for frame in frames:
        assert np.array_equal(frame[:12], frames[0][:12])


def test_eyes_close_before_they_touch() -> None:
    made = take(KISS)
    early, late = (made._poses(share)[0].lids for share in (0.2, 1.0))
    assert (early, late) == (0.0, pytest.approx(1.0, abs=0.01))


def test_a_loop_parts_again() -> None:
    made = take(HUG, repeat=Repeat.LOOP)
    assert made._poses(1.0)[0].lean_x == 0
    assert abs(made._poses(0.5)[0].lean_x) > 5


@pytest.mark.parametrize(
    ("found", "reach"),
    [
        (couple._Measured(0.0, 0.0, 0.0, couple.STRUCTURE + 0.021), 1.0),
        (couple._Measured(0.0, 0.0, 0.0, couple.STRUCTURE + 0.019), 0.0),
        (couple._Measured(0.89 * couple.HIDDEN, 0.0, 0.0, 1.0), 1.0),
        (couple._Measured(0.91 * couple.HIDDEN, 0.0, 0.0, 1.0), 0.0),
        (couple._Measured(0.0, 0.49 * couple.EYES, 0.0, 1.0), 1.0),
        (couple._Measured(0.0, 0.51 * couple.EYES, 0.0, 1.0), 0.0),
        (couple._Measured(0.0, 0.0, 0.94 * couple.MESH, 1.0), 1.0),
        (couple._Measured(0.0, 0.0, 0.96 * couple.MESH, 1.0), 0.0),
    ],
)
def test_a_plan_stays_within_each_limit_by_a_margin(
    monkeypatch: pytest.MonkeyPatch, found: couple._Measured, reach: float
) -> None:
    """Frames are rounded and breathe: what is planned at the very limit would be refused half-way."""
    made = take(HUG)
    monkeypatch.setattr(CoupleTake, "_measured", lambda *_: found)
    assert made._bound() == pytest.approx(reach, abs=couple._LEAST_REACH)


def test_no_strength_brings_nobody_together() -> None:
    pose = take(KISS, 0.0)._poses(1.0)[1]
    assert (pose.lean_x, pose.lean_y, pose.head.turn_rad, pose.lids) == (0, 0, 0, 0)


def test_the_two_come_until_they_touch() -> None:
    """However near a manner would have them: cheek at cheek, an eye is never hidden."""
    near, nearer = (CoupleTake(request(HUG), replace(HUG, apart=apart), (1, 2), faces()) for apart in (0.3, 0.9))
    assert near._apart == pytest.approx(nearer._apart, abs=0.03)
    assert near._apart > 0.95
    rendered(near)
    overlap, eyes = near.scores[:2]
    assert 0 < overlap.value <= couple._TOUCH + 0.01
    assert eyes.value == 0
    assert near.applied_strength == 1
    assert near.details["couple_apart"] == f"{near._apart:.2f}"


def test_an_eye_is_where_they_stop_even_where_little_of_the_face_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    touching = take(replace(HUG, apart=0.3))._apart
    monkeypatch.setattr(couple, "_TOUCH", 1.0)
    made = take(replace(HUG, apart=0.3))
    assert 0.3 < made._apart < touching
    poses = made._poses(1.0)
    _, near = made._composed(poses)
    assert couple._hidden(made._bodies[0].carried(poses[0])[couple._EYES], near) == 0


def test_who_has_more_hair_stays_farther_away() -> None:
    wanted = request(HUG)
    wall, far, near = wanted.hero.layers.layers
    full = near.rgba.copy()
    full[..., 3] = cv2.dilate(full[..., 3], np.ones((1, 41), np.uint8))
    more = CoupleTake(stacked(wall, far, replace(near, rgba=full)), HUG, (1, 2), faces())
    assert more._apart > CoupleTake(wanted, HUG, (1, 2), faces())._apart + 0.1


def test_two_who_keep_apart_of_themselves_are_not_moved_farther() -> None:
    assert take(replace(HUG, apart=1.7))._apart == 1.7


def test_who_would_be_changed_comes_less_far_and_it_is_told() -> None:
    made = CoupleTake(request(HUG), replace(HUG, turn_deg=24), (1, 2), faces())
    assert made.applied_strength < 1
    assert [found.reason for found in made.findings] == ["EFFECT_LIMITED"]
    rendered(made)


@pytest.mark.parametrize(
    ("limit", "value", "told"),
    [("HIDDEN", -0.1, "face that is hidden"), ("EYES", -0.1, "eyes that is hidden"), ("MESH", 0.0, "meshes")],
)
def test_a_frame_beyond_a_limit_ends_the_clip(
    monkeypatch: pytest.MonkeyPatch, limit: str, value: float, told: str
) -> None:
    made = take(HUG)
    monkeypatch.setattr(couple, limit, value)
    with pytest.raises(PreconditionFailed, match=told) as caught:
        rendered(made)
    assert caught.value.reason == "EFFECT_BELOW_FLOOR"


def test_a_clip_in_which_faces_merge_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    made = take(KISS)
    monkeypatch.setattr(couple, "STRUCTURE", 0.9999)
    with pytest.raises(PreconditionFailed, match="structure of the faces") as caught:
        rendered(made)
    assert caught.value.reason == "EFFECT_BELOW_FLOOR"


def test_faces_are_found_in_their_layers() -> None:
    far, near = faces()
    made = CoupleModule(Finder(near, far), HUG).take(request(HUG))
    assert [face.points[:, 0].mean() < WIDE / 2 for face in made._faces] == [True, False]
    assert made.asked.effect is EffectKind.HUG


@pytest.mark.parametrize("found", [(), (mesh(at=(LEFT, MIDDLE[1])),)])
def test_a_person_without_a_face_is_refused(found: tuple[FaceMesh, ...]) -> None:
    with pytest.raises(InvalidInput) as caught:
        CoupleModule(Finder(*found), KISS).take(request(KISS))
    assert caught.value.reason == "EFFECT_NOT_A_PAIR"


def test_one_layer_is_no_pair() -> None:
    wanted = request(KISS)
    single = replace(wanted.hero.layers, layers=wanted.hero.layers.layers[:2])
    with pytest.raises(InvalidInput, match="partner") as caught:
        CoupleModule(Finder(*faces()), KISS).take(replace(wanted, hero=replace(wanted.hero, layers=single)))
    assert caught.value.reason == "EFFECT_NOT_A_PAIR"


def stacked(*layers: LayerImage) -> ClipRequest:
    wanted = request(HUG)
    pictures = replace(wanted.hero.layers, layers=layers)
    return replace(wanted, hero=replace(wanted.hero, layers=pictures, image=composite(pictures)))


def front(x: int, colour: tuple[int, int, int]) -> LayerImage:
    """A stripe before everybody, at a column of the hero."""
    layer = np.zeros_like(hero().layers.layers[0].rgba)
    layer[:, BLEED + x : BLEED + x + 6] = (*colour, 255)
    return LayerImage(LayerRole.FOREGROUND, layer, 1.0)


def test_what_stands_before_both_stays_before_both() -> None:
    wall, far, near = hero().layers.layers
    wanted = stacked(wall, far, near, front(190, (250, 0, 0)), front(200, (0, 250, 0)))
    made = CoupleTake(wanted, HUG, (1, 2), faces())
    last = rendered(made)[-1]
    assert (last[:, 190:196] // 257 == (250, 0, 0)).all()
    assert (last[:, 200:206] // 257 == (0, 250, 0)).all()


def test_the_two_follow_each_other_before_a_background() -> None:
    wall, far, near = hero().layers.layers
    person = replace(wall, role=LayerRole.SUBJECT)
    for layers in ((person, near), (wall, far, front(190, (250, 0, 0)), near)):
        with pytest.raises(InvalidInput, match="follow each other") as caught:
            CoupleModule(Finder(*faces()), HUG).take(stacked(*layers))
        assert caught.value.reason == "EFFECT_NOT_A_PAIR"


def test_a_face_beyond_the_edge_belongs_to_what_is_at_the_edge() -> None:
    outside = mesh(at=(-40.0, MIDDLE[1])), mesh(at=(WIDE + 40.0, 5000.0))
    with pytest.raises(InvalidInput) as caught:
        CoupleModule(Finder(*outside), HUG).take(request(HUG))
    assert caught.value.reason == "EFFECT_NOT_A_PAIR"


def test_a_face_that_cannot_be_moved_is_refused() -> None:
    far, near = faces()
    middle = near.points.mean(axis=0)
    small = replace(near, points=middle + 0.2 * (near.points - middle))
    with pytest.raises(InvalidInput) as caught:
        CoupleModule(Finder(far, small), HUG).take(request(HUG))
    assert caught.value.reason == "EFFECT_FACE_SMALL"


def test_the_two_breathe() -> None:
    made = take(HUG)
    assert {pose.head.breath for pose in made._poses(0.0)} == {0.0}
    assert min(pose.head.breath for pose in made._poses(0.1)) > 0
