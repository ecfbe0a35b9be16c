"""Effect packs: weights that are added to another pack's, and what a clip made with them is asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import peft
import pytest
import torch
import yaml
from numpy.typing import NDArray
from PIL import Image
from typer.testing import CliRunner

from firstframe.animation.engines import ClipRequest
from firstframe.animation.engines.diffusers import DiffusersAnimator
from firstframe.cli.main import app
from firstframe.core.errors import DataCorrupted, FirstframeError, InvalidInput, Unsupported
from firstframe.core.media import HeroPicture, LayerImage, LayerPictures, LayerRole
from firstframe.core.motion import CameraMove, Effect, EffectKind, single
from firstframe.learned.clips import ClipMaker, MotionRequest
from firstframe.learned.pipelines import InstalledPipeline
from firstframe.packs import export
from firstframe.packs.catalogue import read_pack
from firstframe.packs.export_record import FOLDER, Exported
from firstframe.packs.fuse import assemble
from firstframe.packs.installed import RECORD, InstalledPack, ModelHome
from firstframe.packs.spec import Adapter, EffectOf, Pack
from firstframe.ports.inference import BlockingInference
from support.tiny_endings import ENDINGS
from support.tiny_packs import embedded as embedded_of
from support.tiny_packs import tiny_pack
from support.tiny_pipelines import TINY, Tiny

TOLERANCE = 1e-3
TARGETS = ("to_q", "to_k", "to_v", "to_out.0")
SCALE = 0.7
FILE = "kiss.safetensors"
Packs = Callable[[str], InstalledPack]


def tiny_of(name: str) -> Tiny:
    return (TINY | ENDINGS)[name]


def write_adapter(tiny: Tiny, file: Path) -> None:
    """Random low-rank weights for the pipeline's transformer, as the library writes them."""
    pipeline = tiny.made()
    torch.manual_seed(3)
    config = peft.LoraConfig(r=4, lora_alpha=8, target_modules=list(TARGETS), init_lora_weights=False)
    pipeline.transformer.add_adapter(config)
    state = peft.get_peft_model_state_dict(pipeline.transformer)
    type(pipeline).save_lora_weights(file.parent, transformer_lora_layers=state, weight_name=file.name)


class Home:
    """A tiny pack and an effect pack on top of it, both installed."""

    def __init__(self, folder: Path, name: str, **adapter: Any) -> None:
        self.packs, self.home = folder / "packs", folder / "home"
        self.packs.mkdir()
        self.tiny = tiny_of(name)
        self.base = tiny_pack(self.tiny)
        said = {"base": self.base.pack, "files": {"transformer": FILE}, "scale": SCALE, **adapter}
        effect = {"kind": "kiss", "words": "two people kiss"}
        own = {"pack": "tiny-kiss", "adapter": said, "effect": effect}
        self.kiss = self._write(Pack.model_validate(self.base.model_dump(mode="json") | own))
        self._write(self.base)
        self.tiny.made().save_pretrained(self._place(self.base), safe_serialization=True)
        write_adapter(self.tiny, self._place(self.kiss) / FILE)

    def _write(self, pack: Pack) -> Pack:
        path = self.packs / f"{pack.pack}.yaml"
        path.write_text(yaml.safe_dump(pack.model_dump(mode="json", exclude_defaults=True)))
        return read_pack(path)

    def _place(self, pack: Pack) -> Path:
        place = ModelHome(self.home).place(pack)
        place.mkdir(parents=True, exist_ok=True)
        (place / RECORD).write_text(json.dumps({"files": {}}))
        return place

    def found(self, pack: Pack) -> InstalledPack:
        return ModelHome(self.home).find(pack)

    @property
    def adapter_file(self) -> Path:
        return self.found(self.kiss).folder / FILE

    def assembled(self) -> InstalledPack:
        assemble(self.found(self.kiss), self.found(self.base))
        return self.found(self.kiss)


