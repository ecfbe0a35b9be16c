"""Every caller has a certificate; what it may call follows from the names in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from firstframe.core.errors import PermissionDenied
from firstframe.runtime.interceptors.wrapping import AroundInterceptor, CallInfo, Context
from firstframe.runtime.roles import CALLERS, OPEN, RoleNames

_LOG = structlog.get_logger(__name__)
_SAN_KEYS = ("peer_dns", "peer_uri")
"""Where gRPC's security context has the DNS and the URI names of the caller's certificate."""


class RoleInterceptor(AroundInterceptor):
    """Refuses callers that have none of the roles that the service takes calls from.

    Args:
        names: Which names stand for which role.
    """

    def __init__(self, names: RoleNames) -> None:
        self._names = names

    @asynccontextmanager
    async def around(self, call: CallInfo, context: Context) -> AsyncIterator[None]:
        """Raises PermissionDenied `CALLER_NOT_ALLOWED` with the names that were seen."""
        service = call.method.split("/")[1]
        seen = _caller(context)
        if service not in OPEN and not self._names.roles(seen) & CALLERS.get(service, frozenset()):
            raise _refusal(service, seen)
        yield


def _caller(context: Context) -> tuple[str, ...]:
    """DNS and URI names in the caller's certificate."""
    known = context.auth_context()
    return tuple(name.decode(errors="replace") for key in _SAN_KEYS for name in known.get(key, ()))


def _refusal(service: str, seen: tuple[str, ...]) -> PermissionDenied:
    shown = ", ".join(seen) or "no DNS or URI name"
    _LOG.warning("caller refused", service_called=service, san=seen)
    wanted = ", ".join(sorted(CALLERS.get(service, ()))) or "nobody"
    text = f"the caller's certificate names {shown}; {service} takes calls from the roles: {wanted}"
    return PermissionDenied(text, reason="CALLER_NOT_ALLOWED", metadata={"san": shown, "service": service})
