"""Seals on decisions: whoever can write to the database cannot say yes in somebody's name."""

from __future__ import annotations

import hashlib
import hmac

DOMAIN = b"firstframe approval 1"


class Seal:
    """Seals with HMAC-SHA256 (RFC 2104) over campaign, lane and decision.

    Args:
        key: Secret that the database does not have.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, campaign: str, lane: str, approval: bytes) -> str:
        """The seal of a decision, 64 hexadecimal digits."""
        parts = (DOMAIN, campaign.encode(), lane.encode(), approval)
        body = b"".join(len(part).to_bytes(8) + part for part in parts)
        return hmac.new(self._key, body, hashlib.sha256).hexdigest()

    def holds(self, seal: str | None, campaign: str, lane: str, approval: bytes) -> bool:
        """Whether a decision is as it was when it was sealed."""
        return seal is not None and hmac.compare_digest(seal, self.of(campaign, lane, approval))