def frames_of(pipeline: Any, tiny: Tiny) -> NDArray[np.float32]:
    size = tiny.sizes[0]
    noise = np.random.default_rng(0).random((size[1], size[0], 3))
    given = {
        **tiny.call,
        "prompt": "a cat",
        "image": Image.fromarray((noise * 255).astype(np.uint8)),
        "width": size[0],
        "height": size[1],
        "num_frames": tiny.frames[0],
        "num_inference_steps": 2,
        "output_type": "np",
        "generator": torch.Generator("cpu").manual_seed(1),
    }
    pipeline.set_progress_bar_config(disable=True)
    return np.asarray(pipeline(**given)[0])


def by_the_library(home: Home) -> NDArray[np.float32]:
    """What the library itself makes of the base with the adapter loaded beside it, nothing fused."""
    pipeline = home.tiny.made()
    pipeline.load_lora_weights(str(home.adapter_file.parent), weight_name=FILE, adapter_name="kiss")
    pipeline.set_adapters(["kiss"], [SCALE])
    return frames_of(pipeline, home.tiny)


@pytest.mark.parametrize("name", ["ltx", "wan-by-mask", "cogvideox", "hunyuan-video"])
def test_fused_weights_make_what_the_library_makes_with_the_adapter_beside(name: str, tmp_path: Path) -> None:
    home = Home(tmp_path, name)
    folder = home.assembled().folder
    fused = getattr(diffusers, type(home.tiny.made()).__name__).from_pretrained(folder, local_files_only=True)

    wanted = by_the_library(home)
    given = frames_of(fused, home.tiny)

    assert np.abs(given - wanted).max() <= TOLERANCE
    assert np.abs(given - frames_of(home.tiny.made(), home.tiny)).max() > 10 * TOLERANCE


def export_at_tiny_sizes(tiny: Tiny, installed: InstalledPack, tell: export.Tell) -> Exported:
    pipeline = installed.pack.pipeline
    assert pipeline is not None
    trials = [(*size, frames) for size, frames in zip(tiny.sizes, tiny.frames, strict=True)]
    (installed.folder / FOLDER).mkdir()
    job = export.Job(export.open_source(installed.folder, pipeline), pipeline, {}, trials, optimise=False)
    return export.export_modules(job, installed.folder / FOLDER, tell)


@pytest.mark.timeout(900)
def test_an_exported_effect_pack_makes_what_the_library_makes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The sizes of `TRIALS` are those of real autoencoders: of tiny ones their latents would not fit into memory.
    monkeypatch.setattr(export, "export_pack", partial(export_at_tiny_sizes, tiny_of("ltx")))
    home = Home(tmp_path, "ltx")
    arguments = ["models", "export", "tiny-kiss", "--home", str(home.home), "--packs", str(home.packs)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert "transformer of tiny-ltx with the weights of tiny-kiss" in result.output

    installed = home.found(home.kiss)
    with embedded_of(installed.served()) as inference:
        given = frames_of(InstalledPipeline(installed, inference).factory.make(), home.tiny)

    assert np.abs(given - by_the_library(home)).max() <= TOLERANCE
    assert all(name.startswith("tiny-kiss-") for name in installed.pack.served_names())


def test_an_effect_pack_is_linked_to_its_base_and_changes_nothing_of_it(tmp_path: Path) -> None:
    home = Home(tmp_path, "ltx")
    base = home.found(home.base).folder
    before = {path: path.read_bytes() for path in base.rglob("*") if path.is_file()}

    folder = home.assembled().folder
    home.assembled()  # again: what was made before is replaced

    assert {path: path.read_bytes() for path in base.rglob("*") if path.is_file()} == before
    weights = Path("vae/diffusion_pytorch_model.safetensors")
    assert (folder / weights).samefile(base / weights)
    assert json.loads((folder / RECORD).read_text()) == {"files": {}}


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda file: write_adapter(TINY["hunyuan-video"], file), "ADAPTER_UNFIT"),
        (lambda file: file.write_bytes(b"nothing"), "ADAPTER_UNFIT"),
        (lambda file: file.unlink(), "ADAPTER_UNFIT"),
    ],
)
def test_weights_that_fit_no_module_are_refused(tmp_path: Path, spoil: Callable[[Path], None], reason: str) -> None:
    home = Home(tmp_path, "ltx")
    spoil(home.adapter_file)
    with pytest.raises(DataCorrupted) as caught:
        home.assembled()
    assert caught.value.reason == reason


