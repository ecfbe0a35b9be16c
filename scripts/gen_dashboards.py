"""Writes deploy/helm/dashboards/*.json: one dashboard for each question that somebody on call asks.

`python scripts/gen_dashboards.py [FOLDER]`. The same JSON each time.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grafana_foundation_sdk.builders import common, dashboard, prometheus, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import LegendDisplayMode, LegendPlacement
from grafana_foundation_sdk.models.dashboard import DataSourceRef

ROOT = Path(__file__).parents[1]
SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
NAMESPACE = 'namespace="$namespace"'
STAGE = f'{NAMESPACE}, stage="$stage"'


@dataclass(frozen=True)
class Panel:
    """One graph."""

    title: str
    unit: str
    """Grafana's name of the unit."""
    queries: Mapping[str, str]
    """PromQL by legend."""
    about: str = ""
    span: int = 12
    """Columns of 24."""


def rate(metric: str, by: str, labels: str = NAMESPACE) -> str:
    """Sum of a counter's rate."""
    return f"sum by ({by}) (rate({metric}{{{labels}}}[$__rate_interval]))"


def quantile(share: float, metric: str, by: str, labels: str = NAMESPACE) -> str:
    """A quantile of a histogram."""
    inner = f"sum by (le, {by}) (rate({metric}_bucket{{{labels}}}[$__rate_interval]))"
    return f"histogram_quantile({share}, {inner})"


