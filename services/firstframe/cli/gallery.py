"""The gallery: one static page that plays a library from its folder, without a server or anything from elsewhere."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from firstframe.cli.checks import MARKS
from firstframe.cli.index import Index, motion_words

_SUMS = {"fail": "failed", "warn": "to look at", "pass": "passed", "skipped": "not made"}


@cache
def _template() -> Template:
    loader = PackageLoader("firstframe.cli", ".")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True).get_template(
        "gallery.html.j2"
    )


def render_gallery(index: Index) -> str:
    """The page. Every word of the brief in it is escaped; every link is relative."""
    return _template().render(
        index=index,
        sections=_sections(index),
        platforms={video["platform"]: video["platform_title"] for video in index["videos"]},
        formats=list(dict.fromkeys(lane["format"] for lane in index["lanes"])),
        sheets=[quote(path) for path in index["contact_sheet"]["files"]],
    )


def _sections(index: Index) -> list[dict[str, Any]]:
    """Heroes in the order of the brief, each with its cards."""
    return [
        {"hero": hero, "words": words, "cards": _cards(index, hero)}
        for hero, words in index["heroes"].items()
        if any(lane["hero"] == hero for lane in index["lanes"])
    ]


def _cards(index: Index, hero: str) -> list[dict[str, Any]]:
    lanes = [lane for lane in index["lanes"] if lane["hero"] == hero]
    several = any(lane["variation"] > 1 for lane in lanes)
    cards: list[dict[str, Any]] = []
    for lane in lanes:
        videos = [video for video in index["videos"] if video["lane"] == lane["lane"]]
        take = f"Take {lane['variation']}" if several else ""
        made = [_video_card(video, take) for video in videos] or [_lane_card(lane, take)]
        cards.extend({**card, "report": _report(lane)} for card in made)
    return cards


def _report(lane: dict[str, Any]) -> dict[str, Any] | None:
    """The checks of a lane, the gravest first; None when there are none."""
    if not lane["checks"]:
        return None
    order = list(MARKS)
    checks = sorted(lane["checks"], key=lambda check: order.index(check["verdict"]))
    counts = Counter(check["verdict"] for check in checks)
    words = ", ".join(f"{counts[verdict]} {_SUMS[verdict]}" for verdict in order if counts[verdict])
    return {
        "verdict": checks[0]["verdict"],
        "words": words,
        "checks": [{**check, "overlay_url": quote(check["overlay"] or "")} for check in checks],
    }


def _video_card(video: dict[str, Any], take: str) -> dict[str, Any]:
    size, _, pace = motion_words(video).partition(" · ")
    return {
        **video,
        "ratio": round(video["width"] / video["height"], 5),
        "take": take,
        "size": size,
        "pace": pace,
        "file_url": quote(video["file"]),
        "manifest_url": quote(video["manifest"]),
        "still_url": quote(video["still"]),
        "file_name": video["file"].rpartition("/")[2],
        "size_words": f"{video['size_bytes'] / 1e6:.1f} MB",
    }


def _lane_card(lane: dict[str, Any], take: str) -> dict[str, Any]:
    """A lane without a video: its still, when there is one, and what became of it."""
    width, height = lane["still_size"] or (1, 1)
    return {
        **lane,
        "file_url": "",
        "platform": "",
        "width": width,
        "height": height,
        "ratio": round(width / height, 5),
        "take": take,
        "still_url": quote(lane["still"] or ""),
        "state_words": lane["state"].replace("_", " "),
    }
