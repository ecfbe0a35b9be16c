"""Seals on decisions: whoever can write to the database cannot say yes in somebody's name."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from firstframe.core.errors import PreconditionFailed

KEY_BYTES = 32
_DOMAIN = b"firstframe approval 1"


class Seal:
    """Seals with HMAC-SHA256 (RFC 2104) over campaign, lane and decision.

    Args:
        key: Secret that the database does not have.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, campaign: str, lane: str, approval: bytes) -> str:
        """The seal of a decision, 64 hexadecimal digits."""
        parts = (_DOMAIN, campaign.encode(), lane.encode(), approval)
        body = b"".join(len(part).to_bytes(8) + part for part in parts)
        return hmac.new(self._key, body, hashlib.sha256).hexdigest()

    def holds(self, seal: str | None, campaign: str, lane: str, approval: bytes) -> bool:
        """Whether a decision is as it was when it was sealed."""
        return seal is not None and hmac.compare_digest(seal, self.of(campaign, lane, approval))


def key_of_text(text: str) -> bytes:
    """A key from a secret of any length."""
    return hmac.new(_DOMAIN, text.encode(), hashlib.sha256).digest()


def key_of_file(path: Path) -> bytes:
    """The key in a file that its owner alone can read; made at the first start.

    Raises:
        PreconditionFailed: `NO_APPROVAL_KEY`: the file has no key.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    if not path.exists():
        aside.touch(mode=0o600)
        aside.write_bytes(secrets.token_bytes(KEY_BYTES))
        try:
            os.link(aside, path)  # never over one that another process has made meanwhile
        except FileExistsError:
            pass
        finally:
            aside.unlink()
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        fix = "bring it back from a backup, or remove it: approvals are then asked for again"
        raise PreconditionFailed(f"{path} has {len(key)} bytes, not {KEY_BYTES}; {fix}", reason="NO_APPROVAL_KEY")
    return key
