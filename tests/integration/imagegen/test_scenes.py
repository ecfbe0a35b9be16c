"""Every scene, rendered tiny: its digests, its layers, its objects, and whether its label can be read."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from firstframe.core.formats import Quality
from firstframe.core.media import HeroPicture, LayerRole, PixelRect, PixelSize
from firstframe.core.solids import Part, Solid, Surface
from firstframe.imagegen.engines.previz import PrevizEngine
from firstframe.render import layers
from firstframe.render import scene as render_scene
from firstframe.render.llvm import find_libllvm
from firstframe.render.passes import Pass
from firstframe.render.scene import LAYER_ORDER, load
from firstframe.render.tracer import Tracer
from firstframe.render.variant import choose
from firstframe.sets import bottle, scenes
from firstframe.sets.framing import pixel_rect
from firstframe.sets.label import Label
from firstframe.sets.palettes import PALETTES, Palette, encoded, label_ink
from firstframe.sets.product_mesh import ModelProduct
from firstframe.sets.requests import SetRequest

GOLDEN = Path(__file__).parent / "golden"
"""`python tests/integration/imagegen/test_scenes.py` makes it anew, after a change that is meant to be seen."""

SIZE = PixelSize(96, 54)
NAMES = sorted(scenes.SCENES)
STRIPES = 4
MIN_RENDERED_CONTRAST = 4.5
"""Of ink against paper as they are lit: WCAG 2.2 success criterion 1.4.3, read November 2026."""

pytestmark = pytest.mark.skipif(find_libllvm() is None, reason="no libLLVM of version 16 or later: run `make llvm`")


class Job:
    """Work without a caller."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch

    def progress(self, phase: str, fraction: float) -> None:
        pass

    def check(self) -> None:
        pass


def rendered(scene: str, scratch: Path) -> HeroPicture:
    wanted = SetRequest(scene, "amber-dusk", "AURORA", "", SIZE, 7, Quality.DRAFT)
    return PrevizEngine(choose).render(wanted, Job(scratch))


def quad(left: float, surface: Surface) -> Part:
    points = np.array([[left, 0, 0], [left + 1, 0, 0], [left + 1, 2, 0], [left, 2, 0]], float)
    return Part(points, np.array([[0, 1, 2], [0, 2, 3]], np.int32), points[:, :2] / 2, None, surface)


def test_parts_that_share_a_material_share_its_pictures_and_look_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    surface = Surface(picture=np.full((8, 8, 3), (200, 30, 10), np.uint8))
    made: list[object] = []
    real = render_scene.with_bitmaps
    monkeypatch.setattr(
        render_scene, "with_bitmaps", lambda mi, plugin: made.append(plugin.get("type") == "bitmap") or real(mi, plugin)
    )
    heroes, pictures = [], []
    for at, other in enumerate((surface, replace(surface))):
        product = ModelProduct(Solid((quad(-1, surface), quad(0, other))))
        wanted = SetRequest("studio", "amber-dusk", "", "", SIZE, 7, Quality.DRAFT, product=product)
        (tmp_path / str(at)).mkdir()
        made.clear()
        heroes.append(PrevizEngine(choose).render(wanted, Job(tmp_path / str(at))))
        pictures.append(sum(map(bool, made)))
    assert digest(heroes[0]) == digest(heroes[1])
    assert pictures[1] == pictures[0] + 1


def digest(hero: HeroPicture) -> str:
    parts = [hero.image, hero.matte, hero.inverse_depth, hero.objects, *(layer.rgba for layer in hero.layers.layers)]
    return hashlib.sha256(b"".join(part.tobytes() for part in parts if part is not None)).hexdigest()


def machine(hero: HeroPicture) -> str:
    """What the bytes may depend on, as a short key."""
    facts = [hero.details[key] for key in ("variant", "llvm_target", "llvm", "mitsuba", "processor")]
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:16]


