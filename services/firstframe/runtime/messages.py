"""Helpers for messages of the contract."""

from __future__ import annotations

from google.protobuf import json_format
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from firstframe.api.media.v1 import artifact_pb2
from firstframe.core.canonical import digest_of


def artifact_digests(message: Message) -> set[str]:
    """Digests of all artifacts that a message refers to, at any depth."""
    if isinstance(message, artifact_pb2.ArtifactRef):
        return {message.digest} if message.digest else set()
    found: set[str] = set()
    for field, value in message.ListFields():
        kind = field.message_type
        if kind is not None and not kind.GetOptions().map_entry:
            for item in value if field.is_repeated else [value]:
                found |= artifact_digests(item)
    return found


def message_digest(message: Message) -> str:
    """SHA-256 of the message's canonical JSON, 64 lower-case hexadecimal digits; fields at their default do not count."""
    return digest_of(json_format.MessageToDict(message, preserving_proto_field_name=True))


def stamp(seconds: float) -> Timestamp:
    """A moment given in seconds since 1970, to the microsecond."""
    message = Timestamp()
    message.FromMicroseconds(round(seconds * 1_000_000))
    return message
