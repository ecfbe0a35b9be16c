from __future__ import annotations

from collections.abc import Callable

import pytest

from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.core.errors import InvalidInput
from firstframe.core.formats import Quality
from firstframe.core.media import PixelSize
from firstframe.core.motion import Air, Atmosphere
from firstframe.orchestrator.brief import Approval, PromptBrief, Visibility, inputs_of
from firstframe.orchestrator.decode import decode_brief
from firstframe.orchestrator.plan import (
    ArtifactSource,
    BrandSource,
    ModelSource,
    PhotoSource,
    ReframePolicy,
    SetSource,
    StillSpec,
)
from firstframe.orchestrator.planner import plan
from firstframe.orchestrator.requests import hero_request

Brief = campaigns_pb2.Brief
DIGEST, OTHER = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def brief() -> campaigns_pb2.Brief:
    message = Brief(campaign="first-light", seed=7, formats=["16:9"], platforms=["youtube"])
    message.motion.recipe, message.motion.seconds = "slow-push", 4
    hero = message.heroes.add(name="bottle")
    hero.set.scene, hero.set.palette, hero.set.copy = "studio", "amber-dusk", "First Light"
    photo = message.heroes.add(name="coffee")
    photo.photograph.image.digest = DIGEST
    photo.photograph.reframe = imagegen_pb2.REFRAME_EXTEND
    photo.photograph.focus.x = 0.25
    return message


def test_a_brand_is_decoded_and_its_logo_is_an_input() -> None:
    message = brief()
    colours = {"ground": "#C9D6C3", "product": "#1D4E44", "accent": "#B4703C", "paper": "#F6F1E4", "ink": "#1D4E44"}
    made = message.heroes[0].set.brand
    made.CopyFrom(imagegen_pb2.Brand(**colours, font="lato", clear_space=0.5))
    made.logo.digest = DIGEST
    hero = decode_brief(message).heroes[0]
    assert hero.source == SetSource(
        "studio",
        "amber-dusk",
        "First Light",
        "",
        BrandSource(**colours, font="lato", logo=ArtifactSource(DIGEST, "", 0), clear_space=0.5),
    )
    assert inputs_of(hero.source) == [("set.brand.logo", DIGEST)]
    request = hero_request(StillSpec(hero.source, PixelSize(640, 360), 7, Quality.DRAFT))
    assert request.set == message.heroes[0].set


FILMED_WATER = campaigns_pb2.MotionBrief(engine="scene", atmosphere=animation_pb2.ATMOSPHERE_WATER)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [("ink", "black", "six hexadecimal digits"), ("font", "Lato", "lower-case"), ("clear_space", 3.0, "use 0 to 2")],
)
def test_a_wrong_field_of_a_brand_is_named(name: str, value: object, words: str) -> None:
    message = brief()
    colours = dict.fromkeys(("ground", "product", "accent", "paper", "ink"), "#123456")
    message.heroes[0].set.brand.CopyFrom(imagegen_pb2.Brand(**{**colours, name: value}))
    with pytest.raises(InvalidInput, match=words) as caught:
        decode_brief(message)
    assert caught.value.metadata["field"] == f"heroes[0].set.brand.{name}"


def test_what_an_owner_says_of_a_photograph_reaches_the_stage() -> None:
    message = brief()
    photograph = message.heroes[1].photograph
    photograph.matte.digest, photograph.matte.media_type, photograph.matte.size_bytes = OTHER, "image/png", 7
    photograph.inverse_depth.digest = DIGEST
    photograph.regions.add(name="water").mask.digest = OTHER
    source = decode_brief(message).heroes[1].source
    assert isinstance(source, PhotoSource)
    assert source.matte == ArtifactSource(OTHER, "image/png", 7)
    parts = ["photograph.image", "photograph.matte", "photograph.inverse_depth", "photograph.regions[0].mask"]
    assert inputs_of(source) == list(zip(parts, [DIGEST, OTHER, DIGEST, OTHER], strict=True))
    assert hero_request(StillSpec(source, PixelSize(640, 360), 0, Quality.DRAFT)).photograph == photograph


def test_drawn_regions_are_told_by_the_plan_and_have_each_a_name_of_their_own() -> None:
    message = brief()
    for name in ("water", "sky"):
        message.heroes[1].photograph.regions.add(name=name).mask.digest = OTHER
    told = [reason for item in plan(decode_brief(message)).steps for reason in item.reasons]
    assert "drawn by hand: water, sky" in told
    message.heroes[1].photograph.regions[1].name = "background"
    with pytest.raises(InvalidInput, match="known from the layers") as caught:
        decode_brief(message)
    assert caught.value.metadata["field"] == "heroes[1].photograph.regions[1].name"


