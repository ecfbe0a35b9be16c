"""`firstframe stills` against a real orchestrator; the stage paints what stands for a still."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from google.protobuf.message import Message
from PIL import Image

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.api.media.v1 import artifact_pb2
from support.orchestrator import World

BRIEF = """\
campaign: alike
seed: 7
template:
  name: rock
  set: {copy: Dew}
  vary: {scene: [studio, stone], palette: [amber-dusk, sage-noon], seeds: [1, 2, 3]}
  count: 8
formats: ["4:5"]
motion: {recipe: slow-push}
deliver: [instagram-feed]
"""


def painted(request: imagegen_pb2.GenerateHeroRequest) -> bytes:
    """Odd seeds look the same, as two seeds of one set may."""
    key = f"{request.set.scene} {request.set.palette} {request.seed % 2}"
    small = np.random.default_rng(list(key.encode())).uniform(0, 255, (6, 5, 3)).astype(np.float32)
    picture = np.clip(cv2.resize(small, (72, 90), interpolation=cv2.INTER_CUBIC), 0, 255).astype(np.uint8)
    data = io.BytesIO()
    Image.fromarray(picture).save(data, "PNG")
    return data.getvalue()


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    made = World(tmp_path)
    plain = made.fake._artifact

    def artifact(request: Any, media_type: str, more: bytes = b"") -> artifact_pb2.ArtifactRef:
        if not isinstance(request, imagegen_pb2.GenerateHeroRequest):
            return plain(request, media_type, more)
        stored = made.store.put_bytes(painted(request), "image/png")
        return artifact_pb2.ArtifactRef(digest=stored.digest, media_type="image/png", size_bytes=stored.size_bytes)

    monkeypatch.setattr(made.fake, "_artifact", artifact)
    await made.open()
    yield made
    await made.close()


def command(brief: Path, out: Path) -> list[str]:
    return [sys.executable, "-m", "firstframe.cli.main", "stills", str(brief), "--out", str(out), "--json"]


def environment(**more: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("FIRSTFRAME_")}
    return {**kept, "PYTHONPATH": os.pathsep.join(folder for folder in sys.path if folder), **more}


def environment_of(world: World) -> dict[str, str]:
    return environment(
        FIRSTFRAME_CLI_ORCHESTRATOR=world.orchestrator.address,
        FIRSTFRAME_CLI_STORE__FOLDER=str(world.folder / "store"),
    )


def events_of(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


async def stills(world: World, brief: Path, out: Path) -> tuple[int, list[dict[str, Any]]]:
    ended = await asyncio.to_thread(
        subprocess.run,
        command(brief, out),
        env=environment_of(world),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return ended.returncode, events_of(ended.stdout)


async def states(world: World) -> set[int]:
    request = campaigns_pb2.ListCampaignsRequest(parent="projects/local")
    listed = await world.stub().ListCampaigns(request, timeout=30)
    return {item.state for item in listed.campaigns}


async def test_lookalikes_are_replaced_and_nothing_moves(world: World, tmp_path: Path) -> None:
    brief, out = tmp_path / "brief.yaml", tmp_path / "out"
    brief.write_text(BRIEF)
    code, events = await stills(world, brief, out)
    replaced = [event for event in events if event["event"] == "replaced"]
    assert code == 0, events
    assert replaced
    assert all((event["hash_bits"], event["by"] > 8) == (0, True) for event in replaced)
    assert (events[-1]["stills"], events[-1]["alike"], events[-1]["missing"]) == (8, [], 0)
    assert len(list((out / "stills").iterdir())) == 8
    assert (out / "variations.png").is_file()
    assert world.fake.count("animation") == world.fake.count("stitching") == 0
    assert await states(world) == {campaigns_pb2.CAMPAIGN_STATE_CANCELLED}

    picks = brief.with_name("brief.picks.yaml").read_text()
    made = {path.name: path.read_bytes() for path in (out / "stills").iterdir()}
    assert (await stills(world, brief, out))[0] == 0
    assert brief.with_name("brief.picks.yaml").read_text() == picks
    assert {path.name: path.read_bytes() for path in (out / "stills").iterdir()} == made


async def test_more_takes_than_looks_end_in_one(world: World, tmp_path: Path) -> None:
    brief = tmp_path / "brief.yaml"
    brief.write_text(BRIEF.replace("count: 8", "count: 12"))
    code, events = await stills(world, brief, tmp_path / "out")
    assert (code, events[-1]["exit_code"], len(events[-1]["alike"])) == (1, 1, 4)


async def test_a_brief_without_a_template_is_bad_input(world: World, tmp_path: Path) -> None:
    brief = tmp_path / "brief.yaml"
    a, b = BRIEF.index("template:"), BRIEF.index("formats:")
    brief.write_text(BRIEF[:a] + "heroes: [{name: a, set: {scene: stone, palette: sage-noon, copy: A}}]\n" + BRIEF[b:])
    code, events = await stills(world, brief, tmp_path / "out")
    assert (code, events[-1]["event"]) == (2, "error")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_an_interrupted_command_cancels_its_drafts(world: World, tmp_path: Path, number: signal.Signals) -> None:
    brief, out = tmp_path / "brief.yaml", tmp_path / "out"
    brief.write_text(BRIEF)
    held, signalled = asyncio.Event(), asyncio.Event()

    async def hold(stage: str, _request: Message, _context: Any) -> None:
        if stage == "imagegen" and world.fake.count("imagegen") > 3:
            held.set()
            await signalled.wait()

    world.fake.before, world.fake.slots = hold, 1
    process = await asyncio.create_subprocess_exec(
        *command(brief, out), env=environment_of(world), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        await asyncio.wait_for(held.wait(), 60)
        process.send_signal(number)
        told, said = await asyncio.wait_for(process.communicate(), 60)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    assert process.returncode == 130
    events = events_of(told.decode())
    assert [event["event"] for event in events[-2:]] == ["campaign", "interrupted"]
    assert events[-2]["state"] == "cancelled"
    assert f"the drafts are cancelled ({events[-2]['name'].rpartition('/')[2]})" in said.decode()
    assert "run the same command again" in said.decode()
    assert await states(world) == {campaigns_pb2.CAMPAIGN_STATE_CANCELLED}
    assert not list(out.iterdir())
    assert not brief.with_name("brief.picks.yaml").exists()

    signalled.set()
    code, events = await stills(world, brief, out)
    assert (code, events[-1]["stills"]) == (0, 8)


def test_drafts_are_cancelled_when_a_service_is_given_up(tmp_path: Path) -> None:
    brief, home = tmp_path / "brief.yaml", tmp_path / "home"
    brief.write_text(BRIEF)
    settings = environment(FIRSTFRAME_HOME=str(home), FIRSTFRAME_IMAGEGEN_LOG_LEVEL="none")
    ended = subprocess.run(
        command(brief, tmp_path / "out"), env=settings, capture_output=True, text=True, timeout=100, check=False
    )
    cancelled, failed = events_of(ended.stdout)[-2:]
    assert (ended.returncode, failed["reason"], cancelled["state"]) == (2, "BAD_SETTINGS", "cancelled")
    status = [sys.executable, "-m", "firstframe.cli.main", "status", "--json"]
    told = subprocess.run(status, env=settings, capture_output=True, text=True, timeout=100, check=True)
    assert [item["state"] for item in json.loads(told.stdout)["campaigns"]] == ["CAMPAIGN_STATE_CANCELLED"]
