"""Steps of different requests share runs of the real server, and each request gets what it would have got alone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from firstframe.adapters.triton import TritonInference
from firstframe.adapters.triton.config import Target
from firstframe.adapters.triton.repository import write_repository
from firstframe.core.models import Batching
from firstframe.learned.pipelines import InstalledPipeline
from firstframe.learned.stills import StillMaker, StillRequest
from firstframe.packs.installed import InstalledPack
from support.tiny_packs import blocking
from support.triton import running_triton

PATIENCE = Batching(max_size=8, preferred=(4,), delay_us=500_000)
"""Long enough for the other request's step to arrive on a busy machine."""
UNET = "tiny-sd-unet"
REQUESTS = (
    StillRequest(prompt="a cat", format_name="1:1", seed=1, steps=5),
    StillRequest(prompt="two dogs", format_name="1:1", seed=2, steps=8, guidance=1.5),
)


class Idle:
    def progress(self, phase: str, fraction: float) -> None: ...

    def check(self) -> None: ...


def made_at_once(maker: StillMaker) -> list[Any]:
    found: dict[int, Any] = {}

    def make(index: int) -> None:
        found[index] = maker.make(REQUESTS[index], Idle()).image

    threads = [threading.Thread(target=make, args=(index,)) for index in range(len(REQUESTS))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return [found[index] for index in range(len(REQUESTS))]


@pytest.mark.timeout(300)
def test_requests_at_different_steps_share_runs(packs: Callable[[str], InstalledPack], tmp_path: Path) -> None:
    installed = packs("sd")
    models = [replace(model, batching=PATIENCE) if model.name == UNET else model for model in installed.served()]
    write_repository(models, Target(warm_up=False, threads=1), tmp_path / "repository")
    with (
        running_triton(tmp_path / "repository", tmp_path) as server,
        blocking(TritonInference(server.address, models=models)) as inference,
    ):
        maker = StillMaker(InstalledPipeline(installed, inference))
        alone = [maker.make(request, Idle()).image for request in REQUESTS]
        steps = sum(request.steps for request in REQUESTS)
        answered, runs_alone = server.statistics(UNET, steps)

        together = made_at_once(maker)

        answered_since = server.statistics(UNET, answered + steps)[0] - answered
        runs = server.statistics(UNET, answered + steps)[1] - runs_alone
    assert answered_since == steps, "with guidance each step is one request, of two samples"
    assert runs < steps
    for image, wanted in zip(together, alone, strict=True):
        # Another batch may round the last bit otherwise, never more than a level of the picture.
        assert np.abs(image.astype(int) - wanted).max() <= 1
