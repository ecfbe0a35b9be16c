from __future__ import annotations

import subprocess
import sys

import pytest

from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.runtime.keys import EngineIdentity, content_key

PREVIZ = EngineIdentity("previz", "1")


def request(**changes: object) -> imagegen_pb2.GenerateHeroRequest:
    message = imagegen_pb2.GenerateHeroRequest(seed=7, **changes)  # type: ignore[arg-type]
    message.size.width_px, message.size.height_px = 64, 32
    message.set.scene = "studio"
    return message


def test_the_key_is_the_same_in_another_process() -> None:
    code = "from unit.runtime.test_keys import *; print(content_key('imagegen', PREVIZ, request(request_id='another')))"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="tests")
    assert other.stdout.strip() == content_key("imagegen", PREVIZ, request())


def test_request_id_and_the_default_engine_do_not_count() -> None:
    assert content_key("imagegen", PREVIZ, request(request_id="x", engine="previz")) == content_key(
        "imagegen", PREVIZ, request()
    )


@pytest.mark.parametrize("change", [{"seed": 8}, {"quality": imagegen_pb2.QUALITY_DRAFT}])
def test_any_other_field_counts(change: dict[str, object]) -> None:
    base = request()
    changed = request()
    for name, value in change.items():
        setattr(changed, name, value)
    assert content_key("imagegen", PREVIZ, changed) != content_key("imagegen", PREVIZ, base)


def test_nested_fields_stage_and_engine_version_count() -> None:
    changed = request()
    changed.set.palette = "sage-noon"
    keys = {
        content_key("imagegen", PREVIZ, request()),
        content_key("imagegen", PREVIZ, changed),
        content_key("animation", PREVIZ, request()),
        content_key("imagegen", EngineIdentity("previz", "2"), request()),
        content_key("imagegen", EngineIdentity("diffusers", "1"), request()),
    }
    assert len(keys) == 5
