"""The committed code is what the contract generates, and the contract holds its own rules."""

from __future__ import annotations

import filecmp
import re
import subprocess
import sys
from pathlib import Path

import pytest

from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.api.stitching.v1 import stitching_pb2
from firstframe.api.upscaling.v1 import upscaling_pb2

ROOT = Path(__file__).parents[3]
STAGES = [imagegen_pb2, animation_pb2, upscaling_pb2, stitching_pb2]
CODES = re.compile(r"// \* [A-Z_]+")


def test_the_committed_code_is_not_stale(tmp_path: Path) -> None:
    subprocess.run([sys.executable, ROOT / "scripts" / "gen_proto.py", tmp_path], check=True, capture_output=True)
    fresh, committed = tmp_path / "firstframe" / "api", ROOT / "services" / "firstframe" / "api"
    names = sorted(str(path.relative_to(fresh)) for path in fresh.rglob("*.py*") if path.is_file())
    kept = sorted(
        str(path.relative_to(committed)) for path in committed.rglob("*.py*") if "__pycache__" not in str(path)
    )
    assert names == kept, "run `make proto`"
    _, different, missing = filecmp.cmpfiles(fresh, committed, names, shallow=False)
    assert (different, missing) == ([], []), "run `make proto`"


@pytest.mark.parametrize("module", STAGES)
def test_every_stage_streams_its_work_and_tells_its_capabilities(module: object) -> None:
    (service,) = module.DESCRIPTOR.services_by_name.values()  # type: ignore[attr-defined]
    streaming = [method for method in service.methods if method.server_streaming]
    assert [method.name for method in service.methods if method not in streaming] == ["GetCapabilities"]
    assert streaming
    for method in streaming:
        assert not method.client_streaming
        assert [field.name for field in method.output_type.oneofs_by_name["event"].fields] == ["progress", "result"]
        result = method.output_type.fields_by_name["result"].message_type
        assert result.fields_by_name["provenance"].message_type.full_name == "firstframe.api.media.v1.Provenance"


@pytest.mark.parametrize("path", sorted((ROOT / "proto").rglob("*.proto")), ids=lambda path: path.stem)
def test_every_call_says_its_status_codes_or_that_it_may_be_retried(path: Path) -> None:
    text = path.read_text()
    for found in re.finditer(r"((?: +//[^\n]*\n)+) +rpc (\w+)", text):
        assert CODES.search(found[1]) or "retry" in found[1], found[2]


def test_every_mutation_of_a_campaign_takes_a_request_id() -> None:
    for name in ("CreateCampaign", "CancelCampaign", "DecideHeroes"):
        method = campaigns_pb2.DESCRIPTOR.services_by_name["CampaignService"].methods_by_name[name]
        assert "request_id" in method.input_type.fields_by_name
