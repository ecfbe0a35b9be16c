"""Real renders, tiny."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from firstframe.core.errors import Cancelled
from firstframe.core.formats import Quality
from firstframe.core.media import HeroPicture, LayerRole, PixelRect, PixelSize
from firstframe.imagegen.engines import VERSION
from firstframe.imagegen.engines.previz import PrevizEngine
from firstframe.render.layers import BT709, composite, tone
from firstframe.render.llvm import find_libllvm
from firstframe.render.passes import Pass
from firstframe.render.scene import load
from firstframe.render.tracer import Tracer
from firstframe.render.variant import choose
from firstframe.sets import scenes
from firstframe.sets.framing import pixel_rect
from firstframe.sets.requests import SetRequest

SIZE = PixelSize(160, 90)
needs_llvm = pytest.mark.skipif(find_libllvm() is None, reason="no libLLVM of version 16 or later: run `make llvm`")


class Job:
    """Work without a caller."""

    def __init__(self, scratch: Path, stop_after: int = 1 << 30) -> None:
        self.scratch = scratch
        self.phases: list[tuple[str, float]] = []
        self._checks_left = stop_after

    def progress(self, phase: str, fraction: float) -> None:
        self.phases.append((phase, fraction))

    def check(self) -> None:
        self._checks_left -= 1
        if self._checks_left < 0:
            raise Cancelled("the caller went away")


def request(seed: int = 5, size: PixelSize = SIZE) -> SetRequest:
    return SetRequest("studio", "sage-noon", "AURORA", "first light", size, seed, Quality.DRAFT)


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Job:
    return Job(tmp_path_factory.mktemp("scratch"))


@pytest.fixture(scope="module")
def hero(job: Job) -> HeroPicture:
    return PrevizEngine(choose).render(request(), job)


@needs_llvm
def test_a_plain_camera_sees_the_same_picture(hero: HeroPicture, job: Job) -> None:
    design = scenes.build(request())
    mi = choose().activate()
    whole = Pass(layer=0, region=PixelRect(0, 0, 160, 90), width=160, height=90, spp=32, max_depth=5, seed=1)
    seen = Tracer(mi, load(mi, design, job.scratch), design).whole(whole, design.camera, check=lambda: None)
    luma = hero.image.astype(np.float32) @ BT709
    assert np.corrcoef(luma.ravel(), (tone(2 * seen.colour) @ BT709).ravel())[0, 1] > 0.9


@needs_llvm
def test_the_hero_is_its_layers_put_together(hero: HeroPicture) -> None:
    assert hero.size == SIZE
    stack = hero.layers
    assert np.array_equal(composite([layer.rgba for layer in stack.layers], stack.bleed_px), hero.image)
    assert all(layer.rgba.shape == (90 + 2 * stack.bleed_px, 160 + 2 * stack.bleed_px, 4) for layer in stack.layers)
    assert stack.confidence == 1.0


@needs_llvm
def test_layers_go_from_far_to_near_and_the_first_is_opaque(hero: HeroPicture) -> None:
    layers = hero.layers.layers
    assert [layer.role for layer in layers] == list(LayerRole)
    depths = [layer.depth_m for layer in layers]
    assert depths == sorted(depths, reverse=True)
    assert min(depths) > 0
    assert (layers[0].rgba[..., 3] == 255).all()
    for layer in layers[1:]:
        assert 0.01 < (layer.rgba[..., 3] > 128).mean() < 0.6


@needs_llvm
def test_no_layer_is_black_where_things_stand(hero: HeroPicture) -> None:
    background = hero.layers.layers[0].rgba[..., :3].astype(int).sum(axis=-1)
    assert background.min() > 0.25 * np.median(background), "the plinth's footprint is filled in"


@needs_llvm
def test_the_matte_is_the_product_where_the_camera_projects_it(hero: HeroPicture) -> None:
    design = scenes.build(request())
    wanted = pixel_rect(design.camera, SIZE, design.product)
    assert hero.subject is not None
    for mine, theirs in (
        (hero.subject.x, wanted.x),
        (hero.subject.y, wanted.y),
        (hero.subject.right, wanted.right),
        (hero.subject.bottom, wanted.bottom),
    ):
        assert abs(mine - theirs) <= 2
    assert hero.matte is not None
    middle = hero.matte[hero.subject.y + 20 : hero.subject.bottom - 4, hero.subject.x + hero.subject.width // 2]
    assert (middle == 255).all()
    assert hero.matte[:5].max() == 0


@needs_llvm
def test_depth_puts_the_product_before_the_wall(hero: HeroPicture) -> None:
    assert hero.inverse_depth is not None
    assert hero.inverse_depth.max() == 65535
    assert hero.matte is not None
    product = np.median(hero.inverse_depth[hero.matte > 250])
    wall = np.median(hero.inverse_depth[:10, 20:40])
    distance = scenes.build(request()).camera.depth(0.03), scenes.build(request()).camera.depth(-1.05)
    assert product / wall == pytest.approx(distance[1] / distance[0], rel=0.05)


@needs_llvm
def test_progress_rises_and_names_what_is_done(job: Job, hero: HeroPicture) -> None:
    fractions = [fraction for _, fraction in job.phases]
    assert fractions == sorted(fractions)
    assert {"building the set", "rendering subject", "finishing"} <= {phase for phase, _ in job.phases}


@needs_llvm
def test_a_label_faces_the_camera_the_right_way_round(tmp_path: Path) -> None:
    size = PixelSize(640, 360)
    one_sided = SetRequest("studio", "sage-noon", "IIII.....", "", size, 5, Quality.DRAFT)
    picture = PrevizEngine(choose).render(one_sided, Job(tmp_path))
    assert picture.subject is not None
    box = picture.subject
    rows = slice(box.y + int(0.70 * box.height), box.y + int(0.82 * box.height))
    columns = slice(box.x + int(0.17 * box.width), box.x + int(0.83 * box.width))
    label = picture.image[rows, columns].astype(int).sum(-1)
    dark = label < 0.6 * np.percentile(label, 90)
    left, right = np.array_split(dark, 2, axis=1)
    upper, lower = np.array_split(right, 2, axis=0)
    assert left.sum() > 2 * right.sum(), "not mirrored"
    assert lower.sum() > upper.sum(), "not upside down"


@needs_llvm
def test_cancelling_stops_between_strips(tmp_path: Path) -> None:
    job = Job(tmp_path, stop_after=3)
    with pytest.raises(Cancelled):
        PrevizEngine(choose).render(request(), job)
    assert "finishing" not in {phase for phase, _ in job.phases}


SCRIPT = """
import hashlib, json, sys, tempfile
from pathlib import Path
from firstframe.core.formats import Quality
from firstframe.core.media import PixelSize
from firstframe.sets.requests import SetRequest
from firstframe.imagegen.engines.previz import PrevizEngine
from firstframe.render.scene import load
from firstframe.render.passes import Pass
from firstframe.render.tracer import Tracer
from firstframe.render.variant import choose

