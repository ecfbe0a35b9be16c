"""The gate of consent: before each stage call of a lane that needs it, and before anything is published."""

from __future__ import annotations

from datetime import UTC, datetime

from google.protobuf.message import Message

from firstframe.api.animation.v1 import animation_pb2
from firstframe.core.errors import PreconditionFailed
from firstframe.orchestrator.consents import Consents, Need, RecordedConsent
from firstframe.orchestrator.live import LiveCampaign
from firstframe.runtime.grants import GRANT_FOR, GrantSeal, grant, with_grants


class ConsentGate:
    """Asks for the consents of a lane and grants the stage what they allow.

    Args:
        consents: The register.
        seal: Seals grants; None where no key was set, and nothing that needs consent is run.
    """

    def __init__(self, consents: Consents, seal: GrantSeal | None) -> None:
        self._consents = consents
        self._seal = seal

    async def require(self, live: LiveCampaign, lane: str) -> None:
        """Returns where nobody has to be asked, or everybody agrees now.

        Raises:
            PreconditionFailed: `NO_CONSENT`.
        """
        await self._consents.require(live.row.project, live.need(lane))

    async def granted(self, live: LiveCampaign, lane: str, request: Message) -> Message:
        """The request of a lane, with the grants of all who are shown where the stage asks for them.

        Raises:
            PreconditionFailed: `NO_CONSENT` or `NO_CONSENT_KEY`.
        """
        need = live.need(lane)
        found = await self._consents.require(live.row.project, need)
        if need is None or not isinstance(request, animation_pb2.AnimateClipRequest):
            return request
        if self._seal is None:
            text = f"{need.effect.value} needs consent, and this orchestrator has no key to grant it; set CONSENT_KEY"
            raise PreconditionFailed(text, reason="NO_CONSENT_KEY")
        return with_grants(request, [self._grant(self._seal, item, need, request) for item in found])

    def is_stale(self, request: Message) -> bool:
        """Whether a grant of the request expired while it waited for a slot: another one may be had."""
        if not isinstance(request, animation_pb2.AnimateClipRequest):
            return False
        now = self._consents.now()
        return any(given.expire_time.seconds <= now for given in request.motion.effect.grants)

    def _grant(
        self, seal: GrantSeal, found: RecordedConsent, need: Need, request: animation_pb2.AnimateClipRequest
    ) -> animation_pb2.ConsentGrant:
        end = min(self._consents.now() + GRANT_FOR.total_seconds(), found.consent.expire_time)
        return seal.sealed(grant(found.name, need.effect, request.hero, datetime.fromtimestamp(end, UTC)))
