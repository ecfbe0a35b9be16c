"""Requests decoded and checked, before anything is read or a slot is taken."""

from __future__ import annotations

from dataclasses import dataclass

from firstframe.api.upscaling.v1 import upscaling_pb2
from firstframe.core.errors import InvalidInput
from firstframe.core.media import PixelSize
from firstframe.runtime.clip_messages import ClipReference, clip_of, size_of
from firstframe.upscaling.engines.previz import NAME, check_size


@dataclass(frozen=True, slots=True)
class UpscalePlan:
    """A request, decoded and found possible."""

    clip: ClipReference
    size: PixelSize


def decode(request: upscaling_pb2.UpscaleClipRequest) -> UpscalePlan:
    """Decodes a request.

    Raises:
        InvalidInput: A field is missing, out of range or asks for what enlarging cannot do.
    """
    if request.engine not in ("", NAME):
        raise InvalidInput.at("engine", f"{request.engine!r} is not an engine of this server", f"use {NAME}")
    plan = UpscalePlan(clip_of(request.clip, "clip"), size_of(request.size, "size"))
    check_size(plan.clip.info.size, plan.size)
    return plan
