from __future__ import annotations

import pytest

from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.api.media.v1 import artifact_pb2, picture_pb2
from firstframe.core.errors import InvalidInput
from firstframe.core.formats import Quality
from firstframe.core.media import PixelSize
from firstframe.imagegen.decode import decode
from firstframe.imagegen.plans import MarkedPlan, PhotographRequest, ProductPlan, PromptPlan
from firstframe.sets.requests import SetRequest


def set_request(**changes: object) -> imagegen_pb2.GenerateHeroRequest:
    fields = {"scene": "studio", "palette": "amber-dusk", "copy": " AURORA ", "tagline": "serum"}
    outer = {key: value for key, value in changes.items() if key not in fields}
    fields |= {key: value for key, value in changes.items() if key in fields}
    size = picture_pb2.PixelSize(width_px=640, height_px=360)
    return imagegen_pb2.GenerateHeroRequest(**{"size": size, "seed": 7, **outer}, set=imagegen_pb2.ProductSet(**fields))


def photograph_request(**changes: object) -> imagegen_pb2.GenerateHeroRequest:
    image = artifact_pb2.ArtifactRef(digest="sha256:" + "0" * 64, media_type="image/jpeg", size_bytes=1000)
    return imagegen_pb2.GenerateHeroRequest(
        size=picture_pb2.PixelSize(width_px=640, height_px=360),
        photograph=imagegen_pb2.Photograph(**{"image": image, **changes}),
    )


def test_a_set_is_decoded() -> None:
    assert decode(set_request()) == SetRequest(
        "studio", "amber-dusk", "AURORA", "serum", PixelSize(640, 360), 7, Quality.STANDARD
    )
    assert decode(set_request(quality=imagegen_pb2.QUALITY_DRAFT)).quality is Quality.DRAFT


def brand(**changes: object) -> imagegen_pb2.Brand:
    fields = {"ground": "#C9D6C3", "product": "#1D4E44", "accent": "#B4703C", "paper": "#F6F1E4", "ink": "#1D4E44"}
    return imagegen_pb2.Brand(**{**fields, "font": "lato", "clear_space": 0.5, **changes})


def branded(**changes: object) -> imagegen_pb2.GenerateHeroRequest:
    request = set_request(palette="brand-night")
    request.set.brand.CopyFrom(brand(**changes))
    return request


def test_a_brand_is_decoded_and_its_mark_named() -> None:
    plan = decode(branded())
    assert isinstance(plan, SetRequest)
    assert plan.brand is not None
    assert (plan.palette, plan.brand.colours.ground, plan.brand.colours.ink) == ("brand-night", "#C9D6C3", "#1D4E44")
    assert (plan.brand.font, plan.brand.clear_space, plan.brand.mark) == ("lato", 0.5, None)
    logo = artifact_pb2.ArtifactRef(digest="sha256:" + "0" * 64, media_type="image/png", size_bytes=1000)
    marked = decode(branded(logo=logo))
    assert isinstance(marked, MarkedPlan)
    assert (marked.logo.field, marked.logo.digest, marked.logo.size_bytes) == ("set.brand.logo", logo.digest, 1000)
    assert marked.request.brand is marked.brand


