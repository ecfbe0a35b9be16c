"""A new brief is refused where the image stage would refuse it, before anything is spent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from firstframe.adapters.clock import SystemClock
from firstframe.adapters.local_folder import LocalFolderStore
from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.api.media.v1 import artifact_pb2, picture_pb2
from firstframe.core.clip_packs import CLIP_PACKS
from firstframe.core.errors import InvalidInput
from firstframe.core.motion import CameraMove, single
from firstframe.core.recipes import Recipe
from firstframe.imagegen.decode import decode
from firstframe.orchestrator.admission import admitted
from firstframe.orchestrator.approvals import Approvals
from firstframe.orchestrator.brief import DIFFUSERS
from firstframe.orchestrator.campaigns import Campaigns
from firstframe.orchestrator.consent_tables import ConsentTables
from firstframe.orchestrator.consents import Consents
from firstframe.orchestrator.decode import decode_brief
from firstframe.orchestrator.decode.packs import clip_pack_message
from firstframe.orchestrator.encode import recipe_message
from firstframe.orchestrator.fleet import Fleet
from firstframe.orchestrator.recipes import RECIPES
from firstframe.orchestrator.seals import Seal
from firstframe.orchestrator.servicer import CampaignServicer
from firstframe.orchestrator.tables import Tables, open_engine
from firstframe.orchestrator.trail import Trail
from support.orchestrator import small_brief

MOST, MOST_OF_A_MARK = 64 * 1024 * 1024, 2 * 1024 * 1024
COLOURS = {"ground": "#C9D6C3", "product": "#1D4E44", "accent": "#B4703C", "paper": "#F6F1E4", "ink": "#1D4E44"}

Hero = campaigns_pb2.HeroBrief
Change = Callable[[campaigns_pb2.HeroBrief], object]


def artifact(size_bytes: int = 1000) -> artifact_pb2.ArtifactRef:
    return artifact_pb2.ArtifactRef(digest="sha256:" + "a" * 64, media_type="image/png", size_bytes=size_bytes)


def labelled() -> Hero:
    made = imagegen_pb2.ProductSet(scene="studio", palette="amber-dusk", copy="First Light")
    return Hero(name="bottle", set=made)


def branded() -> Hero:
    hero = labelled()
    hero.set.brand.CopyFrom(imagegen_pb2.Brand(**COLOURS, font="lato", logo=artifact(MOST_OF_A_MARK)))
    return hero


def model() -> Hero:
    hero = labelled()
    hero.set.ClearField("copy")
    hero.set.model.CopyFrom(imagegen_pb2.Model(mesh=artifact(MOST), material="satin", colour="ink"))
    return hero


def cutout() -> Hero:
    hero = labelled()
    hero.set.ClearField("copy")
    hero.set.cutout.image.CopyFrom(artifact())
    return hero


def photograph() -> Hero:
    parts = {"image": artifact(MOST), "matte": artifact(), "inverse_depth": artifact()}
    drawn = [picture_pb2.Region(name=name, mask=artifact()) for name in ("water", "sky")]
    return Hero(name="coffee", photograph=imagegen_pb2.Photograph(regions=drawn, **parts))


def prompt() -> Hero:
    return Hero(name="fern", prompt=campaigns_pb2.PromptBrief(text="a fern", reference=artifact(), strength=0.5))


def plan_of(hero: Hero) -> campaigns_pb2.Brief:
    brief = small_brief()
    brief.heroes.append(hero)
    return brief


def stage_request(hero: Hero) -> imagegen_pb2.GenerateHeroRequest:
    size = picture_pb2.PixelSize(width_px=640, height_px=360)
    if hero.HasField("prompt"):
        words = imagegen_pb2.Prompt(text=hero.prompt.text, reference=hero.prompt.reference, strength=0.5)
        return imagegen_pb2.GenerateHeroRequest(size=size, prompt=words)
    source = {name: getattr(hero, name) for name in ("set", "photograph") if hero.HasField(name)}
    return imagegen_pb2.GenerateHeroRequest(size=size, **source)


REFUSED: list[tuple[Callable[[], Hero], Change, str, str]] = [
    (labelled, lambda h: setattr(h.set, "scene", "beach"), "set.scene", "use one of studio, stone"),
    (labelled, lambda h: setattr(h.set, "palette", "mauve"), "set.palette", "use one of amber-dusk"),
    (labelled, lambda h: setattr(h.set, "palette", "brand-day"), "set.palette", "give a brand"),
    (labelled, lambda h: setattr(h.set, "copy", ""), "set.copy", "is empty"),
    (labelled, lambda h: setattr(h.set, "copy", "   "), "set.copy", "is empty"),
    (branded, lambda h: setattr(h.set, "palette", "brand-dusk"), "set.palette", "use one of brand-day, brand-tint"),
    (branded, lambda h: setattr(h.set.brand, "font", "helvetica"), "set.brand.font", "use one of caladea"),
    (
        branded,
        lambda h: setattr(h.set.brand.logo, "size_bytes", MOST_OF_A_MARK + 1),
        "set.brand.logo.size_bytes",
        "give 1 to 2097152",
    ),
    (model, lambda h: setattr(h.set.model, "material", "wood"), "set.model.material", "use one of matt"),
    (model, lambda h: setattr(h.set.model, "material", ""), "set.model.colour", "give `material` as well"),
    (model, lambda h: setattr(h.set.model, "colour", "mauve"), "set.model.colour", "use one of lacquer"),
    (model, lambda h: setattr(h.set.model, "colour", "#12345g"), "set.model.colour", "or #RRGGBB"),
    (model, lambda h: setattr(h.set.model.mesh, "size_bytes", MOST + 1), "set.model.mesh.size_bytes", "67108864"),
    (cutout, lambda h: setattr(h.set.cutout.image, "size_bytes", MOST + 1), "set.cutout.image.size_bytes", "67108864"),
    (cutout, lambda h: setattr(h.set.cutout.image, "size_bytes", 0), "set.cutout.image.size_bytes", "give 1 to"),
    (photograph, lambda h: setattr(h.photograph.image, "size_bytes", MOST + 1), "photograph.image.size_bytes", "is"),
    (photograph, lambda h: setattr(h.photograph.matte, "size_bytes", MOST + 1), "photograph.matte.size_bytes", "is"),
    (
        photograph,
        lambda h: setattr(h.photograph.inverse_depth, "size_bytes", MOST + 1),
        "photograph.inverse_depth.size_bytes",
        "is",
    ),
    (
        photograph,
        lambda h: setattr(h.photograph.regions[1].mask, "size_bytes", MOST + 1),
        "photograph.regions[1].mask.size_bytes",
        "is",
    ),
    (prompt, lambda h: setattr(h.prompt.reference, "size_bytes", MOST + 1), "prompt.reference.size_bytes", "is"),
]


@pytest.mark.parametrize(("good", "change", "field", "words"), REFUSED)
def test_what_the_stage_refuses_is_refused_before(
    good: Callable[[], Hero], change: Change, field: str, words: str
) -> None:
    hero = good()
    change(hero)
    brief = decode_brief(plan_of(hero))
    with pytest.raises(InvalidInput) as refused:
        admitted(brief)
    with pytest.raises(InvalidInput) as late:
        decode(stage_request(hero), ("sdxl",))
    assert refused.value.metadata["field"] == f"heroes[1].{field}"
    assert words in refused.value.message
    assert refused.value.message == f"heroes[1].{late.value.message}"


def own_recipe(name: str, strength: float) -> campaigns_pb2.Brief:
    brief = small_brief()
    motion = single(CameraMove.PUSH, strength)
    brief.motion.recipe = name
    brief.motion.own.CopyFrom(recipe_message(Recipe(name, 1, motion, "nearer")))
    return brief


def test_a_recipe_of_ones_own_is_not_called_as_another_that_comes_along() -> None:
    admitted(decode_brief(own_recipe("mine", 0.9)))
    admitted(decode_brief(own_recipe("slow-push", RECIPES["slow-push"].motion.strength)))
    with pytest.raises(InvalidInput, match=r"slow-push@1 comes along .* raise the version to 2") as refused:
        admitted(decode_brief(own_recipe("slow-push", 0.9)))
    assert refused.value.metadata["field"] == "motion.own.name"


def test_a_pack_of_ones_own_is_not_called_as_another_that_comes_along() -> None:
    brief = small_brief()
    brief.motion.engine, brief.motion.pack = DIFFUSERS, "ltx-video"
    brief.motion.own_pack.CopyFrom(clip_pack_message(CLIP_PACKS["ltx-video"]))
    admitted(decode_brief(brief))
    brief.motion.own_pack.steps += 1
    with pytest.raises(InvalidInput, match="leave own_pack out") as refused:
        admitted(decode_brief(brief))
    assert refused.value.metadata["field"] == "motion.own_pack.name"


def branded_model() -> Hero:
    """A mark of any length: there is no label to print it on."""
    hero = model()
    hero.set.brand.CopyFrom(imagegen_pb2.Brand(**COLOURS, logo=artifact(MOST_OF_A_MARK + 1)))
    return hero


@pytest.mark.parametrize("good", [labelled, branded, model, branded_model, cutout, photograph, prompt])
def test_what_the_stage_takes_is_admitted(good: Callable[[], Hero]) -> None:
    brief = decode_brief(plan_of(good()))
    assert admitted(brief) is brief
    decode(stage_request(good()), ("sdxl",))


@pytest.mark.parametrize("palette", ["brand-day", "brand-tint", "brand-night", "ink-night"])
def test_a_brand_wears_its_own_palettes_and_ours(palette: str) -> None:
    hero = branded()
    hero.set.palette = palette
    admitted(decode_brief(plan_of(hero)))
    decode(stage_request(hero))


def desk(folder: Path) -> tuple[Campaigns, Tables]:
    tables = Tables(open_engine(f"sqlite:///{folder}/campaigns.sqlite"))
    tables.make()
    clock = SystemClock()

    async def start(_campaign: str, _lane: str, _run: int) -> None:
        return

    approvals = Approvals(Trail(tables, Seal(b"k" * 32)), clock)
    store = LocalFolderStore(folder / "store")
    consents = Consents(ConsentTables(open_engine("sqlite://")), Seal(b"k" * 32), clock)
    campaigns = Campaigns(
        tables,
        store,
        approvals,
        clock,
        consents=consents,
        fleet=Fleet(),
        start_lane=start,
        cancel_calls=str,
        stop_lanes=lambda *_: None,
    )
    return campaigns, tables


async def test_neither_a_plan_nor_a_campaign_is_made_of_it(tmp_path: Path) -> None:
    campaigns, tables = desk(tmp_path)
    brief = small_brief()
    brief.heroes[0].set.scene = "beach"
    with pytest.raises(InvalidInput, match="is not a scene"):
        await campaigns.create("projects/local", brief, "")
    servicer = CampaignServicer(campaigns)
    request = campaigns_pb2.PlanCampaignRequest(parent="projects/local", brief=brief)
    with pytest.raises(InvalidInput, match="is not a scene"):
        await servicer.PlanCampaign(request, None)
    assert tables.open_campaigns() == []


async def test_a_stored_campaign_stays_readable_when_its_scene_is_gone(tmp_path: Path) -> None:
    campaigns, tables = desk(tmp_path)
    brief = small_brief()
    made = await campaigns.create("projects/local", brief, "")
    lanes = [(name, lane.SerializeToString()) for name, lane in made.lanes.items()]
    brief.heroes[0].set.scene = "beach"
    tables.put_campaign(replace(made.row, name="projects/local/campaigns/old", brief=brief.SerializeToString()), lanes)
    live = await campaigns.live("projects/local/campaigns/old")
    assert live.message().brief.heroes[0].set.scene == "beach"