CAMPAIGNS = f'{NAMESPACE}, method=~"/firstframe.api.campaigns.*"'
FAILED = 'code=~"INTERNAL|UNKNOWN|DATA_LOSS|UNAVAILABLE"'
BOARDS: Mapping[str, tuple[str, bool, tuple[Panel, ...]]] = {
    "throughput": (
        "Throughput",
        False,
        (
            Panel("Work done", "ops", {"{{stage}}": rate("firstframe_stage_work_seconds_count", "stage", f'{NAMESPACE}, outcome="done"')}),
            Panel("Work that waits", "short", {"{{stage}}": f"sum by (stage) (firstframe_dispatch_backlog_items{{{NAMESPACE}}})"}),
            Panel("Backlog", "s", {"{{stage}}": f"sum by (stage) (firstframe_dispatch_backlog_gpu_seconds{{{NAMESPACE}}})"},
                  "Seconds of one slot: what KEDA scales by."),
            Panel("Age of the oldest waiting work", "s",
                  {"{{stage}}": f"max by (stage) ((time() - firstframe_dispatch_oldest_queued_timestamp_seconds{{{NAMESPACE}}}) * (firstframe_dispatch_oldest_queued_timestamp_seconds{{{NAMESPACE}}} > bool 0))"}),
            Panel("Wait for a slot, 95 %", "s", {"{{stage}}": quantile(0.95, "firstframe_dispatch_wait_seconds", "stage")}),
            Panel("Answered from earlier work", "ops", {"{{stage}}": rate("firstframe_stage_cache_hits_total", "stage")}),
            Panel("Checks of heroes, by verdict", "ops", {"{{check}} {{verdict}}": rate("firstframe_preflight_checks_total", "check, verdict", f'{NAMESPACE}, verdict=~"warn|fail"')},
                  "Those that warn or fail; a check that suddenly fails everything is a change of scenes, not of taste."),
            Panel("Finished video", "s", {"{{platform}}": rate("firstframe_campaign_video_seconds_total", "platform")},
                  "Seconds of video each second."),
            Panel("Clips thrown away, by the measure that failed", "ops", {"{{measure}}": rate("firstframe_clip_drifted_total", "measure")},
                  "They drift from their hero; docs/drift.md says what each measure is."),
            Panel("Clips made again, lanes given up", "ops", {
                "{{change}}": rate("firstframe_clip_retries_total", "change"),
                "given up": rate("firstframe_clip_rejected_total", "namespace"),
            }),
            Panel("Time that went into clips thrown away", "percentunit", {
                "of the animation stage": f'sum(rate(firstframe_clip_wasted_seconds_total{{{NAMESPACE}}}[$__rate_interval])) / sum(rate(firstframe_stage_work_seconds_sum{{{NAMESPACE}, stage="animation"}}[$__rate_interval]))',
            }),
            Panel("Time of a campaign", "s", {
                "50 %": quantile(0.5, "firstframe_campaign_duration_seconds", "namespace"),
                "95 %": quantile(0.95, "firstframe_campaign_duration_seconds", "namespace"),
            }, "Of those that no person has to approve."),
        ),
    ),
    "pools": (
        "Pools and GPUs",
        False,
        (
            Panel("Slots", "short", {
                "{{stage}} all": f"sum by (stage) (firstframe_dispatch_slots{{{NAMESPACE}}})",
                "{{stage}} busy": f"sum by (stage) (firstframe_slots_busy{{{NAMESPACE}}})",
            }),
            Panel("Servers that the cluster calls ready", "short", {"{{stage}}": f"sum by (stage) (firstframe_pool_ready_count{{{NAMESPACE}}})"}),
            Panel("Pods and what KEDA wants", "short", {
                "{{horizontalpodautoscaler}} pods": f"kube_horizontalpodautoscaler_status_current_replicas{{{NAMESPACE}}}",
                "{{horizontalpodautoscaler}} wanted": f"kube_horizontalpodautoscaler_status_desired_replicas{{{NAMESPACE}}}",
            }),
            Panel("GPU at work", "percent", {"{{pod}}": f"avg by (pod) (DCGM_FI_DEV_GPU_UTIL{{{NAMESPACE}}})"}),
            Panel("GPU memory", "decmbytes", {"{{pod}}": f"sum by (pod) (DCGM_FI_DEV_FB_USED{{{NAMESPACE}}})"}),
            Panel("Work that found no slot", "ops", {"{{stage}} {{reason}}": rate("firstframe_stage_rejected_total", "stage, reason")}),
        ),
    ),
    "stage": (
        "One stage",
        True,
        (
            Panel("Work by how it ended", "ops", {"{{outcome}}": rate("firstframe_stage_work_seconds_count", "outcome", STAGE)}),
            Panel("Time of a piece of work", "s", {
                "50 %": quantile(0.5, "firstframe_stage_work_seconds", "stage", STAGE),
                "95 %": quantile(0.95, "firstframe_stage_work_seconds", "stage", STAGE),
            }),
            Panel("Slots by pod", "short", {"{{pod}}": f"sum by (pod) (firstframe_slots_busy{{{STAGE}}})"}),
            Panel("Wasted time", "s", {"{{pod}}": rate("firstframe_stage_wasted_seconds_total", "pod", STAGE)},
                  "Seconds of a slot each second."),
            Panel("Work that went back to the queue", "ops", {"{{stage}}": rate("firstframe_dispatch_requeues_total", "stage", STAGE)}),
            Panel("Calls that no server has", "short", {"{{stage}}": f"max by (stage) (firstframe_dispatch_missing_calls{{{STAGE}}})"},
                  "Above 0 the orchestrator is newer than the stage."),
        ),
    ),
    "triton": (
        "Models and Triton",
        False,
        (
            Panel("Requests by how they ended", "ops", {"{{model}} {{code}}": rate("firstframe_model_requests_total", "model, code")}),
            Panel("Time of a request, 95 %", "s", {"{{model}}": quantile(0.95, "firstframe_model_request_seconds", "model")}),
            Panel("Canary", "bool", {"{{pod}}": f"min by (pod) (firstframe_model_healthy{{{NAMESPACE}}})"}),
            Panel("Requests sent again", "ops", {"{{model}}": rate("firstframe_model_retries_total", "model")}),
            Panel("Samples in one run", "short", {
                "{{model}}": f"sum by (model) (rate(nv_inference_count{{{NAMESPACE}}}[$__rate_interval])) / sum by (model) (rate(nv_inference_exec_count{{{NAMESPACE}}}[$__rate_interval]))",
            }, "Above 1: steps of different requests share a run."),
            Panel("Time in Triton's queue", "µs", {
                "{{model}}": f"sum by (model) (rate(nv_inference_queue_duration_us{{{NAMESPACE}}}[$__rate_interval])) / sum by (model) (rate(nv_inference_request_success{{{NAMESPACE}}}[$__rate_interval]))",
            }),
        ),
    ),
    "orchestrator": (
        "Orchestrator",
        False,
        (
            Panel("Calls", "reqps", {"{{method}} {{code}}": rate("firstframe_rpc_total", "method, code", CAMPAIGNS)}),
            Panel("Time of a call, 95 %", "s", {"{{method}}": quantile(0.95, "firstframe_rpc_duration_seconds", "method", f'{CAMPAIGNS}, method!~".*Watch.*"')}),
            Panel("Calls that are going on", "short", {"{{method}}": f"sum by (method) (firstframe_rpc_in_flight{{{CAMPAIGNS}}})"}),
            Panel("Database", "bool", {"{{pod}}": f"min by (pod) (firstframe_database_up{{{NAMESPACE}}})"}),
            Panel("Times that the cluster could not be asked", "ops", {"{{stage}}": rate("firstframe_pool_watch_failures_total", "stage")}),
            Panel("Lanes", "short", {
                "open": f"sum(firstframe_lanes_open{{{NAMESPACE}}})",
                "running": f"sum(firstframe_lanes_running{{{NAMESPACE}}})",
            }, "Open and not running for longer than half a minute: the workflow engine is stuck."),
            Panel("Lanes that were lost and went on", "ops", {"{{pod}}": rate("firstframe_lanes_resumed_total", "pod")}),
            Panel("Certificates taken and refused", "ops", {"{{pod}} {{outcome}}": rate("firstframe_tls_reloads_total", "pod, outcome")}),
            Panel("Certificates end in", "s", {"{{pod}}": f"min by (pod) ((firstframe_tls_certificate_expiry_timestamp_seconds{{{NAMESPACE}}} > 0) - time())"}),
        ),
    ),
    "cost": (
        "Cost",
        False,
        (
            Panel("Cost of a second of finished video", "currencyUSD", {
                "{{stage}}": f"{rate('firstframe_stage_work_seconds_sum', 'stage')} / scalar(sum(rate(firstframe_campaign_video_seconds_total{{{NAMESPACE}}}[$__rate_interval]))) / 3600 * $price",
            }, "Time of slots over seconds of video, at the price of a slot and hour that is set above; over a range in which campaigns end."),
            Panel("Time of slots for a second of finished video", "s", {
                "{{stage}}": f"{rate('firstframe_stage_work_seconds_sum', 'stage')} / scalar(sum(rate(firstframe_campaign_video_seconds_total{{{NAMESPACE}}}[$__rate_interval])))",
            }),
            Panel("Slots at work", "short", {"{{stage}}": rate("firstframe_stage_work_seconds_sum", "stage")},
                  "Multiply by the price of a slot and hour."),
            Panel("Share of wasted time", "percentunit", {
                "{{stage}}": f"{rate('firstframe_stage_wasted_seconds_total', 'stage')} / {rate('firstframe_stage_work_seconds_sum', 'stage')}",
            }),
            Panel("Slots that stand idle", "short", {
                "{{stage}}": f"sum by (stage) (firstframe_slots{{{NAMESPACE}}}) - sum by (stage) (firstframe_slots_busy{{{NAMESPACE}}})",
            }),
            Panel("Share answered from earlier work", "percentunit", {
                "{{stage}}": f"{rate('firstframe_stage_cache_hits_total', 'stage')} / ({rate('firstframe_stage_cache_hits_total', 'stage')} + {rate('firstframe_stage_work_seconds_count', 'stage')})",
            }),
        ),
    ),
    "slo": (
        "Goals",
        False,
        (
            Panel("Calls of the campaign API that failed", "percentunit", {
                "failed": f"sum(rate(firstframe_rpc_total{{{CAMPAIGNS}, {FAILED}}}[$__rate_interval])) / sum(rate(firstframe_rpc_total{{{CAMPAIGNS}}}[$__rate_interval]))",
                "goal": "vector(0.001)",
            }, "The goal is 99.9 % in 30 days."),
            Panel("Budget that is left of 30 days", "percentunit", {
                "left": f"1 - (sum(increase(firstframe_rpc_total{{{CAMPAIGNS}, {FAILED}}}[30d])) / sum(increase(firstframe_rpc_total{{{CAMPAIGNS}}}[30d]))) / 0.001",
            }),
            Panel("Campaigns above 1.3 times of their bound", "percentunit", {
                "above": f"1 - sum(rate(firstframe_campaign_over_bound_ratio_bucket{{{NAMESPACE}, le=\"1.3\"}}[$__rate_interval])) / sum(rate(firstframe_campaign_over_bound_ratio_count{{{NAMESPACE}}}[$__rate_interval]))",
                "goal": "vector(0.05)",
            }, "The goal is 95 % within it."),
            Panel("Budget of campaigns that is left of 30 days", "percentunit", {
                "left": f"1 - (1 - sum(increase(firstframe_campaign_over_bound_ratio_bucket{{{NAMESPACE}, le=\"1.3\"}}[30d])) / sum(increase(firstframe_campaign_over_bound_ratio_count{{{NAMESPACE}}}[30d]))) / 0.05",
            }),
            Panel("Time over bound", "short", {
                "50 %": quantile(0.5, "firstframe_campaign_over_bound_ratio", "namespace"),
                "95 %": quantile(0.95, "firstframe_campaign_over_bound_ratio", "namespace"),
            }),
            Panel("Work that fails", "percentunit", {
                "{{stage}}": f"{rate('firstframe_stage_work_seconds_count', 'stage', NAMESPACE + ', outcome=' + chr(34) + 'failed' + chr(34))} / {rate('firstframe_stage_work_seconds_count', 'stage')}",
            }),
        ),
    ),
}  # fmt: skip


