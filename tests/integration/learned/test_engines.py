"""The engines on top: heroes of prompts and pictures, clips of heroes."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from firstframe.animation.engines import ClipRequest
from firstframe.animation.engines.diffusers import DiffusersAnimator
from firstframe.core.errors import InvalidInput
from firstframe.core.media import HeroPicture, LayerImage, LayerPictures, LayerRole, PixelSize
from firstframe.core.motion import CameraMove, single
from firstframe.imagegen.engines import PromptRequest
from firstframe.imagegen.engines.diffusers import DiffusersEngine
from firstframe.learned.clips import ClipMaker, MotionRequest
from firstframe.learned.pipelines import InstalledPipeline
from firstframe.learned.stills import StillMaker
from firstframe.packs.installed import InstalledPack
from firstframe.ports.inference import BlockingInference, Tensors
from firstframe.render.layers import composite

WIDE = PixelSize(1920, 1080)


class Idle:
    scratch = None

    def progress(self, phase: str, fraction: float) -> None: ...

    def check(self) -> None: ...


class Heard:
    """Remembers what graphs were given."""

    def __init__(self, inference: BlockingInference) -> None:
        self._inference = inference
        self.inputs: dict[str, Tensors] = {}

    def infer(self, model: str, inputs: Tensors, *, check: Callable[[], None] | None = None) -> dict[str, Any]:
        self.inputs[model] = inputs
        return self._inference.infer(model, inputs, check=check)


@pytest.fixture
def engine(packs: Callable[[str], InstalledPack], embedded: Callable[[str], BlockingInference]) -> DiffusersEngine:
    return DiffusersEngine(StillMaker(InstalledPipeline(packs("sd"), embedded("sd"))))


def hero(width: int, height: int) -> HeroPicture:
    rows, columns = np.mgrid[:height, :width]
    image = np.stack([rows * 4 % 256, columns * 3 % 256, (rows + columns) % 256], -1).astype(np.uint8)
    rgba = np.dstack([image, np.full(image.shape[:2], 255, np.uint8)])
    layers = LayerPictures((LayerImage(LayerRole.BACKGROUND, rgba, 2.0),), 0, 40.0, 1.0)
    return HeroPicture(image, layers, None, None, None)


def test_a_prompt_becomes_a_hero_of_the_exact_ratio_at_the_native_size(engine: DiffusersEngine) -> None:
    made = engine.render(PromptRequest("a cat", WIDE, seed=3), Idle())

    assert made.size == PixelSize(64, 36)
    np.testing.assert_array_equal(
        composite([layer.rgba for layer in made.layers.layers], made.layers.bleed_px), made.image
    )
    assert made.findings[0].message == "tiny-sd 64×48 is 1.333:1, trimmed 6 px top and bottom to 16:9"
    assert (made.details["pack"], made.details["seed"], made.details["steps"]) == ("tiny-sd", "3", "3")
    assert made.details["weights"].startswith(engine.version.rpartition("-")[2])


def test_little_strength_stays_near_the_reference(engine: DiffusersEngine) -> None:
    reference = hero(64, 36).image
    near, far = (
        engine.render(PromptRequest("a cat", WIDE, seed=3, steps=10, reference=reference, strength=strength), Idle())
        for strength in (0.1, 1.0)
    )

    distances = [np.abs(made.image.astype(float) - reference).mean() for made in (near, far)]
    assert near.size == PixelSize(64, 36)
    assert distances[0] != pytest.approx(distances[1])
    assert near.details["strength"] == "0.1"


def test_a_negative_prompt_makes_another_picture(engine: DiffusersEngine) -> None:
    plain, other = (
        engine.render(PromptRequest("a cat", WIDE, seed=3, negative_prompt=words), Idle()) for words in ("", "blur 9")
    )

    assert (plain.image != other.image).any()


@pytest.mark.timeout(900)
def test_qwen_image_reads_prompts_of_any_length_and_starts_from_pictures(
    packs: Callable[[str], InstalledPack], embedded: Callable[[str], BlockingInference]
) -> None:
    maker = StillMaker(InstalledPipeline(packs("qwen-image"), embedded("qwen-image")))
    engine, reference = DiffusersEngine(maker), hero(64, 36).image
    requests = [
        PromptRequest("a cat", WIDE, seed=3),
        PromptRequest("a cat", WIDE, seed=3, negative_prompt="blur 9"),
        PromptRequest("cat " * 200, WIDE, seed=3),
        PromptRequest("a cat", WIDE, seed=3, reference=reference, strength=0.7),
    ]

    made = [engine.render(request, Idle()) for request in requests]

    assert {one.size for one in made} == {PixelSize(64, 36)}
    assert len({one.image.tobytes() for one in made}) == len(made)
    assert [len([one for one in still.findings if one.reason == "PROMPT_CUT"]) for still in made] == [0, 0, 1, 0]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ["svd", "ltx", "hunyuan-video"])
def test_a_hero_becomes_a_clip(
    name: str, packs: Callable[[str], InstalledPack], embedded: Callable[[str], BlockingInference]
) -> None:
    heard = Heard(embedded(name))
    maker = ClipMaker(InstalledPipeline(packs(name), heard))
    pack = maker.installed.pack
    count = {"svd": 3, "ltx": 9, "hunyuan-video": 5}[name]
    words = "steam rises" if maker.prompted else ""
    request = ClipRequest(hero(96, 54), single(CameraMove.PUSH, 0.25), count, Fraction(7), seed=5, prompt=words)

    take = DiffusersAnimator(maker).take(request)
    frames = list(take.frames(Idle()))

    assert [frame.shape for frame in frames] == [(take.size.height, take.size.width, 3)] * count
    assert all(frame.dtype == np.uint16 for frame in frames)
    assert take.size.width * 9 == take.size.height * 16
    told = ["NATIVE_SIZE", *(["PROMPT_CUT"] if name == "ltx" else []), "FIRST_FRAME_LIKENESS"]
    assert [finding.reason for finding in take.findings] == told
    assert take.details["pack"] == pack.pack
    if name == "svd":
        bucket = 1 + round(0.25 * 254)
        np.testing.assert_allclose(heard.inputs["tiny-svd-unet"]["added_time_ids"][0, :2], [6, bucket])


@pytest.fixture
def animator(packs: Callable[[str], InstalledPack], embedded: Callable[[str], BlockingInference]) -> DiffusersAnimator:
    return DiffusersAnimator(ClipMaker(InstalledPipeline(packs("svd"), embedded("svd"))))


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("count", "rate", "size", "prompt", "field"),
    [
        (4, 7, (96, 54), "", "frame_count"),
        (3, 24, (96, 54), "", "frame_rate"),
        (3, 7, (90, 54), "", "hero.size"),
        (3, 7, (40, 50), "", "hero.size"),
    ],
)
def test_what_the_pack_cannot_do_is_refused_before_any_work(
    animator: DiffusersAnimator, count: int, rate: int, size: tuple[int, int], prompt: str, field: str
) -> None:
    request = ClipRequest(hero(*size), single(CameraMove.PUSH, 0.5), count, Fraction(rate), seed=5, prompt=prompt)

    with pytest.raises(InvalidInput) as caught:
        animator.take(request)

    assert caught.value.metadata["field"] == field


@pytest.mark.timeout(900)
def test_a_pack_without_words_says_that_it_read_none(animator: DiffusersAnimator) -> None:
    request = ClipRequest(hero(96, 54), single(CameraMove.PUSH, 0.5), 3, Fraction(7), seed=5, prompt="steam rises")
    unread = [one.message for one in animator.take(request).findings if one.reason == "PROMPT_NOT_USED"]
    assert unread == ["tiny-svd reads no words: it is told how strong the motion is, and chooses the motion itself"]


@pytest.mark.timeout(900)
def test_a_pack_with_words_is_told_of_camera_and_physics_alone(
    packs: Callable[[str], InstalledPack], embedded: Callable[[str], BlockingInference]
) -> None:
    asked: list[MotionRequest] = []
    maker = ClipMaker(InstalledPipeline(packs("ltx"), embedded("ltx")))
    check = maker.check
    maker.check = lambda request: (asked.append(request), check(request))[1]  # type: ignore[method-assign]
    words = "photo of a woman in a red dress, steam rises, rack focus"
    motion = single(CameraMove.PAN_LEFT, 0.5)
    DiffusersAnimator(maker).take(ClipRequest(hero(96, 54), motion, 9, Fraction(7), seed=5, prompt=words))
    assert [one.prompt for one in asked] == ["The camera slowly pans to the left. Mist drifts. Rack focus."]


@pytest.mark.timeout(900)
def test_hunyuan_video_compares_with_no_negative_prompt(
    packs: Callable[[str], InstalledPack], embedded: Callable[[str], BlockingInference]
) -> None:
    animator = DiffusersAnimator(ClipMaker(InstalledPipeline(packs("hunyuan-video"), embedded("hunyuan-video"))))
    motion = single(CameraMove.PUSH, 0.5)
    request = ClipRequest(hero(96, 54), motion, 5, Fraction(7), seed=5, prompt="steam", negative_prompt="blur")

    with pytest.raises(InvalidInput) as caught:
        animator.take(request)

    assert caught.value.metadata["field"] == "motion.negative_prompt"
    assert "has no effect on tiny-hunyuan-video" in caught.value.message
