"""The image stage in a process of its own, over its real wire."""

from __future__ import annotations

import importlib.util
import io
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import cv2
import grpc
import numpy as np
import pytest
import trimesh
from PIL import Image

from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.imagegen.v1 import imagegen_pb2, imagegen_pb2_grpc
from firstframe.api.media.v1 import artifact_pb2, check_pb2, clip_pb2, picture_pb2
from firstframe.imagegen import goods
from firstframe.imaging.likeness import likeness, signature
from firstframe.render.layers import composite


def support(name: str) -> ModuleType:
    path = Path(__file__).parents[2] / "support" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    with support("stage_process").StageProcess("imagegen", tmp_path_factory.mktemp("imagegen")) as process:
        yield process


@pytest.fixture(scope="module")
def stub(service: object) -> Iterator[imagegen_pb2_grpc.ImageGenServiceStub]:
    with grpc.insecure_channel(service.address) as channel:
        yield imagegen_pb2_grpc.ImageGenServiceStub(channel)


def set_request(**changes: object) -> imagegen_pb2.GenerateHeroRequest:
    fields = {"seed": 3, "quality": imagegen_pb2.QUALITY_DRAFT, **changes}
    return imagegen_pb2.GenerateHeroRequest(
        size=picture_pb2.PixelSize(width_px=160, height_px=90),
        set=imagegen_pb2.ProductSet(scene="studio", palette="ink-night", copy="AURORA"),
        **fields,
    )


def read(service: object, reference: artifact_pb2.ArtifactRef) -> np.ndarray:
    data = service.store.get_bytes(reference.digest, max_bytes=1 << 24)
    assert len(data) == reference.size_bytes
    return np.asarray(Image.open(io.BytesIO(data)))


def test_a_hero_comes_with_all_its_parts_and_the_second_time_from_the_store(
    service: object, stub: imagegen_pb2_grpc.ImageGenServiceStub
) -> None:
    events = list(stub.GenerateHero(set_request()))
    assert [event.WhichOneof("event") for event in events[-2:]] == ["progress", "result"]
    result = events[-1].result
    layers = [read(service, layer.image) for layer in result.hero.layers.layers]
    assert np.array_equal(composite(layers, result.hero.layers.bleed_px), read(service, result.hero.image))
    assert read(service, result.hero.inverse_depth).dtype == np.uint16
    assert read(service, result.hero.matte).shape == (90, 160)
    assert result.provenance.details["variant"] in ("llvm_ad_rgb", "scalar_rgb")
    assert (result.provenance.engine, result.provenance.seed, result.provenance.cached) == ("previz", 3, False)

    (again,) = stub.GenerateHero(set_request(request_id="other"))
    assert again.result.provenance.cached
    assert again.result.hero == result.hero


def test_capabilities_name_engine_scenes_and_palettes(stub: imagegen_pb2_grpc.ImageGenServiceStub) -> None:
    told = stub.GetCapabilities(imagegen_pb2.GetCapabilitiesRequest())
    assert told.engines[0].engine == "previz"
    assert list(told.scenes) == ["dune", "interior", "stone", "studio", "table", "water"]
    assert list(told.palettes) == ["amber-dusk", "blush-dawn", "ink-night", "sage-noon"]
    assert (told.slots, told.free_slots) == (1, 1)


def test_a_photograph_becomes_a_hero(service: object, stub: imagegen_pb2_grpc.ImageGenServiceStub) -> None:
    photograph = np.full((300, 400, 3), 180, np.uint8)
    rows, columns = np.ogrid[:300, :400]
    photograph[(rows - 150) ** 2 + (columns - 200) ** 2 < 70**2] = (200, 30, 30)
    file = io.BytesIO()
    Image.fromarray(photograph).save(file, "PNG")
    stored = service.store.put_bytes(file.getvalue(), "image/png")
    image = artifact_pb2.ArtifactRef(digest=stored.digest, media_type="image/png", size_bytes=stored.size_bytes)
    request = imagegen_pb2.GenerateHeroRequest(
        size=picture_pb2.PixelSize(width_px=320, height_px=180), photograph=imagegen_pb2.Photograph(image=image)
    )
    hero = list(stub.GenerateHero(request))[-1].result.hero
    assert (hero.size.width_px, hero.size.height_px) == (320, 180)
    assert read(service, hero.image).shape == (180, 320, 3)

    assert not hero.regions
    drawn = np.zeros((150, 200), np.uint8)
    drawn[100:] = 255
    request.photograph.regions.add(name="water").mask.CopyFrom(put(service, drawn))
    (region,) = list(stub.GenerateHero(request))[-1].result.hero.regions
    lake = read(service, region.mask)
    assert (region.name, lake.shape) == ("water", (180, 320))
    assert lake[:40].max() == 0
    assert lake[-20:].min() == 255
    request.photograph.regions[0].mask.CopyFrom(put(service, drawn[:, :100]))
    with pytest.raises(grpc.RpcError) as caught:
        list(stub.GenerateHero(request))
    assert "photograph.regions[0].mask: is 100×150 px, the photograph is 400×300" in caught.value.details()

    request.photograph.image.size_bytes += 1
    with pytest.raises(grpc.RpcError) as caught:
        list(stub.GenerateHero(request))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "photograph.image.size_bytes" in caught.value.details()


