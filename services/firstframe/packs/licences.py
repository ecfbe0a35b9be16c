"""Licences that a person has to accept before the weights are fetched."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from firstframe.core.errors import PreconditionFailed
from firstframe.packs.spec import Pack


def check_acceptance(pack: Pack, accepted: Collection[str]) -> None:
    """Holds a pack against the licences that were accepted.

    Args:
        pack: The pack.
        accepted: SPDX identifiers.

    Raises:
        PreconditionFailed: `LICENCE_NOT_ACCEPTED`; the message has the terms' address and what to type.
    """
    licence = pack.licence
    if licence.acceptance and licence.spdx not in accepted:
        fix = f"read {licence.url}, then add --accept-licence {licence.spdx}"
        text = f"{pack.pack} comes under {licence.spdx}, which has to be accepted; {fix}"
        metadata = {"pack": pack.pack, "licence": licence.spdx, "url": licence.url}
        raise PreconditionFailed(text, reason="LICENCE_NOT_ACCEPTED", metadata=metadata)


def licence_record(pack: Pack) -> dict[str, str]:
    """What `installed.json` keeps: the licence, and when it was accepted where that is needed."""
    record = {"spdx": pack.licence.spdx, "url": pack.licence.url}
    return record | (
        {"accepted_at": datetime.now(UTC).isoformat(timespec="seconds")} if pack.licence.acceptance else {}
    )