def test_a_module_that_the_base_has_not_is_named(tmp_path: Path) -> None:
    home = Home(tmp_path, "wan-by-mask", files={"transformer_2": FILE})
    with pytest.raises(DataCorrupted, match="has no transformer_2"):
        home.assembled()


def test_an_adapter_is_of_its_base_and_of_its_class(tmp_path: Path) -> None:
    home = Home(tmp_path, "ltx")
    kiss, base = home.found(home.kiss), home.found(home.base)
    assert kiss.pack.pipeline is not None
    with pytest.raises(InvalidInput, match="is none of tiny-ltx"):
        assemble(base, base)
    other = kiss.pack.pipeline.model_copy(update={"class_name": "WanImageToVideoPipeline"})
    with pytest.raises(InvalidInput, match="is not that of tiny-ltx, which is LTXImageToVideoPipeline"):
        assemble(replace(kiss, pack=kiss.pack.model_copy(update={"pipeline": other})), base)


def test_the_library_adds_nothing_to_some_classes(tmp_path: Path) -> None:
    home = Home(tmp_path, "ltx")
    kiss, base = home.found(home.kiss), home.found(home.base)
    assert kiss.pack.pipeline is not None
    changed = {"pipeline": kiss.pack.pipeline.model_copy(update={"class_name": "StableVideoDiffusionPipeline"})}
    with pytest.raises(Unsupported, match="adds no adapter to a StableVideoDiffusionPipeline"):
        assemble(
            replace(kiss, pack=kiss.pack.model_copy(update=changed)),
            replace(base, pack=base.pack.model_copy(update=changed)),
        )


def hero() -> HeroPicture:
    image = np.random.default_rng(0).integers(0, 256, (54, 96, 3), np.uint8)
    rgba = np.dstack([image, np.full(image.shape[:2], 255, np.uint8)])
    return HeroPicture(
        image, LayerPictures((LayerImage(LayerRole.BACKGROUND, rgba, 2.0),), 0, 40.0, 1.0), None, None, None
    )


@pytest.fixture
def kissing(
    packs: Packs, embedded: Callable[[str], BlockingInference]
) -> tuple[DiffusersAnimator, list[MotionRequest]]:
    found = packs("ltx")
    effect = EffectOf(kind="kiss", words="two people kiss")
    maker = ClipMaker(
        InstalledPipeline(replace(found, pack=found.pack.model_copy(update={"effect": effect})), embedded("ltx"))
    )
    asked: list[MotionRequest] = []
    check = maker.check
    maker.check = lambda request: (asked.append(request), check(request))[1]  # type: ignore[method-assign]
    return DiffusersAnimator(maker), asked


@pytest.mark.timeout(900)
def test_an_effect_pack_reads_what_it_was_trained_with_before_camera_and_physics(
    kissing: tuple[DiffusersAnimator, list[MotionRequest]],
) -> None:
    engine, asked = kissing
    motion = replace(single(CameraMove.LOCKED, 0.5), effect=Effect(EffectKind.KISS))
    engine.take(ClipRequest(hero(), motion, 9, Fraction(7), seed=5))
    assert engine.effect is EffectKind.KISS
    assert [one.prompt for one in asked] == ["two people kiss. The camera stays still."]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("effect", [None, Effect(EffectKind.HUG)])
def test_an_effect_pack_makes_nothing_but_its_effect(
    kissing: tuple[DiffusersAnimator, list[MotionRequest]], effect: Effect | None
) -> None:
    engine, asked = kissing
    motion = replace(single(CameraMove.LOCKED, 0.5), effect=effect)
    with pytest.raises(FirstframeError) as caught:
        engine.take(ClipRequest(hero(), motion, 9, Fraction(7), seed=5))
    assert caught.value.reason == "EFFECT_NO_PACK"
    assert asked == []


def test_an_adapter_needs_a_pipeline_of_clips() -> None:
    still = tiny_pack(TINY["sd"]).model_dump(mode="json")
    adapter = Adapter(base="tiny-sd", files={"transformer": FILE}).model_dump(mode="json")
    with pytest.raises(ValueError, match="needs a pipeline that makes clips"):
        Pack.model_validate(still | {"adapter": adapter})
