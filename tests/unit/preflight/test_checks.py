"""Each check fails a still that was made to fail it, and passes one that is right, at several sizes and ratios."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest

from firstframe.core.media import PixelRect, PixelSize, Rgb8, Severity
from firstframe.core.motion import CameraMove, single
from firstframe.imaging.preflight.faces import Face
from firstframe.imaging.preflight.focus import edge_softness
from firstframe.imaging.preflight.legibility import Copy, copy_contrast
from firstframe.imaging.preflight.outline import around_outline
from firstframe.imaging.preflight.room import flat_hero
from firstframe.preflight.pixels import plainest_place
from firstframe.preflight.plan import ShotPlan
from firstframe.preflight.run import Report, examine, preflight
from firstframe.preflight.still import Faces, Still, still_of_hero
from firstframe.preflight.verdict import Check, Verdict
from support.stills import SIZES, Scene, words

FORMATS = {480: "16:9", 270: "9:16", 320: "1:1"}
NOBODY = Faces(())


def plan_for(size: PixelSize, *, move: CameraMove = CameraMove.PUSH, strength: float = 0.5) -> ShotPlan:
    platforms = {"16:9": ("youtube",), "9:16": ("tiktok", "instagram-reels"), "1:1": ("instagram-feed",)}
    name = FORMATS[size.width]
    return ShotPlan(name, size, platforms[name], single(move, strength), "slow-push")


def good(size: PixelSize) -> Scene:
    """Clear of every platform's interface."""
    return Scene(size, centre=(0.466, 0.4)) if size.width < size.height else Scene(size)


def named(report: Report, name: str) -> Check:
    return next(check for check in report.checks if check.name == name)


def of_scene(scene: Scene, name: str, **known: object) -> Check:
    still = still_of_hero(scene.hero(), faces=NOBODY)
    return named(examine(replace(still, **known), plan_for(scene.size)), name)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", SIZES)
