"""Digests of messages of the contract."""

from __future__ import annotations

from google.protobuf import json_format
from google.protobuf.message import Message

from firstframe.core.canonical import digest_of


def message_digest(message: Message) -> str:
    """SHA-256 of the message's canonical JSON, 64 lower-case hexadecimal digits; fields at their default do not count."""
    return digest_of(json_format.MessageToDict(message, preserving_proto_field_name=True))
