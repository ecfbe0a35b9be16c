"""`firstframe serve triton` over installed packs."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from firstframe.adapters.triton import TritonInference
from firstframe.adapters.triton.repository import read_repository
from firstframe.core.errors import Unavailable
from support.installed_packs import install_add
from support.local_servers import free_port
from support.triton import require_triton

COMMAND = "import typer; from firstframe.cli.commands.triton import serve_triton; typer.run(serve_triton)"
PARENT = f"""
import os, subprocess, sys, time
environment = os.environ | {{"FIRSTFRAME_TRITON_PARENT_PID": str(os.getpid())}}
child = subprocess.Popen([sys.executable, "-c", {COMMAND!r}, *sys.argv[1:]], env=environment)
child.wait()
"""
ROW = np.ones((1, 3), np.float32)
START_SECONDS = 60


def arguments(folder: Path, grpc_port: int, metrics_port: int) -> list[str]:
    ports = ["--grpc-port", str(grpc_port), "--metrics-port", str(metrics_port)]
    return ["--home", str(folder / "home"), "--packs", str(folder / "packs"), *ports]


async def answer(port: int) -> list[list[float]]:
    inference = TritonInference(f"127.0.0.1:{port}")
    try:
        async with asyncio.timeout(START_SECONDS):
            while True:
                try:
                    found = await inference.infer("adder", {"a": ROW, "b": ROW}, deadline_s=10)
                except Unavailable:
                    await asyncio.sleep(0.1)
                else:
                    values: list[list[float]] = found["c"].tolist()
                    return values
    finally:
        await inference.close()


@contextmanager
def started(program: str, *given: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", program, *given]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    require_triton()
    install_add(tmp_path, "adder")
    install_add(tmp_path, "other")
    return tmp_path


async def test_installed_packs_are_served_until_sigterm(packs: Path) -> None:
    grpc_port, metrics_port = free_port(), free_port()
    with started(COMMAND, *arguments(packs, grpc_port, metrics_port), "--model", "adder") as server:
        assert await answer(grpc_port) == [[2, 2, 2]]
        inference = TritonInference(f"127.0.0.1:{grpc_port}")
        assert await inference.ready() == {"adder", "canary"}
        await inference.close()
        assert listens(metrics_port)

        server.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(server.wait, 60) == 0


async def test_the_server_ends_with_its_parent(packs: Path) -> None:
    grpc_port, metrics_port = free_port(), free_port()
    with started(PARENT, *arguments(packs, grpc_port, metrics_port)):
        assert await answer(grpc_port) == [[2, 2, 2]]

    deadline = time.monotonic() + 60
    while listens(grpc_port) and time.monotonic() < deadline:
        await asyncio.sleep(0.1)
    assert not listens(grpc_port)


def test_a_repository_can_be_written_for_another_machine(packs: Path) -> None:
    command = [sys.executable, "-c", COMMAND, *arguments(packs, 1, 2)]
    target = packs / "elsewhere"

    subprocess.run([*command, "--write-only", "--repository", target], check=True, env=os.environ, timeout=100)

    assert read_repository(target) == ("adder", "canary", "other")
    assert not any(path.is_symlink() for path in target.rglob("*"))
