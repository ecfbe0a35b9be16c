"""`firstframe run` with real stages, traced from the command to the store."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from support.campaign_run import ROOT
from support.otlp import Collector, Span

BRIEF = """\
campaign: zebrafish
seed: 7
heroes:
  - {name: walrus, set: {scene: studio, palette: amber-dusk, copy: Quixotic, tagline: marmalade}}
formats: ["1:1", "9:16"]
motion: {recipe: slow-push, seconds: 3, fps: 24, prompt: drifting nebula}
deliver: [instagram-feed, tiktok]
quality: draft
approval: auto
"""
WORDS = ("zebrafish", "walrus", "quixotic", "marmalade", "nebula")
CLIENT, SERVER = 3, 2


def run(folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    brief = folder / "brief.yaml"
    brief.write_text(BRIEF)
    command = [sys.executable, "-m", "firstframe.cli.main", "run", str(brief), "--out", str(folder / "out")]
    return subprocess.run(
        command, cwd=ROOT, env={**environment}, capture_output=True, text=True, timeout=110, check=False
    )


def test_a_campaign_from_the_command_to_the_store(tmp_path: Path, traced: Mapping[str, str]) -> None:
    with Collector() as collector:
        home = {"FIRSTFRAME_HOME": str(tmp_path / "home"), "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint}
        ended = run(tmp_path, {**traced, **home})
        assert ended.returncode == 0, ended.stdout + ended.stderr
        spans = collector.until(lambda spans: any(span.name == "firstframe run" for span in spans))
        text = collector.text()

    by_id = {span.id: span for span in spans}
    (root,) = [span for span in spans if span.name == "firstframe run"]
    assert (root.service, root.parent, root.failed, root.attributes["process.exit.code"]) == ("cli", "", False, 0)
    lanes = [span for span in spans if span.name == "lane"]
    assert {lane.attributes["firstframe.lane.format"] for lane in lanes} == {"1:1", "9:16"}
    assert {lane.links for lane in lanes} == {(root.trace,)}
    assert {span.trace for span in spans} == {root.trace, *(lane.trace for lane in lanes)}
    assert [span for span in spans if span.parent and span.parent not in by_id] == []
    for lane in lanes:
        _is_whole([span for span in spans if span.trace == lane.trace], by_id)
    for word in WORDS:
        assert word not in text


def _is_whole(spans: list[Span], by_id: Mapping[str, Span]) -> None:
    """Each stage has its call, the server's side of it, the work below, and below that phases and what was written."""
    served = [span for span in spans if span.kind == SERVER]
    assert {span.service for span in served} >= {"imagegen", "animation", "stitching"}
    for span in served:
        call = by_id[span.parent]
        assert (call.service, call.kind, call.name) == ("orchestrator", CLIENT, span.name)
        assert span.attributes["rpc.response.status_code"] == "OK"
        (work,) = [item for item in spans if item.parent == span.id and item.name == f"{span.service} work"]
        assert work.attributes["firstframe.engine.name"]
        below = {item.name for item in spans if item.parent == work.id}
        assert "store put" in below
        assert below - {"store put", "store get"}


def test_nothing_of_traces_is_loaded_or_sent_without_a_collector(tmp_path: Path, traced: Mapping[str, str]) -> None:
    code = "import sys; from firstframe.runtime import tracing; tracing.start('x'); print(sorted(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], env={**traced}, capture_output=True, text=True, check=True)
    assert "opentelemetry.sdk.trace" in found.stdout
    assert "opentelemetry.exporter" not in found.stdout