def test_a_partner_reaches_the_stage_alone() -> None:
    message = brief()
    photograph = message.heroes[1].photograph
    photograph.ClearField("focus")
    photograph.reframe = imagegen_pb2.REFRAME_CROP
    photograph.partner.digest = OTHER
    source = decode_brief(message).heroes[1].source
    assert inputs_of(source) == [("photograph.image", DIGEST), ("photograph.partner", OTHER)]
    assert hero_request(StillSpec(source, PixelSize(640, 360), 0, Quality.DRAFT)).photograph == photograph
    photograph.reframe = imagegen_pb2.REFRAME_EXTEND
    with pytest.raises(InvalidInput) as caught:
        decode_brief(message)
    assert caught.value.metadata["field"] == "heroes[1].photograph.reframe"
    photograph.reframe = imagegen_pb2.REFRAME_CROP
    photograph.matte.digest = OTHER
    with pytest.raises(InvalidInput) as caught:
        decode_brief(message)
    assert caught.value.metadata["field"] == "heroes[1].photograph.matte"
    photograph.ClearField("matte")
    photograph.regions.add(name="water").mask.digest = OTHER
    with pytest.raises(InvalidInput) as caught:
        decode_brief(message)
    assert caught.value.metadata["field"] == "heroes[1].photograph.regions"
    photograph.ClearField("regions")
    photograph.partner.digest = DIGEST
    with pytest.raises(InvalidInput, match="is the same picture; name a portrait of the other person"):
        decode_brief(message)


def prompt_brief() -> campaigns_pb2.Brief:
    message = Brief(campaign="dew", formats=["16:9"], platforms=["youtube"])
    message.motion.recipe, message.motion.seconds = "slow-push", 4
    hero = message.heroes.add(name="fern", seed=0)
    hero.prompt.text, hero.prompt.negative_text, hero.prompt.pack = "a fern", "text", "sdxl"
    hero.prompt.style, hero.prompt.foreground, hero.prompt.midground, hero.prompt.background = "oil", "f", "m", "b"
    hero.prompt.steps, hero.prompt.guidance, hero.prompt.strength = 30, 0.0, 0.5
    hero.prompt.reference.digest, hero.prompt.reference.size_bytes = DIGEST, 9
    return message


def test_a_hero_by_prompt_is_decoded() -> None:
    hero = decode_brief(prompt_brief()).heroes[0]
    reference = ArtifactSource(DIGEST, "", 9)
    assert hero.seed == 0
    assert hero.source == PromptBrief("a fern", "text", "oil", "f", "m", "b", "sdxl", 30, 0.0, reference, 0.5)
    assert inputs_of(hero.source) == [("prompt.reference", DIGEST)]


def test_what_a_prompt_does_not_say_is_left_to_the_pack() -> None:
    message = prompt_brief()
    message.heroes[0].prompt.CopyFrom(campaigns_pb2.PromptBrief(text="a"))
    message.heroes[0].ClearField("seed")
    hero = decode_brief(message).heroes[0]
    assert (hero.source, hero.seed, inputs_of(hero.source)) == (PromptBrief("a"), None, [])


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        (lambda p: setattr(p, "text", "  "), "text", "say what is to be seen"),
        (lambda p: setattr(p, "text", "x" * 601), "text", "at most 600"),
        (lambda p: setattr(p, "negative_text", "x" * 601), "negative_text", "at most 600"),
        (lambda p: setattr(p, "background", "x" * 201), "background", "at most 200"),
        (lambda p: setattr(p, "style", "a\nb"), "style", "control characters"),
        (lambda p: setattr(p, "pack", "SDXL"), "pack", "lower-case"),
        (lambda p: setattr(p, "steps", 201), "steps", "use 0 to 200"),
        (lambda p: setattr(p, "steps", -1), "steps", "use 0 to 200"),
        (lambda p: setattr(p, "guidance", 51), "guidance", "use 0 to 50"),
        (lambda p: setattr(p, "guidance", float("nan")), "guidance", "use 0 to 50"),
        (lambda p: setattr(p, "strength", 1.5), "strength", "at most 1"),
        (lambda p: setattr(p, "strength", 0), "strength", "more than 0"),
        (lambda p: p.ClearField("reference"), "strength", "give a reference"),
        (lambda p: setattr(p.reference, "digest", "x"), "reference.digest", "sha256:"),
    ],
)
def test_a_wrong_field_of_a_prompt_is_named(
    change: Callable[[campaigns_pb2.PromptBrief], object], field: str, words: str
) -> None:
    message = prompt_brief()
    change(message.heroes[0].prompt)
    with pytest.raises(InvalidInput, match=words) as caught:
        decode_brief(message)
    assert caught.value.metadata["field"] == f"heroes[0].prompt.{field}"


