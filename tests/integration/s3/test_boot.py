"""A service and its store may be started in any order."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.local_servers import Proxy, S3Server, running_proxy, running_s3
from support.processes import running_service

BUCKET = "bucket"
TOY = [sys.executable, str(Path(__file__).parents[2] / "support" / "toy_stage.py")]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[S3Server]:
    with running_s3(tmp_path / "server") as running:
        running.client().make_bucket(BUCKET)
        yield running


@pytest.fixture
def proxy(server: S3Server, tmp_path: Path) -> Iterator[Proxy]:
    with running_proxy(tmp_path / "proxy", server.endpoint) as running:
        yield running


def settings(server: S3Server, endpoint: str, bucket: str = BUCKET) -> dict[str, object]:
    return {
        "STORE__KIND": "s3",
        "STORE__S3_ENDPOINT": endpoint,
        "STORE__S3_BUCKET": bucket,
        "STORE__S3_ACCESS_KEY": server.access_key,
        "STORE__S3_SECRET_KEY": server.secret_key,
        "STORE__S3_SECURE": False,
    }


def wait_for(log: Path, words: str) -> None:
    for _ in range(600):
        if log.exists() and words in log.read_text():
            return
        time.sleep(0.05)
    raise AssertionError(f"{words!r} is not in the log:\n{log.read_text()}")


def test_a_service_waits_for_its_store(server: S3Server, proxy: Proxy, tmp_path: Path) -> None:
    proxy.cut()
    folder = tmp_path / "service"
    seen: list[bool] = []

    def mend() -> None:
        wait_for(folder / "service.log", "waiting for the store")
        seen.append((folder / "address.json").exists())
        proxy.join()

    mending = threading.Thread(target=mend)
    mending.start()
    with running_service(TOY, prefix="FIRSTFRAME_TOY_", folder=folder, env=settings(server, proxy.address)):
        mending.join(30)
        assert seen == [False], "it served before the store was there"


def test_a_bucket_that_is_missing_ends_the_service_with_the_reason(server: S3Server, tmp_path: Path) -> None:
    values = settings(server, server.endpoint, "nowhere")
    environment = {f"FIRSTFRAME_TOY_{name}": str(value) for name, value in values.items()}
    done = subprocess.run(TOY, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert "nowhere" in done.stderr
    assert "warming up" not in done.stdout