def build(name: str) -> str:
    """A dashboard as JSON."""
    title, by_stage, panels = BOARDS[name]
    made = dashboard.Dashboard(f"firstframe: {title}").uid(f"firstframe-{name}").tags(["firstframe"])
    made = made.refresh("30s").time("now-3h", "now").readonly()
    made = made.with_variable(dashboard.DatasourceVariable("datasource").label("Data source").type("prometheus"))
    made = made.with_variable(_variable("namespace", "Namespace", "label_values(firstframe_rpc_total, namespace)"))
    if any("$price" in query for panel in panels for query in panel.queries.values()):
        made = made.with_variable(
            dashboard.TextBoxVariable("price").label("Price of a slot and hour").default_value("1")
        )
    if by_stage:
        made = made.with_variable(_variable("stage", "Stage", "label_values(firstframe_slots, stage)"))
    for number, panel in enumerate(panels, start=1):
        made = made.with_panel(_panel(panel, number))
    return str(JSONEncoder(sort_keys=True, indent=2).encode(made.build())) + "\n"


def _variable(name: str, label: str, query: str) -> dashboard.QueryVariable:
    return dashboard.QueryVariable(name).label(label).query(query).datasource(SOURCE)


def _legend() -> common.VizLegendOptions:
    shown = common.VizLegendOptions().show_legend(True).placement(LegendPlacement.BOTTOM)
    return shown.display_mode(LegendDisplayMode.LIST)


def _panel(panel: Panel, number: int) -> timeseries.Panel:
    made = timeseries.Panel().id(number).title(panel.title).unit(panel.unit).min(0).span(panel.span).height(8)
    made = made.datasource(SOURCE).description(panel.about).fill_opacity(10).legend(_legend())
    for letter, (legend, expression) in zip("ABCD", panel.queries.items(), strict=False):
        query = prometheus.Dataquery().expr(expression).legend_format(legend).ref_id(letter).datasource(SOURCE)
        made = made.with_target(query)
    return made


def main(folder: Path = ROOT / "deploy" / "helm" / "dashboards") -> None:
    """Writes all dashboards into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in BOARDS:
        (folder / f"{name}.json").write_text(build(name), "utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
