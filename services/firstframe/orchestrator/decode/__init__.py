"""Decodes a brief of the contract and checks everything that can be known from the brief alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.core.delivery import platform_named
from firstframe.core.errors import InvalidInput
from firstframe.core.formats import Quality, format_named
from firstframe.orchestrator.brief import (
    MAX_CLIPS,
    MAX_HEROES,
    MAX_LANES,
    MAX_PEOPLE,
    MAX_VARIATIONS,
    Approval,
    Brief,
    HeroBrief,
    Visibility,
)
from firstframe.orchestrator.bursts import bursts_of
from firstframe.orchestrator.decode.motion import decode_motion
from firstframe.orchestrator.decode.sources import source_of
from firstframe.orchestrator.decode.values import check_count, check_distinct, meaning, name_of, seed_of
from firstframe.orchestrator.naming import CONSENT_ID, matched
from firstframe.orchestrator.plan import PhotoSource

_APPROVALS: Mapping[int, Approval] = {
    campaigns_pb2.APPROVAL_POLICY_UNSPECIFIED: Approval.REQUIRED,
    campaigns_pb2.APPROVAL_POLICY_AUTO: Approval.AUTO,
    campaigns_pb2.APPROVAL_POLICY_REQUIRED: Approval.REQUIRED,
}
_VISIBILITIES: Mapping[int, Visibility] = {
    campaigns_pb2.VISIBILITY_UNSPECIFIED: Visibility.PRIVATE,
    campaigns_pb2.VISIBILITY_PRIVATE: Visibility.PRIVATE,
    campaigns_pb2.VISIBILITY_PUBLIC: Visibility.PUBLIC,
}
_QUALITIES: Mapping[int, Quality] = {
    imagegen_pb2.QUALITY_UNSPECIFIED: Quality.STANDARD,
    imagegen_pb2.QUALITY_DRAFT: Quality.DRAFT,
    imagegen_pb2.QUALITY_STANDARD: Quality.STANDARD,
    imagegen_pb2.QUALITY_FINE: Quality.FINE,
}
"""What each value of the contract's enumerations means; one that is not said is the careful choice."""


def decode_brief(message: campaigns_pb2.Brief) -> Brief:
    """Checks a brief of the contract and gives it to the domain.

    Raises:
        InvalidInput: A field is wrong; `metadata["field"]` has its path, for example `heroes[0].set.copy`.
    """
    brief = Brief(
        campaign=name_of(message.campaign, "campaign"),
        seed=seed_of(message.seed, "seed"),
        heroes=_heroes(message.heroes),
        formats=_formats(message.formats),
        motion=decode_motion(message.motion),
        platforms=_platforms(message.platforms),
        approval=meaning(message, "approval", _APPROVALS, "approval"),
        visibility=meaning(message, "visibility", _VISIBILITIES, "visibility"),
        quality=meaning(message, "quality", _QUALITIES, "quality"),
    )
    _check_lanes(brief)
    return brief


def _check_lanes(brief: Brief) -> None:
    lanes = len(brief.formats) * sum(hero.variations for hero in brief.heroes)
    if lanes > MAX_LANES:
        fix = f"at most {MAX_LANES}; make several campaigns of it"
        raise InvalidInput.at("heroes", f"heroes × variations × formats come to {lanes}", fix)
    clips = lanes * len(bursts_of(brief.motion))
    if clips > MAX_CLIPS:
        problem = f"{lanes} lanes of {brief.motion.seconds:g} s come to {clips} clips"
        raise InvalidInput.at(
            "motion.seconds", problem, f"at most {MAX_CLIPS}; shorten the piece, or make several campaigns"
        )


def _heroes(messages: Sequence[campaigns_pb2.HeroBrief]) -> tuple[HeroBrief, ...]:
    check_count(messages, "heroes", MAX_HEROES)
    heroes = tuple(_hero(message, f"heroes[{index}]") for index, message in enumerate(messages))
    check_distinct(heroes, "heroes", lambda hero: hero.name)
    return heroes


def _hero(message: campaigns_pb2.HeroBrief, field: str) -> HeroBrief:
    variations = message.variations or 1
    if not 1 <= variations <= MAX_VARIATIONS:
        raise InvalidInput.at(f"{field}.variations", f"{variations} is out of range", f"use 1 to {MAX_VARIATIONS}")
    source = source_of(message, field)
    if variations > 1 and isinstance(source, PhotoSource):
        raise InvalidInput.at(f"{field}.variations", "a photograph has one take", "drop `variations` or use a set")
    seed = seed_of(message.seed, f"{field}.seed") if message.HasField("seed") else None
    people = _people(message.people, f"{field}.people")
    return HeroBrief(name_of(message.name, f"{field}.name"), variations, source, seed, people)


def _people(names: Sequence[str], field: str) -> tuple[str, ...]:
    if len(names) > MAX_PEOPLE:
        raise InvalidInput.at(field, f"there are {len(names)}", f"name at most {MAX_PEOPLE}")
    for index, name in enumerate(names):
        matched(CONSENT_ID, name, f"{field}[{index}]", "lower-case letters, digits and hyphens, as it was recorded")
    check_distinct(names, field, str)
    return tuple(names)


def _formats(names: Sequence[str]) -> tuple[str, ...]:
    check_count(names, "formats", 4)
    for index, name in enumerate(names):
        format_named(name, field=f"formats[{index}]")
    check_distinct(names, "formats", str)
    return tuple(names)


def _platforms(names: Sequence[str]) -> tuple[str, ...]:
    check_count(names, "platforms", 20)
    for index, name in enumerate(names):
        platform_named(name, field=f"platforms[{index}]")
    check_distinct(names, "platforms", str)
    return tuple(names)
