"""What is said about rejected heroes."""

from __future__ import annotations

import json

import pytest

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.cli.output import Output
from firstframe.cli.rejections import next_steps, rejected, tell_rejected


def campaign(count: int = 1) -> campaigns_pb2.Campaign:
    """As many rejected sets, a rejected photograph, a rejected prompt, and a lane that is approved."""
    made = campaigns_pb2.Campaign()
    for number in range(count):
        made.brief.heroes.add(name=f"set-{number}").set.scene = "studio"
    made.brief.heroes.add(name="photo").photograph.SetInParent()
    made.brief.heroes.add(name="fern").prompt.text = "a fern"
    for hero in made.brief.heroes:
        lane = made.lanes.add(lane=f"{hero.name}.1.1x1", hero_name=hero.name)
        lane.hero.image.digest = lane.approval.hero_digest = "sha256:aa"
        lane.approval.decision = campaigns_pb2.DECISION_REJECTED
        lane.approval.decided_by, lane.approval.note = "ada", "label is cut"
    kept = made.lanes.add(lane="kept.1.1x1", hero_name="set-0")
    kept.hero.image.digest = kept.approval.hero_digest = "sha256:aa"
    kept.approval.decision = campaigns_pb2.DECISION_APPROVED
    return made


def test_a_rejection_of_an_earlier_still_is_none() -> None:
    made = campaign()
    assert [lane.hero_name for lane in rejected(made)] == ["set-0", "photo", "fern"]
    made.lanes[0].hero.image.digest = "sha256:bb"
    assert [lane.hero_name for lane in rejected(made)] == ["photo", "fern"]


def test_what_to_change_follows_from_where_the_hero_comes_from() -> None:
    made = campaign()
    told = next_steps(made, rejected(made))
    assert "of set-0 change its `seed` or `staging`" in told
    assert "of photo change `photo` for another photograph" in told
    assert "of fern change its `seed`, or the words of its `prompt`" in told
    assert told.endswith(
        "then run it: the changed brief is a campaign of its own, in which unchanged work comes from the "
        "store and its heroes are asked about again"
    )


def test_of_many_heroes_some_are_named() -> None:
    made = campaign(9)
    told = next_steps(made, rejected(made))
    assert "of set-2 change" in told
    assert "set-3" not in told
    assert "; and 8 heroes more; " in told


def test_who_rejected_and_why_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    tell_rejected(campaign(), Output(as_json=False))
    told = " ".join(capsys.readouterr().out.split())
    assert "photo.1.1x1 was rejected by ada: label is cut" in told
    assert "a rejection holds for this brief" in told

    tell_rejected(campaign(), Output(as_json=True))
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert events[0] == {"event": "rejected", "lane": "set-0.1.1x1", "by": "ada", "note": "label is cut"}
    assert len(events) == 3


def test_where_nothing_was_rejected_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    tell_rejected(campaigns_pb2.Campaign(), Output(as_json=False))
    assert capsys.readouterr().out == ""
