"""The look of a lane's still: of a brief as it is planned, or of a campaign as it was made."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.cli.problems import did_you_mean
from firstframe.core.errors import InvalidInput, NotFound, PreconditionFailed
from firstframe.core.sets import MAX_STAGING
from firstframe.orchestrator.plan import SetSource, StillSpec
from firstframe.templates.still_recipes import StillRecipe


def look_of_brief(file: Path, lane: str, name: str, about: str) -> StillRecipe:
    """The look of a lane as the brief plans it.

    Raises:
        BriefRejected: The brief will not do.
        NotFound: `LANE_NOT_FOUND`.
        InvalidInput: The lane's hero is not a generated set.
    """
    from firstframe.cli.briefs import load_brief

    plan = load_brief(file).plan
    found = next((item for item in plan.lanes if item.id == lane), None)
    if found is None:
        raise _no_lane(lane, [item.id for item in plan.lanes])
    spec = next(step.spec for step in plan.steps if step.id == found.still)
    if not isinstance(spec, StillSpec) or not isinstance(spec.source, SetSource):
        raise _no_set(lane)
    return StillRecipe(name, 1, spec.source.scene, spec.source.palette, spec.seed, about, spec.source.staging)


def look_of_campaign(campaign: campaigns_pb2.Campaign, lane: str, name: str, about: str) -> StillRecipe:
    """The look of a lane as it was made, also when another still was asked for.

    Raises:
        NotFound: `LANE_NOT_FOUND`.
        PreconditionFailed: `NO_STILL_YET`.
        InvalidInput: The lane's hero is not a generated set.
    """
    found = next((item for item in campaign.lanes if item.lane == lane), None)
    if found is None:
        raise _no_lane(lane, [item.lane for item in campaign.lanes])
    hero = next(item for item in campaign.brief.heroes if item.name == found.hero_name)
    if hero.WhichOneof("source") != "set":
        raise _no_set(lane)
    still = next((step for step in found.steps if step.stage == campaigns_pb2.STAGE_IMAGEGEN), None)
    if still is None or not found.hero.image.digest or not still.HasField("provenance"):
        raise PreconditionFailed(f"{lane} has no still yet; wait until it is made", reason="NO_STILL_YET")
    staging = (hero.set.staging + found.take) % (MAX_STAGING + 1)
    return StillRecipe(name, 1, hero.set.scene, hero.set.palette, still.provenance.seed, about, staging)


def _no_lane(lane: str, lanes: Sequence[str]) -> NotFound:
    text = f"there is no lane {lane!r}; {did_you_mean(lane, list(lanes)[:50])}"
    return NotFound(text, reason="LANE_NOT_FOUND", metadata={"lane": lane})


def _no_set(lane: str) -> InvalidInput:
    return InvalidInput.at("--lane", f"the hero of {lane} is not a generated set", "name one that has a `set`")
