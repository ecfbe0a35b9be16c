"""What the planner knows of the packs of clips is what the packs say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[3] / "scripts" / "gen_clip_packs.py"


def test_the_table_is_as_the_packs_say() -> None:
    done = subprocess.run([sys.executable, str(SCRIPT), "--check"], check=False)
    assert done.returncode == 0, "models/packs has changed: run scripts/gen_clip_packs.py"