def test_a_set_that_is_staged_another_way_is_another_picture_at_a_glance(
    service: object, stub: imagegen_pb2_grpc.ImageGenServiceStub
) -> None:
    first, other = (set_request(), set_request())
    other.set.staging = 1
    heroes = [list(stub.GenerateHero(request))[-1].result.hero for request in (first, other)]
    near = likeness(*(signature(read(service, hero.image)) for hero in heroes))
    assert near.hash_bits > 20 or near.colour > 8
    assert heroes[1].subject.x_px != heroes[0].subject.x_px
    assert heroes[1].subject.height_px <= heroes[0].subject.height_px

    other.set.staging = 100
    with pytest.raises(grpc.RpcError) as caught:
        list(stub.GenerateHero(other))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "set.staging: 100 is out of range; use 0 to 99" in caught.value.details()


def test_a_brands_mark_is_read_and_printed(service: object, stub: imagegen_pb2_grpc.ImageGenServiceStub) -> None:
    mark = np.zeros((120, 200, 4), np.uint8)
    mark[10:-10, 10:-10] = (200, 0, 0, 255)
    request = set_request(seed=5)
    request.size.width_px, request.size.height_px = 180, 320
    request.set.palette = "brand-day"
    request.set.brand.CopyFrom(
        imagegen_pb2.Brand(
            ground="#C9D6C3", product="#1D4E44", accent="#B4703C", paper="#F6F1E4", ink="#1D4E44", clear_space=0.5
        )
    )
    plain = read(service, list(stub.GenerateHero(request))[-1].result.hero.image).astype(int)
    logo = put(service, mark)
    request.set.brand.logo.CopyFrom(logo)
    marked = read(service, list(stub.GenerateHero(request))[-1].result.hero.image).astype(int)
    red = [(picture[..., 0] - picture[..., 1] > 90).sum() for picture in (plain, marked)]
    assert red[1] > red[0] + 10

    request.set.brand.logo.CopyFrom(put(service, np.full((120, 200, 4), 250, np.uint8)))
    with pytest.raises(grpc.RpcError) as caught:
        list(stub.GenerateHero(request))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "set.brand.logo: has a contrast of" in caught.value.details()


def put(service: object, picture: np.ndarray) -> artifact_pb2.ArtifactRef:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    stored = service.store.put_bytes(file.getvalue(), "image/png")
    return artifact_pb2.ArtifactRef(digest=stored.digest, media_type="image/png", size_bytes=stored.size_bytes)


def test_a_photograph_that_is_not_there_is_not_found(stub: imagegen_pb2_grpc.ImageGenServiceStub) -> None:
    image = artifact_pb2.ArtifactRef(digest="sha256:" + "0" * 64, media_type="image/png", size_bytes=10)
    request = imagegen_pb2.GenerateHeroRequest(
        size=picture_pb2.PixelSize(width_px=320, height_px=180), photograph=imagegen_pb2.Photograph(image=image)
    )
    with pytest.raises(grpc.RpcError) as caught:
        list(stub.GenerateHero(request))
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


def test_a_wrong_field_costs_nothing_and_is_named(stub: imagegen_pb2_grpc.ImageGenServiceStub) -> None:
    request = set_request()
    request.set.scene = "beach"
    with pytest.raises(grpc.RpcError) as caught:
        list(stub.GenerateHero(request))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "use one of studio, stone, table, water, dune, interior" in caught.value.details()


