"""An orchestrator that runs elsewhere, in the place of a local stack."""

from __future__ import annotations

import asyncio
from pathlib import Path

from firstframe.cli.stack import LocalStack


class RemoteStack:
    """Stands where a `LocalStack` would: nothing is started here, and nothing of it can fail here.

    Args:
        address: The orchestrator's `host:port`.
    """

    is_owner = False
    logs: Path | None = None
    """Its logs are not on this machine."""

    def __init__(self, address: str) -> None:
        self._address = address
        self.failed = asyncio.Event()

    async def __aenter__(self) -> RemoteStack:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def address(self) -> str:
        """The orchestrator's address."""
        return self._address

    def start_stages(self) -> None:
        """Its stages are not ours to start."""

    def check(self) -> None:
        """No part of it is ours to give up."""


Stack = LocalStack | RemoteStack
"""What the commands work with."""