@pytest.mark.parametrize("kind", ["model", "cutout"])
def test_a_product_of_ones_own_wears_no_mark(kind: str) -> None:
    request = branded(logo=artifact_pb2.ArtifactRef(digest="not in any store"))
    request.set.copy = request.set.tagline = ""
    file = artifact_pb2.ArtifactRef(digest="sha256:" + "1" * 64, media_type="image/png", size_bytes=1000)
    if kind == "model":
        request.set.model.mesh.CopyFrom(file)
    else:
        request.set.cutout.image.CopyFrom(file)
    plan = decode(request)
    assert isinstance(plan, ProductPlan)
    assert isinstance(plan.request, SetRequest)
    assert plan.request.brand is not None
    assert plan.request.brand.mark is None


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"accent": "copper"}, "set.brand.accent", "six hexadecimal digits"),
        ({"font": "helvetica"}, "set.brand.font", "caladea"),
        ({"clear_space": 2.5}, "set.brand.clear_space", "give 0 to 2"),
        ({"clear_space": float("nan")}, "set.brand.clear_space", "give 0 to 2"),
        ({"logo": artifact_pb2.ArtifactRef(digest="x")}, "set.brand.logo.digest", "sha256:"),
        (
            {"logo": artifact_pb2.ArtifactRef(digest="sha256:" + "0" * 64, size_bytes=2**21 + 1)},
            "set.brand.logo.size_bytes",
            "give 1 to 2097152",
        ),
    ],
)
def test_a_wrong_field_of_a_brand_is_named(changes: dict[str, object], field: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as caught:
        decode(branded(**changes))
    assert caught.value.metadata["field"] == field


def test_a_partner_is_decoded_and_leaves_no_room_for_an_owners_word() -> None:
    other = artifact_pb2.ArtifactRef(digest="sha256:" + "5" * 64, size_bytes=9)
    plan = decode(photograph_request(partner=other))
    assert (plan.partner.field, plan.partner.digest) == ("photograph.partner", other.digest)
    assert decode(photograph_request()).partner is None
    with pytest.raises(InvalidInput, match="drawn on one photograph"):
        decode(photograph_request(partner=other, regions=[picture_pb2.Region(name="water", mask=other)]))
    refused = {"focus": imagegen_pb2.FocusPoint(x=0.5, y=0.5), "matte": other, "inverse_depth": other}
    for name, value in (refused | {"reframe": imagegen_pb2.REFRAME_EXTEND}).items():
        with pytest.raises(InvalidInput) as caught:
            decode(photograph_request(partner=other, **{name: value}))
        assert caught.value.metadata["field"] == f"photograph.{name}"


def test_drawn_regions_are_decoded_and_checked() -> None:
    mask = artifact_pb2.ArtifactRef(digest="sha256:" + "5" * 64, size_bytes=9)
    drawn = [picture_pb2.Region(name=name, mask=mask) for name in ("water", "sky")]
    plan = decode(photograph_request(regions=drawn))
    assert [(name, one.field) for name, one in plan.regions] == [
        ("water", "photograph.regions[0].mask"),
        ("sky", "photograph.regions[1].mask"),
    ]
    for wrong, field in (
        (picture_pb2.Region(name="sky", mask=mask), "photograph.regions[2].name"),
        (picture_pb2.Region(name="cloth"), "photograph.regions[2].mask.digest"),
    ):
        with pytest.raises(InvalidInput) as caught:
            decode(photograph_request(regions=[*drawn, wrong]))
        assert caught.value.metadata["field"] == field


def test_a_photograph_is_decoded() -> None:
    plan = decode(photograph_request(focus=imagegen_pb2.FocusPoint(x=0.25, y=1.0)))
    assert isinstance(plan, PhotographRequest)
    assert plan.focus == (0.25, 1.0)
    assert plan.reframe.name == "CROP"
    assert decode(photograph_request()).focus is None
    assert decode(photograph_request(reframe=imagegen_pb2.REFRAME_EXTEND)).reframe.name == "EXTEND"


def size(width: int, height: int) -> picture_pb2.PixelSize:
    return picture_pb2.PixelSize(width_px=width, height_px=height)


@pytest.mark.parametrize(
    ("request_", "field", "hint"),
    [
        (set_request(engine="diffusers"), "engine", "use previz"),
        (set_request(size=size(641, 360)), "size.width_px", "even"),
        (set_request(size=size(640, 361)), "size.height_px", "even"),
        (set_request(size=size(8, 8)), "size.width_px", "16"),
        (set_request(size=size(1000, 400)), "size", "16:9"),
        (set_request(seed=2**32), "seed", "4294967295"),
        (set_request(quality=9), "quality", "QUALITY_DRAFT"),
        (set_request(scene="beach"), "set.scene", "studio"),
        (set_request(palette="mauve"), "set.palette", "amber-dusk"),
        (set_request(copy=""), "set.copy", "words"),
        (set_request(copy="x" * 25), "set.copy", "24"),
        (set_request(tagline="x" * 41), "set.tagline", "40"),
        (imagegen_pb2.GenerateHeroRequest(size=size(640, 360)), "source", "photograph"),
        (photograph_request(image=artifact_pb2.ArtifactRef(digest="x")), "photograph.image.digest", "sha256"),
        (
            photograph_request(image=artifact_pb2.ArtifactRef(digest="sha256:" + "0" * 64, size_bytes=1 << 40)),
            "photograph.image.size_bytes",
            "length",
        ),
        (photograph_request(focus=imagegen_pb2.FocusPoint(x=1.5, y=0)), "photograph.focus.x", "0 to 1"),
        (photograph_request(focus=imagegen_pb2.FocusPoint(x=0, y=float("nan"))), "photograph.focus.y", "0 to 1"),
        (photograph_request(reframe=7), "photograph.reframe", "REFRAME_CROP"),
    ],
)
def test_what_cannot_work_is_refused(request_: imagegen_pb2.GenerateHeroRequest, field: str, hint: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        decode(request_)
    assert caught.value.metadata["field"] == field
    assert hint in caught.value.message


PACKS = ("sdxl", "flux-schnell")


def prompt_request(**changes: object) -> imagegen_pb2.GenerateHeroRequest:
    outer = {key: changes.pop(key) for key in ("engine", "seed") if key in changes}
    prompt = imagegen_pb2.Prompt(**{"text": " a cat ", **changes})
    return imagegen_pb2.GenerateHeroRequest(**{"size": size(640, 360), "seed": 7, **outer}, prompt=prompt)


def picture(**changes: object) -> artifact_pb2.ArtifactRef:
    return artifact_pb2.ArtifactRef(**{"digest": "sha256:" + "0" * 64, "size_bytes": 1000, **changes})


def test_a_prompt_is_decoded() -> None:
    plan = decode(prompt_request(), PACKS)

    assert isinstance(plan, PromptPlan)
    assert (plan.pack, plan.reference) == ("sdxl", None)
    assert (plan.request.prompt, plan.request.size, plan.request.seed) == ("a cat", PixelSize(640, 360), 7)
    assert (plan.request.steps, plan.request.guidance, plan.request.reference) == (0, None, None)


def test_a_prompt_with_a_reference_is_decoded() -> None:
    message = prompt_request(
        pack="flux-schnell", negative_text="blur", steps=4, guidance=0, reference=picture(), strength=0.5
    )
    plan = decode(message, PACKS)

    assert isinstance(plan, PromptPlan)
    assert (plan.pack, plan.request.negative_prompt, plan.request.steps) == ("flux-schnell", "blur", 4)
    assert (plan.request.guidance, plan.request.strength) == (0, 0.5)
    assert plan.reference is not None
    assert (plan.reference.field, plan.reference.size_bytes) == ("prompt.reference", 1000)


@pytest.mark.parametrize(
    ("request_", "packs", "field", "hint"),
    [
        (prompt_request(), (), "prompt", "GetCapabilities"),
        (prompt_request(engine="diffusers"), (), "engine", "use previz"),
        (prompt_request(engine="previz"), PACKS, "engine", "use diffusers"),
        (set_request(engine="diffusers"), PACKS, "engine", "use previz"),
        (prompt_request(pack="svd"), PACKS, "prompt.pack", "sdxl, flux-schnell"),
        (prompt_request(text="  "), PACKS, "prompt.text", "seen"),
        (prompt_request(text="x" * 2001), PACKS, "prompt.text", "2000"),
        (prompt_request(negative_text="x" * 2001), PACKS, "prompt.negative_text", "2000"),
        (prompt_request(steps=201), PACKS, "prompt.steps", "200"),
        (prompt_request(steps=-1), PACKS, "prompt.steps", "200"),
        (prompt_request(guidance=float("nan")), PACKS, "prompt.guidance", "0 to 50"),
        (prompt_request(guidance=51), PACKS, "prompt.guidance", "0 to 50"),
        (prompt_request(reference=picture()), PACKS, "prompt.strength", "more than 0"),
        (prompt_request(reference=picture(), strength=1.1), PACKS, "prompt.strength", "at most 1"),
        (prompt_request(strength=0.5), PACKS, "prompt.strength", "prompt.reference"),
        (prompt_request(reference=picture(digest="x"), strength=0.5), PACKS, "prompt.reference.digest", "sha256"),
        (prompt_request(reference=picture(size_bytes=0), strength=0.5), PACKS, "prompt.reference.size_bytes", "length"),
    ],
)
def test_a_prompt_that_cannot_work_is_refused(
    request_: imagegen_pb2.GenerateHeroRequest, packs: tuple[str, ...], field: str, hint: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        decode(request_, packs)
    assert caught.value.metadata["field"] == field
    assert hint in caught.value.message
