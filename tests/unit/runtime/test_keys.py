from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.api.stitching.v1 import stitching_pb2
from firstframe.api.upscaling.v1 import upscaling_pb2
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


STAGE_REQUESTS: tuple[type[Message], ...] = (
    imagegen_pb2.GenerateHeroRequest,
    animation_pb2.AnimateClipRequest,
    upscaling_pb2.UpscaleClipRequest,
    stitching_pb2.StitchDeliverableRequest,
)


def leaves(kind: Descriptor, *path: str) -> Iterator[tuple[str, ...]]:
    """Paths of all fields of a message that are no messages themselves."""
    for field in kind.fields:
        if field.message_type is None:
            yield (*path, field.name)
        else:
            yield from leaves(field.message_type, *path, field.name)


def changed(message: Message, *path: str) -> Message:
    """`message` with one field set to something that is not its default."""
    *parents, name = path
    inner: Any = message
    for parent in parents:
        inner = getattr(inner, parent)
        inner = inner.add() if hasattr(inner, "add") else inner
    field = inner.DESCRIPTOR.fields_by_name[name]
    value: Any = {FieldDescriptor.CPPTYPE_STRING: "x", FieldDescriptor.CPPTYPE_BOOL: True}.get(field.cpp_type, 1)
    if field.type == FieldDescriptor.TYPE_BYTES:
        value = b"x"
    if field.is_repeated:
        getattr(inner, name).append(value)
    else:
        setattr(inner, name, value)
    return message


@pytest.mark.parametrize("kind", STAGE_REQUESTS)
def test_every_field_of_a_request_counts_but_request_id(kind: type[Message]) -> None:
    paths = set(leaves(kind.DESCRIPTOR)) - {("request_id",), ("engine",)}
    assert len(paths) > 5
    keys = {content_key("s", PREVIZ, changed(kind(), *path)) for path in paths} | {content_key("s", PREVIZ, kind())}
    assert len(keys) == len(paths) + 1


def test_the_order_of_fields_on_the_wire_does_not_count() -> None:
    message = request()
    parts = [imagegen_pb2.GenerateHeroRequest(seed=7), imagegen_pb2.GenerateHeroRequest(size=message.size)]
    there, back = (
        imagegen_pb2.GenerateHeroRequest.FromString(b"".join(part.SerializeToString() for part in order))
        for order in (parts, parts[::-1])
    )
    assert content_key("imagegen", PREVIZ, there) == content_key("imagegen", PREVIZ, back)
