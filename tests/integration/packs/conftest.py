from __future__ import annotations

from collections.abc import Iterator

import pytest

from firstframe.adapters.fetch import http
from support.file_server import FileServer, serving_files


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serving_files() as running:
        yield running


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits between two connections."""
    monkeypatch.setattr(http, "BACKOFF_S", 0.0)
