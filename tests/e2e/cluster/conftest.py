"""One cluster and one release for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.real_cluster import Cluster, install_local, real_cluster


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with real_cluster(tmp_path_factory.mktemp("real") / "state") as found:
        install_local(found)
        yield found
