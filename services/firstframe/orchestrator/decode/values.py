"""Values that stand in many fields of a brief: names, seeds, lists, artifacts, enumerations, lines of text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from google.protobuf.message import Message

from firstframe.api.media.v1 import artifact_pb2
from firstframe.core.errors import InvalidInput
from firstframe.core.seeds import MAX_SEED
from firstframe.orchestrator.plan import ArtifactSource
from firstframe.runtime.clip_messages import digest_of

_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")
NAME_RULE = "use 1 to 63 lower-case letters, digits and hyphens, starting with a letter"
T = TypeVar("T")


def name_of(value: str, field: str) -> str:
    """A name.

    Raises:
        InvalidInput: It is none.
    """
    if not _NAME.fullmatch(value):
        raise InvalidInput.at(field, f"{value!r} is not a name", NAME_RULE)
    return value


def seed_of(value: int, field: str) -> int:
    """A seed.

    Raises:
        InvalidInput: It is out of range.
    """
    if not 0 <= value <= MAX_SEED:
        raise InvalidInput.at(field, f"{value} is out of range", f"use a whole number from 0 to {MAX_SEED}")
    return value


def check_distinct(values: Sequence[T], field: str, name: Callable[[T], str]) -> None:
    """Refuses two things of one name.

    Raises:
        InvalidInput: `field[index]` is there already.
    """
    seen: dict[str, int] = {}
    for index, value in enumerate(values):
        first = seen.setdefault(name(value), index)
        if first != index:
            raise InvalidInput.at(
                f"{field}[{index}]", f"{name(value)!r} is there already, at {field}[{first}]", "drop one"
            )


def check_count(values: Sequence[object], field: str, most: int) -> None:
    """Refuses a list without anything, or with too much.

    Raises:
        InvalidInput: There are not 1 to `most`.
    """
    if not values:
        raise InvalidInput.at(field, "there is none", "give at least one")
    if len(values) > most:
        raise InvalidInput.at(field, f"there are {len(values)}", f"give at most {most}")


def artifact_source(message: artifact_pb2.ArtifactRef, field: str) -> ArtifactSource:
    """An input in the store; its length is the image stage's to judge.

    Raises:
        InvalidInput: It has no digest.
    """
    return ArtifactSource(digest_of(message, field), message.media_type, message.size_bytes)


def meaning(message: Message, name: str, meanings: Mapping[int, T], field: str) -> T:
    """What the value of an enumeration means.

    Args:
        message: What has it.
        name: Of its field in the message.
        meanings: Of each value.
        field: Its path from the brief.

    Raises:
        InvalidInput: It is one of a later contract, which is refused and not taken for the default.
    """
    value = getattr(message, name)
    if value not in meanings:
        kind: Any = message.DESCRIPTOR.fields_by_name[name].enum_type
        known = ", ".join(kind.values_by_number[number].name for number in meanings)
        raise InvalidInput.at(field, f"{value} is not known", f"use one of {known}")
    return meanings[value]


def one_line(value: str, field: str, most: int) -> str:
    """One line of text.

    Raises:
        InvalidInput: It is longer than `most`, or has control characters.
    """
    if len(value) > most:
        raise InvalidInput.at(field, f"has {len(value)} characters", f"use at most {most}")
    if any(ord(character) < 32 for character in value):
        raise InvalidInput.at(field, "has control characters", "use one line of plain text")
    return value