@pytest.fixture(scope="module", params=NAMES)
def scene(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def hero(scene: str, tmp_path_factory: pytest.TempPathFactory) -> HeroPicture:
    return rendered(scene, tmp_path_factory.mktemp(scene))


def test_the_same_seed_gives_the_golden_picture(scene: str, hero: HeroPicture) -> None:
    """Bit for bit on the kind of machine that made it; elsewhere within what rounding does to a path."""
    digests = json.loads((GOLDEN / "digests.json").read_text())
    golden = cv2.imread(str(GOLDEN / f"{scene}.png"))[..., ::-1]
    if machine(hero) in digests:
        assert digest(hero) == digests[machine(hero)][scene]
    difference = np.abs(golden.astype(int) - hero.image)
    assert difference.mean() < 1.0, "mean of the difference, levels of 255"
    assert np.percentile(difference, 99) < 10


def test_layers_lie_one_behind_the_other_and_are_lit(hero: HeroPicture) -> None:
    depths = [layer.depth_m for layer in hero.layers.layers]
    assert [layer.role for layer in hero.layers.layers] == list(LayerRole)
    assert depths == sorted(depths, reverse=True)
    for layer in hero.layers.layers:
        solid = layer.rgba[layer.rgba[..., 3] > 250][..., :3]
        assert len(solid) > 20, layer.role
        assert np.percentile(solid.max(axis=-1), 90) > 60, f"{layer.role} is black"


def test_no_floor_is_black_where_things_stand(hero: HeroPicture) -> None:
    bled = hero.layers.bleed_px
    background = hero.layers.layers[0].rgba[bled:-bled, bled:-bled, :3].astype(int).sum(axis=-1)
    assert background.min() > 0.12 * np.median(background)


def test_objects_are_where_they_stand(scene: str, hero: HeroPicture) -> None:
    assert hero.objects is not None
    assert hero.matte is not None
    design = scenes.build(SetRequest(scene, "amber-dusk", "AURORA", "", SIZE, 7, Quality.DRAFT))
    assert hero.object_names == tuple(item.name for item in design.items)
    assert hero.objects.max() <= len(design.items)
    goods = [at for at, item in enumerate(design.items, start=1) if item.product]
    assert np.isin(hero.objects[hero.matte > 250], goods).all()
    assert not np.isin(hero.objects[hero.matte == 0], goods).any()
    seen = {design.items[at - 1].role for at in np.unique(hero.objects) if at}
    assert seen == set(LayerRole), "something of each layer can be seen"


def two_toned(palette: Palette, *_: object, width: int, height: int, **__: object) -> Label:
    """A label of stripes, ink and paper in turn, so that both lie in the same light."""
    paper = np.zeros((height, width, 3), np.uint8)
    for at in range(STRIPES):
        rows = np.s_[at * height // STRIPES : (at + 1) * height // STRIPES]
        paper[rows] = [round(255 * value) for value in encoded((label_ink(palette), palette.paper)[at % 2])]
    return Label(paper, np.zeros((height, width), np.uint8), ())


def lit(tracer: Tracer, layer: int, region: PixelRect, size: PixelSize, camera: object) -> NDArray[np.float32]:
    job = Pass(layer, region, size.width, size.height, spp=24, max_depth=5, seed=3)
    samples = tracer.render(job, camera, check=lambda: None, done=lambda _: None)  # type: ignore[arg-type]
    return layers.divided(samples.colour, samples.coverage.alpha)


def rendered_contrast(scene: str, palette: str, scratch: Path) -> float:
    """Contrast of ink on paper in the light of the set, after the tone curve, by the definition of WCAG 2.2."""
    size = PixelSize(240, 136)
    design = scenes.build(SetRequest(scene, palette, "AURORA", "", size, 7, Quality.DRAFT))
    mi = choose().activate()
    tracer = Tracer(mi, load(mi, design, scratch), design)
    label = next(item for item in design.items if item.name == "label")
    box = pixel_rect(design.camera, size, label.shape.points)  # type: ignore[union-attr]
    small = PixelSize(48, 27)
    wall = lit(tracer, 0, PixelRect(0, 0, 48, 27), small, design.camera) @ layers.BT709
    exposure = layers.decode_value(design.key) / float(wall.mean())
    picture = lit(tracer, LAYER_ORDER.index(LayerRole.SUBJECT), box, size, design.camera)
    shown = layers.tone(picture * exposure * np.array(design.balance, np.float32))
    light = np.array([layers.decode_value(float(code)) for code in shown.ravel()]).reshape(shown.shape) @ layers.BT709
    columns = light[:, box.width // 4 : -box.width // 4]
    rows = [
        columns[round((at + 0.35) * len(light) / STRIPES) : round((at + 0.65) * len(light) / STRIPES)]
        for at in range(STRIPES)
    ]
    ink, paper = (np.mean([np.median(row) for row in rows[kind::2]]) for kind in (0, 1))
    return float((paper + 0.05) / (ink + 0.05))


@pytest.mark.parametrize(("scene_name", "palette"), [(name, list(PALETTES)[at % 4]) for at, name in enumerate(NAMES)])
def test_the_label_can_be_read_in_the_light_of_the_set(
    scene_name: str, palette: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bottle, "print_label", two_toned)
    assert rendered_contrast(scene_name, palette, tmp_path) >= MIN_RENDERED_CONTRAST


@pytest.mark.models
@pytest.mark.parametrize("palette", list(PALETTES))
@pytest.mark.parametrize("scene_name", NAMES)
def test_the_label_can_be_read_in_every_palette(
    scene_name: str, palette: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bottle, "print_label", two_toned)
    assert rendered_contrast(scene_name, palette, tmp_path) >= MIN_RENDERED_CONTRAST


def main() -> None:
    """Makes the golden pictures and the digests of this machine anew."""
    import tempfile

    GOLDEN.mkdir(exist_ok=True)
    file = GOLDEN / "digests.json"
    known = json.loads(file.read_text()) if file.exists() else {}
    for name in NAMES:
        with tempfile.TemporaryDirectory() as folder:
            made = rendered(name, Path(folder))
        cv2.imwrite(str(GOLDEN / f"{name}.png"), made.image[..., ::-1])
        known.setdefault(machine(made), {})[name] = digest(made)
        print(name, digest(made))  # noqa: T201
    file.write_text(json.dumps(known, indent=1) + "\n")


if __name__ == "__main__":
    main()
