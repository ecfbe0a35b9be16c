"""The index of a library: what `library.json` says and the gallery shows. A pure function of the campaign."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.cli.checks import check_document
from firstframe.cli.progress import campaign_word, state_word
from firstframe.core.delivery import PLATFORMS

LIBRARY_VERSION = 1

Index = dict[str, Any]
"""A JSON object."""


def still_path(lane: campaigns_pb2.Lane) -> str:
    """Where a lane's still is in the library."""
    return f"stills/{lane.lane}.png"


def video_path(item: campaigns_pb2.Deliverable) -> str:
    """Where a deliverable is in the library."""
    return f"videos/{item.file_name}"


def manifest_path(item: campaigns_pb2.Deliverable) -> str:
    """Where a deliverable's manifest is in the library."""
    return f"manifests/{item.file_name.removesuffix('.mp4')}.json"


def build_index(campaign: campaigns_pb2.Campaign) -> Index:
    """Everything that a person or a program asks of a library. Same campaign, same index."""
    brief = campaign.brief
    return {
        "library": LIBRARY_VERSION,
        "campaign": brief.campaign,
        "name": campaign.name,
        "state": campaign_word(campaign.state),
        "visibility": "public" if brief.visibility == campaigns_pb2.VISIBILITY_PUBLIC else "private",
        "brief_digest": campaign.brief_digest,
        "plan_digest": campaign.plan_digest,
        "recipe": brief.motion.recipe,
        "heroes": {hero.name: _hero_words(hero) for hero in brief.heroes},
        "lanes": [_lane(lane) for lane in campaign.lanes],
        "videos": [_video(lane, item) for lane in campaign.lanes for item in lane.deliverables],
    }


def _hero_words(hero: campaigns_pb2.HeroBrief) -> str:
    if hero.WhichOneof("source") == "photograph":
        return "photograph"
    words = (f"{hero.set.scene} in {hero.set.palette}", f"“{hero.set.copy}”" if hero.set.copy else "")
    return " · ".join(word for word in words if word)


def _lane(lane: campaigns_pb2.Lane) -> Index:
    return {
        "lane": lane.lane,
        "hero": lane.hero_name,
        "variation": lane.variation,
        "format": lane.format,
        "state": state_word(lane.state),
        "still": still_path(lane) if lane.hero.image.digest else None,
        "still_size": [lane.hero.size.width_px, lane.hero.size.height_px] if lane.hero.image.digest else None,
        "take": lane.take,
        "findings": [finding.message for finding in lane.hero.findings],
        "checks": [check_document(lane, check) for check in lane.preflight.checks],
        "note": lane.approval.note,
        "reason": lane.error.reason,
        "message": lane.error.message,
    }


def _video(lane: campaigns_pb2.Lane, item: campaigns_pb2.Deliverable) -> Index:
    rate = item.frame_rate.numerator / max(item.frame_rate.denominator, 1)
    return {
        "file": video_path(item),
        "manifest": manifest_path(item),
        "still": still_path(lane),
        "lane": lane.lane,
        "hero": lane.hero_name,
        "variation": lane.variation,
        "format": lane.format,
        "platform": item.platform,
        "platform_title": PLATFORMS[item.platform].title if item.platform in PLATFORMS else item.platform,
        "width": item.size.width_px,
        "height": item.size.height_px,
        "frames_per_second": round(rate, 3),
        "seconds": round(item.frame_count / rate, 3) if rate else 0,
        "frame_count": item.frame_count,
        "digest": item.video.digest,
        "size_bytes": item.video.size_bytes,
    }


def motion_words(video: Mapping[str, Any]) -> str:
    """Size, length and rate of a video for a caption."""
    size = f"{video['width']}×{video['height']}"
    return f"{size} · {video['seconds']:g} s · {video['frames_per_second']:g} fps"
