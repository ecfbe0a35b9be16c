"""Clips whose last frame is given: what is made remotely is what the library makes in one process, and the frame is used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import diffusers
import numpy as np
import pytest
import torch
from diffusers.pipelines.ltx.pipeline_ltx_condition import LTXVideoCondition
from numpy.typing import NDArray
from PIL import Image

from firstframe.animation.engines import ClipRequest
from firstframe.animation.engines.diffusers import DiffusersAnimator
from firstframe.core.errors import InvalidInput
from firstframe.core.media import HeroPicture, LayerImage, LayerPictures, LayerRole
from firstframe.core.motion import CameraMove, Motion, Repeat, single
from firstframe.learned.clips import ClipMaker
from firstframe.learned.pipelines import InstalledPipeline
from firstframe.packs.installed import InstalledPack
from firstframe.ports.inference import BlockingInference
from support.tiny_endings import ENDINGS
from support.tiny_pipelines import TINY, Tiny

TOLERANCE = 1e-3
CLASSES = {"ltx": "LTXConditionPipeline", "wan-by-mask": "WanImageToVideoPipeline"}
"""What takes a last frame, by tiny pipeline."""
Packs = Callable[[str], InstalledPack]
Serve = Callable[[str], BlockingInference]


class Idle:
    def progress(self, phase: str, fraction: float) -> None: ...

    def check(self) -> None: ...


def tiny_of(name: str) -> Tiny:
    return (TINY | ENDINGS)[name]


def picture(size: tuple[int, int], seed: int) -> Image.Image:
    noise = np.random.default_rng(seed).random((size[1], size[0], 3))
    return Image.fromarray((noise * 255).astype(np.uint8))


def made(pipeline: Any, tiny: Tiny, case: int, last: int | None) -> NDArray[np.float32]:
    """A clip from picture 0 to picture `last`, or to wherever it comes."""
    size, frames = tiny.sizes[case], tiny.frames[case]
    first, end = picture(size, 0), None if last is None else picture(size, last)
    given: dict[str, Any] = {
        **tiny.call,
        "width": size[0],
        "height": size[1],
        "num_frames": frames,
        "num_inference_steps": 3,
        "output_type": "np",
        "generator": torch.Generator("cpu").manual_seed(1),
        "prompt": "a cat",
    }
    if tiny.name == "ltx":
        ends = [LTXVideoCondition(image=end, frame_index=frames - 1)] if end else []
        given |= {"conditions": [LTXVideoCondition(image=first), *ends], "frame_rate": 7}
    else:
        given |= {"image": first, "last_image": end}
    return np.asarray(pipeline(**given)[0])


def here(tiny: Tiny, name: str) -> Any:
    parts = tiny.made()
    return getattr(diffusers, name)(**parts.components) if type(parts).__name__ != name else parts


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", CLASSES)
def test_a_clip_to_a_last_frame_is_what_is_made_here(
    name: str, packs: Packs, serving: Serve, record_property: Callable[[str, object], None]
) -> None:
    tiny, kind = tiny_of(name), CLASSES[name]
    there = InstalledPipeline(packs(name), serving(name)).factory

    differences = {}
    for case in (0, 1):
        wanted = made(here(tiny, kind), tiny, case, 1)
        given = made(there.make(class_name=kind), tiny, case, 1)
        assert given.shape == wanted.shape
        differences[f"{tiny.sizes[case]}"] = float(np.abs(given - wanted).max())

    record_property("differences", differences)
    assert max(differences.values()) <= TOLERANCE


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", CLASSES)
def test_a_last_frame_makes_another_clip_than_none(name: str, packs: Packs, embedded: Serve) -> None:
    tiny, kind = tiny_of(name), CLASSES[name]
    there = InstalledPipeline(packs(name), embedded(name)).factory
    one, other = (made(there.make(class_name=kind), tiny, 0, last) for last in (1, None))
    assert np.abs(one - other).max() > 10 * TOLERANCE


@pytest.mark.timeout(900)
def test_another_last_frame_makes_another_clip(packs: Packs, embedded: Serve) -> None:
    """Of the tiny LTX: the tiny Wan's autoencoder makes the same of all pictures."""
    there = InstalledPipeline(packs("ltx"), embedded("ltx")).factory
    one, other = (made(there.make(class_name=CLASSES["ltx"]), TINY["ltx"], 0, last) for last in (1, 2))
    assert np.abs(one - other).max() > TOLERANCE


