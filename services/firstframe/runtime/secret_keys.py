"""Secret keys of seals: from a text that an operator sets, or from a file of a machine's own."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from firstframe.core.errors import PreconditionFailed

KEY_BYTES = 32


def key_of_text(text: str, domain: bytes) -> bytes:
    """A key from a secret of any length; another domain gives another key."""
    return hmac.new(domain, text.encode(), hashlib.sha256).digest()


def key_of_file(path: Path, *, lost: str) -> bytes:
    """The key in a file that its owner alone can read; made at the first start, by whichever process comes first.

    Args:
        path: The file.
        lost: What removing it means, for a person who has to.

    Raises:
        PreconditionFailed: `NO_KEY`: the file has no key.
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
        fix = f"bring it back from a backup, or remove it: {lost}"
        raise PreconditionFailed(f"{path} has {len(key)} bytes, not {KEY_BYTES}; {fix}", reason="NO_KEY")
    return key
