"""`firstframe approve`: yes or no to heroes that wait for it."""

from __future__ import annotations

import getpass
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from firstframe.cli.commands.connecting import ask
from firstframe.cli.commands.options import CampaignArgument, HomeOption, JsonOption
from firstframe.cli.output import DONE, Output

if TYPE_CHECKING:
    from firstframe.api.campaigns.v1 import campaigns_pb2
    from firstframe.cli.campaign_client import CampaignClient
    from firstframe.cli.remote import Stack
    from firstframe.core.errors import PreconditionFailed

LaneOption = Annotated[
    list[str] | None, typer.Option(help="Lane to decide about; all that wait when left out.", show_default=False)
]


def approve(
    campaign: CampaignArgument,
    *,
    lane: LaneOption = None,
    reject: Annotated[bool, typer.Option("--reject", help="Say no instead of yes.")] = False,
    note: Annotated[str, typer.Option(help="Why, in your words.", show_default=False)] = "",
    by: Annotated[str, typer.Option(help="Who decides; you when left out.", show_default=False)] = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Says yes, or no, to heroes that wait for it."""
    from firstframe.cli.deciding import take

    output = Output(as_json=as_json)

    async def work(stack: Stack, client: CampaignClient) -> int:
        found = await client.resolve(campaign)
        waiting = choose(found, lane or (), reject, output)
        decided = 0
        if waiting:
            _tell_heroes(waiting, output)
            taken = await take(client, found.name, _decisions(waiting, reject, note), by or getpass.getuser())
            found, decided = taken.campaign, len(taken.mine)
            for words in taken.before:
                output.say(words)
        _tell_decided(found, decided, reject, stack.is_owner, output)
        return DONE

    ask("approve", home, output, work)


def choose(
    campaign: campaigns_pb2.Campaign, names: Sequence[str], reject: bool, output: Output
) -> list[campaigns_pb2.Lane]:
    """The lanes to decide about; tells of those among `names` that were decided so before.

    Raises:
        NotFound: There is no such lane.
        PreconditionFailed: None waits, or one of `names` cannot be decided about.
    """
    _check_names(campaign, names)
    waiting = [lane for lane in campaign.lanes if _waits(lane) and (not names or lane.lane in names)]
    if not names and not waiting:
        raise _none_waits(campaign)
    for lane in campaign.lanes:
        if lane.lane in names and not _waits(lane):
            output.say(_settled(campaign, lane, reject))
    return waiting


def _check_names(campaign: campaigns_pb2.Campaign, names: Sequence[str]) -> None:
    from firstframe.cli.problems import did_you_mean
    from firstframe.core.errors import NotFound

    known = [lane.lane for lane in campaign.lanes]
    for name in names:
        if name not in known:
            raise NotFound(f"there is no lane {name}; {did_you_mean(name, known)}", reason="LANE_NOT_FOUND")


def _waits(lane: campaigns_pb2.Lane) -> bool:
    from firstframe.api.campaigns.v1 import campaigns_pb2

    return lane.state == campaigns_pb2.LANE_STATE_AWAITING_APPROVAL


def _decided(lane: campaigns_pb2.Lane) -> str:
    """`approved` or `rejected`; empty when nobody has decided about the hero that the lane has now."""
    if not lane.hero.image.digest or lane.approval.hero_digest != lane.hero.image.digest:
        return ""
    from firstframe.cli.deciding import WORDS

    return WORDS[lane.approval.decision]


def _none_waits(campaign: campaigns_pb2.Campaign) -> PreconditionFailed:
    from firstframe.api.campaigns.v1 import campaigns_pb2
    from firstframe.cli.progress import campaign_id
    from firstframe.core.errors import PreconditionFailed

    sums = Counter(filter(None, map(_decided, campaign.lanes)))
    words = ", ".join(f"{number} {decision} before" for decision, number in sorted(sums.items()))
    text = f"no hero waits for approval{f' ({words})' if words else ''}"
    if campaign.state == campaigns_pb2.CAMPAIGN_STATE_RUNNING:
        text += f"; `firstframe watch {campaign_id(campaign)}` shows when one does"
    return PreconditionFailed(text, reason="NOT_AWAITING_APPROVAL")


def _settled(campaign: campaigns_pb2.Campaign, lane: campaigns_pb2.Lane, reject: bool) -> str:
    """What is said of a lane that does not wait and was decided as is wanted.

    Raises:
        PreconditionFailed: It was decided otherwise, or has no hero.
    """
    from firstframe.cli.progress import campaign_id, state_word
    from firstframe.cli.rejections import next_steps
    from firstframe.core.errors import PreconditionFailed

    decided = _decided(lane)
    if decided == ("rejected" if reject else "approved"):
        return f"{lane.lane} was {decided} before, by {lane.approval.decided_by}; nothing is changed"
    by = f"{lane.lane} was {decided} by {lane.approval.decided_by}"
    texts = {
        "sent back for another still": f"{by}; wait for it, then decide",
        "approved": f"{by}; to stop the whole campaign: firstframe cancel {campaign_id(campaign)}",
        "rejected": f"{by}; {next_steps(campaign, [lane])}",
        "": f"{lane.lane} is {state_word(lane.state)} and has no hero to decide about",
    }
    raise PreconditionFailed(texts[decided], reason="NOT_AWAITING_APPROVAL")


def _tell_heroes(lanes: list[campaigns_pb2.Lane], output: Output) -> None:
    from firstframe.cli.findings import tell_warnings
    from firstframe.cli.tables import tell_heroes

    if not output.as_json:
        tell_heroes(lanes, output)
        tell_warnings(lanes, output)


def _decisions(lanes: list[campaigns_pb2.Lane], reject: bool, note: str) -> list[campaigns_pb2.HeroDecision]:
    from firstframe.cli.deciding import APPROVED, REJECTED, decision

    return [decision(lane, REJECTED if reject else APPROVED, note) for lane in lanes]


def _tell_decided(campaign: campaigns_pb2.Campaign, count: int, reject: bool, is_owner: bool, output: Output) -> None:
    from firstframe.cli.rejections import next_steps, rejected
    from firstframe.cli.tables import tell_campaign

    heroes = f"{count} hero{'' if count == 1 else 'es'}"
    if output.as_json:
        tell_campaign(campaign, output)
    elif count and reject:
        ends = "its lane ends" if count == 1 else "their lanes end"
        output.results.print(f"rejected {heroes}: {ends} here", markup=False)
        output.results.print(next_steps(campaign, rejected(campaign)), markup=False)
    elif count:
        goes_on = "run the brief again to go on" if is_owner else "the campaign goes on"
        output.results.print(f"approved {heroes}; {goes_on}")
