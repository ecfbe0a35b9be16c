"""Times of the contract."""

from __future__ import annotations

from google.protobuf.timestamp_pb2 import Timestamp


def stamp(seconds: float) -> Timestamp:
    """A moment given in seconds since 1970, to the microsecond."""
    message = Timestamp()
    message.FromMicroseconds(round(seconds * 1_000_000))
    return message
