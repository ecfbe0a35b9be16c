"""One stage service in a process of its own, as it runs in production, over a store in a folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

from firstframe.adapters.local_folder import LocalFolderStore

START_SECONDS = 60
STOP_SECONDS = 30


class StageProcess:
    """Serves `firstframe.<stage>.app` while the block runs."""

    def __init__(self, stage: str, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.store = LocalFolderStore(folder / "store")
        self.scratch = folder / "scratch"
        self.address = ""
        self.metrics = ""
        self._stage = stage
        self._log = folder / f"{stage}.log"
        self._announced = folder / f"{stage}.json"
        values = {
            "STORE__FOLDER": str(folder / "store"),
            "SCRATCH_DIR": str(self.scratch),
            "ADDRESS_FILE": str(self._announced),
            **settings,
        }
        self._environment = {f"FIRSTFRAME_{stage.upper()}_{name}": value for name, value in values.items()}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> StageProcess:
        code = f"import asyncio; from firstframe.{self._stage}.app import main; asyncio.run(main())"
        with self._log.open("wb") as log:
            command = [sys.executable, "-c", code]
            self._process = subprocess.Popen(command, env={**os.environ, **self._environment}, stdout=log, stderr=log)
        end = time.monotonic() + START_SECONDS
        while not self._announced.exists():
            if self._process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"{self._stage} did not start: {self._log.read_text()}")
            time.sleep(0.02)
        bound = json.loads(self._announced.read_text())
        self.address, self.metrics = bound["grpc"], bound["metrics"]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        finally:
            self._process.kill()
            self._process.wait()
