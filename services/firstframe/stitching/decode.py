"""Requests decoded and checked, before anything is read or a slot is taken."""

from __future__ import annotations

from dataclasses import dataclass

from firstframe.api.stitching.v1 import stitching_pb2
from firstframe.core.delivery import platform_named
from firstframe.core.errors import InvalidInput
from firstframe.runtime.clip_messages import ClipReference, clip_of
from firstframe.stitching.conformance import plan_violations, require
from firstframe.stitching.engines.previz import NAME
from firstframe.stitching.rules import Rules, joined, rules_of

MAX_CLIPS = 100


@dataclass(frozen=True, slots=True)
class StitchPlan:
    """A request, decoded and found possible."""

    clips: tuple[ClipReference, ...]
    rules: Rules


def decode(request: stitching_pb2.StitchDeliverableRequest) -> StitchPlan:
    """Decodes a request.

    Raises:
        InvalidInput: A field is missing or out of range, or the clips differ in size or rate.
        PreconditionFailed: `NOT_CONFORMANT`: the platform does not take clips of that size, rate or length.
    """
    if request.engine not in ("", NAME):
        raise InvalidInput.at("engine", f"{request.engine!r} is not an engine of this server", f"use {NAME}")
    rules = rules_of(platform_named(request.platform))
    if not 1 <= len(request.clips) <= MAX_CLIPS:
        raise InvalidInput.at("clips", f"there are {len(request.clips)}", f"give 1 to {MAX_CLIPS}")
    clips = tuple(clip_of(clip, f"clips[{index}]") for index, clip in enumerate(request.clips))
    _check_alike(clips)
    whole = joined([clip.info for clip in clips])
    require(rules, plan_violations(rules, whole), "change the clips or leave the platform out")
    return StitchPlan(clips, rules)


def _check_alike(clips: tuple[ClipReference, ...]) -> None:
    first = clips[0].info
    for index, clip in enumerate(clips):
        if clip.info.size != first.size:
            problem = f"is {clip.info.size}, the first clip is {first.size}"
            raise InvalidInput.at(f"clips[{index}].size", problem, "bring all clips to one size")
        if clip.info.frame_rate != first.frame_rate:
            problem = f"is {clip.info.frame_rate}, the first clip has {first.frame_rate}"
            raise InvalidInput.at(f"clips[{index}].frame_rate", problem, "make all clips at one rate")
