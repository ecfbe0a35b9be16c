"""Limits that the comments of the contract advise are those of our own clients."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from firstframe.runtime.client import MAX_MESSAGE_BYTES

CAMPAIGNS = Path(__file__).parents[3] / "proto/firstframe/api/campaigns/v1/campaigns.proto"


@pytest.mark.parametrize("rpc", ["GetCampaign", "WatchCampaign"])
def test_whole_campaigns_tell_how_large_messages_become(rpc: str) -> None:
    comment = CAMPAIGNS.read_text("utf-8").split(f"rpc {rpc}(")[0].rsplit("\n\n", 1)[1]
    advised = re.search(r"to (\d+) MiB\.", re.sub(r"\n *// +", " ", comment))
    assert advised is not None
    assert int(advised[1]) << 20 == MAX_MESSAGE_BYTES
