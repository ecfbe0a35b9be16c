"""Requests decoded."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from firstframe.adapters.clock import SystemClock
from firstframe.animation.decode import decode
from firstframe.animation.servicer import AnimationServicer
from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.media.v1 import artifact_pb2, clip_pb2, picture_pb2
from firstframe.core.errors import InvalidInput, PermissionDenied
from firstframe.core.media import LayerRole, PixelRect, PixelSize
from firstframe.core.motion import CameraMove, FlickerLight, Window, single
from firstframe.runtime.grants import GrantGate, GrantSeal
from firstframe.runtime.motion_messages import MOVES, motion_message

Request = animation_pb2.AnimateClipRequest


def good() -> Request:
    def png(digit: str) -> artifact_pb2.ArtifactRef:
        return artifact_pb2.ArtifactRef(digest="sha256:" + digit * 64, media_type="image/png", size_bytes=100)

    layers = [
        picture_pb2.Layer(role=picture_pb2.LAYER_ROLE_BACKGROUND, image=png("1"), depth_m=3.0),
        picture_pb2.Layer(role=picture_pb2.LAYER_ROLE_SUBJECT, image=png("2"), depth_m=1.5),
    ]
    stack = picture_pb2.LayerStack(layers=layers, bleed_px=8, horizontal_fov_deg=30, confidence=0.9)
    hero = picture_pb2.Hero(
        image=png("0"),
        size=picture_pb2.PixelSize(width_px=64, height_px=36),
        layers=stack,
        subject=picture_pb2.PixelRect(x_px=10, y_px=5, width_px=20, height_px=30),
    )
    motion = animation_pb2.Motion(camera=animation_pb2.CAMERA_MOVE_ORBIT, strength=0.5, prompt="slow")
    rate = clip_pb2.FrameRate(numerator=24000, denominator=1001)
    return Request(hero=hero, motion=motion, frame_count=72, frame_rate=rate, seed=9)


def test_a_request_is_decoded() -> None:
    plan = decode(good())
    assert plan.motion == single(CameraMove.ORBIT, 0.5)
    assert (plan.frame_count, plan.frame_rate, plan.seed) == (72, Fraction(24000, 1001), 9)
    assert plan.hero.size == PixelSize(64, 36)
    assert plan.hero.layer_size == PixelSize(80, 52)
    assert [layer.role for layer in plan.hero.layers] == [LayerRole.BACKGROUND, LayerRole.SUBJECT]
    assert plan.hero.layers[1].picture.digest == "sha256:" + "2" * 64
    assert plan.hero.subject == PixelRect(10, 5, 20, 30)


def test_a_hero_may_lack_a_subject() -> None:
    message = good()
    message.hero.ClearField("subject")
    assert decode(message).hero.subject is None


def test_every_camera_move_of_the_contract_is_known() -> None:
    assert set(MOVES) == set(animation_pb2.CameraMove.values()) - {0}
    assert set(MOVES.values()) == set(CameraMove)


def setting(path: str, value: object) -> Callable[[Request], None]:
    def change(message: Request) -> None:
        *parents, name = path.split(".")
        target: object = message
        for parent in parents:
            target = target[int(parent)] if parent.isdigit() else getattr(target, parent)  # type: ignore[index]
        setattr(target, name, value)

    return change


@pytest.mark.parametrize(
    ("field", "path", "value"),
    [
        ("engine", "engine", "magic"),
        ("frame_count", "frame_count", 1),
        ("frame_count", "frame_count", 601),
        ("frame_rate.numerator", "frame_rate.numerator", 0),
        ("frame_rate", "frame_rate.numerator", 10**6),
        ("seed", "seed", 2**32),
        ("motion.camera", "motion.camera", 0),
        ("motion.camera", "motion.camera", 99),
        ("motion.atmosphere", "motion.atmosphere", 99),
        ("motion.strength", "motion.strength", 1.01),
        ("motion.strength", "motion.strength", -0.1),
        ("motion.strength", "motion.strength", float("nan")),
        ("motion.prompt", "motion.prompt", "x" * 501),
        ("hero.size.width_px", "hero.size.width_px", 8),
        ("hero.image.digest", "hero.image.digest", "sha256:12"),
        ("hero.image.size_bytes", "hero.image.size_bytes", 0),
        ("hero.layers.bleed_px", "hero.layers.bleed_px", -1),
        ("hero.layers.layers", "hero.layers.bleed_px", 8192),
        ("hero.layers.horizontal_fov_deg", "hero.layers.horizontal_fov_deg", 0.0),
        ("hero.layers.confidence", "hero.layers.confidence", 1.5),
        ("hero.layers.layers[1].depth_m", "hero.layers.layers.1.depth_m", 0.0),
        ("hero.layers.layers[1].depth_m", "hero.layers.layers.1.depth_m", 4.0),
        ("hero.layers.layers[0].role", "hero.layers.layers.0.role", 0),
        ("hero.layers.layers[0].image.digest", "hero.layers.layers.0.image.digest", ""),
        ("hero.subject", "hero.subject.width_px", 60),
        ("hero.subject", "hero.subject.height_px", 0),
    ],
)
def test_wrong_values_are_refused_with_the_field(field: str, path: str, value: object) -> None:
    message = good()
    setting(path, value)(message)
    with pytest.raises(InvalidInput) as caught:
        decode(message)
    assert caught.value.metadata["field"] == field


@pytest.mark.parametrize("count", [0, 17])
def test_the_number_of_layers_is_bounded(count: int) -> None:
    message = good()
    layer = message.hero.layers.layers[0]
    del message.hero.layers.layers[:]
    message.hero.layers.layers.extend([layer] * count)
    with pytest.raises(InvalidInput, match=f"there are {count}"):
        decode(message)


def test_the_pixels_of_drawn_regions_are_bounded() -> None:
    message = good()
    message.hero.size.width_px, message.hero.size.height_px = 8192, 2048
    for index in range(8):
        message.hero.regions.add(name=f"part-{index}").mask.CopyFrom(message.hero.image)
    assert len(decode(message).hero.regions) == 8
    message.hero.regions.add(name="more").mask.CopyFrom(message.hero.image)
    with pytest.raises(InvalidInput, match="hold 150994944 pixels") as raised:
        decode(message)
    assert raised.value.metadata["field"] == "hero.regions"


PACKS = ("svd-xt", "ltx-video")


@pytest.mark.parametrize(
    ("engine", "pack", "chosen"),
    [("", "", ""), ("previz", "", ""), ("diffusers", "", "svd-xt"), ("diffusers", "ltx-video", "ltx-video")],
)
def test_an_engine_and_its_pack_are_chosen(engine: str, pack: str, chosen: str) -> None:
    message = good()
    message.engine, message.pack = engine, pack

    assert decode(message, PACKS).pack == chosen


def test_words_and_steps_reach_a_learned_engine() -> None:
    message = good()
    message.engine, message.steps, message.motion.negative_prompt = "diffusers", 12, " blur "

    plan = decode(message, PACKS)

    assert (plan.prompt, plan.negative_prompt, plan.steps) == ("slow", "blur", 12)


@pytest.mark.parametrize(
    ("engine", "path", "value", "field", "hint"),
    [
        ("diffusers", "pack", "sdxl", "pack", "svd-xt, ltx-video"),
        ("diffusers", "steps", 201, "steps", "200"),
        ("diffusers", "motion.negative_prompt", "x" * 501, "motion.negative_prompt", "500"),
        ("previz", "pack", "svd-xt", "pack", "diffusers"),
        ("", "steps", 4, "steps", "diffusers"),
    ],
)
def test_what_a_learned_engine_cannot_do_is_refused(
    engine: str, path: str, value: object, field: str, hint: str
) -> None:
    message = good()
    message.engine = engine
    setting(path, value)(message)

    with pytest.raises(InvalidInput) as caught:
        decode(message, PACKS)

    assert caught.value.metadata["field"] == field
    assert hint in caught.value.message


@pytest.mark.parametrize(
    "prompt",
    [
        "They kiss.",
        "slow push in while the couple hugs each other",
        "she dances",
        "dancing woman, slow pan",
        "TWO PEOPLE EMBRACE",
        "they are making out",
    ],
)
def test_words_do_not_stand_for_an_effect_that_needs_consent(prompt: str) -> None:
    message = good()
    message.motion.prompt = prompt
    assert decode(message, PACKS).prompt == prompt, "previz reads no words"
    message.engine = "diffusers"

    with pytest.raises(InvalidInput, match="consent of each person shown") as caught:
        decode(message, PACKS)

    assert (caught.value.reason, caught.value.metadata["field"]) == ("EFFECT_NO_PACK", "motion.prompt")


@pytest.mark.parametrize(
    "prompt",
    [
        "slow push in",
        "light dances on the water",
        "no kissing, slow push",
        "sun-kissed skin",
        "she walks",
        "a handshake",
    ],
)
def test_other_words_are_told_to_a_learned_engine(prompt: str) -> None:
    message = good()
    message.engine, message.motion.prompt = "diffusers", prompt
    assert decode(message, PACKS).prompt == prompt


def test_a_learned_engine_makes_no_part_of_a_longer_motion() -> None:
    message = good()
    message.motion.window.begin, message.motion.window.end = 0.5, 1
    assert decode(message, PACKS).motion.window == Window(0.5, 1)
    message.engine = "diffusers"

    with pytest.raises(InvalidInput, match="cannot go on where another clip ended") as caught:
        decode(message, PACKS)

    assert caught.value.metadata["field"] == "motion.window"


@pytest.mark.parametrize("end", [0.5 + 1e-9, 0.5 + 2**-53, 0.504])
def test_a_clip_is_no_part_of_an_endless_motion(end: float) -> None:
    message = good()
    message.motion.window.begin, message.motion.window.end = 0.5, end

    with pytest.raises(InvalidInput, match="longer than 600 s") as caught:
        decode(message)

    assert caught.value.metadata["field"] == "motion.window"
    message.motion.window.end = 0.506
    assert decode(message).motion.window == Window(0.5, 0.506)


def test_a_server_without_packs_has_no_learned_engine() -> None:
    message = good()
    message.engine = "diffusers"

    with pytest.raises(InvalidInput, match="use previz") as caught:
        decode(message)

    assert caught.value.metadata["field"] == "engine"


def test_an_atmosphere_may_have_a_mask_instead_of_a_region() -> None:
    message = good()
    message.motion.airs.add(kind=animation_pb2.ATMOSPHERE_WATER).mask.CopyFrom(message.hero.image)
    mask = decode(message).motion.airs[0].mask
    assert mask is not None
    assert (mask.field, mask.digest) == ("motion.airs[0].mask", "sha256:" + "0" * 64)
    assert motion_message(decode(message).motion).airs[0].mask == message.motion.airs[0].mask
    message.motion.airs[0].region = "sky"
    with pytest.raises(InvalidInput, match="mask: stands beside region"):
        decode(message)


def test_all_that_is_known_of_a_hero_is_read() -> None:
    message = good()
    message.hero.object_ids.CopyFrom(message.hero.image)
    message.hero.inverse_depth.CopyFrom(message.hero.image)
    message.hero.object_names.append("water")
    hero = decode(message).hero
    assert hero.objects is not None
    assert hero.inverse_depth is not None
    assert (hero.objects.field, hero.inverse_depth.field) == ("hero.object_ids", "hero.inverse_depth")
    assert hero.object_names == ("water",)
    assert hero.regions == ()


def test_drawn_regions_of_a_hero_are_read_and_checked() -> None:
    message = good()
    message.hero.regions.add(name="sky").mask.CopyFrom(message.hero.image)
    message.hero.regions.add(name="water").mask.CopyFrom(message.hero.image)
    regions = decode(message).hero.regions
    assert [(name, mask.field) for name, mask in regions] == [
        ("sky", "hero.regions[0].mask"),
        ("water", "hero.regions[1].mask"),
    ]
    message.hero.regions[1].name = "sky"
    with pytest.raises(InvalidInput, match="comes twice") as caught:
        decode(message)
    assert caught.value.metadata["field"] == "hero.regions[1].name"


def test_what_flickers_is_said_of_flicker_alone() -> None:
    message = good()
    message.motion.airs.add(kind=animation_pb2.ATMOSPHERE_FLICKER, light=animation_pb2.FLICKER_LIGHT_NEON)
    motion = decode(message).motion
    assert motion.airs[0].light is FlickerLight.NEON
    assert motion_message(motion).airs[0].light == animation_pb2.FLICKER_LIGHT_NEON
    message.motion.airs[0].kind = animation_pb2.ATMOSPHERE_MIST
    with pytest.raises(InvalidInput, match="has no place in mist") as caught:
        decode(message)
    assert caught.value.metadata["field"] == "motion.airs[0].light"


def learned(**more: object) -> Request:
    request = good()
    request.engine = "diffusers"
    request.last_frame.CopyFrom(request.hero.image)
    for name, value in more.items():
        setattr(request, name, value)
    return request


def test_a_last_frame_comes_to_a_learned_engine() -> None:
    plan = decode(learned(leave_out_last=True), ["ltx-video"])
    assert plan.last is not None
    assert (plan.last.field, plan.last.digest, plan.leave_out_last) == ("last_frame", "sha256:" + "0" * 64, True)
    assert decode(good()).last is None


@pytest.mark.parametrize("engine", ["", "scene"])
def test_other_engines_have_no_use_of_a_last_frame(engine: str) -> None:
    with pytest.raises(InvalidInput, match="set engine to diffusers") as caught:
        decode(learned(engine=engine), ["ltx-video"], films=True)
    assert caught.value.metadata["field"] == "last_frame"


def test_nothing_is_left_out_where_no_last_frame_is_given() -> None:
    request = learned(leave_out_last=True)
    request.ClearField("last_frame")
    with pytest.raises(InvalidInput, match="stands without a last frame") as caught:
        decode(request, ["ltx-video"])
    assert caught.value.metadata["field"] == "leave_out_last"


async def test_a_learned_effect_asks_for_consent_as_any_other_does() -> None:
    request = learned()
    request.motion.prompt, request.motion.effect.kind = "", animation_pb2.EFFECT_KIND_KISS
    request.motion.camera = animation_pb2.CAMERA_MOVE_LOCKED
    nobody: Any = None
    servicer = AnimationServicer(
        runner=nobody,
        store=nobody,
        video=nobody,
        animator=nobody,
        decode_mesh=nobody,
        consents=GrantGate(GrantSeal(b"k" * 32), SystemClock()),
        learned={"our-kiss": nobody},
    )
    with pytest.raises(PermissionDenied) as caught:
        await anext(servicer.AnimateClip(request, None))
    assert caught.value.reason == "NO_CONSENT"
