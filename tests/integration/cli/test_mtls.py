"""The commands over mutual TLS with a real orchestrator, and what a person is told when the two do not agree."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import pytest

from firstframe.cli.home import ORCHESTRATOR, Home
from firstframe.runtime.tls import Certificates, TlsFiles, server_credentials
from support.certificates import Authority
from support.orchestrator import World, small_brief

STAGES = ("imagegen", "animation", "upscaling", "stitching")
SERVICES = (*STAGES, ORCHESTRATOR)
BRIEF = """\
campaign: first-light
seed: 7
heroes:
  - {name: bottle, set: {scene: studio, palette: amber-dusk, copy: First Light}}
formats: ["1:1"]
motion: {recipe: slow-push, seconds: 3, fps: 24}
deliver: [instagram-feed]
quality: draft
approval: auto
"""


def clean(**more: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("FIRSTFRAME_")}
    path = os.pathsep.join(folder for folder in sys.path if folder)
    return {**kept, "PYTHONPATH": path, "TERM": "dumb", **more}


def tls(service: str, files: TlsFiles, **more: str) -> dict[str, str]:
    values = {"CERTIFICATE": str(files.certificate), "KEY": str(files.key), "CA": str(files.ca), **more}
    return {f"FIRSTFRAME_{service.upper()}_TLS__{name}": value for name, value in values.items()}


def firstframe(settings: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "firstframe.cli.main", *words]
    return subprocess.run(command, env=clean(**settings), capture_output=True, text=True, timeout=100, check=False)


class Secured:
    """An orchestrator that speaks TLS, and who calls it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority = Authority(folder / "authority")
        self.own = self.authority.issue(folder / "own", "DNS:orchestrator.firstframe.svc")
        self.client = self.caller("client", "DNS:client.firstframe.svc")
        self.world = World(folder)

    def caller(self, folder: str, name: str, authority: Authority | None = None) -> TlsFiles:
        return (authority or self.authority).issue(self.folder / folder, name, usage="clientAuth")

    async def open(self) -> None:
        stages = self.authority.issue(self.folder / "stages", *(f"DNS:{stage}.firstframe.svc" for stage in STAGES))
        await self.world.start_fakes(server_credentials(Certificates(stages)))
        own = {"TLS__CERTIFICATE": self.own.certificate, "TLS__KEY": self.own.key, "TLS__CA": self.own.ca}
        await self.world.open(fakes=False, **{name: str(path) for name, path in own.items()})

    async def run(self, settings: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
        named = {"FIRSTFRAME_CLI_ORCHESTRATOR": self.world.orchestrator.address, **settings}
        return await asyncio.to_thread(firstframe, named, *words)


@pytest.fixture
async def secured(tmp_path: Path) -> AsyncIterator[Secured]:
    made = Secured(tmp_path)
    try:
        await made.open()
        yield made
    finally:
        await made.world.close()


async def test_commands_ask_an_orchestrator_over_mutual_tls(secured: Secured) -> None:
    own = tls("cli", secured.client)
    ended = await secured.run(own, "status", "--json")
    assert (ended.returncode, json.loads(ended.stdout)) == (0, {"campaigns": []}), ended.stderr
    missing = await secured.run(own, "cancel", "second-light")
    assert missing.returncode == 2
    assert "CAMPAIGN_NOT_FOUND" in missing.stderr
    assert not (secured.folder / ".firstframe").exists()


async def test_an_orchestrator_of_a_strange_ca(secured: Secured) -> None:
    other = Authority(secured.folder / "other-authority")
    stranger = secured.caller("stranger", "DNS:client.firstframe.svc", other)
    mixed = TlsFiles(stranger.certificate, stranger.key, stranger.ca)
    ended = await secured.run(tls("cli", mixed), "status")
    assert ended.returncode == 2, ended.stderr
    assert ended.stderr.startswith("error: FIRSTFRAME_CLI_TLS__CA: the certificate of 127.0.0.1:"), ended.stderr
    assert "use the CA that the orchestrator's certificate comes from [TLS_REFUSED]" in ended.stderr


async def test_an_orchestrator_that_does_not_know_the_callers_ca(secured: Secured) -> None:
    other = Authority(secured.folder / "other-authority")
    stranger = secured.caller("stranger", "DNS:client.firstframe.svc", other)
    both = secured.folder / "both.crt"
    both.write_bytes(stranger.ca.read_bytes() + secured.own.ca.read_bytes())
    ended = await secured.run(tls("cli", TlsFiles(stranger.certificate, stranger.key, both)), "status", "--json")
    assert ended.returncode == 2, ended.stderr
    assert "FIRSTFRAME_CLI_TLS__CERTIFICATE" in ended.stderr
    assert "refuses the certificate" in ended.stderr
    event = json.loads(ended.stdout)
    assert (event["reason"], event["field"]) == ("TLS_REFUSED", "FIRSTFRAME_CLI_TLS__CERTIFICATE")


async def test_a_name_that_may_not_call(secured: Secured) -> None:
    ended = await secured.run(tls("cli", secured.caller("stage", "DNS:imagegen.firstframe.svc")), "status")
    assert ended.returncode == 2, ended.stderr
    assert "the caller's certificate names imagegen.firstframe.svc" in ended.stderr
    assert "set FIRSTFRAME_CLI_TLS__CERTIFICATE to such a certificate [CALLER_NOT_ALLOWED" in ended.stderr


async def test_an_orchestrator_of_another_release(secured: Secured) -> None:
    ended = await secured.run(tls("cli", secured.client, DOMAIN="staging.svc"), "status")
    assert ended.returncode == 2, ended.stderr
    assert "FIRSTFRAME_CLI_TLS__DOMAIN: the certificate of 127.0.0.1:" in ended.stderr
    assert "does not name orchestrator.staging.svc" in ended.stderr


async def test_a_caller_without_tls(secured: Secured) -> None:
    ended = await secured.run({}, "status")
    assert ended.returncode == 2, ended.stderr
    assert "error: FIRSTFRAME_CLI_TLS__CERTIFICATE: is not set, and 127.0.0.1:" in ended.stderr


async def test_files_that_are_missing(secured: Secured) -> None:
    gone = TlsFiles(secured.folder / "gone.crt", secured.client.key, secured.client.ca)
    ended = await secured.run(tls("cli", gone), "status")
    assert ended.returncode == 2, ended.stderr
    assert f"FIRSTFRAME_CLI_TLS: {gone.certificate}: cannot be read: No such file or directory" in ended.stderr
    ended = await secured.run({"FIRSTFRAME_CLI_TLS__CA": str(secured.client.ca)}, "status")
    assert ended.returncode == 2, ended.stderr
    assert "mutual TLS needs certificate, key as well" in ended.stderr


async def test_an_orchestrator_without_tls(tmp_path: Path) -> None:
    world = World(tmp_path)
    try:
        await world.open()
        client = Authority(tmp_path / "authority").issue(tmp_path / "client", "DNS:client.firstframe.svc")
        settings = {"FIRSTFRAME_CLI_ORCHESTRATOR": world.orchestrator.address}
        ended = await asyncio.to_thread(firstframe, settings | tls("cli", client), "status")
        assert ended.returncode == 2, ended.stderr
        assert "speaks no TLS" in ended.stderr
        await world.create(small_brief())
        ended = await asyncio.to_thread(firstframe, settings, "status")
        assert "test-" in ended.stdout
        brief = tmp_path / "brief.yaml"
        brief.write_text(BRIEF)
        ended = await asyncio.to_thread(firstframe, settings, "run", str(brief), "--out", str(tmp_path / "out"))
        assert ended.returncode == 2, ended.stderr
        assert "FIRSTFRAME_CLI_STORE__KIND: is not set" in ended.stderr
    finally:
        await world.close()


@contextlib.contextmanager
def up(settings: Mapping[str, str], home: Home) -> Iterator[str]:
    """The whole local stack; its orchestrator's address."""
    command = [sys.executable, "-m", "firstframe.cli.main", "up"]
    environment = clean(**settings, FIRSTFRAME_HOME=str(home.folder))
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            end = time.monotonic() + 60
            while (address := home.address(ORCHESTRATOR)) is None:
                assert process.poll() is None
                assert time.monotonic() < end
                time.sleep(0.05)
            yield address
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 130
        finally:
            process.kill()


def test_a_brief_becomes_videos_over_mutual_tls(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    own = {name: authority.issue(tmp_path / name, f"DNS:{name}.firstframe.svc") for name in SERVICES}
    client = tls("cli", authority.issue(tmp_path / "client", "DNS:client.firstframe.svc", usage="clientAuth"))
    brief, home = tmp_path / "brief.yaml", Home(tmp_path / "home")
    brief.write_text(BRIEF)
    services = {key: value for name, files in own.items() for key, value in tls(name, files).items()}
    with up(services, home) as address:
        here = firstframe({"FIRSTFRAME_HOME": str(home.folder), **client}, "status", "--json")
        assert json.loads(here.stdout) == {"campaigns": []}, here.stderr
        far = {"FIRSTFRAME_CLI_ORCHESTRATOR": address, "FIRSTFRAME_CLI_STORE__FOLDER": str(home.store), **client}
        ended = firstframe(far, "run", str(brief), "--out", str(tmp_path / "out"))
        assert ended.returncode == 0, ended.stdout + ended.stderr
    assert (tmp_path / "out" / "videos" / "first-light_bottle_1x1_instagram-feed.mp4").is_file()
