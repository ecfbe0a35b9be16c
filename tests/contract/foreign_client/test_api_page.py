"""The commands of docs/api.md are those of the contract."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from google.protobuf import descriptor_pool, json_format, message_factory
from grpc_health.v1 import health_pb2

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.upscaling.v1 import upscaling_pb2

ROOT = Path(__file__).resolve().parents[3]
LOADED = (campaigns_pb2, upscaling_pb2, health_pb2)
"""Their import puts every file of the contract into the pool."""
METHOD = re.compile(r"[\w.]+\.[A-Z]\w+/[A-Z]\w+")
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def _calls() -> list[list[str]]:
    """The words of each grpcurl command that calls a method, up to the method."""
    text = "\n".join(BLOCK.findall((ROOT / "docs" / "api.md").read_text()))
    commands = re.split(r"^grpcurl ", text, flags=re.MULTILINE)[1:]
    return [call for command in commands if (call := _up_to_the_method(shlex.split(command)))]


def _up_to_the_method(words: list[str]) -> list[str]:
    """Nothing when no method is called, as in `list`."""
    end = next((index for index, word in enumerate(words) if METHOD.fullmatch(word)), -1)
    return words[: end + 1]


@pytest.mark.parametrize("words", _calls(), ids=lambda words: words[-1].rsplit("/", 1)[-1])
def test_every_call_names_a_method_and_gives_its_request(words: list[str]) -> None:
    service, _, method = words[-1].partition("/")
    found = descriptor_pool.Default().FindServiceByName(service).FindMethodByName(method)
    request = message_factory.GetMessageClass(found.input_type)()
    given = words[words.index("-d") + 1] if "-d" in words else "{}"
    json_format.Parse(given.replace("$NAME", "projects/local/campaigns/hello"), request)


def test_the_page_shows_stage_calls_and_campaigns() -> None:
    methods = {words[-1].rsplit("/", 1)[-1] for words in _calls()}
    assert methods >= {"Check", "GetCapabilities", "GenerateHero", "CreateCampaign", "WatchCampaign"}
