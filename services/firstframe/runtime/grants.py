"""Grants of consent: sealed by the keeper of the consents, checked by the stage before it does or gives out anything."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.media.v1 import picture_pb2
from firstframe.core.errors import PermissionDenied, PreconditionFailed
from firstframe.core.motion import EffectKind
from firstframe.ports.clock import Clock
from firstframe.runtime.messages import message_digest, stamp
from firstframe.runtime.secret_keys import key_of_file, key_of_text

_DOMAIN = b"firstframe consent grant 1"
GRANT_FOR = timedelta(minutes=15)
"""How long a grant may wait in a queue; whoever still wants the work then asks for another one."""


class GrantSeal:
    """Seals grants with HMAC-SHA256 (RFC 2104).

    Args:
        key: Secret that the keeper of the consents and the stage share.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sealed(self, grant: animation_pb2.ConsentGrant) -> animation_pb2.ConsentGrant:
        """The grant with its seal."""
        made = animation_pb2.ConsentGrant()
        made.CopyFrom(grant)
        made.seal = self._of(grant)
        return made

    def holds(self, grant: animation_pb2.ConsentGrant) -> bool:
        """Whether the grant is as it was when it was sealed."""
        return hmac.compare_digest(grant.seal, self._of(grant))

    def _of(self, grant: animation_pb2.ConsentGrant) -> bytes:
        end = f"{grant.expire_time.seconds}.{grant.expire_time.nanos:09d}"
        parts = (grant.consent, str(int(grant.effect)), grant.hero_digest, end)
        body = b"".join(len(part).to_bytes(8) + part for part in (_DOMAIN, *(item.encode() for item in parts)))
        return hmac.new(self._key, body, hashlib.sha256).digest()


def grant_seal(secret: SecretStr | None, path: Path | None) -> GrantSeal | None:
    """The seal of the key that is set; None where none is, and nobody can be granted anything.

    Raises:
        PreconditionFailed: `NO_KEY`: the file has no key.
    """
    if secret is not None:
        return GrantSeal(key_of_text(secret.get_secret_value(), _DOMAIN))
    if path is not None:
        return GrantSeal(key_of_file(path, lost="work that waits is then given another grant"))
    return None


def hero_digest(hero: picture_pb2.Hero) -> str:
    """Digest of a hero as it is asked for: its image, and every layer and mask that an effect is made of."""
    return f"sha256:{message_digest(hero)}"


def grant(consent: str, effect: EffectKind, hero: picture_pb2.Hero, end: datetime) -> animation_pb2.ConsentGrant:
    """A grant without its seal.

    Args:
        consent: Resource name.
        effect: What was agreed to.
        hero: What they are shown in.
        end: Until when it may be used.
    """
    return animation_pb2.ConsentGrant(
        consent=consent, effect=effect_value(effect), hero_digest=hero_digest(hero), expire_time=stamp(end.timestamp())
    )


def effect_value(effect: EffectKind) -> animation_pb2.EffectKind.ValueType:
    """An effect as the contract has it."""
    return animation_pb2.EffectKind.Value(f"EFFECT_KIND_{effect.name}")


class GrantGate:
    """Lets requests pass whose effect everybody agreed to who is shown.

    Args:
        seal: Of the keeper of the consents; None lets nothing pass that needs consent.
        clock: Wall time.
    """

    def __init__(self, seal: GrantSeal | None, clock: Clock) -> None:
        self._seal = seal
        self._clock = clock

    def require(self, request: animation_pb2.AnimateClipRequest, effect: EffectKind | None) -> None:
        """Returns where nobody has to be asked, or everybody agreed.

        Raises:
            PermissionDenied: `NO_CONSENT`.
            PreconditionFailed: `NO_CONSENT_KEY`.
        """
        if effect is None or not effect.needs_consent:
            return
        if self._seal is None:
            text = f"{effect.value} needs consent, and this server has no key to check it; set CONSENT_KEY"
            raise PreconditionFailed(text, reason="NO_CONSENT_KEY")
        grants = request.motion.effect.grants
        for given in grants:
            self._check(self._seal, given, effect, hero_digest(request.hero))
        if len({given.consent for given in grants}) < effect.people:
            asked = "both people" if effect.people == 2 else "the person"
            raise _refused(f"has no grant of {asked} shown", effect)

    def _check(self, seal: GrantSeal, given: animation_pb2.ConsentGrant, effect: EffectKind, shown: str) -> None:
        if not seal.holds(given):
            raise _refused(f"has a grant of {given.consent!r} that is not sealed with this server's key", effect)
        if given.effect != effect_value(effect):
            raise _refused(f"has a grant of {given.consent!r} for something else", effect)
        if given.hero_digest != shown:
            raise _refused(f"has a grant of {given.consent!r} for another hero", effect)
        if given.expire_time.ToDatetime(tzinfo=self._clock.now().tzinfo) <= self._clock.now():
            raise _refused(f"has a grant of {given.consent!r} that has expired", effect)


def without_grants(request: animation_pb2.AnimateClipRequest) -> animation_pb2.AnimateClipRequest:
    """The request as it names the work: who agreed does not change the clip."""
    bare = animation_pb2.AnimateClipRequest()
    bare.CopyFrom(request)
    if bare.motion.HasField("effect"):
        bare.motion.effect.ClearField("grants")
    return bare


def with_grants(
    request: animation_pb2.AnimateClipRequest, grants: Sequence[animation_pb2.ConsentGrant]
) -> animation_pb2.AnimateClipRequest:
    """The request with those grants."""
    granted = animation_pb2.AnimateClipRequest()
    granted.CopyFrom(request)
    del granted.motion.effect.grants[:]
    granted.motion.effect.grants.extend(grants)
    return granted


def _refused(problem: str, effect: EffectKind) -> PermissionDenied:
    text = f"the request for a {effect.value} {problem}; let the orchestrator run it, which grants what is recorded"
    return PermissionDenied(text, reason="NO_CONSENT", metadata={"effect": effect.value})
