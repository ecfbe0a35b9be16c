"""Clips that were broken in known ways, and good ones: a small edition of `benchmarks/drift.py`."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from firstframe.core.motion import Air, Atmosphere, CameraMove, EffectKind
from firstframe.core.verdict import Verdict
from firstframe.imaging.drift.asked import Asked
from firstframe.imaging.drift.meter import Meter
from firstframe.imaging.drift.rule import Measure
from firstframe.imaging.drift.rules import RULES
from firstframe.imaging.drift.seam import seam_measures
from support.broken_clips import FAULTS, Fault, Frame, Frames, asked_otherwise, shot, textured_hero

RATE, COUNT = 12, 18
HERO = textured_hero()
PUSH = shot(HERO, CameraMove.PUSH, 0.8, frames=COUNT, rate=RATE)


def measured(frames: Frames, asked: Asked) -> dict[str, Measure]:
    meter = Meter(HERO, asked, Fraction(RATE))
    for frame in frames:
        meter.feed(frame)
    return {measure.name: measure for measure in meter.measures()}


def complaints(measures: dict[str, Measure]) -> set[str]:
    return {name for name, measure in measures.items() if measure.verdict in (Verdict.WARN, Verdict.FAIL)}


@pytest.fixture(scope="module")
def push() -> tuple[list[Frame], Asked]:
    frames, asked = PUSH.take()
    return list(frames), asked


@pytest.mark.parametrize("move", [CameraMove.PUSH, CameraMove.PAN_LEFT, CameraMove.ORBIT])
def test_a_good_clip_passes_every_measure(move: CameraMove) -> None:
    frames, asked = shot(HERO, move, 0.6, frames=COUNT, rate=RATE).take()
    measures = measured(frames, asked)
    assert complaints(measures) == set()
    assert {measure.name for measure in measures.values() if measure.verdict is Verdict.NOT_MADE} == {"rest", "air"}
    assert measures["motion-amount"].number == pytest.approx(100, abs=2)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_each_fault_is_caught_by_its_own_measures(fault: Fault, push: tuple[list[Frame], Asked]) -> None:
    frames, asked = push
    measures = measured(fault.breaks(frames, fault.strengths[-1], RATE), asked)
    assert {name: measures[name].verdict for name in fault.caught_by} == dict.fromkeys(fault.caught_by, Verdict.FAIL)
    for name in fault.caught_by:
        assert measures[name].advice


@pytest.mark.parametrize(
    ("fault", "strength", "caught_by"),
    [("direction", 100, "motion-direction"), ("amount", 40, "motion-amount"), ("unrest", 20, "rest")],
)
def test_a_camera_that_goes_otherwise_is_caught(fault: str, strength: float, caught_by: str) -> None:
    broken = asked_otherwise(PUSH, fault, strength)
    assert broken is not None
    assert measured(*broken)[caught_by].verdict is Verdict.FAIL


def test_air_that_hangs_still_fails_and_air_that_drifts_passes() -> None:
    air = Asked(PUSH.take()[1].views, exact=True, airs=(Air(Atmosphere.DUST),))
    still = Asked(lambda _index: air.views(0), exact=True, airs=air.airs)  # type: ignore[misc]
    first = next(iter(PUSH.take()[0]))
    assert measured([first] * 6, still)["air"].verdict is Verdict.FAIL
    rng = np.random.default_rng(1)
    lively = [np.clip(first + rng.integers(0, 900, first.shape), 0, 65535).astype(np.uint16) for _ in range(6)]
    assert measured(lively, still)["air"].verdict is Verdict.PASS


def test_what_was_asked_for_is_no_fault(push: tuple[list[Frame], Asked]) -> None:
    frames, asked = push
    flicker = next(fault for fault in FAULTS if fault.name == "flicker")
    neon = Asked(asked.views, exact=True, airs=(Air(Atmosphere.FLICKER),))
    measures = measured(flicker.breaks(frames, 3, RATE), neon)
    assert measures["flicker"].verdict is measures["colour-drift"].verdict is Verdict.NOT_MADE
    assert "flicker" in measures["flicker"].says


def test_a_subject_that_dances_is_judged_by_its_effect_and_the_wall_behind_it_still_is(
    push: tuple[list[Frame], Asked],
) -> None:
    frames, asked = push
    dance = Asked(asked.views, exact=True, effect=EffectKind.DANCE)
    other = next(fault for fault in FAULTS if fault.name == "other subject")
    measures = measured(other.breaks(frames, 100, RATE), dance)
    assert measures["subject-identity"].verdict is measures["morph"].verdict is Verdict.NOT_MADE
    assert measures["cut"].verdict is not Verdict.FAIL
    morph = next(fault for fault in FAULTS if fault.name == "morph")
    assert measured(morph.breaks(frames, 0.8, RATE), dance)["background-drift"].verdict is Verdict.FAIL


@pytest.mark.parametrize("effect", [EffectKind.KISS, EffectKind.HUG])
def test_people_who_cross_the_picture_are_judged_by_their_effect(
    push: tuple[list[Frame], Asked], effect: EffectKind
) -> None:
    frames, asked = push
    together = Asked(asked.views, exact=True, effect=effect)
    for name in ("ghost", "morph", "cut"):
        fault = next(item for item in FAULTS if item.name == name)
        measures = measured(fault.breaks(frames, 1.0, RATE), together)
        silent = ("ghosting", "background-drift", "cut", "wobble", "morph", "subject-identity", "jump")
        assert {measures[item].verdict for item in silent} == {Verdict.NOT_MADE}
    assert "People were asked to move" in measures["ghosting"].says
    black = next(item for item in FAULTS if item.name == "black edge")
    assert measured(black.breaks(frames, 0.05, RATE), together)["edge-intrusion"].verdict is Verdict.FAIL


def test_a_learned_model_may_go_its_own_speed_but_not_its_own_way() -> None:
    frames, exact = shot(HERO, CameraMove.PAN_LEFT, 0.6, frames=COUNT, rate=RATE).take()
    learned = Asked(exact.views, exact=False)
    kept = list(frames)
    sooner = [kept[min(round(1.4 * index), COUNT - 1)] for index in range(COUNT)]
    measures = measured(sooner, learned)
    assert complaints(measures) <= {"freeze"}
    assert measures["motion-path"].verdict is Verdict.NOT_MADE
    right, _ = shot(HERO, CameraMove.PAN_RIGHT, 0.6, frames=COUNT, rate=RATE).take()
    assert measured(right, learned)["motion-direction"].verdict is Verdict.FAIL


def test_without_a_known_way_the_rest_is_still_judged(push: tuple[list[Frame], Asked]) -> None:
    frames, _ = push
    measures = measured(frames, Asked())
    assert measures["motion-direction"].verdict is Verdict.NOT_MADE
    assert {"motion-amount", "background-drift", "wobble"}.isdisjoint(complaints(measures))
    wobble = next(fault for fault in FAULTS if fault.name == "wobble")
    assert measured(wobble.breaks(frames, 0.8, RATE), Asked())["wobble"].verdict is Verdict.FAIL


def test_a_later_part_of_a_motion_begins_away_from_the_hero(push: tuple[list[Frame], Asked]) -> None:
    frames, asked = push
    later = Asked(lambda index: asked.views(index + 8), exact=True)  # type: ignore[misc]
    measures = measured(frames[8:], later)
    assert complaints(measures) == set()
    stuck = measured(frames[8:9] * 10, later)
    assert stuck["motion-amount"].verdict is Verdict.FAIL


@pytest.mark.parametrize("first", [0, 1])
def test_a_ghost_in_every_second_frame_is_not_missed_at_a_high_rate(first: int) -> None:
    frames, asked = shot(HERO, CameraMove.PUSH, 0.5, frames=24, rate=24).take()
    kept = list(frames)
    ghosts = list(next(fault for fault in FAULTS if fault.name == "ghost").breaks(kept, 40, 24))
    meter = Meter(HERO, asked, Fraction(24))
    for index, frame in enumerate(kept):
        meter.feed(ghosts[index] if index % 2 == first else frame)
    found = {measure.name: measure for measure in meter.measures()}
    assert found["ghosting"].verdict is Verdict.FAIL


def test_every_measure_has_its_words() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.advice
        assert "{number}" in rule.says
        assert rule.exact.unit == rule.learned.unit


def test_a_film_is_judged_by_limits_of_its_own(push: tuple[list[Frame], Asked]) -> None:
    frames, asked = push
    film, learned = replace(asked, solid=True), Asked(asked.views)
    kinds = [measured(frames[:4], kind) for kind in (asked, film, learned)]
    exact, filmed, wide = ({name: measure.limits for name, measure in found.items()} for found in kinds)
    own = {"motion-direction", "motion-path", "jump", "cut", "background-drift", "morph", "wobble"}
    own |= {"subject-identity", "edge-intrusion"}
    assert {name for name, limits in filmed.items() if limits != exact[name]} == own
    assert wide["wobble"] != filmed["wobble"]
    morph = next(fault for fault in FAULTS if fault.name == "morph")
    assert measured(morph.breaks(frames, 1.2, RATE), film)["morph"].verdict is Verdict.FAIL


def test_passing_light_widens_limits_of_places_more_than_those_of_the_camera() -> None:
    frames, asked = shot(HERO, CameraMove.PUSH, 0.5, frames=6, rate=RATE).take()
    lit = replace(asked, airs=(Air(Atmosphere.CAUSTICS, 0.5),), masks=())
    kept = list(frames)
    plain, wide = measured(kept, asked), measured(kept, lit)
    by = {name: wide[name].limits.bad / plain[name].limits.bad for name in ("wobble", "jump", "framing")}  # type: ignore[union-attr]
    assert by == pytest.approx({"wobble": 8.0, "jump": 1.7, "framing": 1.0})


def cloth(push: Asked, *, at_edge: bool = True) -> Asked:
    mask = np.zeros(HERO.image.shape[:2], np.uint8)
    mask[:, : 60 if at_edge else 0] = 255
    return replace(push, airs=(Air(Atmosphere.CLOTH, 1.0),), masks=(mask,))


def test_cloth_that_a_frame_cuts_may_sway_there_and_an_edge_beside_it_may_not_be_black(
    push: tuple[list[Frame], Asked],
) -> None:
    frames, asked = push
    hung = cloth(asked)
    swaying = [frame.copy() for frame in frames]
    for index, frame in enumerate(swaying):
        frame[:, :40] = np.roll(frame[:, :40], 3 * (index % 5), axis=0) // 3
    measures = measured(swaying, hung)
    assert complaints(measures) & {"edge-intrusion", "ghosting", "wobble", "cut"} == set()
    assert measured(swaying, asked)["edge-intrusion"].verdict is Verdict.FAIL
    black = next(fault for fault in FAULTS if fault.name == "black edge")
    assert measured(black.breaks(frames, 0.5, RATE), hung)["edge-intrusion"].verdict is Verdict.FAIL


def fed(frames: Frames, asked: Asked) -> Meter:
    meter = Meter(HERO, asked, Fraction(RATE))
    for frame in frames:
        meter.feed(frame)
    return meter


def seams(one: Frames, other: Frames, asked: Asked) -> dict[str, Verdict]:
    return {item.name: item.verdict for item in seam_measures(fed(one, asked).end, fed(other, asked).begin, RATE)}


def test_the_seam_of_two_clips_is_judged_by_place_speed_and_colour(push: tuple[list[Frame], Asked]) -> None:
    frames, asked = push
    free = Asked()
    joining = seams(frames[:9], frames[9:], free)
    assert set(joining.values()) == {Verdict.PASS}
    gap = seams(frames[:7], frames[13:], free)
    assert gap["seam-step"] is Verdict.FAIL
    stopping = seams(frames[:9], [frames[9]] * 8, free)
    assert stopping["seam-speed"] is Verdict.FAIL
    paler = [np.asarray(frame * np.float32(0.94), np.uint16) for frame in frames[9:]]
    assert seams(frames[:9], paler, free)["seam-colour"] is Verdict.FAIL
    assert asked.exact
