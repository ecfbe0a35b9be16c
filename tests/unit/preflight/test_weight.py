"""The preflight loads nothing that the image stage has not got."""

from __future__ import annotations

import subprocess
import sys


def test_neither_compiler_nor_codec_is_loaded() -> None:
    code = "import sys, firstframe.preflight.run, firstframe.preflight.sheet; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "cv2" in told
    assert not {"numba", "av", "mitsuba", "scipy", "skimage", "torch", "rich", "typer"} & set(told)