def hero(width: int, height: int) -> HeroPicture:
    rows, columns = np.mgrid[:height, :width]
    image = np.stack([rows * 4 % 256, columns * 3 % 256, (rows + columns) % 256], -1).astype(np.uint8)
    rgba = np.dstack([image, np.full(image.shape[:2], 255, np.uint8)])
    layers = LayerPictures((LayerImage(LayerRole.BACKGROUND, rgba, 2.0),), 0, 40.0, 1.0)
    return HeroPicture(image, layers, None, None, None)


def animator(name: str, packs: Packs, embedded: Serve, *, last_frame: bool = True) -> DiffusersAnimator:
    """The engine with a tiny pack whose weights are said to take a last frame."""
    found = packs(name)
    assert found.pack.pipeline is not None
    pipeline = found.pack.pipeline.model_copy(update={"last_frame": last_frame})
    known = replace(found, pack=found.pack.model_copy(update={"pipeline": pipeline}))
    return DiffusersAnimator(ClipMaker(InstalledPipeline(known, embedded(name))))


def request(frames: int, **more: Any) -> ClipRequest:
    still = hero(96, 54)
    motion = more.pop("motion", single(CameraMove.PUSH, 0.5))
    return ClipRequest(still, motion, frames, Fraction(7), seed=5, last=still.image, **more)


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("name", "frames"), [("ltx", 9), ("wan-by-mask", 5)])
def test_the_engine_ends_where_it_is_told_and_says_how_near(
    name: str, frames: int, packs: Packs, embedded: Serve
) -> None:
    engine = animator(name, packs, embedded)
    assert engine.takes_last_frame
    take = engine.take(request(frames))

    assert len(list(take.frames(Idle()))) == frames
    told = [finding.reason for finding in take.findings]
    assert told[-2:] == ["FIRST_FRAME_LIKENESS", "LAST_FRAME_LIKENESS"]
    assert "MOTION_SIMPLIFIED" not in told


@pytest.mark.timeout(900)
def test_the_last_frame_is_left_out_where_the_next_clip_begins_with_it(packs: Packs, embedded: Serve) -> None:
    engine = animator("ltx", packs, embedded)
    whole = list(engine.take(request(9)).frames(Idle()))
    shorter = list(engine.take(request(8, leave_out_last=True)).frames(Idle()))

    assert len(shorter) == 8
    for one, other in zip(whole, shorter, strict=False):
        np.testing.assert_array_equal(one, other)


@pytest.mark.timeout(900)
def test_a_loop_is_said_not_to_join_only_where_no_last_frame_is_given(packs: Packs, embedded: Serve) -> None:
    loop: Motion = replace(single(CameraMove.PUSH, 0.5), repeat=Repeat.LOOP)
    engine = animator("ltx", packs, embedded)
    open_ended = engine.take(replace(request(9, motion=loop), last=None))
    joined = engine.take(request(8, motion=loop, leave_out_last=True))

    (found,) = [one.message for one in open_ended.findings if one.reason == "MOTION_SIMPLIFIED"]
    assert "was given no last frame" in found
    assert not [one for one in joined.findings if one.reason == "MOTION_SIMPLIFIED"]


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("name", "frames"), [("ltx", 9), ("svd", 3), ("hunyuan-video", 5), ("cogvideox", 9)])
def test_a_pack_that_was_not_trained_for_it_refuses_a_last_frame(
    name: str, frames: int, packs: Packs, embedded: Serve
) -> None:
    engine = animator(name, packs, embedded, last_frame=name != "ltx")
    assert not engine.takes_last_frame
    with pytest.raises(InvalidInput) as caught:
        engine.take(request(frames))
    assert caught.value.metadata["field"] == "last_frame"
    assert "no last one" in caught.value.message
