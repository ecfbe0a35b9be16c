"""Requests of different callers share a run at the real server, and nobody can tell from the results."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from firstframe.adapters.triton import TritonInference
from firstframe.adapters.triton.config import Target
from firstframe.adapters.triton.repository import write_repository
from firstframe.core.errors import Internal
from firstframe.core.models import Batching
from support import tiny_models
from support.triton import RunningTriton, running_triton
from support.triton_models import WITNESS, replace_script

LONG_S = 60.0


def patient(requests: int) -> Batching:
    """Waits until as many are there, for at most a second."""
    return Batching(max_size=8, preferred=(requests,), delay_us=1_000_000)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Takes the shapes of the pictures that `total` was run with."""
    return tmp_path_factory.mktemp("seen") / "seen"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, seen: Path) -> Iterator[RunningTriton]:
    folder = tmp_path_factory.mktemp("triton")
    models = [
        tiny_models.step(folder, batching=patient(4)),
        tiny_models.pick(folder, batching=patient(3)),
        tiny_models.total(folder, batching=patient(4)),
    ]
    write_repository(models, Target(), folder / "repository")
    config = folder / "repository" / "total" / "config.pbtxt"
    # Otherwise Triton itself keeps pictures of different sizes apart.
    config.write_text(config.read_text().replace('name: "picture"', 'name: "picture"\n  allow_ragged_batch: true'))
    replace_script(folder / "repository", "total", WITNESS.replace("SEEN", str(seen)))
    with running_triton(folder / "repository", folder) as running:
        yield running


@dataclass(frozen=True)
class Together:
    """What came of requests that were sent at the same time."""

    answers: list[Any]
    counted: tuple[int, int]
    """Requests and runs, as the server counts."""


async def send_together(server: RunningTriton, model: str, inputs: list[dict[str, NDArray[Any]]]) -> Together:
    inference = TritonInference(server.address)
    calls = (inference.infer(model, one, deadline_s=LONG_S) for one in inputs)
    answers = await asyncio.gather(*calls, return_exceptions=True)
    await inference.close()
    return Together(answers, await asyncio.to_thread(server.statistics, model, len(inputs)))


async def test_steps_at_different_timesteps_share_a_run(server: RunningTriton) -> None:
    x = np.random.default_rng(1).standard_normal((4, 1, 4), np.float32)
    timesteps = np.array([[999.0], [500.0], [20.0], [1.0]], np.float32)
    pairs = [{"x": x[index], "timestep": timesteps[index]} for index in range(4)]

    together = await send_together(server, "step", pairs)

    assert together.counted == (4, 1)
    inference = TritonInference(server.address)
    for pair, answer in zip(pairs, together.answers, strict=True):
        alone = await inference.infer("step", pair, deadline_s=LONG_S)
        np.testing.assert_array_equal(answer["noise"], alone["noise"])
        np.testing.assert_array_equal(answer["noise"], pair["x"] * pair["timestep"])
    await inference.close()


async def test_only_the_request_that_makes_the_run_fail_has_the_error(server: RunningTriton) -> None:
    together = await send_together(server, "pick", [{"index": np.array([[index]])} for index in (1, 77, 2)])

    first, second, third = together.answers
    assert together.counted == (3, 1)
    assert isinstance(second, Internal)
    assert "idx=77" in second.message
    assert [first["value"].tolist(), third["value"].tolist()] == [[[1]], [[2]]]


async def test_pictures_of_different_sizes_in_one_batch_are_run_by_size(server: RunningTriton, seen: Path) -> None:
    pictures = [{"picture": np.full((1, side, 2), 0.5, np.float32)} for side in (3, 5, 3, 7)]

    together = await send_together(server, "total", pictures)

    assert together.counted == (4, 1)
    assert [answer["sum"].tolist() for answer in together.answers] == [[3], [5], [3], [7]]
    assert _lines(seen) == ["(1, 5, 2)", "(1, 7, 2)", "(2, 3, 2)"]


def _lines(path: Path) -> list[str]:
    return sorted(path.read_text().splitlines())


def test_every_size_is_run_once_at_load(tmp_path: Path) -> None:
    sizes = ({"batch": 2, "height": 6, "width": 4}, {"batch": 1, "height": 3, "width": 5})
    model = dataclasses.replace(tiny_models.total(tmp_path), warm_up=sizes)
    write_repository([model], Target(), tmp_path / "repository")
    replace_script(tmp_path / "repository", "total", WITNESS.replace("SEEN", str(tmp_path / "seen")))

    with running_triton(tmp_path / "repository", tmp_path):
        seen = (tmp_path / "seen").read_text()

    assert seen.splitlines() == ["(1, 3, 5)", "(2, 6, 4)"]
