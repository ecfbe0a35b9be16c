"""A person at the gate: looks at heroes, decides, hears of others who do the same."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.cli import keyboard
from firstframe.cli.campaign_client import ENDED, CampaignClient
from firstframe.cli.deciding import ANOTHER, APPROVED, REJECTED, VARIATION, Taken, decision, take, waiting
from firstframe.cli.library import INDEX, export
from firstframe.cli.output import AWAITING_APPROVAL, DONE, Output
from firstframe.cli.problems import counted, did_you_mean
from firstframe.cli.progress import campaign_id, state_word
from firstframe.cli.rejections import next_steps, rejected
from firstframe.cli.remote import Stack
from firstframe.cli.review_screen import KEYS, heading, hero_screen, keys_line, review_document
from firstframe.core.errors import Cancelled, Conflict, FirstframeError, InvalidInput, NotFound, PreconditionFailed
from firstframe.ports.blobstore import BlobStore

Wanted = dict[str, campaigns_pb2.Decision.ValueType]
"""Decisions by lane."""


def wanted_decisions(approve: Sequence[str], reject: Sequence[str], variation: Sequence[str], note: str) -> Wanted:
    """What the options decide.

    Raises:
        InvalidInput: A lane is named twice, or rejected without a reason.
    """
    pairs = [(name, kind) for names, kind in _options(approve, reject, variation) for name in dict.fromkeys(names)]
    wanted = dict(pairs)
    if len(wanted) < len(pairs):
        twice = next(name for name in wanted if sum(name == other for other, _ in pairs) > 1)
        raise InvalidInput(f"{twice} is to be decided about in two ways; name it once", reason="USAGE")
    if reject and not note.strip():
        raise InvalidInput.at("--note", "is empty", "say why the hero is rejected: whoever makes the next one reads it")
    return wanted


def _options(
    approve: Sequence[str], reject: Sequence[str], variation: Sequence[str]
) -> tuple[tuple[Sequence[str], campaigns_pb2.Decision.ValueType], ...]:
    return (approve, APPROVED), (reject, REJECTED), (variation, VARIATION)


class Desk:
    """Where a person reviews one campaign.

    Args:
        client: Asks the orchestrator.
        stack: Makes the stills that are asked for.
        campaign: The campaign as it was read.
        store: Has the pictures.
        folder: Where they are laid out.
        by: Who decides.
        output: Where it is told.
    """

    def __init__(
        self,
        client: CampaignClient,
        stack: Stack,
        campaign: campaigns_pb2.Campaign,
        store: BlobStore,
        folder: Path,
        by: str,
        output: Output,
    ) -> None:
        self._client = client
        self._stack = stack
        self._campaign = campaign
        self._store = store
        self._folder = folder
        self._by = by
        self._output = output
        self._quit = False

    async def decide(self, wanted: Wanted, note: str) -> int:
        """Takes decisions that were named, all or none; the exit code.

        Raises:
            NotFound: `LANE_NOT_FOUND`. Else what the orchestrator says.
        """
        lanes = {lane.lane: lane for lane in self._campaign.lanes}
        for name in wanted:
            if name not in lanes:
                raise NotFound(f"there is no lane {name}; {did_you_mean(name, list(lanes))}", reason="LANE_NOT_FOUND")
            if not lanes[name].hero.image.digest:
                text = (
                    f"{name} is {state_word(lanes[name].state)} and has no hero to decide about yet; wait until it has"
                )
                raise PreconditionFailed(text, reason="NOT_AWAITING_APPROVAL")
        chosen = [decision(lanes[name], kind, note) for name, kind in wanted.items()]
        taken = await take(self._client, self._campaign.name, chosen, self._by)
        self._campaign = taken.campaign
        if self._output.as_json:
            document = {"decided": list(taken.mine), "before": list(taken.before)}
            self._output.document({**self._document((), laid_out=False), **document})
        else:
            self._tell(taken)
            self._tell_rest()
        return DONE

    async def look(self) -> int:
        """Shows what waits; at a terminal each hero in turn, until all are decided or the person leaves. The exit code."""
        sheets = await self._lay_out()
        if self._output.as_json:
            self._output.document(self._document(sheets, laid_out=True))
        elif not keyboard.is_there():
            self._show(sheets)
        else:
            await self._turns(sheets)
        return AWAITING_APPROVAL if waiting(self._campaign) else DONE

    def _document(self, sheets: Sequence[str], *, laid_out: bool) -> dict[str, object]:
        whole = review_document(self._campaign, self._folder, sheets)
        return whole if laid_out else {name: whole[name] for name in ("campaign", "state")}

    def _show(self, sheets: Sequence[str]) -> None:
        lanes = waiting(self._campaign)
        self._output.results.print(heading(self._campaign, self._folder, sheets))
        for number, lane in enumerate(lanes, 1):
            self._output.results.print(hero_screen(lane, self._folder, number, len(lanes)))

    async def _lay_out(self) -> tuple[str, ...]:
        """Writes the pictures; file names of the contact sheets."""
        await asyncio.to_thread(export, self._campaign, self._store, self._folder)
        index = json.loads((self._folder / INDEX).read_text(encoding="utf-8"))
        return tuple(index["contact_sheet"]["files"])

    async def _turns(self, sheets: Sequence[str]) -> None:
        while lanes := waiting(self._campaign):
            self._output.results.print(heading(self._campaign, self._folder, sheets))
            sent_back = {lane.lane: lane.take for lane in await self._round(lanes)}
            if self._quit or not sent_back:
                break
            await self._until_made(sent_back)
            sheets = await self._lay_out()
        self._tell_rest()

    async def _round(self, lanes: Sequence[campaigns_pb2.Lane]) -> list[campaigns_pb2.Lane]:
        """Each hero once; those of which another still is asked for."""
        sent_back = []
        for number, lane in enumerate(lanes, 1):
            self._output.results.print(hero_screen(lane, self._folder, number, len(lanes)))
            if await self._ask(lane, number, len(lanes)) == "v":
                sent_back.append(lane)
            if self._quit:
                break
        return sent_back

    async def _ask(self, lane: campaigns_pb2.Lane, number: int, of: int) -> str:
        """What the person does with a hero; one that was not taken is asked for again."""
        while True:
            self._output.results.print(keys_line())
            pressed = await self._pressed()
            if pressed == "d":
                self._output.results.print(hero_screen(lane, self._folder, number, of, every=True))
            elif pressed in "sq":
                self._quit = pressed == "q"
                return pressed
            elif await self._decided(lane, pressed):
                return pressed

    async def _pressed(self) -> str:
        try:
            return await keyboard.key(KEYS)
        except Cancelled:
            return "q"

    async def _decided(self, lane: campaigns_pb2.Lane, pressed: str) -> bool:
        """Takes a decision; whether the hero is done with, by this person or another."""
        kind = {"a": APPROVED, "r": REJECTED, "v": VARIATION}[pressed]
        note = "" if kind == APPROVED else await self._why(kind)
        if kind == REJECTED and not note:
            self._output.results.print("  not rejected", style="yellow")
            return False
        try:
            taken = await take(self._client, self._campaign.name, [decision(lane, kind, note)], self._by)
        except (PreconditionFailed, Conflict) as error:
            return await self._refused(error)
        self._campaign = taken.campaign
        self._tell(taken)
        return True

    async def _why(self, kind: campaigns_pb2.Decision.ValueType) -> str:
        words = "why is it rejected? "
        if kind == VARIATION:
            self._output.results.print(f"  {ANOTHER}", style="dim", markup=False)
            words = "why? (Enter for nothing) "
        try:
            note = await self._line(words)
            while kind == REJECTED and not note:  # never back to single keys: what is typed next may be the reason
                note = await self._line("a reason is needed (Ctrl-D to leave it): ")
        except Cancelled:
            return ""
        return note

    async def _line(self, words: str) -> str:
        self._output.results.print(f"  {words}", end="")
        return (await keyboard.line())[:500]

    async def _refused(self, error: FirstframeError) -> bool:
        """Tells why a decision was not taken, mostly that somebody else was faster; whether the hero is done with."""
        self._output.results.print(f"  {error.message}", style="bold yellow", markup=False)
        self._campaign = await self._client.get(self._campaign.name)
        return error.reason != "NO_OTHER_TAKE"

    async def _until_made(self, sent_back: dict[str, int]) -> None:
        """Waits until every lane that was sent back has another hero that waits, or has ended."""
        self._output.results.print(f"\nmaking {counted(len(sent_back), 'other still')}…")
        self._stack.start_stages()
        async for state in self._client.watch(self._campaign.name):
            self._campaign = state
            if state.state in ENDED or all(_is_back(lane, sent_back) for lane in state.lanes):
                return

    def _tell(self, taken: Taken) -> None:
        for words in taken.before:
            self._output.results.print(f"  {words}", style="bold yellow", markup=False)
        lanes = {lane.lane: lane for lane in taken.campaign.lanes}
        for name in taken.mine:
            kind = lanes[name].approval.decision
            done = {APPROVED: "approved", REJECTED: "rejected"}.get(kind, f"another still is asked for; {ANOTHER}")
            self._output.results.print(f"  {name}: {done}", markup=False)

    def _tell_rest(self) -> None:
        lost = rejected(self._campaign)
        if lost:
            self._output.results.print(next_steps(self._campaign, lost), markup=False)
        left = len(waiting(self._campaign))
        name = campaign_id(self._campaign)
        if left:
            self._output.results.print(
                f"{counted(left, 'hero')} still to decide: firstframe review {name}", markup=False
            )
        elif self._stack.is_owner and self._campaign.state not in ENDED:
            self._output.results.print("run the brief again to go on")


def _is_back(lane: campaigns_pb2.Lane, sent_back: dict[str, int]) -> bool:
    if lane.lane not in sent_back:
        return True
    another = lane.take != sent_back[lane.lane]  # its bytes may well be the same
    return lane.state in _OVER or (another and lane.state == campaigns_pb2.LANE_STATE_AWAITING_APPROVAL)


_OVER = (
    campaigns_pb2.LANE_STATE_FAILED,
    campaigns_pb2.LANE_STATE_CANCELLED,
    campaigns_pb2.LANE_STATE_REJECTED,
    campaigns_pb2.LANE_STATE_SUCCEEDED,
)
