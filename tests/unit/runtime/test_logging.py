from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import structlog

from firstframe.runtime import logging


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def test_json_lines_carry_service_level_time_and_what_is_bound(capsys: pytest.CaptureFixture[str]) -> None:
    logging.configure("upscaling", level="info", form="json")
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        structlog.get_logger().warning("slow", frames=3)
    line = json.loads(capsys.readouterr().err)
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "slow", "frames": 3, "level": "warning", "request_id": "r-1", "service": "upscaling"}


def test_exceptions_are_part_of_their_line(capsys: pytest.CaptureFixture[str]) -> None:
    logging.configure("upscaling", level="info", form="json")
    try:
        raise ValueError("why")
    except ValueError:
        structlog.get_logger().exception("failed")
    assert "ValueError: why" in json.loads(capsys.readouterr().err)["exception"]


@pytest.mark.parametrize(("level", "seen"), [("debug", True), ("info", False)])
def test_what_is_below_the_level_is_not_logged(capsys: pytest.CaptureFixture[str], level: str, seen: bool) -> None:
    logging.configure("upscaling", level=level, form="json")
    structlog.get_logger().debug("detail")
    assert bool(capsys.readouterr().err) is seen


def test_the_console_form_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    logging.configure("upscaling", level="info", form="console")
    structlog.get_logger().info("serving", port=1)
    printed = capsys.readouterr().err
    assert "serving" in printed
    assert not printed.startswith("{")
