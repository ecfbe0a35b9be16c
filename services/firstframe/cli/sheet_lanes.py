"""From a library's index to what its contact sheet shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from firstframe.cli.index import Index, motion_words
from firstframe.cli.sheet_layout import SheetLane


def sheet_heading(index: Index) -> str:
    """The line under the title."""
    formats = list(dict.fromkeys(lane["format"] for lane in index["lanes"]))
    words = (_count(len(index["heroes"]), "hero", "heroes"), _count(len(index["videos"]), "video", "videos"))
    return " · ".join((*words, ", ".join(formats), index["recipe"]))


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def sheet_lanes(index: Index, folder: Path) -> list[SheetLane]:
    """Lanes that have a still, in the order of the plan."""
    takes = {lane["hero"] for lane in index["lanes"] if lane["variation"] > 1}
    return [_lane(lane, index, folder, lane["hero"] in takes) for lane in index["lanes"] if lane["still"]]


def _lane(lane: dict[str, Any], index: Index, folder: Path, several: bool) -> SheetLane:
    videos = [video for video in index["videos"] if video["lane"] == lane["lane"]]
    width, height = lane["still_size"]
    title = f"{lane['format']} · take {lane['variation']}" if several else lane["format"]
    clip = folder / videos[0]["file"] if videos else None
    return SheetLane(
        lane["hero"], lane["variation"], title, width / height, folder / lane["still"], clip, _notes(lane, videos)
    )


def _notes(lane: dict[str, Any], videos: list[dict[str, Any]]) -> tuple[str, ...]:
    checks = filter(None, map(_named_checks, ("fail", "warn"), (lane, lane)))
    if not videos:
        return (lane["state"].replace("_", " "), *checks)
    return (motion_words(videos[0]), ", ".join(video["platform_title"] for video in videos), *checks)


def _named_checks(verdict: str, lane: dict[str, Any]) -> str:
    """Checks that ended so, by their titles."""
    titles = [check["title"].lower() for check in lane["checks"] if check["verdict"] == verdict]
    words = "fails" if verdict == "fail" else "look at"
    return f"{words}: {', '.join(titles)}" if titles else ""
