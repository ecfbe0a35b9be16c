"""`firstframe stills` with every real service: a signal cancels its drafts, and the next start goes on with what is made."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]

BRIEF = """\
campaign: alike
seed: 7
template:
  name: serum
  set: {palette: amber-dusk, copy: Dew}
  vary: {scene: [studio, stone, water, dune]}
formats: ["4:5"]
motion: {recipe: slow-push}
deliver: [instagram-feed]
"""
FIRSTFRAME = (sys.executable, "-m", "firstframe.cli.main")


def environment(home: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("FIRSTFRAME_")}
    path = os.pathsep.join(folder for folder in sys.path if folder)
    return {**kept, "PYTHONPATH": path, "FIRSTFRAME_HOME": str(home)}


def firstframe(home: Path, *words: str) -> list[dict[str, Any]]:
    told = subprocess.run([*FIRSTFRAME, *words], env=environment(home), stdout=subprocess.PIPE, text=True, check=True)
    return (
        [json.loads(line) for line in told.stdout.splitlines()] if words[0] == "stills" else [json.loads(told.stdout)]
    )


def interrupted(home: Path, words: tuple[str, ...], number: signal.Signals) -> tuple[set[str], str]:
    """Interrupts the command once a still is made; the stills that were, and the last state of the campaign."""
    made: set[str] = set()
    state = ""
    with subprocess.Popen([*FIRSTFRAME, *words], env=environment(home), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            for event in map(json.loads, process.stdout):
                if (event.get("stage"), event.get("state")) == ("still", "succeeded"):
                    made.add(event["lane"].partition(".")[0])
                    process.send_signal(number)
                state = event["state"] if event["event"] == "campaign" else state
            assert process.wait(60) == 130
        finally:
            process.kill()
    return made, state


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_second_start_goes_on_with_the_stills_that_are_made(tmp_path: Path, number: signal.Signals) -> None:
    brief, home = tmp_path / "brief.yaml", tmp_path / "home"
    brief.write_text(BRIEF)
    words = ("stills", str(brief), "--out", str(tmp_path / "out"), "--json")
    made, state = interrupted(home, words, number)
    assert 0 < len(made) < 4, "it was interrupted midway"
    assert state == "cancelled"
    listed = firstframe(home, "status", "--json")[0]["campaigns"]
    assert [item["state"] for item in listed] == ["CAMPAIGN_STATE_CANCELLED"]

    assert firstframe(home, *words)[-1]["stills"] == 4
    lanes = firstframe(home, "status", "alike-stills", "--json")[0]["lanes"]
    kept = {lane["hero_name"] for lane in lanes if lane["steps"][0]["provenance"].get("cached", False)}
    assert made <= kept
    assert len(kept) < 4