def test_a_cancelled_call_frees_its_slot(stub: imagegen_pb2_grpc.ImageGenServiceStub) -> None:
    request = set_request(seed=99)
    request.size.width_px, request.size.height_px = 640, 360
    call = stub.GenerateHero(request)
    next(call)
    call.cancel()
    for _ in range(600):
        told = stub.GetCapabilities(imagegen_pb2.GetCapabilitiesRequest())
        if told.free_slots == 1:
            break
        time.sleep(0.05)
    assert told.free_slots == 1
    assert list(stub.GenerateHero(set_request()))[-1].result.hero.image.digest


def check_request(hero: picture_pb2.Hero) -> imagegen_pb2.CheckHeroRequest:
    plan = imagegen_pb2.ShotPlan(
        format="16:9",
        platforms=["youtube"],
        recipe="slow-push",
        camera=animation_pb2.CAMERA_MOVE_PUSH,
        strength=0.5,
        frame_count=90,
        frame_rate=clip_pb2.FrameRate(numerator=30, denominator=1),
        delivery_size=hero.size,
    )
    return imagegen_pb2.CheckHeroRequest(hero=hero, plan=plan)


def test_a_hero_is_checked_with_a_picture_of_each_check_and_the_second_time_from_the_store(
    service: object, stub: imagegen_pb2_grpc.ImageGenServiceStub
) -> None:
    hero = list(stub.GenerateHero(set_request()))[-1].result.hero
    result = list(stub.CheckHero(check_request(hero)))[-1].result
    checks = {check.name: check for check in result.checks}
    assert len(checks) == 12
    room = checks["edge-room"]
    assert (room.unit, room.pass_threshold, room.fail_threshold, room.higher_is_better) == ("%", 2, 0, True)
    assert room.verdict == (check_pb2.VERDICT_PASS if room.value >= 2 else check_pb2.VERDICT_WARN)
    assert checks["faces"].verdict == check_pb2.VERDICT_SKIPPED
    assert "face-landmarks" in checks["faces"].message
    for check in result.checks:
        if check.HasField("overlay"):
            assert max(read(service, check.overlay).shape) == 1280
    assert sum(check.HasField("overlay") for check in result.checks) >= 9
    assert (result.provenance.engine, result.provenance.cached) == ("preflight", False)

    (again,) = stub.CheckHero(check_request(hero))
    assert again.result.provenance.cached
    other = check_request(hero)
    other.plan.strength = 1
    assert not list(stub.CheckHero(other))[-1].result.provenance.cached


def faded(service: object, hero: picture_pb2.Hero, share: float) -> picture_pb2.Hero:
    """The hero with so much of its label's ink."""
    image, objects = read(service, hero.image), read(service, hero.object_ids)
    plain = cv2.medianBlur(image, 21).astype(np.float32)
    label = (objects == list(hero.object_names).index("label") + 1)[..., None]
    changed = picture_pb2.Hero()
    changed.CopyFrom(hero)
    changed.image.CopyFrom(
        put(service, np.rint(np.where(label, plain + share * (image - plain), image)).astype(np.uint8))
    )
    return changed


def test_the_words_on_a_set_s_label_are_read_at_draft_size(
    service: object, stub: imagegen_pb2_grpc.ImageGenServiceStub
) -> None:
    request = set_request(seed=8)
    request.size.width_px, request.size.height_px = 360, 360
    hero = list(stub.GenerateHero(request))[-1].result.hero
    verdicts = []
    for share in (1.0, 0.2):
        wanted = check_request(faded(service, hero, share))
        wanted.plan.format = "1:1"
        wanted.plan.platforms[:] = ["instagram-feed"]
        check = next(item for item in list(stub.CheckHero(wanted))[-1].result.checks if item.name == "text")
        assert "words on the label" in check.message
        assert (check.pass_threshold, check.fail_threshold) == (3, 2)
        verdicts.append(check.verdict)
    assert verdicts == [check_pb2.VERDICT_PASS, check_pb2.VERDICT_FAIL]


def test_a_hero_that_is_not_in_the_store_cannot_be_checked(stub: imagegen_pb2_grpc.ImageGenServiceStub) -> None:
    hero = list(stub.GenerateHero(set_request()))[-1].result.hero
    hero.matte.digest = "sha256:" + "0" * 64
    with pytest.raises(grpc.RpcError) as caught:
        list(stub.CheckHero(check_request(hero)))
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


def product_request(**product: object) -> imagegen_pb2.GenerateHeroRequest:
    return imagegen_pb2.GenerateHeroRequest(
        seed=4,
        quality=imagegen_pb2.QUALITY_DRAFT,
        size=picture_pb2.PixelSize(width_px=160, height_px=90),
        set=imagegen_pb2.ProductSet(scene="studio", palette="sage-noon", **product),
    )


