"""What to do next about heroes that were rejected: a rejection holds for the brief that they are of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.cli.output import Output
from firstframe.cli.problems import counted

_CHANGES: Mapping[str, str] = {
    "set": "its `seed` or `staging` for another picture of the same, or `scene`, `palette`, `copy`",
    "photograph": "`photo` for another photograph, or `focus`, `reframe`, `matte`",
    "prompt": "its `seed`, or the words of its `prompt`",
}
AGAIN = (
    "then run it: the changed brief is a campaign of its own, in which unchanged work comes from the store and its heroes are "
    "asked about again"
)
"""What follows from a changed brief."""


def rejected(campaign: campaigns_pb2.Campaign) -> list[campaigns_pb2.Lane]:
    """Lanes whose hero was rejected, whether or not they have ended for it."""
    return [
        lane
        for lane in campaign.lanes
        if lane.approval.decision == campaigns_pb2.DECISION_REJECTED
        and lane.approval.hero_digest == lane.hero.image.digest
    ]


def changes(campaign: campaigns_pb2.Campaign, lanes: Sequence[campaigns_pb2.Lane]) -> list[str]:
    """What to change in the brief, a line for each hero of some lanes."""
    sources = {hero.name: hero.WhichOneof("source") or "" for hero in campaign.brief.heroes}
    names = dict.fromkeys(lane.hero_name for lane in lanes)
    return [f"of {name} change {_CHANGES[sources[name]]}" for name in names if sources.get(name) in _CHANGES]


def tell_rejected(campaign: campaigns_pb2.Campaign, output: Output) -> None:
    """Tells which heroes were rejected, by whom and why, and what to do next; as events where JSON is wanted."""
    lanes = rejected(campaign)
    for lane in lanes:
        by, why = lane.approval.decided_by, lane.approval.note
        output.event({"event": "rejected", "lane": lane.lane, "by": by, "note": why})
        if not output.as_json:
            output.results.print(f"{lane.lane} was rejected by {by}{f': {why}' if why else ''}", markup=False)
    if lanes and not output.as_json:
        output.results.print(next_steps(campaign, lanes), markup=False)


def next_steps(campaign: campaigns_pb2.Campaign, lanes: Sequence[campaigns_pb2.Lane]) -> str:
    """What to do about rejected lanes, in one sentence."""
    told = changes(campaign, lanes)
    # A sheet of two thousand rows may have a hundred of them.
    rest = f"; and {counted(len(told) - _TOLD, 'hero')} more" if len(told) > _TOLD else ""
    return f"a rejection holds for this brief; {'; '.join(told[:_TOLD])}{rest}; {AGAIN}"


_TOLD = 3
