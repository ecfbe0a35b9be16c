"""Heroes by prompt: what the model is asked for, at which size, and what is refused before any spend."""

from __future__ import annotations

import pytest

from firstframe.core.errors import InvalidInput
from firstframe.core.formats import FORMATS
from firstframe.core.media import PixelSize
from firstframe.core.native import StillPack, format_of, shot_of
from firstframe.core.still_packs import STILL_PACKS
from firstframe.orchestrator.brief import PromptBrief
from firstframe.orchestrator.feasible import check_prompt, prompt_size, prompt_still
from firstframe.orchestrator.plan import ArtifactSource, PromptSource, StillSpec
from firstframe.orchestrator.prompts import FRAMING, composed
from firstframe.orchestrator.requests import hero_request

REFERENCE = ArtifactSource("sha256:" + "b" * 64, "image/png", 77)


def spec(prompt: PromptBrief, format_name: str = "16:9") -> StillSpec:
    made = prompt_still(prompt, FORMATS[format_name], 12).spec
    assert isinstance(made, StillSpec)
    return made


def test_every_prompt_asks_for_three_layers_of_depth_and_room() -> None:
    words = composed(PromptBrief("a bottle on wet stone. ", style="85 mm,", background="ferns in mist."), "9:16")
    assert words == (
        "a bottle on wet stone, 85 mm. Foreground: soft shapes out of focus at the edge of the frame; midground: the"
        " subject alone in sharp focus; background: ferns in mist. Tall vertical frame with room above and below the"
        " subject."
    )


def test_the_own_words_for_a_layer_take_the_place_of_ours() -> None:
    words = composed(PromptBrief("a", foreground="reeds", midground="a heron", background="fog"), "1:1")
    assert "Foreground: reeds; midground: a heron; background: fog." in words


def test_every_format_has_its_framing() -> None:
    assert set(FRAMING) == set(FORMATS)
    assert len({composed(PromptBrief("a"), name) for name in FORMATS}) == len(FORMATS)


def test_the_still_is_made_at_what_is_kept_of_the_native_size_and_the_plan_says_why() -> None:
    step = prompt_still(PromptBrief("a", pack="sdxl"), FORMATS["16:9"], 12)
    assert isinstance(step.spec, StillSpec)
    assert step.spec.size == PixelSize(1344, 756)
    assert step.reasons == ("sdxl 1344×768 is 1.75:1, trimmed 6 px top and bottom to 16:9",)
    assert step.summary.startswith("make with sdxl at 1344×756, seed 12: a. Foreground")


def test_a_size_that_is_not_rounded_says_whose_it_is() -> None:
    step = prompt_still(PromptBrief("a", pack="sdxl"), FORMATS["1:1"], 12)
    assert step.reasons == ("1024×1024 is the native size of sdxl for 1:1",)


def test_the_size_of_every_pack_and_format_tells_the_stage_the_format() -> None:
    for pack in STILL_PACKS.values():
        for format_name in pack.sizes:
            assert format_of(prompt_size(PromptBrief("a", pack=pack.name), FORMATS[format_name])) == format_name


def test_a_pack_that_is_not_known_here_is_planned_by_the_format() -> None:
    step = prompt_still(PromptBrief("a", pack="own-pack"), FORMATS["16:9"], 12)
    assert prompt_size(PromptBrief("a", pack="own-pack"), FORMATS["16:9"]) == PixelSize(1920, 1080)
    assert "its server tells it" in step.reasons[0]


def test_the_reference_and_all_that_was_said_reach_the_stage() -> None:
    prompt = PromptBrief("a", "blur", "oil", pack="sdxl", steps=30, guidance=6.5, reference=REFERENCE, strength=0.4)
    request = hero_request(spec(prompt))
    assert request.prompt.text == composed(prompt, "16:9")
    assert (request.prompt.negative_text, request.prompt.pack, request.prompt.steps) == ("blur", "sdxl", 30)
    assert (request.prompt.guidance, request.prompt.strength) == (6.5, 0.4)
    assert (request.prompt.reference.digest, request.prompt.reference.size_bytes) == (REFERENCE.digest, 77)
    assert (request.seed, request.size.width_px) == (12, 1344)
    assert (
        prompt_still(prompt, FORMATS["16:9"], 12).reasons[-1] == "starts from the reference, of which 40% is given up"
    )


def test_the_packs_own_guidance_stays_unsaid() -> None:
    request = hero_request(spec(PromptBrief("a", pack="sdxl")))
    assert not request.prompt.HasField("guidance")
    assert not request.prompt.HasField("reference")


def test_other_words_are_other_work() -> None:
    steps = {prompt_still(PromptBrief(words, pack="sdxl"), FORMATS["1:1"], 1).id for words in ("a", "b", "a ")}
    assert len(steps) == 2  # a space at the end changes nothing that the model reads


@pytest.mark.parametrize(
    ("prompt", "field", "words"),
    [
        (PromptBrief("a", "blur", pack="flux-schnell"), "p.negative_text", "no effect on flux-schnell at guidance 0"),
        (PromptBrief("a", "blur", pack="sdxl", guidance=1.0), "p.negative_text", "raise the guidance"),
        (PromptBrief("a", pack="flux-schnell", reference=REFERENCE, strength=0.2), "p.strength", "at least 0.25"),
    ],
)
def test_what_a_pack_cannot_do_is_refused_with_the_way_out(prompt: PromptBrief, field: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as caught:
        check_prompt(prompt, ["16:9"], "p")
    assert caught.value.metadata["field"] == field


def test_a_pack_that_does_not_start_from_a_picture_names_those_that_do(monkeypatch: pytest.MonkeyPatch) -> None:
    words = StillPack("words", {"16:9": (1344, 768)}, 20, 5.0, from_picture=False, compares=True)
    monkeypatch.setitem(STILL_PACKS, "words", words)
    with pytest.raises(
        InvalidInput, match=r"words does not start from a picture; .* use one of flux-schnell"
    ) as caught:
        check_prompt(PromptBrief("a", pack="words", reference=REFERENCE, strength=0.5), ["16:9"], "p")
    assert caught.value.metadata["field"] == "p.reference"


def test_a_format_that_a_pack_is_not_made_for_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    square = StillPack("square", {"1:1": (512, 512)}, 20, 5.0, from_picture=False, compares=True)
    monkeypatch.setitem(STILL_PACKS, "square", square)
    check_prompt(PromptBrief("a", pack="square"), ["1:1"], "p")
    with pytest.raises(InvalidInput, match="square is not made for '16:9'; use one of 1:1, or another pack"):
        check_prompt(PromptBrief("a", pack="square"), ["1:1", "16:9"], "p")


def test_what_can_be_had_is_not_refused() -> None:
    check_prompt(PromptBrief("a", "blur", pack="sdxl", reference=REFERENCE, strength=0.6), list(FORMATS), "p")
    check_prompt(PromptBrief("a", "blur", pack="sdxl", guidance=1.1), list(FORMATS), "p")
    check_prompt(PromptBrief("a", "blur", pack="own-pack"), list(FORMATS), "p")
    assert isinstance(spec(PromptBrief("a")).source, PromptSource)


def test_both_sides_may_be_trimmed() -> None:
    shot = shot_of("m", PixelSize(1360, 768), "16:9")
    assert shot.reasons == ("m 1360×768 is 1.771:1, trimmed 8 px left and right and 6 px top and bottom to 16:9",)
