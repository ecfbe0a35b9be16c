"""The client side: channels, metadata and errors."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence

import grpc
from opentelemetry.propagate import inject

from firstframe.core.errors import FirstframeError
from firstframe.runtime.interceptors.calls import REQUEST_ID_KEY
from firstframe.runtime.status import from_rpc_error

MAX_MESSAGE_BYTES = 64 << 20
"""Largest message: a campaign of a thousand heroes fits; artifacts travel by reference."""

_READS = (
    ("firstframe.api.imagegen.v1.ImageGenService", ("GetCapabilities",)),
    ("firstframe.api.animation.v1.AnimationService", ("GetCapabilities",)),
    ("firstframe.api.upscaling.v1.UpscalingService", ("GetCapabilities",)),
    ("firstframe.api.stitching.v1.StitchingService", ("GetCapabilities",)),
    ("firstframe.api.campaigns.v1.CampaignService", ("GetCampaign", "ListCampaigns", "PlanCampaign")),
)


def connect(address: str) -> grpc.aio.Channel:
    """A channel to `host:port`. Reads are retried when the server is away; nothing else is."""
    options: Sequence[tuple[str, object]] = (
        ("grpc.service_config", json.dumps(_service_config())),
        ("grpc.keepalive_time_ms", 20_000),
        ("grpc.keepalive_timeout_ms", 10_000),
        ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
        ("grpc.max_reconnect_backoff_ms", 1_000),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.use_local_subchannel_pool", 1),
    )
    return grpc.aio.insecure_channel(address, options=options)


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
