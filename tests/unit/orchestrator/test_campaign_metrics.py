"""Campaigns are counted once, and only those in which nobody but the system took time."""

from __future__ import annotations

from dataclasses import replace

import prometheus_client
import pytest

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.media.v1 import stage_pb2
from firstframe.core.media import Finding, Severity
from firstframe.orchestrator.campaign_metrics import CampaignMetrics, lane_resumed, plan_found, watch_lanes
from firstframe.orchestrator.live import LiveCampaign
from support.campaigns import live_campaign

SECONDS = {"imagegen": 10, "animation": 20, "upscaling": 5, "stitching": 5}
CREATED_S = 1000.0


def sample(name: str, **labels: str) -> float:
    return prometheus_client.REGISTRY.get_sample_value(name, labels) or 0.0


class Difference:
    """How much a sample has risen since."""

    def __init__(self, name: str, **labels: str) -> None:
        self._name, self._labels = name, labels
        self._before = sample(name, **labels)

    def __call__(self) -> float:
        return sample(self._name, **self._labels) - self._before


def finish(live: LiveCampaign, seconds: float) -> None:
    """Every step took its stage's time, one after the other; the campaign took `seconds` in all."""
    for lane in live.lanes.values():
        lane.state = campaigns_pb2.LANE_STATE_SUCCEEDED
        for step in lane.steps:
            step.state = campaigns_pb2.LANE_STATE_SUCCEEDED
            taken = SECONDS[campaigns_pb2.Stage.Name(step.stage).removeprefix("STAGE_").lower()]
            step.provenance.start_time.FromSeconds(1)
            step.provenance.end_time.FromSeconds(1 + taken)
    live.row = replace(live.row, create_time=CREATED_S, end_time=CREATED_S + seconds)


def work_s(live: LiveCampaign) -> float:
    (lane,) = live.lanes.values()
    return sum(SECONDS[campaigns_pb2.Stage.Name(step.stage).removeprefix("STAGE_").lower()] for step in lane.steps)


def test_clips_that_are_thrown_away_are_counted_by_measure_with_their_time() -> None:
    metrics = CampaignMetrics(lambda _: 1)
    wobble = Difference("firstframe_clip_drifted_total", measure="wobble")
    wasted, rejected = Difference("firstframe_clip_wasted_seconds_total"), Difference("firstframe_clip_rejected_total")
    retries = Difference("firstframe_clip_retries_total", change="less-motion")
    made = stage_pb2.Provenance()
    made.start_time.FromSeconds(10)
    made.end_time.FromSeconds(17)
    metrics.drifted(campaigns_pb2.DriftedTry(failed=["wobble", "ghosting"]), made)
    metrics.retried("less-motion")
    metrics.rejected()
    assert (wobble(), wasted(), retries(), rejected()) == (1, 7, 1, 1)
    made.cached = True
    metrics.drifted(campaigns_pb2.DriftedTry(), made)
    assert wasted() == 7


def test_a_campaign_is_compared_with_its_bound_once() -> None:
    live, metrics = live_campaign(), CampaignMetrics(lambda _: 1)
    count, total = (
        Difference("firstframe_campaign_over_bound_ratio_count"),
        Difference("firstframe_campaign_over_bound_ratio_sum"),
    )
    duration = Difference("firstframe_campaign_duration_seconds_sum")
    metrics.lane_ended(live)
    assert count() == 0
    finish(live, 2 * work_s(live))

    metrics.lane_ended(live)
    metrics.lane_ended(live)

    assert (count(), total()) == (1, pytest.approx(2.0))
    assert duration() == pytest.approx(2 * work_s(live))


def test_the_most_slots_that_a_stage_had_count() -> None:
    slots = {"animation": 2}
    live, metrics = live_campaign(heroes=4), CampaignMetrics(lambda stage: slots.get(stage, 4))
    total = Difference("firstframe_campaign_over_bound_ratio_sum")
    metrics.look(live)
    slots["animation"] = 0
    finish(live, 200)

    metrics.lane_ended(live)

    upscaled = any(step.stage == campaigns_pb2.STAGE_UPSCALING for step in next(iter(live.lanes.values())).steps)
    assert total() == pytest.approx(200 / (10 + 4 * 20 / 2 + (5 if upscaled else 0) + 5))


@pytest.mark.parametrize("why", ["a person approves", "a second run", "a lane failed"])
def test_what_waited_for_others_is_not_counted(why: str) -> None:
    live, metrics = live_campaign(approval="required" if "person" in why else "auto"), CampaignMetrics(lambda _: 1)
    count = Difference("firstframe_campaign_duration_seconds_count")
    finish(live, 100)
    if "second" in why:
        live.row = replace(live.row, run=2)
    if "failed" in why:
        next(iter(live.lanes.values())).state = campaigns_pb2.LANE_STATE_FAILED

    metrics.lane_ended(live)

    assert count() == 0


def test_finished_video_is_counted_in_seconds() -> None:
    seconds = Difference("firstframe_campaign_video_seconds_total", platform="tiktok")
    item = campaigns_pb2.Deliverable(platform="tiktok", frame_count=90)
    item.frame_rate.numerator, item.frame_rate.denominator = 30000, 1001

    CampaignMetrics(lambda _: 1).published([item, item])

    assert seconds() == pytest.approx(2 * 90 * 1001 / 30000)


def test_lanes_are_asked_for_when_somebody_looks() -> None:
    counts = {"open": 4, "running": 3}
    watch_lanes(lambda: counts["open"], lambda: counts["running"])
    assert (sample("firstframe_lanes_open"), sample("firstframe_lanes_running")) == (4, 3)

    counts["running"] = 4
    assert sample("firstframe_lanes_running") == 4


def test_lanes_that_were_lost_are_counted() -> None:
    resumed = Difference("firstframe_lanes_resumed_total")

    lane_resumed()

    assert resumed() == 1


def test_findings_of_plans_are_counted_by_reason() -> None:
    distorts = Difference("firstframe_plan_findings_total", reason="MOTION_WILL_DISTORT")
    plan_found([Finding(Severity.WARNING, "MOTION_WILL_DISTORT", ""), Finding(Severity.INFO, "PROMPT_NOT_USED", "")])
    assert distorts() == 1
