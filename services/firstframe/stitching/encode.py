"""Finished files as the contract has them."""

from __future__ import annotations

from firstframe.api.stitching.v1 import stitching_pb2
from firstframe.ports.blobstore import StoredArtifact
from firstframe.ports.video import VideoFacts
from firstframe.runtime.clip_messages import artifact_message, frame_rate_message, size_message


def video_message(stored: StoredArtifact, facts: VideoFacts) -> stitching_pb2.Video:
    """Encodes a finished file."""
    return stitching_pb2.Video(
        file=artifact_message(stored),
        size=size_message(facts.size),
        frame_rate=frame_rate_message(facts.frame_rate),
        frame_count=facts.frame_count,
        video_codec=facts.codec,
        audio_codec=facts.audio.codec if facts.audio else "",
    )