def stored(service: object, data: bytes, media_type: str) -> artifact_pb2.ArtifactRef:
    found = service.store.put_bytes(data, media_type)
    return artifact_pb2.ArtifactRef(digest=found.digest, media_type=media_type, size_bytes=found.size_bytes)


def can(height: int = 120, width: int = 90) -> np.ndarray:
    """A red can as a cut-out."""
    picture = np.zeros((height, width, 4), np.uint8)
    picture[8:-8, 12:-12] = (176, 40, 30, 255)
    return picture


def test_a_cut_out_stands_on_a_set_in_its_own_colours(
    service: object, stub: imagegen_pb2_grpc.ImageGenServiceStub
) -> None:
    request = product_request(cutout=imagegen_pb2.Cutout(image=put(service, can())))
    result = list(stub.GenerateHero(request))[-1].result
    hero = result.hero
    assert f"+goods-{goods.VERSION}" in result.provenance.engine_version
    picture, matte = read(service, hero.image), read(service, hero.matte)
    inside = picture[matte == 255].astype(float)
    assert len(inside) > 400
    assert np.abs(np.median(inside, axis=0) - (176, 40, 30)).max() < 24
    depth = read(service, hero.inverse_depth)
    assert depth[matte == 255].std() < 40  # a card: all of it at one distance

    request.set.copy = "AURORA"
    with pytest.raises(grpc.RpcError) as caught:
        list(stub.GenerateHero(request))
    assert "set.copy: a cutout has no label" in caught.value.details()


def test_a_noisy_cut_out_is_smoothed_and_told_of(service: object, stub: imagegen_pb2_grpc.ImageGenServiceStub) -> None:
    noise = np.random.default_rng(2).normal(0, 14, (240, 180, 1))
    picture = can(240, 180)
    picture[..., :3] = np.rint(np.clip(noise + np.array([150, 110, 90]), 0, 255))
    request = product_request(cutout=imagegen_pb2.Cutout(image=put(service, picture)))
    request.size.width_px, request.size.height_px = 320, 180
    hero = list(stub.GenerateHero(request))[-1].result.hero
    assert [item.reason for item in hero.findings] == ["CUTOUT_NOISY"]
    inside = cv2.erode((read(service, hero.matte) == 255).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    shown = read(service, hero.image).astype(np.float32).mean(axis=-1)
    off = shown - cv2.GaussianBlur(shown, (0, 0), 2)
    assert inside.sum() > 1000
    assert 0.9 < off[inside].std() < 2.2, "levels of 255; the set's grain has 1.3"


def test_a_picture_without_transparency_needs_the_pack(
    service: object, stub: imagegen_pb2_grpc.ImageGenServiceStub
) -> None:
    image = put(service, can()[..., :3])
    for matte, field in ((imagegen_pb2.CUTOUT_MATTE_AUTO, "matte"), (imagegen_pb2.CUTOUT_MATTE_ALPHA, "image")):
        with pytest.raises(grpc.RpcError) as caught:
            list(stub.GenerateHero(product_request(cutout=imagegen_pb2.Cutout(image=image, matte=matte))))
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert caught.value.details().startswith(f"set.cutout.{field}: ")


@pytest.mark.parametrize("kind", ["obj", "ply", "glb"])
def test_models_of_every_format_stand_on_a_set(
    service: object, stub: imagegen_pb2_grpc.ImageGenServiceStub, kind: str
) -> None:
    shape = trimesh.creation.cylinder(radius=0.5, height=2.0, sections=24)
    data = shape.export(file_type=kind)
    mesh = stored(service, data.encode() if isinstance(data, str) else data, "model/any")
    model = imagegen_pb2.Model(mesh=mesh, up=imagegen_pb2.UP_AXIS_Z, material="metal", colour="#D09040")
    hero = list(stub.GenerateHero(product_request(model=model)))[-1].result.hero
    assert read(service, hero.matte).max() == 255
    assert hero.subject.height_px > 1.5 * hero.subject.width_px


def test_a_wrong_model_names_its_field(service: object, stub: imagegen_pb2_grpc.ImageGenServiceStub) -> None:
    mesh = stored(service, b"v 0 0 0\n", "model/obj")
    with pytest.raises(grpc.RpcError) as caught:
        list(stub.GenerateHero(product_request(model=imagegen_pb2.Model(mesh=mesh))))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "set.model.mesh: has no triangles" in caught.value.details()
