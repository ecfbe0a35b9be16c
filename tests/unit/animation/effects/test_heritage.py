"""Heritage: what moves, what stays, and that nothing goes beyond the ceiling."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firstframe.animation.effects import heritage
from firstframe.animation.effects.heritage import MESH, MOTION, STRUCTURE, HeritageModule, HeritageTake
from firstframe.animation.effects.people import People, one_face
from firstframe.animation.engines import ClipRequest
from firstframe.core.errors import Cancelled, InvalidInput, PreconditionFailed
from firstframe.core.media import HeroPicture, PixelRect, PixelSize
from firstframe.core.motion import (
    Air,
    Atmosphere,
    CameraMove,
    CameraPhase,
    Effect,
    EffectKind,
    Heritage,
    Motion,
    Repeat,
    Window,
)
from firstframe.imaging.portrait.head import HeadPose, make_head
from support.animated_heroes import Watched
from support.portraits import HALF, MIDDLE, SIZE, mesh, portrait


def motion(asked: Heritage | None = None, strength: float = 1.0, **changes: object) -> Motion:
    effect = Effect(EffectKind.HERITAGE, asked)
    return replace(Motion((CameraPhase(CameraMove.LOCKED),), strength, effect=effect), **changes)


def take(
    asked: Heritage | None = None,
    strength: float = 1.0,
    *,
    hero: HeroPicture | None = None,
    frames: int = 24,
    **changes: object,
) -> HeritageTake:
    wanted = ClipRequest(hero or portrait(), motion(asked, strength, **changes), frames, Fraction(6), 5)
    return HeritageTake(wanted, mesh())


def rendered(made: HeritageTake) -> list[np.ndarray]:
    return [frame.copy() for frame in made.frames(Watched())]


def face_of(frame: np.ndarray) -> np.ndarray:
    x, y = int(MIDDLE[0]), int(MIDDLE[1])
    return frame[y - int(HALF[1]) : y + int(HALF[1]), x - int(HALF[0]) : x + int(HALF[0])]


def test_the_first_frame_is_the_hero_and_its_corners_stay() -> None:
    hero = portrait(grain=3)
    frames = rendered(take(Heritage(2, 5, 2, 1.0), hero=hero))
    assert len(frames) == 24
    assert np.array_equal(frames[0], hero.image.astype(np.uint16) * 257)
    for frame in frames:
        assert np.array_equal(frame[0], frames[0][0])
        assert np.array_equal(frame[-1], frames[0][-1])
        assert np.array_equal(frame[:, 0], frames[0][:, 0])
        assert np.array_equal(frame[:, -1], frames[0][:, -1])


def test_a_blink_changes_the_eyes_alone() -> None:
    hero = portrait()
    made = take(Heritage(1, breath=0.0), hero=hero, frames=96)
    changed = np.any([frame != hero.image.astype(np.uint16) * 257 for frame in rendered(made)], axis=(0, -1))
    rows, columns = np.nonzero(changed)
    assert rows.size > 50
    face = mesh()
    for eye in face.eyes:
        assert changed[int(eye.iris[1]), int(eye.iris[0])]
    assert rows.min() > MIDDLE[1] - HALF[1]
    assert rows.max() < MIDDLE[1] + 0.25 * HALF[1]
    assert columns.min() > MIDDLE[0] - 1.1 * HALF[0]
    assert columns.max() < MIDDLE[0] + 1.1 * HALF[0]


def test_a_closed_lid_is_skin_and_not_an_eye() -> None:
    made = take(Heritage(1, breath=0.0), frames=96)
    frames = [frame / 257 for frame in rendered(made)]
    x, y, _ = mesh().eyes[0].iris
    middle = np.array([frame[int(y), int(x)].mean() for frame in frames])
    assert middle.min() < 60  # the iris, while it is open
    assert middle.max() > 140  # skin, while it is closed
    assert middle[0] == middle[-1]


@pytest.mark.parametrize(
    ("asked", "axis"), [(Heritage(0, turn_deg=5, breath=0.0), 0), (Heritage(0, tilt_deg=2, breath=0.0), 0)]
)
def test_a_turn_and_a_tilt_move_the_nose_to_the_pictures_right(asked: Heritage, axis: int) -> None:
    made = take(asked)
    pose = made._pose_at(23)
    nose = mesh().points[[1]]
    assert made._portrait.head.carried(pose, nose)[0, axis] > nose[0, axis] + 0.8


def test_a_turn_leaves_the_outline_of_the_head() -> None:
    made = take(Heritage(0, turn_deg=5, breath=0.0))
    pose = made._pose_at(23)
    outline = np.array([[MIDDLE[0] - 1.25 * HALF[0], MIDDLE[1]], [MIDDLE[0] + 1.25 * HALF[0], MIDDLE[1]]])
    assert np.abs(made._portrait.head.carried(pose, outline) - outline).max() < 0.6


def test_a_breath_nods_the_head_a_little_and_back() -> None:
    made = heritage.Bounded(0.0, 0.0, 0.5, 1.0)
    assert made.pose(0.0, 1.0).nod_rad == pytest.approx(-np.radians(0.11))
    assert made.pose(0.0, 0.0).nod_rad == 0
    head = make_head(mesh(), PixelSize(*SIZE), None)
    nodded = head.shift(HeadPose(nod_rad=0.1))
    assert not nodded[..., 0].any()
    assert np.allclose(nodded[..., 1], head.weight * head.relief * np.sin(0.1), atol=1e-4)
    assert np.abs(nodded[..., 1]).max() > 1


def test_breath_lifts_the_shoulders_and_ends_where_it_began() -> None:
    frames = rendered(take(Heritage(0, breath=1.0)))
    assert np.array_equal(frames[0], frames[-1])
    assert not np.array_equal(frames[0], frames[12])


def test_grain_stays_where_it_is() -> None:
    """Where a face has moved, what changed is not the grain: its residual is the photograph's, pixel for pixel."""
    hero = portrait(grain=5)
    frame = rendered(take(Heritage(0, turn_deg=5, breath=0.0), hero=hero))[-1] / 257.0
    rows, columns = slice(140, 156), slice(96, 144)  # cheeks and nose: plain skin
    before, after = (picture[rows, columns, 1] - picture[rows, columns, 1].mean() for picture in (hero.image, frame))
    assert (before * after).mean() / np.sqrt((before**2).mean() * (after**2).mean()) > 0.8


