"""Tables and lists that the commands show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from google.protobuf.json_format import MessageToDict
from rich.table import Table
from rich.text import Text

from firstframe.api.campaigns.v1 import campaigns_pb2, consents_pb2
from firstframe.cli.checks import value_words, wanted_words, word_of
from firstframe.cli.consents import effect_words, others_of, short_name, standing
from firstframe.cli.findings import finding_words, tell_warnings
from firstframe.cli.live import lanes_table
from firstframe.cli.output import Output
from firstframe.cli.problems import counted
from firstframe.cli.progress import Tracker, campaign_id, campaign_word
from firstframe.cli.rejections import tell_rejected
from firstframe.orchestrator.plan import Plan
from firstframe.orchestrator.recipes import Recipe
from firstframe.templates.still_recipes import StillRecipe

if TYPE_CHECKING:
    from firstframe.cli.briefs import LoadedBrief


def plain_table(*headings: str) -> Table:
    """A table without lines."""
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def table_row(table: Table, *values: object) -> None:
    """Adds a row of words as they are."""
    # Text, not markup: a brief's words may have brackets.
    table.add_row(*(Text(str(value)) for value in values))


def tell_plan(plan: Plan, output: Output) -> None:
    """Steps of each lane with sizes and reasons, then findings."""
    table = plain_table("lane", "stage", "what", "why")
    steps = {step.id: step for step in plan.steps}
    seen: dict[str, str] = {}
    for lane in plan.lanes:
        for index, step_id in enumerate(lane.steps):
            step = steps[step_id]
            first = seen.setdefault(step_id, lane.id)
            why = f"shared with {first}" if first != lane.id else "; ".join(step.reasons)
            table_row(table, lane.id if index == 0 else "", step.stage.value, step.summary, why)
    output.results.print(table)
    files = sum(len(lane.deliverables) for lane in plan.lanes)
    sums = (counted(len(plan.lanes), "lane"), counted(len(plan.steps), "step"), counted(files, "video"))
    output.results.print(f"\n{', '.join(sums)}; plan {plan.digest[:12]}")
    for finding in plan.findings:
        output.results.print(f"{finding.severity.value}: {finding.message}", markup=False)


def tell_recipes(stills: Sequence[StillRecipe], motions: Sequence[Recipe], output: Output) -> None:
    """Recipes of stills, then those of motion."""
    table = plain_table("still", "scene", "palette", "seed", "staging", "about")
    for still in stills:
        table_row(table, still.reference, still.scene, still.palette, still.seed, still.staging, still.about)
    output.results.print(table)
    moves = plain_table("motion", "what it does")
    for motion in motions:
        table_row(moves, f"{motion.name}@{motion.version}", motion.words)
    output.results.print(moves)


def tell_consents(consents: Sequence[consents_pb2.Consent], output: Output) -> None:
    """Consents, with whether they hold."""
    if not consents:
        output.say("no consent is recorded; `firstframe consent record --help` says how")
        return
    table = plain_table("consent", "person", "effects", "standing", "for")
    for item in consents:
        table_row(table, short_name(item), item.person, effect_words(item), standing(item), item.purpose)
    output.results.print(table)
    held = [item for item in consents if item.valid]
    names = {tuple(sorted([short_name(item), *others_of(item, held)])) for item in held}
    for group in sorted(group for group in names if len(group) > 1):
        output.say(f"{', '.join(group)}: one person, as far as the names tell; a kiss or a hug shows two")


def tell_takes(loaded: LoadedBrief, output: Output) -> None:
    """What became of a template, and whether its takes were compared."""
    takes = len(loaded.expansion.takes)
    if not takes:
        return
    products = counted(len(loaded.expansion.axes), "product")
    if loaded.picks:
        rest = f"{len(loaded.picks)} in the stead of lookalikes"
    else:
        rest = "`firstframe stills` compares them, and replaces those that look alike"
    output.results.print(f"{counted(takes, 'take')} of {products}; {rest}", markup=False)


def tell_unread(loaded: LoadedBrief, output: Output) -> None:
    """Which files were not read to their end before the work starts."""
    if loaded.unread:
        names = ", ".join(file.name for file in loaded.unread[:3])
        more = f" and {len(loaded.unread) - 3} more" if len(loaded.unread) > 3 else ""
        output.say(f"looked at by the header alone, after 128 MiB of others: {names}{more}; the image stage reads them")


def tell_campaigns(campaigns: Sequence[campaigns_pb2.Campaign], output: Output) -> None:
    """All campaigns, the newest first."""
    if output.as_json:
        found = [MessageToDict(item, preserving_proto_field_name=True) for item in campaigns]
        output.document({"campaigns": found})
        return
    table = plain_table("campaign", "state", "created")
    for item in campaigns:
        created = item.create_time.ToDatetime().strftime("%Y-%m-%d %H:%M UTC")
        table_row(table, campaign_id(item), campaign_word(item.state).replace("_", " "), created)
    output.results.print(table if campaigns else "there is no campaign yet; `firstframe run` makes one")


def tell_campaign(campaign: campaigns_pb2.Campaign, output: Output) -> None:
    """One campaign, its lanes, and what went wrong or waits."""
    if output.as_json:
        output.document(MessageToDict(campaign, preserving_proto_field_name=True))
        return
    tracker = Tracker()
    tracker.update(campaign)
    output.results.print(Text.assemble((campaign_id(campaign), "bold"), f"  {tracker.state.replace('_', ' ')}"))
    output.results.print(lanes_table(list(tracker.rows)))
    for finding in campaign.findings:
        output.results.print(finding.message, style="dim", markup=False)
    tell_failures(campaign, output)
    tell_drift(campaign, output)
    tell_rejected(campaign, output)
    tell_waiting(campaign, output)
    tell_warnings(campaign.lanes, output)


def tell_failures(campaign: campaigns_pb2.Campaign, output: Output) -> None:
    """Lanes that failed, each with step, reason and message; as events where JSON is wanted."""
    failed = [lane for lane in campaign.lanes if lane.state == campaigns_pb2.LANE_STATE_FAILED]
    for lane in failed:
        error = lane.error
        told = {"lane": lane.lane, "step": error.step, "reason": error.reason, "message": error.message}
        output.event({"event": "failed", **told})
    if output.as_json:
        return
    if campaign.state == campaigns_pb2.CAMPAIGN_STATE_CANCELLED:
        output.say("the campaign was cancelled; run its brief again to go on")
    if not failed:
        return
    table = plain_table("failed lane", "step", "reason", "message")
    for lane in failed:
        table_row(table, lane.lane, lane.error.step, lane.error.reason, lane.error.message)
    output.results.print(table)


def tell_drift(campaign: campaigns_pb2.Campaign, output: Output) -> None:
    """Clips with a measure that failed or is worth a look, and how many were thrown away before them."""
    table = plain_table("clip of", "measure", "measured", "wanted", "thrown away")
    steps = [(lane.lane, step) for lane in campaign.lanes for step in lane.steps if step.measures or step.drifted]
    for lane, step in steps:
        tries = ", ".join(
            f"{item.strength:g}: {', '.join(item.failed) or 'joins one that drifts'}" for item in step.drifted
        )
        for check in step.measures:
            table_row(table, lane, f"{word_of(check)} {check.name}", value_words(check), wanted_words(check), tries)
        if not step.measures:
            table_row(table, lane, "pass", "", "", tries)
    if steps:
        output.results.print(table)


def tell_waiting(campaign: campaigns_pb2.Campaign, output: Output) -> None:
    """Heroes that wait for a person, and how to decide."""
    waiting = [lane for lane in campaign.lanes if lane.state == campaigns_pb2.LANE_STATE_AWAITING_APPROVAL]
    if waiting:
        tell_heroes(waiting, output)
        name = campaign_id(campaign)
        output.results.print(f"look at each and decide: firstframe review {name}", markup=False)
        output.results.print(f"to say yes to all of them: firstframe approve {name}", markup=False)


def tell_heroes(lanes: Iterable[campaigns_pb2.Lane], output: Output) -> None:
    """Heroes with what the checks found."""
    table = plain_table("hero that waits", "size", "findings")
    for lane in lanes:
        table_row(table, lane.lane, f"{lane.hero.size.width_px}×{lane.hero.size.height_px}", finding_words(lane))
    output.results.print(table)


def processes_table(processes: Mapping[str, Mapping[str, object]]) -> Table:
    """Processes of the stack with their addresses."""
    table = plain_table("process", "pid", "gRPC", "metrics", "log")
    for name, facts in processes.items():
        table_row(table, name, *(facts.get(key) or "–" for key in ("pid", "grpc", "metrics", "log")))
    return table
