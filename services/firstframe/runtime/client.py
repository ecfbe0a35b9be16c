"""The client side: channels, metadata and errors."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import grpc
from opentelemetry.propagate import inject

from firstframe.core.errors import FirstframeError
from firstframe.runtime.interceptors.calls import REQUEST_ID_KEY
from firstframe.runtime.rotating_channel import RotatingChannel
from firstframe.runtime.status import from_rpc_error
from firstframe.runtime.tls import Certificates

MAX_MESSAGE_BYTES = 64 << 20
"""Largest message: a campaign of a thousand heroes fits; artifacts travel by reference."""

_READS = (
    ("firstframe.api.imagegen.v1.ImageGenService", ("GetCapabilities",)),
    ("firstframe.api.animation.v1.AnimationService", ("GetCapabilities",)),
    ("firstframe.api.upscaling.v1.UpscalingService", ("GetCapabilities",)),
    ("firstframe.api.stitching.v1.StitchingService", ("GetCapabilities",)),
    ("firstframe.api.campaigns.v1.CampaignService", ("GetCampaign", "ListCampaigns", "PlanCampaign")),
)


@dataclass(frozen=True, slots=True)
class ClientTls:
    """How a client speaks mutual TLS with one server."""

    certificates: Certificates
    server_name: str
    """DNS name that the server's certificate must have, whatever address it is reached at: pods are reached by IP."""


def connect(address: str, tls: ClientTls | None = None) -> grpc.aio.Channel:
    """A channel to `host:port`. Reads are retried when the server is away; nothing else is.

    With `tls` the channel follows the certificate's files while it lives.
    """
    options = _options()
    if tls is None:
        return grpc.aio.insecure_channel(address, options=options)
    options = (*options, ("grpc.default_authority", tls.server_name))
    return RotatingChannel(
        tls.certificates, lambda credentials: grpc.aio.secure_channel(address, credentials, options=options)
    )


def _options() -> Sequence[tuple[str, object]]:
    return (
        ("grpc.service_config", json.dumps(_service_config())),
        ("grpc.keepalive_time_ms", 20_000),
        ("grpc.keepalive_timeout_ms", 10_000),
        ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
        ("grpc.max_reconnect_backoff_ms", 1_000),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.use_local_subchannel_pool", 1),
    )


def call_metadata(request_id: str | None = None) -> tuple[tuple[str, str], ...]:
    """Metadata of a call: its request id, new when none is given, and the trace that it belongs to."""
    carrier = {REQUEST_ID_KEY: request_id or uuid.uuid4().hex}
    inject(carrier)
    return tuple(carrier.items())


def translate(error: grpc.aio.AioRpcError) -> FirstframeError:
    """The error that the other side raised, or what gRPC's own failure means."""
    return from_rpc_error(error)


def _service_config() -> dict[str, object]:
    names = [{"service": service, "method": method} for service, methods in _READS for method in methods]
    policy = {
        "maxAttempts": 4,
        "initialBackoff": "0.1s",
        "maxBackoff": "1s",
        "backoffMultiplier": 2,
        "retryableStatusCodes": ["UNAVAILABLE"],
    }
    return {"methodConfig": [{"name": names, "retryPolicy": policy}]}