def test_a_loop_comes_back() -> None:
    made = take(Heritage(0, turn_deg=5, breath=0.0), repeat=Repeat.LOOP)
    frames = rendered(made)
    assert np.array_equal(frames[0], frames[-1])
    assert not np.array_equal(frames[0], frames[12])


def test_the_same_request_gives_the_same_bytes() -> None:
    one, other = (rendered(take(Heritage(1, 4, 1, 1.0), hero=portrait(grain=3))) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_restoring_waits_for_the_first_frame_and_widens_the_tones() -> None:
    hero = portrait(grain=2)
    faded = replace(hero, image=(90 + hero.image // 4).astype(np.uint8))
    made = take(Heritage(0, breath=0.0, restore=True), hero=faded)
    frames = rendered(made)
    assert np.array_equal(frames[0], faded.image.astype(np.uint16) * 257)
    assert np.ptp(frames[-1]) > 1.4 * np.ptp(frames[0])
    assert [found.reason for found in made.findings] == ["HERITAGE_RESTORED"]


@given(
    turn=st.floats(-45, 45),
    tilt=st.floats(-45, 45),
    breath=st.floats(0, 1),
    blinks=st.integers(0, 3),
    strength=st.floats(0, 1),
    prompt=st.text(max_size=20),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_nothing_that_can_be_asked_goes_beyond_the_ceiling_or_below_the_floor(
    turn: float, tilt: float, breath: float, blinks: int, strength: float, prompt: str
) -> None:
    asked = Heritage(blinks, turn, tilt, breath)
    wanted = ClipRequest(portrait(grain=2), motion(asked, strength), 4, Fraction(2), 3, prompt=prompt)
    made = HeritageTake(wanted, mesh())
    for _ in made.frames(Watched()):
        pass
    scores = {score.name: score for score in made.scores}
    assert scores["heritage-motion"].value <= MOTION
    assert scores["heritage-mesh"].value <= MESH
    assert scores["heritage-structure"].value >= STRUCTURE
    done = made.details
    assert abs(float(done["heritage_turn_deg"])) <= min(heritage.TURN_DEG, abs(turn) * strength) + 0.01
    assert abs(float(done["heritage_tilt_deg"])) <= min(heritage.TILT_DEG, abs(tilt) * strength) + 0.01
    over = max(abs(turn) / heritage.TURN_DEG, abs(tilt) / heritage.TILT_DEG) > 1.05 and strength > 0.05
    assert not over or "HERITAGE_LIMITED" in {found.reason for found in made.findings}


def test_a_frame_beyond_a_limit_ends_the_clip(monkeypatch: pytest.MonkeyPatch) -> None:
    made = take(Heritage(0, turn_deg=5))
    monkeypatch.setattr(heritage, "MOTION", 0.001)
    with pytest.raises(PreconditionFailed, match="motion of the face") as caught:
        rendered(made)
    assert caught.value.reason == "EFFECT_BELOW_FLOOR"


def test_a_plan_gives_way_until_its_likeness_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    full = take(Heritage(0, turn_deg=5))
    monkeypatch.setattr(heritage, "MESH", 0.004)
    less = take(Heritage(0, turn_deg=5))
    assert float(less.details["heritage_turn_deg"]) < 0.8 * float(full.details["heritage_turn_deg"])
    assert less.applied_strength < full.applied_strength == 1
    rendered(less)


def test_no_strength_is_the_still_photograph() -> None:
    hero = portrait(grain=3)
    made = take(Heritage(2, 5, 2, 1.0), 0.0, hero=hero)
    assert all(np.array_equal(frame, hero.image.astype(np.uint16) * 257) for frame in rendered(made))
    assert made.findings == ()


def test_a_short_clip_has_fewer_blinks_and_says_so() -> None:
    made = take(Heritage(3), frames=12)
    assert len(made.details["heritage_blinks_s"].split()) == 1
    assert [found.reason for found in made.findings] == ["HERITAGE_BLINKS_LEFT_OUT"]


def test_work_is_checked_at_every_frame() -> None:
    with pytest.raises(Cancelled):
        list(take().frames(Watched(stop_after=3)))


@pytest.mark.parametrize(
    ("faces", "subject", "reason"),
    [
        ([], None, "EFFECT_NO_FACE"),
        ([mesh(), mesh(at=(40, 40))], None, "EFFECT_FACES"),
        ([mesh(), mesh(at=(40, 40))], PixelRect(0, 0, 240, 320), "EFFECT_FACES"),
        ([mesh(50)], None, "EFFECT_PROFILE"),
        ([mesh(scale=0.3)], None, "EFFECT_FACE_SMALL"),
    ],
)
def test_faces_that_will_not_do_are_refused(faces: list, subject: PixelRect | None, reason: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        one_face(faces, subject)
    assert caught.value.reason == reason
    assert caught.value.metadata == {"field": "hero"}


def test_the_subject_tells_which_of_two_faces_is_meant_and_a_small_one_is_not() -> None:
    far, near = mesh(at=(40, 40)), mesh()
    assert one_face([near, far], PixelRect(20, 20, 40, 40)) is far
    assert one_face([near, mesh(scale=0.4, at=(40, 40))], None) is near


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"phases": (CameraPhase(CameraMove.PUSH),)}, "motion.camera"),
        ({"airs": (Air(Atmosphere.DUST),)}, "motion.airs"),
        ({"window": Window(0, 0.5)}, "motion.window"),
    ],
)
def test_what_an_effect_cannot_be_joined_with_is_refused(changes: dict, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        HeritageModule(People()).take(ClipRequest(portrait(), motion(**changes), 4, Fraction(4), 1))
    assert caught.value.metadata["field"] == field


def test_without_the_pack_nothing_is_found() -> None:
    with pytest.raises(PreconditionFailed, match="face-landmarks") as caught:
        HeritageModule(People()).take(ClipRequest(portrait(), motion(), 4, Fraction(4), 1))
    assert caught.value.reason == "EFFECT_MODELS_MISSING"
