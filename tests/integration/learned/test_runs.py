"""What belongs to one piece of work stays with it: schedulers, seeds, cancels."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from firstframe.core.errors import Cancelled, InvalidInput
from firstframe.learned.pipelines import InstalledPipeline
from firstframe.learned.stills import StillMaker, StillRequest
from firstframe.packs.installed import InstalledPack
from firstframe.ports.inference import BlockingInference, Tensors

REQUEST = StillRequest(prompt="a cat on a shelf", format_name="16:9", seed=7, steps=6)


class Watched:
    """Work that remembers what it was told, and ends after a number of steps."""

    def __init__(self, steps: int = 1_000_000) -> None:
        self.told: list[tuple[str, float]] = []
        self._steps = steps

    def progress(self, phase: str, fraction: float) -> None:
        self.told.append((phase, fraction))

    def check(self) -> None:
        if sum("denoising" in phase for phase, _ in self.told) >= self._steps:
            raise Cancelled("the caller went away")


class Counting:
    """Counts runs by model and takes turns with another when asked to."""

    def __init__(self, inference: BlockingInference, turns: threading.Barrier | None = None) -> None:
        self._inference, self._turns = inference, turns
        self.runs: dict[str, int] = {}

    def infer(self, model: str, inputs: Tensors, *, check: Callable[[], None] | None = None) -> dict[str, Any]:
        self.runs[model] = self.runs.get(model, 0) + 1
        if self._turns is not None and model.endswith("unet"):
            self._turns.wait(60)
        return self._inference.infer(model, inputs, check=check)


@pytest.fixture
def maker(packs: Callable[[str], InstalledPack], embedded: Callable[[str], BlockingInference]) -> StillMaker:
    return StillMaker(InstalledPipeline(packs("sd"), embedded("sd")))


def test_progress_comes_with_each_step(maker: StillMaker) -> None:
    work = Watched()

    maker.make(REQUEST, work)

    steps = [phase for phase, _ in work.told if "denoising" in phase]
    assert steps == [f"denoising, step {step} of 6" for step in range(1, 7)]
    shares = [share for _, share in work.told]
    assert shares == sorted(shares)
    assert 0 < shares[0] < shares[-1] < 1


def test_a_cancel_stops_within_one_step(
    packs: Callable[[str], InstalledPack], embedded: Callable[[str], BlockingInference]
) -> None:
    counting = Counting(embedded("sd"))
    maker = StillMaker(InstalledPipeline(packs("sd"), counting))

    with pytest.raises(Cancelled):
        maker.make(REQUEST, Watched(steps=2))

    assert counting.runs["tiny-sd-unet"] <= 3
    assert "tiny-sd-vae-decoder" not in counting.runs


def test_the_same_seed_gives_the_same_bytes_and_is_recorded(maker: StillMaker) -> None:
    first, again = maker.make(REQUEST, Watched()), maker.make(REQUEST, Watched())
    other = maker.make(replace(REQUEST, seed=8), Watched())

    np.testing.assert_array_equal(first.image, again.image, strict=True)
    assert first.details["seed"] == "7"
    assert np.abs(first.image.astype(int) - other.image).max() > 8


def test_requests_that_take_turns_give_what_each_gives_alone(
    packs: Callable[[str], InstalledPack], embedded: Callable[[str], BlockingInference], maker: StillMaker
) -> None:
    requests = (REQUEST, replace(REQUEST, prompt="two dogs", seed=11, guidance=1.5))
    alone = [maker.make(request, Watched()).image for request in requests]
    together = StillMaker(InstalledPipeline(packs("sd"), Counting(embedded("sd"), threading.Barrier(2))))
    found: dict[int, Any] = {}

    def make(index: int) -> None:
        found[index] = together.make(requests[index], Watched()).image

    threads = [threading.Thread(target=make, args=(index,)) for index in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    for index, image in enumerate(alone):
        np.testing.assert_array_equal(found[index], image, strict=True)


@pytest.mark.parametrize(("words", "cut"), [("a cat", []), ("cat " * 40, ["PROMPT_CUT"])])
def test_a_prompt_that_is_cut_is_told(maker: StillMaker, words: str, cut: list[str]) -> None:
    still = maker.make(replace(REQUEST, prompt=words), Watched())

    assert [finding.reason for finding in still.findings if finding.reason != "NATIVE_SIZE"] == cut


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"format_name": "4:5"}, "size"),
        ({"negative_prompt": "blur", "guidance": 1.0}, "prompt.negative_text"),
        ({"reference": np.zeros((32, 32, 3), np.uint8)}, "prompt.reference"),
        ({"reference": np.zeros((36, 64, 3), np.uint8), "strength": 0.1}, "prompt.strength"),
    ],
)
def test_what_would_have_no_effect_is_refused(maker: StillMaker, change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        maker.make(replace(REQUEST, **change), Watched())

    assert caught.value.metadata["field"] == field
