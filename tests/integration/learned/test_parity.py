"""Pipelines with their modules elsewhere make what they make in one process."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from firstframe.learned.pipelines import InstalledPipeline
from firstframe.packs.installed import InstalledPack
from firstframe.ports.inference import BlockingInference, Tensors
from support.tiny_pipelines import TINY, Tiny

TOLERANCE = 1e-3
"""Largest difference of any value of a picture, 0 to 1."""
PROMPTS = ("a cat", "two dogs 7")
STEP = {"flux": 0.001, "qwen-image": 0.001}
"""One of a thousand timesteps, where the pipeline does not count them from 0 to 1000."""


def picture(size: tuple[int, int], seed: int) -> Image.Image:
    noise = np.random.default_rng(seed).random((size[1], size[0], 3))
    return Image.fromarray((noise * 255).astype(np.uint8))


def arguments(tiny: Tiny, case: int, samples: int) -> dict[str, Any]:
    size = tiny.sizes[case]
    drawn = [torch.Generator("cpu").manual_seed(seed) for seed in range(samples)]
    given = {
        **tiny.call,
        "width": size[0],
        "height": size[1],
        "num_inference_steps": 3,
        "output_type": "np",
        "generator": drawn if samples > 1 and tiny.listed else drawn[0],
    }
    if tiny.prompted:
        given["prompt"] = list(PROMPTS[:samples])
    if tiny.rule:
        pictures = [picture(size, seed) for seed in range(samples)]
        given |= {"num_frames": tiny.frames[case], "image": pictures if tiny.pictures else pictures[0]}
    return given


def made(pipeline: Any, tiny: Tiny, case: int, samples: int) -> NDArray[np.float32]:
    return np.asarray(pipeline(**arguments(tiny, case, samples))[0])


def require(name: str) -> Tiny:
    if name.startswith("wan") and importlib.util.find_spec("ftfy") is None:
        pytest.skip("Wan's pipeline cleans prompts with ftfy, which is not installed")
    return TINY[name]


class LateSteps:
    """Tells every denoiser a timestep that is off by a little."""

    def __init__(self, inference: BlockingInference, off: float) -> None:
        self._inference, self._off = inference, np.float32(off)

    def infer(self, model: str, inputs: Tensors, *, check: Callable[[], None] | None = None) -> dict[str, Any]:
        late = {name: value + self._off if name == "timestep" else value for name, value in inputs.items()}
        return self._inference.infer(model, late, check=check)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", TINY)
def test_what_is_made_remotely_is_what_is_made_here(
    name: str,
    packs: Callable[[str], InstalledPack],
    serving: Callable[[str], BlockingInference],
    record_property: Callable[[str, object], None],
) -> None:
    tiny = require(name)
    here, there = tiny.made(), InstalledPipeline(packs(name), serving(name)).factory

    differences = {}
    for case, samples in ((0, 1), (0, 2), (1, 1), (1, 2)):
        wanted = made(here, tiny, case, samples)
        assert wanted.std() > 0.01, "a picture of nothing proves nothing"
        given = made(there.make(), tiny, case, samples)
        assert given.shape == wanted.shape
        differences[f"{tiny.sizes[case]} x{samples}"] = float(np.abs(given - wanted).max())

    record_property("differences", differences)
    assert max(differences.values()) <= TOLERANCE


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", TINY)
def test_a_timestep_that_is_off_by_one_makes_something_else(
    name: str, packs: Callable[[str], InstalledPack], embedded: Callable[[str], BlockingInference]
) -> None:
    tiny = require(name)
    late = InstalledPipeline(packs(name), LateSteps(embedded(name), STEP.get(name, 1.0)))

    difference = np.abs(made(late.factory.make(), tiny, 0, 1) - made(tiny.made(), tiny, 0, 1)).max()

    assert difference > TOLERANCE