class Job:
    scratch = Path(tempfile.mkdtemp())
    def progress(self, phase, fraction): pass
    def check(self): pass

variant, threads = sys.argv[1], int(sys.argv[2])
wanted = SetRequest("studio", "blush-dawn", "AURORA", "", PixelSize(96, 96), 11, Quality.DRAFT)
hero = PrevizEngine(lambda: choose(variant, threads=threads)).render(wanted, Job())
parts = [hero.image, hero.matte, hero.inverse_depth, *(layer.rgba for layer in hero.layers.layers)]
print(json.dumps([hashlib.sha256(part.tobytes()).hexdigest() for part in parts]))
"""


def digests(variant: str, threads: int) -> list[str]:
    command = [sys.executable, "-c", SCRIPT, variant, str(threads)]
    found: list[str] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


@needs_llvm
@pytest.mark.parametrize("seed", [1 << 30, (1 << 32) - 1])
def test_every_seed_of_32_bits_renders(seed: int, tmp_path: Path) -> None:
    tiny = PixelSize(48, 48)
    engine = PrevizEngine(choose)
    hero, again = (engine.render(request(one, tiny), Job(tmp_path)) for one in (seed, seed))
    other = engine.render(request(seed - 4, tiny), Job(tmp_path))
    assert np.array_equal(hero.image, again.image)
    assert not np.array_equal(hero.image, other.image)


def test_every_seed_of_32_bits_renders_without_llvm(tmp_path: Path) -> None:
    engine = PrevizEngine(lambda: choose("scalar_rgb"))
    assert engine.render(request((1 << 32) - 1, PixelSize(48, 48)), Job(tmp_path)).size == PixelSize(48, 48)


def test_inferred_layers_have_a_version_of_their_own() -> None:
    assert PrevizEngine(lambda: choose("scalar_rgb")).version == f"{VERSION}-inferred"


@needs_llvm
def test_the_same_seed_gives_the_same_bytes_in_other_processes_and_with_other_threads() -> None:
    once = digests("llvm_ad_rgb", 1)
    assert len(set(once)) == len(once)
    assert digests("llvm_ad_rgb", 1) == once
    assert digests("llvm_ad_rgb", 2) == once


def test_without_llvm_the_same_bytes_too() -> None:
    assert digests("scalar_rgb", 1) == digests("scalar_rgb", 2)


def test_without_llvm_layers_are_inferred_and_it_is_said(tmp_path: Path) -> None:
    hero = PrevizEngine(lambda: choose("scalar_rgb")).render(request(), Job(tmp_path))
    assert hero.size == SIZE
    stack = hero.layers
    assert [layer.role for layer in stack.layers] == [LayerRole.BACKGROUND, LayerRole.SUBJECT]
    assert np.array_equal(composite([layer.rgba for layer in stack.layers], stack.bleed_px), hero.image)
    assert stack.confidence < 0.5
    assert [finding.reason for finding in hero.findings] == ["LAYERS_INFERRED"]
    assert hero.details["layers"] == "inferred"
    design = scenes.build(request())
    wanted = pixel_rect(design.camera, SIZE, design.product)
    assert hero.subject is not None
    assert abs(hero.subject.x - wanted.x) <= 2
    assert abs(hero.subject.bottom - wanted.bottom) <= 2


@needs_llvm
def test_details_say_how_it_was_rendered(hero: HeroPicture) -> None:
    keys = {
        "variant",
        "threads",
        "processor",
        "mitsuba",
        "llvm",
        "llvm_target",
        "samples",
        "scene",
        "palette",
        "layers",
    }
    assert keys <= set(hero.details)
    assert hero.details["variant"] == "llvm_ad_rgb"
