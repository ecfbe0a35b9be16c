"""Scores of what an engine did to people, and the ends of clips, as the contract has them."""

from __future__ import annotations

from firstframe.animation.scores import Score
from firstframe.animation.seams import KeptEnd
from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.media.v1 import check_pb2
from firstframe.runtime.clip_messages import artifact_message, size_message


def score_message(score: Score) -> check_pb2.Check:
    """A score as a check; its limit is where it passes and where it fails."""
    return check_pb2.Check(
        name=score.name,
        title=score.title,
        verdict=check_pb2.VERDICT_PASS if score.passes else check_pb2.VERDICT_FAIL,
        value=score.value,
        unit=score.unit,
        pass_threshold=score.limit,
        fail_threshold=score.limit,
        higher_is_better=score.higher_is_better,
        message=score.says,
    )


def end_message(end: KeptEnd) -> animation_pb2.ClipEnd:
    """One end of a clip."""
    return animation_pb2.ClipEnd(
        frame=artifact_message(end.frame), size=size_message(end.size), speed_percent_per_s=end.speed
    )
