"""The real Prometheus on loopback."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from support.local_servers import free_port
from support.tools import require_tool

START_S = 60


class Prometheus:
    """A server that scrapes what it was told to.

    Args:
        address: `host:port`.
    """

    def __init__(self, address: str) -> None:
        self.address = address

    def query(self, expression: str) -> list[dict[str, Any]]:
        """Series of an instant query.

        Raises:
            AssertionError: The server refuses it.
        """
        url = f"http://{self.address}/api/v1/query?{urllib.parse.urlencode({'query': expression})}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                found: list[dict[str, Any]] = json.load(answer)["data"]["result"]
                return found
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{expression}: {error.read().decode()}") from None


@contextmanager
def running_prometheus(
    folder: Path, targets: Mapping[str, str], *, labels: Mapping[str, str] | None = None
) -> Iterator[Prometheus]:
    """Scrapes targets (job by name, `host:port`) every second."""
    program, port = require_tool("prometheus"), free_port()
    jobs = [
        {"job_name": job, "static_configs": [{"targets": [target], "labels": dict(labels or {})}]}
        for job, target in targets.items()
    ]
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "prometheus.yml"
    config.write_text(yaml.safe_dump({"global": {"scrape_interval": "1s"}, "scrape_configs": jobs}))
    command = [
        str(program),
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _await(f"http://127.0.0.1:{port}/-/ready", folder / "prometheus.log")
            yield Prometheus(f"127.0.0.1:{port}")
        finally:
            process.terminate()
            process.wait(30)


def _await(url: str, log: Path) -> None:
    end = time.monotonic() + START_S
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            assert time.monotonic() < end, log.read_text()[-2000:]
            time.sleep(0.1)
