"""Dance: limbs follow a track, feet stand, and what is no whole figure is refused."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
import pytest

from firstframe.animation.effects import dance
from firstframe.animation.effects.dance import TRACKS, DanceModule, DanceTake, track_of
from firstframe.animation.effects.people import People
from firstframe.animation.engines import ClipRequest
from firstframe.core.errors import InvalidInput, PreconditionFailed
from firstframe.core.media import HeroPicture
from firstframe.core.motion import CameraMove, CameraPhase, Effect, EffectKind, Motion, Repeat
from firstframe.imaging.portrait.figure import Figure, Skeleton, Stance, bones, network_input, skeleton_of, stretch
from firstframe.imaging.portrait.sleeve import centred
from support.animated_heroes import Watched
from support.figures import dancer, figure, skeleton


def request(track: str = "", strength: float = 1.0, *, frames: int = 12, **changes: object) -> ClipRequest:
    motion = Motion((CameraPhase(CameraMove.LOCKED),), strength, effect=Effect(EffectKind.DANCE, track=track))
    return ClipRequest(dancer(), replace(motion, **changes), frames, Fraction(6), 1)


def take(track: str = "", strength: float = 1.0, **changes: object) -> DanceTake:
    return DanceTake(request(track, strength, **changes), track_of(track), 1, skeleton())


def rendered(made: DanceTake) -> list[np.ndarray]:
    return [frame.copy() for frame in made.frames(Watched())]


@pytest.mark.parametrize("track", TRACKS)
def test_a_figure_dances_on_feet_that_stand(track: str) -> None:
    made = take(track)
    frames = rendered(made)
    assert np.array_equal(frames[0], made.hero.image.astype(np.uint16) * 257)
    assert all(score.passes for score in made.scores)
    moved = np.abs(frames[-1].astype(int) - frames[0]).max(axis=-1) > 20 * 257
    assert moved[40:160].sum() > 300
    assert moved[266:].sum() < 30
    assert made.details["dance_track"] == track


def test_an_empty_name_is_the_first_track_and_an_unknown_one_is_refused() -> None:
    assert track_of("").name == TRACKS[0]
    with pytest.raises(InvalidInput, match="shimmy") as caught:
        track_of("polka")
    assert caught.value.metadata["field"] == "motion.effect.track"


@pytest.mark.parametrize("track", TRACKS)
def test_a_track_goes_round_without_a_jump(track: str) -> None:
    made = track_of(track)
    ends = made.at(made.period_s - 1e-4), made.at(made.period_s)
    assert abs(ends[0].shift - ends[1].shift) < 1e-3
    assert abs(ends[0].torso - ends[1].torso) < 0.01
    assert made.at(0.0) == made.keys[0][1]


def test_an_arm_swings_outwards_on_its_own_side() -> None:
    rest = bones(skeleton(), Stance())
    for side, sign in (("left", -1), ("right", 1)):
        swung = bones(skeleton(), Stance(**{f"{side}_arm": 30}))
        assert sign * (swung[f"{side}_fore"][1][0] - rest[f"{side}_fore"][1][0]) > 20
        other = "right" if side == "left" else "left"
        assert np.allclose(swung[f"{other}_fore"][1], rest[f"{other}_fore"][1])


def test_ankles_stay_whatever_the_hips_do() -> None:
    posed = bones(skeleton(), Stance(shift=0.2, dip=0.1, torso=9))
    rest = bones(skeleton(), Stance())
    for side in ("left", "right"):
        assert np.allclose(posed[f"{side}_shin"][1], rest[f"{side}_shin"][1])
        assert posed[f"{side}_thigh"][0][0] > rest[f"{side}_thigh"][0][0] + 10


def test_rest_is_the_photograph() -> None:
    layer = figure()
    posed = Figure(layer, skeleton()).posed(Stance())
    off = np.abs(posed[..., 3] - layer[..., 3])
    assert off.max() < 40  # along the seams of the arms
    assert off.mean() < 0.1


def test_a_loop_ends_as_it_began() -> None:
    made = take(frames=24, repeat=Repeat.LOOP)
    assert made._stance(23) == Stance()
    assert made._stance(12) != Stance()


def test_a_track_that_stretches_limbs_is_danced_with_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dance, "STRETCH", 0.02)
    made = take("step-touch")
    assert made.applied_strength < 1
    assert [found.reason for found in made.findings] == ["EFFECT_LIMITED"]
    rendered(made)


def test_a_frame_with_too_long_a_limb_ends_the_clip(monkeypatch: pytest.MonkeyPatch) -> None:
    made = take("step-touch")
    monkeypatch.setattr(dance, "STRETCH", 0.001)
    with pytest.raises(PreconditionFailed, match="bone") as caught:
        rendered(made)
    assert caught.value.reason == "EFFECT_BELOW_FLOOR"


def test_stretch_is_none_at_rest_and_grows() -> None:
    assert stretch(skeleton(), Stance()) == 0
    assert 0 < stretch(skeleton(), Stance(shift=0.05)) < stretch(skeleton(), Stance(shift=0.15))


def answer(**seen: float) -> dict[str, np.ndarray]:
    """What the network would say of the drawn figure."""
    way = network_input(figure())[1]
    points = np.zeros((39, 5), np.float32)
    bones_of = skeleton()
    numbers = {
        "left_shoulder": 12,
        "right_shoulder": 11,
        "left_ankle": 28,
        "right_ankle": 27,
        "left_hip": 24,
        "right_hip": 23,
        "left_knee": 26,
        "right_knee": 25,
        "left_elbow": 14,
        "right_elbow": 13,
        "left_wrist": 16,
        "right_wrist": 15,
        "nose": 0,
    }
    for name, index in numbers.items():
        points[index, :2] = way[:, :2] @ bones_of.joints[name] + way[:, 2]
        points[index, 3:] = seen.get(name, 4.0)
    return {"Identity": points.reshape(1, 195), "Identity_1": np.array([[seen.get("score", 0.99)]], np.float32)}


class Models:
    """Answers what it is told."""

    def __init__(self, told: dict[str, np.ndarray]) -> None:
        self.told = told

    def infer(self, model: str, inputs: dict[str, np.ndarray], *, check: object = None) -> dict[str, np.ndarray]:
        assert model == "pose-landmarks"
        assert inputs["input_1"].shape == (1, 256, 256, 3)
        assert 0 <= inputs["input_1"].min() <= inputs["input_1"].max() <= 1
        return self.told


def module(**seen: float) -> DanceModule:
    return DanceModule(People(Models(answer(**seen)), {"pose": "sha256:aa"}))


def test_joints_are_read_back_into_the_picture() -> None:
    shown, way = network_input(figure())
    found = skeleton_of(answer(), way)
    assert shown.shape == (1, 256, 256, 3)
    for name, place in skeleton().joints.items():
        assert np.abs(found.joints[name] - place).max() < 0.01
    assert module().take(request()).applied_strength == 1


@pytest.mark.parametrize(("seen", "words"), [({"left_ankle": -3.0}, "left ankle"), ({"score": 0.2}, "no person")])
def test_what_is_no_whole_body_is_refused(seen: dict[str, float], words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as caught:
        module(**seen).take(request())
    assert caught.value.reason == "EFFECT_NOT_WHOLE_BODY"


def flat(hero: HeroPicture) -> HeroPicture:
    return replace(hero, layers=replace(hero.layers, layers=hero.layers.layers[:1]))


def untrusted(hero: HeroPicture) -> HeroPicture:
    return replace(hero, layers=replace(hero.layers, confidence=0.3))


def alone(hero: HeroPicture) -> HeroPicture:
    """A figure that is its own background."""
    return replace(hero, layers=replace(hero.layers, layers=hero.layers.layers[1:2]))


def faint(hero: HeroPicture) -> HeroPicture:
    """A figure of which hardly anything is left."""
    behind, figure, *before = hero.layers.layers
    rgba = np.dstack([figure.rgba[..., :3], figure.rgba[..., 3] // 2])
    return replace(hero, layers=replace(hero.layers, layers=(behind, replace(figure, rgba=rgba), *before)))


@pytest.mark.parametrize("spoil", [flat, untrusted, alone, faint])
def test_a_figure_that_does_not_stand_free_is_refused(spoil: object) -> None:
    wanted = request()
    with pytest.raises(InvalidInput) as caught:
        module().take(replace(wanted, hero=spoil(wanted.hero)))
    assert caught.value.reason == "EFFECT_NOT_CUT_OUT"


def leaning() -> tuple[np.ndarray, Skeleton]:
    """A figure whose upper arms lie against its body as far as half of their length; joints are found a little off."""
    layer = np.zeros((308, 208, 4), np.uint8)
    body, sleeve, skin = (180, 70, 60, 255), (170, 60, 50, 255), (210, 170, 140, 255)
    at = {name: place.copy() for name, place in skeleton().joints.items()}
    for side, sign in (("left", -1), ("right", 1)):
        for name, x, y in (("shoulder", 26, 92), ("elbow", 46, 150), ("wrist", 54, 195)):
            at[f"{side}_{name}"] = np.array([104.0 + sign * x, float(y)])
        ends = [tuple(int(v) for v in at[f"{side}_{name}"]) for name in ("shoulder", "elbow", "wrist")]
        cv2.line(layer, ends[0], ends[1], sleeve, 20)
        cv2.line(layer, ends[1], ends[2], skin, 12)
    cv2.rectangle(layer, (78, 82), (130, 176), body, -1)
    found = {
        name: place + (np.array([3.0, 0.0]) if "shoulder" in name or "elbow" in name else 0)
        for name, place in at.items()
    }
    return layer, replace(skeleton(), joints=found)


def test_an_arm_that_rises_leaves_nothing_behind_and_tears_nothing_open() -> None:
    """Beside the body is background, the shoulder is closed, and nothing stands apart from the figure."""
    layer, bones_of = leaning()
    made = Figure(layer, bones_of)
    posed = made.posed(Stance(left_arm=45, right_arm=45))[..., 3] > 100
    count, _, stats, _ = cv2.connectedComponentsWithStats(posed.astype(np.uint8))
    assert count == 2, stats[1:, cv2.CC_STAT_AREA]
    assert posed[86:98, 82:126].all(), "from shoulder to shoulder"
    for column in (62, 146):  # where the arms hung
        assert not posed[150:170, column].any()
    drawn = layer[..., 3] > 100
    assert posed[120:176, 84:124].all()
    assert posed.sum() > 0.93 * drawn.sum()


def test_joints_are_brought_to_the_middle_of_the_arms() -> None:
    layer, bones_of = leaning()
    middle = centred(layer[..., 3] / np.float32(255), bones_of.joints)
    for side, sign in (("left", -1), ("right", 1)):
        assert middle[f"{side}_elbow"] == pytest.approx([104 + sign * 46, 150], abs=1.6)
        assert middle[f"{side}_shoulder"] == pytest.approx([104 + sign * 26, 92], abs=2.5)
    assert middle["left_hip"] is not None
    assert np.array_equal(middle["left_hip"], bones_of.joints["left_hip"])
