"""CheckHero: requests decoded, heroes read back, findings encoded."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from firstframe.adapters.local_folder import LocalFolderStore
from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.api.media.v1 import check_pb2, clip_pb2, picture_pb2
from firstframe.core.errors import Cancelled, InvalidInput
from firstframe.core.media import PixelRect, PixelSize, Rgb8
from firstframe.core.motion import CameraMove, Repeat, single
from firstframe.imagegen.checks import Checked, HeroChecker, jpeg
from firstframe.imagegen.decode.checks import decode_check
from firstframe.imagegen.encode import store_check, store_hero
from firstframe.imaging.preflight.faces import Face
from firstframe.preflight import VERSION
from firstframe.preflight.verdict import Check, Limits, Verdict, not_made
from support.animated_heroes import Watched
from support.stills import Scene

SIZE = PixelSize(320, 180)


@pytest.fixture
def store(tmp_path: Path) -> LocalFolderStore:
    return LocalFolderStore(tmp_path / "store")


def stored(store: LocalFolderStore) -> picture_pb2.Hero:
    return store_hero(Scene(SIZE).hero(), store, lambda: None)


def request_for(hero: picture_pb2.Hero) -> imagegen_pb2.CheckHeroRequest:
    plan = imagegen_pb2.ShotPlan(
        format="9:16",
        platforms=["tiktok", "youtube-shorts", "tiktok"],
        recipe="slow-push",
        camera=animation_pb2.CAMERA_MOVE_PAN_LEFT,
        strength=0.5,
        frame_count=120,
        frame_rate=clip_pb2.FrameRate(numerator=30, denominator=1),
        delivery_size=picture_pb2.PixelSize(width_px=1080, height_px=1920),
        copy=[picture_pb2.PixelRect(x_px=4, y_px=5, width_px=60, height_px=20)],
    )
    return imagegen_pb2.CheckHeroRequest(hero=hero, plan=plan)


def test_a_request_is_decoded(store: LocalFolderStore) -> None:
    hero = stored(store)
    wanted = decode_check(request_for(hero))
    plan = wanted.plan
    assert (plan.format, plan.platforms, plan.motion) == ("9:16", ("tiktok", "youtube-shorts"), "slow-push")
    assert (plan.moves, plan.seconds) == (single(CameraMove.PAN_LEFT, 0.5), 4.0)
    assert (plan.delivery, wanted.copy) == (PixelSize(1080, 1920), (PixelRect(4, 5, 60, 20),))
    assert wanted.hero.matte is not None
    assert wanted.hero.matte.digest == hero.matte.digest
    assert len(wanted.hero.layers) == 3


def _plan(**fields: object) -> Callable[[imagegen_pb2.CheckHeroRequest], None]:
    return lambda request: request.plan.MergeFrom(imagegen_pb2.ShotPlan(**fields))  # type: ignore[arg-type]


def _directed(request: imagegen_pb2.CheckHeroRequest) -> imagegen_pb2.ShotPlan:
    """The plan, with a motion instead of a single move."""
    request.plan.ClearField("camera")
    request.plan.ClearField("strength")
    request.plan.motion.camera = animation_pb2.CAMERA_MOVE_ORBIT_LEFT
    return request.plan


def test_all_of_a_motion_is_decoded(store: LocalFolderStore) -> None:
    request = request_for(stored(store))
    motion = _directed(request).motion
    motion.ClearField("camera")
    motion.strength, motion.repeat = 0.7, animation_pb2.REPEAT_PING_PONG
    for move in (animation_pb2.CAMERA_MOVE_PUSH, animation_pb2.CAMERA_MOVE_CRANE_UP):
        motion.phases.add(camera=move)
    moves = decode_check(request).plan.moves
    assert [phase.move for phase in moves.phases] == [CameraMove.PUSH, CameraMove.CRANE_UP]
    assert (moves.strength, moves.repeat) == (0.7, Repeat.PING_PONG)


WRONG: dict[str, Callable[[imagegen_pb2.CheckHeroRequest], object]] = {
    "plan": lambda request: request.ClearField("plan"),
    "plan.format": _plan(format="2:1"),
    "plan.platforms[3]": _plan(platforms=["youtube"]),
    "plan.camera": lambda request: setattr(request.plan, "camera", 0),
    "plan.strength": _plan(strength=1.5),
    "plan.motion": lambda request: request.plan.motion.SetInParent(),
    "plan.motion.camera": lambda request: _directed(request).motion.ClearField("camera"),
    "plan.motion.strength": lambda request: setattr(_directed(request).motion, "strength", 2),
    "plan.recipe": _plan(recipe="x" * 64),
    "plan.frame_count": _plan(frame_count=1),
    "plan.frame_rate.denominator": lambda request: setattr(request.plan.frame_rate, "denominator", 0),
    "plan.frame_rate": lambda request: setattr(request.plan.frame_rate, "numerator", 500),
    "plan.delivery_size.width_px": _plan(delivery_size=picture_pb2.PixelSize(width_px=9)),
    "plan.copy[1]": _plan(copy=[picture_pb2.PixelRect(x_px=300, width_px=40, height_px=9)]),
    "plan.copy": _plan(copy=[picture_pb2.PixelRect(width_px=1, height_px=1)] * 16),
    "hero.image.digest": lambda request: request.hero.ClearField("image"),
    "hero.matte.size_bytes": lambda request: setattr(request.hero.matte, "size_bytes", 0),
    "hero.object_ids.digest": lambda request: request.hero.object_ids.SetInParent(),
    "hero.object_names": lambda request: request.hero.object_names.extend(["x"] * 256),
    "hero.layers.layers": lambda request: request.hero.layers.ClearField("layers"),
    "hero.subject": lambda request: setattr(request.hero.subject, "x_px", 319),
}


@pytest.mark.parametrize("field", WRONG)
def test_a_wrong_field_is_named(store: LocalFolderStore, field: str) -> None:
    request = request_for(stored(store))
    WRONG[field](request)
    with pytest.raises(InvalidInput) as caught:
        decode_check(request)
    assert caught.value.metadata["field"] == field


class Seer:
    version = "face-landmarks@abc"

    def faces(self, picture: Rgb8, check: Callable[[], None] | None = None) -> tuple[Face, ...]:
        assert picture.shape == (180, 320, 3)
        assert check is not None
        return (Face(100, 60, 130, 90, 0.9),)


def checked(
    store: LocalFolderStore, hero: picture_pb2.Hero, seer: Seer | None = None, *, copy: bool = True
) -> dict[str, Checked]:
    request = request_for(hero)
    if not copy:
        request.plan.ClearField("copy")
    request.plan.format, request.plan.platforms[:] = "16:9", ["youtube"]
    found = HeroChecker(store, seer).check(decode_check(request), Watched())  # type: ignore[arg-type]
    return {item.check.name: item for item in found}


def test_every_check_is_made_of_what_is_in_the_store(store: LocalFolderStore) -> None:
    found = checked(store, stored(store))
    assert len(found) == 12
    assert found["edge-room"].check.number == pytest.approx(100 * 0.21 * 180 / 180, abs=12)
    assert found["text"].check.verdict is not Verdict.NOT_MADE
    assert found["faces"].check.verdict is Verdict.NOT_MADE
    shown = Image.open(io.BytesIO(found["edge-room"].overlay or b""))
    assert (shown.format, max(shown.size)) == ("JPEG", 1280)
    assert not shown.getexif()


def labelled(store: LocalFolderStore, ink: int) -> picture_pb2.Hero:
    """A hero with a printed label on its jar."""
    hero = Scene(SIZE).hero()
    image, objects = hero.image.copy(), np.full(hero.image.shape[:2], 1, np.uint8)
    image[50:120, 130:190], objects[50:120, 130:190] = 240, 2
    cv2.putText(image, "AB", (140, 95), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (ink,) * 3, 3, cv2.LINE_AA)
    return store_hero(replace(hero, image=image, objects=objects, object_names=("wall", "label")), store, lambda: None)


@pytest.mark.parametrize(("ink", "verdict"), [(60, Verdict.PASS), (200, Verdict.FAIL)])
def test_a_set_s_own_label_is_found_by_the_objects_and_read(
    store: LocalFolderStore, ink: int, verdict: Verdict
) -> None:
    hero = labelled(store, ink)
    assert decode_check(request_for(hero)).hero.object_names == ("wall", "label")
    check = checked(store, hero, copy=False)["text"].check
    assert (check.verdict, "label" in check.says) == (verdict, True)


def test_a_hero_without_a_label_has_no_known_words(store: LocalFolderStore) -> None:
    hero = labelled(store, 60)
    hero.object_names[1] = "card"
    assert checked(store, hero, copy=False)["text"].check.verdict is Verdict.NOT_MADE
    hero = labelled(store, 60)
    hero.ClearField("object_ids")
    assert checked(store, hero, copy=False)["text"].check.verdict is Verdict.NOT_MADE


def test_a_model_that_finds_faces_is_asked_and_is_part_of_the_version(store: LocalFolderStore) -> None:
    assert checked(store, stored(store), Seer())["faces"].check.details["faces"] == 1
    assert HeroChecker(store).version == VERSION
    assert HeroChecker(store, Seer()).version == f"{VERSION}+face-landmarks@abc"


def test_a_hero_without_a_matte_has_no_subject_to_check(store: LocalFolderStore) -> None:
    hero = stored(store)
    hero.ClearField("matte")
    assert checked(store, hero)["contrast"].check.verdict is Verdict.NOT_MADE


def test_a_matte_that_is_no_grey_png_of_the_heros_size_is_refused(store: LocalFolderStore) -> None:
    hero = stored(store)
    hero.matte.CopyFrom(hero.image)
    with pytest.raises(InvalidInput, match=r"hero\.matte: is not grey of 8 bits"):
        checked(store, hero)
    hero = stored(store)
    hero.image.size_bytes += 1
    with pytest.raises(InvalidInput, match=r"hero\.image\.size_bytes: says"):
        checked(store, hero)


def test_work_that_nobody_wants_ends(store: LocalFolderStore) -> None:
    class Stopped(Watched):
        def check(self) -> None:
            raise Cancelled("the caller went away")

    with pytest.raises(Cancelled):
        HeroChecker(store).check(decode_check(request_for(stored(store))), Stopped())  # type: ignore[arg-type]


def test_a_check_is_encoded_with_its_number_and_its_picture(store: LocalFolderStore) -> None:
    limits = Limits(good=4.5, bad=3, unit=": 1")
    check = Check("text", "Legibility", Verdict.FAIL, "Pale", "darker", 2.0, limits, {"letter_px": 12, "share": 0.25})
    message = store_check(Checked(check, b"picture"), store)
    assert (message.name, message.verdict, message.value, message.unit) == ("text", check_pb2.VERDICT_FAIL, 2, ": 1")
    assert (message.pass_threshold, message.fail_threshold, message.higher_is_better) == (4.5, 3, True)
    assert (message.message, message.remedy) == ("Pale", "darker")
    assert dict(message.details) == {"letter_px": "12", "share": "0.25"}
    assert store.get_bytes(message.overlay.digest, max_bytes=99) == b"picture"
    assert message.overlay.media_type == "image/jpeg"


def test_a_check_that_was_not_made_has_no_number_and_no_picture(store: LocalFolderStore) -> None:
    message = store_check(Checked(not_made("faces", "Faces", "no model", "install it"), None), store)
    assert message.verdict == check_pb2.VERDICT_SKIPPED
    assert not any(message.HasField(name) for name in ("value", "pass_threshold", "fail_threshold", "overlay"))


def test_the_same_pixels_are_the_same_jpeg() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (40, 60, 3), np.uint8)
    assert jpeg(picture) == jpeg(picture.copy())
    back = np.asarray(Image.open(io.BytesIO(jpeg(np.full((40, 60, 3), (200, 30, 60), np.uint8)))), np.int16)
    assert np.abs(back - (200, 30, 60)).max() < 6
