from __future__ import annotations

import os
import secrets

import pytest

SEED = pytest.StashKey[int]()
SUMMARY = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[SEED] = int(os.environ.get("FIRSTFRAME_CHAOS_SEED") or secrets.randbelow(2**32))
    config.stash[SUMMARY] = []


def pytest_report_header(config: pytest.Config) -> str:
    return f"FIRSTFRAME_CHAOS_SEED={config.stash[SEED]}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    terminalreporter.section(f"chaos, FIRSTFRAME_CHAOS_SEED={config.stash[SEED]}")
    for line in config.stash[SUMMARY]:
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def chaos_seed(pytestconfig: pytest.Config) -> int:
    return pytestconfig.stash[SEED]


@pytest.fixture(scope="session")
def summary(pytestconfig: pytest.Config) -> list[str]:
    return pytestconfig.stash[SUMMARY]
