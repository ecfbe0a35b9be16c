"""Grants of consent: what is not sealed, current, and for this very effect and hero lets nothing pass."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from firstframe.api.animation.v1 import animation_pb2
from firstframe.api.media.v1 import picture_pb2
from firstframe.core.errors import PermissionDenied, PreconditionFailed
from firstframe.core.motion import EffectKind
from firstframe.runtime.grants import (
    GrantGate,
    GrantSeal,
    effect_value,
    grant,
    grant_seal,
    with_grants,
    without_grants,
)
from firstframe.runtime.keys import EngineIdentity, content_key

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


def hero(image: str = "a", layer: str = "c") -> picture_pb2.Hero:
    made = picture_pb2.Hero()
    made.image.digest = "sha256:" + image * 64
    made.layers.layers.add(role=picture_pb2.LAYER_ROLE_SUBJECT).image.digest = "sha256:" + layer * 64
    return made


HERO = hero()
SEAL = GrantSeal(b"k" * 32)
Grant = animation_pb2.ConsentGrant


class Noon:
    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0


def given(name: str, effect: EffectKind = EffectKind.KISS, shown: picture_pb2.Hero = HERO, left: int = 60) -> Grant:
    return SEAL.sealed(grant(f"projects/p/consents/{name}", effect, shown, NOW + timedelta(seconds=left)))


def asked(*grants: Grant, effect: EffectKind = EffectKind.KISS) -> animation_pb2.AnimateClipRequest:
    request = animation_pb2.AnimateClipRequest()
    request.hero.CopyFrom(HERO)
    request.motion.effect.kind = effect_value(effect)
    return with_grants(request, grants)


def gate(seal: GrantSeal | None = SEAL) -> GrantGate:
    return GrantGate(seal, Noon())


def test_both_people_let_a_kiss_pass() -> None:
    gate().require(asked(given("anna"), given("ben")), EffectKind.KISS)


def test_one_person_lets_a_dance_pass() -> None:
    gate().require(asked(given("anna", EffectKind.DANCE), effect=EffectKind.DANCE), EffectKind.DANCE)


@pytest.mark.parametrize("effect", [None, EffectKind.HERITAGE])
def test_nobody_is_asked_where_nobody_has_to_be(effect: EffectKind | None) -> None:
    gate(None).require(animation_pb2.AnimateClipRequest(), effect)


def changed(change: Callable[[Grant], None]) -> Grant:
    made = given("ben")
    change(made)
    return made


@pytest.mark.parametrize(
    ("second", "words"),
    [
        (None, "no grant of both people"),
        (given("anna"), "no grant of both people"),
        (given("ben", EffectKind.HUG), "for something else"),
        (given("ben", shown=hero(image="b")), "for another hero"),
        (given("ben", shown=hero(layer="b")), "for another hero"),
        (given("ben", left=0), "has expired"),
        (GrantSeal(b"x" * 32).sealed(given("ben")), "not sealed with this server's key"),
        (changed(lambda it: it.ClearField("seal")), "not sealed"),
        (changed(lambda it: setattr(it, "consent", "projects/p/consents/eve")), "not sealed"),
        (changed(lambda it: setattr(it, "effect", effect_value(EffectKind.HUG))), "not sealed"),
        (changed(lambda it: setattr(it, "hero_digest", "sha256:" + "b" * 64)), "not sealed"),
        (changed(lambda it: setattr(it.expire_time, "seconds", it.expire_time.seconds + 1)), "not sealed"),
    ],
)
def test_anything_else_is_refused(second: Grant | None, words: str) -> None:
    grants = [given("anna")] + ([second] if second is not None else [])
    with pytest.raises(PermissionDenied, match=words) as caught:
        gate().require(asked(*grants), EffectKind.KISS)
    assert caught.value.reason == "NO_CONSENT"


def test_a_server_without_a_key_says_so() -> None:
    with pytest.raises(PreconditionFailed, match="set CONSENT_KEY") as caught:
        gate(None).require(asked(given("anna"), given("ben")), EffectKind.KISS)
    assert caught.value.reason == "NO_CONSENT_KEY"


def test_who_agreed_does_not_change_the_content_key() -> None:
    engine = EngineIdentity("previz", "1")
    keys = {
        content_key("animation", engine, without_grants(asked(*grants)))
        for grants in ((), (given("anna"),), (given("anna"), given("ben")))
    }
    assert len(keys) == 1
    plain = animation_pb2.AnimateClipRequest(seed=3)
    assert without_grants(plain) == plain


def test_both_sides_have_one_key(tmp_path: Path) -> None:
    secret = SecretStr("a secret of some length")
    pairs = [(grant_seal(secret, None), grant_seal(secret, tmp_path / "unused"))]
    pairs.append((grant_seal(None, tmp_path / "consent.key"), grant_seal(None, tmp_path / "consent.key")))
    for keeper, stage in pairs:
        assert keeper is not None
        assert stage is not None
        assert stage.holds(keeper.sealed(given("anna")))
        assert not SEAL.holds(keeper.sealed(given("anna")))
    assert not (tmp_path / "unused").exists()
    assert grant_seal(None, None) is None


def test_grants_of_another_release_hold() -> None:
    """In the middle of an upgrade one release grants and another one looks: computed once, November 2026."""
    shown = picture_pb2.Hero()
    shown.image.digest = "sha256:" + "a" * 64
    bare = grant("projects/p/consents/anna", EffectKind.KISS, shown, datetime.fromtimestamp(1_800_000_000, UTC))
    made = GrantSeal(b"g" * 32).sealed(bare)
    assert made.seal.hex() == "91629fa250632217b73e7b7ddb5dbc4364ccddd4488bdc32041fc8737c8c0933"
