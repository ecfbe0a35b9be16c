from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.kube import ControlPlane


@pytest.fixture(scope="session")
def control_plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with ControlPlane(tmp_path_factory.mktemp("kube")) as made:
        yield made
