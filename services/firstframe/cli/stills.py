"""Draft stills of a brief's template, looked at side by side: what looks alike is replaced before anybody is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from firstframe.api.campaigns.v1 import campaigns_pb2
from firstframe.api.imagegen.v1 import imagegen_pb2
from firstframe.cli.briefs import LoadedBrief, load_brief
from firstframe.cli.draft_pictures import DraftPictures
from firstframe.cli.picks import Pick
from firstframe.cli.templates import Allowed
from firstframe.cli.variations_sheet import SEPARATOR
from firstframe.core.delivery import PLATFORMS
from firstframe.core.errors import InvalidInput
from firstframe.imaging.likeness import Likeness, Signature, likeness
from firstframe.ports.blobstore import BlobStore
from firstframe.templates.lookalikes import Lookalike, lookalikes

MAX_ROUNDS = 5
"""Times that replacements are looked at again."""
MAX_HASH_BITS = 20
MAX_COLOUR = 10.0
"""Two stills are alike when no more bits of the hash differ and no more colour: docs/templates.md has the measurement."""
SUFFIX = "-stills"

Make = Callable[[LoadedBrief], Awaitable[campaigns_pb2.Campaign]]
"""Makes the drafts of a loaded brief; the campaign is at rest."""


@dataclass(slots=True)
class Looked:
    """What was looked at and found."""

    loaded: LoadedBrief
    campaign: campaigns_pb2.Campaign
    pictures: DraftPictures
    """By the name of the take."""
    picks: dict[str, Pick] = field(default_factory=dict)
    left: list[Lookalike[Likeness]] = field(default_factory=list)
    """Takes that look alike and could not be replaced."""
    rounds: int = 0


def check_template(loaded: LoadedBrief) -> None:
    """Makes sure that there is something to compare.

    Raises:
        InvalidInput: The brief has no template.
    """
    if not loaded.expansion.takes:
        raise InvalidInput.at("template", "is missing", "`firstframe stills` compares the takes of a template")


def stills_brief(loaded: LoadedBrief) -> campaigns_pb2.Brief:
    """The brief of the drafts: the template's heroes in the first format, none of which ever moves."""
    brief = campaigns_pb2.Brief()
    brief.CopyFrom(loaded.message)
    names = {take.name for take in loaded.expansion.takes}
    heroes = [hero for hero in loaded.message.heroes if hero.name in names]
    for part in ("heroes", "formats", "platforms"):
        brief.ClearField(part)
    first = loaded.message.formats[0]
    brief.campaign = loaded.message.campaign[: 63 - len(SUFFIX)].rstrip("-") + SUFFIX
    brief.heroes.extend(heroes)
    brief.formats.append(first)
    brief.platforms.extend(name for name in loaded.message.platforms if PLATFORMS[name].takes(first))
    brief.approval = campaigns_pb2.APPROVAL_POLICY_REQUIRED
    brief.quality = imagegen_pb2.QUALITY_DRAFT
    return brief


async def look(
    file: Path,
    make: Make,
    store: BlobStore,
    tell: Callable[[Lookalike[Likeness]], None],
) -> Looked:
    """Makes the drafts of a brief and replaces what looks alike, until nothing does.

    Args:
        file: The brief.
        make: Makes the drafts.
        store: Where they are.
        tell: Is told of each replacement.
    """
    picks: dict[str, Pick] = {}
    tried: dict[str, set[int]] = {}
    known: dict[str, Signature] = {}
    for number in range(1, MAX_ROUNDS + 1):
        loaded = load_brief(file, picks=picks)
        campaign = await make(loaded)
        pictures = DraftPictures(campaign, store)
        found = _alike(loaded, await asyncio.to_thread(pictures.signatures, known), tried)
        swapped = [item for item in found if item.swap is not None]
        if not swapped or number == MAX_ROUNDS:
            break
        for item in swapped:
            tell(item)
            picks[item.take.name] = _pick(item)
            tried.setdefault(item.take.base, set()).add(item.take.place)
    return Looked(loaded, campaign, pictures, picks, found, number)


def _alike(
    loaded: LoadedBrief, signatures: Mapping[str, Signature], tried: Mapping[str, set[int]]
) -> list[Lookalike[Likeness]]:
    never = tuple(loaded.brand.never) if loaded.brand else ()
    return lookalikes(
        [take for take in loaded.expansion.takes if take.name in signatures],
        loaded.expansion.axes,
        lambda one, other: near(signatures[one], signatures[other]),
        earlier={name: pick.swap for name, pick in loaded.picks.items()},
        tried=tried,
        allowed=lambda axes: Allowed(tuple(axis.name for axis in axes), never),
    )


def near(one: Signature, other: Signature) -> Likeness | None:
    """How alike two stills are; None when a person would tell them apart at a glance."""
    found = likeness(one, other)
    return found if found.hash_bits <= MAX_HASH_BITS and found.colour <= MAX_COLOUR else None


def _pick(item: Lookalike[Likeness]) -> Pick:
    assert item.swap is not None  # noqa: S101 - only swapped ones come here
    return Pick(item.swap, item.like, item.measure.hash_bits, round(item.measure.colour, 1))


def captions(looked: Looked) -> Sequence[tuple[str, str]]:
    """Name and values of each take that has a picture, in order."""
    return [
        (take.name, SEPARATOR.join(value for axis, value in take.values.items() if axis != "seed"))
        for take in looked.loaded.expansion.takes
        if take.name in looked.pictures
    ]
