"""A campaign of drafts ends with its block, however that ends."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.cli import draft_campaign as drafts
from firstframe.cli.output import Output
from firstframe.core.errors import InvalidInput, Unavailable

NAME = "projects/local/campaigns/eight-stills-0123"


class Stack:
    """Never fails."""

    def __init__(self) -> None:
        self.failed = asyncio.Event()

    def check(self) -> None:
        pass


class Client:
    """Creates slowly, and cancels, or does not."""

    def __init__(self, *, refuses: bool = False, hangs: bool = False, cancels: bool = True, state: int = 0) -> None:
        self.refuses, self.hangs, self.cancels = refuses, hangs, cancels
        self.state = state or campaigns_pb2.CAMPAIGN_STATE_CANCELLED
        self.began = asyncio.Event()
        self.go_on = asyncio.Event()
        self.cancelled: list[str] = []

    async def create(self, _brief: campaigns_pb2.Brief) -> campaigns_pb2.Campaign:
        self.began.set()
        if self.hangs:
            await self.go_on.wait()
        if self.refuses:
            raise InvalidInput("no")
        return campaigns_pb2.Campaign(name=NAME)

    async def cancel(self, name: str) -> campaigns_pb2.Campaign:
        if not self.cancels:
            raise Unavailable("gone")
        self.cancelled.append(name)
        return campaigns_pb2.Campaign(name=name)

    async def watch(self, name: str) -> Any:
        yield campaigns_pb2.Campaign(name=name, state=self.state)  # type: ignore[arg-type]


def opened(client: Client, *, as_json: bool = False) -> Any:
    return drafts.draft_campaign(campaigns_pb2.Brief(), Stack(), client, Output(as_json=as_json))  # type: ignore[arg-type]


async def test_it_is_cancelled_at_the_end_without_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    client = Client()
    async with opened(client) as campaign:
        assert (campaign.name, client.cancelled) == (NAME, [])
    assert client.cancelled == [NAME]
    assert capsys.readouterr().err == ""


async def test_an_error_cancels_it_and_is_raised(capsys: pytest.CaptureFixture[str]) -> None:
    client = Client()
    with pytest.raises(Unavailable, match="the disk"):
        async with opened(client):
            raise Unavailable("the disk")
    assert client.cancelled == [NAME]
    assert "the drafts are cancelled (eight-stills-0123)" in capsys.readouterr().err


@pytest.mark.parametrize(("state", "later"), [("CANCELLED", False), ("RUNNING", True)])
async def test_lanes_that_take_longer_to_end_are_told(
    capsys: pytest.CaptureFixture[str], state: str, *, later: bool
) -> None:
    client = Client(state=campaigns_pb2.CampaignState.Value(f"CAMPAIGN_STATE_{state}"))
    with pytest.raises(Unavailable, match="the disk"):
        async with opened(client, as_json=True):
            raise Unavailable("the disk")
    told = capsys.readouterr()
    event = json.loads(told.out)
    assert (event["event"], event["name"], event["state"]) == ("campaign", NAME, state.lower())
    assert ("`firstframe watch` shows their end" in told.err) == later


async def test_what_cannot_be_cancelled_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Unavailable, match="the disk"):
        async with opened(Client(cancels=False)):
            raise Unavailable("the disk")
    assert "`firstframe cancel eight-stills-0123` stops them" in capsys.readouterr().err


async def test_a_brief_that_is_refused_leaves_nothing_to_cancel(capsys: pytest.CaptureFixture[str]) -> None:
    client = Client(refuses=True)
    with pytest.raises(InvalidInput):
        async with opened(client):
            pytest.fail("there is no campaign")
    assert client.cancelled == []
    assert capsys.readouterr().err == ""


async def test_what_is_made_while_the_command_is_interrupted_is_cancelled_too() -> None:
    client = Client(hangs=True)

    async def work() -> None:
        async with opened(client):
            pytest.fail("it was interrupted before")

    task = asyncio.create_task(work())
    await client.began.wait()
    task.cancel()
    await asyncio.sleep(0)
    client.go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert client.cancelled == [NAME]


async def test_an_orchestrator_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "CANCEL_S", 0.01)
    client = Client(hangs=True)

    async def work() -> None:
        async with opened(client):
            pytest.fail("it was interrupted before")

    task = asyncio.create_task(work())
    await client.began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert client.cancelled == []
