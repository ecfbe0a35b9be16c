"""The gallery shows what the index has, escapes what the brief says, and needs nothing from elsewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.cli.gallery import render_gallery
from firstframe.cli.index import build_index

from .conftest import Blobs


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def page(campaign: campaigns_pb2.Campaign) -> str:
    index: dict[str, Any] = {**build_index(campaign), "contact_sheet": {"files": {"contact-sheet.png": ""}}}
    return render_gallery(index)


def test_a_video_for_each_deliverable(campaign: campaigns_pb2.Campaign) -> None:
    videos = Page(page(campaign)).all("video")
    assert [video["src"] for video in videos] == [
        "videos/first-light_bottle_16x9_youtube.mp4",
        "videos/first-light_bottle_9x16_tiktok.mp4",
        "videos/first-light_bottle_9x16_instagram-reels.mp4",
    ]
    assert videos[0]["poster"] == "stills/bottle.1.16x9.png"
    assert all("controls" in video for video in videos)


def test_captions_tell_size_length_and_rate(campaign: campaigns_pb2.Campaign) -> None:
    text = page(campaign)
    assert "<span>128×72</span> <span>0.4 s · 30 fps</span>" in text
    assert "<strong>YouTube</strong>" in text


def test_filters_offer_what_there_is(campaign: campaigns_pb2.Campaign) -> None:
    inputs = [(item["name"], item["value"]) for item in Page(page(campaign)).all("input")]
    assert inputs == [
        ("platform", ""),
        ("platform", "youtube"),
        ("platform", "tiktok"),
        ("platform", "instagram-reels"),
        ("format", ""),
        ("format", "16:9"),
        ("format", "9:16"),
    ]


def test_words_of_the_brief_are_escaped(campaign: campaigns_pb2.Campaign) -> None:
    attack = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    campaign.brief.heroes[0].set.copy = attack
    campaign.lanes[0].error.message = attack
    del campaign.lanes[0].deliverables[:]
    text = page(campaign)
    parsed = Page(text)
    assert len(parsed.all("script")) == 1
    assert not [image for image in parsed.all("img") if image.get("src") == "x"]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_nothing_comes_from_elsewhere(campaign: campaigns_pb2.Campaign) -> None:
    text = page(campaign)
    assert not re.search(r"(https?:)?//[a-z]", text)
    assert "@import" not in text


def test_every_link_leads_to_a_file(campaign: campaigns_pb2.Campaign, blobs: Blobs, tmp_path: Path) -> None:
    from firstframe.cli.library import export

    export(campaign, blobs, tmp_path)
    parsed = Page((tmp_path / "index.html").read_text())
    links = [
        item.get(key) for tag, key in (("a", "href"), ("video", "src"), ("video", "poster")) for item in parsed.all(tag)
    ]
    missing = [link for link in links if link and not link.startswith("#") and not (tmp_path / link).is_file()]
    assert links
    assert missing == []
