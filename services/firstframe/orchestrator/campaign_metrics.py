"""What campaigns tell Prometheus: how long they took, against what no schedule could beat, and what came out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from weakref import WeakKeyDictionary, WeakSet

from prometheus_client import Counter, Gauge, Histogram

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.media.v1 import stage_pb2
from firstframe.core.media import Finding
from firstframe.orchestrator.bound import ORDER, Worked, bound_s
from firstframe.orchestrator.encode import STAGES
from firstframe.orchestrator.live import LiveCampaign

_NAMES = {message: stage.value for stage, message in STAGES.items()}
_DURATION = Histogram(
    "firstframe_campaign_duration_seconds",
    "Time from creation to the end of campaigns that no person has to approve and that succeeded at once.",
    buckets=(10, 30, 60, 300, 900, 1800, 3600, 7200, 14400, 43200, 86400),
)
_OVER = Histogram(
    "firstframe_campaign_over_bound_ratio",
    "That time over the shortest in which any schedule could have done the same work on the same slots.",
    buckets=(1.05, 1.1, 1.2, 1.3, 1.5, 2, 3, 5, 10),
)
_VIDEO = Counter("firstframe_campaign_video_seconds_total", "Seconds of video that were published.", ["platform"])
_OPEN = Gauge("firstframe_lanes_open", "Lanes that have not ended.")
_RUNNING = Gauge("firstframe_lanes_running", "Lanes whose workflow is going on, those that wait for approval included.")
_RESUMED = Counter("firstframe_lanes_resumed_total", "Lanes that were lost between two transactions and went on.")
_DRIFTED = Counter(
    "firstframe_clip_drifted_total", "Clips that were thrown away since a measure of their drift failed.", ["measure"]
)
_RETRIES = Counter(
    "firstframe_clip_retries_total",
    "Clips that were made again since they, or one that they join, drifted.",
    ["change"],
)
_REJECTED = Counter("firstframe_clip_rejected_total", "Lanes that failed since their clips drift in every try.")
_LET_PASS = Counter(
    "firstframe_clip_let_pass_total",
    "Lanes whose clips failed a measure of their drift and were delivered all the same, since the gate is `report`.",
    ["measure"],
)
_FOUND = Counter(
    "firstframe_plan_findings_total",
    "Findings of the plans of new campaigns, such as prompts that will distort, by their reason.",
    ["reason"],
)
_WASTED = Counter(
    "firstframe_clip_wasted_seconds_total", "Time of the animation stage that went into clips thrown away."
)


class CampaignMetrics:
    """Follows campaigns to their end.

    Args:
        slots: Slots that a stage has now.
    """

    def __init__(self, slots: Callable[[str], int]) -> None:
        self._slots = slots
        self._most: WeakKeyDictionary[LiveCampaign, dict[str, int]] = WeakKeyDictionary()
        self._told: WeakSet[LiveCampaign] = WeakSet()

    def look(self, live: LiveCampaign) -> None:
        """Notes the slots that a campaign has; the most that it ever had count."""
        most = self._most.setdefault(live, {})
        for stage in ORDER:
            most[stage] = max(most.get(stage, 0), self._slots(stage))

    def published(self, deliverables: Iterable[campaigns_pb2.Deliverable]) -> None:
        """Counts finished files."""
        for item in deliverables:
            rate = item.frame_rate
            _VIDEO.labels(item.platform).inc(item.frame_count * rate.denominator / max(1, rate.numerator))

    def drifted(self, drifted: campaigns_pb2.DriftedTry, made: stage_pb2.Provenance) -> None:
        """Counts a clip that is thrown away."""
        for measure in drifted.failed:
            _DRIFTED.labels(measure).inc()
        _WASTED.inc(_made_s(made))

    def retried(self, change: str) -> None:
        """Counts a clip that is made again."""
        _RETRIES.labels(change).inc()

    def let_pass(self, failed: Iterable[str]) -> None:
        """Counts a lane whose clips drift and are delivered."""
        for measure in failed:
            _LET_PASS.labels(measure).inc()

    def rejected(self) -> None:
        """Counts a lane whose clips drift in every try."""
        _REJECTED.inc()

    def lane_ended(self, live: LiveCampaign) -> None:
        """Counts the campaign when this was its last lane."""
        self.look(live)
        if not live.ended or live in self._told:
            return
        self._told.add(live)
        if not _counts(live):
            return
        seconds = (live.row.end_time or live.row.update_time) - live.row.create_time
        least = bound_s([worked(lane) for lane in live.lanes.values()], self._most.get(live, {}))
        _DURATION.observe(seconds)
        if least > 0:
            _OVER.observe(seconds / least)


def _counts(live: LiveCampaign) -> bool:
    """Whether nothing but work and waiting for slots was in it: no person, no run before."""
    alone = live.row.run == 1 and live.brief.approval == campaigns_pb2.APPROVAL_POLICY_AUTO
    return alone and live.state == campaigns_pb2.CAMPAIGN_STATE_SUCCEEDED


def worked(lane: campaigns_pb2.Lane) -> list[Worked]:
    """The steps of a lane that came to an end."""
    done = [step for step in lane.steps if step.state == campaigns_pb2.LANE_STATE_SUCCEEDED]
    return [Worked(step.step, _NAMES[step.stage], _seconds(step)) for step in done]


def _seconds(step: campaigns_pb2.Step) -> float:
    return _made_s(step.provenance)


def _made_s(made: stage_pb2.Provenance) -> float:
    if made.cached:
        return 0.0
    return max(0.0, (made.end_time.ToNanoseconds() - made.start_time.ToNanoseconds()) / 1e9)


def watch_lanes(count_open: Callable[[], int], count_running: Callable[[], int]) -> None:
    """Asks for the numbers of lanes at each scrape."""
    _OPEN.set_function(count_open)
    _RUNNING.set_function(count_running)


def plan_found(findings: Iterable[Finding]) -> None:
    """Counts what the plan of a new campaign says."""
    for finding in findings:
        _FOUND.labels(finding.reason).inc()


def lane_resumed() -> None:
    """Counts a lane that was lost and goes on."""
    _RESUMED.inc()