def test_a_good_still_passes_every_check(size: PixelSize) -> None:
    scene = good(size)
    box = scene.box
    label = PixelRect(box.x + box.width // 4, box.y + 2 * box.height // 5, box.width // 2, max(box.height // 5, 10))
    report = examine(still_of_hero(scene.hero(), copy=[label], faces=NOBODY), plan_for(size))
    assert {check.name: check.verdict for check in report.checks} == dict.fromkeys(
        [check.name for check in report.checks], Verdict.PASS
    )
    assert len(report.checks) == 12
    assert report.findings == ()


BAD: dict[str, Callable[[Scene], Scene]] = {
    "edge-room": lambda scene: replace(scene, centre=(scene.centre[0], 0.245)),
    "contrast": lambda scene: replace(scene, jar=scene.wall, floor=scene.wall, shading=0, shadow=0),
    "light": lambda scene: replace(scene, shading=0, shadow=0),
    "sharpness": lambda scene: replace(scene, blur_px=4, grain=0),
    "noise": lambda scene: replace(scene, grain=16),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", BAD)
def test_a_still_that_was_made_to_fail_fails(name: str, size: PixelSize) -> None:
    check = of_scene(BAD[name](good(size)), name)
    assert check.verdict is Verdict.FAIL
    assert check.advice
    assert check.overlay is not None


@pytest.mark.parametrize("size", SIZES)
def test_steps_fail_banding(size: PixelSize) -> None:
    ramp = np.repeat(np.linspace(40, 200, size.width)[None], size.height, 0)
    image = np.repeat((np.round(ramp / 8) * 8).astype(np.uint8)[..., None], 3, 2)
    still = Still(flat_hero(np.asarray(image, np.uint8), None), size, None, "", 0.0)
    assert named(examine(still, plan_for(size)), "banding").verdict is Verdict.FAIL


@pytest.mark.parametrize("size", SIZES)
def test_one_plane_fails_depth_and_two_are_a_warning(size: PixelSize) -> None:
    two = Scene(size, wall=(0.7,) * 3, floor=(0.7,) * 3, shadow=0)
    flat = still_of_hero(replace(two.hero(), layers=flat_hero(two.image(), two.box).layers))
    nothing = Still(flat_hero(two.image(), None), size, None, "")
    checks = [named(examine(still, plan_for(size)), "depth") for still in (nothing, flat)]
    assert [check.verdict for check in checks] == [Verdict.FAIL, Verdict.WARN]
    assert [check.number for check in checks] == [1, 2]


@pytest.mark.parametrize("size", SIZES)
def test_pale_words_fail_and_fair_ones_warn(size: PixelSize) -> None:
    verdicts = []
    for ink in (200, 135, 60):
        image, rect = words(size, ink, 250)
        still = Still(flat_hero(image, None), size, None, "", 0.0, (rect,))
        verdicts.append(named(examine(still, plan_for(size)), "text").verdict)
    assert verdicts == [Verdict.FAIL, Verdict.WARN, Verdict.PASS]


@pytest.mark.parametrize("size", SIZES)
def test_a_subject_that_is_out_of_focus_still_stands_out(size: PixelSize) -> None:
    blurred = replace(good(size), blur_px=6.0, grain=0.0)
    still = still_of_hero(blurred.hero(), faces=NOBODY)
    assert still.matte is not None
    assert edge_softness(still.image, around_outline(still.matte)).softness_px is None
    assert of_scene(blurred, "contrast").verdict is Verdict.PASS
    melted = replace(blurred, jar=blurred.wall, shading=0.0, shadow=0.0)
    assert of_scene(melted, "contrast").verdict is not Verdict.PASS


def label_check(ink: int, *, copy: tuple[PixelRect, ...] = (), high: int = 60) -> Check:
    image, rect = words(SIZES[0], ink, 250)
    printed = replace(rect, height=high)
    still = Still(flat_hero(image, None), SIZES[0], None, "", 0.0, copy, printed=(printed,))
    return named(examine(still, plan_for(SIZES[0])), "text")


def test_words_on_a_label_may_be_fainter_than_words_that_are_laid_over() -> None:
    checks = [label_check(ink) for ink in (200, 160, 135)]
    assert [check.verdict for check in checks] == [Verdict.FAIL, Verdict.WARN, Verdict.PASS]
    assert [check.limits.good for check in checks if check.limits] == [3, 3, 3]
    assert "label" in checks[0].says
    assert "light" in checks[0].advice
    assert checks[2].advice == ""


def test_the_gravest_of_the_words_counts() -> None:
    _, rect = words(SIZES[0], 135, 250)
    assert label_check(135, copy=(rect,)).verdict is Verdict.WARN, "as words that are laid over"
    plain = PixelRect(0, 0, 60, 20)
    assert label_check(60, copy=(plain,)).verdict is Verdict.FAIL
    assert "their ground" in label_check(60, copy=(plain,)).says


def test_a_label_that_is_too_small_is_not_read() -> None:
    assert label_check(60, high=24).verdict is not Verdict.NOT_MADE
    check = label_check(60, high=23)
    assert check.verdict is Verdict.NOT_MADE
    assert "23 px high" in check.says
    assert "delivered" in check.advice


def test_letters_that_are_too_small_to_show_their_ink_are_given_what_they_lost() -> None:
    ink = np.zeros((1, 1), np.bool_)
    assert Copy(2.0, 18.0, ink).resolved_ratio == 2.0
    assert Copy(2.0, 30.0, ink).resolved_ratio == 2.0
    assert Copy(2.0, 8.0, ink).resolved_ratio == pytest.approx(1 / (1 - 0.5 / 0.75))
    assert Copy(1.0, 8.0, ink).resolved_ratio == 1.0
    assert Copy(9.0, 0.0, ink).resolved_ratio == pytest.approx(20.0)


def test_a_shade_along_the_edge_of_a_label_is_no_ink() -> None:
    image, rect = words(SIZES[0], 60, 200)
    part = image[rect.y : rect.bottom, rect.x : rect.right].copy()
    plain = copy_contrast(part)
    part[:, :10] = 20
    shaded = copy_contrast(part)
    assert not shaded.ink[:, :6].any()
    assert shaded.ratio == pytest.approx(plain.ratio, rel=0.05)


def test_words_on_a_label_under_an_interface_are_told() -> None:
    size = SIZES[1]
    low = PixelRect(60, 400, 100, 40)
    assert of_scene(good(size), "safe-zones", printed=(low,)).verdict is Verdict.FAIL
    high = PixelRect(100, 150, 60, 40)
    assert of_scene(good(size), "safe-zones", printed=(high,)).verdict is Verdict.PASS


@pytest.mark.parametrize("size", SIZES)
def test_small_stills_fail_resolution(size: PixelSize) -> None:
    still = still_of_hero(Scene(size).hero())
    verdicts = []
    for times in (1.0, 1.6, 2.4):
        delivery = PixelSize(round(size.width * times), round(size.height * times))
        verdicts.append(named(examine(still, replace(plan_for(size), delivery=delivery)), "resolution").verdict)
    assert verdicts == [Verdict.PASS, Verdict.WARN, Verdict.FAIL]


@pytest.mark.parametrize("size", SIZES)
def test_a_face_beyond_the_frame_fails_and_cut_hair_warns(size: PixelSize) -> None:
    side, x = 0.2 * min(size.width, size.height), size.width / 2
    tops = {Verdict.FAIL: -0.3 * side, Verdict.WARN: 0.3 * side, Verdict.PASS: 1.2 * side}
    for verdict, top in tops.items():
        face = Face(x - side / 2, top, x + side / 2, top + side, 0.9)
        check = of_scene(Scene(size), "faces", faces=Faces((face,)))
        assert check.verdict is verdict, check.says


def test_an_interface_over_the_subject_is_a_matter_of_how_much() -> None:
    verdicts = [of_scene(Scene(SIZES[1], centre=(0.466, y)), "safe-zones").verdict for y in (0.4, 0.44, 0.6)]
    assert verdicts == [Verdict.PASS, Verdict.WARN, Verdict.FAIL]


def test_a_pan_that_needs_more_picture_than_there_is_warns_and_a_pull_fails() -> None:
    still = Still(flat_hero(Scene(SIZES[0]).image(), None), SIZES[0], None, "", 0.0)
    moves = ((CameraMove.PUSH, 1.0), (CameraMove.PAN_LEFT, 1.0), (CameraMove.PULL, 0.5))
    checks = [
        named(examine(still, plan_for(SIZES[0], move=move, strength=strength)), "camera-move")
        for move, strength in moves
    ]
    assert [check.verdict for check in checks] == [Verdict.PASS, Verdict.WARN, Verdict.FAIL]


@pytest.mark.parametrize("edge", ["top", "left", "right", "bottom"])
def test_the_side_without_room_is_named(edge: str) -> None:
    centres = {"top": (0.5, 0.245), "bottom": (0.5, 0.755), "left": (0.142, 0.5), "right": (0.858, 0.5)}
    check = of_scene(Scene(SIZES[0], centre=centres[edge]), "edge-room")
    assert check.details["side"] == edge
    assert edge in check.says


def test_a_stalk_may_leave_the_frame_and_a_jar_may_not() -> None:
    scene = Scene(SIZES[0])
    matte = scene.matte()
    hero = scene.hero()
    for width, verdict in ((8, Verdict.PASS), (60, Verdict.FAIL)):
        longer = matte.copy()
        longer[scene.box.bottom - 4 :, scene.box.x + 10 : scene.box.x + 10 + width] = 1
        box = PixelRect(scene.box.x, scene.box.y, scene.box.width, SIZES[0].height - scene.box.y)
        grown = replace(hero, matte=np.rint(longer * 255).astype(np.uint8), subject=box)
        check = named(examine(still_of_hero(grown, faces=NOBODY), plan_for(SIZES[0])), "edge-room")
        assert check.verdict is verdict, check.says


def test_a_body_may_leave_the_frame_below_the_chin() -> None:
    scene = Scene(SIZES[1], centre=(0.5, 0.72), half=(0.3, 0.3))
    box = scene.box
    face = Face(box.x + 30, box.y + 20, box.x + 90, box.y + 80, 0.9)
    assert of_scene(scene, "edge-room").verdict is Verdict.FAIL
    assert of_scene(scene, "edge-room", faces=Faces((face,))).verdict is Verdict.PASS


def test_with_a_face_the_interface_may_cover_the_body() -> None:
    scene = Scene(SIZES[1], centre=(0.45, 0.55), half=(0.25, 0.3))
    face = Face(90, 140, 140, 190, 0.9)
    assert of_scene(scene, "safe-zones").verdict is Verdict.FAIL
    check = of_scene(scene, "safe-zones", faces=Faces((face,)))
    assert check.verdict is Verdict.PASS
    assert "face" in check.says


def test_words_under_an_interface_count_more_than_the_subject() -> None:
    check = of_scene(good(SIZES[1]), "safe-zones", copy=(PixelRect(60, 330, 120, 24),))
    assert check.verdict is Verdict.FAIL
    assert "the words" in check.says


def test_the_move_may_carry_words_under_an_interface() -> None:
    still = replace(still_of_hero(good(SIZES[1]).hero()), copy=(PixelRect(100, 289, 60, 22),))
    plans = plan_for(SIZES[1], move=CameraMove.LOCKED, strength=0), plan_for(SIZES[1], strength=1)
    verdicts = [named(examine(still, plan), "safe-zones").verdict for plan in plans]
    assert verdicts[0] is Verdict.PASS
    assert verdicts[1] is not Verdict.PASS


def test_words_in_the_margin_of_a_wide_picture_are_told() -> None:
    inside, outside = (of_scene(Scene(SIZES[0]), "safe-zones", copy=(PixelRect(x, 120, 80, 20),)) for x in (60, 2))
    assert inside.verdict is Verdict.PASS
    assert outside.verdict is Verdict.FAIL


def test_what_cannot_be_known_is_not_made_and_says_why() -> None:
    image = cv2.GaussianBlur(np.random.default_rng(1).integers(0, 256, (270, 480, 3), np.uint8), (0, 0), 9)
    report = examine(Still(flat_hero(image, None), SIZES[0], None, "", 0.0), plan_for(SIZES[0]))
    not_made = {check.name for check in report.checks if check.verdict is Verdict.NOT_MADE}
    assert not_made == {"edge-room", "safe-zones", "contrast", "light", "depth", "text", "faces"}
    assert all(check.says and check.advice for check in report.checks if check.verdict is Verdict.NOT_MADE)


def test_findings_carry_verdict_number_and_advice() -> None:
    scene = BAD["light"](Scene(SIZES[0]))
    findings = preflight(scene.hero(), plan_for(SIZES[0]))
    light = next(finding for finding in findings if finding.reason == "PREFLIGHT_LIGHT")
    assert light.severity is Severity.FAILURE
    assert "flat" in light.message
    assert "light the subject" in light.message
    assert {finding.severity for finding in findings if finding.reason == "PREFLIGHT_FACES"} == {Severity.INFO}


@pytest.mark.parametrize("size", SIZES)
def test_every_check_draws_its_overlay(size: PixelSize) -> None:
    scene = good(size)
    face = Face(0.4 * size.width, 0.3 * size.height, 0.5 * size.width, 0.4 * size.height, 0.9)
    label = PixelRect(scene.box.x, scene.box.y + 20, scene.box.width, 30)
    report = examine(still_of_hero(scene.hero(), copy=[label], faces=Faces((face,))), plan_for(size))
    pictures: dict[str, Rgb8] = {check.name: check.overlay() for check in report.checks if check.overlay}
    assert len(pictures) == 12
    assert {max(picture.shape[:2]) for picture in pictures.values()} == {1280}
    assert len({picture.tobytes() for picture in pictures.values()}) == 12


def test_noise_is_shown_where_the_picture_is_plain_and_not_clipped() -> None:
    rng = np.random.default_rng(1)
    image = cv2.resize(rng.integers(40, 220, (9, 16, 3), np.uint8), (480, 270), interpolation=cv2.INTER_NEAREST)
    image[:, 320:] = 254
    image[150:230, 60:140] = 90
    noisy = np.clip(image + rng.normal(0, 6, image.shape), 0, 255).astype(np.uint8)
    x, y = plainest_place(noisy, 24)
    assert (x, y) == (pytest.approx(100, abs=24), pytest.approx(190, abs=24))


def test_resolution_counts_where_the_move_comes_closest() -> None:
    still = still_of_hero(Scene(SIZES[0]).hero())
    locked, pushed = (
        named(examine(still, plan_for(SIZES[0], move=move, strength=1)), "resolution").number
        for move in (CameraMove.LOCKED, CameraMove.PUSH)
    )
    assert locked == pytest.approx(100)
    assert pushed == pytest.approx(100 / 1.11, abs=0.1)


def test_the_words_that_are_hardest_to_read_count() -> None:
    pale, rect = words(SIZES[0], 200, 250)
    dark, _ = words(SIZES[0], 20, 250)
    image = np.concatenate([pale, dark], 0)
    lower = replace(rect, y=rect.y + SIZES[0].height)
    hero = flat_hero(image, None)
    for copy in ((rect, lower), (lower, rect)):
        check = named(examine(Still(hero, hero.size, None, "", 0.0, copy), plan_for(SIZES[0])), "text")
        assert check.verdict is Verdict.FAIL


def test_a_black_shadow_is_no_better_than_a_dark_one() -> None:
    check = of_scene(Scene(SIZES[0], shading=0, shadow=0.97), "light")
    cues = [float(check.details[name]) for name in ("modelling", "rim", "shadow")]
    assert cues[2] > 20
    assert check.number == pytest.approx(sum(min(cue, 20) for cue in cues), abs=0.2)
