"""What the planner knows of the packs of clips is what the packs say."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from firstframe.core.motion import EffectKind
from firstframe.packs.catalogue import CHECKOUT, read_catalogue
from firstframe.packs.spec import EffectOf

SCRIPT = Path(__file__).parents[3] / "scripts" / "gen_clip_packs.py"


def test_the_table_is_as_the_packs_say() -> None:
    done = subprocess.run([sys.executable, str(SCRIPT), "--check"], check=False)
    assert done.returncode == 0, "models/packs has changed: run scripts/gen_clip_packs.py"


def test_the_effect_of_a_pack_is_in_the_table() -> None:
    """Without it, a clip of people would be planned without asking for their consent."""
    spec = spec_from_file_location("gen_clip_packs", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    script = module_from_spec(spec)
    spec.loader.exec_module(script)
    wan = next(pack for pack in read_catalogue(CHECKOUT) if pack.pack == "wan22-a14b")
    found: dict[str, Any] = {}
    exec(script.written([wan.model_copy(update={"effect": EffectOf(kind="hug", words="hugs")})]), found)
    assert found["CLIP_PACKS"]["wan22-a14b"].effect is EffectKind.HUG
    exec(script.written([wan]), found)
    assert found["CLIP_PACKS"]["wan22-a14b"].effect is None
