"""Measures of clips, as the animation stage tells them and lanes show them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.media.v1 import check_pb2, picture_pb2
from firstframe.orchestrator.drift_gate import Change
from firstframe.orchestrator.plan import ClipSpec

_CHANGES = {
    Change.PLANNED: campaigns_pb2.CLIP_CHANGE_PLANNED,
    Change.LESS_MOTION: campaigns_pb2.CLIP_CHANGE_LESS_MOTION,
    Change.ANOTHER_SEED: campaigns_pb2.CLIP_CHANGE_ANOTHER_SEED,
}
Results = Sequence[animation_pb2.AnimateClipResult]


def failed_in(results: Results) -> dict[str, str]:
    """Measures that failed in any of some clips, each with what it says, with the numbers."""
    return {check.name: _words(check) for result in results for check in _failed(result)}


def remedies_of(results: Results) -> list[str]:
    """What to do about those that failed."""
    return [check.remedy for result in results for check in _failed(result) if check.remedy]


def warnings_of(results: Results) -> list[str]:
    """What the engine left out of the clips, or could do in part alone."""
    found = (finding for result in results for finding in result.findings)
    return [finding.message for finding in found if finding.severity == picture_pb2.SEVERITY_WARNING]


def flagged(result: animation_pb2.AnimateClipResult) -> list[check_pb2.Check]:
    """Measures of a clip that failed or are worth a look."""
    return [check for check in result.measures if check.verdict in (check_pb2.VERDICT_FAIL, check_pb2.VERDICT_WARN)]


def drifted_try(change: Change, spec: ClipSpec, result: animation_pb2.AnimateClipResult) -> campaigns_pb2.DriftedTry:
    """A try that is thrown away, as a lane shows it.

    Args:
        change: What was otherwise in it.
        spec: What was asked.
        result: What came of it.
    """
    return campaigns_pb2.DriftedTry(
        change=_CHANGES[change],
        strength=spec.motion.strength,
        speed_percent_per_s=spec.motion.speed,
        seed=spec.seed,
        failed=[check.name for check in _failed(result)],
    )


def _failed(result: animation_pb2.AnimateClipResult) -> Iterator[check_pb2.Check]:
    return (check for check in result.measures if check.verdict == check_pb2.VERDICT_FAIL)


def _words(check: check_pb2.Check) -> str:
    side = "at least" if check.higher_is_better else "at most"
    limit = f"{check.fail_threshold:g} {check.unit}".strip()
    return f"{check.message} ({side} {limit})"
