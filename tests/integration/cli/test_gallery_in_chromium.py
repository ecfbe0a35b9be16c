"""The gallery opened from a folder in a real browser: it plays, filters, and throws nothing."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.cli.library import export

from ...unit.cli.conftest import Blobs, blobs, campaign

__all__ = ["blobs", "campaign"]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

PROBE = """
<script>
const errors = [];
addEventListener("error", (event) => errors.push(String(event.message || event.target.src)), true);
addEventListener("load", async () => {
  const videos = [...document.querySelectorAll("video")];
  const choose = (name, value) => {
    document.querySelector(`input[name="${name}"][value="${value}"]`).click();
    return videos.filter((video) => video.offsetParent !== null).map((video) => video.getAttribute("src"));
  };
  const found = {
    videos: videos.map((video) => [video.videoWidth, video.videoHeight, Math.round(video.duration * 10) / 10]),
    shapes: videos.map((video) => Math.round(100 * video.clientWidth / video.clientHeight) / 100),
    tiktok: choose("platform", "tiktok"),
    both: choose("format", "16:9"),
    nothing: !document.querySelector(".nothing").hidden,
    count: document.getElementById("count").textContent,
    wide: document.documentElement.scrollWidth <= innerWidth,
    errors,
  };
  document.body.dataset.found = JSON.stringify(found);
});
</script>
"""


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine (Debian: apt-get install chromium)")
@pytest.mark.parametrize("width", [1440, 420])
def test_the_gallery_in_a_browser(campaign: campaigns_pb2.Campaign, blobs: Blobs, tmp_path: Path, width: int) -> None:
    export(campaign, blobs, tmp_path / "out")
    page = (tmp_path / "out" / "index.html").read_text()
    (tmp_path / "out" / "probe.html").write_text(page.replace("<head>", f"<head>{PROBE}"))
    found = _open(tmp_path / "out" / "probe.html", tmp_path / "profile", width)
    assert found == {
        "videos": [[128, 72, 0.4], [72, 128, 0.4], [72, 128, 0.4]],
        "shapes": [1.78, 0.56, 0.56],
        "tiktok": ["videos/first-light_bottle_9x16_tiktok.mp4"],
        "both": [],
        "nothing": True,
        "count": "0 of 3",
        "wide": True,
        "errors": [],
    }


# In a frame, because a window of Chromium is never narrower than 500 pixels.
FRAME = """
<body><iframe src="narrow.html" style="border: 0; width: {width}px; height: 900px"></iframe>
<script>
addEventListener("message", (event) => {{ document.body.dataset.found = event.data; }});
</script>
"""
LAYOUT = """
<script>
addEventListener("load", async () => {
  const boxes = (selector) => [...document.querySelectorAll(selector)].map((item) => item.getBoundingClientRect());
  const captions = [...document.querySelectorAll('.card[data-format="9:16"] figcaption')];
  const found = {
    width: innerWidth,
    cut: boxes(".filters label").filter((box) => box.right > innerWidth || box.left < 0).length
      + [...document.querySelectorAll("fieldset")].filter((item) => item.scrollWidth > item.clientWidth).length,
    lines: [...new Set(captions.map((item) => Math.round(item.offsetHeight)))].length,
  };
  parent.postMessage(JSON.stringify(found), "*");
});
</script>
"""


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine (Debian: apt-get install chromium)")
@pytest.mark.parametrize("width", [420, 800, 1440])
def test_no_filter_is_cut_and_captions_of_one_format_have_as_many_lines(
    campaign: campaigns_pb2.Campaign, blobs: Blobs, tmp_path: Path, width: int
) -> None:
    tall = campaign.lanes[1]
    for platform in ("youtube-shorts", "instagram-stories"):
        tall.deliverables.add().CopyFrom(tall.deliverables[0])
        tall.deliverables[-1].platform, tall.deliverables[-1].file_name = platform, f"{platform}.mp4"
    export(campaign, blobs, tmp_path / "out")
    page = (tmp_path / "out" / "index.html").read_text()
    (tmp_path / "out" / "narrow.html").write_text(page.replace("<head>", f"<head>{LAYOUT}"))
    (tmp_path / "out" / "frame.html").write_text(FRAME.format(width=width))
    found = _open(tmp_path / "out" / "frame.html", tmp_path / "profile", 1600)
    assert found == {"width": width, "cut": 0, "lines": 1}


def _open(page: Path, profile: Path, width: int) -> dict[str, Any]:
    assert CHROMIUM is not None
    flags = (*FLAGS, f"--user-data-dir={profile}", f"--window-size={width},900", "--virtual-time-budget=5000")
    command = [CHROMIUM, *flags, "--dump-dom", page.as_uri()]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    match = re.search(r'data-found="([^"]*)"', ended.stdout)
    assert match, ended.stdout[-2000:]
    return dict(json.loads(unescape(match[1])))