def test_a_heros_own_seed_is_in_range() -> None:
    message = prompt_brief()
    message.heroes[0].seed = 2**32
    with pytest.raises(InvalidInput) as caught:
        decode_brief(message)
    assert caught.value.metadata["field"] == "heroes[0].seed"


def test_a_whole_brief_is_decoded() -> None:
    message = brief()
    message.approval = campaigns_pb2.APPROVAL_POLICY_AUTO
    message.visibility = campaigns_pb2.VISIBILITY_PUBLIC
    message.quality = imagegen_pb2.QUALITY_DRAFT
    message.motion.strength = 0.75
    message.motion.atmosphere = animation_pb2.ATMOSPHERE_DUST
    made = decode_brief(message)
    assert (made.campaign, made.seed, made.formats, made.platforms) == ("first-light", 7, ("16:9",), ("youtube",))
    assert made.heroes[0].source == SetSource("studio", "amber-dusk", "First Light", "")
    assert made.heroes[1].source == PhotoSource(DIGEST, "", 0, ReframePolicy.EXTEND, (0.25, 0.0))
    assert (made.approval, made.visibility, made.quality) == (Approval.AUTO, Visibility.PUBLIC, Quality.DRAFT)
    assert (made.motion.seconds, made.motion.motion.strength, made.motion.motion.airs) == (
        4,
        0.75,
        (Air(Atmosphere.DUST),),
    )


def test_what_is_not_said_is_the_careful_choice() -> None:
    made = decode_brief(brief())
    assert (made.approval, made.visibility, made.quality) == (Approval.REQUIRED, Visibility.PRIVATE, Quality.STANDARD)
    assert (made.motion.frame_rate, made.motion.motion.strength, made.motion.motion.airs) == (30, 0.5, ())
    assert made.heroes[0].variations == 1


Change = Callable[[campaigns_pb2.Brief], object]


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        (lambda b: setattr(b, "campaign", "First Light"), "campaign", "lower-case"),
        (lambda b: setattr(b, "seed", 2**32), "seed", "0 to 4294967295"),
        (lambda b: b.ClearField("heroes"), "heroes", "at least one"),
        (lambda b: setattr(b.heroes[1], "name", "bottle"), "heroes[1]", "there already, at heroes[0]"),
        (lambda b: setattr(b.heroes[0], "name", "x" * 64), "heroes[0].name", "1 to 63"),
        (lambda b: setattr(b.heroes[0], "variations", 101), "heroes[0].variations", "1 to 100"),
        (lambda b: setattr(b.heroes[0], "variations", -1), "heroes[0].variations", "1 to 100"),
        (lambda b: setattr(b.heroes[1], "variations", 2), "heroes[1].variations", "a photograph has one take"),
        (lambda b: b.heroes[0].ClearField("set"), "heroes[0]", "give it a `set`, a `photo` or a `prompt`"),
        (lambda b: setattr(b.heroes[0].set, "copy", "x" * 25), "heroes[0].set.copy", "at most 24"),
        (lambda b: setattr(b.heroes[0].set, "copy", "a\nb"), "heroes[0].set.copy", "control characters"),
        (lambda b: setattr(b.heroes[0].set, "tagline", "x" * 41), "heroes[0].set.tagline", "at most 40"),
        (lambda b: setattr(b.heroes[0].set, "scene", "../x"), "heroes[0].set.scene", "lower-case"),
        (
            lambda b: setattr(b.heroes[1].photograph.image, "digest", "x"),
            "heroes[1].photograph.image.digest",
            "sha256:",
        ),
        (lambda b: setattr(b.heroes[1].photograph.matte, "digest", "x"), "heroes[1].photograph.matte.digest", "64"),
        (
            lambda b: setattr(b.heroes[1].photograph.inverse_depth, "digest", "x"),
            "heroes[1].photograph.inverse_depth.digest",
            "64",
        ),
        (lambda b: setattr(b.heroes[1].photograph.focus, "y", 1.5), "heroes[1].photograph.focus.y", "0 to 1"),
        (lambda b: b.ClearField("formats"), "formats", "at least one"),
        (lambda b: b.formats.append("7:3"), "formats[1]", "16:9, 9:16, 1:1, 4:5"),
        (lambda b: b.formats.append("16:9"), "formats[1]", "there already"),
        (lambda b: b.ClearField("platforms"), "platforms", "at least one"),
        (lambda b: b.platforms.append("myspace"), "platforms[1]", "youtube, youtube-shorts, tiktok"),
        (lambda b: b.platforms.append("youtube"), "platforms[1]", "there already"),
        (lambda b: setattr(b.motion, "recipe", "zoom"), "motion.recipe", "did you mean `push`"),
        (lambda b: setattr(b.motion, "seconds", 5.5), "motion.seconds", "use at most 5, or at least 6"),
        (lambda b: setattr(b.motion, "seconds", 61), "motion.seconds", "join them in an editor"),
        (lambda b: setattr(b.motion, "seconds", 2.9), "motion.seconds", "3 to 60"),
        (lambda b: setattr(b.motion, "seconds", float("nan")), "motion.seconds", "3 to 60"),
        (lambda b: setattr(b.motion, "frames_per_second", 29), "motion.frames_per_second", "24, 25, 30, 50, 60"),
        (lambda b: setattr(b.motion, "engine", "sora"), "motion.engine", "use previz, scene or diffusers"),
        (lambda b: setattr(b.motion, "pack", "ltx-video"), "motion.pack", "set motion.engine to diffusers"),
        (
            lambda b: b.motion.MergeFrom(FILMED_WATER),
            "motion.engine",
            "scene renders every frame anew and has no water",
        ),
        (lambda b: setattr(b.motion, "strength", 1.1), "motion.strength", "at most 1"),
        (lambda b: setattr(b.motion, "strength", -0.1), "motion.strength", "more than 0"),
        (lambda b: setattr(b.motion, "prompt", "x" * 501), "motion.prompt", "at most 500"),
        (lambda b: setattr(b, "approval", 7), "approval", "7 is not known; use one of APPROVAL_POLICY_UNSPECIFIED, "),
        (lambda b: setattr(b, "visibility", 3), "visibility", "VISIBILITY_PUBLIC"),
        (lambda b: setattr(b, "quality", -1), "quality", "QUALITY_FINE"),
        (lambda b: setattr(b.motion, "atmosphere", 99), "motion.atmosphere", "ATMOSPHERE_DUST"),
        (lambda b: setattr(b.heroes[1].photograph, "reframe", 9), "heroes[1].photograph.reframe", "REFRAME_EXTEND"),
    ],
)
def test_a_wrong_field_is_named_with_the_fix(change: Change, field: str, words: str) -> None:
    message = brief()
    change(message)
    with pytest.raises(InvalidInput) as caught:
        decode_brief(message)
    assert caught.value.metadata["field"] == field
    assert words in caught.value.message


