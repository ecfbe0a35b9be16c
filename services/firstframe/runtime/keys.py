"""Content keys: what names a piece of work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message

from firstframe.core.canonical import digest_of


@dataclass(frozen=True, slots=True)
class EngineIdentity:
    """An engine and its version, which changes whenever its output may change."""

    name: str
    version: str


def content_key(stage: str, engine: EngineIdentity, request: Message) -> str:
    """SHA-256 over stage, engine and request, 64 lower-case hexadecimal digits.

    `request_id` and the engine's default name do not count: they do not change the result. Fields at their default count
    as absent, as on the wire.
    """
    body: dict[str, Any] = json_format.MessageToDict(request, preserving_proto_field_name=True)
    body.pop("request_id", None)
    body["engine"] = engine.name
    return digest_of({"stage": stage, "engine": engine.name, "engine_version": engine.version, "request": body})
