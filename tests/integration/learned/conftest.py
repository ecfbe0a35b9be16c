from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch

from firstframe.adapters.embedded import EmbeddedInference
from firstframe.adapters.triton import TritonInference
from firstframe.adapters.triton.config import Target
from firstframe.adapters.triton.repository import write_repository
from firstframe.packs.installed import InstalledPack
from firstframe.ports.inference import BlockingInference
from support.tiny_packs import blocking, exported_pack
from support.triton import running_triton

Serve = Callable[[str], BlockingInference]
"""Gives what serves a tiny pipeline's graphs."""


LIBRARIES = ("ignore::DeprecationWarning:diffusers", "ignore::FutureWarning:diffusers")
"""What the library has to say to its own authors."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for warning in LIBRARIES:
            item.add_marker(pytest.mark.filterwarnings(warning))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Tells how far remote pipelines are from those in one process."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == "differences" and report.when == "call":
                terminalreporter.write_line(
                    f"{report.nodeid.rpartition('[')[2][:-1]}: at most {max(value.values()):.2g} {value}"
                )


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    # Threads that wait for each other on busy cores take longer than one that works.
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def packs() -> Callable[[str], InstalledPack]:
    return cache(exported_pack)


@pytest.fixture(scope="session")
def embedded(packs: Callable[[str], InstalledPack]) -> Iterator[Serve]:
    with ExitStack() as stack:
        yield cache(lambda name: stack.enter_context(blocking(EmbeddedInference(packs(name).served(), threads=1))))


@pytest.fixture(scope="session")
def triton(packs: Callable[[str], InstalledPack], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    with ExitStack() as stack:

        def serve(name: str) -> BlockingInference:
            models = packs(name).served()
            folder: Path = tmp_path_factory.mktemp(f"triton-{name}")
            write_repository(models, Target(warm_up=False, threads=1), folder / "repository")
            server = stack.enter_context(running_triton(folder / "repository", folder))
            return stack.enter_context(blocking(TritonInference(server.address, models=models)))

        yield cache(serve)


@pytest.fixture(params=["embedded", "triton"])
def serving(request: pytest.FixtureRequest) -> Serve:
    serve: Serve = request.getfixturevalue(request.param)
    return serve
