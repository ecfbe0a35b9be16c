"""Writes docs/metrics.md from what the services register."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "services"), str(ROOT / "tests")]
OF = {
    "firstframe_campaign": "orchestrator",
    "firstframe_clip": "orchestrator",
    "firstframe_database": "orchestrator",
    "firstframe_dispatch": "orchestrator",
    "firstframe_engine": "orchestrator",
    "firstframe_lanes": "orchestrator",
    "firstframe_photographs": "imagegen",
    "firstframe_pool": "orchestrator",
    "firstframe_preflight": "imagegen",
    "firstframe_model": "stages with models",
    "firstframe_slots": "stages",
    "firstframe_stage": "stages",
}
"""Who exports what, by prefix; all services where nothing is said."""
HEAD = """# Metrics

Every service tells Prometheus at `/metrics` of its `METRICS_LISTEN`. Names follow Prometheus' conventions: `_total`
for counters, units at the end. `scripts/gen_metrics.py` writes this table from what the services register; a test
compares the two.

| metric | type | labels | of | meaning |
|---|---|---|---|---|
"""
TAIL = """
`firstframe_dispatch_backlog_gpu_seconds` is `mean × (waiting + what is left of what runs)`, where `mean` is an
exponentially weighted mean of the time that finished work of the stage took (`mean += 0.2 × (seconds − mean)`, from a
guess of 60 s, 30 s for stitching). Work that a stage had already does not count. "GPU" is whatever a slot stands for:
on a CPU pool these are seconds of a slot as well.

`firstframe_campaign_over_bound_ratio` is time over bound. The bound is made of the time that the campaign's steps took in
their slots: for each stage, the shortest way of a lane to it, all its work over the most slots that it had, and the shortest
way on to the end; of these the longest, and no less than any lane one step after the other (`orchestrator/bound.py`). What
is above 1 is waiting: for slots that other campaigns had, for pods, for repeats. Campaigns with approval by a person, a
second run or lanes that failed are not in it.

Triton's own metrics (`nv_inference_*`, port 8002) and DCGM's (`DCGM_FI_DEV_*`) are joined by `pod`.

**A new capability** brings its metrics here, an alert with a page in `runbooks/` and two tests, and values of the
chart along; see [contributing](contributing.md).
"""


def page() -> str:
    """The page."""
    from support.metrics import registered

    rows = [
        f"| `{one.name}` | {one.kind} | {', '.join(one.labels)} | {_of(one.name)} | {one.about} |\n"
        for one in registered()
    ]
    return HEAD + "".join(rows) + TAIL


def _of(name: str) -> str:
    return next((who for prefix, who in OF.items() if name.startswith(prefix)), "all")


if __name__ == "__main__":
    (ROOT / "docs" / "metrics.md").write_text(page(), "utf-8")