def test_a_campaign_of_too_many_lanes_is_refused_with_the_number() -> None:
    message = brief()
    del message.heroes[1]
    message.heroes[0].variations = 100
    for number in range(40):
        message.heroes.add(name=f"more-{number}", variations=100).set.CopyFrom(message.heroes[0].set)
    with pytest.raises(InvalidInput, match="come to 4100; at most 4000"):
        decode_brief(message)


def test_more_clips_than_a_campaign_may_have_are_refused() -> None:
    message = brief()
    hero = message.heroes[0]
    del message.heroes[:]
    for number in range(8):
        message.heroes.add().CopyFrom(hero)
        message.heroes[number].name, message.heroes[number].variations = f"hero-{number}", 100
    del message.formats[1:]
    message.motion.seconds = 50
    assert len(decode_brief(message).heroes) == 8
    message.motion.seconds = 50.1
    with pytest.raises(InvalidInput, match=r"800 lanes of 50\.1 s come to 8800 clips; at most 8000") as caught:
        decode_brief(message)
    assert caught.value.metadata["field"] == "motion.seconds"


def test_all_four_formats_are_as_many_as_there_may_be() -> None:
    message = brief()
    del message.formats[:]
    message.formats.extend(["16:9", "9:16", "1:1", "4:5"])
    assert decode_brief(message).formats == ("16:9", "9:16", "1:1", "4:5")
    message.formats.append("16:9")
    with pytest.raises(InvalidInput, match="there are 5; give at most 4") as caught:
        decode_brief(message)
    assert caught.value.metadata["field"] == "formats"


@pytest.mark.parametrize(("turn", "taken"), [(-360, True), (360, True), (360.5, False), (float("nan"), False)])
def test_a_product_is_turned_by_at_most_a_full_turn(turn: float, *, taken: bool) -> None:
    message = brief()
    model = imagegen_pb2.Model(turn_deg=turn)
    model.mesh.digest = DIGEST
    message.heroes[0].set.copy = ""
    message.heroes[0].set.model.CopyFrom(model)
    if taken:
        source = decode_brief(message).heroes[0].source
        assert isinstance(source, SetSource)
        assert source.product == ModelSource(ArtifactSource(DIGEST, "", 0), False, turn, 0.0, "", "")
        return
    with pytest.raises(InvalidInput, match="use -360 to 360") as caught:
        decode_brief(message)
    assert caught.value.metadata["field"] == "heroes[0].set.model.turn_deg"
